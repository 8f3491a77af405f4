"""Whose machines answer for a target: its CNAMEs, its addresses' PTR and origin AS.

A name names the product, an address only the network below it: both are kept, and no more is
claimed than they show.
"""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.errors import NetworkError
from gdpr_audit.hds import attribution
from gdpr_audit.hds.hosters import key
from gdpr_audit.model import Origin, Statement, Subject, Text

_scribe = Scribe("network", Origin.PUBLISHED)
_PURPOSE = "whose machines answer"
_MOST = 4  # addresses asked after; a name with more is one operator's all the same


@dataclass
class _Trail:
    """What was found on the way, each link in words."""

    operators: list[str] = field(default_factory=list)
    cdns: list[attribution.Operator] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    failures: list[Text] = field(default_factory=list)

    def note(self, operator: attribution.Operator | None, link: str) -> None:
        self.links.append(f"{link} → {operator.organisation}" if operator else link)
        if operator is not None:
            if operator.organisation not in self.operators:
                self.operators.append(operator.organisation)
            if operator.cdn:
                self.cdns.append(operator)


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    host = urlsplit(subject.name).hostname or ""
    addresses = await session.door.addresses(host, purpose=_PURPOSE)
    public = [a for a in addresses if ipaddress.ip_address(a).is_global]
    shown = ", ".join(addresses)
    yield _scribe.fact(
        "network.address_public",
        bool(public),
        Text(f"{host} a pour adresse {shown}", f"{host} has the address {shown}"),
        Origin.MEASURED,
    )
    if not public:
        reason = Text(
            f"{host} a une adresse privée ou locale ({shown}) : nul propriétaire public à chercher",
            f"{host} has a private or local address ({shown}): no public owner to look up",
        )
        for name in ("operators", "operator_declared", "cdn", "cdn_listed"):
            yield _scribe.gap(f"network.{name}", reason)
        return
    trail = await _follow(host, public, session)
    for statement in _statements(host, trail, session):
        yield statement


async def _follow(host: str, addresses: list[str], session: Session) -> _Trail:
    trail = _Trail()
    try:
        answer = await session.door.lookup(host, "A", purpose=_PURPOSE)
        trail.note(attribution.by_name(host), host)
        for name in answer.chain:
            trail.note(attribution.by_name(name), f"CNAME {name}")
    except NetworkError as error:
        trail.failures.append(error.reason)
    for address in addresses[:_MOST]:
        await _origin(address, trail, session)
        await _reverse(address, trail, session)
    return trail


async def _origin(address: str, trail: _Trail, session: Session) -> None:
    try:
        answer = await session.door.lookup(
            attribution.origin_query(address), "TXT", purpose=_PURPOSE
        )
        origin = attribution.parse_origin(answer.records)
        if origin is None:
            return
        operator = attribution.by_asn(origin.asns)
        words = f"{address} ∈ {origin.prefix}, AS{origin.asns[0]}"
        if operator is None:
            holder = await session.door.lookup(
                attribution.name_query(origin.asns[0]), "TXT", purpose=_PURPOSE
            )
            if name := attribution.parse_name(holder.records):
                trail.links.append(f"{words} ({name})")
                if name not in trail.operators:
                    trail.operators.append(name)
                return
        trail.note(operator, words)
    except NetworkError as error:
        trail.failures.append(error.reason)


async def _reverse(address: str, trail: _Trail, session: Session) -> None:
    """PTR is whatever the tenant set: kept as a link, never against another's word."""
    pointer = ipaddress.ip_address(address).reverse_pointer
    try:
        answer = await session.door.lookup(pointer, "PTR", purpose=_PURPOSE)
    except NetworkError as error:
        trail.failures.append(error.reason)
        return
    for name in answer.records[:2]:
        trail.note(attribution.by_name(name), f"PTR {name.rstrip('.')}")


def _statements(host: str, trail: _Trail, session: Session) -> list[Statement]:
    names = ("operators", "operator_declared", "cdn", "cdn_listed")
    if not trail.operators:
        why = trail.failures[0] if trail.failures else Text("rien ne le nomme", "nothing names it")
        reason = Text(
            f"l'exploitant de {host} n'a pas pu être établi : {why.fr}",
            f"who runs {host} could not be established: {why.en}",
        )
        return [_scribe.gap(f"network.{name}", reason) for name in names]
    path = " ; ".join((host, *trail.links))
    seen = Text.same(path)
    found: list[Statement] = [
        _scribe.fact("network.operators", tuple(trail.operators), seen),
        _scribe.fact("network.cdn", bool(trail.cdns), seen),
        _declared(host, trail, seen, session),
    ]
    if not trail.cdns:
        none = Text("aucun CDN reconnu", "no content-delivery network recognised")
        return [*found, _scribe.gap("network.cdn_listed", none)]
    cdn = trail.cdns[0]
    if session.hosters.find(cdn.listed_as or cdn.organisation) is not None:
        return [*found, _scribe.fact("network.cdn_listed", True, seen)]
    if session.hosters.complete:
        return [*found, _scribe.fact("network.cdn_listed", False, seen)]
    partial = Text(
        f"{cdn.organisation} n'est pas sur la liste partielle, ce qui ne prouve rien",
        f"{cdn.organisation} is not on the partial list, which shows nothing",
    )
    return [*found, _scribe.gap("network.cdn_listed", partial)]


def _declared(host: str, trail: _Trail, seen: Text, session: Session) -> Statement:
    name = "network.operator_declared"
    hosters = session.declaration.platform.hosting
    if hosters is None:
        return _scribe.gap(
            name, session.declaration.missing(session.declaration.subject, "hosting")
        )
    declared = [h.provider for h in hosters]
    declared += [s.provider for h in hosters for s in h.subcontractors or ()]
    if trail.cdns and not any(_same(o, d, session) for o in trail.operators for d in declared):
        cdn = trail.cdns[0].organisation
        return _scribe.gap(
            name,
            Text(
                f"{cdn} répond pour {host} et cache l'hébergeur d'origine : demandez qui il est",
                f"{cdn} answers for {host} and hides the origin's hoster: ask who that is",
            ),
        )
    met = any(_same(o, d, session) for o in trail.operators for d in declared)
    return _scribe.fact(name, met, seen)


def _same(operator: str, provider: str, session: Session) -> bool:
    """Whether the two are one organisation, by name or by an entry of the list that has both."""
    if key(operator) == key(provider):
        return True
    ours, theirs = session.hosters.find(operator), session.hosters.find(provider)
    if ours is not None and ours is theirs:
        return True
    known = next((o for o in attribution.operators() if o.organisation == operator), None)
    return bool(known and known.listed_as and key(known.listed_as) == key(provider))
