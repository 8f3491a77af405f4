"""What a verification says, line by line, in both languages."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from gdpr_audit.model import Text
from gdpr_audit.proof.manifest import Change, Difference
from gdpr_audit.redaction import clean


class State(StrEnum):
    """Of one thing that was to be shown."""

    HOLDS = "holds"
    CHANGED = "changed"  # or not trusted: status 1
    OPEN = "open"  # not checked, and the line says why


class Line(NamedTuple):
    state: State
    said: Text


def holds(fr: str, en: str) -> Line:
    return Line(State.HOLDS, Text(fr, en))


def changed(fr: str, en: str) -> Line:
    return Line(State.CHANGED, Text(fr, en))


def open_(fr: str, en: str) -> Line:
    return Line(State.OPEN, Text(fr, en))


def inert(name: str) -> str:
    """A name out of a bundle, fit to be shown."""
    return clean(name.encode("utf-8", "replace").decode("utf-8"), 200) or "?"


def file_differs(name: str, found: Difference, at: int | None) -> Line:
    """Where a file differs; `at` is the offset of its content in the archive."""
    name = inert(name)
    fr, en = _where(found)
    if at is not None:
        offset = at + (found.change.at if found.change else found.first)
        fr, en = f"{fr} (octet {offset} de l'archive)", f"{en} (byte {offset} of the archive)"
    if found.others:
        fr, en = f"{fr} ; d'autres suivent", f"{en}; others follow"
    return changed(f"{name} : {fr}", f"{name}: {en}")


def _where(found: Difference) -> tuple[str, str]:
    if found.change is not None:
        return byte(found.change)
    size, end = found.size, found.end
    if size is not None and found.first == size:
        return (
            f"se prolonge au-delà de l'octet {size}, où il finissait, jusqu'à l'octet {end}",
            f"goes on beyond byte {size}, where it ended, to byte {end}",
        )
    fr = f"première différence entre les octets {found.first} et {end}"
    en = f"first difference within bytes {found.first} to {end}"
    if size is None:
        return fr, en
    return f"{fr} ; il comptait {size} octets", f"{en}; it had {size} bytes"


def byte(change: Change) -> tuple[str, str]:
    """One byte: where, what it was, what it is."""
    was, now = _shown(change.was), _shown(change.now)
    return (
        f"l'octet {change.at} valait {was} et vaut {now}",
        f"byte {change.at} was {was} and is {now}",
    )


def _shown(value: int) -> str:
    text = f"0x{value:02x}"
    return f"{text} ('{chr(value)}')" if 0x20 < value < 0x7F else text
