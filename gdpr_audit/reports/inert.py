"""A document read back may not be one of ours: whatever it holds, reports show as inert text.

What a check observes was cleaned when it was built. This is for what comes from a file: the audit
documents that `report`, `diff` and `judge` are given, and names that people wrote.
"""

from __future__ import annotations

from typing import Any

from gdpr_audit.redaction import clean

LONGEST = 5_000  # characters of any one text; a rule's own are shorter


def inert(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every text cut and rid of controls; itself where none needs it."""
    return document if _fits(document) else {key: _made(one) for key, one in document.items()}


def _fits(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST and value.isprintable()
    if isinstance(value, dict):
        return all(_fits(key) and _fits(one) for key, one in value.items())
    return all(map(_fits, value)) if isinstance(value, list) else True


def _made(value: Any) -> Any:
    if isinstance(value, str):
        return value if _fits(value) else clean(value, LONGEST)
    if isinstance(value, dict):
        return {_made(key): _made(one) for key, one in value.items()}
    return [_made(one) for one in value] if isinstance(value, list) else value
