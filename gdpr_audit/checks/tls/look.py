r"""Gathers everything that one address of a port tells of its TLS, in one go.

    sweep 1.3 ----+--> groups ----------------------------\
                  \--> whole handshake -------------------+
    sweep 1.2 ----+--> groups and signatures -------------+--> is what was accepted accepted still?
    sweeps 1.1, 1.0, SSL 3; SSL 2 --+--> behaviour -------+
                                    \--> known faults ----/

What no chosen rule needs is not asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from gdpr_audit.checks.tls import (
    behaviour,
    conduct,
    exchange,
    handshake,
    heartbeat,
    hello,
    sslyze_scan,
    sweep,
)  # fmt: skip
from gdpr_audit.checks.tls.answer import Accepted, Refused
from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.suites import registry
from gdpr_audit.checks.tls.survey import NEW, OLD, UNASKED, Answered, Survey
from gdpr_audit.checks.tls.version import Version
from gdpr_audit.errors import BudgetSpent, DeadlineExceeded, NetworkError
from gdpr_audit.model import Text

T = TypeVar("T")
Wants = Callable[..., bool]

CEASED = Text(
    "la cible a cessé d'accepter en cours d'audit ce qu'elle acceptait au début",
    "the target ceased, half-way, to accept what it had accepted at first",
)
_EXCHANGE = (
    "tls.groups", "tls.curve_bits", "tls.ecdhe_used", "tls.post_quantum", "tls.signatures",
    "tls.dh_bits", "tls.dhe_used",
)  # fmt: skip
_EXTRAS = (
    "tls.compression", "tls.extensions", "tls.heartbleed", "tls.server_preference",
    "tls.suite_order_1_2",
)  # fmt: skip
_TICKET = ("tls.session_tickets", "tls.ticket_lifetime")


async def survey(asker: Asker, wants: Wants, found: Survey) -> None:
    """Ask every version, then what only an accepted one can answer; it is written into `found`.

    Cut short, `found` holds what was answered by then, and says of the rest that it is unknown.
    Raises NoTls where the port answers without TLS, other NetworkErrors where it cannot be
    reached at all.
    """
    newest = found.versions[NEW]
    first = asyncio.create_task(sweep.fill(asker, newest))
    try:
        await newest.heard.wait()
        if first.done():
            first.result()
        async with asyncio.TaskGroup() as group:
            await _Look(asker, found, wants, group).everything(first)
    finally:
        first.cancel()
    if found.accepted:
        found.doubt = await _doubt(asker, found)
    elif not found.speaks_ssl_2:
        await asker.in_clear()
        found.reason = _nothing(found)


async def _doubt(asker: Asker, found: Survey) -> Text | None:
    """Why refusals cannot be relied on: a limit, the target's or ours, may have made them."""
    try:
        still = await behaviour.answers_still(asker, found.versions[found.accepted[0]])
    except (BudgetSpent, DeadlineExceeded) as error:
        return error.reason  # ours: the target is not to blame
    except NetworkError:
        return CEASED
    return None if still else CEASED


def _nothing(found: Survey) -> Text:
    gaps = [v.gap for v in found.versions.values() if v.gap is not None]
    if gaps:
        return gaps[0]
    refused = ", ".join(dict.fromkeys(v.why for v in found.versions.values() if v.why))
    return Text(
        f"toutes les versions de TLS ont été refusées ({refused})",
        f"every version of TLS was refused ({refused})",
    )


async def _try(question: Awaitable[T]) -> Answered[T]:
    try:
        return Answered(await question)
    except NetworkError as error:
        return Answered(gap=error.reason)


