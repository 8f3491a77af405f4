"""One target's name: its CAA records and where its CNAMEs lead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from gdpr_audit.checks.domains import domain_of
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.errors import NetworkError, ResolutionFailed
from gdpr_audit.model import Origin, Statement, Subject, Text
from gdpr_audit.network.names import Answer

_scribe = Scribe("name", Origin.PUBLISHED)
PURPOSE = "CAA and aliases of the name"
ALIASES = 8  #: asked for one after another, where a server does not follow them itself


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    host = (urlsplit(subject.name).hostname or "").rstrip(".")
    domain = domain_of(host)
    shown = Text.same(host)
    if domain is None:
        outside = Text(f"{host} n'est pas un nom du DNS", f"{host} is no name of the DNS")
        yield _scribe.fact("name.in_dns", False, outside)
        return
    yield _scribe.fact("name.in_dns", True, shown)
    yield await _caa(host, domain, session)
    yield await _dangling(host, session)


def climb(host: str, domain: str) -> Iterator[str]:
    """The name, then each above it, up to the registrable domain (RFC 8659 section 3)."""
    labels = host.split(".")
    for start in range(len(labels) - domain.count(".")):
        yield ".".join(labels[start:])


async def _caa(host: str, domain: str, session: Session) -> Statement:
    tried = []
    for name in climb(host, domain):
        try:
            answer = await session.door.lookup(name, "CAA", purpose=PURPOSE)
        except NetworkError as error:
            return _scribe.gap("name.caa", error.reason)
        if answer.records:
            shown = Text.same(f"{name} CAA {'; '.join(answer.records[:5])}")
            return _scribe.fact("name.caa", True, shown)
        tried.append(name)
    names = ", ".join(tried)
    return _scribe.fact("name.caa", False, Text(f"aucun CAA à {names}", f"no CAA at {names}"))


async def _dangling(host: str, session: Session) -> Statement:
    name = "name.dangling"
    missing = []
    for rdtype in ("A", "AAAA"):
        try:
            answer = await session.door.lookup(host, rdtype, purpose=PURPOSE)
        except NetworkError as error:
            return _scribe.gap(name, error.reason)
        if not answer.chain:
            none = Text(f"{host} n'a pas de CNAME", f"{host} has no CNAME")
            return _scribe.fact(name, False, none)
        chain = " → ".join((host, *answer.chain))
        if answer.records:
            leads = Text(f"{chain} mène à une adresse", f"{chain} leads to an address")
            return _scribe.fact(name, False, leads)
        missing.append(not answer.exists)
    if not any(missing):  # each server may answer for its own zone alone
        try:
            answer, more = await _followed(answer, session)
        except NetworkError as error:
            return _scribe.gap(name, error.reason)
        chain = " → ".join((chain, *more))
        missing.append(not answer.exists)
    end = chain.rpartition(" ")[2]
    if any(missing):
        gone = Text(f"{chain} : {end} n'existe pas", f"{chain}: {end} does not exist")
        return _scribe.fact(name, True, gone)
    empty = Text(f"{chain} : {end} n'a pas d'adresse", f"{chain}: {end} has no address")
    return _scribe.fact(name, False, empty)


async def _followed(answer: Answer, session: Session) -> tuple[Answer, list[str]]:
    """The answer at the end of an answer's aliases, and the aliases beyond. Raises NetworkError."""
    more: list[str] = []
    end = answer.chain[-1]
    for _ in range(ALIASES):
        answer = await session.door.lookup(end, "A", purpose=PURPOSE)
        if answer.records or not answer.chain:
            return answer, more
        more += answer.chain
        end = answer.chain[-1]
    raise ResolutionFailed(
        Text(f"les alias de {end} ne finissent pas", f"the aliases of {end} do not end")
    )
