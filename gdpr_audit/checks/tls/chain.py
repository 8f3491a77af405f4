"""One certificate chain, as sent and as built."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from gdpr_audit.checks.tls import hello, path
from gdpr_audit.checks.tls.survey import Point, Survey
from gdpr_audit.model import Text

_SCT_EXTENSION = 18
MOZILLA = "Mozilla"  # sslyze's name for that store


@dataclass(frozen=True)
class Chain:
    """A chain as one server sent it, and the stores that a path was built to."""

    sent: tuple[x509.Certificate, ...]
    trusted_by: tuple[str, ...]
    refused: str
    scts: int | None
    ocsp: Any
    roots: frozenset[bytes]
    private_roots: bool

    @classmethod
    def of(cls, deployment: Any, ca_file: Path | None) -> Chain:
        """From sslyze's deployment. Mozilla's store counts, and the one that the user named."""
        sent = tuple(deployment.received_certificate_chain)
        stores = {
            result.trust_store.name: Path(result.trust_store.path)
            for result in deployment.path_validation_results
            if result.trust_store.name == MOZILLA
        }
        if ca_file is not None:
            stores[str(ca_file.name)] = ca_file
        outcomes = {name: path.leads(sent, path.roots(file)) for name, file in stores.items()}
        return cls(
            sent,
            tuple(name for name, refused in outcomes.items() if refused is None),
            next((refused for refused in outcomes.values() if refused), ""),
            deployment.leaf_certificate_signed_certificate_timestamps_count,
            deployment.ocsp_response,
            frozenset().union(*(path.roots(file).subjects for file in stores.values())),
            ca_file is not None,
        )

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


def points(chain: Chain, host: str, found: Survey) -> Iterator[Point]:
    """The facts of one chain, named without their prefix."""
    yield from _dates(chain)
    yield _name(chain, host)
    yield from _trust(chain)
    yield from _keys(chain)
    yield _signatures(chain)
    yield from _status(chain, found)


def _dates(chain: Chain) -> Iterator[Point]:
    first = max(c.not_valid_before_utc.date() for c in chain.below_root)
    last = min(c.not_valid_after_utc.date() for c in chain.below_root)
    shown = Text(f"valide du {first} au {last}", f"valid from {first} to {last}")
    yield Point("not_before", first, shown)
    yield Point("not_after", last, shown)
    leaf = chain.leaf
    lifetime = leaf.not_valid_after_utc - leaf.not_valid_before_utc
    margin = min(timedelta(days=10), lifetime / 10)
    due: date = (leaf.not_valid_after_utc - margin).date()
    yield Point(
        "renewal_due",
        due,
        Text(f"à renouveler avant le {due}", f"to be renewed before {due}"),
    )


def _name(chain: Chain, host: str) -> Point:
    names = list(_alternatives(chain.leaf))
    shown = Text.same(", ".join(map(str, names[:20])) or "—")
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
    else:
        shown = Text(f"aucun chemin : {chain.refused}", f"no path: {chain.refused}")
    yield Point("trusted", bool(chain.trusted_by), shown)
    yield Point("publicly_trusted", MOZILLA in chain.trusted_by, shown)
    yield _complete(chain)


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
    if chain.private_roots or _names_issuer(last):
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


def _status(chain: Chain, found: Survey) -> Iterator[Point]:
    stapled = chain.ocsp is not None
    shown = (
        Text("réponse OCSP agrafée", "OCSP response stapled")
        if stapled
        else Text("aucune réponse OCSP agrafée", "no OCSP response stapled")
    )
    yield Point("ocsp_stapled", stapled, shown)
    status = getattr(chain.ocsp, "certificate_status", None)
    if status is None:
        yield Point("revoked", None, shown)
    else:
        yield Point("revoked", status.name == "REVOKED", Text.same(f"OCSP {status.name}"))
    yield _transparency(chain, found)


def _transparency(chain: Chain, found: Survey) -> Point:
    """In the certificate, else in the TLS extension, which TLS 1.3 hides from hellos."""
    if chain.scts:
        text = Text(f"{chain.scts} SCT dans le certificat", f"{chain.scts} SCTs in the certificate")
        return Point("has_scts", True, text)
    older = found.versions[hello.TLS_1_2].first
    if older is None:
        unseen = Text(
            "aucun SCT dans le certificat ; l'extension de TLS 1.3 n'est pas vue",
            "no SCT in the certificate; the extension of TLS 1.3 is not seen",
        )
        return Point("has_scts", None, unseen)
    there = _SCT_EXTENSION in older.extensions
    text = Text(
        "SCT dans l'extension TLS" if there else "aucun SCT, ni certificat ni extension TLS",
        "SCTs in the TLS extension" if there else "no SCT, neither in certificate nor extension",
    )
    return Point("has_scts", there, text)
