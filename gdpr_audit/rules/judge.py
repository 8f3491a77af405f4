"""Compares facts with rules. Pure: no network, no clock, no terminal.

Three-valued: one false condition settles a requirement, one gap leaves it unproven, and only
what was established in full passes. Every rule ends in a finding for every subject of its
kind, or in one that says why there is no such subject: no rule goes unasked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

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
    Source,
    Subject,
    Text,
    Verdict,
)
from gdpr_audit.rules import predicates
from gdpr_audit.rules import profile as profiles
from gdpr_audit.rules.predicates import Terms
from gdpr_audit.rules.profile import Profile


def judge(
    rules: Iterable[Rule], observations: Observations, day: date, profile: Profile | None = None
) -> tuple[Finding, ...]:
    """One finding or more a rule, in the order of the rules, then of the subjects.

    `profile` is what rules may ask for by name; the built-in default where there is none.
    """
    terms = Terms(day, profile or profiles.default())
    return tuple(finding for rule in rules for finding in _findings(rule, observations, terms))


def _findings(rule: Rule, observations: Observations, terms: Terms) -> Iterator[Finding]:
    case = _Case.of(rule, observations, terms)
    for found in subjects(rule.subject, observations):
        if case.silent:
            about = found.within if isinstance(found, Absent) else found
            yield case.finding(Verdict.NOT_APPLICABLE, about, None, case.silent)
        elif isinstance(found, Absent):
            yield _absence(case, found)
        else:
            yield _judge_one(case, found)


class _Case(NamedTuple):
    """One rule as it is to be judged: what the profile leaves of it, and what it rests on.

    `silent` says of what the profile does not speak, where nothing is left to ask.
    """

    rule: Rule
    when: Requirement
    require: Requirement
    sources: tuple[Source, ...]
    silent: tuple[Reason, ...]
    seen: Observations
    terms: Terms

    @classmethod
    def of(cls, rule: Rule, seen: Observations, terms: Terms) -> _Case:
        when, mute_when = _spoken(rule.when, terms)
        require, mute_require = _spoken(rule.require, terms)
        silent = tuple(_silence(condition, terms) for condition in mute_when + mute_require)
        return cls(rule, when, require, terms.profile.sources(rule), silent, seen, terms)

    def finding(
        self, verdict: Verdict, about: Subject, strength: Origin | None, why: tuple[Reason, ...]
    ) -> Finding:
        return Finding(self.rule, verdict, about, strength, why, self.sources)


def _spoken(requirement: Requirement, terms: Terms) -> tuple[Requirement, tuple[Condition, ...]]:
    """What the profile leaves of a requirement, and the conditions on which it leaves nothing.

    An alternative that names what the guide does not speak of is one that it does not offer.
    """
    lacks = terms.profile.lacks
    mute = [c for c in requirement.conditions if lacks(c.operand)]
    offered = tuple(b for b in requirement.alternatives if not any(lacks(c.operand) for c in b))
    if requirement.alternatives and not offered:
        mute += [c for block in requirement.alternatives for c in block if lacks(c.operand)]
    return Requirement(requirement.conditions, offered), tuple(mute)


def _silence(condition: Condition, terms: Terms) -> Reason:
    must = predicates.must(condition.predicate, condition.operand, terms)
    gap = terms.profile.silence(condition.operand)
    return Reason(condition.fact, must, None, None, None, gap, role="when")


class Absent(NamedTuple):
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


def _absence(case: _Case, absent: Absent) -> Finding:
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
    return case.finding(verdict, absent.within, None, (reason,))


def _judge_one(case: _Case, subject: Subject) -> Finding:
    when = _weigh(case.when, "when", subject, case)
    if when.met is False:
        settled = tuple(r for r in when.reasons if r.met is False)
        return case.finding(Verdict.NOT_APPLICABLE, subject, when.strength, settled)
    if when.met is None:
        return case.finding(_undecided(when.reasons), subject, None, _open(when.reasons))
    require = _weigh(case.require, "require", subject, case)
    if require.met is None:
        return case.finding(_undecided(require.reasons), subject, None, require.reasons)
    verdict = Verdict.PASS if require.met else Verdict.FAIL
    return case.finding(verdict, subject, _weakest(when, require), require.reasons)


class _Weighed(NamedTuple):
    met: bool | None
    strength: Origin | None
    reasons: tuple[Reason, ...]


def _weigh(requirement: Requirement, role: str, subject: Subject, case: _Case) -> _Weighed:
    plain = [_reason(c, role, subject, case) for c in requirement.conditions]
    blocks = [
        [_reason(c, f"{role}-any", subject, case) for c in block]
        for block in requirement.alternatives
    ]
    outcomes = [_all(block) for block in blocks]
    any_met = True if not blocks or True in outcomes else None if None in outcomes else False
    met = _all_of([r.met for r in plain] + [any_met])
    chosen = _telling(blocks, outcomes)
    reasons = tuple(dict.fromkeys((*plain, *chosen)))
    return _Weighed(met, _strength(met, plain, blocks, chosen), reasons)


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


def _reason(condition: Condition, role: str, subject: Subject, case: _Case) -> Reason:
    asked = (condition.operand, case.terms)
    must = predicates.must(condition.predicate, *asked)
    known = lookup(condition.fact, subject, case.seen)
    if isinstance(known, Gap):
        return Reason(
            condition.fact, must, None, None, None, known.reason, broken=known.broken, role=role
        )
    if known.partial is None:
        met: bool | None = predicates.holds(condition.predicate, known.value, *asked)
    else:
        met = predicates.settles(condition.predicate, known.value, *asked)
    if met is None:
        return Reason(condition.fact, must, None, None, None, known.partial, role=role)
    offending = predicates.offending(condition.predicate, known.value, *asked)
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
