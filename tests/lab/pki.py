"""Certificates of every quality, made on the spot."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

PEM = serialization.Encoding.PEM


@dataclass
class Signer:
    """A certificate that may sign others, with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def key(kind: str = "ec256") -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:]))
    curves = {"ec256": ec.SECP256R1(), "ec224": ec.SECP224R1(), "ec384": ec.SECP384R1()}
    return ec.generate_private_key(curves[kind])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def authority(words: str, above: Signer | None = None) -> Signer:
    """A root, or an intermediate below `above`."""
    own = key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(words))
        .issuer_name(above.certificate.subject if above else name(words))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=100))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    )
    signer = above.key if above else own
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    return Signer(builder.sign(signer, hashes.SHA256()), own)


def leaf(
    signer: Signer,
    names: tuple[str, ...] = ("localhost", "127.0.0.1"),
    *,
    kind: str = "ec256",
    first: int = -5,
    last: int = 60,
    names_issuer: bool = False,
) -> Signer:
    """A server's certificate; `first` and `last` are days from now."""
    own = key(kind)
    alternatives = [
        x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n)
        for n in names
    ]
    issuer = signer.key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(names[0]))
        .issuer_name(signer.certificate.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) + timedelta(days=first))
        .not_valid_after(datetime.now(UTC) + timedelta(days=last))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
    )
    if names_issuer:
        where = x509.UniformResourceIdentifier("http://ca.example.test/ca.der")
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    return Signer(builder.sign(signer.key, hashes.SHA256()), own)


def save(folder: Path, words: str, chain: list[Signer]) -> tuple[Path, Path]:
    """The chain and the first one's key, as PEM files."""
    certificates, secret = folder / f"{words}.pem", folder / f"{words}.key"
    certificates.write_bytes(b"".join(one.certificate.public_bytes(PEM) for one in chain))
    secret.write_bytes(
        chain[0].key.private_bytes(
            PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificates, secret
