"""Each hoster, declared or seen, held beside the list of certified ones.

A hoster that the network shows and the declaration does not name is a hoster all the same: it
is judged by the same rules, by what is published of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gdpr_audit.checks.hosting.guarantee import guarantees
from gdpr_audit.checks.hosting.network import chain_of, weigh
from gdpr_audit.checks.hosting.same import Declared, all_of
from gdpr_audit.checks.hosting.seen import Seen
from gdpr_audit.checks.hosting.seen import statements as seen_statements
from gdpr_audit.checks.hosting.teller import Teller
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.declaration import schema
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import About, Census, Origin, Statement, Subject, Text


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    """All hosters of the platform: those declared, then those that only the network shows."""
    declaration = session.declaration
    named = Declared.of(declaration.platform, session.hosters)
    seen = await _seen_once(session, named)
    census = next(c for c in declaration.census if c.kind == "hoster" and c.within == subject)
    strangers = {}
    for one in seen.values():
        if named.match(one.name) is False and not named.carries(one.name):
            strangers[Subject("hoster", one.name, within=subject)] = one
    taken = {hoster.name for hoster in census.subjects}
    strangers = {s: one for s, one in strangers.items() if s.name not in taken}
    yield Census("hoster", subject, (*census.subjects, *strangers), census.gap or _nobody(session))
    for hoster in census.subjects:
        teller = Teller(hoster, session, Scribe("hosting", Origin.DECLARED), "hoster")
        for statement in teller.statements(_of(teller.record, seen, named, session)):
            yield About(hoster, statement)
        for statement in teller.contract():
            yield About(hoster, statement)
        async for statement in guarantees(teller, session):
            yield About(hoster, statement)
    for hoster, one in strangers.items():
        for statement in seen_statements(one, session):
            yield About(hoster, statement)
        silent = Text(
            f"{one.name} n'est pas déclaré, ni donc ses sous-traitants",
            f"{one.name} is not declared, nor are its subcontractors",
        )
        yield Census("subcontractor", hoster, gap=silent)


def _nobody(session: Session) -> Text | None:
    """An empty section is no answer: somebody hosts a platform."""
    if session.declaration.platform.hosting:
        return None
    return Text("« hosting » ne nomme aucun hébergeur", "`hosting` names no hoster")


def _of(
    record: schema.Hoster, seen: dict[str, Seen], named: Declared, session: Session
) -> list[Seen]:
    """What was seen of a hoster, of its subcontractors, and of those its product runs on.

    The last unless they are declared as hosters in their own name, and answer for themselves.
    """
    lone = Declared.only(all_of([record]), session.hosters)
    return [
        one
        for one in seen.values()
        if lone.names(one.name) or (lone.carries(one.name) and not named.names(one.name))
    ]


async def _seen_once(session: Session, named: Declared) -> dict[str, Seen]:
    async def look() -> dict[str, Seen]:
        return await _seen(session, named)

    found: dict[str, Seen] = await session.once("seen hosters", session.declaration.subject, look)
    return found


async def _seen(session: Session, named: Declared) -> dict[str, Seen]:
    """Every organisation on the way to a target that hosts, and is not in front of who does."""
    chains = await asyncio.gather(
        *(chain_of(target, session) for target in session.declaration.targets),
        return_exceptions=True,
    )
    found: dict[str, Seen] = {}
    for chain in chains:
        if isinstance(chain, NetworkError):
            continue  # the target's own finding says that it could not be looked at
        if isinstance(chain, BaseException):
            raise chain
        strangers, _ = weigh(chain, named)
        for product in chain.products:
            if not product.operator.cdn:
                name = product.operator.organisation
                found.setdefault(name, Seen(name)).paths.append(chain.path)
        for owner in () if chain.hidden else chain.owners:
            if owner.name is None or (owner.operator and owner.operator.cdn):
                continue
            known = named.names(owner.name) or named.carries(owner.name)
            if owner.name in strangers or known:
                one = found.setdefault(owner.name, Seen(owner.name))
                one.paths.append(Text.same(f"{chain.host} → {owner.path}"))
                one.owners.append(owner)
    return found


async def observe_subcontractor(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    teller = Teller(subject, session, Scribe("subcontractor", Origin.DECLARED), "subcontractor")
    mine: list[Seen] = []
    if session.wants("hoster.in_eea", "subcontractor.in_eea"):  # else nobody looks at the network
        named = Declared.of(session.declaration.platform, session.hosters)
        mine = _of(teller.record, await _seen_once(session, named), named, session)
    for statement in teller.statements(mine):
        yield statement
    yield teller.uncovered()
