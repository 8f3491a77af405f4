"""One certificate chain, as sent and as built."""

from __future__ import annotations

import ipaddress
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509 import ocsp

from gdpr_audit.checks.tls import leaf, path
from gdpr_audit.checks.tls.point import Point
from gdpr_audit.checks.tls.version import Shown
from gdpr_audit.model import Text
from gdpr_audit.redaction import fit, without_names

MOZILLA = "Mozilla"


@dataclass(frozen=True)
class Chain:
    """A chain as one server sent it, and the stores that a path was built to."""

    sent: tuple[x509.Certificate, ...]
    paths: Mapping[str, path.Led]  # by store
    scts_in_tls: bool | None
    ocsp: ocsp.OCSPResponse | None
    roots: frozenset[bytes]
    private: str | None  # the store that the user named

    @classmethod
    def of(cls, shown: Shown, ca_file: Path | None) -> Chain:
        """Mozilla's store counts, and the one that the user named.

        Raises ValueError for certificates that cannot be read.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd serial numbers are told by a fact of their own
            sent = tuple(x509.load_der_x509_certificate(der) for der in shown.certificates)
        stores = {MOZILLA: path.mozilla()}
        if ca_file is not None:
            stores[ca_file.name] = ca_file
        return cls(
            sent,
            {name: path.leads(sent, path.roots(file)) for name, file in stores.items()},
            shown.scts,
            _response(shown.ocsp),
            frozenset().union(*(path.roots(file).subjects for file in stores.values())),
            ca_file.name if ca_file is not None else None,
        )

    @property
    def trusted_by(self) -> tuple[str, ...]:
        return tuple(name for name, found in self.paths.items() if found.built)

    @property
    def refused(self) -> str:
        return next((found.refused for found in self.paths.values()), "")

    @property
    def leaf(self) -> x509.Certificate:
        return self.sent[0]

    @property
    def leaf_type(self) -> str:
        return _key(self.leaf)[0]

    @property
    def below_root(self) -> tuple[x509.Certificate, ...]:
        """All but a root that was sent along; a self-signed leaf counts as a leaf."""
        return (self.leaf, *(c for c in self.sent[1:] if c.subject != c.issuer))


def _response(der: bytes | None) -> ocsp.OCSPResponse | None:
    try:
        return ocsp.load_der_ocsp_response(der) if der else None
    except ValueError:
        return None


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "Ed25519", 256
    if isinstance(key, ed448.Ed448PublicKey):
        return "Ed448", 456
    if isinstance(key, dsa.DSAPublicKey):
        return "DSA", key.key_size
    return type(key).__name__, 0


def points(chain: Chain, host: str) -> Iterator[Point]:
    """The facts of one chain, named without their prefix."""
    yield from _dates(chain)
    yield _name(chain, host)
    yield from _trust(chain)
    yield from _keys(chain)
    yield _signatures(chain)
    yield from _status(chain)
    yield _transparency(chain)
    yield from leaf.points(chain.leaf)


def _dates(chain: Chain) -> Iterator[Point]:
    first = max(c.not_valid_before_utc.date() for c in chain.below_root)
    last = min(c.not_valid_after_utc.date() for c in chain.below_root)
    shown = Text(f"valide du {first} au {last}", f"valid from {first} to {last}")
    yield Point("not_before", first, shown)
    yield Point("not_after", last, shown)
    end = chain.leaf.not_valid_after_utc
    margin = min(timedelta(days=10), (end - chain.leaf.not_valid_before_utc) / 10)
    due: date = (end - margin).date()
    yield Point(
        "renewal_due",
        due,
        Text(f"à renouveler avant le {due}", f"to be renewed before {due}"),
    )


def _name(chain: Chain, host: str) -> Point:
    names = list(_alternatives(chain.leaf))
    shown = Text.same(", ".join(without_names(str(name)) for name in names[:20]) or "—")
    matches = any(_matches(name, host) for name in names)
    return Point(
        "name_matches",
        matches,
        Text(
            f"{host} ; noms du certificat : {shown.fr}", f"{host}; certificate's names: {shown.en}"
        ),
    )


def _alternatives(leaf: x509.Certificate) -> Iterator[Any]:
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return
    yield from extension.value.get_values_for_type(x509.DNSName)
    yield from extension.value.get_values_for_type(x509.IPAddress)


def _matches(name: Any, host: str) -> bool:
    """RFC 9525: a wildcard stands for one whole label, the leftmost; addresses match exactly."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        address = None
    if address is not None or not isinstance(name, str):
        return bool(name == address)
    wanted, given = host.rstrip(".").lower().split("."), name.rstrip(".").lower().split(".")
    if given[0] == "*" and len(given) > 2:
        return given[1:] == wanted[1:]
    return given == wanted


def _trust(chain: Chain) -> Iterator[Point]:
    stores = ", ".join(chain.trusted_by)
    if stores:
        shown = Text(f"chemin vers : {stores}", f"path to: {stores}")
    elif chain.leaf.subject == chain.leaf.issuer:
        shown = Text(
            "le certificat est auto-signé et n'est pas une racine de confiance",
            "the certificate is self-signed, and no trusted root",
        )
    else:
        shown = Text(f"aucun chemin : {chain.refused}", f"no path: {chain.refused}")
    yield Point("trusted", bool(chain.trusted_by), shown)
    yield Point("publicly_trusted", MOZILLA in chain.trusted_by, shown)
    unnamed = Text(
        "aucune racine privée n'est nommée (--ca-file)", "no private root is named (--ca-file)"
    )
    private = None if chain.private is None else chain.private in chain.trusted_by
    yield Point("privately_trusted", private, shown if chain.private else unnamed)
    yield _built(chain, shown)
    yield _complete(chain)


