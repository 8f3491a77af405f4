"""Puts one question to one address of one port, each on a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import NamedTuple

from gdpr_audit.checks.tls import answer, hello
from gdpr_audit.checks.tls.answer import Answer, NameUnknown, NotTls
from gdpr_audit.checks.tls.hello import Offer
from gdpr_audit.checks.tls.suites import OLD_GROUPS, SIGNATURES, TLS_1_3_GROUPS
from gdpr_audit.checks.tls.upgrade import IN_CLEAR, UPGRADES, NotOffered
from gdpr_audit.errors import ConnectFailed, NetworkError
from gdpr_audit.model import Text
from gdpr_audit.network import Door, Stream

PURPOSE = "which TLS it accepts"
PAUSE = 0.05  # seconds before a cut connection is tried again


class NoTls(NetworkError):
    """The port answers, and not in TLS: a positive sign that it offers none."""


def not_tls(said: NotTls) -> NoTls:
    shown = said.first_bytes[:16].decode("latin-1")
    if not (shown.isascii() and shown.strip().isprintable()):
        shown = said.first_bytes[:16].hex(":")
    return NoTls(
        Text(f"le port répond sans TLS (« {shown} »)", f"the port answers without TLS (“{shown}”)")
    )


class Asker(NamedTuple):
    """`address` is None where a proxy resolves the name; `scheme` is the protocol around TLS."""

    door: Door
    host: str
    port: int
    scheme: str = "https"
    address: str | None = None

    async def put(self, offer: Offer) -> Answer:
        """The answer; a cut connection is tried once more. Raises NetworkError."""
        try:
            return await self.once(offer)
        except ConnectFailed:
            await asyncio.sleep(PAUSE)
            return await self.once(offer)

    async def once(self, offer: Offer) -> Answer:
        """The answer. A server that wants to be named gets its name in SSL 3, too."""
        try:
            return await self._asked(offer)
        except NameUnknown:
            if offer.version != hello.SSL_3 or offer.named:
                raise
            return await self._asked(offer._replace(named=True))

    async def _asked(self, offer: Offer) -> Answer:
        stream = await self.stream(PURPOSE)
        try:
            return await answer.ask(stream, offer)
        finally:
            await stream.aclose()

    async def ssl_2(self) -> Answer:
        """As `put`, in SSL 2."""
        for last in (False, True):
            stream = await self.stream(PURPOSE)
            try:
                return await answer.ask_ssl_2(stream)
            except ConnectFailed:
                if last:
                    raise
            finally:
                await stream.aclose()
        raise AssertionError

    async def stream(self, purpose: str) -> Stream:
        """A connection on which TLS may begin. Raises NoTls where its protocol has none."""
        stream = await self.door.connect(
            self.host, self.port, purpose=purpose, address=self.address
        )
        start = UPGRADES.get(self.scheme)
        if start is None:
            return stream
        try:
            await start(stream)
        except NotOffered as error:
            await stream.aclose()
            raise NoTls(error.reason) from error
        except BaseException:
            await stream.aclose()
            raise
        return stream

    async def in_clear(self) -> None:
        """Raises NoTls where the port says something in its protocol without TLS."""
        ask = IN_CLEAR.get(self.scheme)
        if ask is None:
            return
        said = None
        with contextlib.suppress(NetworkError):  # nothing was said
            stream = await self.door.connect(
                self.host, self.port, purpose=PURPOSE, address=self.address
            )
            try:
                said = await ask(stream)
            finally:
                await stream.aclose()
        if said is not None:
            raise NoTls(said.reason) from said

    def offer(
        self,
        version: int,
        suites: Sequence[int],
        groups: Sequence[int] = (),
        signatures: Sequence[int] = (),
    ) -> Offer:
        """All known groups and signature algorithms where none are named."""
        every = TLS_1_3_GROUPS if version == hello.TLS_1_3 else OLD_GROUPS
        return Offer(
            version,
            tuple(suites),
            self.host,
            tuple(groups) or every,
            signatures=tuple(signatures) or tuple(SIGNATURES),
        )
