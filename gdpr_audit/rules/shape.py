"""Whether a rule surely has the schema's shape.

The schema takes longer to import than all our rules to read, so it is asked only about what is not
plain here, and has the last word: a yes given here must be one that it would give too; a no need
not be.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from gdpr_audit.model import Effort, Severity

LONGEST = 4000  # characters of a text
ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
VERDICTS = ("pass", "fail", "unproven", "not_applicable")  # those that an example may show

_TEXTS = ("title", "why", "remedy")
_REQUIRED = frozenset({"id", "severity", "subject", "require", "articles", "examples", *_TEXTS})
_OPTIONAL = frozenset({"when", "sources", "effort"})


def plain(given: Any) -> bool:
    """Whether `given`, as it was read from a file, is a rule that the schema takes."""
    return (
        isinstance(given, dict)
        and given.keys() >= _REQUIRED
        and given.keys() <= _REQUIRED | _OPTIONAL
        and isinstance(given["id"], str)
        and re.fullmatch(ID, given["id"]) is not None
        and given["severity"] in tuple(Severity)
        and given.get("effort", Effort.SMALL) in tuple(Effort)
        and _text(given["subject"])
        and isinstance(given["require"], dict)
        and bool(given["require"])
        and isinstance(given.get("when", {}), dict)
        and _list(given["articles"])
        and all(map(_text, given["articles"]))
        and isinstance(given.get("sources", []), list)
        and all(map(_source, given.get("sources", [])))
        and all(_both(given[key]) for key in _TEXTS)
        and _list(given["examples"])
        and all(map(_example, given["examples"]))
    )


def _list(given: Any) -> bool:
    return isinstance(given, list) and bool(given)


def _text(given: Any) -> bool:
    return isinstance(given, str) and 0 < len(given) <= LONGEST


def _both(given: Any) -> bool:
    return (
        isinstance(given, dict) and given.keys() == {"fr", "en"} and all(map(_text, given.values()))
    )


def _source(given: Any) -> bool:
    return (
        isinstance(given, dict)
        and {"id"} <= given.keys() <= {"id", "clause"}
        and all(_text(one) or _both(one) for one in given.values())
    )


def _example(given: Any) -> bool:
    if not isinstance(given, dict):
        return False
    shown = [key for key in given if key not in ("date", "profile")]
    return (
        len(shown) == 1
        and shown[0] in VERDICTS
        and isinstance(given[shown[0]], dict | None)
        and type(given.get("date")) in (date, type(None))
        and isinstance(given.get("profile"), str | None)
    )
