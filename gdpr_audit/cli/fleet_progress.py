"""How far a fleet is, on a terminal; and what it came to, in lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gdpr_audit.fleet import line
from gdpr_audit.fleet.pace import Pace

if TYPE_CHECKING:
    from gdpr_audit.fleet.overview import Tally
    from gdpr_audit.fleet.run import Run


class Shown:
    """A bar with the speed and the time that is left; nothing in a pipe."""

    def __init__(self, run: Run, *, quiet: bool, plain: bool) -> None:
        self._run, self._pace = run, Pace()
        self._wanting = 0
        self._bar: Any = None
        if not quiet and sys.stderr.isatty():
            self._bar = _bar(plain=plain)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("", total=self._run.roster.total, words="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def ended(self, row: dict[str, Any]) -> None:
        """A platform's line was written."""
        self._wanting += row["state"] != line.DONE
        if row["state"] != line.REFUSED:
            self._pace.ended(self._run.took)
        if self._bar is None:
            return
        done = self._run.known + self._run.count
        self._bar.update(self._task, completed=done, words=self._words(done))

    def _words(self, done: int) -> str:
        said = []
        if (speed := self._pace.speed) is not None:
            said.append(f"{speed:.1f}/s" if speed >= 1 else f"{60 * speed:.1f}/min")
        left = self._pace.left(self._run.roster.total - done, self._run.lanes.longest)
        if left is not None:
            said.append(f"about {spell(left)} left")
        if self._wanting:
            said.append(f"{self._wanting} without an audit")
        return " · ".join(said)


def spell(seconds: float) -> str:
    """A time that is not more exact than it is known."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def _bar(*, plain: bool) -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    screen = Console(stderr=True, no_color=plain or None, highlight=False)
    return Progress(
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[words]}", markup=False),
        console=screen,
        transient=True,
    )


def summary(counted: Tally, output: Path) -> Iterator[str]:
    """What the fleet came to."""
    verdicts, states = counted.verdicts, counted.states
    yield (
        f"{counted.platforms} platforms: {verdicts['non-compliant']} non-compliant, "
        f"{verdicts['undetermined']} undetermined, {verdicts['compliant']} compliant"
    )
    failed = ", ".join(f"{n} with {severity}" for severity, n in counted.failed.items() if n)
    if failed:
        yield f"failures: {failed}"
    wanting = [
        f"{states[state]} {words}"
        for state, words in (
            (line.LOST, "lost"),
            (line.REFUSED, "with a declaration that was refused"),
            (line.PENDING, "not audited yet"),
        )
        if states[state]
    ]
    if counted.not_looked:
        wanting.append(f"{counted.not_looked} targets that did not answer")
    if wanting:
        yield f"not looked at: {', '.join(wanting)}"
    yield f"{output / 'index.html'}"
