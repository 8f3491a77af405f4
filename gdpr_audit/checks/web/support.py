"""When the vendor of a disclosed version stopped, or will stop, supporting it.

`support.csv` is dated data: cycles with a known end only. A cycle that it lacks is not known to be
supported, nor to be at its end.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_NAMED = re.compile(r"([A-Za-z][A-Za-z._ -]*?)[/ ]v?(\d+(?:\.\d+)*)")
#: How products name themselves in headers and generator tags.
_PRODUCTS = {
    "nginx": "nginx",
    "openresty": "nginx",
    "php": "php",
    "apache": "apache",
    "openssl": "openssl",
    "apache tomcat": "tomcat",
    "tomcat": "tomcat",
    "drupal": "drupal",
    "wordpress": "wordpress",
    "microsoft-iis": "iis",
}


class End(NamedTuple):
    """The end of one cycle's support; `source_date` is the day on which the source said so."""

    product: str
    cycle: str
    day: date
    source: str
    source_date: date


@cache
def ends() -> Mapping[str, Mapping[str, End]]:
    """By product, then by cycle."""
    text = files("gdpr_audit.checks.web").joinpath("support.csv").read_text("utf-8")
    found: dict[str, dict[str, End]] = {}
    for row in csv.DictReader(text.splitlines()):
        end = End(
            row["product"],
            row["cycle"],
            date.fromisoformat(row["end_of_support"]),
            row["source"],
            date.fromisoformat(row["source_date"]),
        )
        found.setdefault(end.product, {})[end.cycle] = end
    return found


def end_of(software: str) -> End | None:
    """Of `nginx/1.18.0` or `WordPress 5.8`: the longest cycle that its version is in."""
    match = _NAMED.search(software)
    product = _PRODUCTS.get(match[1].strip().lower()) if match else None
    if match is None or product is None:
        return None
    cycles, parts = ends()[product], match[2].split(".")
    for length in range(len(parts), 0, -1):
        if (end := cycles.get(".".join(parts[:length]))) is not None:
            return end
    return None


def earliest(versions: Iterable[str]) -> tuple[str, End] | None:
    """The disclosed software whose support ends first, among those whose end is known."""
    known = [(software, end) for software in versions if (end := end_of(software)) is not None]
    return min(known, key=lambda one: one[1].day, default=None)