def _subject(certificate: x509.Certificate, leaf: x509.Certificate) -> str:
    """As RFC 4514 writes it. A server goes by its host name: no one else is named by a leaf."""
    shown = certificate.subject.rfc4514_string()
    if certificate == leaf:
        for one in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME):
            shown = shown.replace(str(one.value), without_names(str(one.value)))
    return fit(shown, 120)


def _built(chain: Chain, shown: Text) -> Point:
    """The path as the verifier built it, each by its subject; beside it what was sent."""
    built = next((found.built for found in chain.paths.values() if found.built), ())
    names = tuple(_subject(one, chain.leaf) for one in built)
    sent = " > ".join(_subject(one, chain.leaf) for one in chain.sent)
    if not names:
        return Point("path", None, shown)
    return Point("path", names, Text(f"envoyé : {sent}", f"sent: {sent}"))


def _complete(chain: Chain) -> Point:
    last = chain.sent[-1]
    issuer = last.issuer.rfc4514_string()[:120]
    sent = Text(
        f"{len(chain.sent)} certificats envoyés, le dernier émis par {issuer}",
        f"{len(chain.sent)} certificates sent, the last issued by {issuer}",
    )
    if last.subject == last.issuer or last.issuer.public_bytes() in chain.roots:
        return Point("chain_complete", True, sent)
    if chain.trusted_by:
        return Point("chain_complete", True, sent)
    if chain.private or _names_issuer(last):
        return Point("chain_complete", False, sent)
    return Point(
        "chain_complete",
        None,
        Text(
            f"l'émetteur {issuer} est inconnu : racine privée, ou intermédiaire manquant",
            f"the issuer {issuer} is unknown: a private root, or a missing intermediate",
        ),
    )


def _names_issuer(certificate: x509.Certificate) -> bool:
    """Whether the certificate says where its issuer's can be fetched, as one below a root does."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    issuers = x509.oid.AuthorityInformationAccessOID.CA_ISSUERS
    return any(item.access_method == issuers for item in access.value)


def _keys(chain: Chain) -> Iterator[Point]:
    keys = [_key(certificate) for certificate in chain.sent]
    shown = Text.same(", ".join(f"{kind} {bits}" for kind, bits in keys))
    yield Point("key_types", tuple(sorted({kind for kind, _ in keys})), shown)
    none = Text("aucune clé de ce type dans la chaîne", "no key of this type in the chain")
    for name, kinds in (("rsa_bits", ("RSA",)), ("ec_bits", ("EC", "Ed25519", "Ed448"))):
        sizes = [bits for kind, bits in keys if kind in kinds]
        yield Point(name, min(sizes) if sizes else None, shown if sizes else none)


def _signatures(chain: Chain) -> Point:
    hashes = []
    for certificate in chain.below_root:
        found = certificate.signature_hash_algorithm
        hashes.append(found.name.upper() if found else "EdDSA")
    return Point("signature_hashes", tuple(sorted(set(hashes))), Text.same(", ".join(hashes)))


def _status(chain: Chain) -> Iterator[Point]:
    found = chain.ocsp
    none = Text("aucune réponse OCSP agrafée", "no OCSP response stapled")
    shown = Text("réponse OCSP agrafée", "OCSP response stapled")
    if found is None:
        yield Point("ocsp_stapled", False, none)
        yield Point("revoked", None, none)
        return
    if found.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
        word = found.response_status.name
        yield Point("ocsp_stapled", True, shown)
        yield Point("revoked", None, Text.same(f"OCSP {word}"))
        return
    serial = chain.leaf.serial_number
    own = next((one for one in found.responses if one.serial_number == serial), None)
    if own is None:  # nginx staples one file beside all of its certificates
        another = Text(
            "la réponse OCSP agrafée est celle d'un autre certificat",
            "the OCSP response stapled is another certificate's",
        )
        yield Point("ocsp_stapled", False, another)
        yield Point("revoked", None, another)
        return
    status = own.certificate_status.name
    yield Point("ocsp_stapled", True, shown)
    yield Point("revoked", status == "REVOKED", Text.same(f"OCSP {status}"))


def _transparency(chain: Chain) -> Point:
    """In the certificate, else in the TLS extension, which TLS 1.3 hides from hellos."""
    count = leaf.timestamps(chain.leaf)
    if count:
        text = Text(f"{count} SCT dans le certificat", f"{count} SCTs in the certificate")
        return Point("has_scts", True, text)
    if chain.scts_in_tls is None:
        unseen = Text(
            "aucun SCT dans le certificat ; l'extension de TLS 1.3 n'est pas vue",
            "no SCT in the certificate; the extension of TLS 1.3 is not seen",
        )
        return Point("has_scts", None, unseen)
    text = Text(
        "SCT dans l'extension TLS"
        if chain.scts_in_tls
        else "aucun SCT, ni certificat ni extension TLS",
        "SCTs in the TLS extension"
        if chain.scts_in_tls
        else "no SCT, neither in certificate nor extension",
    )
    return Point("has_scts", chain.scts_in_tls, text)
