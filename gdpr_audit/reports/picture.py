"""Where the faults lie: the platform as rows of rooms, for an inline SVG and its table. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gdpr_audit.reports import view
from gdpr_audit.reports.words import WORDS, word

#: What an outsider meets, what lies inside, what people do; the themes of each, left to right.
ROWS = {
    "outside": ("naming", "transport", "web", "authentication", "exposure"),
    "inside": ("storage", "traceability", "resilience", "hosting"),
    "people": ("lawfulness", "governance", "assurance"),
}
WIDTH, HEIGHT, GAP, TOP = 960, 96, 12, 26  # in the units of the picture


@dataclass(frozen=True, slots=True)
class Room:
    """One theme: how much failed, by severity, and what is open or passed."""

    theme: str
    failed: dict[str, int]
    unproven: int
    passed: int
    x: int = 0
    y: int = 0
    width: int = 0

    @property
    def fails(self) -> int:
        return sum(self.failed.values())

    @property
    def worst(self) -> str:
        """The gravest severity that failed, else what is open, else what passed."""
        grave = next((s for s in view.SEVERITIES if self.failed[s]), None)
        return grave or ("unproven" if self.unproven else "pass" if self.passed else "nothing")


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    y: int
    rooms: tuple[Room, ...]


def rows(document: dict[str, Any]) -> tuple[Row, ...]:
    """The rooms in their places. A theme of a user's own pack stands in a row of its own."""
    rooms = _rooms(document)
    known = {theme for themes in ROWS.values() for theme in themes}
    others = tuple(theme for theme in rooms if theme not in known)
    chosen = {**ROWS, **({"others": others} if others else {})}
    found, y = [], 0
    for key, themes in chosen.items():
        present = [theme for theme in themes if theme in rooms]
        if not present:
            continue
        width = (WIDTH - GAP * (len(present) - 1)) // len(present)
        placed = tuple(
            _placed(rooms[theme], i * (width + GAP), y + TOP, width)
            for i, theme in enumerate(present)
        )
        found.append(Row(key, y, placed))
        y += TOP + HEIGHT + GAP
    return tuple(found)


def height(rows_: tuple[Row, ...]) -> int:
    return len(rows_) * (TOP + HEIGHT + GAP)


def _placed(room: Room, x: int, y: int, width: int) -> Room:
    return Room(room.theme, room.failed, room.unproven, room.passed, x, y, width)


def _rooms(document: dict[str, Any]) -> dict[str, Room]:
    by_theme: dict[str, list[dict[str, Any]]] = {}
    for finding in document["findings"]:
        by_theme.setdefault(finding["theme"], []).append(finding)
    return {theme: _room(theme, found) for theme, found in by_theme.items()}


def _room(theme: str, found: list[dict[str, Any]]) -> Room:
    failed = dict.fromkeys(view.SEVERITIES, 0)
    for finding in found:
        if finding["verdict"] == "fail":
            failed[finding["severity"]] += 1
    return Room(
        theme,
        failed,
        sum(f["verdict"] in view.UNSHOWN for f in found),
        sum(f["verdict"] in ("pass", "waived") for f in found),
    )


def name(theme: str, language: str) -> str:
    """The theme in words; a user's own keeps its name."""
    key = f"theme.{theme}"
    return word(key, language) if key in WORDS else theme


def severities(room: Room, language: str) -> str:
    """`1 critical, 2 high`: what failed, by severity."""
    named = ((room.failed[s], word(s, language)) for s in view.SEVERITIES)
    return ", ".join(f"{count} {said}" for count, said in named if count)
