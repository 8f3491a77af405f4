"""What became of an earlier audit's findings, for the report of a later one. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gdpr_audit.reports import view
from gdpr_audit.reports.compare import CHANGES, WORDS, Change, compare
from gdpr_audit.reports.words import word

WIDEST = 360  # of a bar, in the units of the picture


@dataclass(frozen=True, slots=True)
class Bar:
    """Failures of one severity, before and now."""

    severity: str
    before: int
    now: int
    before_width: int
    now_width: int


@dataclass(frozen=True, slots=True)
class Since:
    """The earlier audit, and the way from there to here."""

    date: str
    platform: str
    other: bool  # the earlier audit was of another platform
    verdict: str
    changes: dict[str, list[Change]]
    bars: tuple[Bar, ...]
    name: Callable[[str], str]
    became: Callable[[Change], str]
    kinds: tuple[str, ...] = CHANGES


def of(before: dict[str, Any], now: dict[str, Any]) -> Since:
    """Both in the language of `now`."""
    language = now["language"]
    return Since(
        before["date"],
        before["platform"],
        before["platform"] != now["platform"],
        before["summary"]["verdict"],
        compare(before, now),
        _bars(before["summary"]["failed"], now["summary"]["failed"]),
        name=lambda key: WORDS[key].within(language),
        became=lambda one: became(one, language),
    )


def _bars(before: dict[str, int], now: dict[str, int]) -> tuple[Bar, ...]:
    most = max(*before.values(), *now.values(), 1)
    return tuple(
        Bar(
            severity,
            before[severity],
            now[severity],
            WIDEST * before[severity] // most,
            WIDEST * now[severity] // most,
        )
        for severity in view.SEVERITIES
    )


def became(one: Change, language: str) -> str:
    """`unproven → fail`, in words."""
    was = word(one["before"], language) if one["before"] else WORDS["fresh"].within(language)
    none = WORDS["away" if one["away"] else "gone"]
    now = word(one["after"], language) if one["after"] else none.within(language)
    return f"{was} → {now}"
