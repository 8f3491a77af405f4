"""A table's rows to entries: what is clear is taken, what is not is left empty with a note."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from gdpr_audit.hds import activities, names
from gdpr_audit.hds.importing import cells
from gdpr_audit.hds.importing.columns import Layout
from gdpr_audit.hds.importing.shape import FURNITURE, Note, Row, Table, Unread
from gdpr_audit.hds.names import plain
from gdpr_audit.hds.table import Entry

_LONGEST_NAME = 200
#: Letters that another encoding left behind: “SantÃ©”, “Sant‚”, “Sant\N{REPLACEMENT CHARACTER}”.
_BROKEN = re.compile(
    "\N{REPLACEMENT CHARACTER}|Ã[\u00a0-\u00bf\u2020-\u2039€ŠŽšž]|â€"
    "|[a-z][\N{SINGLE LOW-9 QUOTATION MARK}\N{DOUBLE LOW-9 QUOTATION MARK}†‡ˆŽŠ]"
)
_IN_FORCE = re.compile(r"^(?:actif|active|valide?|en vigueur|certifiee?|delivree?|in force|ok)$")
_NOT_IN_FORCE = re.compile(r"\b(?:suspend\w*|retir\w*|withdraw\w*|expir\w*|resili\w*|revo\w*)\b")


@dataclass(slots=True)
class Outcome:
    """What one table gave."""

    rows: int = 0  # that may be hosters: those read, left out and unread
    entries: list[Entry] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    left_out: list[Unread] = field(default_factory=list)  # read, and not certified now


def read(table: Table, layout: Layout) -> Outcome:
    """The entries below a table's header."""
    outcome = Outcome()
    header = [cell.strip() for cell in layout.cells]
    american = {
        name: any(cells.month_first(c) for row in table.rows for c in _column(row, layout, name))
        for name in ("valid_from", "valid_until")
    }
    _unlabel(table.rows[layout.header + 1 :], header)
    for row in table.rows[layout.header + 1 :]:
        if not row.blank and [cell.strip() for cell in row.cells] != header:
            _Reader(row, layout, len(header), american, outcome).read()
    return outcome


def _unlabel(below: list[Row], header: list[str]) -> None:
    """Drop a column's header from its cells where all of them begin with it, for small screens."""
    for at, title in enumerate(header):
        cells_ = [row.cells[at] for row in below if at < len(row.cells) and row.cells[at].strip()]
        start = re.compile(rf"\s*{re.escape(title)}(?:\s*:|\s)\s*", re.IGNORECASE)
        if title and len(cells_) > 1 and all(start.match(cell) for cell in cells_):
            for row in below:
                if at < len(row.cells):
                    row.cells[at] = start.sub("", row.cells[at], count=1)


def _column(row: Row, layout: Layout, name: str) -> list[str]:
    return [row.cells[at] for at in layout.fields.get(name, ()) if at < len(row.cells)]