@dataclass
class _Look:
    """One survey on its way: each question starts as soon as what it needs is known."""

    asker: Asker
    found: Survey
    wants: Wants
    group: asyncio.TaskGroup
    exchanged: set[int] = field(default_factory=set)
    once: asyncio.Lock = field(default_factory=asyncio.Lock)  # around the question for extras
    begun: set[int] = field(default_factory=set)  # versions of whole handshakes
    tried: set[str] = field(default_factory=set)  # known faults that sslyze was asked about
    asked: set[str] = field(default_factory=set)  # facts that are asked for once

    async def everything(self, first: asyncio.Task[None]) -> None:
        """`first` is the sweep of TLS 1.3, under way."""
        found, start = self.found, self.group.create_task
        sweeps = [first, *(start(self._tolerant(found.versions[number])) for number in OLD)]
        start(self._newest(first))
        start(self._second())
        if self.wants("tls.accepts_ssl_2", "tls.versions"):
            start(self._ssl_2())
        await asyncio.gather(*sweeps)
        await sweep.settle(self.asker, found.versions.values())
        if not found.accepted:
            return
        for number in found.accepted:
            if number >= hello.TLS_1_2 or number == found.accepted[0]:
                start(self._exchange(found.versions[number]))
        if found.below:
            start(self._below())
        elif self.wants("certificate.", "tls.signatures"):
            start(self._leaves())

    async def _tolerant(self, version: Version) -> None:
        """Once the port has spoken TLS, an answer in anything else is no answer."""
        try:
            await sweep.fill(self.asker, version)
        except NetworkError as error:
            version.gap = error.reason

    async def _newest(self, first: asyncio.Task[None]) -> None:
        """What TLS 1.3 tells, once it is known to be spoken."""
        newest = self.found.versions[NEW]
        if not newest.accepted:
            return
        if self.wants(*_TICKET, "tls.early_data", "certificate."):
            self.group.create_task(self._whole(NEW))
        await first
        await self._exchange(newest)
        if len(newest.suites) > 1 and self.wants("tls.server_preference", "tls.suite_order_1_3"):
            self.found.order[NEW] = await _try(behaviour.own_order(self.asker, newest))

    async def _second(self) -> None:
        """What TLS 1.2 tells, once it is known to be spoken, in hellos of any length."""
        second = self.found.versions[hello.TLS_1_2]
        await second.heard.wait()
        if not second.bears_long_lists:
            return
        old = self.found.versions[NEW].accepted is False
        if old and registry()[second.order[0]].key_exchange == "RSA":
            # An old server for all that is known: sslyze takes its time, and may begin.
            self.group.create_task(self._known_faults(("ccs_injection", "robot")))
        self.group.create_task(self._renegotiation(second))
        self.group.create_task(self._exchange(second))
        self.group.create_task(self._early(second))
        await second.ordered.wait()
        await self._extras(second)

    async def _early(self, second: Version) -> None:
        """What asks for no more than which versions there are, and one suite of each.

        A server that bears long lists is not asked again for a version: each has had its answer.
        """
        await asyncio.gather(*(self.found.versions[number].heard.wait() for number in OLD))
        self.group.create_task(self._fallback())
        await second.ordered.wait()
        await self._encrypt_then_mac([second.number])

    async def _exchange(self, version: Version) -> None:
        """Groups and signature algorithms of a version, once."""
        if version.number in self.exchanged:
            return
        self.exchanged.add(version.number)
        if self.wants(*_EXCHANGE):
            await exchange.groups(self.asker, version)
        else:
            version.groups_gap = version.signatures_gap = UNASKED

    async def _ssl_2(self) -> None:
        answer = await _try(self.asker.ssl_2())
        if answer.value is None:
            self.found.ssl_2 = Answered(gap=answer.gap)
        elif isinstance(answer.value, Accepted):
            self.found.ssl_2 = Answered((True, "SERVER-HELLO"))
        else:
            sign = answer.value.why if isinstance(answer.value, Refused) else "other bytes"
            self.found.ssl_2 = Answered((False, sign))

    async def _below(self) -> None:
        """What only a version below TLS 1.3 has."""
        found, start = self.found, self.group.create_task
        start(self._renegotiation(found.versions[found.below[0]]))
        start(self._fallback())
        start(self._encrypt_then_mac(found.below))
        await self._extras(found.versions[found.below[0]])
        ruled_out = {point.name for point in conduct.ruled_out(found)}
        faults = [r.fact for r in sslyze_scan.READINGS if r.fact not in ruled_out]
        if "heartbleed" not in ruled_out and self._first("tls.heartbleed"):
            found.faults.append(await heartbeat.bleeds(self.asker, found.versions[found.below[0]]))
        await self._known_faults(faults)

    async def _extras(self, version: Version) -> None:
        """Order, extensions and compression of the newest version below TLS 1.3, once."""
        async with self.once:
            if self.found.extras.gap is UNASKED and self.wants(*_EXTRAS):
                await self._ask_extras(version)

    async def _ask_extras(self, version: Version) -> None:
        answer = await _try(behaviour.extras(self.asker, version))
        if answer.value is None:  # perhaps it was all too much at once
            alone = await _try(behaviour.compresses(self.asker, version))
            answer = alone if alone.value is not None else answer
        extras = self.found.extras = answer
        same = None
        if extras.value is not None:
            same = extras.value.picked == behaviour.first_choice(version)
        self.found.order[version.number] = Answered(same, extras.gap)

    async def _fallback(self) -> None:
        """Once, where there is a version to fall back to."""
        name, below = "tls.fallback_scsv", self.found.below
        if len(below) > 1 and self._first(name):
            second = self.found.versions[below[1]]
            self.found.fallback = await _try(behaviour.refuses_fallback(self.asker, second))

    async def _encrypt_then_mac(self, versions: Iterable[int]) -> None:
        """Once, in the first of the versions that has CBC suites."""
        for number in versions:
            suites = self.found.versions[number].suites
            cbc = [code for code in suites if registry()[code].mode == "CBC"]
            if cbc and number > hello.SSL_3:
                if self._first("tls.encrypt_then_mac"):
                    question = behaviour.encrypts_then_macs(self.asker, number, cbc)
                    self.found.encrypt_then_mac = await _try(question)
                return

    def _first(self, name: str) -> bool:
        """Whether a chosen rule reads the fact, and nobody has begun to ask for it."""
        if name in self.asked or not self.wants(name):
            return False
        self.asked.add(name)
        return True

    async def _known_faults(self, names: Iterable[str]) -> None:
        """By sslyze, each once, where a chosen rule asks."""
        asked = [n for n in names if n not in self.tried and self.wants(f"tls.{n}")]
        self.tried |= set(asked)
        self.found.faults += await sslyze_scan.vulnerabilities(self.asker, asked)

    async def _renegotiation(self, version: Version) -> None:
        """One whole handshake below TLS 1.3, once."""
        if version.number in self.begun or not self.wants("tls.client_renegotiation", *_TICKET):
            return
        self.begun.add(version.number)
        await self._whole(version.number, renegotiate=True)

    async def _whole(self, number: int, *, renegotiate: bool = False) -> None:
        ended = await handshake.complete(self.asker, number, renegotiate=renegotiate)
        self.found.ended[number] = ended

    async def _leaves(self) -> None:
        """TLS 1.3 alone: what signs, and a second kind of key, show in no other version."""
        newest = self.found.versions[NEW]
        if NEW not in self.found.ended:
            await self._whole(NEW)
        ended = self.found.ended[NEW]
        if not ended.certificates:
            return
        kind = exchange.kind_of(ended.certificates[0])
        other = "ECDSA" if kind in ("RSA", "RSA-PSS") else "RSA"
        gap: Text | None = UNASKED
        if self.wants("tls.signatures"):
            gap = await exchange.later_signatures(self.asker, newest, kind)
        there = await _try(exchange.has_leaf(self.asker, newest, other))
        self.found.leaves_gap = there.gap
        if there.value:
            names = ("EC",) if other == "ECDSA" else ("RSA_PSS",)
            second = await handshake.complete(self.asker, NEW, signatures=names)
            self.found.others.append(second)
            if self.wants("tls.signatures"):
                gap = gap or await exchange.later_signatures(self.asker, newest, other)
        newest.signatures_gap = gap or there.gap
