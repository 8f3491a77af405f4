"""`gdpr-audit hds import` and `forget`: show what was understood, ask, keep."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gdpr_audit.cli import progress
from gdpr_audit.errors import InputError
from gdpr_audit.files import data_folder
from gdpr_audit.redaction import clean

if TYPE_CHECKING:
    from gdpr_audit.hds import Entry, HosterList
    from gdpr_audit.hds.importing import Import, Reading

_SHOWN = 20  # lines of one kind; the rest is counted
_SAMPLE = 5  # entries of a file


def run(
    files: Sequence[Path], *, yes: bool, dry_run: bool, as_of: str | None, partial: bool
) -> None:
    from gdpr_audit.hds import importing, store
    from gdpr_audit.hds.hosters import HosterList

    today = date.today()  # noqa: DTZ011 - the user's own day is meant
    with progress.working("reading " + ", ".join(path.name for path in files)):
        found = importing.read(files, today, _day(as_of), partial=partial)
    for reading in found.readings:
        _show(reading)
    new = HosterList(
        entries=found.entries,
        source="import",
        complete=found.partial_because is None,
        as_of=found.as_of,
        files=found.files,
        imported_at=datetime.now(UTC).isoformat(timespec="seconds"),
        partial_because=found.partial_because,
    )
    _sum_up(found, new, today)
    if dry_run:
        typer.echo("nothing is stored (--dry-run)")
        return
    _agree("Keep this list for all audits from now on?", yes=yes)
    typer.echo(f"stored as {store.write(new)}")
    typer.echo("go back to the embedded list with: gdpr-audit hds forget")


def forget(*, yes: bool) -> None:
    from gdpr_audit.hds import store

    at = data_folder()
    if at is None or not any(at.glob("hds-list*")):
        typer.echo("no list is stored: the embedded one counts")
        return
    _agree(f"Remove the imported list in {at}?", yes=yes)
    store.forget()
    typer.echo("removed: the embedded list counts again, which is partial")


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given is not None else None
    except ValueError:
        raise InputError(f"--as-of {given!r}: expected YYYY-MM-DD") from None


def _agree(question: str, *, yes: bool) -> None:
    """Go on with a yes alone. Raises InputError where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("nothing was changed: there is no terminal to ask on; say --yes")
    if not typer.confirm(question, default=False):
        typer.echo("nothing was changed")
        raise typer.Exit(1)


def _show(reading: Reading) -> None:
    header = f", header in line {reading.header_line}" if reading.header_line else ""
    typer.echo(
        f"{reading.path}: {reading.form}, {reading.encoding}{header}, "
        f"{_count(reading.rows, 'row')}, {_count(len(reading.entries), 'entry')}"
    )
    typer.echo(f"  day of the list: {reading.as_of} (by {reading.as_of_by})")
    for field, title in reading.columns.items():
        typer.echo(f"  {field:20} <- {clean(title, 100)}")
    if reading.ignored:
        typer.echo(f"  columns not used: {', '.join(reading.ignored[:_SHOWN])}")
    if reading.entries:
        typer.echo("  for example:")
    for entry in reading.entries[:_SAMPLE]:
        typer.echo(f"    {_line(entry)}")
    for remark in reading.remarks[:_SHOWN]:
        typer.echo(f"  ! {remark}")
    _some("not read", ((u.line, u.text) for u in reading.unread), len(reading.unread))
    _some("left out", ((u.line, u.text) for u in reading.left_out), len(reading.left_out))
    _some("note", ((n.line, f"{n.field}: {n.text}") for n in reading.notes), len(reading.notes))


def _some(kind: str, rows: Iterable[tuple[int, str]], count: int) -> None:
    for _, (line, text) in zip(range(_SHOWN), rows, strict=False):
        typer.echo(f"  {kind}, line {line}: {text}")
    if count > _SHOWN:
        typer.echo(f"  ... and {count - _SHOWN} more of this kind ({kind})")


def _sum_up(found: Import, new: HosterList, today: date) -> None:
    from gdpr_audit.hds import STALE_DAYS, store

    bare = sum(not entry.activities for entry in found.entries)
    endless = sum(entry.valid_until is None for entry in found.entries)
    typer.echo(
        f"together: {_count(len(found.entries), 'entry')} of {_count(len(new.hosters), 'hoster')}"
        f" ({found.duplicates} given twice); {bare} without activities, {endless} without an end"
    )
    if found.partial_because:
        typer.echo(
            f"taken as partial, because {found.partial_because}: "
            "a hoster that it lacks will be unproven"
        )
    else:
        typer.echo(
            "taken as complete: a hoster that it lacks will count as not certified. Is a page or "
            "a letter of the directory missing? Then say --partial"
        )
    if new.stale(today):
        typer.echo(f"! the list is over {STALE_DAYS} days old ({found.as_of})")
    try:
        old = store.read()
    except InputError:
        typer.echo("replaces a stored list that is damaged")
        return
    if old is None:
        typer.echo("takes the place of the embedded list")
        return
    typer.echo(f"replaces the stored list: {_count(len(old.entries), 'entry')} as of {old.as_of}")
    if len(new.entries) * 2 < len(old.entries):
        typer.echo(
            f"! the new list has less than half the entries of the stored one: "
            f"{len(new.entries)} instead of {len(old.entries)}"
        )
    if old.as_of and found.as_of < old.as_of:
        typer.echo(f"! the new list is older than the stored one: {found.as_of}")


def _line(entry: Entry) -> str:
    activities = ",".join(map(str, entry.activities)) or "?"
    version = f"v{entry.referential or '?'}"
    return (
        f"{entry.name}: activities {activities}, {version}, "
        f"{entry.valid_from or '?'} to {entry.valid_until or '?'}"
    )


def _count(number: int, what: str) -> str:
    several = "entries" if what == "entry" else f"{what}s"
    return f"{number} {what if number == 1 else several}"
