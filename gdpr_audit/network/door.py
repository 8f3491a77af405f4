"""The door itself: where to, how often, how much, and written down.

It refuses what the mandate does not cover before a packet leaves, and pins each connection to
the address that was checked.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from gdpr_audit.errors import (
    BudgetSpent,
    ConnectFailed,
    ConnectionRefused,
    DeadlineExceeded,
    NoRoute,
    OutOfMandate,
    Unrecorded,
)
from gdpr_audit.model import Text
from gdpr_audit.network import relay, tunnel
from gdpr_audit.network.bounds import Bounds
from gdpr_audit.network.journal import Journal
from gdpr_audit.network.mandate import Mandate, canonical
from gdpr_audit.network.names import Answer, Signed
from gdpr_audit.network.resolver import Resolver
from gdpr_audit.network.response import REDIRECTS, Response
from gdpr_audit.network.settings import Settings
from gdpr_audit.network.stream import Stream

if TYPE_CHECKING:
    from gdpr_audit.network.browse import OpenRelay
    from gdpr_audit.network.memory import Memory
    from gdpr_audit.network.slots import Slots

#: What this machine's own system says where it has no way to a family of addresses at all.
_NO_ROUTE = (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


@dataclass
class Traffic:
    """What went to one port of one host so far."""

    connections: int = 0
    sent: int = 0
    received: int = 0
    addresses: list[str] = field(default_factory=list)


def _shared(settings: Settings) -> tuple[Memory | None, Slots | None]:
    """What the audits of a fleet remember, and count, together."""
    beside = settings.beside
    if beside is None:
        return None, None
    from gdpr_audit.network.memory import Memory  # noqa: PLC0415 - in a fleet
    from gdpr_audit.network.slots import Slots  # noqa: PLC0415 - in a fleet

    memory = Memory(beside.memory) if beside.memory else None
    return memory, Slots(beside.slots, settings.at_once) if beside.slots else None


class Door:
    """An async context manager; leaving it closes every socket."""

    def __init__(
        self,
        settings: Settings,
        *,
        mandate: Mandate | None = None,
        active: bool = False,
        day: date,
    ) -> None:
        self.settings = settings
        self._mandate, self._active, self._day = mandate, active, day
        self.journal = Journal(settings.journal, goes_on=settings.journal_goes_on)
        self._left: dict[str, int] = {}  # connections, by host
        self._bounds: dict[str, Bounds] = {}
        self._traffic: dict[tuple[str, int], Traffic] = {}
        self._streams: dict[Stream, tuple[Bounds, Traffic, Mapping[str, object], int | None]] = {}
        self._memory, self._slots = _shared(settings)
        self._names = Resolver(settings, self.journal, self._memory)
        self._expired = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        self.expire()
        self._names.close()
        for _ in range(3):  # closed transports give up their sockets in the loop's next turns
            await asyncio.sleep(0)
        if self._memory:
            self._memory.close()
        self.journal.close()

    def expire(self) -> None:
        """Cut every connection; later ones raise DeadlineExceeded."""
        self._expired = True
        for stream in list(self._streams):
            stream.outcome = "expired"
            stream.abort()

    def traffic(self, host: str, port: int) -> Traffic:
        """What went to that port so far."""
        return self._traffic.setdefault((canonical(host), port), Traffic())

    async def addresses(self, host: str, *, purpose: str) -> tuple[str, ...]:
        """All addresses of a host, IPv4 first. Raises ResolutionFailed."""
        return await self._names.addresses(host, purpose=purpose)

    async def lookup(self, name: str, rdtype: str, *, purpose: str) -> Answer:
        """One DNS question, asked once. Raises ResolutionFailed where no server answers it."""
        self._refuse_late()
        return await self._names.lookup(name, rdtype, purpose=purpose)

    async def signatures(self, zone: str, *, purpose: str) -> Signed:
        """Whether a zone is signed, and validates. Raises ResolutionFailed."""
        self._refuse_late()
        return await self._names.signatures(zone, purpose=purpose)

    async def transfer(self, zone: str, server: str) -> tuple[int, str]:
        """Ask one name server for a whole zone, and read how it begins: an active probe.

        The records of the first message beside the SOA, counted, and the response code. Raises
        NetworkError.
        """
        from gdpr_audit.network import transfer  # noqa: PLC0415 - when one is asked for

        purpose = f"zone transfer (AXFR) of {zone}"
        await self.probe(server, purpose=purpose)
        chosen = self.settings.resolver
        addresses = await self.addresses(server, purpose=purpose)
        # a server that the user named by its port answers there, and not on 53
        port = chosen[1] if chosen and chosen[0] in addresses else 53
        stream = await self.connect(server, port, purpose=purpose)
        try:
            return await transfer.begins(stream, canonical(zone))
        finally:
            await stream.aclose()

    async def probe(self, host: str, *, purpose: str) -> None:
        """To be called before an active probe. Raises OutOfMandate where it may not be sent."""
        if not self._active:
            raise OutOfMandate(
                Text(
                    f"sondage actif non demandé (--active) : {purpose}",
                    f"active probe not asked for (--active): {purpose}",
                )
            )
        if self._mandate is None:
            raise OutOfMandate(
                Text("aucun mandat n'autorise de sondage actif", "no mandate allows active probes")
            )
        why = self._mandate.refuses(host, (), self._day)
        if why is not None:  # a network in its scope may still cover the host's addresses
            addresses = await self.addresses(host, purpose=purpose)
            why = self._mandate.refuses(host, addresses, self._day)
        if why is not None:
            raise OutOfMandate(why)

    async def connect(
        self, host: str, port: int, *, purpose: str, address: str | None = None
    ) -> Stream:
        """One TCP connection. Raises NetworkError; ConnectionRefused only for a TCP reset."""
        self._refuse_late()
        proxy = self.settings.proxy
        through = bool(proxy) and address is None and self.settings.resolver is None
        tried = [host] if through else [address] if address else await self._both(host, purpose)
        fields = {"target": host, "port": port, "purpose": purpose, "via": "proxy" if proxy else ""}
        failure: ConnectFailed | None = None
        for one in tried:
            try:
                stream = await self._admitted(host, port, one, fields, named=not through)
            except ConnectFailed as error:
                failure = failure or error
                continue
            if proxy:
                await tunnel.through(stream, proxy, one, port)
            return stream
        assert failure is not None
        peer = f"{host}:{port}"
        raise type(failure)(Text(f"{peer} : {failure.reason.fr}", f"{peer}: {failure.reason.en}"))

    async def _admitted(
        self, host: str, port: int, address: str, fields: Mapping[str, object], *, named: bool
    ) -> Stream:
        """One connection to one address, when the bounds of that address allow it."""
        bounds = self._bounds_of(address)
        await bounds.gate.acquire()
        kept, place = False, None
        try:
            if self._slots is not None:
                place = await self._slots.take(address)
            await bounds.turn()
            self._refuse_late()
            self._spend(host)
            traffic = self.traffic(host, port)
            traffic.connections += 1
            try:
                reader, writer = await self._open(address, port)
            except ConnectFailed as error:
                self.journal.note("tcp", **fields, address=address, outcome=type(error).__name__)
                raise
            peer = f"{host}:{port}"
            stream = Stream(reader, writer, peer, address, self.settings, self._forget)
            self._streams[stream] = (bounds, traffic, fields, place)
            kept = True
            if named and address not in traffic.addresses:
                traffic.addresses.append(address)
            return stream
        finally:
            if not kept:
                self._leave(bounds, place)

    def _leave(self, bounds: Bounds, place: int | None) -> None:
        """Give back what one connection to an address had taken."""
        bounds.gate.release()
        if self._slots is not None and place is not None:
            self._slots.give(place)

    def _bounds_of(self, address: str) -> Bounds:
        settings = self.settings
        found = Bounds(settings.at_once, settings.rate_to(address))
        return self._bounds.setdefault(address, found)

    def _spend(self, host: str) -> None:
        """Take one of the connections that the audit allows to a host. Raises BudgetSpent."""
        left = self._left.get(canonical(host), self.settings.budget)
        if left <= 0:
            raise BudgetSpent(
                Text(
                    f"les {self.settings.budget} connexions permises vers {host} sont épuisées",
                    f"the {self.settings.budget} connections allowed to {host} are used up",
                )
            )
        self._left[canonical(host)] = left - 1

    def _refuse_late(self) -> None:
        if (why := self.journal.broken) is not None:
            raise Unrecorded(
                Text(
                    f"le journal ne peut plus être écrit ({why}) : rien n'est plus envoyé",
                    f"the journal can no longer be written ({why}): nothing more is sent",
                )
            )
        if self._expired:
            raise DeadlineExceeded(
                Text("le temps de l'audit est écoulé", "the time of the audit is used up")
            )

    async def _both(self, host: str, purpose: str) -> list[str]:
        return list(await self.addresses(host, purpose=purpose))[:4]

    async def _open(
        self, address: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        proxy = self.settings.proxy
        host, at = (proxy.host, proxy.port) if proxy else (address, port)
        seconds = self.settings.connect_seconds
        who = f"proxy {host}:{at}" if proxy else address
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.open_connection(host, at)
        except TimeoutError as error:
            raise ConnectFailed(
                Text(
                    f"{who} n'a pas accepté la connexion en {seconds:g} s",
                    f"{who} did not accept the connection within {seconds:g} s",
                )
            ) from error
        except ConnectionRefusedError as error:
            reason = Text(
                f"{who} a refusé la connexion (réinitialisation TCP)",
                f"{who} refused the connection (TCP reset)",
            )
            # A proxy that refuses says nothing of what lies behind it.
            raise (ConnectFailed(reason) if proxy else ConnectionRefused(reason)) from error
        except OSError as error:
            word = error.strerror or str(error)
            kind = NoRoute if error.errno in _NO_ROUTE and not proxy else ConnectFailed
            raise kind(
                Text(f"{who} est inaccessible ({word})", f"{who} is unreachable ({word})")
            ) from error

    def _forget(self, stream: Stream, outcome: str) -> None:
        bounds, traffic, fields, place = self._streams.pop(stream)
        self._leave(bounds, place)
        traffic.sent += stream.sent
        traffic.received += stream.received
        self.journal.note(
            "tcp",
            **fields,
            address=stream.address,
            sent=stream.sent,
            received=stream.received,
            seconds=stream.seconds,
            outcome=outcome,
        )

    async def get(
        self,
        url: str,
        *,
        purpose: str,
        headers: Mapping[str, str] | None = None,
        redirects: int = REDIRECTS,
        limit: int | None = None,
        verified: bool = False,
        led_by: str | None = None,
    ) -> Response:
        """One page, its redirects followed. Raises NetworkError; see `http.fetch`.

        `limit`: bytes of the body that are read, where fewer will do than the settings allow.
        `verified`: only from a server whose certificate is trusted, for what others say of a
        target. `led_by`: the host whose word the URL is; a public one leads to no inward one.
        """
        from gdpr_audit.network import http  # noqa: PLC0415 - when a page is first fetched

        most = limit or self.settings.body_limit
        memory = self._memory if verified else None
        if memory and (kept := memory.page(url)):
            return kept
        page = await http.fetch(
            self, url, purpose, headers or {}, redirects, most, verified=verified, led_by=led_by
        )
        if memory:
            memory.keep_page(url, page)
        return page

    async def secure(self, stream: Stream, host: str) -> None:
        """Go on in TLS, without a certificate of ours and whatever the peer's. Raises TlsFailed."""
        from gdpr_audit.network import lenient  # noqa: PLC0415 - when TLS is first asked for

        await stream.start_tls(lenient.context(), host)

    async def post(
        self,
        url: str,
        fields: Sequence[tuple[str, str]],
        *,
        target: str,
        purpose: str,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Submit a form once, to the audited `target` alone: an active probe.

        No redirect is followed. Raises OutOfMandate, also for an address that is not the
        target's own or would carry in clear what an https target keeps secret; NetworkError.
        """
        from gdpr_audit.network import form  # noqa: PLC0415 - when a form is first submitted

        if (astray := form.astray(url, target)) is not None:
            raise OutOfMandate(astray)
        await self.probe(urlsplit(url).hostname or "", purpose=purpose)
        return await form.submit(self, url, fields, purpose, headers or {})

    @asynccontextmanager
    async def browse(self, host: str, port: int, *, purpose: str) -> AsyncIterator[OpenRelay]:
        """A loopback proxy for a browser that looks at a page of this host."""
        from gdpr_audit.network import browse  # noqa: PLC0415 - when a browser is started

        proxy = browse.OpenRelay(self, relay.Place(host, port), purpose)
        async with relay.serve(proxy) as opened:
            yield opened

    @asynccontextmanager
    async def relay(
        self,
        host: str,
        port: int,
        *,
        purpose: str,
        address: str | None = None,
        server_first: bool = False,
    ) -> AsyncIterator[relay.Relay]:
        """A loopback CONNECT proxy to one port, for libraries that open their own sockets.

        `server_first`: the peer greets before the client says anything, as SMTP and IMAP do.
        """
        to = relay.Place(host, port, address)
        async with relay.serve(relay.Relay(self, to, purpose, server_first=server_first)) as opened:
            yield opened
