"""Certificates of the sample: a good chain, and one with every fault that a chain can have."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dh, ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Files:
    """A certificate chain and its key, and the root to trust, as PEM files."""

    chain: Path
    key: Path
    root: Path
    dh_parameters: Path | None = None


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _write(
    folder: Path, name: str, certificates: list[x509.Certificate], key: Key
) -> tuple[Path, Path]:
    chain, secret = folder / f"{name}.pem", folder / f"{name}.key"
    pem = serialization.Encoding.PEM
    chain.write_bytes(b"".join(certificate.public_bytes(pem) for certificate in certificates))
    secret.touch(mode=0o600)
    secret.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, secret


def _builder(
    subject: str, issuer: str, key: Key, first: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(first + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority(builder: x509.CertificateBuilder, depth: int | None) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=depth), critical=True
    ).add_extension(usage, critical=True)


def good(folder: Path) -> Files:
    """Root, intermediate and a leaf of 60 days, EC P-256 and SHA-256, the chain complete."""
    now = datetime.now(UTC).replace(microsecond=0)
    root_key, middle_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root = _authority(
        _builder("Sample Root", "Sample Root", root_key, now - timedelta(days=300), 3650), None
    )
    root = root.add_extension(_issuer(root_key), critical=False)
    root_certificate = root.sign(root_key, hashes.SHA256())
    middle = _authority(
        _builder("Sample CA 1", "Sample Root", middle_key, now - timedelta(days=200), 1825), 0
    )
    middle = middle.add_extension(_issuer(root_key), critical=False)
    middle_certificate = middle.sign(root_key, hashes.SHA256())
    leaf = _leaf(_builder("localhost", "Sample CA 1", leaf_key, now - timedelta(days=5), 60))
    leaf = leaf.add_extension(_issuer(middle_key), critical=False)
    leaf_certificate = leaf.sign(middle_key, hashes.SHA256())
    chain, key = _write(folder, "good", [leaf_certificate, middle_certificate], leaf_key)
    root_file, _ = _write(folder, "root", [root_certificate], root_key)
    return Files(chain, key, root_file)


def _issuer(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _leaf(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ipaddress.ip_address(a)) for a in ("127.0.0.1", "::1")]
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )


def bad(folder: Path) -> Files:
    """Self-signed, RSA 1024, SHA-1, expired, and for another name."""
    first = datetime.now(UTC).replace(microsecond=0) - timedelta(days=800)
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - the fault to show
    builder = _builder("ancien.example.fr", "ancien.example.fr", key, first, 365)
    names = x509.SubjectAlternativeName([x509.DNSName("ancien.example.fr")])
    certificate = _signed_with_sha1(builder.add_extension(names, critical=False), key)
    chain, secret = _write(folder, "bad", [certificate], key)
    group = dh.DHParameterNumbers(_OAKLEY_2, 2).parameters()
    parameters = folder / "dh.pem"
    parameters.write_bytes(
        group.parameter_bytes(serialization.Encoding.PEM, serialization.ParameterFormat.PKCS3)
    )
    return Files(chain, secret, chain, parameters)


#: The 1024-bit group of RFC 2409 section 6.2, shared by servers the world over (Logjam).
_OAKLEY_2 = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E34"
    "04DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6"
    "F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
    16,
)

#: sha256WithRSAEncryption and sha1WithRSAEncryption in DER: one byte apart (RFC 8017, A.2.4).
_SHA256_RSA = bytes.fromhex("06092a864886f70d01010b")
_SHA1_RSA = bytes.fromhex("06092a864886f70d010105")


def _signed_with_sha1(builder: x509.CertificateBuilder, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """Cryptography no longer signs certificates with SHA-1, so name it and sign again."""
    modern = builder.sign(key, hashes.SHA256())
    body = modern.tbs_certificate_bytes.replace(_SHA256_RSA, _SHA1_RSA)
    signature = key.sign(body, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the fault to show
    der = modern.public_bytes(serialization.Encoding.DER)
    der = der.replace(_SHA256_RSA, _SHA1_RSA).replace(modern.signature, signature)
    return x509.load_der_x509_certificate(der)
