"""How strong a declared password policy is, by the method of CNIL deliberation 2022-100.

The deliberation sets a minimum entropy for each of three cases, and gives policies that it
holds equal to it. Those equivalents come first: 8 characters of three classes are 47.6 bits
by the formula and yet are published as enough where access is restricted.
"""

from __future__ import annotations

from math import log2
from typing import NamedTuple

from gdpr_audit.model import Text

#: Signs in each class, of the CNIL's own calculator: lower, upper, digits, symbols.
ALPHABETS = (26, 26, 10, 40)

ALONE, RESTRICTED = 1, 2


class Policy(NamedTuple):
    """A declared policy: so many characters of so many classes, or so many words."""

    length: int
    classes: int
    words: int | None = None


class Equivalent(NamedTuple):
    """A policy that deliberation 2022-100 holds to be enough for its case."""

    case: int
    length: int
    classes: int


#: Case 1, password alone; case 2, with a restriction of access.
EQUIVALENTS = (
    Equivalent(ALONE, 12, 4),
    Equivalent(ALONE, 14, 3),
    Equivalent(RESTRICTED, 8, 3),
    Equivalent(RESTRICTED, 16, 1),
)
WORDS_ALONE = 7


def entropy_bits(policy: Policy) -> float | None:
    """log2(N^L), in bits, for the weakest password that the policy lets through.

    With k required classes of unnamed kind, the smallest k alphabets are counted: digits alone
    for one class. What the policy does not ask for cannot be counted on. None for words, as
    the size of the list that they are drawn from is not declared.
    """
    if policy.words is not None:
        return None
    alphabet = sum(sorted(ALPHABETS)[: max(policy.classes, 1)])
    return policy.length * log2(alphabet)


def working(policy: Policy) -> Text:
    """The calculation, as evidence."""
    if policy.words is not None:
        return Text(f"phrase de {policy.words} mots", f"a phrase of {policy.words} words")
    bits = f"{entropy_bits(policy):.1f}"
    size = sum(sorted(ALPHABETS)[: max(policy.classes, 1)])
    formula = f"log2({size}^{policy.length})"
    return Text(
        f"{policy.length} caractères, {policy.classes} classe(s) exigée(s) : "
        f"{formula} = {bits.replace('.', ',')} bits",
        f"{policy.length} characters, {policy.classes} required class(es): {formula} = {bits} bits",
    )


def equivalent(policy: Policy, case: int) -> bool:
    """Whether the policy is at least one that the deliberation publishes for the case."""
    if policy.words is not None:
        return policy.words >= WORDS_ALONE
    return any(
        known.case in (case, ALONE)
        and policy.length >= known.length
        and policy.classes >= known.classes
        for known in EQUIVALENTS
    )
