"""A saved copy of the official directory to our own list: what was understood, and what was not.

The directory has no download, so that what a person can save is read: a page, a spreadsheet as
CSV, a pasted table. Nothing is guessed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from gdpr_audit import files
from gdpr_audit.errors import InputError
from gdpr_audit.hds import table as own
from gdpr_audit.hds.hosters import File, newest
from gdpr_audit.hds.importing import cards, columns, content, markup, plain_text, rows
from gdpr_audit.hds.importing.shape import Note, Table, Unread
from gdpr_audit.hds.table import Entry

_EXPECTED = "a header names its columns, as: Raison sociale, Activités, Date de fin"


@dataclass(slots=True)
class Reading:
    """What one file gave."""

    path: Path
    sha256: str
    form: str  # "web page", "our own CSV", "CSV separated by ';'"
    encoding: str
    as_of: date
    as_of_by: str  # what says so
    header_line: int | None = None
    columns: dict[str, str] = field(default_factory=dict)  # field: header
    ignored: list[str] = field(default_factory=list)  # headers
    rows: int = 0
    stated: int = 0  # results that the page itself says that there are
    entries: list[Entry] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # on the file as a whole
    notes: list[Note] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    left_out: list[Unread] = field(default_factory=list)
    unread_tables: int = 0
    cut: bool = False  # the page does not come to its end


@dataclass(frozen=True, slots=True)
class Import:
    """Several files together."""

    readings: tuple[Reading, ...]
    entries: tuple[Entry, ...]
    duplicates: int
    partial_because: str | None

    @property
    def as_of(self) -> date:
        """The list is as old as the oldest of its files."""
        return min(reading.as_of for reading in self.readings)

    @property
    def files(self) -> tuple[File, ...]:
        return tuple(File(r.path.name, r.sha256, r.as_of) for r in self.readings)


def read(paths: Sequence[Path], today: date, as_of: date | None, *, partial: bool) -> Import:
    """All files as one list. Raises InputError for a file that cannot be read, or no hoster."""
    if as_of is not None and as_of > today:
        raise InputError(f"--as-of {as_of}: this day is yet to come")
    readings = tuple(_read(path, today, as_of) for path in paths)
    entries, duplicates = _joined(readings)
    if not entries:
        seen = "; ".join(_nothing(reading) for reading in readings)
        raise InputError(f"no hoster was understood, nothing is stored: {seen}")
    if len(entries) > own.MOST_ROWS:
        raise InputError(f"more than {own.MOST_ROWS} entries: this is no list of certified hosters")
    return Import(readings, entries, duplicates, _partial(readings, partial=partial))


def _nothing(reading: Reading) -> str:
    if reading.unread:
        return f"{reading.path}: {reading.unread[0].text} (line {reading.unread[0].line})"
    if reading.header_line is None and reading.form == "web page":
        return (
            f"{reading.path}: a web page in which no table or card names a hoster. If the browser "
            "shows them, they come by script: copy the table into a spreadsheet, saved as CSV"
        )
    if reading.header_line is None:
        return f"{reading.path}: {reading.form}, in which no table was found where {_EXPECTED}"
    return f"{reading.path}: a header in line {reading.header_line}, and no row below it"


def _joined(readings: Sequence[Reading]) -> tuple[tuple[Entry, ...], int]:
    """Each entry once; of two that differ in their source's day alone, the newer."""
    kept: dict[Entry, date | None] = {}
    count = 0
    for entry in (entry for reading in readings for entry in reading.entries):
        count += 1
        bare = replace(entry, source_date=None)
        before = kept.get(bare)
        kept[bare] = max(filter(None, (before, entry.source_date)), default=None)
    entries = tuple(replace(entry, source_date=day) for entry, day in kept.items())
    return entries, count - len(entries)


def _partial(readings: Sequence[Reading], *, partial: bool) -> str | None:
    """Why the list is not taken as complete. None: it is."""
    if partial:
        return "imported with --partial"
    return next(_lacks(readings), None)


