"""What a leaf certificate says of itself (ANSSI TLS guide, R25 to R33; CA/Browser Forum)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from gdpr_audit.checks.tls.point import Point
from gdpr_audit.model import Text

E = TypeVar("E", bound=x509.ExtensionType)

_USES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth",
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE: "any",
}
SERIAL_LIMIT = 160  # bits: 20 bytes


def extension(certificate: x509.Certificate, kind: type[E]) -> x509.Extension[E] | None:
    """None where it is missing, there twice, or cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None


def timestamps(certificate: x509.Certificate) -> int:
    """How many signed certificate timestamps stand in the certificate itself."""
    found = extension(certificate, x509.PrecertificateSignedCertificateTimestamps)
    return len(list(found.value)) if found is not None else 0


def points(leaf: x509.Certificate) -> Iterator[Point]:
    yield _lifetime(leaf)
    yield from _key(leaf)
    yield from _serial(leaf)
    yield from _extensions(leaf)


def _lifetime(leaf: x509.Certificate) -> Point:
    # RFC 5280 section 4.1.2.5: both ends count, to the second
    seconds = (leaf.not_valid_after_utc - leaf.not_valid_before_utc).total_seconds() + 1
    days = -int(-seconds // 86400)
    first, last = leaf.not_valid_before_utc.date(), leaf.not_valid_after_utc.date()
    yield_ = Text(f"{days} jours, du {first} au {last}", f"{days} days, from {first} to {last}")
    return Point("lifetime_days", days, yield_)


def _key(leaf: x509.Certificate) -> Iterator[Point]:
    key = leaf.public_key()
    none = Text("la clé n'est pas RSA", "the key is not RSA")
    if isinstance(key, rsa.RSAPublicKey):
        word = f"RSA {key.key_size}"
        exponent = key.public_numbers().e
        shown = Text.same(f"e = {exponent}")
        # beyond 64 bits only the size matters, and a report has no use for the number
        yield Point("rsa_exponent", min(exponent, 2**63 - 1), shown)
        yield Point("leaf_rsa_bits", key.key_size, Text.same(word))
    else:
        word = f"EC {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else _other(key)
        yield Point("rsa_exponent", None, none, absent=True)
        yield Point("leaf_rsa_bits", 0, none)
    yield Point("leaf_key", word, Text.same(word))


def _other(key: object) -> str:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519"
    return "Ed448" if isinstance(key, ed448.Ed448PublicKey) else type(key).__name__


def _serial(leaf: x509.Certificate) -> Iterator[Point]:
    bits = leaf.serial_number.bit_length()
    good = leaf.serial_number > 0 and bits <= SERIAL_LIMIT
    shown = Text(
        f"numéro de série de {bits} bits"
        if leaf.serial_number > 0
        else "numéro de série nul ou négatif",
        f"a serial number of {bits} bits"
        if leaf.serial_number > 0
        else "a serial number of zero or below",
    )
    yield Point("serial_well_formed", good, shown)


def _extensions(leaf: x509.Certificate) -> Iterator[Point]:
    usage = extension(leaf, x509.KeyUsage)
    critical = usage is not None and usage.critical
    yield Point("key_usage_critical", critical, _there("KeyUsage", usage, critical=True))
    extended = extension(leaf, x509.ExtendedKeyUsage)
    uses = [_USES.get(oid, oid.dotted_string) for oid in extended.value] if extended else []
    shown = Text.same(f"ExtendedKeyUsage: {', '.join(uses) or '—'}")
    yield Point("extended_key_usages", tuple(uses), shown)
    key_id = extension(leaf, x509.AuthorityKeyIdentifier)
    yield Point(
        "has_authority_key_id", key_id is not None, _there("AuthorityKeyIdentifier", key_id)
    )
    lists = extension(leaf, x509.CRLDistributionPoints)
    access = extension(leaf, x509.AuthorityInformationAccess)
    known = {"CRLDistributionPoints": lists, "AuthorityInformationAccess": access}
    ways = [name for name, found in known.items() if found is not None]
    shown = Text.same(", ".join(ways) or "—")
    yield Point("names_revocation", bool(ways), shown)
    responder = access is not None and any(
        item.access_method == AuthorityInformationAccessOID.OCSP for item in access.value
    )
    yield Point("names_ocsp", responder, Text.same(f"OCSP {'+' if responder else '-'}"))


def _there(name: str, found: x509.Extension[E] | None, *, critical: bool = False) -> Text:
    if found is None:
        return Text(f"{name} manque", f"{name} is missing")
    if critical and not found.critical:
        return Text(f"{name} n'est pas critique", f"{name} is not critical")
    return Text(f"{name} présent", f"{name} present")
