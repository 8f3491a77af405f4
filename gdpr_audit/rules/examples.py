"""Runs a rule on the examples that stand beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gdpr_audit.model import (
    PLATFORM,
    Census,
    Evidence,
    Example,
    Fact,
    Finding,
    Gap,
    Observations,
    Origin,
    Rule,
    Subject,
    Text,
    Vocabulary,
    now,
)
from gdpr_audit.rules import profile as profiles
from gdpr_audit.rules.judge import judge


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one example asked for, and what the rule gave."""

    rule: Rule
    number: int
    met: bool
    says: str


def run(rule: Rule, words: Vocabulary) -> Iterator[Outcome]:
    """Every example of one rule, judged."""
    for number, example in enumerate(rule.examples, 1):
        findings = judged(rule, example, observations(rule, example, words))
        given = findings[0].verdict
        met = len(findings) == 1 and given is example.verdict
        yield Outcome(rule, number, met, f"expected {example.verdict}, judged {given}")


def judged(rule: Rule, example: Example, seen: Observations) -> tuple[Finding, ...]:
    """The rule's findings on `seen`, on the example's day and by its profile."""
    assert example.date is not None
    profile = profiles.load(example.profile) if example.profile else profiles.default()
    return judge([rule], seen, example.date, profile)


def observations(rule: Rule, example: Example, words: Vocabulary) -> Observations:
    """One subject of each kind on the way to the rule's own, with the example's facts."""
    subject = platform = Subject(PLATFORM, "example")
    census: dict[tuple[Subject, str], Census] = {}
    chain = {PLATFORM: platform}
    for kind in reversed(words.lineage(rule.subject)[:-1]):
        inner = Subject(kind, f"example {kind}", within=subject)
        census[subject, kind] = Census(kind, subject, (inner,))
        chain[kind] = subject = inner
    facts: dict[Subject, dict[str, Fact | Gap]] = {}
    for name, value in example.facts.items():
        evidence = Evidence("example", Origin.MEASURED, Text.same("example"), now())
        about = chain[words.facts[name].subject]
        facts.setdefault(about, {})[name] = Fact(name, value, evidence)
    return Observations(platform, facts, census, words.kinds)
