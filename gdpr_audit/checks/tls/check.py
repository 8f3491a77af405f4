"""TLS as the target speaks it, at every address of its name.

Versions, suites, groups and signatures by our own hellos, whole handshakes by nassl, known
vulnerabilities by sslyze; all of it through the door.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.tls import certificates, facts, points
from gdpr_audit.checks.tls.asker import Asker, NoTls
from gdpr_audit.checks.tls.look import Wants, survey
from gdpr_audit.checks.tls.point import Point
from gdpr_audit.checks.tls.survey import Survey
from gdpr_audit.checks.tls.version import UNFINISHED
from gdpr_audit.errors import ConnectionRefused, NetworkError, NoRoute
from gdpr_audit.model import Census, Statement, Subject, Text

#: The usual port of each scheme; where TLS begins inside the protocol, that protocol's.
PORTS = {
    "https": 443,
    "smtps": 465,
    "imaps": 993,
    "ldaps": 636,
    "dicom": 104,
    "mllp": 2575,
    "smtp": 25,
    "imap": 143,
    "ldap": 389,
    "postgresql": 5432,
}
MOST = 8  # addresses looked at; more are said

_scribe = Scribe("tls")


def place(url: str) -> tuple[str, int]:
    """Host and port whose TLS is looked at; beside http on 80 it is 443."""
    parts = urlsplit(url)
    port = parts.port or PORTS.get(parts.scheme, 443)
    if parts.scheme == "http" and port == 80:
        port = 443
    return parts.hostname or "", port


@dataclass
class _Looked:
    """What each address had to say, by its name in the report."""

    surveys: dict[str, Survey] = field(default_factory=dict)
    clear: dict[str, NetworkError] = field(default_factory=dict)  # answers, and not in TLS
    closed: dict[str, NetworkError] = field(default_factory=dict)  # nothing listens there
    beyond: dict[str, Text] = field(default_factory=dict)  # no way there from this machine
    unknown: dict[str, Text] = field(default_factory=dict)


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    host, port = place(subject.name)
    scheme = urlsplit(subject.name).scheme
    addresses, more = await _addresses(session, host)
    askers = {a or host: Asker(session.door, host, port, scheme, a) for a in addresses}
    looked = _Looked()
    compared = len(askers) > 1 and session.wants("tls.addresses_agree")

    def wants(*names: str) -> bool:
        """What a chosen rule reads; where addresses are compared, all that they can tell."""
        return session.wants(*names) or (compared and any(n.startswith("tls.") for n in names))

    looks = (_look(looked, name, asker, wants) for name, asker in askers.items())
    try:
        await asyncio.gather(*looks)
    finally:  # at the deadline too: what was found by then is said
        for statement in _statements(subject, session, looked, askers, more):
            yield statement


def _statements(
    subject: Subject,
    session: Session,
    looked: _Looked,
    askers: Mapping[str, Asker],
    more: Text | None,
) -> Iterator[Statement]:
    """All that the looks so far have established, and gaps for the rest."""
    told = _told(looked, askers)
    if not any(name in looked.surveys for name in told):
        yield from _without_tls(subject, session, looked)
        return
    session.reached(subject)
    host, port = place(subject.name)
    where = f"{host}:{port}"
    yield from _facts(points.together(told, looked.unknown), where)
    yield _addresses_seen(looked, list(told), where)
    yield _agreement(looked, told, more, where)
    surveys = {name: found for name, found in looked.surveys.items() if name in told}
    yield from certificates.state(_scribe, subject, where, surveys, session, looked.unknown)


def _told(looked: _Looked, askers: Mapping[str, Asker]) -> dict[str, list[Point]]:
    """What each address that answered told, in the order of the addresses."""
    told: dict[str, list[Point]] = {}
    for name, asker in askers.items():
        found = looked.surveys.get(name)
        if name in looked.clear:
            told[name] = [Point("offered", False, looked.clear[name].reason)]
        elif found is not None and (found.accepted or found.speaks_ssl_2):
            told[name] = [_offered(asker, found), *points.points(found)]
        elif found is not None:
            looked.unknown[name] = found.reason or UNFINISHED
    return told


async def _addresses(session: Session, host: str) -> tuple[list[str | None], Text | None]:
    """The addresses to look at, and why there may be more. None is the proxy's own choice."""
    settings = session.settings
    if settings.proxy is not None and settings.resolver is None:
        reason = Text(
            "le proxy résout le nom : ses autres adresses ne sont pas connues",
            "the proxy resolves the name: its other addresses are not known",
        )
        return [None], reason
    found = await session.door.addresses(host, purpose="which addresses to look at")
    if len(found) <= MOST:
        return list(found), None
    reason = Text(
        f"{len(found)} adresses, dont {MOST} examinées",
        f"{len(found)} addresses, {MOST} of them looked at",
    )
    return list(found[:MOST]), reason


