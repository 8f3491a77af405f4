"""The terms of a report that its reader may not know: those that it uses. Pure."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Term:
    """A word and what it means, in both languages, and what shows that a report uses it."""

    seen: re.Pattern[str]
    fr: tuple[str, str]
    en: tuple[str, str]

    def within(self, language: str) -> tuple[str, str]:
        return self.fr if language == "fr" else self.en


@cache
def terms() -> tuple[Term, ...]:
    given = tomllib.loads(files("gdpr_audit.reports").joinpath("glossary.toml").read_text("utf-8"))
    return tuple(
        Term(re.compile(one["seen"], re.IGNORECASE), tuple(one["fr"]), tuple(one["en"]))
        for one in given["term"]
    )


def used(document: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Terms and meanings that what failed or is open speaks of, in alphabetical order."""
    spoken = {
        f[key]
        for f in document["findings"]
        if f["verdict"] not in ("pass", "not_applicable")
        for key in ("title", "why", "remedy")
    }
    language = document["language"]
    found = (one.within(language) for one in frozenset().union(*map(_in, spoken)))
    return tuple(sorted(found, key=lambda pair: pair[0].casefold()))


@lru_cache(maxsize=4096)  # nearly all are rules' own sentences, the same in every report
def _in(text: str) -> frozenset[Term]:
    return frozenset(one for one in terms() if one.seen.search(text))
