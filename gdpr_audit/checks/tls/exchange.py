"""Groups and signature algorithms, by elimination like the suites."""

from __future__ import annotations

import asyncio

from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.answer import Accepted
from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.suites import (
    CURVES,
    GROUPS,
    SIGNATURES,
    TLS_1_3_GROUPS,
    TLS_1_3_SIGNATURES,
    for_version,
    registry,
)
from gdpr_audit.checks.tls.version import Version
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Text


async def groups(asker: Asker, found: Version) -> None:
    """Every group of a version, and in TLS 1.2 every signature algorithm with them.

    Below TLS 1.3 all suites are offered that could show one, accepted or not, so that the sweep
    of the suites need not have ended.
    """
    if found.number == hello.TLS_1_3:
        left = [g for g in TLS_1_3_GROUPS if g not in found.groups]
        # two lanes, as the finite groups alone are half of them
        finite = [g for g in left if GROUPS[g].kind == "finite"]
        others = [g for g in left if g not in finite]
        lanes = (_groups(asker, found, found.suites, lane) for lane in (others, finite))
        gaps = await asyncio.gather(*lanes)
        found.groups_gap = next((gap for gap in gaps if gap is not None), None)
        return
    known = for_version(tls_1_3=False) if found.bears_long_lists else found.suites
    signed = [s for s in known if registry()[s].key_exchange in ("ECDHE", "DHE")]
    elliptic = [s for s in signed if registry()[s].key_exchange == "ECDHE"]
    curves = [g for g in CURVES if g not in found.groups]
    algorithms: list[int] = []
    if found.number == hello.TLS_1_2:
        algorithms = [s for s in SIGNATURES if s not in found.signatures]
    gap = None
    if elliptic:
        await _together(asker, found, elliptic, curves, algorithms)
        gap = await _groups(asker, found, elliptic, curves)
    found.groups_gap = gap
    gap = None
    if signed and algorithms:
        gap = await _signatures(asker, found, signed, algorithms)
    found.signatures_gap = gap


async def _together(
    asker: Asker, found: Version, suites: list[int], curves: list[int], algorithms: list[int]
) -> None:
    """Both at once, as long as both go down: they are chosen apart from each other."""
    while curves and algorithms:
        offered = _anchored(curves, found)
        try:
            answer = await asker.put(asker.offer(found.number, suites, offered, algorithms))
        except NetworkError:
            return  # each alone will tell
        if not isinstance(answer, Accepted):
            return
        found.note(answer)
        progress = _took(curves, answer.group), _took(algorithms, answer.signature)
        if not any(progress):
            return


def _anchored(curves: list[int], found: Version) -> list[int]:
    """The curves to ask about, then those without which a leaf could not be shown (RFC 8422)."""
    return [*curves, *(c for c in found.leaf_curves if c not in curves)]


def _took(left: list[int], picked: int | None) -> bool:
    if picked in left:
        left.remove(picked)
        return True
    return False


async def _groups(asker: Asker, found: Version, suites: list[int], left: list[int]) -> Text | None:
    """Until refused. None, or why there may be more."""
    while left:
        try:
            answer = await asker.put(asker.offer(found.number, suites, _anchored(left, found)))
        except NetworkError as error:
            return error.reason
        if not isinstance(answer, Accepted) or answer.group in found.leaf_curves:
            if isinstance(answer, Accepted) and _took(left, answer.group):
                found.note(answer)
                continue
            return None
        if not _took(left, answer.group):
            return Text(
                "le serveur choisit un groupe qui n'était pas offert",
                "the server chose a group that was not offered",
            )
        found.note(answer)
    return None


async def _signatures(
    asker: Asker, found: Version, suites: list[int], left: list[int]
) -> Text | None:
    while left:
        try:
            answer = await asker.put(asker.offer(found.number, suites, signatures=left))
        except NetworkError as error:
            return error.reason
        if not isinstance(answer, Accepted):
            return None
        found.note(answer)  # also where it signs with what was not offered
        if not _took(left, answer.signature):
            return None
    return None


async def later_signatures(asker: Asker, found: Version, kind: str) -> Text | None:
    """TLS 1.3 hides what it signs with: each algorithm of a leaf's kind of key is asked alone.

    None, or why there may be more.
    """
    for algorithm in TLS_1_3_SIGNATURES.get(kind, ()):
        try:
            offer = asker.offer(found.number, found.suites, signatures=(algorithm,))
            answer = await asker.put(offer)
        except NetworkError as error:
            return error.reason
        if isinstance(answer, Accepted):
            found.signatures.add(algorithm)
    return None


async def has_leaf(asker: Asker, found: Version, kind: str) -> bool:
    """Whether TLS 1.3 has a leaf of that kind of key to show. Raises NetworkError."""
    offer = asker.offer(found.number, found.suites, signatures=TLS_1_3_SIGNATURES[kind])
    return isinstance(await asker.put(offer), Accepted)


def kind_of(leaf: bytes) -> str:
    """The kind of a leaf's key, as `TLS_1_3_SIGNATURES` names it; "" for another."""
    from cryptography import x509  # noqa: PLC0415 - slow to import, and often not needed
    from cryptography.hazmat.primitives.asymmetric import (  # noqa: PLC0415 - as above
        ec,
        ed448,
        ed25519,
        rsa,
    )

    try:
        read = x509.load_der_x509_certificate(leaf)
        key = read.public_key()
    except ValueError:
        return ""
    if isinstance(key, rsa.RSAPublicKey):
        # RFC 8446 section 4.2.3: such a key has signature algorithms of its own
        pss = read.public_key_algorithm_oid == x509.PublicKeyAlgorithmOID.RSASSA_PSS
        return "RSA-PSS" if pss else "RSA"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "ECDSA"
    return "EdDSA" if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) else ""
