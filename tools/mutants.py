"""Rules made wrong in every small way: what an example must notice. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from gdpr_audit.model import Condition, Requirement, Rule, Vocabulary
from gdpr_audit.rules import examples, predicates
from gdpr_audit.rules import profile as profiles
from gdpr_audit.rules.judge import judge
from gdpr_audit.rules.predicates import Day, Predicate
from gdpr_audit.rules.profile import Profile, Reference

#: Predicates that say the contrary. Only here: a rule has the seven.
_CONTRARY = "not "


class Mutant(NamedTuple):
    """A rule with one thing changed, in the rule or in what the guide in force admits."""

    name: str
    rule: Rule
    guide: Callable[[Profile], Profile] = lambda profile: profile


class Place(NamedTuple):
    """A condition's place: `part` is `when` or `require`, `block` the alternative, if any."""

    part: str
    block: int | None
    number: int

    @property
    def name(self) -> str:
        inside = "" if self.block is None else f".any[{self.block}]"
        return f"{self.part}{inside}"


def of(rule: Rule) -> Iterator[Mutant]:
    """Each condition negated, dropped and moved; each alternative dropped."""
    for part in ("when", "require"):
        whole: Requirement = getattr(rule, part)
        for place, condition in _conditions(part, whole):
            at = f"{rule.id}: {place.name} {condition.fact} {condition.predicate}"
            contrary = condition._replace(predicate=_CONTRARY + condition.predicate)
            yield Mutant(f"{at}: negated", _with(rule, place, contrary))
            if part == "when" or len(_beside(whole, place)) > 1 or place.block is None:
                left = _with(rule, place, None)
                if left.require.every:
                    yield Mutant(f"{at}: dropped", left)
            yield from _moved(rule, place, condition, at)
        for number in range(len(whole.alternatives)):
            left_blocks = whole.alternatives[:number] + whole.alternatives[number + 1 :]
            less = whole._replace(alternatives=left_blocks)
            yield Mutant(f"{rule.id}: {part}.any[{number}]: dropped", rule._replace(**{part: less}))


def _conditions(part: str, whole: Requirement) -> Iterator[tuple[Place, Condition]]:
    for number, condition in enumerate(whole.conditions):
        yield Place(part, None, number), condition
    for block, conditions in enumerate(whole.alternatives):
        for number, condition in enumerate(conditions):
            yield Place(part, block, number), condition


def _beside(whole: Requirement, place: Place) -> tuple[Condition, ...]:
    return whole.conditions if place.block is None else whole.alternatives[place.block]


def _with(rule: Rule, place: Place, condition: Condition | None) -> Rule:
    """The rule with another condition in that place, or with none."""
    whole: Requirement = getattr(rule, place.part)
    one = () if condition is None else (condition,)
    beside = _beside(whole, place)
    changed = (*beside[: place.number], *one, *beside[place.number + 1 :])
    if place.block is None:
        return rule._replace(**{place.part: whole._replace(conditions=changed)})
    blocks = list(whole.alternatives)
    blocks[place.block] = changed
    return rule._replace(**{place.part: whole._replace(alternatives=tuple(blocks))})


def _moved(rule: Rule, place: Place, condition: Condition, at: str) -> Iterator[Mutant]:
    """The threshold one step up and down; a list with each of its items missing."""
    operand = condition.operand
    if isinstance(operand, Reference):
        # what a guide's lists admit is the guide's, and is held to it by the tests of the profiles
        for step in (-1, 1) if condition.predicate in ("at_least", "at_most") else ():
            yield Mutant(f"{at} {operand.aspect}: {step:+}", rule, _shifted(operand.aspect, step))
        return
    for word, moved in _steps(operand):
        yield Mutant(f"{at} {word}", _with(rule, place, condition._replace(operand=moved)))


def _shifted(aspect: str, step: int) -> Callable[[Profile], Profile]:
    def guide(profile: Profile) -> Profile:
        given = profile.aspects.get(aspect)
        if given is None or isinstance(given.admitted, tuple):
            return profile
        moved = given._replace(admitted=given.admitted + step)
        return profile._replace(aspects={**profile.aspects, aspect: moved})

    return guide


def _steps(operand: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(operand, tuple):
        for number, item in enumerate(operand):
            yield f"without {item}", operand[:number] + operand[number + 1 :]
    elif isinstance(operand, Day):
        for step in (-1, 1):
            yield f"{step:+} day", replace(operand, days=operand.days + step)
    elif isinstance(operand, date):
        for step in (-1, 1):
            yield f"{step:+} day", operand + timedelta(days=step)
    elif isinstance(operand, int | float) and not isinstance(operand, bool):
        for step in (-1, 1):
            yield f"{operand} {step:+}", operand + step


def killed(mutant: Mutant, words: Vocabulary) -> bool:
    """Whether one of the rule's own examples notices."""
    for example in mutant.rule.examples:
        seen = examples.observations(mutant.rule, example, words)
        guide = profiles.load(example.profile) if example.profile else profiles.default()
        assert example.date is not None
        found = judge([mutant.rule], seen, example.date, mutant.guide(guide))
        if found[0].verdict is not example.verdict:
            return True
    return False


def teach() -> None:
    """Teach this process the contrary of each predicate. No process that audits does."""
    for name, known in list(predicates.PREDICATES.items()):
        if not name.startswith(_CONTRARY):
            predicates.PREDICATES[_CONTRARY + name] = _contrary(known)


def forget() -> None:
    for name in [name for name in predicates.PREDICATES if name.startswith(_CONTRARY)]:
        del predicates.PREDICATES[name]


def _contrary(known: Predicate) -> Predicate:
    return known._replace(holds=lambda seen, operand: not known.holds(seen, operand))
