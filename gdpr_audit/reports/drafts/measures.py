"""The security measures that an audit shows, theme by theme, and what stands against them. Pure.

A measure is named as established only where its rule passes on every subject that it applies to:
one failure, one open point, and it is listed as such instead.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gdpr_audit.reports import picture, view
from gdpr_audit.reports.drafts.words import say
from gdpr_audit.reports.words import word

_WEAKEST = ("declared", "published", "measured")


@dataclass(frozen=True, slots=True)
class Measure:
    """One that is established, and the weakest way in which that is known."""

    rule: str
    name: str
    strength: str


@dataclass(frozen=True, slots=True)
class Theme:
    """What is established in one theme, what failed and is still open."""

    id: str
    name: str
    established: tuple[Measure, ...]
    besides: int  # rules that pass and have no name of their own
    failed: tuple[view.Folded, ...]
    unproven: tuple[view.Folded, ...]


@cache
def names() -> Mapping[str, tuple[str, str]]:
    """Each rule's measure, in French and in English."""
    place = files("gdpr_audit.reports.drafts").joinpath("measures.toml")
    given = tomllib.loads(place.read_text("utf-8"))
    return {rule: (both[0], both[1]) for rows in given.values() for rule, both in rows.items()}


def themes(document: dict[str, Any]) -> tuple[Theme, ...]:
    """Those that say something, in the order of the report's picture."""
    ordered = [theme for row in picture.ROWS.values() for theme in row]
    mine: dict[str, list[dict[str, Any]]] = {theme: [] for theme in ordered}
    for finding in document["findings"]:
        mine.setdefault(finding["theme"], []).append(finding)
    found = (_theme(theme, findings, document["language"]) for theme, findings in mine.items())
    return tuple(t for t in found if t.established or t.besides or t.failed or t.unproven)


def _theme(theme: str, findings: list[dict[str, Any]], language: str) -> Theme:
    by_rule: dict[str, list[dict[str, Any]]] = {}
    for finding in findings:
        by_rule.setdefault(finding["rule"], []).append(finding)
    sound = {rule: found for rule, found in by_rule.items() if _sound(found)}
    named = [rule for rule in sound if rule in names()]
    return Theme(
        theme,
        picture.name(theme, language),
        tuple(_measure(rule, sound[rule], language) for rule in named),
        len(sound) - len(named),
        view.fold(f for f in findings if f["verdict"] in ("fail", "waived")),
        view.fold(f for f in findings if f["verdict"] in view.UNSHOWN),
    )


def _sound(findings: list[dict[str, Any]]) -> bool:
    """Whether the rule passes on all subjects that it applies to, and on one at least."""
    verdicts = {f["verdict"] for f in findings} - {"not_applicable"}
    return verdicts == {"pass"}


def _measure(rule: str, findings: list[dict[str, Any]], language: str) -> Measure:
    said = [f["strength"] for f in findings if f["verdict"] == "pass"]
    weakest = min((s for s in said if s), key=_WEAKEST.index, default="declared")
    return Measure(rule, names()[rule][language != "fr"], weakest)


def lines(theme: Theme, language: str) -> dict[str, list[str]]:
    """What is established, to be mended and to be shown, each as lines of text."""
    established = [f"{m.name} ({word(m.strength, language)})" for m in theme.established]
    if theme.besides:
        # with nothing named before them they are no "others"
        key = "besides" if established else "satisfied"
        key = f"{key}.one" if theme.besides == 1 else f"{key}.many"
        established.append(say(key, language).format(count=theme.besides))
    return {
        "established": established,
        "to-mend": [
            f"{f.first['title']} ({word(f.severity, language)}). {f.first['remedy']}"
            for f in theme.failed
        ],
        "to-show": [f.first["title"] for f in theme.unproven],
    }