class _Reader:
    """One row; what it says goes to the outcome."""

    def __init__(
        self, row: Row, layout: Layout, width: int, american: dict[str, bool], outcome: Outcome
    ) -> None:
        self.row, self.layout, self.width = row, layout, width
        self.american, self.outcome = american, outcome

    def read(self) -> None:
        row = self.row
        lone = row.lone and self.width > 1
        said = [cell for cell in row.cells if cell.strip()]
        if len(said) == 1 and self.width > 1 and FURNITURE.match(plain(said[0]).strip()):
            return
        self.outcome.rows += 1
        shown = cells.tidy(" | ".join(said), 100)
        if why := row.fault or self._unfit(lone=lone):
            self.outcome.unread.append(Unread(row.line, f"{why}: {shown}"))
            return
        status = self._status()
        if status is not None:
            certified, why = status
            to = self.outcome.left_out if certified is False else self.outcome.unread
            to.append(Unread(row.line, f"{why}: {shown}"))
            return
        self.outcome.entries.append(self._entry())

    def _unfit(self, *, lone: bool) -> str | None:
        """Why no hoster can be read from this row."""
        if lone or any(cell.strip() for cell in self.row.cells[self.width :]):
            return "one cell alone" if lone else "more cells than the header"
        raw = "\n".join(_column(self.row, self.layout, "name"))
        name = cells.tidy(raw, _LONGEST_NAME + 1)
        parsed = names.parse(name)
        if not name:
            return "no name"
        if _BROKEN.search(name):
            return "a name of which letters are broken: the file is in another encoding"
        if len(name) > _LONGEST_NAME or raw.count("\n") > 2:
            return "a name that is a whole text"
        if not parsed.words or not re.search(r"[^\W\d_]", "".join(parsed.words)):
            return "a name that names no company"
        return None

    def _status(self) -> tuple[bool | None, str] | None:
        """None where nothing says that the certificate is out of force."""
        if any(cells.tidy(cell) for cell in _column(self.row, self.layout, "withdrawn")):
            return False, "withdrawn or suspended"
        for cell in _column(self.row, self.layout, "status"):
            text = plain(cells.tidy(cell))
            if _NOT_IN_FORCE.search(text):
                return False, f"not in force ({cells.tidy(cell, 40)})"
            if text and not _IN_FORCE.match(text):
                return None, f"the state {cells.tidy(cell, 40)!r} is not understood"
        return None

    def _entry(self) -> Entry:
        valid_from, valid_until = self._period()
        siren, aliases = self._siren(), self._aliases()
        return Entry(
            name=self._text("name", _LONGEST_NAME) or "",
            aliases=aliases,
            country=self._country(),
            activities=self._flags() if self.layout.flags else self._activities(),
            referential=self._referential(),
            certification_body=self._text("certification_body", 200),
            certificate_number=self._text("certificate_number", 100),
            valid_from=valid_from,
            valid_until=valid_until,
            source_url=self._text("source_url", 2000),
            source_date=self._source_date(),
            confidence=self._text("confidence", 20),
            siren=siren or next(filter(None, map(names.number, aliases)), None),
            transfers_url=self._transfers(),
        )

    def _note(self, name: str, text: str) -> None:
        self.outcome.notes.append(Note(self.row.line, name, text))

    def _unclear(self, name: str, cell: str) -> None:
        self._note(name, f"{cells.tidy(cell, 80)!r} is not understood: left empty")

    def _text(self, name: str, limit: int) -> str | None:
        found = _column(self.row, self.layout, name)
        return (cells.tidy(found[0], limit) or None) if found else None

    def _aliases(self) -> tuple[str, ...]:
        found = _column(self.row, self.layout, "aliases")
        parts = re.split(r"[;\n|]|, ", found[0]) if found else []
        tidied = [cells.tidy(part, _LONGEST_NAME) for part in parts]
        kept = []
        for alias in filter(None, tidied):
            if names.looks_like_number(alias) and names.number(alias) is None:
                self._note("aliases", f"{alias!r} is no SIREN: left out")
            else:
                kept.append(alias)
        return tuple(dict.fromkeys(kept))

    def _siren(self) -> str | None:
        given = self._text("siren", 40)
        if given is None:
            return None
        siren = names.number(given)
        if siren is None:
            self._note("siren", f"{given!r} is no SIREN: left empty")
        return siren

    def _activities(self) -> tuple[int, ...]:
        given = [cell for cell in _column(self.row, self.layout, "activities") if cells.tidy(cell)]
        text = " : ".join(
            "\n".join(cells.tidy(line, 4000) for line in cell.split("\n")) for cell in given
        )
        reading = activities.read(text)
        for note in reading.notes:
            left = "" if reading.activities else ": left empty"
            self._note("activities", note[:300] + left)
        return reading.activities

    def _flags(self) -> tuple[int, ...]:
        """Columns of yes and no. An empty cell is a no beside a yes, if none says no in words."""
        held: set[int] = set()
        said: list[bool] = []
        blank = False
        for at, meant in self.layout.flags.items():
            cell = self.row.cells[at] if at < len(self.row.cells) else ""
            if not cell.strip():
                blank = True
                continue
            answer = cells.yes_or_no(cell)
            if answer is None:
                self._unclear("activities", cell)
                return ()
            said.append(answer)
            held |= set(meant) if answer else set()
        if blank and False in said:
            self._note("activities", "some columns say no and others nothing: left empty")
            return ()
        return tuple(sorted(held))

    def _country(self) -> str | None:
        given = self._text("country", 60)
        found = cells.country(given) if given else None
        if given and found is None:
            self._unclear("country", given)
        return found

    def _referential(self) -> int | None:
        given = self._text("referential", 100)
        found = cells.referential(given) if given else None
        if given and found is None:
            self._unclear("referential", given)
        return found

    def _days(self, name: str) -> tuple[date, ...]:
        given = cells.tidy(" ".join(_column(self.row, self.layout, name)), 100)
        found = cells.days(given, american=self.american.get(name, False)) if given else ()
        if found is None:
            self._unclear(name, given or "")
        return found or ()

    def _period(self) -> tuple[date | None, date | None]:
        first, last = self._days("valid_from"), self._days("valid_until")
        if len(last) == 2 and not first:
            first = last[:1]
        if len(first) == 2 and not last:
            last = first[1:]
        start, end = (first[0] if first else None), (last[-1] if last else None)
        if start and end and start > end:
            self._note("valid_until", f"it ends ({end}) before it begins ({start}): left empty")
            return None, None
        return start, end

    def _source_date(self) -> date | None:
        found = self._days("source_date")
        return found[0] if len(found) == 1 else None

    def _transfers(self) -> str | None:
        ats = self.layout.fields.get("transfers_url", ())
        if not ats or ats[0] >= len(self.row.cells):
            return None
        text, link = self.row.cells[ats[0]], self.row.links.get(ats[0])
        found = cells.web_address(text, link)
        if found is None and cells.tidy(text):
            self._note("transfers_url", f"{cells.tidy(text, 80)!r} is no web address: left empty")
        return found
