"""Which countries the law counts as inside."""

from __future__ import annotations

from typing import Any

#: The European Economic Area: the 27 member states, Iceland, Liechtenstein and Norway.
_CODES = """
AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO
"""
EEA = frozenset(_CODES.split())


def in_eea(country: Any) -> bool:
    """Whether an ISO 3166-1 alpha-2 code is in the European Economic Area."""
    return str(country).upper() in EEA
