"""Which countries the law counts as inside."""

from __future__ import annotations

from typing import Any

#: The European Economic Area: the 27 member states, Iceland, Liechtenstein and Norway; and what
#: lies within the Union and has a code of its own: the French outermost regions (article 355(1)
#: TFEU; Mayotte by decision 2012/419/EU) and the Åland islands (355(4)). Saint-Barthélemy does not:
#: decision 2010/718/EU made it an overseas territory from 2012.
_CODES = """
AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO
GP GF MQ RE YT MF AX
"""
EEA = frozenset(_CODES.split())


def in_eea(country: Any) -> bool:
    """Whether an ISO 3166-1 alpha-2 code is in the European Economic Area."""
    return str(country).upper() in EEA
