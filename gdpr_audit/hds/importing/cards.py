"""Pages without a table: one record a hoster, as labelled lines, cards or definition lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gdpr_audit.hds.importing import columns
from gdpr_audit.hds.importing.markup import Line, Page
from gdpr_audit.hds.importing.shape import FURNITURE, Row, Table
from gdpr_audit.hds.names import plain

_LABELLED = re.compile(r"^([^:]{2,80}?)\s*:(?:\s+(.*)|)$")
_OF_ACTIVITIES = re.compile(
    r"infoger|activit|plate ?forme|platform|infrastructure|sauvegarde|back ?up|exploitation"
    r"|operation|administration|archiv|sites? physiques?|physical sites?"
    r"|^\W*(?:(?:et|and|a|to) )?[1-6]\b"
)
_HEADING = "Raison sociale"  # the label of a name that stands as a heading


@dataclass(slots=True)
class _Card:
    line: int
    values: dict[str, str] = field(default_factory=dict)  # by field
    links: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Deck:
    """Cards as they are dealt: a name or a second value of one field begins the next card."""

    cards: list[_Card] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)  # each field's, as first met
    heading: Line | None = None
    label: str | None = None  # of the value that comes next
    again: bool = False  # it has a value already: this is one more
    fresh: bool = False  # a card may begin here
    tail: list[str] = field(default_factory=list)  # lines that activities may go on after
    ends_in: str | None = None  # the field that such lines would be of
    repeated: frozenset[str] = frozenset()  # labels that only their repetition shows

    def pair(self, label: str, line: Line, text: str, *, again: bool = False) -> None:
        name, _ = columns.kind(label)
        if not name:
            return
        fresh, self.fresh = self.fresh and not again, False
        if again and name not in ("activities", "aliases"):
            return
        if self.heading is not None and name != "name":
            self.cards.append(_Card(self.heading.line, {"name": self.heading.text}))
            self.labels.setdefault("name", _HEADING)
        elif (
            not self.cards
            or fresh
            or name == "name"
            or (name in self.cards[-1].values and not again)
        ):
            self.cards.append(_Card(line.line))
        self.heading = None
        self.labels.setdefault(name, label)
        card = self.cards[-1]
        card.values[name] = f"{card.values[name]}\n{text}" if name in card.values else text
        if line.link:
            card.links[name] = line.link
        self.tail = []
        self.ends_in = name

    def goes_on(self, text: str) -> None:
        """A line without a label: of the activities above it, if it or one below names some."""
        if self.ends_in != "activities":
            return
        self.tail.append(text)
        if _OF_ACTIVITIES.search(plain(text)):
            values = self.cards[-1].values
            values["activities"] = "\n".join((values["activities"], *self.tail))
            self.tail = []


def read(page: Page) -> Table | None:
    """The cards of a page as a table. None where no two of their labels are known."""
    deck = _Deck(repeated=_repeated(page.lines))
    for line in (*_two_columns(page.tables), *page.lines):
        _deal(deck, line)
    cards = [card for card in deck.cards if len(card.values) > 1]
    if not cards or columns.known(list(deck.labels.values())) < columns.ENOUGH:
        return None
    names = list(deck.labels)
    rows = [Row(cards[0].line, list(deck.labels.values()))]
    for card in deck.cards:
        links = {names.index(name): link for name, link in card.links.items()}
        values = [card.values.get(name, "") for name in names]
        rows.append(Row(card.line, values, links, lone=len(card.values) == 1))
    return Table(rows, label="cards")


def _repeated(lines: Sequence[Line]) -> frozenset[str]:
    """Short texts that stand more than once, alone in their line, and name a field: labels."""
    counts = Counter(line.text for line in lines if line.kind == "text" and len(line.text) < 60)
    return frozenset(
        text
        for text, count in counts.items()
        if count > 1 and len(text.split()) <= 6 and not re.search(r"[\d:]", text)
        if columns.kind(text)[1] > 1 and not columns.flag(text).activities
    )


def _deal(deck: _Deck, line: Line) -> None:
    if line.kind == "break":
        deck.fresh, deck.label, deck.ends_in = True, None, None
        return
    labelled = _LABELLED.match(line.text)
    if line.kind == "dt" or line.text in deck.repeated:
        deck.label, deck.again, deck.ends_in = line.text.rstrip(" :"), False, None
    elif deck.label is not None and line.kind != "heading":
        deck.pair(deck.label, line, line.text, again=deck.again)
        # a term may have several definitions; after a label in a line, `goes_on` says
        deck.label, deck.again = (deck.label, True) if line.kind == "dd" else (None, False)
    elif line.kind == "heading" and not labelled:
        if not FURNITURE.match(plain(line.text)):
            deck.heading, deck.label, deck.ends_in = line, None, None
    elif labelled and columns.kind(labelled[1])[0]:
        if labelled[2]:
            deck.pair(labelled[1], line, labelled[2])
        else:
            deck.label, deck.again, deck.ends_in = labelled[1], False, None
    elif not labelled:
        deck.goes_on(line.text)


def _two_columns(tables: Sequence[Table]) -> Iterable[Line]:
    """Tables of a label and a value a row, one for each hoster."""
    for table in tables:
        rows = [row for row in table.rows if len(row.cells) == 2]
        if len(rows) * 2 < len(table.rows):
            continue
        for row in rows:
            yield Line(row.line, "dt", row.cells[0])
            yield Line(row.line, "dd", row.cells[1], row.links.get(1))


def of_text(text: str) -> Page:
    """A pasted text as lines, for labelled ones without a table."""
    lines = (
        Line(number, "text", " ".join(line.split()))
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    )
    return Page((), tuple(lines))


def stated(text: str) -> int:
    """The largest number of results that a page says it has; 0 where it says none."""
    found = re.findall(
        r"\b(\d{1,5})\s+(?:resultats?|hebergeurs?|entrees|results?|hosters|entries|organismes?)\b",
        plain(text[:2_000_000]),
    )
    return max(map(int, found), default=0)
