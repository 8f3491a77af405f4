"""Certificates of every quality, made on the spot."""

from __future__ import annotations

import base64
import ipaddress
import subprocess
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    ExtensionOID,
    NameOID,
)

from tests.conftest import program

PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass
class Signer:
    """A certificate that may sign others, with its key."""

    certificate: x509.Certificate
    key: Key


def name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def key(kind: str = "ec256") -> Key:
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:]))
    curves = {
        "ec256": ec.SECP256R1(), "ec224": ec.SECP224R1(), "ec384": ec.SECP384R1(),
        "k256": ec.SECP256K1(),
    }  # fmt: skip
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


def authority(
    words: str, above: Signer | None = None, *, kind: str = "ec256", last: int = 1000
) -> Signer:
    """A root, or an intermediate below `above`; `last` is in days from now."""
    own = key(kind)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(words))
        .issuer_name(above.certificate.subject if above else name(words))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=100))
        .not_valid_after(datetime.now(UTC) + timedelta(days=last))
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
    kind: str | Key = "ec256",
    first: int = -5,
    last: int = 60,
    wears: tuple[x509.ExtensionType, ...] = (),
    lacks: tuple[type[x509.ExtensionType], ...] = (),
    subject: str = "",
) -> Signer:
    """A server's certificate; `first` and `last` are days from now.

    It has the ordinary extensions: those of `wears` in their place or beside them, none that it
    `lacks`.
    """
    own = key(kind) if isinstance(kind, str) else kind
    ordinary = _ordinary(names, signer.key)
    worn = {type(one): one for one in (*ordinary, *wears)}
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject or names[0]))
        .issuer_name(signer.certificate.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) + timedelta(days=first))
        .not_valid_after(datetime.now(UTC) + timedelta(days=last))
    )
    for one, held in worn.items():
        if one not in lacks:
            critical = one in (x509.BasicConstraints, x509.KeyUsage)
            builder = builder.add_extension(held, critical=critical)
    return Signer(builder.sign(signer.key, hashes.SHA256()), own)


def _ordinary(names: Iterable[str], signer: Key) -> tuple[x509.ExtensionType, ...]:
    alternatives = [
        x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n)
        for n in names
    ]
    return (
        x509.BasicConstraints(ca=False, path_length=None),
        _usage(authority=False),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.SubjectAlternativeName(alternatives),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
    )


def names_issuer() -> x509.AuthorityInformationAccess:
    """Where the issuer's certificate could be fetched."""
    return _access(AuthorityInformationAccessOID.CA_ISSUERS, "http://ca.example.test/ca.der")


def names_responder() -> x509.AuthorityInformationAccess:
    """Where an OCSP response could be fetched."""
    return _access(AuthorityInformationAccessOID.OCSP, "http://ocsp.example.test/")


def _access(method: x509.ObjectIdentifier, url: str) -> x509.AuthorityInformationAccess:
    where = x509.UniformResourceIdentifier(url)
    return x509.AuthorityInformationAccess([x509.AccessDescription(method, where)])


def timestamps() -> bytes:
    """One signed certificate timestamp as TLS lists them (RFC 6962 section 3.3); its signature is none."""
    signature = b"\x04\x03" + _sized(b"\x30\x06\x02\x01\x01\x02\x01\x01")
    stamp = b"\x00" + bytes(32) + (1_700_000_000_000).to_bytes(8, "big") + _sized(b"") + signature
    return _sized(_sized(stamp))


def logged() -> x509.UnrecognizedExtension:
    """The same inside a certificate, as an OCTET STRING."""
    held = timestamps()
    oid = ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS
    return x509.UnrecognizedExtension(oid, b"\x04" + bytes([len(held)]) + held)


def served_timestamps(folder: Path) -> Path:
    """The same in an extension of TLS, as `openssl s_server -serverinfo` reads it."""
    held = (18).to_bytes(2, "big") + _sized(timestamps())
    path = folder / "timestamps.pem"
    body = base64.b64encode(held).decode()
    path.write_text(
        f"-----BEGIN SERVERINFO FOR SCT-----\n{body}\n-----END SERVERINFO FOR SCT-----\n"
    )
    return path


def _sized(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content


def no_response(folder: Path) -> Path:
    """What a responder says that has no answer yet."""
    path = folder / "later.ocsp"
    built = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    path.write_bytes(built.public_bytes(DER))
    return path


def response(folder: Path, words: str, about: Signer, by: Signer, *, revoked: bool = False) -> Path:
    """An OCSP response of today in DER, as a server would staple it."""
    now = datetime.now(UTC)
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    built = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            about.certificate, by.certificate, hashes.SHA256(), status, now,
            now + timedelta(days=7), now if revoked else None, None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
        .sign(by.key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{words}.ocsp"
    path.write_bytes(built.public_bytes(DER))
    return path


def signed_again(folder: Path, one: Signer, by: Signer, *options: str) -> Signer:
    """The same certificate by openssl, with options of `openssl x509`: old digests, odd serials."""
    binary = program("openssl", "openssl")
    request = x509.CertificateSigningRequestBuilder().subject_name(one.certificate.subject)
    for held in one.certificate.extensions:
        request = request.add_extension(held.value, critical=held.critical)
    above = save(folder, "above", [by])
    made = subprocess.run(
        [
            binary, "x509", "-req", "-copy_extensions", "copyall", "-CA", str(above[0]),
            "-CAkey", str(above[1]), "-CAcreateserial", "-days", "60", *options,
        ],
        input=request.sign(one.key, hashes.SHA256()).public_bytes(PEM),
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on the oddity that was asked for
        return Signer(x509.load_pem_x509_certificate(made), one.key)


def by_openssl(folder: Path) -> tuple[Path, tuple[Path, Path]]:
    """A private root and a server's files as `openssl req` and `openssl x509` make them."""
    binary = program("openssl", "openssl")
    root, secret, files = (
        folder / "root.pem",
        folder / "root.key",
        (folder / "own.pem", folder / "own.key"),
    )
    request, names = folder / "own.csr", folder / "names.cnf"
    names.write_text("subjectAltName=DNS:localhost\n")
    new = ("req", "-newkey", "rsa:2048", "-nodes")
    for words in (
        (*new, "-x509", "-subj", "/CN=Own Root", "-days", "90", "-keyout", secret, "-out", root),
        (*new, "-subj", "/CN=localhost", "-keyout", files[1], "-out", request),
        (
            "x509", "-req", "-in", request, "-CA", root, "-CAkey", secret, "-CAcreateserial",
            "-days", "60", "-extfile", names, "-out", files[0],
        ),
    ):  # fmt: skip
        subprocess.run([binary, *words], check=True, capture_output=True)
    return root, files


def self_signed(folder: Path, words: str, *newkey: str) -> tuple[Path, Path]:
    """A certificate by openssl for a key that cryptography does not make."""
    binary = program("openssl", "openssl")
    files = folder / f"{words}.pem", folder / f"{words}.key"
    subprocess.run(
        [
            binary, "req", "-x509", "-nodes", "-subj", "/CN=localhost", "-newkey", *newkey,
            "-addext", "subjectAltName=DNS:localhost", "-out", files[0], "-keyout", files[1],
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return files


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
