"""`gdpr-audit hosting`: whose machines answer for a name, as a tree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gdpr_audit.cli import options, secret
from gdpr_audit.cli.options import HdsList
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from gdpr_audit.attribution import Atlas
    from gdpr_audit.checks.hosting.around import Around, Neighbour
    from gdpr_audit.checks.hosting.chain import Chain
    from gdpr_audit.hds import HosterList
    from gdpr_audit.model import Text
    from gdpr_audit.network import Settings


class Form(StrEnum):
    TREE = "tree"
    JSON = "json"


@dataclass(frozen=True)
class Found:
    """All that is shown of one name."""

    chain: Chain
    around: Around
    third_parties: tuple[Neighbour, ...] | None
    unread: Text | None
    told: dict[str, list[str]]


def hosting(
    host: Annotated[str, typer.Argument(help="A host, or the URL of a page on it.")],
    form: Annotated[Form, typer.Option("--format", "-f", help="How it is shown.")] = Form.TREE,
    lang: options.Language = None,
    hds_list: HdsList = None,
    resolver: options.Resolver = None,
    ca_file: options.CaFile = None,
    proxy: options.ProxyUrl = None,
    offline: options.Offline = False,
    asn_file: options.AsnFile = None,
    cloud_ranges: options.CloudRanges = None,
    journal: options.JournalFile = None,
    no_color: options.NoColor = False,
) -> None:
    """Show whose machines answer for a name: aliases, addresses, networks, CDN, mail, zone.

    Each organisation is looked up on the list of certified hosters. Nothing is judged: a name
    or an address proves no certificate. Status 3 where the name could not be looked up.
    """
    import asyncio
    import json

    from gdpr_audit.cli import progress
    from gdpr_audit.errors import NetworkError
    from gdpr_audit.network import Settings
    from gdpr_audit.reports import hosting as shown

    settings = Settings(
        resolver=options.resolver_of(resolver),
        ca_file=options.ca_file_of(ca_file),
        proxy=secret.proxy(proxy),
        journal=journal,
    )
    atlas = options.atlas(cloud_ranges, asn_file, offline=offline)
    hosters = options.hoster_list(hds_list)
    url = _url(host)
    language = lang.value if lang else "fr"
    try:
        with progress.working(f"following {url}", plain=no_color):
            found = asyncio.run(_look(url, settings, atlas))
    except NetworkError as error:
        typer.echo(f"gdpr-audit: {error.reason.within(language)}", err=True)
        raise typer.Exit(3) from None
    tree = document(found, hosters, language)
    if form is Form.JSON:
        typer.echo(json.dumps(tree, ensure_ascii=False, indent=2))
    else:
        options.console(plain=no_color).print(shown.tree(tree, language))


def _url(given: str) -> str:
    """The page to read: that of a bare host is its front page over HTTPS. Raises InputError."""
    from gdpr_audit.declaration.address import host_of, normal

    url = given if "://" in given else f"https://{given}/"
    try:
        host_of(url)
    except ValueError as error:
        raise InputError(f"{given!r}: {error}") from error
    return normal(url)


async def _look(url: str, settings: Settings, atlas: Atlas) -> Found:
    from datetime import date
    from urllib.parse import urlsplit

    from gdpr_audit.checks.hosting import around, chain, owners
    from gdpr_audit.checks.web import page
    from gdpr_audit.errors import NetworkError
    from gdpr_audit.network import Door
    from gdpr_audit.network.response import RedirectStopped

    host = urlsplit(url).hostname or ""
    async with Door(settings, day=date.today()) as door:  # noqa: DTZ011 - the user's own day
        asked = owners.Owners(door, atlas)
        found = await chain.follow(host, door, asked)
        beside = await around.look(host, door, asked)
        third: tuple[Neighbour, ...] | None = None
        unread = None
        if urlsplit(url).scheme in ("http", "https"):
            try:
                answer = await door.get(url, purpose=owners.PURPOSE)
            except RedirectStopped as error:
                answer, unread = error.response, error.reason
            except NetworkError as error:
                answer, unread = None, error.reason
            if answer is not None:
                found.signs += chain.signs(answer)
                if answer.body_gap is None and unread is None:
                    others = page.read(answer.text, answer.url).others if answer.body else ()
                    third = await around.whose(others, door, asked)
        await asked.close()
    return Found(found, beside, third, unread, asked.asked)


def document(found: Found, hosters: HosterList, language: str) -> dict[str, Any]:
    """What was found as plain values: what `-f json` prints, and the tree is drawn from."""
    chain = found.chain
    whose = {product.name: product.operator.organisation for product in chain.products}

    def listed(organisation: str | None) -> dict[str, Any] | None:
        return _listed(organisation, hosters) if organisation else None

    def named(name: str, organisation: str | None, gap: Text | None = None) -> dict[str, Any]:
        said = gap.within(language) if gap else None
        known = {"organisation": organisation, "hds": listed(organisation)}
        return {"name": name, **known, **({"gap": said} if said else {})}

    zones = {name: zone.hds for name, zone in chain.zones}
    return {
        **named(chain.host, whose.get(chain.host)),
        "aliases": [
            {**named(alias, whose.get(alias)), "hds_zone": zones.get(alias)}
            for alias in chain.aliases
        ],
        "addresses": [_address(address, chain, named) for address in chain.addresses],
        "in_front": _front(found, listed),
        "signs": [f"{sign.what} → {sign.operator.organisation}" for sign in chain.signs],
        "domain": found.around.domain,
        "mail": _beside(found.around.mail, named),
        "name_servers": _beside(found.around.name_servers, named),
        "third_parties": _beside(found.third_parties, named),
        "not_looked_at": [
            gap.within(language)
            for gap in (*chain.gaps, *found.around.gaps, *([found.unread] if found.unread else []))
        ],
        "told_outside": found.told,
        "hds_list": hosters.label,
    }


def _front(found: Found, listed: Any) -> list[dict[str, Any]] | None:
    """Who stands in front; None where nobody was found and not everything could be looked at."""
    chain = found.chain
    if not chain.cdns and (chain.gaps or found.unread or any(o.gap for o in chain.owners)):
        return None
    return [
        {"organisation": cdn.organisation, "hds": listed(cdn.organisation)} for cdn in chain.cdns
    ]


def _beside(neighbours: tuple[Neighbour, ...] | None, named: Any) -> list[dict[str, Any]] | None:
    if neighbours is None:
        return None
    return [named(n.name, n.organisation, n.gap) for n in neighbours]


def _address(address: str, chain: Chain, named: Any) -> dict[str, Any]:
    owner = next((owner for owner in chain.owners if owner.address == address), None)
    pointer = chain.pointers.get(address)
    if owner is None:
        return {"name": address, "public": address in chain.public, "pointer": pointer}
    return {
        **named(address, owner.name, owner.gap),
        "public": True,
        "links": list(owner.links),
        "region": owner.region,
        "country": owner.country,
        "pointer": pointer,
    }


def _listed(organisation: str, hosters: HosterList) -> dict[str, Any]:
    from gdpr_audit import attribution

    operator = attribution.named(organisation)
    name = (operator.listed_as if operator else None) or organisation
    found = hosters.find(name)
    if found is None:
        return {"listed": False if hosters.complete else None}
    best = found.latest
    return {
        "listed": True,
        "as": found.name,
        "activities": sorted({a for c in found.certificates for a in c.activities}),
        "referential": best.referential,
        "valid_until": best.valid_until.isoformat() if best.valid_until else None,
    }
