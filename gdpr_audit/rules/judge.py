"""Compares facts with rules. Pure: no network, no clock, no terminal.

Three-valued: one false condition settles a requirement, one gap leaves it unproven, and only
what was established in full passes. Every rule ends in a finding for every subject of its
kind, or in one that says why there is no such subject: no rule goes unasked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from gdpr_audit.model import (
    PLATFORM,
    Condition,
    Fact,
    Finding,
    Gap,
    Observations,
    Origin,
    Reason,
    Requirement,
    Rule,
    Subject,
    Text,
    Verdict,
)
from gdpr_audit.rules import predicates


def judge(rules: Iterable[Rule], observations: Observations, day: date) -> tuple[Finding, ...]:
    """One finding or more a rule, in the order of the rules, then of the subjects."""
    return tuple(finding for rule in rules for finding in _findings(rule, observations, day))


def _findings(rule: Rule, observations: Observations, day: date) -> Iterator[Finding]:
    for found in subjects(rule.subject, observations):
        if isinstance(found, Absent):
            yield _absence(rule, found)
        else:
            yield _judge_one(rule, found, observations, day)


@dataclass(frozen=True, slots=True)
class Absent:
    """No subject of `kind` inside `within`; with a gap, none that could be seen."""

    kind: str
    within: Subject
    gap: Text | None
    broken: bool = False


def subjects(kind: str, observations: Observations) -> Iterator[Subject | Absent]:
    """Every subject of a kind, and every place where some may be missing."""
    if kind == PLATFORM:
        yield observations.platform
        return
    for parent in subjects(observations.kinds[kind], observations):
        if isinstance(parent, Absent):
            yield Absent(kind, parent.within, parent.gap, parent.broken)
            continue
        census = observations.census.get((parent, kind))
        if census is None:
            reason = Text(f"nul n'a recensé : {kind}", f"nobody took a census of: {kind}")
            yield Absent(kind, parent, reason)
            continue
        yield from census.subjects
        if census.gap is not None or not census.subjects:
            yield Absent(kind, parent, census.gap, census.broken)


def _absence(rule: Rule, absent: Absent) -> Finding:
    none = Text(
        f"aucun sujet de ce genre : {absent.kind}", f"no subject of this kind: {absent.kind}"
    )
    reason = Reason(
        fact=absent.kind,
        must=Text("être déclaré ou vu", "be declared or seen"),
        observed=None,
        met=None,
        evidence=None,
        gap=absent.gap or none,
        broken=absent.broken,
        role="when",
    )
    if absent.gap is None:
        verdict = Verdict.NOT_APPLICABLE
    else:
        verdict = Verdict.ERROR if absent.broken else Verdict.UNPROVEN
    return Finding(rule, verdict, absent.within, None, (reason,))


def _judge_one(rule: Rule, subject: Subject, seen: Observations, day: date) -> Finding:
    when = _weigh(rule.when, "when", subject, seen, day)
    if when.met is False:
        settled = tuple(r for r in when.reasons if r.met is False)
        return Finding(rule, Verdict.NOT_APPLICABLE, subject, when.strength, settled)
    if when.met is None:
        return Finding(rule, _undecided(when.reasons), subject, None, _open(when.reasons))
    require = _weigh(rule.require, "require", subject, seen, day)
    if require.met is None:
        return Finding(rule, _undecided(require.reasons), subject, None, require.reasons)
    verdict = Verdict.PASS if require.met else Verdict.FAIL
    return Finding(rule, verdict, subject, _weakest(when, require), require.reasons)


@dataclass(frozen=True, slots=True)
class _Weighed:
    met: bool | None
    strength: Origin | None
    reasons: tuple[Reason, ...]


def _weigh(
    requirement: Requirement, role: str, subject: Subject, seen: Observations, day: date
) -> _Weighed:
    plain = [_reason(c, role, subject, seen, day) for c in requirement.conditions]
    blocks = [
        [_reason(c, f"{role}-any", subject, seen, day) for c in block]
        for block in requirement.alternatives
    ]
    outcomes = [_all(block) for block in blocks]
    any_met = True if not blocks or True in outcomes else None if None in outcomes else False
    met = _all_of([r.met for r in plain] + [any_met])
    chosen = _telling(blocks, outcomes)
    reasons = tuple(dict.fromkeys((*plain, *chosen)))
    return _Weighed(met, _strength(met, plain, blocks, chosen, any_met), reasons)


def _telling(blocks: list[list[Reason]], outcomes: list[bool | None]) -> list[Reason]:
    """Of alternatives, the first that holds; all of them where none does."""
    if True in outcomes:
        return blocks[outcomes.index(True)]
    return [reason for block in blocks for reason in block]


def _strength(
    met: bool | None,
    plain: list[Reason],
    blocks: list[list[Reason]],
    chosen: list[Reason],
    any_met: bool | None,
) -> Origin | None:
    """The weakest origin that the outcome rests on.

    A pass rests on every reason. A failure rests on one false condition, so on the best known
    of them; where only the alternatives fail, on the best known false one of each.
    """
    if met is None:
        return None
    if met:
        return _least([*plain, *chosen])
    if false := [r for r in plain if r.met is False]:
        return max((o for r in false if (o := _origin(r))), key=lambda o: o.rank, default=None)
    if any_met is not False:
        return None
    best = [max(o.rank for r in b if r.met is False and (o := _origin(r))) for b in blocks]
    return list(Origin)[min(best)]


def _weakest(*parts: _Weighed) -> Origin | None:
    known = [part.strength for part in parts if part.strength is not None]
    return min(known, key=lambda origin: origin.rank, default=None)


def _least(reasons: list[Reason]) -> Origin | None:
    origins = [o for r in reasons if (o := _origin(r))]
    return min(origins, key=lambda origin: origin.rank, default=None)


def _origin(reason: Reason) -> Origin | None:
    return reason.evidence.origin if reason.evidence else None


def _all(reasons: list[Reason]) -> bool | None:
    return _all_of([reason.met for reason in reasons])


def _all_of(outcomes: list[bool | None]) -> bool | None:
    if False in outcomes:
        return False
    return None if None in outcomes else True


def _open(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    return tuple(reason for reason in reasons if reason.met is None)


def _undecided(reasons: tuple[Reason, ...]) -> Verdict:
    broken = any(reason.broken for reason in reasons)
    return Verdict.ERROR if broken else Verdict.UNPROVEN


def _reason(
    condition: Condition, role: str, subject: Subject, seen: Observations, day: date
) -> Reason:
    must = predicates.must(condition.predicate, condition.operand, day)
    known = lookup(condition.fact, subject, seen)
    if isinstance(known, Gap):
        return Reason(
            condition.fact, must, None, None, None, known.reason, broken=known.broken, role=role
        )
    if known.partial is None:
        met: bool | None = predicates.holds(
            condition.predicate, known.value, condition.operand, day
        )
    else:
        met = predicates.settles(condition.predicate, known.value, condition.operand, day)
    if met is None:
        return Reason(condition.fact, must, None, None, None, known.partial, role=role)
    offending = predicates.offending(condition.predicate, known.value, condition.operand, day)
    return Reason(
        condition.fact, must, known.value, met, known.evidence, role=role, offending=offending
    )


def lookup(name: str, subject: Subject, seen: Observations) -> Fact | Gap:
    """The fact of the subject, or of what it lies within; a gap where nobody stated it."""
    place: Subject | None = subject
    while place is not None:
        if (known := seen.facts.get(place, {}).get(name)) is not None:
            return known
        place = place.within
    return Gap(name, Text(f"« {name} » n'a pas été observé", f"`{name}` was not observed"))
