"""The TLS cipher suites of the IANA registry, and what each is made of."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

#: What a suite encrypts with: the first word that its name contains decides.
_ENCRYPTION = (
    ("EXPORT", "EXPORT"),
    ("WITH_NULL", "NULL"),
    ("3DES", "3DES"),
    ("DES", "DES"),
    ("RC4", "RC4"),
    ("RC2", "RC2"),
    ("IDEA", "IDEA"),
    ("SEED", "SEED"),
    ("AES", "AES"),
    ("CAMELLIA", "CAMELLIA"),
    ("ARIA", "ARIA"),
    ("CHACHA20", "CHACHA20"),
)
_KEY_EXCHANGE = (
    ("anon", "ANONYMOUS"),
    ("PSK", "PSK"),
    ("KRB5", "KRB5"),
    ("SRP", "SRP"),
    ("ECDHE_", "ECDHE"),
    ("ECDH_", "ECDH"),
    ("DHE_", "DHE"),
    ("DH_", "DH"),
    ("RSA_", "RSA"),
)


class Suite(NamedTuple):
    """One suite: its code point and its IANA name, from which all else follows."""

    code: int
    name: str

    @property
    def tls_1_3(self) -> bool:
        return "_WITH_" not in self.name

    @property
    def encryption(self) -> str:
        return next((kind for word, kind in _ENCRYPTION if word in self.name), "OTHER")

    @property
    def key_exchange(self) -> str:
        """Of TLS 1.3 nothing: there the group decides."""
        if self.tls_1_3:
            return ""
        before = self.name.partition("_WITH_")[0] + "_"
        return next((kind for word, kind in _KEY_EXCHANGE if word in before), "OTHER")

    @property
    def mode(self) -> str:
        for mode in ("GCM", "CCM", "POLY1305", "CBC"):
            if mode in self.name:
                return mode
        return "NONE" if self.encryption == "NULL" else "STREAM"

    @property
    def mac(self) -> str:
        if self.mode in ("GCM", "CCM", "POLY1305"):
            return "AEAD"
        last = self.name.rsplit("_", 1)[-1]
        return "SHA1" if last == "SHA" else last


@cache
def registry() -> dict[int, Suite]:
    """Every suite of the registry by its code point."""
    text = files("gdpr_audit.checks.tls").joinpath("suites.csv").read_text("ascii")
    rows = csv.DictReader(text.splitlines())
    return {code: Suite(code, row["name"]) for row in rows if (code := int(row["code"], 16))}


@cache
def for_version(*, tls_1_3: bool) -> tuple[int, ...]:
    """The code points to offer: TLS 1.3 has suites of its own."""
    return tuple(code for code, suite in registry().items() if suite.tls_1_3 == tls_1_3)


#: Nearly every server accepts one of these, and every one knows them all (AES in GCM and CBC).
SHORT_LIST = (0xC02F, 0xC02B, 0xC013, 0xC009, 0x009C, 0x002F, 0x0033, 0x009E)


class Group(NamedTuple):
    """A named group: finite-field, elliptic, hybrid or lattice; `bits` of curve or prime."""

    code: int
    name: str
    kind: str
    bits: int


#: The IANA TLS Supported Groups registry, those that a server may know. Bits of the Edwards
#: and Montgomery curves are those of their group's order.
GROUPS = {
    group.code: group
    for group in (
        Group(0x11EC, "X25519MLKEM768", "hybrid", 253),
        Group(0x11EB, "SecP256r1MLKEM768", "hybrid", 256),
        Group(0x11ED, "SecP384r1MLKEM1024", "hybrid", 384),
        Group(0x6399, "X25519Kyber768Draft00", "hybrid", 253),
        Group(0x0200, "MLKEM512", "lattice", 0),
        Group(0x0201, "MLKEM768", "lattice", 0),
        Group(0x0202, "MLKEM1024", "lattice", 0),
        Group(29, "x25519", "curve", 253),
        Group(23, "secp256r1", "curve", 256),
        Group(24, "secp384r1", "curve", 384),
        Group(25, "secp521r1", "curve", 521),
        Group(30, "x448", "curve", 446),
        Group(26, "brainpoolP256r1", "curve", 256),
        Group(27, "brainpoolP384r1", "curve", 384),
        Group(28, "brainpoolP512r1", "curve", 512),
        Group(31, "brainpoolP256r1tls13", "curve", 256),
        Group(32, "brainpoolP384r1tls13", "curve", 384),
        Group(33, "brainpoolP512r1tls13", "curve", 512),
        Group(22, "secp256k1", "curve", 256),
        Group(19, "secp192r1", "curve", 192),
        Group(18, "secp192k1", "curve", 192),
        Group(21, "secp224r1", "curve", 224),
        Group(20, "secp224k1", "curve", 224),
        Group(15, "secp160k1", "curve", 160),
        Group(16, "secp160r1", "curve", 160),
        Group(17, "secp160r2", "curve", 160),
        Group(1, "sect163k1", "curve", 163),
        Group(2, "sect163r1", "curve", 163),
        Group(3, "sect163r2", "curve", 163),
        Group(4, "sect193r1", "curve", 193),
        Group(5, "sect193r2", "curve", 193),
        Group(6, "sect233k1", "curve", 233),
        Group(7, "sect233r1", "curve", 233),
        Group(8, "sect239k1", "curve", 239),
        Group(9, "sect283k1", "curve", 283),
        Group(10, "sect283r1", "curve", 283),
        Group(11, "sect409k1", "curve", 409),
        Group(12, "sect409r1", "curve", 409),
        Group(13, "sect571k1", "curve", 571),
        Group(14, "sect571r1", "curve", 571),
        Group(256, "ffdhe2048", "finite", 2048),
        Group(257, "ffdhe3072", "finite", 3072),
        Group(258, "ffdhe4096", "finite", 4096),
        Group(259, "ffdhe6144", "finite", 6144),
        Group(260, "ffdhe8192", "finite", 8192),
    )
}

#: The signature algorithms of TLS 1.2 and 1.3 (IANA SignatureScheme, and the pairs of RFC 5246).
SIGNATURES = {
    0x0403: "ecdsa_secp256r1_sha256",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
    0x0401: "rsa_pkcs1_sha256",
    0x0501: "rsa_pkcs1_sha384",
    0x0601: "rsa_pkcs1_sha512",
    0x081A: "ecdsa_brainpoolP256r1tls13_sha256",
    0x081B: "ecdsa_brainpoolP384r1tls13_sha384",
    0x081C: "ecdsa_brainpoolP512r1tls13_sha512",
    0x0402: "dsa_sha256",
    0x0502: "dsa_sha384",
    0x0602: "dsa_sha512",
    0x0301: "rsa_pkcs1_sha224",
    0x0302: "dsa_sha224",
    0x0303: "ecdsa_sha224",
    0x0201: "rsa_pkcs1_sha1",
    0x0202: "dsa_sha1",
    0x0203: "ecdsa_sha1",
    0x0101: "rsa_pkcs1_md5",
}
#: Those that RFC 8446 lets sign a TLS 1.3 handshake, by the kind of key that they need.
TLS_1_3_SIGNATURES = {
    "RSA": (0x0804, 0x0805, 0x0806),
    "RSA-PSS": (0x0809, 0x080A, 0x080B),
    "ECDSA": (0x0403, 0x0503, 0x0603, 0x081A, 0x081B, 0x081C),
    "EdDSA": (0x0807, 0x0808),
}

CURVES = tuple(code for code, group in GROUPS.items() if group.kind == "curve")
#: What may stand in the supported_groups of the versions before.
OLD_GROUPS = (*CURVES, 256, 257, 258, 259, 260)
#: What may stand in TLS 1.3's supported_groups: no curve that RFC 8446 withdrew.
TLS_1_3_GROUPS = tuple(
    code
    for code, group in GROUPS.items()
    if group.kind in ("hybrid", "finite", "lattice") or code in (29, 23, 24, 25, 30, 31, 32, 33)
)
