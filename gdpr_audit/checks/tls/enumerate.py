"""Finds every version, suite and group that a server accepts, by elimination.

Offer all, note what the server picks, offer the rest, and end at its refusal: one connection
more than there is to find, where trying each alone takes hundreds. A connection that is cut is
tried once more, and then it is a gap: never a refusal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.hello import Accepted, Answer, NotTls, Offer, Refused
from gdpr_audit.checks.tls.suites import (
    CURVES,
    GROUPS,
    TLS_1_3_GROUPS,
    for_version,
    registry,
)
from gdpr_audit.checks.tls.upgrade import UPGRADES, NotOffered
from gdpr_audit.errors import ConnectFailed, NetworkError
from gdpr_audit.model import Text
from gdpr_audit.network import Door, Stream

PURPOSE = "which TLS it accepts"
OLD_VERSIONS = (hello.TLS_1_2, hello.TLS_1_1, hello.TLS_1_0, hello.SSL_3)
_OLD_GROUPS = (*CURVES, 256, 257, 258, 259, 260)


@dataclass
class Version:
    """What was found of one version. With a gap, there may be more than this."""

    accepted: bool | None = None
    suites: list[int] = field(default_factory=list)
    first: Accepted | None = None
    dh_bits: set[int] = field(default_factory=set)
    groups: set[int] = field(default_factory=set)
    why: str = ""
    gap: Text | None = None


@dataclass
class Asker:
    """Puts one question to one port, each on a connection of its own."""

    door: Door
    host: str
    port: int
    scheme: str = "https"  # of the protocol in which to ask for TLS, where it has one

    async def put(self, offer: Offer) -> Answer:
        """The answer; a cut connection is tried once more. Raises NetworkError."""
        try:
            return await self._once(offer)
        except ConnectFailed:
            await asyncio.sleep(0.05)
            return await self._once(offer)

    async def _once(self, offer: Offer) -> Answer:
        stream = await self._stream()
        try:
            return await hello.ask(stream, offer)
        finally:
            await stream.aclose()

    async def _stream(self) -> Stream:
        """A connection on which TLS may begin. Raises NoTls where its protocol has none."""
        stream = await self.door.connect(self.host, self.port, purpose=PURPOSE)
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

    async def ssl_2(self) -> Answer:
        stream = await self._stream()
        try:
            return await hello.ask_ssl_2(stream)
        finally:
            await stream.aclose()

    def offer(self, version: int, suites: Sequence[int], groups: Sequence[int] = ()) -> Offer:
        given = tuple(groups)
        if not given:
            given = TLS_1_3_GROUPS if version == hello.TLS_1_3 else _OLD_GROUPS
        return Offer(version, tuple(suites), self.host, given)


class NoTls(NetworkError):
    """The port answers, and not in TLS: a positive sign that it offers none."""


def _not_tls(answer: NotTls) -> NoTls:
    shown = answer.first_bytes[:16].decode("ascii", "replace")
    return NoTls(
        Text(f"le port répond sans TLS (« {shown} »)", f"the port answers without TLS (“{shown}”)")
    )


async def version(asker: Asker, number: int) -> Version:
    """Every suite of one version. A gap where the answers end before a refusal."""
    found = Version()
    left = list(for_version(tls_1_3=number == hello.TLS_1_3))
    while left:
        try:
            answer = await asker.put(asker.offer(number, left))
        except NetworkError as error:
            found.gap = error.reason
            if found.accepted is None and isinstance(error, NoTls):
                raise
            return found
        if isinstance(answer, NotTls):
            raise _not_tls(answer)
        if isinstance(answer, Refused):
            found.accepted = bool(found.suites)
            found.why = answer.why
            return found
        _note(found, answer)
        left.remove(answer.suite)
    return found


def _note(found: Version, answer: Accepted) -> None:
    found.accepted = True
    found.first = found.first or answer
    found.suites.append(answer.suite)
    if answer.dh_bits:
        found.dh_bits.add(answer.dh_bits)
    if answer.group in GROUPS:
        found.groups.add(answer.group)


async def groups(asker: Asker, number: int, suites: Sequence[int]) -> tuple[set[int], Text | None]:
    """Every group that a version accepts, and why there may be more."""
    found: set[int] = set()
    if number == hello.TLS_1_3:
        left = list(TLS_1_3_GROUPS)
    else:
        left = list(CURVES)
        suites = [s for s in suites if registry()[s].key_exchange == "ECDHE"]
        if not suites:
            return found, None
    while left:
        try:
            answer = await asker.put(asker.offer(number, suites, left))
        except NetworkError as error:
            return found, error.reason
        if not isinstance(answer, Accepted) or answer.group is None:
            return found, None
        if answer.group not in left:
            return found, Text("groupe non offert choisi", "chose a group that was not offered")
        found.add(answer.group)
        left.remove(answer.group)
    return found, None


async def own_order(asker: Asker, suites: Sequence[int]) -> bool:
    """Whether the server picks by its own order: the same suite, whichever way it is offered."""
    picks = []
    for order in (list(suites), list(reversed(suites))):
        answer = await asker.put(asker.offer(hello.TLS_1_2, order))
        if not isinstance(answer, Accepted):
            raise hello.dropped()
        picks.append(answer.suite)
    return picks[0] == picks[1]


async def compresses(asker: Asker, number: int, suites: Sequence[int]) -> bool:
    """Whether the server takes up DEFLATE compression."""
    answer = await asker.put(replace(asker.offer(number, suites), compression=True))
    if not isinstance(answer, Accepted):
        raise hello.dropped()
    return answer.compression != 0


async def refuses_fallback(asker: Asker, number: int, suites: Sequence[int]) -> bool:
    """Whether a fallback to `number`, which a higher version makes needless, is refused."""
    answer = await asker.put(asker.offer(number, (*suites, hello.FALLBACK_SCSV)))
    return isinstance(answer, Refused) and answer.why == "alert inappropriate_fallback"


async def ssl_2(asker: Asker) -> tuple[bool, str]:
    """Whether SSL 2 is accepted, and the sign for it.

    SSL 2 has no alert that says "not spoken here", and a server that dropped it can only hang
    up. An answer in any other form settles it; where there is none, NetworkError is raised.
    """
    try:
        answer = await asker.ssl_2()
    except ConnectFailed:
        answer = await asker.ssl_2()
    if isinstance(answer, Accepted):
        return True, "SERVER-HELLO"
    return False, answer.why if isinstance(answer, Refused) else "other bytes"