def _lacks(readings: Sequence[Reading]) -> Iterator[str]:
    """The signs that the files are not the whole list, or were not read as a whole."""
    for reading in readings:
        if reading.cut:
            yield f"{reading.path.name} is cut: it has no </html>"
        if not reading.entries and not reading.left_out:
            yield f"{reading.path.name} gave no hoster"
    for count, what in (
        (sum(len(reading.unread) for reading in readings), "row"),
        (sum(reading.unread_tables for reading in readings), "table"),
    ):
        if count:
            yield f"{count} {what}{'s' if count > 1 else ''} could not be read"
    for stated in sorted({reading.stated for reading in readings}):
        # pages of one search say the same number; a file that says none may be a part of any
        found = sum(reading.rows for reading in readings if reading.stated in (stated, 0))
        if stated > found:
            yield f"a page says that there are {stated}, and {found} were found"


def _read(path: Path, today: date, as_of: date | None) -> Reading:
    raw = files.read(path, own.LIMIT, "list of hosters")
    text, encoding = content.text_of(raw, path)
    saved = _saved(path, today)
    day, by = (as_of, "--as-of") if as_of else (saved, "the file's modification day")
    reading = Reading(path, hashlib.sha256(raw).hexdigest(), "text", encoding, day, by)
    if own.is_ours(text):
        _own(reading, text, given=as_of is not None)
    elif content.is_html(text):
        _page(reading, text)
    else:
        _text(reading, text)
    reading.entries = [
        entry if entry.source_date else replace(entry, source_date=reading.as_of)
        for entry in reading.entries
    ]
    return reading


def _saved(path: Path, today: date) -> date:
    """The day of the file, by its own; never one that is yet to come."""
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone().date()
    except (OSError, ValueError, OverflowError):  # a time that no calendar has
        return today
    return min(changed, today)


def _own(reading: Reading, text: str, *, given: bool) -> None:
    reading.form, reading.header_line = "our own CSV", 1
    reading.entries = list(own.read(text, str(reading.path)))
    reading.rows = len(reading.entries)
    reading.columns = {name: name for name in text.split("\n", 1)[0].split(",")}
    day = newest(reading.entries)
    if not given and day is not None and all(entry.source_date for entry in reading.entries):
        # the file may be a copy of today of a list of last year
        reading.as_of, reading.as_of_by = min(day, reading.as_of), "its source_date"


def _page(reading: Reading, text: str) -> None:
    page = markup.read(text, str(reading.path))
    reading.form = "web page"
    reading.stated = cards.stated("\n".join(line.text for line in page.lines))
    lower = text.lower()
    reading.cut = "<html" in lower and "</html" not in lower
    read = [table for table in page.tables if _table(reading, table)]
    if not read:
        table = cards.read(page)
        if table is not None:
            reading.form = "web page of cards"
            _table(reading, table)
        return
    widths = {table.width for table in read}
    for table in page.tables:
        if table not in read and len(table.rows) > 1:
            like = table.width in widths  # a list cut in two, of which one half has no header
            reading.unread_tables += like
            reading.remarks.append(
                f"{table.label} ({len(table.rows)} rows, from line {table.rows[0].line}) has no "
                f"header that names a hoster: {'not read' if like else 'ignored'}"
            )


def _text(reading: Reading, text: str) -> None:
    table, said = plain_text.read(text, str(reading.path))
    if not _table(reading, table):
        by_cards = cards.read(cards.of_text(text))
        if by_cards is not None:
            reading.form = "text of labelled lines"
            _table(reading, by_cards)
        return
    one = said.startswith("columns")
    reading.form = f"text, {said}" if one else f"table separated by {said}"
    reading.stated = cards.stated(
        "\n".join(" ".join(row.cells) for row in table.rows if sum(map(bool, row.cells)) == 1)
    )


def _table(reading: Reading, table: Table) -> bool:
    """Read one table into the file's reading; False where it has no header."""
    layout = columns.layout(table)
    if layout is None:
        return False
    outcome = rows.read(table, layout)
    if reading.header_line is None:
        reading.header_line = layout.line
    for name, title in layout.titles().items():
        reading.columns.setdefault(name, title)
    reading.ignored += [title for title in layout.ignored if title not in reading.ignored]
    reading.remarks += [note for note in layout.notes if note not in reading.remarks]
    reading.rows += outcome.rows
    reading.entries += outcome.entries
    reading.notes += outcome.notes
    reading.unread += outcome.unread
    reading.left_out += outcome.left_out
    return True
