"""Numbers of French companies: nine digits, of which the last checks the others."""

from __future__ import annotations


def checks(digits: str) -> bool:
    """Whether a SIREN or SIRET has the right check digit (the rule of Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and set(digits) != {"0"}
