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
    """The mode in capitals: `xts-plain64` is XTS; "" for what only says how IVs are made."""
    bare = re.sub(r"(^|-)(plain64(be)?|essiv.*|benbi|null|random)$", "", word.strip().lower())
    return bare.removesuffix("-plain").upper()


def effective_bits(bits: int, mode: str | None) -> int:
    """XTS has two keys, and half of their bits count: AES-256 in XTS has 512."""
    return bits // 2 if mode == "XTS" and bits > 256 else bits


#: What is known of ciphers: of one rank none is less than another (ANSSI-PG-083 and its peers).
_RANKS = {
    **dict.fromkeys(("AES", "CHACHA20", "XSALSA20", "CAMELLIA", "ARIA", "SERPENT", "TWOFISH"), 2),
    **dict.fromkeys(("3DES", "BLOWFISH", "CAST5", "IDEA", "SEED"), 1),
    **dict.fromkeys(("DES", "RC2", "RC4", "ZIPCRYPTO"), 0),
}
#: What a mode gives: nothing (ECB), secrecy alone, secrecy as disks have it, integrity as well.
_MODES = {
    "ECB": 0, "CBC": 1, "CTR": 1, "CFB": 1, "OFB": 1, "XTS": 2, "ADIANTUM": 2, "HCTR2": 2,
    "GCM": 3, "GCM-SIV": 3, "CCM": 3, "OCB": 3, "EAX": 3, "POLY1305": 3, "SIV": 3, "CFB-MDC": 3,
    "CTR-HMAC": 3,
}  # fmt: skip


def less(declared: str, shown: str) -> bool:
    """Whether a cipher or mode is less than another: AES for ChaCha20 is none, 3DES for AES is.

    Of one that is not known this cannot be told, and the rules judge it by its name.
    """
    ranks = _MODES if declared in _MODES else _RANKS
    return declared in ranks and shown in ranks and ranks[shown] < ranks[declared]
