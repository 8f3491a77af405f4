"""The list of certified hosters: its entries, its age, and who is on it.

The embedded list is partial: a name that it lacks is not known, and never "not certified".
A list that the user names is taken as complete.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import cached_property
from importlib import resources
from pathlib import Path

from gdpr_audit import files
from gdpr_audit.errors import InputError

LIMIT = 8 * 1024 * 1024  # bytes; the official list held 404 hosters in July 2026
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
)
ALIKE = 0.6  # share of two names' letters from which one is worth suggesting for the other
#: Rows below this are shown to nobody as a fact.
_TRUSTED = ("high", "medium")

_FORMS = """
sas sasu sa sarl eurl sca scop scic snc gie gip inc llc ltd limited gmbh bv nv spa srl ag plc corp
corporation company societe groupe group
"""
_LEGAL_FORMS = frozenset(_FORMS.split())


@dataclass(frozen=True, slots=True)
class Entry:
    """One certified hoster. What its source does not say is None, or an empty tuple."""

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


def key(name: str) -> tuple[str, ...]:
    """A name without case, accents, punctuation and legal form, as words to compare."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    plain = re.sub(r"\b(?:[a-z]\.){2,}", lambda dotted: dotted[0].replace(".", ""), plain)
    words = re.findall(r"[a-z0-9]+", plain.replace("'", " "))
    kept = tuple(word for word in words if word not in _LEGAL_FORMS)
    return kept or tuple(words)


@dataclass(frozen=True)
class HosterList:
    """A list of certified hosters, from a source, as of a day."""

    entries: tuple[Entry, ...]
    source: str
    complete: bool
    as_of: date | None

    @cached_property
    def _index(self) -> dict[tuple[str, ...], Entry]:
        index: dict[tuple[str, ...], Entry] = {}
        for entry in self.entries:  # names win over aliases
            index.setdefault(key(entry.name), entry)
        for entry in self.entries:
            for alias in entry.aliases:
                index.setdefault(key(alias), entry)
        return index

    def find(self, name: str) -> Entry | None:
        """The hoster of that name or alias. Exact but for case, accents and legal form."""
        return self._index.get(key(name))

    def near(self, name: str, most: int = 3) -> tuple[Entry, ...]:
        """Hosters whose names look alike: a suggestion for a person, never a match."""
        wanted = " ".join(key(name))
        scored: dict[Entry, float] = {}
        for known, entry in self._index.items():
            ratio = SequenceMatcher(None, wanted, " ".join(known)).ratio()
            scored[entry] = max(ratio, scored.get(entry, 0.0))
        close = sorted(scored.items(), key=lambda pair: (-pair[1], pair[0].name))
        return tuple(entry for entry, ratio in close[:most] if ratio >= ALIKE)

    def search(self, words: str) -> tuple[Entry, ...]:
        """Hosters of whose name or aliases `words` is a part."""
        wanted = " ".join(key(words))
        return tuple(
            entry
            for entry in self.entries
            if any(wanted in " ".join(key(n)) for n in (entry.name, *entry.aliases))
        )

    def age_days(self, day: date) -> int | None:
        return (day - self.as_of).days if self.as_of else None

    @property
    def label(self) -> str:
        """What the audit document says of the list: its day, and whether it is whole."""
        kind = "complete" if self.complete else "partial"
        return f"{self.as_of.isoformat() if self.as_of else 'undated'} ({kind})"


def embedded() -> HosterList:
    """The list that comes with the tool: partial, each entry with its source."""
    text = resources.files("gdpr_audit.hds").joinpath("hosters.csv").read_text("utf-8")
    entries = tuple(e for e in _entries(text, "hosters.csv") if e.confidence in _TRUSTED)
    days = [entry.source_date for entry in entries if entry.source_date]
    return HosterList(entries, "embedded", complete=False, as_of=max(days, default=None))


def load(path: Path) -> HosterList:
    """A list that the user names, taken as complete. Raises InputError naming file and line."""
    content = files.read(path, LIMIT, "list of hosters")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: the list of hosters is not UTF-8 text") from error
    entries = _entries(text, str(path))
    if not entries:
        raise InputError(f"{path}: the list names no hoster")
    days = [entry.source_date for entry in entries if entry.source_date]
    return HosterList(entries, str(path), complete=True, as_of=max(days, default=None))


def _entries(text: str, file: str) -> tuple[Entry, ...]:
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        header = reader.fieldnames or ()
        missing = [
            column for column in ("name", "activities", "valid_until") if column not in header
        ]
        if missing:
            raise InputError(f"{file}:1: columns are missing: {', '.join(missing)}")
        unknown = [column for column in header if column not in COLUMNS]
        if unknown:
            raise InputError(
                f"{file}:1: unknown column {unknown[0]!r}; known: {', '.join(COLUMNS)}"
            )
        return tuple(_entry(row, file, reader.line_num) for row in reader)
    except csv.Error as error:
        raise InputError(f"{file}: not a CSV file: {error}") from error


def _entry(row: dict[str, str], file: str, line: int) -> Entry:
    if None in row or None in row.values():
        raise InputError(f"{file}:{line}: this row has not as many fields as the header")
    if not row["name"].strip():
        raise InputError(f"{file}:{line}: name: a hoster without a name")

    def text(column: str) -> str | None:
        return row.get(column, "").strip() or None

    def day(column: str) -> date | None:
        given = text(column)
        try:
            return date.fromisoformat(given) if given else None
        except ValueError:
            raise InputError(f"{file}:{line}: {column}: {given!r} is not YYYY-MM-DD") from None

    def numbers(column: str, allowed: Sequence[int]) -> tuple[int, ...]:
        given = [part.strip() for part in row.get(column, "").split(";") if part.strip()]
        if any(part not in map(str, allowed) for part in given):
            among = ", ".join(map(str, allowed))
            raise InputError(f"{file}:{line}: {column}: {row[column]!r}; expected among {among}")
        return tuple(int(part) for part in given)

    referential = numbers("referential", (1, 2))
    aliases = _parts(row.get("aliases", "").split(";"))
    return Entry(
        name=row["name"].strip(),
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
    )


def _parts(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(item.strip() for item in items if item.strip())
