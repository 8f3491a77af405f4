"""Known advertising and audience trackers, by domain, with company and country.

A short list of our own, in `trackers.csv`: only domains that serve nothing else.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Tracker(NamedTuple):
    """A domain that serves advertising or audience measurement, and who is behind it."""

    domain: str
    company: str
    country: str
    category: str

    def __str__(self) -> str:
        return f"{self.domain} ({self.company}, {self.country or '?'})"


@cache
def trackers() -> Mapping[str, Tracker]:
    """By domain; those of `trackers.csv`."""
    text = files("gdpr_audit.checks").joinpath("trackers.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["domain"]: Tracker(**row) for row in rows}


def tracker_of(host: str, more: Iterable[str] = ()) -> Tracker | None:
    """The tracker that a host belongs to: its own entry, or that of a domain above it."""
    labels = host.lower().rstrip(".").split(".")
    extra = frozenset(more)
    for start in range(len(labels) - 1):
        name = ".".join(labels[start:])
        if (known := trackers().get(name)) is not None:
            return known
        if name in extra:
            return Tracker(name, "--tracker-list", "", "")
    return None