async def _look(looked: _Looked, name: str, asker: Asker, wants: Wants) -> None:
    looked.surveys[name] = Survey(asker.address)
    try:
        await survey(asker, wants, looked.surveys[name])
    except NetworkError as error:
        del looked.surveys[name]
        match error:
            case NoTls():
                looked.clear[name] = error
            case ConnectionRefused():
                looked.closed[name] = error
            case NoRoute():
                looked.beyond[name] = error.reason
            case _:
                looked.unknown[name] = error.reason


def _offered(asker: Asker, found: Survey) -> Point:
    where = f"{asker.host}:{asker.port}"
    return Point(
        "offered", True, Text(f"{where} parle {found.newest}", f"{where} speaks {found.newest}")
    )


def _without_tls(subject: Subject, session: Session, looked: _Looked) -> Iterator[Statement]:
    """No address spoke TLS: a fact where they said so, else a gap everywhere."""
    scheme = urlsplit(subject.name).scheme
    silent = [*looked.unknown.values(), *looked.beyond.values()]
    refused = [error.reason for error in looked.closed.values()]
    if looked.clear and not looked.unknown:
        session.reached(subject)
        said = next(iter(looked.clear.values())).reason
    elif scheme == "http" and refused and not silent:
        # An http target stands on its own; nothing listens where its TLS would be.
        said = refused[0]
    else:
        reason = next(iter(silent + refused), UNFINISHED)
        for spec in facts.TLS:
            yield _scribe.gap(spec.name, reason)
        yield Census("certificate", subject, gap=reason)
        return
    yield _scribe.fact("tls.offered", False, said)
    yield Census("certificate", subject)


def _facts(stated: list[Point], where: str) -> Iterator[Statement]:
    for point in stated:
        name = f"tls.{point.name}"
        if point.value is None:
            yield _scribe.gap(name, point.reason)
        else:
            reason = point.reason
            if not reason.en.startswith(where):
                reason = Text(f"{where} : {reason.fr}", f"{where}: {reason.en}")
            yield _scribe.fact(name, point.value, reason, partial=point.partial)


def _addresses_seen(looked: _Looked, names: list[str], where: str) -> Statement:
    words = [*names]
    words += [f"{name} ({error.reason.en})" for name, error in looked.closed.items()]
    shown = ", ".join(words)
    return _scribe.fact("tls.addresses", tuple(names), Text.same(f"{where}: {shown}"))


def _agreement(
    looked: _Looked, told: dict[str, list[Point]], more: Text | None, where: str
) -> Statement:
    name = "tls.addresses_agree"
    differ = points.differing(told)
    shown = ", ".join(told)
    if differ:
        which = ", ".join(f"tls.{fact}" for fact in differ)
        return _scribe.fact(
            name,
            False,
            Text(
                f"{where} : {shown} diffèrent sur {which}",
                f"{where}: {shown} differ on {which}",
            ),
        )
    silent = looked.unknown | looked.beyond
    for address, reason in silent.items():
        unseen = Text(
            f"{address} n'a pas été vu : {reason.fr}", f"{address} was not seen: {reason.en}"
        )
        return _scribe.gap(name, unseen)
    if more is not None:
        return _scribe.gap(name, more)
    return _scribe.fact(name, True, Text(f"{where} : vu à {shown}", f"{where}: seen at {shown}"))
