r"""Everything that one address of a port tells of its TLS, gathered in one go.

    sweep 1.3 -> groups ---------------------------\
    sweep 1.2 -> groups and signatures -------------+-> is what was accepted accepted still?
    sweeps 1.1, 1.0, SSL 3, SSL 2 --> behaviour ----/
                                  \-> whole handshakes

What no chosen rule needs is not asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gdpr_audit.checks.tls import behaviour, exchange, handshake, hello, sweep
from gdpr_audit.checks.tls.answer import Accepted, Refused
from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.behaviour import Extras
from gdpr_audit.checks.tls.handshake import Ended
from gdpr_audit.checks.tls.suites import registry
from gdpr_audit.checks.tls.version import Shown, Version
from gdpr_audit.errors import BudgetSpent, DeadlineExceeded, NetworkError
from gdpr_audit.model import Text

T = TypeVar("T")
Wants = Callable[..., bool]

NEW, OLD = hello.TLS_1_3, sweep.OLD_VERSIONS
UNASKED = Text(
    "aucune règle choisie n'en a besoin : non demandé", "no chosen rule needs it: not asked"
)
CEASED = Text(
    "la cible a cessé d'accepter en cours d'audit ce qu'elle acceptait au début",
    "the target ceased, half-way, to accept what it had accepted at first",
)


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """An answer, or why there is none."""

    value: T | None = None
    gap: Text | None = None


@dataclass
class Survey:
    """The answers of one address. `doubt` says why its refusals cannot be relied on."""

    address: str | None
    versions: dict[int, Version] = field(default_factory=dict)
    ssl_2: Answered[tuple[bool, str]] = field(default_factory=lambda: Answered(gap=UNASKED))
    extras: Answered[Extras] = field(default_factory=lambda: Answered(gap=UNASKED))
    order: dict[int, Answered[bool]] = field(default_factory=dict)
    fallback: Answered[bool] = field(default_factory=lambda: Answered(gap=UNASKED))
    encrypt_then_mac: Answered[bool] = field(default_factory=lambda: Answered(gap=UNASKED))
    ended: dict[int, Ended] = field(default_factory=dict)
    others: list[Ended] = field(default_factory=list)
    leaves_gap: Text | None = None  # why there may be certificates that were not shown
    doubt: Text | None = None
    reason: Text | None = None  # why nothing was accepted, or nothing is known

    @property
    def accepted(self) -> list[int]:
        """The accepted versions, the newest first."""
        return sorted((n for n, v in self.versions.items() if v.accepted), reverse=True)

    @property
    def below(self) -> list[int]:
        return [n for n in self.accepted if n < NEW]

    @property
    def newest(self) -> str:
        if self.accepted:
            return hello.NAMES[self.accepted[0]]
        return "SSL 2" if self.ssl_2.value and self.ssl_2.value[0] else "TLS"

    @property
    def shown(self) -> list[Shown]:
        """Every chain that was shown, in whichever version; each once."""
        found: dict[tuple[bytes, ...], Shown] = {}
        for version in self.versions.values():
            for chain, shown in version.shown.items():
                found.setdefault(chain, shown)
        for ended in (*self.ended.values(), *self.others):
            if ended.certificates:
                later = Shown(ended.certificates, ended.ocsp, None)
                found.setdefault(ended.certificates, later)
        return list(found.values())


async def survey(asker: Asker, wants: Wants) -> Survey:
    """Ask every version, then what only an accepted one can answer.

    Raises NoTls where the port answers without TLS, other NetworkErrors where it cannot be
    reached at all.
    """
    found = Survey(asker.address)
    heard = asyncio.Event()
    first = asyncio.create_task(sweep.version(asker, NEW, heard))
    waiting = asyncio.create_task(heard.wait())
    try:
        await asyncio.wait({first, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if first.done():
            first.result()
        async with asyncio.TaskGroup() as group:
            sweeps = {n: group.create_task(_tolerant(asker, n)) for n in OLD}
            if wants("tls.accepts_ssl_2"):
                group.create_task(_ssl_2(asker, found))
            sweeps[NEW] = first
            for task in sweeps.values():
                group.create_task(_pipeline(asker, task, wants))
            found.versions = {number: await task for number, task in sweeps.items()}
            known = set(found.accepted)
            await sweep.settle(asker, found.versions.values())
            for number in set(found.accepted) - known:
                group.create_task(_exchange(asker, found.versions[number], wants))
            if found.accepted:
                await _rest(asker, found, wants, group)
    finally:
        first.cancel()
        waiting.cancel()
    if found.accepted:
        found.doubt = await _doubt(asker, found)
    elif not (found.ssl_2.value and found.ssl_2.value[0]):
        found.reason = _nothing(found)
    return found


async def _tolerant(asker: Asker, number: int) -> Version:
    """Once the port has spoken TLS, an answer in anything else is no answer."""
    try:
        return await sweep.version(asker, number)
    except NetworkError as error:
        return Version(number, gap=error.reason)


async def _pipeline(asker: Asker, task: asyncio.Task[Version], wants: Wants) -> None:
    await _exchange(asker, await task, wants)


async def _exchange(asker: Asker, version: Version, wants: Wants) -> None:
    """After a version's suites its groups, where the version is accepted and the rules ask."""
    if not version.accepted or version.number < hello.TLS_1_2:
        return
    if not wants(
        "tls.groups", "tls.curve_bits", "tls.ecdhe_used", "tls.post_quantum", "tls.signatures",
        "tls.dh_bits", "tls.dhe_used",
    ):  # fmt: skip
        version.groups_gap = version.signatures_gap = UNASKED
        return
    await exchange.groups(asker, version)


