"""Whose machines answer for a target, held beside whom the declaration names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from gdpr_audit.checks.address import speaks_http
from gdpr_audit.checks.hosting.chain import Chain, follow, signs
from gdpr_audit.checks.hosting.owners import PURPOSE, Owner, Owners
from gdpr_audit.checks.hosting.same import Declared
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Origin, Statement, Subject, Text
from gdpr_audit.network.response import RedirectStopped

_scribe = Scribe("network", Origin.PUBLISHED)
#: Facts that an address in private use leaves open: it has no public owner.
_OWNED = (
    "operators", "operator_declared", "country_contradicted", "cdn", "cdn_listed", "chain",
    "zones_without_hds", "told_outside",
)  # fmt: skip


async def owners_of(session: Session) -> Owners:
    """The one place that asks after addresses in an audit."""

    async def made() -> Owners:
        return Owners(session.door, session.atlas)

    found = await session.once("owners", session.declaration.subject, made)
    assert isinstance(found, Owners)
    return found


async def chain_of(target: Subject, session: Session) -> Chain:
    """The chain of a target, followed once. Raises NetworkError."""

    async def look() -> Chain:
        chain = await follow(_host(target), session.door, await owners_of(session))
        if speaks_http(target.name) and chain.public:
            try:
                answer = await session.door.get(target.name, purpose=PURPOSE, redirects=0)
            except RedirectStopped as error:
                answer = error.response
            except NetworkError as error:
                chain.unseen = error.reason
                return chain
            chain.signs += signs(answer)
        return chain

    found = await session.once("chain", target, look)
    assert isinstance(found, Chain)
    return found


def _host(target: Subject) -> str:
    return urlsplit(target.name).hostname or ""


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    chain = await chain_of(subject, session)
    host, shown = chain.host, ", ".join(chain.addresses[:8])
    words = Text(f"{host} a pour adresse {shown}", f"{host} has the address {shown}")
    yield _scribe.fact("network.address_public", bool(chain.public), words, Origin.MEASURED)
    if not chain.public:
        reason = Text(
            f"{host} a une adresse privée ou locale ({shown}) : nul propriétaire public à chercher",
            f"{host} has a private or local address ({shown}): no public owner to look up",
        )
        for name in _OWNED:
            yield _scribe.gap(f"network.{name}", reason)
        return
    for statement in _statements(chain, session):
        yield statement
    told = (await owners_of(session)).asked
    mine = {service: [a for a in told[service] if a in chain.addresses] for service in told}
    lines = tuple(f"{service}: {', '.join(mine[service])}" for service in mine if mine[service])
    yield _scribe.fact("network.told_outside", lines, _told(lines), Origin.MEASURED)


def _told(lines: tuple[str, ...]) -> Text:
    if not lines:
        return Text("aucune adresse n'a été transmise", "no address was sent to anyone")
    sent = " ; ".join(lines)
    return Text(
        f"adresses transmises à des services extérieurs : {sent} (--offline l'interdit)",
        f"addresses sent to outside services: {sent} (--offline forbids it)",
    )


def _statements(chain: Chain, session: Session) -> Iterator[Statement]:
    seen = chain.path
    yield _scribe.fact("network.chain", chain.lines, seen)
    unsettled = _open(chain)
    if unsettled is None or chain.operators:
        yield _scribe.fact("network.operators", chain.operators, seen, partial=unsettled)
    else:
        yield _scribe.gap("network.operators", unsettled)
    yield _declared(chain, session)
    yield _countries(chain, session)
    yield from _front(chain, session)
    outside = tuple(f"{name} ({zone.operator})" for name, zone in chain.zones if not zone.hds)
    sources = ", ".join(dict.fromkeys(zone.source for _, zone in chain.zones)) or "—"
    text = Text(f"{seen.fr} [{sources}]", f"{seen.en} [{sources}]")
    gap = chain.gaps[0] if chain.gaps else None
    yield _scribe.fact("network.zones_without_hds", outside, text, partial=gap)


def _open(chain: Chain) -> Text | None:
    """Why more organisations may stand behind the name than were found."""
    gaps = [*chain.gaps, *(owner.gap for owner in chain.owners if owner.gap)]
    if not gaps:
        return None
    return Text(
        f"l'exploitant de {chain.host} n'a pas pu être établi en entier : {gaps[0].fr}",
        f"who runs {chain.host} could not be established in full: {gaps[0].en}",
    )


def _front(chain: Chain, session: Session) -> Iterator[Statement]:
    """Whether a CDN answers, and whether all that do are on the list."""
    seen = chain.path
    if not chain.cdns:
        unsettled = _open(chain) or chain.unseen
        if unsettled is not None:
            yield _scribe.gap("network.cdn", unsettled)
            yield _scribe.gap("network.cdn_listed", unsettled)
            return
        none = Text("aucun CDN reconnu", "no content-delivery network recognised")
        yield _scribe.fact("network.cdn", value=False, summary=seen)
        yield _scribe.gap("network.cdn_listed", none)
        return
    yield _scribe.fact("network.cdn", value=True, summary=seen)
    lacking = [
        cdn.organisation
        for cdn in chain.cdns
        if session.hosters.find(cdn.listed_as or cdn.organisation) is None
    ]
    if lacking and not session.hosters.complete:
        names = ", ".join(lacking)
        yield _scribe.gap(
            "network.cdn_listed",
            Text(
                f"{names} n'est pas sur la liste partielle, ce qui ne prouve rien : demandez son "
                "certificat HDS, ou importez la liste officielle (hds import)",
                f"{names} is not on the partial list, which shows nothing: ask for its HDS "
                "certificate, or import the official list (hds import)",
            ),
        )
        return
    yield _scribe.fact("network.cdn_listed", value=not lacking, summary=seen)


def _declared(chain: Chain, session: Session) -> Statement:
    name = "network.operator_declared"
    platform = session.declaration.platform
    if platform.hosting is None:
        return _scribe.gap(
            name, session.declaration.missing(session.declaration.subject, "hosting")
        )
    declared = Declared.of(platform, session.hosters)
    strangers, unsettled = weigh(chain, declared)
    who = ", ".join((*declared.providers, *(["self"] if declared.own else []))) or "—"
    if strangers:
        names = ", ".join(strangers)
        text = Text(
            f"vu : {names} ; déclaré : {who} ; chemin : {chain.path.fr}",
            f"seen: {names}; declared: {who}; path: {chain.path.en}",
        )
        return _scribe.fact(name, value=False, summary=text)
    if unsettled:
        return _scribe.gap(name, unsettled[0])
    text = Text(
        f"déclaré : {who} ; chemin : {chain.path.fr}", f"declared: {who}; path: {chain.path.en}"
    )
    return _scribe.fact(name, value=True, summary=text)


def weigh(chain: Chain, declared: Declared) -> tuple[tuple[str, ...], list[Text]]:
    """Organisations on the way that nobody declared, and what may hide or be one.

    Each layer counts by itself: the product that a CNAME names, and the network of each address.
    """
    strangers: list[str] = []
    unsettled = list(chain.gaps)
    for product in chain.products:
        organisation = product.operator.organisation
        if not product.operator.cdn and not declared.names(organisation):
            strangers.append(organisation)
    if chain.hidden:
        unsettled.insert(0, _hidden(chain))
        return tuple(dict.fromkeys(strangers)), unsettled
    for owner in chain.owners:
        match _one(owner, chain, declared):
            case str(stranger):
                strangers.append(stranger)
            case Text() as gap:
                unsettled.append(gap)
    return tuple(dict.fromkeys(strangers)), unsettled


def _one(owner: Owner, chain: Chain, declared: Declared) -> str | Text | None:
    """A stranger's name, why the owner settles nothing, or None where it is accounted for."""
    if owner.name is None:
        return owner.gap
    if owner.operator and owner.operator.cdn:
        return _hidden(chain)
    own_premises = declared.own and owner.operator is not None and owner.operator.access
    if own_premises or declared.names(owner.name) or declared.carries(owner.name):
        return None
    return _perhaps(owner, owner.name, declared) or owner.name


