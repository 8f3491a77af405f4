"""Observations around what a rule asks, and the same observations known less well.

`world` makes, for one rule, facts at and around each of its operands. `weaker` takes knowledge
away: a fact is not looked at, its check broke, of a list some items were seen, a census was cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple, TypeGuard

from gdpr_audit.checks import registry
from gdpr_audit.model import (
    PLATFORM,
    Census,
    Evidence,
    Fact,
    FactType,
    Gap,
    Observations,
    Origin,
    Rule,
    Subject,
    Text,
    Value,
    now,
)
from gdpr_audit.rules import book, profile
from gdpr_audit.rules.predicates import Day
from gdpr_audit.rules.profile import Reference

WORDS = registry.vocabulary(check for check, _ in registry.installed())
BOOK = book.load(book.installed_packs(), WORDS)
DAY = date(2026, 11, 24)
PROFILES = tuple(profile.load(name) for name in profile.known())

UNSEEN = Text.same("not looked at")
CUT = Text.same("cut short")
_SEEN = {origin: Evidence("x", origin, Text.same("seen"), now()) for origin in Origin}


class World(NamedTuple):
    """What was observed for one rule, by which profile, and what each of its facts may be."""

    rule: Rule
    seen: Observations
    profile: profile.Profile


def fact(name: str, value: Value, origin: Origin = Origin.MEASURED, *, whole: bool = True) -> Fact:
    return Fact(name, value, _SEEN[origin], None if whole else CUT)


@cache
def around(rule_id: str) -> Mapping[str, tuple[Value, ...]]:
    """For each fact of a rule: every value of its examples and of its operands, and their neighbours."""
    rule = BOOK.rule(rule_id)
    found: dict[str, list[Value]] = {name: [] for name in sorted(rule.facts)}
    for example in rule.examples:
        for name, value in example.facts.items():
            found[name].append(value)
    for condition in (*rule.when.every, *rule.require.every):
        kind = WORDS.facts[condition.fact].type
        for operand in _operands(condition.operand):
            found[condition.fact] += _near(operand, kind)
    return {name: tuple(dict.fromkeys(values)) for name, values in found.items()}


def _operands(operand: Any) -> list[Any]:
    if isinstance(operand, Reference):
        return [p.aspects[operand.aspect].admitted for p in PROFILES if not p.lacks(operand)]
    return [operand.on(DAY) if isinstance(operand, Day) else operand]


def _near(operand: Any, kind: FactType) -> list[Value]:
    if kind is FactType.BOOLEAN:
        return [True, False]
    if kind is FactType.LIST:
        return [(), ("other",), operand, operand[:1], operand[1:], (*operand[:2], "other")]
    if isinstance(operand, tuple):  # one_of
        return [*operand, "other"]
    if kind is FactType.TEXT:
        return [operand, "other"]
    step: Any = timedelta(days=1) if kind is FactType.DATE else 1
    return [operand - step, operand, operand + step]


def world(rule: Rule, chance: Random) -> World:
    """One subject or two of each kind on the way to the rule's own; some facts are gaps already."""
    platform = Subject(PLATFORM, "p")
    levels: dict[str, list[Subject]] = {PLATFORM: [platform]}
    census: dict[tuple[Subject, str], Census] = {}
    lineage = WORDS.lineage(rule.subject)[::-1]
    for outer, kind in pairwise(lineage):
        levels[kind] = []
        for parent in levels[outer]:
            count = chance.choice((1, 1, 1, 2, 0))
            inner = tuple(
                Subject(kind, f"{parent.name}/{kind}{i}", within=parent) for i in range(count)
            )
            gap = chance.choice((None, None, None, UNSEEN))
            census[parent, kind] = Census(kind, parent, inner, gap)
            levels[kind] += inner
    facts: dict[Subject, dict[str, Fact | Gap]] = {}
    for name, values in around(rule.id).items():
        for subject in levels[WORDS.facts[name].subject]:
            stated: Fact | Gap = fact(name, chance.choice(values), chance.choice(tuple(Origin)))
            how = chance.randrange(10)
            if how == 0:
                stated = Gap(name, UNSEEN, "x", broken=chance.random() < 0.5)
            elif how == 1 and partable(stated):
                stated = replace(stated, partial=CUT)
            facts.setdefault(subject, {})[name] = stated
    seen = Observations(platform, facts, census, WORDS.kinds)
    return World(rule, seen, chance.choice(PROFILES))


def partable(known: Fact | Gap | None) -> TypeGuard[Fact]:
    """Whether it is a fact of which only a part may have been seen: a list or a number."""
    return (
        isinstance(known, Fact)
        and isinstance(known.value, tuple | int | float)
        and not isinstance(known.value, bool)
    )


def weaker(seen: Observations, chance: Random) -> Observations:
    """The same, less well known: any subset of facts and censuses, each in one of its ways."""
    facts: dict[Subject, dict[str, Fact | Gap]] = {}
    for subject, known in seen.facts.items():
        left = facts[subject] = {}
        for name, stated in known.items():
            kept = chance.choice((stated, stated, *lesser_of(stated)))
            if kept is not None:
                left[name] = kept
    census: dict[tuple[Subject, str], Census] = {}
    for at, taken in seen.census.items():
        way = chance.choice(("same", "same", "same", "gap", "broken", "fewer", "missing"))
        if way == "same":
            census[at] = taken
        elif way != "missing":
            found = taken.subjects[1:] if way == "fewer" else taken.subjects
            census[at] = taken._replace(subjects=found, gap=UNSEEN, broken=way == "broken")
    return replace(seen, facts=facts, census=census)


def lesser_of(stated: Fact | Gap) -> list[Fact | Gap | None]:
    """Every way to know one fact less well; None: nobody stated it."""
    found: list[Fact | Gap | None] = [
        None,
        Gap(stated.name, UNSEEN, "x"),
        Gap(stated.name, UNSEEN, "x", broken=True),
    ]
    if not partable(stated):
        return found
    if isinstance(stated.value, tuple):
        some = [stated.value[:i] + stated.value[i + 1 :] for i in range(len(stated.value))][:4]
        found += [replace(stated, value=value, partial=CUT) for value in (stated.value, (), *some)]
    else:  # the whole number is what was seen or less
        assert isinstance(stated.value, int | float)
        found += [replace(stated, value=stated.value + more, partial=CUT) for more in (0, 1, 4096)]
    return found