async def _ssl_2(asker: Asker, found: Survey) -> None:
    try:
        answer = await asker.ssl_2()
    except NetworkError as error:
        found.ssl_2 = Answered(gap=error.reason)
        return
    if isinstance(answer, Accepted):
        found.ssl_2 = Answered((True, "SERVER-HELLO"))
    else:
        sign = answer.why if isinstance(answer, Refused) else "other bytes"
        found.ssl_2 = Answered((False, sign))


async def _try(question: Awaitable[T]) -> Answered[T]:
    try:
        return Answered(await question)
    except NetworkError as error:
        return Answered(gap=error.reason)


async def _rest(asker: Asker, found: Survey, wants: Wants, group: asyncio.TaskGroup) -> None:
    """What only an accepted version can answer."""
    ordered = wants("tls.server_preference")
    if ordered and len(found.versions[NEW].suites) > 1:
        group.create_task(_order(asker, found))
    if found.below:
        if ordered or wants("tls.compression", "tls.extensions", "tls.heartbleed"):
            group.create_task(_extras(asker, found))
        if len(found.below) > 1 and wants("tls.fallback_scsv"):
            group.create_task(_fallback(asker, found))
        if wants("tls.encrypt_then_mac"):
            group.create_task(_encrypt_then_mac(asker, found))
    if found.accepted[0] < hello.TLS_1_2:
        lowest = found.versions[found.accepted[0]]
        group.create_task(exchange.groups(asker, lowest))
    group.create_task(_handshakes(asker, found, wants))


async def _order(asker: Asker, found: Survey) -> None:
    found.order[NEW] = await _try(behaviour.own_order(asker, found.versions[NEW]))


async def _extras(asker: Asker, found: Survey) -> None:
    version = found.versions[found.below[0]]
    found.extras = await _try(behaviour.extras(asker, version))
    if found.extras.value is None:  # perhaps it was all too much at once
        alone = await _try(behaviour.compresses(asker, version))
        found.extras = alone if alone.value is not None else found.extras
    extras = found.extras.value
    same = None if extras is None else extras.picked == version.suites[0]
    found.order[version.number] = Answered(same, found.extras.gap)


async def _fallback(asker: Asker, found: Survey) -> None:
    found.fallback = await _try(behaviour.refuses_fallback(asker, found.versions[found.below[1]]))


async def _encrypt_then_mac(asker: Asker, found: Survey) -> None:
    for number in found.below:
        cbc = [code for code in found.versions[number].suites if registry()[code].mode == "CBC"]
        if cbc and number > hello.SSL_3:
            question = behaviour.encrypts_then_macs(asker, number, cbc)
            found.encrypt_then_mac = await _try(question)
            return


_CERTIFICATE = "certificate."
_TICKET = ("tls.session_tickets", "tls.ticket_lifetime", "tls.early_data")


async def _handshakes(asker: Asker, found: Survey, wants: Wants) -> None:
    """A whole handshake in TLS 1.3 and one in the newest version below, where needed."""
    async with asyncio.TaskGroup() as group:
        if NEW in found.accepted and wants(*_TICKET, _CERTIFICATE):
            group.create_task(_later(asker, found, wants))
        if found.below and wants("tls.client_renegotiation", *_TICKET[:2]):
            group.create_task(_earlier(asker, found))


async def _later(asker: Asker, found: Survey, wants: Wants) -> None:
    ended = found.ended[NEW] = await handshake.complete(asker, NEW)
    if found.below or not ended.certificates:
        return
    # TLS 1.3 alone: a second kind of key, and what signs, show in no other version.
    kind = exchange.kind_of(ended.certificates[0])
    if wants("tls.signatures"):
        await exchange.later_signatures(asker, found.versions[NEW], kind)
    other = "ECDSA" if kind == "RSA" else "RSA"
    there = await _try(exchange.has_leaf(asker, found.versions[NEW], other))
    found.leaves_gap = there.gap
    if there.value:
        names = ("EC",) if other == "ECDSA" else ("RSA_PSS",)
        found.others.append(await handshake.complete(asker, NEW, signatures=names))
        if wants("tls.signatures"):
            await exchange.later_signatures(asker, found.versions[NEW], other)


async def _earlier(asker: Asker, found: Survey) -> None:
    number = found.below[0]
    found.ended[number] = await handshake.complete(asker, number, renegotiate=True)


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
