"""What every form of a file is turned into: tables of cells, each row with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: Rows of one cell that are no hoster: headings of a letter, counts, sources.
FURNITURE = re.compile(
    r"^(?:[a-z]|0 ?- ?9|#|(?:sources?|total|page|export\w*|derniere mise a jour|mise a jour|notes?)"
    r" ?(?:: ?|du |le |\d).*|©.*|\d+ (?:resultats?|hebergeurs?|entrees?|results?|entries)\b.*)$"
)


@dataclass(slots=True)
class Row:
    """One row: its cells as text, and where one holds a link, the link's address."""

    line: int
    cells: list[str]
    links: dict[int, str] = field(default_factory=dict)
    lone: bool = False  # one cell where others have several: a heading, a footer
    fault: str | None = None  # why its cells cannot be told apart

    @property
    def blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells) and self.fault is None


@dataclass(slots=True)
class Table:
    rows: list[Row]
    label: str = ""  # which one of several it is

    @property
    def width(self) -> int:
        return max((len(row.cells) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Note:
    """A cell that was left empty or read otherwise than it seems, and why."""

    line: int
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A row of which no hoster could be made, and why."""

    line: int
    text: str
