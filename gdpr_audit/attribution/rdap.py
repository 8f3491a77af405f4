"""Who holds a block of addresses, by its registry (RDAP, RFC 9082 and 9083).

The second source, for a small hoster inside someone else's AS. The holder's country is what it
declared, not where its machines stand. vCards may hold people: only organisations are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

#: The registries' services, by the name that Team Cymru's answers give them.
BASES: Mapping[str, str] = {
    "ripencc": "https://rdap.db.ripe.net/",
    "arin": "https://rdap.arin.net/registry/",
    "apnic": "https://rdap.apnic.net/",
    "lacnic": "https://rdap.lacnic.net/rdap/",
    "afrinic": "https://rdap.afrinic.net/rdap/",
}
LIMIT = 512 * 1024  # bytes of one answer
#: Whose name is taken, the best first.
_ROLES = ("registrant", "administrative", "abuse")
_DEEPEST = 4  # entities within entities
_MOST = 200  # entities looked at


@dataclass(frozen=True, slots=True)
class Registration:
    """The block's own name, and the organisation that holds it where one is named."""

    organisation: str | None
    network: str | None
    handle: str | None


def url_of(registry: str, address: str) -> str | None:
    """Where to ask about an address; None for a registry that is not known."""
    base = BASES.get(registry)
    return f"{base}ip/{quote(address, safe=':')}" if base else None


def parse(body: bytes) -> Registration | None:
    """An `ip network` object; None for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("objectClassName") != "ip network":
        return None
    entities = list(_entities(found.get("entities"), _DEEPEST))[:_MOST]
    best: str | None = None
    for role in _ROLES:
        names = (_organisation(e) for e in entities if role in _strings(e.get("roles")))
        best = next((name for name in names if name), None)
        if best:
            break
    return Registration(best, _word(found.get("name")), _word(found.get("handle")))


def _entities(given: Any, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(given, list) or not depth:
        return
    for entity in given[:_MOST]:
        if isinstance(entity, dict):
            yield entity
            yield from _entities(entity.get("entities"), depth - 1)


def _organisation(entity: dict[str, Any]) -> str | None:
    """The name on an entity's vCard (RFC 7095), where it is an organisation's."""
    card = entity.get("vcardArray")
    if not (isinstance(card, list) and len(card) == 2 and isinstance(card[1], list)):
        return None
    rows = [row for row in card[1] if isinstance(row, list) and len(row) >= 4]
    value = {str(row[0]): row[3] for row in reversed(rows)}
    organisation = _word(value.get("org"))
    if organisation:
        return organisation
    kind = _word(value.get("kind"))
    handle = _word(entity.get("handle")) or ""
    # RIPE marks organisations by their handle, and gives all its cards the kind "individual"
    if kind in ("org", "group") or handle.upper().startswith("ORG-"):
        return _word(value.get("fn"))
    return None


def _strings(given: Any) -> tuple[str, ...]:
    return tuple(item for item in given if isinstance(item, str)) if isinstance(given, list) else ()


def _word(given: Any) -> str | None:
    if isinstance(given, list) and given:
        given = given[0]
    return given.strip()[:300] or None if isinstance(given, str) else None
