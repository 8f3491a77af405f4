"""What stands around a name: who takes its mail, who answers for its zone.

Weak evidence of where the application runs, and its own question all the same: mail carries
appointments, and whoever holds the zone can lead the name elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from gdpr_audit import attribution
from gdpr_audit.checks.domains import domain_of
from gdpr_audit.checks.hosting.owners import PURPOSE, Owners
from gdpr_audit.checks.trackers import tracker_of
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Text
from gdpr_audit.network import Door

MOST = 12  # hosts of one kind looked at


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A host beside the platform, and whose it is; `gap` says why that is not known."""

    name: str
    organisation: str | None
    gap: Text | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """The neighbours of one name; None where they could not be asked for, and a gap says why."""

    domain: str | None
    mail: tuple[Neighbour, ...] | None = None
    name_servers: tuple[Neighbour, ...] | None = None
    gaps: tuple[Text, ...] = ()


async def look(host: str, door: Door, owners: Owners) -> Around:
    """Mail exchangers and name servers of the name's registrable domain. Never raises."""
    domain = domain_of(host)
    if domain is None:
        return Around(None)
    gaps: list[Text] = []
    mail = await _named(domain, "MX", door, owners, gaps)
    servers = await _named(domain, "NS", door, owners, gaps)
    return Around(domain, mail, servers, tuple(gaps))


async def _named(
    domain: str, rdtype: str, door: Door, owners: Owners, gaps: list[Text]
) -> tuple[Neighbour, ...] | None:
    try:
        answer = await door.lookup(domain, rdtype, purpose=PURPOSE)
    except NetworkError as error:
        gaps.append(error.reason)
        return None
    names = (record.split()[-1].rstrip(".").lower() for record in answer.records)
    return await whose((n for n in names if n), door, owners)  # "0 ." takes no mail (RFC 7505)


async def whose(names: Iterable[str], door: Door, owners: Owners) -> tuple[Neighbour, ...]:
    """Whose each host is: by its name, as a tracker's, else by its first address."""
    kept = list(dict.fromkeys(names))[:MOST]
    return tuple(await asyncio.gather(*(_whose(name, door, owners) for name in kept)))


async def _whose(name: str, door: Door, owners: Owners) -> Neighbour:
    operator = attribution.by_name(name)
    if operator is not None:
        return Neighbour(name, operator.organisation)
    if (tracker := tracker_of(name)) is not None:
        return Neighbour(name, tracker.company)
    try:
        addresses = await door.addresses(name, purpose=PURPOSE)
    except NetworkError as error:
        return Neighbour(name, None, error.reason)
    owner = await owners.of(addresses[0])
    return Neighbour(name, owner.name, owner.gap)
