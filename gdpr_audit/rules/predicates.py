"""The seven predicates: all that a rule can say of a fact.

Closed on purpose. What they cannot say becomes a fact that a check computes, with its
working in the evidence.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from gdpr_audit.model import FactType, Text, Value
from gdpr_audit.rules import profile as profiles
from gdpr_audit.rules.profile import Profile, Reference

_ORDERED = frozenset({FactType.INTEGER, FactType.NUMBER, FactType.DATE})
_SCALAR = frozenset(FactType) - {FactType.LIST}


@dataclass(frozen=True, slots=True)
class Day:
    """A date counted from the audit's: `audit_date - 12 months`."""

    months: int = 0
    days: int = 0

    def on(self, audit_date: date) -> date:
        month = audit_date.year * 12 + audit_date.month - 1 + self.months
        year, month0 = divmod(month, 12)
        last = calendar.monthrange(year, month0 + 1)[1]
        return date(year, month0 + 1, min(audit_date.day, last)) + timedelta(days=self.days)


_DAY = re.compile(r"^audit_date(?:\s*([+-])\s*(\d{1,4})\s+(day|month)s?)?$")


def parse_operand(operand: Any, kind: FactType, predicate: str) -> Any:
    """The operand in the fact's type. Raises ValueError that says what would be right."""
    rule = PREDICATES[predicate]
    if kind not in rule.types:
        fits = ", ".join(sorted(t.value for t in rule.types))
        raise ValueError(f"`{predicate}` compares {fits}; this fact is a {kind.value}")
    if isinstance(operand, str) and operand.startswith(profiles.PREFIX) and predicate != "is":
        return profiles.reference(operand, kind, predicate)
    if predicate in ("one_of", "only", "includes", "excludes"):
        if not isinstance(operand, list) or not operand:
            raise ValueError(f"`{predicate}` takes a list that is not empty")
        item = FactType.TEXT if kind is FactType.LIST else kind
        return tuple(_value(one, item) for one in operand)
    if kind is FactType.LIST:  # `is` on a list: the one thing to say is that it is empty
        if operand != []:
            raise ValueError("on a list `is` takes [] only; use only, includes or excludes")
        return ()
    return _value(operand, kind)


def _value(operand: Any, kind: FactType) -> Any:
    if kind is FactType.DATE and isinstance(operand, str):
        if not (found := _DAY.match(operand)):
            raise ValueError("a date is YYYY-MM-DD, `audit_date` or `audit_date - 12 months`")
        amount = int(f"{found[1]}{found[2]}") if found[1] else 0
        return Day(months=amount) if found[3] == "month" else Day(days=amount)
    if not kind.admits(operand):
        raise ValueError(f"{operand!r} is not a {kind.value}")
    return operand


class Terms(NamedTuple):
    """What operands are resolved by: the audit's day, and the TLS profile in force."""

    day: date
    profile: Profile

    def resolve(self, operand: Any) -> Any:
        if isinstance(operand, Reference):
            return self.profile.aspects[operand.aspect].admitted
        return operand.on(self.day) if isinstance(operand, Day) else operand


def show(value: Any, language: str) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        words = ("vrai", "faux") if language == "fr" else ("true", "false")
        return words[0] if value else words[1]
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) or (
            "(vide)" if language == "fr" else "(none)"
        )
    return value.isoformat() if isinstance(value, date) else str(value)


def _must(fr: str, en: str) -> Callable[[Any], Text]:
    return lambda operand: Text(f"{fr} {show(operand, 'fr')}", f"{en} {show(operand, 'en')}")


def _be(operand: Any) -> Text:
    if operand == ():
        return Text("être vide", "be empty")
    return _must("être", "be")(operand)


def _none(_seen: Any, _operand: Any) -> tuple[str, ...]:
    return ()


class Predicate(NamedTuple):
    """What it compares, whether it holds of (observed, operand), and how it reads.

    `offending` picks from the observed list the items that must not be there.
    """

    types: frozenset[FactType]
    holds: Callable[[Any, Any], bool]
    must: Callable[[Any], Text]
    offending: Callable[[Any, Any], tuple[str, ...]] = _none


PREDICATES: dict[str, Predicate] = {
    "is": Predicate(frozenset(FactType), lambda seen, it: bool(seen == it), _be),
    "one_of": Predicate(
        _SCALAR, lambda seen, them: seen in them, _must("être l'un de", "be one of")
    ),
    # An empty list shows nothing, so `only` on it fails: a list that nobody filled is no proof.
    "only": Predicate(
        frozenset({FactType.LIST}),
        lambda seen, them: bool(seen) and set(seen) <= set(them),
        _must("n'avoir que", "have only"),
        lambda seen, them: tuple(item for item in seen if item not in them),
    ),
    "includes": Predicate(
        frozenset({FactType.LIST}),
        lambda seen, them: set(them) <= set(seen),
        _must("comprendre", "include"),
    ),
    "excludes": Predicate(
        frozenset({FactType.LIST}),
        lambda seen, them: not set(them) & set(seen),
        _must("exclure", "exclude"),
        lambda seen, them: tuple(item for item in seen if item in them),
    ),
    "at_least": Predicate(
        _ORDERED, lambda seen, it: bool(seen >= it), _must("être au moins", "be at least")
    ),
    "at_most": Predicate(
        _ORDERED, lambda seen, it: bool(seen <= it), _must("être au plus", "be at most")
    ),
}


def holds(predicate: str, observed: Value, operand: Any, terms: Terms) -> bool:
    """Whether `observed` satisfies the predicate in the audit's terms."""
    return PREDICATES[predicate].holds(observed, terms.resolve(operand))


def settles(predicate: str, observed: Value, operand: Any, terms: Terms) -> bool | None:
    """The same of a partial fact: None where what is still unseen could turn the outcome.

    The whole list has what was seen and perhaps more; the whole number is what was seen or less.
    """
    met = holds(predicate, observed, operand, terms)
    if predicate in ("includes", "at_most"):
        return True if met else None
    if predicate in ("excludes", "at_least"):
        return None if met else False
    if predicate in ("only", "is") and isinstance(observed, tuple):
        return None if met or not observed else False
    return None


def offending(predicate: str, observed: Value, operand: Any, terms: Terms) -> tuple[str, ...]:
    """The items of an observed list that are outside `only` or inside `excludes`."""
    return PREDICATES[predicate].offending(observed, terms.resolve(operand))


def must(predicate: str, operand: Any, terms: Terms) -> Text:
    """The condition in words: its dates counted out, its profile by name, not item by item."""
    if not isinstance(operand, Reference):
        return PREDICATES[predicate].must(terms.resolve(operand))
    name = terms.profile.name
    if terms.profile.lacks(operand):
        return Text(f"être ce qu'admet {name}", f"be what {name} admits")
    if predicate == "only":
        return Text(f"n'avoir que ce qu'admet {name}", f"have only what {name} admits")
    if predicate == "one_of":
        return Text(f"faire partie de ce qu'admet {name}", f"be among what {name} admits")
    bound = PREDICATES[predicate].must(terms.resolve(operand))
    return Text(f"{bound.fr} ({name})", f"{bound.en} ({name})")
