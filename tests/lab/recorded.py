"""An audit's statements, kept: the same audit again without the network, a check at a time broken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from gdpr_audit import audit as line
from gdpr_audit import demo, hds
from gdpr_audit.model import Check, Observe, Statement, Subject
from gdpr_audit.network import Settings
from gdpr_audit.outcome import Audit
from tests.lab import audits

#: From the sound observer and what it stated, one that is not sound.
Fault = Callable[[list[Statement]], Observe]


@dataclass
class Recording:
    """What each check stated of each subject of one real audit."""

    plan: line.Plan
    said: dict[tuple[str, Subject], list[Statement]] = field(default_factory=dict)
    answered: set[Subject] = field(default_factory=set)

    def again(self, broken: str = "", fault: Fault | None = None, timeout: float = 5) -> line.Plan:
        """The same audit, from the record; the check `broken` behaves as `fault` makes it."""
        checks = tuple(
            replace(check, observe=self._observer(check, fault if check.name == broken else None))
            for check in self.plan.checks
        )
        return replace(self.plan, checks=checks, timeout=timeout)

    def _observer(self, check: Check, fault: Fault | None) -> Observe:
        async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
            if subject in self.answered:
                session.reached(subject)
            said = self.said[check.name, subject]
            for statement in said if fault is None else ():
                yield statement
            if fault is not None:
                async for statement in fault(said)(subject, session):
                    yield statement

        return observe


def sample(folder: Path, *, compliant: bool) -> Recording:
    """The demonstration's sample, audited once over loopback."""
    with demo.serve(folder, compliant=compliant) as served:
        plan = audits.plan(
            day=date.today(),
            path=served.declaration,
            settings=Settings(ca_file=served.ca_file if compliant else None, browser=None),
            hosters=hds.load(served.hds_list),
            active=True,
        )
        rules = tuple(rule for rule in plan.rules if rule.subject != "host")
        record = Recording(replace(plan, rules=rules))
        kept = tuple(replace(c, observe=_keeping(record, c)) for c in plan.checks)
        run(replace(record.plan, checks=kept))
    return record


def run(plan: line.Plan) -> Audit:
    return asyncio.run(line.run(plan))


def _keeping(record: Recording, check: Check) -> Observe:
    async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        said = record.said.setdefault((check.name, subject), [])
        async for statement in check.observe(subject, session):
            said.append(statement)
            yield statement
        if subject in session.answered:
            record.answered.add(subject)

    return observe


class Hasty(asyncio.SelectorEventLoop):
    """A loop whose time passes when nothing happens: an hour's hang is over at once, and counted."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        select = self._selector.select  # type: ignore[attr-defined]

        def hurried(timeout: float | None) -> Any:
            events = select(0)
            if not events and timeout:
                self.skipped += timeout
            return events or (select(None) if timeout is None else events)

        self._selector.select = hurried  # type: ignore[attr-defined]

    def time(self) -> float:
        return super().time() + self.skipped


def hastily(plan: line.Plan) -> tuple[Audit, float]:
    """The audit, and the seconds that a clock would have counted while it waited."""
    loop = Hasty()
    try:
        return loop.run_until_complete(line.run(plan)), loop.skipped
    finally:
        left = asyncio.all_tasks(loop)
        loop.set_exception_handler(lambda _loop, _context: None)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
