"""A loopback CONNECT proxy that leads through the door to one port, and nowhere else.

For libraries that open sockets of their own, sslyze above all: told of this proxy, they too are
bounded, counted, journalled and cut at the deadline.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gdpr_audit.errors import NetworkError, Unasked
from gdpr_audit.network.stream import Stream

if TYPE_CHECKING:
    from gdpr_audit.network.door import Door

HEAD_LIMIT = 32768  # bytes of a request's head; a browser's cookies stand in it
CHUNK = 65536
#: Seconds between our answer and the peer's greeting, where the peer speaks first: clients read
#: the one with a single recv(), and would swallow the other with it.
SETTLE = 0.05


R = TypeVar("R", bound="Relay")


class Place(NamedTuple):
    """Where a relay leads: to that address alone, where one is named."""

    host: str
    port: int
    address: str | None = None


class Relay:
    """An open relay; `user` and `password` keep other programs of this machine out of it."""

    def __init__(self, door: Door, to: Place, purpose: str, *, server_first: bool) -> None:
        self._door, self._to, self._purpose = door, to, purpose
        self._server_first = server_first
        self.host, self.port = "127.0.0.1", 0
        self.user, self.password = "relay", secrets.token_hex(16)
        self.connections = 0
        self.failure: NetworkError | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client connection."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, NetworkError):
            _reset(writer)
        except asyncio.CancelledError:
            _reset(writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if f"basic {token}".lower().encode() not in head.lower():
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="relay"\r\nContent-Length: 0\r\n'
                b"Connection: close\r\n\r\n"
            )
            return
        try:
            to, first = await self._way(head)
            stream = await self._door.connect(
                to.host, to.port, purpose=self._purpose, address=to.address
            )
        except NetworkError as error:
            if not isinstance(error, Unasked):  # nothing that was to be looked at
                self.failure = error
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n")
            return
        self.connections += 1
        try:
            if first:
                await stream.write(first)
            else:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
            if self._server_first:
                await asyncio.sleep(SETTLE)
            await _pump(reader, writer, stream)
        finally:
            await stream.aclose()

    async def _way(self, head: bytes) -> tuple[Place, bytes]:
        """Where this client is led, and what is sent there before anything of its own."""
        del head  # it is led to the one place, whatever it asks for
        return self._to, b""

    async def close(self) -> None:
        """Cut every connection that is still open."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=1)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream: Stream) -> None:
    async def up() -> None:
        while data := await reader.read(CHUNK):
            await stream.write(data)

    async def down() -> None:
        while data := await stream.read(CHUNK):
            writer.write(data)
            await writer.drain()

    tasks = {asyncio.create_task(up()), asyncio.create_task(down())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # a reset by the peer is passed on as a reset, not as an orderly end
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End with a TCP reset, so that a drop is not read as an orderly refusal."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@asynccontextmanager
async def serve(relay: R) -> AsyncIterator[R]:
    """Open it on a free loopback port; leaving the context cuts all that goes through it."""
    server = await asyncio.start_server(relay.accept, relay.host, 0, limit=HEAD_LIMIT)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.close()
