"""JSON that others wrote: no key twice, no NaN, no depth that breaks the reader."""

from __future__ import annotations

import json
from typing import Any, NoReturn

#: What a plan of 128 MiB has a quarter of; each costs up to some hundred bytes of memory.
_CONTAINERS = 4_000_000
_VALUES = 16_000_000


def loads(content: bytes) -> Any:
    """Raises ValueError, which quotes nothing, for whatever is not such JSON."""
    containers = content.count(b"{") + content.count(b"[")
    if containers > _CONTAINERS or content.count(b",") > _VALUES:
        raise ValueError("too many values")
    try:
        return json.loads(content, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError, MemoryError):
        raise ValueError("not JSON") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key that stands twice each reader takes another value: neither is evidence."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(_word: str) -> NoReturn:
    raise ValueError("NaN and infinities are not JSON")
