"""Each registrable domain of the targets: DNSSEC, SPF, DMARC, the way of its mail, AXFR."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gdpr_audit.checks.naming import mail
from gdpr_audit.checks.naming.domains import domains
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.errors import NetworkError, OutOfMandate
from gdpr_audit.model import (
    TARGET,
    About,
    Census,
    Fact,
    Gap,
    Origin,
    Statement,
    Subject,
    Text,
)

_scribe = Scribe("domain", Origin.PUBLISHED)
SERVERS = 4  # name servers asked for a transfer


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    found = [Subject("domain", name, within=subject) for name in domains(session)]
    # targets that nobody declared may be in domains that nobody saw
    unseen = next((c.gap for c in session.declaration.census if c.kind == TARGET), None)
    yield Census("domain", subject, tuple(found), gap=unseen)
    for domain in found:
        for wanted, part in _PARTS:
            if not session.wants(*wanted):
                continue
            async for statement in part(domain.name, session):
                yield About(domain, statement)


async def _signatures(domain: str, session: Session) -> AsyncIterator[Fact | Gap]:
    try:
        seen = await session.door.signatures(domain, purpose="DNSSEC")
    except NetworkError as error:
        yield _scribe.gap("zone.signed", error.reason)
        yield _scribe.gap("zone.valid", error.reason)
        return
    yield _scribe.fact("zone.signed", seen.signed, seen.words)
    if seen.valid is None:
        yield _scribe.gap("zone.valid", seen.words)
    else:
        yield _scribe.fact("zone.valid", seen.valid, seen.words)


async def _transfer(domain: str, session: Session) -> AsyncIterator[Fact | Gap]:
    """Each name server is asked; the first that gives the zone settles it."""
    name = "zone.transfer_open"
    refused: list[str] = []
    gaps: list[Text] = []
    try:
        answer = await session.door.lookup(domain, "NS", purpose="name servers")
        servers = [record.rstrip(".") for record in answer.records][:SERVERS]
    except NetworkError as error:
        yield _scribe.gap(name, error.reason)
        return
    for server in servers:
        try:
            count, code = await session.door.transfer(domain, server)
        except OutOfMandate as error:
            gaps.append(error.reason)
            continue
        except NetworkError as error:
            gaps.append(Text(f"{server} : {error.reason.fr}", f"{server}: {error.reason.en}"))
            continue
        if count:
            given = Text(
                f"{server} a commencé à donner la zone {domain} ({count} enregistrements lus, non "
                "conservés)",
                f"{server} began to give the zone {domain} ({count} records read, not kept)",
            )
            yield _scribe.fact(name, True, given, Origin.MEASURED)
            return
        refused.append(f"{server} ({code})")
    none = Text(f"{domain} n'a pas de serveur de noms", f"{domain} has no name server")
    if gaps or not refused:
        yield _scribe.gap(name, next(iter(gaps), none))
        return
    names = ", ".join(refused)
    yield _scribe.fact(
        name, False, Text(f"refusé par {names}", f"refused by {names}"), Origin.MEASURED
    )


_PARTS = (
    (("zone.signed", "zone.valid"), _signatures),
    (("zone.transfer_open",), _transfer),
    (("spf.",), mail.spf),
    (("dmarc.",), mail.dmarc),
    (("mail.",), mail.transport),
)
