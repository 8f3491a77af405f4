"""What was not looked at never becomes fine: for all rules, whatever is taken away.

Stronger, and simpler to hold: a verdict that rests on less was the verdict on the whole. So
nothing that is taken away makes a pass, a failure, or a rule that does not apply.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdpr_audit.model import Finding, Gap, Observations, Rule, Subject, Verdict
from gdpr_audit.rules import examples
from gdpr_audit.rules.judge import Absent, judge, subjects
from tests.rules.worlds import BOOK, DAY, UNSEEN, WORDS, lesser_of, weaker, world

DECIDED = (Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE)


def _by_id(rule: Rule) -> str:
    return rule.id


def _decided(findings: tuple[Finding, ...]) -> set[tuple[Verdict, Subject]]:
    """What was decided by what was seen; that a guide does not speak of it, no fact can say."""
    return {(f.verdict, f.subject) for f in findings if f.verdict in DECIDED and not _unspoken(f)}


def _unspoken(finding: Finding) -> bool:
    """Whether the rule asks for what the profile in force does not speak of."""
    return any(r.gap and "says nothing of" in r.gap.en for r in finding.reasons)


def _without(
    seen: Observations, taken: tuple[tuple[Subject, str], ...], *, broken: bool
) -> Observations:
    facts = {subject: dict(known) for subject, known in seen.facts.items()}
    for subject, name in taken:
        facts[subject][name] = Gap(name, UNSEEN, "x", broken)
    return replace(seen, facts=facts)


def _every_loss(seen: Observations) -> Iterator[Observations]:
    """Each subset of the facts as gaps, and each fact alone in every weaker form."""
    names = [(subject, name) for subject, known in seen.facts.items() for name in known]
    for count in range(1, len(names) + 1):
        for taken in combinations(names, count):
            yield _without(seen, taken, broken=count == 1)
    for subject, name in names:
        for stated in lesser_of(seen.facts[subject][name]):
            left = {k: v for k, v in seen.facts[subject].items() if k != name}
            if stated is not None:
                left[name] = stated
            yield replace(seen, facts={**seen.facts, subject: left})
    for at, census in seen.census.items():
        for found in (census.subjects, ()):
            cut = census._replace(subjects=found, gap=UNSEEN)
            yield replace(seen, census={**seen.census, at: cut})
        yield replace(seen, census={k: v for k, v in seen.census.items() if k != at})


@pytest.mark.parametrize("rule", BOOK.rules, ids=_by_id)
def test_no_loss_decides_what_an_example_left_open(rule: Rule) -> None:
    for example in rule.examples:
        whole = examples.observations(rule, example, WORDS)
        before = _decided(examples.judged(rule, example, whole))
        for less in _every_loss(whole):
            after = examples.judged(rule, example, less)
            assert after, "a rule went unasked"
            assert _decided(after) <= before


@pytest.mark.parametrize("rule", BOOK.rules, ids=_by_id)
def test_no_loss_decides_what_generated_facts_left_open(rule: Rule) -> None:
    @settings(max_examples=40, database=None)
    @given(st.randoms(use_true_random=True))  # one draw an example: the generators are ours
    def losses(chance: Random) -> None:
        made = world(rule, chance)
        less = weaker(made.seen, chance)

        before = judge([rule], made.seen, DAY, made.profile)
        after = judge([rule], less, DAY, made.profile)

        assert after, "a rule went unasked"
        assert _decided(after) <= _decided(before)
        for finding in (*before, *after):
            _says_why(finding)
        assert _cut(rule, less) <= _open(after) or all(map(_unspoken, after))

    losses()


def _open(findings: tuple[Finding, ...]) -> set[Subject]:
    return {f.subject for f in findings if f.verdict in (Verdict.UNPROVEN, Verdict.ERROR)}


def _cut(rule: Rule, seen: Observations) -> set[Subject]:
    """Where subjects of the rule's kind may be missing: each leaves the rule open beside the rest."""
    places = (found for found in subjects(rule.subject, seen) if isinstance(found, Absent))
    return {place.within for place in places if place.gap}


def _says_why(finding: Finding) -> None:
    """A rule that does not apply names what says so; one that is open, what is missing."""
    assert finding.reasons
    if finding.verdict is Verdict.NOT_APPLICABLE:
        assert all(r.role.startswith("when") for r in finding.reasons)
        assert any(r.met is False or r.gap for r in finding.reasons)
        assert any(r.met is False for r in finding.reasons) or finding.strength is None
    elif finding.verdict in (Verdict.UNPROVEN, Verdict.ERROR):
        assert any(r.gap for r in finding.reasons)
        assert finding.strength is None
    else:
        assert finding.strength is not None
        if finding.verdict is Verdict.PASS:
            assert all(r.met for r in finding.reasons)


def test_what_is_lost_is_lost() -> None:
    """The losses above do take away: after each of them, something is open."""
    rule = BOOK.rule("tls-profile-suite")
    example = next(e for e in rule.examples if e.verdict is Verdict.PASS)
    whole = examples.observations(rule, example, WORDS)

    assert all(_open(examples.judged(rule, example, less)) for less in _every_loss(whole))
