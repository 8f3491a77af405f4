"""The path that leads from the chain sent to a trusted root, if there is one, and nothing else.

Names, dates, key sizes and the form of a certificate have rules of their own: here the chain is
verified for a name of its own, at a time when it was valid, and by what RFC 5280 asks of a path, so
that one fault is not told as three.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

DEPTH = 10  # certificates on one path


@dataclass(frozen=True)
class Roots:
    """The roots of one PEM file."""

    certificates: tuple[x509.Certificate, ...]
    store: Store

    @cached_property
    def subjects(self) -> frozenset[bytes]:
        return frozenset(root.subject.public_bytes() for root in self.certificates)


@cache
def mozilla() -> Path:
    """Mozilla's store, which sslyze ships; found without importing sslyze."""
    spec = find_spec("sslyze")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0], "plugins", "certificate_info")
    return folder / "trust_stores" / "pem_files" / "mozilla_nss.pem"


@cache
def roots(path: Path) -> Roots:
    """Raises OSError and ValueError for a file that is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on old roots' serial numbers, which are not ours to mend
        found = x509.load_pem_x509_certificates(path.read_bytes())
        return Roots(tuple(found), Store(found))


@dataclass(frozen=True, slots=True)
class Led:
    """The certificates from the leaf to the root; without any, why the verifier found no path."""

    built: tuple[x509.Certificate, ...] = ()
    refused: str = ""


def leads(sent: Sequence[x509.Certificate], to: Roots) -> Led:
    """The path to one of the roots."""
    leaf, others = sent[0], list(sent[1:])
    subject = _own_name(leaf)
    refused = "the certificate carries no name that could be verified"
    if subject is not None:
        builder = PolicyBuilder().store(to.store).time(_a_valid_time(sent))
        builder = builder.extension_policies(ca_policy=_authorities(), ee_policy=_leaves())
        try:
            built = builder.build_server_verifier(subject).verify(leaf, others)
        except (VerificationError, ValueError, UnsupportedAlgorithm) as error:
            refused = str(error)[:200]
        else:
            return Led(tuple(built))
    # The verifier also refuses short keys, old hashes and nameless leaves. Those are told by
    # their own rules; whether a path is there is then seen by its signatures.
    if subject is None or any(_weak(certificate) for certificate in sent):
        return Led(_signed_up(leaf, others, to), refused)
    return Led(refused=refused)


@cache
def _authorities() -> ExtensionPolicy:
    """The verifier holds them to what public ones must look like; private roots seldom do.

    One that `openssl req -x509` made has no KeyUsage, and older ones have BasicConstraints that
    are not critical. That an issuer is an authority, and how deep, is verified all the same.
    """
    agnostic = Criticality.AGNOSTIC
    return (
        ExtensionPolicy.webpki_defaults_ca()
        .require_present(x509.BasicConstraints, agnostic, None)
        .may_be_present(x509.KeyUsage, agnostic, _may_sign)
        .may_be_present(x509.SubjectKeyIdentifier, agnostic, None)
        .may_be_present(x509.AuthorityKeyIdentifier, agnostic, None)
    )


@cache
def _leaves() -> ExtensionPolicy:
    agnostic = Criticality.AGNOSTIC
    return (
        ExtensionPolicy.webpki_defaults_ee()
        .require_present(x509.SubjectAlternativeName, agnostic, None)
        .may_be_present(x509.AuthorityKeyIdentifier, agnostic, None)
    )


def _may_sign(policy: Policy, issuer: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    """RFC 5280 section 4.2.1.3: what its usage does not say, a key may do if no usage is said."""
    del policy, issuer
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("an issuer's KeyUsage lacks keyCertSign")


def _own_name(leaf: x509.Certificate) -> x509.DNSName | x509.IPAddress | None:
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
    for name in extension.value:
        if isinstance(name, x509.IPAddress):
            return name
        if isinstance(name, x509.DNSName):
            return x509.DNSName(name.value.replace("*", "a", 1))
    return None


def _a_valid_time(sent: Sequence[x509.Certificate]) -> datetime:
    """The middle of the time that all of the chain is valid; of the leaf's where there is none."""
    first = max(certificate.not_valid_before_utc for certificate in sent)
    last = min(certificate.not_valid_after_utc for certificate in sent)
    if first > last:
        first, last = sent[0].not_valid_before_utc, sent[0].not_valid_after_utc
    return first + (last - first) / 2


def _weak(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        return True
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < 256:
        return True
    return _old_digest(certificate) is not None


def _old_digest(certificate: x509.Certificate) -> hashes.HashAlgorithm | None:
    found = certificate.signature_hash_algorithm
    return found if found is not None and found.name in ("md5", "sha1") else None


def _signed_up(
    leaf: x509.Certificate, others: list[x509.Certificate], to: Roots
) -> tuple[x509.Certificate, ...]:
    path = [leaf]
    while len(path) < DEPTH:
        root = next((root for root in to.certificates if _signs(root, path[-1])), None)
        if root is not None:
            return (*path, root)
        above = [other for other in others if other not in path and _signs(other, path[-1])]
        if not above:
            return ()
        path.append(above[0])
    return ()


def _signs(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    if issuer.subject != certificate.issuer:
        return False
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints)
        if not constraints.value.ca:
            return False
        _verify(certificate, issuer)
    except (
        InvalidSignature,
        UnsupportedAlgorithm,
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        TypeError,
        ValueError,
    ):
        return False
    return True


def _verify(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    """The signature alone, by old digests too, which the library refuses in certificates.

    Raises what it raises.
    """
    old, key = _old_digest(certificate), issuer.public_key()
    signature, body = certificate.signature, certificate.tbs_certificate_bytes
    if old is not None and isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, body, padding.PKCS1v15(), old)
    elif old is not None and isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, body, ec.ECDSA(old))
    else:
        certificate.verify_directly_issued_by(issuer)
