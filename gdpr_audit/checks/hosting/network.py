"""Whose machines answer for a target, held beside whom the declaration names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from gdpr_audit import attribution
from gdpr_audit.attribution import Operator
from gdpr_audit.checks.address import speaks_http
from gdpr_audit.checks.hosting.chain import Chain, follow, signs
from gdpr_audit.checks.hosting.force import Term, governing
from gdpr_audit.checks.hosting.listed import Company, identity, source_of
from gdpr_audit.checks.hosting.owners import PURPOSE, Owner, Owners
from gdpr_audit.checks.hosting.same import Declared, all_of, operator_of
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
    yield _zones(chain, session)


def _zones(chain: Chain, session: Session) -> Statement:
    """The zones on the way that are not for health data; there may be more that no name shows."""
    outside = tuple(f"{name} ({zone.operator})" for name, zone in chain.zones if not zone.hds)
    sources = ", ".join(dict.fromkeys(zone.source for _, zone in chain.zones)) or "—"
    text = Text(f"{chain.path.fr} [{sources}]", f"{chain.path.en} [{sources}]")
    gap = chain.gaps[0] if chain.gaps else _hidden(chain) if chain.cdns else None
    gap = gap or _zoneless(chain, session)
    return _scribe.fact("network.zones_without_hds", outside, text, partial=gap)


def _zoneless(chain: Chain, session: Session) -> Text | None:
    """Why the zone of an operator that has some is not known: no name on the way lies in one.

    Its products on the way are asked, and where there are none the hosters that are declared: a
    bare address is one of all zones.
    """
    if chain.zones:
        return None
    organisations = {product.operator.organisation for product in chain.products}
    if not chain.products:
        records = all_of(session.declaration.platform.hosting or ())
        declared = (operator_of(record, session.hosters) for record in records)
        organisations = {operator.organisation for operator in declared if operator}
    names = ", ".join(sorted(filter(attribution.has_zones, organisations)))
    if not names:
        return None
    return Text(
        f"{names} n'offre que certaines zones pour les données de santé, et aucun nom du chemin "
        f"de {chain.host} ne dit laquelle : demandez-la, avec le contrat HDS",
        f"{names} offers some zones alone for health data, and no name on the way of {chain.host} "
        "tells which: ask for it, with the HDS contract",
    )


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
    words = [_certified(cdn, session) for cdn in chain.cdns]
    lacking = [text for met, text in words if met is False]
    open_ = [text for met, text in words if met is None]
    if open_ and not lacking:
        yield _scribe.gap("network.cdn_listed", open_[0])
        return
    why = lacking[0] if lacking else words[0][1]
    text = Text(f"{why.fr} ; {seen.fr}", f"{why.en}; {seen.en}")
    yield _scribe.fact("network.cdn_listed", value=not lacking, summary=text)


def _certified(cdn: Operator, session: Session) -> tuple[bool | None, Text]:
    """Whether a certificate of a CDN counts on the audit's day, by the list alone."""
    hosters, day = session.hosters, session.day
    name, held_by = cdn.organisation, hosters.words
    company = Company.of(cdn.listed_as or name, None, hosters)
    if company.doubt is not None:
        return None, company.doubt
    if company.listed is None and not hosters.complete:
        return None, Text(
            f"{name} n'est pas sur la {held_by.fr}, ce qui ne prouve rien : demandez son "
            "certificat HDS, ou importez la liste officielle (hds import)",
            f"{name} is not on the {held_by.en}, which shows nothing: ask for its HDS "
            "certificate, or import the official list (hds import)",
        )
    if company.listed is None:
        return False, Text(
            f"{name} n'est pas sur la {held_by.fr}", f"{name} is not on the {held_by.en}"
        )
    best = governing(company.listed, None, day)
    shown = f"{name}{identity(best)}{source_of(best)}"
    match Term.of(best, None).standing(day):
        case 0:
            return False, Text(
                f"aucun certificat de {shown} ne compte le {day} ({held_by.fr})",
                f"no certificate of {shown} counts on {day} ({held_by.en})",
            )
        case 1:
            return None, Text(
                f"la {held_by.fr} ne dit pas si le certificat de {shown} compte le {day} : "
                "demandez-lui en une copie (exigence 12)",
                f"the {held_by.en} does not say whether the certificate of {shown} counts on "
                f"{day}: ask for a copy of it (requirement 12)",
            )
    return True, Text(f"{held_by.fr} : {shown}", f"{held_by.en}: {shown}")


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
        if product.operator.cdn or declared.names(organisation):
            continue
        if (doubt := declared.doubt(organisation)) is not None:
            unsettled.append(doubt)
        else:
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
    doubt = declared.doubt(owner.name) or _perhaps(owner, owner.name, declared)
    return doubt or owner.name


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
    said = {country for hoster in all_of(hosting) for country in hoster.countries or ()}
    placed = [owner for owner in chain.owners if owner.country]
    if placed and not said:
        where = ", ".join(f"{owner.path} ({owner.country})" for owner in placed)
        return _scribe.gap(
            name,
            Text(
                f"aucun « countries » n'est déclaré, à quoi comparer la région vue : {where}",
                f"no `countries` is declared, to hold the region seen against: {where}",
            ),
        )
    astray = [owner for owner in placed if owner.country not in said]
    if astray:
        where = ", ".join(f"{owner.path} ({owner.country})" for owner in astray)
        text = Text(
            f"vu : {where} ; pays déclarés : {', '.join(sorted(said))}",
            f"seen: {where}; countries declared: {', '.join(sorted(said))}",
        )
        return _scribe.fact(name, value=True, summary=text)
    if placed:
        return _scribe.fact(name, value=False, summary=chain.path)
    none = Text(
        "aucune région publiée ne contredit la déclaration",
        "no published region contradicts the declaration",
    )
    return _scribe.fact(name, value=False, summary=none)
