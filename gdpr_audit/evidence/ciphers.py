"""Names of ciphers and modes, in one spelling: AES, XTS; whatever a tool or a person writes."""

from __future__ import annotations

import re

_ALGORITHMS = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"^(3des|triple-?des|des-?ede3?|tdea)", "3DES"),
        (r"^des", "DES"),
        (r"^aes|^rijndael", "AES"),
        (r"^(x?chacha20)", "CHACHA20"),
        (r"^camellia", "CAMELLIA"),
        (r"^(rc4|arc4|arcfour)", "RC4"),
        (r"^rc2", "RC2"),
        (r"^blowfish|^bf\b", "BLOWFISH"),
        (r"^serpent", "SERPENT"),
        (r"^twofish", "TWOFISH"),
        (r"^cast5", "CAST5"),
        (r"^aria", "ARIA"),
        (r"^rsa", "RSA"),
        (r"^seed", "SEED"),
        (r"^idea", "IDEA"),
    )
)


def algorithm(word: str) -> str:
    """The cipher in the spelling of the rules: AES-256-GCM is AES; an unknown one in capitals."""
    plain = re.sub(r"[\s_]+", "-", word.strip().lower())
    return next((name for pattern, name in _ALGORITHMS if pattern.match(plain)), plain.upper())


def mode(word: str) -> str:
    """The mode in capitals: `xts-plain64` is XTS."""
    return re.sub(
        r"-(plain(64|64be)?|essiv.*|benbi|null|random)$", "", word.strip().lower()
    ).upper()


def effective_bits(bits: int, mode: str | None) -> int:
    """XTS has two keys, and half of their bits count: AES-256 in XTS has 512."""
    return bits // 2 if mode == "XTS" and bits > 256 else bits


#: Ciphers of which none is less than another for this purpose (ANSSI-PG-083 and its peers).
_SOUND = frozenset({"AES", "CHACHA20", "CAMELLIA", "ARIA", "SERPENT", "TWOFISH"})
#: What a mode gives: nothing (ECB), secrecy alone, secrecy as disks have it, integrity as well.
_MODES = {
    "ECB": 0, "CBC": 1, "CTR": 1, "CFB": 1, "OFB": 1, "XTS": 2, "GCM": 3, "GCM-SIV": 3, "CCM": 3,
    "OCB": 3, "EAX": 3, "POLY1305": 3, "SIV": 3, "CFB-MDC": 3, "CTR-HMAC": 3,
}  # fmt: skip


def less(declared: str, shown: str) -> bool:
    """Whether a cipher or mode is less than another: AES for ChaCha20 is none, 3DES for AES is."""
    if declared == shown:
        return False
    if declared in _MODES or shown in _MODES:
        return _MODES.get(shown, -1) < _MODES.get(declared, -1)
    return shown not in _SOUND
