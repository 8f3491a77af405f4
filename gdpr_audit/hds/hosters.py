"""The list of certified hosters: who is on it with which certificates, how old and how whole it is.

A list that is *partial* (the embedded one; an imported one of which rows could not be read) shows
nothing of a name that it lacks. A list that the user names is taken as complete.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import cached_property
from importlib import resources
from pathlib import Path

from gdpr_audit import files
from gdpr_audit.errors import InputError
from gdpr_audit.hds import names, table
from gdpr_audit.hds.companies import Certificate, Companies, Listed
from gdpr_audit.hds.table import COLUMNS, LIMIT, Entry
from gdpr_audit.model import Text

__all__ = [
    "COLUMNS", "LIMIT", "STALE_DAYS", "Certificate", "Entry", "File", "HosterList", "Listed",
    "embedded", "key", "load",
]  # fmt: skip

#: Certificates come and go each week; the official list is worth a new look after a quarter.
STALE_DAYS = 90
ALIKE = 0.6  # share of two names' letters from which one is worth suggesting for the other
#: Rows below this are shown to nobody as a fact.
_TRUSTED = ("high", "medium")

key = names.key


@dataclass(frozen=True, slots=True)
class File:
    """A file that an imported list was read from."""

    name: str
    sha256: str
    as_of: date


@dataclass(frozen=True)
class HosterList:
    """A list of certified hosters, from a source, as of a day."""

    entries: tuple[Entry, ...]
    source: str
    complete: bool
    as_of: date | None
    files: tuple[File, ...] = ()  # of an imported list
    imported_at: str | None = None  # ISO 8601 with its zone
    partial_because: str | None = None  # of an imported list that is not complete

    @cached_property
    def _companies(self) -> Companies:
        return Companies(self.entries)

    @property
    def hosters(self) -> tuple[Listed, ...]:
        """The companies of the list, each once, in its order."""
        return self._companies.listed

    def find(self, name: str) -> Listed | None:
        """The hoster of that name, alias, SIREN, SIRET or French VAT number.

        Exact but for case, accents, punctuation, legal form, and spaces where no other company
        could read the same. None where two hosters could be meant: see `ambiguous`.
        """
        return self._companies.find(name)

    def ambiguous(self, name: str) -> tuple[Listed, ...]:
        """Where `find` has none: hosters of this very name but for what tells companies apart.

        Another legal form, one of several companies of one name, words in parentheses. One of
        them may be meant, so that neither “listed” nor “not listed” is shown.
        """
        return self._companies.ambiguous(name)

    def near(self, name: str, most: int = 3) -> tuple[Listed, ...]:
        """Hosters whose names look alike: a suggestion for a person, never a match."""
        first = self.ambiguous(name)
        wanted = " ".join(key(name[:200]))
        matcher = SequenceMatcher(None, b=wanted)  # its second sequence is the one it prepares
        scored: list[tuple[float, str, Listed]] = []
        for listed in self.hosters:
            ratio = 0.0
            for known in listed.keys:
                matcher.set_seq1(known[:200])
                if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE:
                    ratio = max(ratio, matcher.ratio())
            if ratio >= ALIKE and listed not in first:
                scored.append((-ratio, listed.name, listed))
        close = sorted(scored, key=lambda row: row[:2])
        return (*first, *(listed for _, _, listed in close))[:most]

    def search(self, words: str) -> tuple[Listed, ...]:
        """Hosters of whose name or aliases `words` is a part, or whose number it is."""
        if siren := names.number(words):
            return tuple(listed for listed in self.hosters if siren in listed.sirens)
        wanted = " ".join(names.parse(words).full)
        if not wanted:
            return ()
        return tuple(
            listed
            for listed in self.hosters
            if any(
                wanted in full or wanted.replace(" ", "") == full.replace(" ", "")
                for full in listed.full_names
            )
        )

    def age_days(self, day: date) -> int | None:
        """Days from the list's day to `day`. None for a list without one."""
        return (day - self.as_of).days if self.as_of else None

    def stale(self, day: date) -> bool | None:
        """Whether the list is older than STALE_DAYS on `day`. None for a list without a day."""
        age = self.age_days(day)
        return None if age is None else age > STALE_DAYS

    @property
    def words(self) -> Text:
        """What sentences say of the list: `HDS list of 2026-07-24, partial`."""
        fr = f"liste HDS du {self.as_of}" if self.as_of else "liste HDS sans date"
        en = f"HDS list of {self.as_of}" if self.as_of else "undated HDS list"
        return Text(fr, en) if self.complete else Text(f"{fr}, partielle", f"{en}, partial")

    @property
    def label(self) -> str:
        """What the audit document says of the list: its day, and whether it is whole."""
        kind = "complete" if self.complete else "partial"
        return f"{self.as_of.isoformat() if self.as_of else 'undated'} ({kind})"


def embedded() -> HosterList:
    """The list that comes with the tool: partial, each entry with its source."""
    text = resources.files("gdpr_audit.hds").joinpath("hosters.csv").read_text("utf-8")
    entries = tuple(e for e in table.read(text, "hosters.csv") if e.confidence in _TRUSTED)
    return HosterList(entries, "embedded", complete=False, as_of=newest(entries))


def load(path: Path) -> HosterList:
    """A list that the user names, taken as complete. Raises InputError naming file and line."""
    content = files.read(path, LIMIT, "list of hosters")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: the list of hosters is not UTF-8 text. A table or page saved from elsewhere "
            f"is read by: gdpr-audit hds import {path}"
        ) from error
    entries = table.read(text, str(path))
    if not entries:
        raise InputError(f"{path}: the list names no hoster")
    return HosterList(entries, str(path), complete=True, as_of=newest(entries))


def newest(entries: Iterable[Entry]) -> date | None:
    """The last day on which a source was read."""
    return max((e.source_date for e in entries if e.source_date), default=None)
