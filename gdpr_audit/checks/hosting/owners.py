"""Whose an address is: published ranges, origin AS, registration.

In that order, the surest first: a cloud's own list names the region as well; an AS names the
network; a registration may name a small hoster inside someone else's AS. Team Cymru and the
registries are told the address: `--offline` forbids both.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from gdpr_audit import attribution
from gdpr_audit.attribution import Atlas, Operator, cymru, rdap
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Text
from gdpr_audit.network import Door

PURPOSE = "whose machines answer"
_OFFLINE = Text(
    "les recherches auprès de services extérieurs sont interdites (--offline)",
    "look-ups at outside services are forbidden (--offline)",
)
_COUNTRY = re.compile(r",\s*[A-Z]{2}$")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose one address is, and by which words of whom.

    `name` is the organisation as the table, the registry or the AS spells it; `handle`: it is
    only the AS's own name, which may be an abbreviation. With no name, `gap` says why.
    """

    address: str
    operator: Operator | None = None
    name: str | None = None
    handle: bool = False
    region: str | None = None
    country: str | None = None
    links: tuple[str, ...] = ()
    gap: Text | None = None

    @property
    def path(self) -> str:
        shown = " → ".join((self.address, *self.links))
        return f"{shown} → {self.name}" if self.name else shown


class Owners:
    """Asks after each address once in an audit; `asked` are those that others were told."""

    def __init__(self, door: Door, atlas: Atlas) -> None:
        self._door, self._atlas = door, atlas
        self._known: dict[str, asyncio.Task[Owner]] = {}
        self._registered: dict[str, asyncio.Task[rdap.Registration | None]] = {}
        self.asked: dict[str, list[str]] = {}

    async def of(self, address: str) -> Owner:
        """Never raises for what could not be looked up: that is the owner's `gap`."""
        if address not in self._known:
            self._known[address] = asyncio.create_task(self._look(address))
        return await asyncio.shield(self._known[address])

    def _told(self, service: str, address: str) -> None:
        told = self.asked.setdefault(service, [])
        if address not in told:
            told.append(address)

    async def _look(self, address: str) -> Owner:
        if (found := self._atlas.range_of(address)) is not None:
            link = f"{found.prefix} ({found.region or found.service or '?'})"
            operator = attribution.named(found.operator)
            where = (found.region, found.country)
            return Owner(address, operator, found.operator, False, *where, links=(link,))
        if self._atlas.networks is not None:
            return await self._by_file(address)
        if self._atlas.offline:
            return Owner(address, gap=_OFFLINE)
        try:
            return await self._by_cymru(address)
        except NetworkError as error:
            return Owner(address, gap=error.reason)

    async def _by_file(self, address: str) -> Owner:
        found = self._atlas.origin_of(address)
        file = self._atlas.networks_file
        if found is None:
            return Owner(
                address,
                gap=Text(f"{address} n'est pas dans {file}", f"{address} is not in {file}"),
            )
        link = f"AS{found.asn} ({file})"
        operator = attribution.by_asn([found.asn])
        if operator is not None:
            return Owner(address, operator, operator.organisation, links=(link,))
        name = _plain(found.name)
        return await self._registrant(address, "", found.prefix or address, name, (link,))

    async def _by_cymru(self, address: str) -> Owner:
        self._told(cymru.SERVICE, address)
        answer = await self._door.lookup(cymru.origin_query(address), "TXT", purpose=PURPOSE)
        origin = cymru.parse_origin(answer.records)
        if origin is None:
            return Owner(
                address,
                gap=Text(
                    f"{address} n'est annoncée par aucun réseau connu de Team Cymru",
                    f"{address} is announced by no network that Team Cymru knows",
                ),
            )
        if (several := _several(origin.asns)) is not None:
            return Owner(address, gap=several)
        link = f"{origin.prefix}, AS{origin.asns[0]} (Team Cymru)"
        operator = attribution.by_asn(origin.asns)
        if operator is not None and not operator.access:
            return Owner(address, operator, operator.organisation, links=(link,))
        name = operator.organisation if operator else await self._holder(origin.asns[0])
        return await self._registrant(
            address, origin.registry, origin.prefix, name, (link,), operator
        )

    async def _holder(self, asn: int) -> str | None:
        answer = await self._door.lookup(cymru.name_query(asn), "TXT", purpose=PURPOSE)
        return _plain(cymru.parse_name(answer.records))

    async def _registrant(
        self,
        address: str,
        registry: str,
        prefix: str,
        name: str | None,
        links: tuple[str, ...],
        operator: Operator | None = None,
    ) -> Owner:
        """Who holds the block, where the AS alone names nobody that is known as a hoster."""
        url = rdap.url_of(registry, address)
        why: Text | None = _OFFLINE if self._atlas.offline else None
        found: rdap.Registration | None = None
        if url is not None and why is None:
            self._told(f"RDAP ({registry})", address)
            try:
                found = await self._registration(url, prefix)
            except NetworkError as error:
                why = error.reason
        if found is not None and found.organisation:
            link = f"RDAP {found.handle or found.network or registry}"
            return Owner(address, None, found.organisation, links=(*links, link))
        if name is None:
            unnamed = Text("rien ne nomme son réseau", "nothing names its network")
            return Owner(address, links=links, gap=why or unnamed)
        return Owner(address, operator, name, operator is None, links=links)

    async def _registration(self, url: str, prefix: str) -> rdap.Registration | None:
        if prefix not in self._registered:
            self._registered[prefix] = asyncio.create_task(self._ask(url))
        return await asyncio.shield(self._registered[prefix])

    async def _ask(self, url: str) -> rdap.Registration | None:
        answer = await self._door.get(
            url,
            purpose=PURPOSE,
            headers={"Accept": "application/rdap+json"},
            redirects=2,
            limit=rdap.LIMIT,
            verified=True,
        )
        return rdap.parse(answer.body) if answer.status == 200 else None

    async def close(self) -> None:
        tasks = (*self._known.values(), *self._registered.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _several(asns: tuple[int, ...]) -> Text | None:
    """Why an address that networks of several owners announce is nobody's: any may answer."""
    owners = [attribution.by_asn([asn]) for asn in asns]
    if len(asns) == 1 or (None not in owners and len(set(owners)) == 1):
        return None
    shown = ", ".join(
        f"AS{asn} ({owner.organisation if owner else '?'})"
        for asn, owner in zip(asns, owners, strict=True)
    )
    return Text(
        f"plusieurs réseaux annoncent cette adresse, et n'importe lequel peut répondre : {shown}",
        f"several networks announce this address, and any of them may answer: {shown}",
    )


def _plain(name: str | None) -> str | None:
    """An AS's holder without the country that Team Cymru puts behind it: `OVH, FR`."""
    return _COUNTRY.sub("", name.strip()) or None if name else None