def _perhaps(owner: Owner, name: str, declared: Declared) -> Text | None:
    """Why a name that is not declared may be accounted for all the same."""
    if declared.own and owner.operator is None:
        return Text(
            f"{owner.path} : rien ne dit si {name} n'est que votre fournisseur d'accès ; "
            "demandez à qui sont ces machines",
            f"{owner.path}: nothing says whether {name} is only your access provider; ask whose "
            "machines these are",
        )
    near = declared.near(name) if owner.handle else None
    if near is None:
        return None
    return Text(
        f"{owner.path} : ce nom de réseau ressemble à {near} sans le prouver ; demandez-lui si "
        "ces adresses sont les siennes",
        f"{owner.path}: this network's name resembles {near}, which proves nothing; ask it whether "
        "these addresses are its own",
    )


def _hidden(chain: Chain) -> Text:
    names = ", ".join(cdn.organisation for cdn in chain.cdns)
    host = chain.host
    return Text(
        f"{names} répond pour {host} et cache l'hébergeur d'origine : demandez à l'exploitant qui "
        "l'héberge, son contrat et son certificat HDS, ou donnez l'adresse d'origine pour cible",
        f"{names} answers for {host} and hides the origin's hoster: ask the operator who hosts "
        "it, for the contract and the HDS certificate, or name the origin's address as a target",
    )


def _countries(chain: Chain, session: Session) -> Statement:
    """Whether a published region lies in a country that no hoster's `countries` name."""
    name = "network.country_contradicted"
    hosting = session.declaration.platform.hosting
    if hosting is None:
        return _scribe.gap(
            name, session.declaration.missing(session.declaration.subject, "hosting")
        )
    said = {country for hoster in hosting for country in hoster.countries or ()}
    placed = [owner for owner in chain.owners if owner.country]
    astray = [owner for owner in placed if said and owner.country not in said]
    if astray:
        where = ", ".join(f"{owner.path} ({owner.country})" for owner in astray)
        text = Text(
            f"vu : {where} ; pays déclarés : {', '.join(sorted(said))}",
            f"seen: {where}; countries declared: {', '.join(sorted(said))}",
        )
        return _scribe.fact(name, value=True, summary=text)
    if placed and said:
        return _scribe.fact(name, value=False, summary=chain.path)
    none = Text(
        "aucune région publiée ne contredit la déclaration",
        "no published region contradicts the declaration",
    )
    return _scribe.fact(name, value=False, summary=none)
