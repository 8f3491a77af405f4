"""Our own form of the list: CSV in UTF-8, a certificate a row. Read strictly, written back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from gdpr_audit.errors import InputError
from gdpr_audit.hds import names
from gdpr_audit.redaction import clean

LIMIT = 8 * 1024 * 1024  # bytes; the official list held 404 hosters in July 2026
MOST_ROWS = 20_000
LONGEST_LINE = 1024 * 1024  # characters
MOST_COLUMNS = 200
COLUMNS = (
    "name",
    "aliases",
    "country",
    "activities",
    "referential",
    "certification_body",
    "certificate_number",
    "valid_from",
    "valid_until",
    "source_url",
    "source_date",
    "confidence",
    "siren",  # this one and the next may be left out
    "transfers_url",
)
_NEEDED = ("name", "activities", "valid_until")
_LONGEST = 2000  # characters of a cell that are kept
_FORMULA = "=+-@\t\r"  # what a spreadsheet takes for the start of a formula


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a hoster and one of its certificates. What its source leaves out is None or ()."""

    name: str
    aliases: tuple[str, ...] = ()
    country: str | None = None
    activities: tuple[int, ...] = ()
    referential: int | None = None
    certification_body: str | None = None
    certificate_number: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    source_url: str | None = None
    source_date: date | None = None
    confidence: str | None = None
    siren: str | None = None
    transfers_url: str | None = None


def is_ours(text: str) -> bool:
    """Whether a text begins with the header of our own form, right or with columns too many."""
    first = next(csv.reader(io.StringIO(text[:4096].split("\n", 1)[0])), [])
    return set(_NEEDED) <= {cell.strip() for cell in first}


def read(text: str, file: str) -> tuple[Entry, ...]:
    """The rows of a list. Raises InputError naming file and line."""
    refuse_long_lines(text, file)
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        header = [cell[:100] for cell in reader.fieldnames or ()]
        missing = [column for column in _NEEDED if column not in header]
        if missing:
            raise InputError(
                f"{file}:1: columns are missing: {', '.join(missing)}. A list in another form (a "
                f"page or a table saved from elsewhere) is read by: gdpr-audit hds import {file}"
            )
        unknown = [column for column in header if column not in COLUMNS]
        if unknown:
            raise InputError(
                f"{file}:1: unknown column {unknown[0]!r}; known: {', '.join(COLUMNS)}"
            )
        twice = [column for column in header if header.count(column) > 1]
        if twice:
            raise InputError(f"{file}:1: the column {twice[0]!r} is there twice")
        return tuple(_rows(reader, file))
    except csv.Error as error:
        raise InputError(f"{file}: not a CSV file: {error}") from error


def refuse_long_lines(text: str, file: str) -> None:
    """Raises InputError: a line of cells without end would be split before it is counted."""
    for number, line in enumerate(io.StringIO(text), 1):
        if len(line) > LONGEST_LINE:
            raise InputError(f"{file}:{number}: a line of more than {LONGEST_LINE} characters")


def _rows(reader: csv.DictReader[str], file: str) -> Iterable[Entry]:
    for count, row in enumerate(reader):
        if count >= MOST_ROWS:
            raise InputError(f"{file}:{reader.line_num}: more than {MOST_ROWS} rows")
        yield _entry(row, file, reader.line_num)


def write(entries: Iterable[Entry]) -> str:
    """The rows as text that `read` reads back; no cell of it is a formula to a spreadsheet."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_cell(getattr(entry, column)) for column in COLUMNS])
    return stream.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = ";".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text.lstrip(_FORMULA)


def _entry(row: dict[str, str], file: str, line: int) -> Entry:
    at = f"{file}:{line}"
    if None in row or None in row.values():
        raise InputError(f"{at}: this row has not as many fields as the header")
    name = clean(row["name"], _LONGEST)
    if not name:
        raise InputError(f"{at}: name: a hoster without a name")
    if not names.parse(name).words or names.looks_like_number(name):
        raise InputError(f"{at}: name: {name!r} names no company")

    def text(column: str) -> str | None:
        return clean(row.get(column, ""), _LONGEST) or None

    def day(column: str) -> date | None:
        given = text(column)
        try:
            return date.fromisoformat(given) if given else None
        except ValueError:
            raise InputError(f"{at}: {column}: {given!r} is not YYYY-MM-DD") from None

    def numbers(column: str, allowed: Sequence[int]) -> tuple[int, ...]:
        given = _parts(row.get(column, ""))
        if any(part not in map(str, allowed) for part in given):
            among = ", ".join(map(str, allowed))
            raise InputError(f"{at}: {column}: {row[column]!r}; expected among {among}")
        return tuple(sorted({int(part) for part in given}))

    referential = numbers("referential", (1, 2))
    if len(referential) > 1:
        raise InputError(f"{at}: referential: {row['referential']!r}; expected one of 1, 2")
    aliases = _parts(row.get("aliases", ""))
    return Entry(
        name=name,
        aliases=aliases,
        country=text("country"),
        activities=numbers("activities", range(1, 7)),
        referential=referential[0] if referential else None,
        certification_body=text("certification_body"),
        certificate_number=text("certificate_number"),
        valid_from=day("valid_from"),
        valid_until=day("valid_until"),
        source_url=text("source_url"),
        source_date=day("source_date"),
        confidence=text("confidence"),
        siren=_siren(text("siren"), aliases, at),
        transfers_url=_address(text("transfers_url"), at),
    )


def _siren(given: str | None, aliases: tuple[str, ...], at: str) -> str | None:
    """The column's number, else the first alias that is one."""
    numbers = [("siren", given)] if given else []
    numbers += [("aliases", alias) for alias in aliases if names.looks_like_number(alias)]
    found = []
    for column, text in numbers:
        siren = names.number(text or "")
        if siren is None:
            raise InputError(
                f"{at}: {column}: {text!r} is no SIREN: nine digits, of which the last is a check"
            )
        found.append(siren)
    return found[0] if found else None


def _address(given: str | None, at: str) -> str | None:
    if given and not re.match(r"https?://[^\s/]", given):
        raise InputError(f"{at}: transfers_url: {given!r} is no web address (https://...)")
    return given


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (clean(part, _LONGEST) for part in cell.split(";"))))
