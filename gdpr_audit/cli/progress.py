"""What long work is at, and for how long, on a terminal; nothing in a pipe."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gdpr_audit.model import Subject

_WIDEST = 200  # characters; the terminal cuts it further

Say = Callable[[str], None]


@contextlib.contextmanager
def working(words: str, *, quiet: bool = False, plain: bool = False) -> Iterator[Say | None]:
    """A line with the seconds since it began and `words`, gone when the work ends.

    What is yielded changes the words; None where nothing is shown. The line
    counts on by itself while they stay.
    """
    # A dumb terminal takes no line back; what comes of it there is empty lines.
    if quiet or not sys.stderr.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn
    from rich.table import Column

    from gdpr_audit.redaction import clean

    # The line is one of the terminal's own, whatever standard output is.
    screen = Console(stderr=True, no_color=plain or None, highlight=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.elapsed:4.0f} s"),
        # No markup: names are whatever a platform says. They never take a second line.
        TextColumn(
            "{task.description}",
            markup=False,
            table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1),
        ),
    )
    with Progress(*columns, console=screen, transient=True, expand=True) as shown:
        task = shown.add_task(clean(words, _WIDEST))
        yield lambda words: shown.update(task, description=clean(words, _WIDEST))


class Running:
    """The checks that are at work, as words for the line."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._at_work: dict[tuple[str, Subject], None] = {}

    def __call__(self, check: str, subject: Subject, done: bool) -> None:
        """As `Plan.progress` wants it."""
        if done:
            self._at_work.pop((check, subject), None)
        else:
            self._at_work[check, subject] = None
        names = sorted({f"{check} {subject.name}" for check, subject in self._at_work})
        self._say(", ".join(names) or "judging")
