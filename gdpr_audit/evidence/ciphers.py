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
