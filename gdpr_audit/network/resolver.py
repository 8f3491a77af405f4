"""What is asked of the DNS: each question once, by the system's resolver or the user's own."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gdpr_audit.model import Text
from gdpr_audit.network import names
from gdpr_audit.network.journal import Journal
from gdpr_audit.network.mandate import canonical
from gdpr_audit.network.names import Answer, Signed
from gdpr_audit.network.settings import Settings

if TYPE_CHECKING:
    from gdpr_audit.network.memory import Memory


class Resolver:
    """Behind the door; answers are kept for one audit, and in a fleet for those beside it."""

    def __init__(self, settings: Settings, journal: Journal, memory: Memory | None = None) -> None:
        self.settings, self.journal, self.memory = settings, journal, memory
        by_name = settings.proxy is not None and settings.resolver is None  # the proxy resolves
        self._known = settings.beside.known if settings.beside and not by_name else {}
        self._addresses: dict[str, asyncio.Task[tuple[str, ...]]] = {}
        self._lookups: dict[tuple[str, str], asyncio.Task[Answer]] = {}

    def close(self) -> None:
        for task in (*self._addresses.values(), *self._lookups.values()):
            task.cancel()

    async def addresses(self, host: str, *, purpose: str) -> tuple[str, ...]:
        """All addresses of a host, IPv4 first. Raises ResolutionFailed."""
        name = canonical(host.strip("[]"))
        try:
            return (str(ipaddress.ip_address(name.partition("%")[0])),)
        except ValueError:
            pass
        if name in self._known:
            return self._known[name]
        if name not in self._addresses:
            self._addresses[name] = asyncio.create_task(self._resolve(name, purpose))
        return await asyncio.shield(self._addresses[name])

    async def _resolve(self, name: str, purpose: str) -> tuple[str, ...]:
        if self.settings.resolver is None:
            self.journal.note("dns", target=name, purpose=purpose, via="system")
            return await names.system_addresses(name)
        found: list[str] = []
        for rdtype in ("A", "AAAA"):
            found += (await self.lookup(name, rdtype, purpose=purpose)).records
        if not found:
            raise names.unknown(name)
        return tuple(found)

    async def lookup(self, name: str, rdtype: str, *, purpose: str) -> Answer:
        """One DNS question, asked once. Raises ResolutionFailed where no server answers it."""
        at = (canonical(name), rdtype)
        if at not in self._lookups:
            self._lookups[at] = asyncio.create_task(self._lookup(*at, purpose))
        return await asyncio.shield(self._lookups[at])

    async def _lookup(self, name: str, rdtype: str, purpose: str) -> Answer:
        from gdpr_audit.network import dns  # noqa: PLC0415 - when a server is first asked

        if (own := names.own(name, rdtype)) is not None:
            return own
        if self.memory and (said := self.memory.find("dns", name, rdtype)):
            chain, records, exists = said
            return Answer(name, rdtype, tuple(chain), tuple(records), exists)
        with self._asked(name, rdtype, purpose) as (servers, note):
            answer = await dns.ask(servers, name, rdtype)
            note["outcome"] = "answered" if answer.exists else "nxdomain"
        if self.memory:
            self.memory.keep((answer.chain, answer.records, answer.exists), "dns", name, rdtype)
        return answer

    async def signatures(self, zone: str, *, purpose: str) -> Signed:
        """Whether a zone is signed, and validates. Raises ResolutionFailed."""
        from gdpr_audit.network import dnssec  # noqa: PLC0415 - as above

        if self.memory and (said := self.memory.find("dnssec", canonical(zone))):
            signed, valid, chained, fr, en = said
            return Signed(zone, signed, valid, chained, Text(fr, en))
        with self._asked(zone, "DNSKEY", purpose) as (servers, note):
            found = await dnssec.look(servers, canonical(zone))
            note["outcome"] = "answered"
        if self.memory:
            seen = (found.signed, found.valid, found.chained, found.words.fr, found.words.en)
            self.memory.keep(seen, "dnssec", canonical(zone))
        return found

    @contextmanager
    def _asked(
        self, name: str, rdtype: str, purpose: str
    ) -> Iterator[tuple[list[tuple[str, int]], dict[str, object]]]:
        """The servers to ask, and a line in the journal when that is done."""
        from gdpr_audit.network import dns  # noqa: PLC0415 - as above

        chosen = self.settings.resolver
        servers = [chosen] if chosen else dns.system_servers()
        via = f"{servers[0][0]}:{servers[0][1]}"
        note: dict[str, object] = {"outcome": "failed"}
        began = time.monotonic()
        try:
            yield servers, note
        finally:
            seconds = round(time.monotonic() - began, 3)
            said = {"target": name, "rdtype": rdtype, "purpose": purpose, "via": via}
            self.journal.note("dns", **said, seconds=seconds, **note)
