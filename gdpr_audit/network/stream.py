"""One TCP connection: bounded, counted and journalled."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from gdpr_audit.errors import BoundExceeded, ConnectFailed, NetworkError, TlsFailed
from gdpr_audit.model import Text
from gdpr_audit.network.settings import Settings


class Stream:
    """Bytes to and from one peer. Every read is bounded in time, all of them in bytes."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        peer: str,
        address: str,
        settings: Settings,
        closed: Callable[[Stream, str], None],
    ) -> None:
        self._reader, self._writer = reader, writer
        self.peer, self.address = peer, address
        self._settings, self._closed = settings, closed
        self._began = time.monotonic()
        self.sent = 0
        self.received = 0
        self.outcome = "closed"
        self._open = True

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._began, 3)

    @property
    def ssl_object(self) -> ssl.SSLObject | None:
        found = self._writer.get_extra_info("ssl_object")
        return found if isinstance(found, ssl.SSLObject) else None

    async def read(self, count: int = 65536, *, seconds: float | None = None) -> bytes:
        """Up to `count` bytes; b"" at the end. Raises ConnectFailed, BoundExceeded."""
        limit = self._settings.read_seconds if seconds is None else seconds
        return await self._take(self._reader.read, count, limit)

    async def read_line(self) -> bytes:
        """A line with its end, or what there was of it before the peer's end.

        What follows the line stays to be read. Raises ConnectFailed; BoundExceeded beyond 64 KiB.
        """
        return await self._take(self._line, 65536, self._settings.read_seconds)

    async def _line(self, count: int) -> bytes:
        try:
            return await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            return error.partial
        except asyncio.LimitOverrunError as error:
            raise self._too_much(count) from error
        except OSError:
            end = self._buffer.find(b"\n") + 1
            if not end:
                raise
            return self._overtaken(end)

    async def _take(
        self, read: Callable[[int], Awaitable[bytes]], count: int, seconds: float
    ) -> bytes:
        if self.received >= self._settings.stream_limit:
            raise self._too_much(self._settings.stream_limit)
        try:
            async with asyncio.timeout(seconds):
                data = await read(count)
        except TimeoutError as error:
            raise self._failed("timeout", _silent(self.peer, seconds)) from error
        except ssl.SSLError as error:
            raise self._failed("tls", _tls(self.peer, error)) from error
        except OSError as error:
            data = self._overtaken(count)
            if not data:
                raise self._failed("reset", _cut(self.peer, error)) from error
        self.received += len(data)
        return data

    def _too_much(self, count: int) -> BoundExceeded:
        self.outcome = "bound"
        return BoundExceeded(
            Text(
                f"{self.peer} a envoyé plus de {count} octets",
                f"{self.peer} sent more than {count} bytes",
            )
        )

    def _overtaken(self, count: int) -> bytes:
        """What came before a reset, of which asyncio tells first: it may be an alert."""
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    @property
    def _buffer(self) -> bytearray:
        found = cast("Any", self._reader)._buffer  # noqa: SLF001 - there is no other way to it
        return cast("bytearray", found)

    async def read_exactly(self, count: int) -> bytes:
        """Exactly `count` bytes. Raises ConnectFailed where the peer ends before."""
        got = b""
        while len(got) < count:
            more = await self.read(count - len(got))
            if not more:
                raise self._failed("ended", _cut(self.peer, None))
            got += more
        return got

    async def write(self, data: bytes) -> None:
        """Send all of `data`. Raises ConnectFailed."""
        try:
            async with asyncio.timeout(self._settings.read_seconds):
                self._writer.write(data)
                await self._writer.drain()
        except TimeoutError as error:
            limit = self._settings.read_seconds
            raise self._failed("timeout", _silent(self.peer, limit)) from error
        except (OSError, RuntimeError) as error:
            raise self._failed("reset", _cut(self.peer, error)) from error
        self.sent += len(data)

    async def start_tls(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        """Go on in TLS. Raises TlsFailed with the alert's name where there was one."""
        try:
            async with asyncio.timeout(self._settings.read_seconds):
                await self._writer.start_tls(context, server_hostname=server_hostname)
        except TimeoutError as error:
            raise self._failed(
                "timeout", _silent(self.peer, self._settings.read_seconds)
            ) from error
        except ssl.SSLError as error:
            self.outcome = "tls"
            raise TlsFailed(_tls(self.peer, error)) from error
        except OSError as error:
            raise self._failed("reset", _cut(self.peer, error)) from error

    def _failed(self, outcome: str, reason: Text) -> NetworkError:
        self.outcome = outcome
        return TlsFailed(reason) if outcome == "tls" else ConnectFailed(reason)

    def abort(self) -> None:
        """Cut the connection at once."""
        if self._open:
            self._open = False
            self._writer.transport.abort()
            self._closed(self, self.outcome)

    async def aclose(self) -> None:
        """Close; never waits for the peer."""
        if self._open:
            self._open = False
            if self.ssl_object is None:
                self._writer.close()
            else:
                self._writer.transport.abort()  # an orderly end of TLS waits for the peer's
            self._closed(self, self.outcome)


def _silent(peer: str, seconds: float) -> Text:
    return Text(
        f"{peer} n'a pas répondu en {seconds:g} s", f"{peer} did not answer within {seconds:g} s"
    )


def _cut(peer: str, error: Exception | None) -> Text:
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return Text(
            f"{peer} a coupé la connexion (réinitialisation TCP)",
            f"{peer} cut the connection (TCP reset)",
        )
    return Text(f"{peer} a fermé la connexion trop tôt", f"{peer} closed the connection too early")


def _tls(peer: str, error: ssl.SSLError) -> Text:
    word = (error.reason or str(error)).replace("_", " ").lower()
    return Text(
        f"la session TLS avec {peer} a échoué : {word}",
        f"the TLS session with {peer} failed: {word}",
    )
