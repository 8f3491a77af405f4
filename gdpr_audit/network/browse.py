"""A loopback proxy for a browser: it leads where the page asks for something, through the door.

Like the relay it is bounded, counted, journalled and cut at the deadline. A page of a public site
leads to no private address through it, whatever it asks the browser to fetch. What a browser says
of its own accord (a password form is described to its maker, names are connected to in advance)
goes nowhere.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gdpr_audit.errors import ProtocolFailed, RedirectRefused, Unasked
from gdpr_audit.model import Text
from gdpr_audit.network.inward import is_inward
from gdpr_audit.network.relay import Place, Relay

if TYPE_CHECKING:
    from gdpr_audit.network.door import Door

#: What is for the proxy alone, or would keep the connection for a second request.
_DROPPED = (b"proxy-authorization:", b"proxy-connection:", b"connection:", b"keep-alive:")


#: Seconds that a connection waits for the request that explains it: each comes by its own way.
EXPLAINED = 2.0


class OpenRelay(Relay):
    """For one page of `start`'s host; `outward` is settled by that host's addresses."""

    def __init__(self, door: Door, start: Place, purpose: str) -> None:
        super().__init__(door, start, purpose, server_first=False)
        self._outward: bool | None = None
        self._asked: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.asks_for(start.host)

    def asks_for(self, host: str) -> None:
        """The page asks for something of this host, so that the browser may connect to it."""
        self._asked[host.lower()].set()

    async def _way(self, head: bytes) -> tuple[Place, bytes]:
        line, _, rest = head.partition(b"\r\n")
        try:
            method, target, _ = line.decode("ascii").split(" ", 2)
            if method == "CONNECT":
                host, _, port = target.rpartition(":")
                place, first = (host.strip("[]"), int(port)), b""
            else:
                parts = urlsplit(target)
                place = (parts.hostname or "", parts.port or 80)
                first = _origin_form(method, target, rest)
        except ValueError as error:
            raise ProtocolFailed(Text.same("not a proxy request")) from error
        return await self._guarded(*place), first

    async def _guarded(self, host: str, port: int) -> Place:
        try:
            await asyncio.wait_for(self._asked[host.lower()].wait(), EXPLAINED)
        except TimeoutError:
            raise Unasked(
                Text(f"la page ne demande rien à {host}", f"the page asks nothing of {host}")
            ) from None
        addresses = await self._door.addresses(host, purpose=self._purpose)
        if self._outward is None:
            own = await self._door.addresses(self._to.host, purpose=self._purpose)
            self._outward = not any(is_inward(address) for address in own)
        if self._outward and any(is_inward(address) for address in addresses):
            raise RedirectRefused(
                Text(
                    f"la page d'un site public mène à {host}, une adresse privée",
                    f"a public site's page leads to {host}, a private address",
                )
            )
        return Place(host, port, addresses[0] if self._outward else None)


def _origin_form(method: str, target: str, rest: bytes) -> bytes:
    """The request as the server itself expects it, one to a connection."""
    parts = urlsplit(target)
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    lines = [f"{method} {path} HTTP/1.1".encode()]
    lines += [row for row in rest.split(b"\r\n") if row and not row.lower().startswith(_DROPPED)]
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])
