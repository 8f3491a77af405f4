"""The judge: three-valued, and never lenient."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gdpr_audit.model import (
    PLATFORM,
    Census,
    Condition,
    Evidence,
    Fact,
    Gap,
    Observations,
    Origin,
    Requirement,
    Rule,
    Severity,
    Subject,
    Text,
    Verdict,
    now,
)
from gdpr_audit.rules.judge import judge

DAY = date(2026, 11, 24)
TOP = Subject(PLATFORM, "p")
KINDS = {"target": PLATFORM, "cookie": "target", "store": PLATFORM}
T = Text.same("t")


def rule(subject: str, require: Requirement, when: Requirement | None = None) -> Rule:
    return Rule(
        "r", "web", Severity.HIGH, subject, when or Requirement(), require, ("GDPR-32-1",), (),
        T, T, T, (),
    )  # fmt: skip


def condition(fact: str, predicate: str = "is", operand: Any = True) -> Condition:
    return Condition(fact, predicate, operand)


def fact(name: str, value: Any, origin: Origin = Origin.MEASURED) -> Fact:
    return Fact(name, value, Evidence("c", origin, Text.same(f"saw {name}"), now()))


def seen(facts: dict[Subject, list[Fact | Gap]], *census: Census) -> Observations:
    return Observations(
        TOP,
        {subject: {f.name: f for f in known} for subject, known in facts.items()},
        {(c.within, c.kind): c for c in census},
        KINDS,
    )


def one(rule_: Rule, observations: Observations) -> tuple[Verdict, Origin | None, tuple[Any, ...]]:
    (found,) = judge([rule_], observations, DAY)
    return found.verdict, found.strength, found.reasons


A, B = condition("a.a"), condition("a.b")
BOTH = rule(PLATFORM, Requirement((A, B)))
EITHER = rule(PLATFORM, Requirement((), ((A,), (B,))))


@pytest.mark.parametrize(
    ("a", "b", "both", "either"),
    [
        (True, True, Verdict.PASS, Verdict.PASS),
        (True, False, Verdict.FAIL, Verdict.PASS),
        (True, None, Verdict.UNPROVEN, Verdict.PASS),
        (False, False, Verdict.FAIL, Verdict.FAIL),
        (False, None, Verdict.FAIL, Verdict.UNPROVEN),
        (None, None, Verdict.UNPROVEN, Verdict.UNPROVEN),
    ],
)
def test_one_false_settles_it_and_one_gap_leaves_it_open(
    a: bool | None, b: bool | None, both: Verdict, either: Verdict
) -> None:
    known: list[Fact | Gap] = [
        fact(name, value) for name, value in (("a.a", a), ("a.b", b)) if value is not None
    ]
    observations = seen({TOP: known})

    assert one(BOTH, observations)[0] is both
    assert one(EITHER, observations)[0] is either


def test_a_fact_that_nobody_stated_is_a_gap_with_a_reason() -> None:
    verdict, strength, reasons = one(BOTH, seen({}))

    assert verdict is Verdict.UNPROVEN
    assert strength is None
    assert "not observed" in reasons[0].gap.en


def test_a_broken_check_is_an_error_where_it_decides() -> None:
    broken = Gap("a.b", Text.same("boom"), "c", broken=True)

    assert one(BOTH, seen({TOP: [fact("a.a", True), broken]}))[0] is Verdict.ERROR
    assert one(BOTH, seen({TOP: [fact("a.a", False), broken]}))[0] is Verdict.FAIL


def test_a_condition_of_when_that_is_open_leaves_the_rule_open() -> None:
    guarded = rule(PLATFORM, Requirement((A,)), Requirement((B,)))

    assert one(guarded, seen({TOP: [fact("a.a", True)]}))[0] is Verdict.UNPROVEN
    off = seen({TOP: [fact("a.a", False), fact("a.b", False)]})
    assert one(guarded, off)[0] is Verdict.NOT_APPLICABLE


def test_strength_is_the_weakest_origin_it_rests_on() -> None:
    mixed = seen({TOP: [fact("a.a", True), fact("a.b", True, Origin.DECLARED)]})
    assert one(BOTH, mixed)[1] is Origin.DECLARED

    # one false condition is enough for a failure: the best known of them counts
    failed = seen({TOP: [fact("a.a", False), fact("a.b", False, Origin.DECLARED)]})
    assert one(BOTH, failed)[1] is Origin.MEASURED

    # where only alternatives fail, all of them are needed
    neither = seen({TOP: [fact("a.a", False), fact("a.b", False, Origin.DECLARED)]})
    assert one(EITHER, neither)[1] is Origin.DECLARED


def test_no_rule_goes_unasked() -> None:
    stores = rule("store", Requirement((A,)))
    missing = Text.same("no section")

    assert one(stores, seen({}, Census("store", TOP, gap=missing)))[0] is Verdict.UNPROVEN
    assert one(stores, seen({}, Census("store", TOP)))[0] is Verdict.NOT_APPLICABLE
    assert one(stores, seen({}))[0] is Verdict.UNPROVEN


def test_a_missing_parent_leaves_its_children_open() -> None:
    cookies = rule("cookie", Requirement((A,)))
    gap = Text.same("no section targets")

    found = one(cookies, seen({}, Census("target", TOP, gap=gap)))

    assert found[0] is Verdict.UNPROVEN
    assert found[2][0].gap == gap


def test_a_census_cut_short_judges_what_there_is_and_leaves_the_rest_open() -> None:
    target = Subject("target", "https://x/", within=TOP)
    cookie = Subject("cookie", "c", within=target)
    cut = Census("cookie", target, (cookie,), Text.same("page not seen"))
    observations = seen({cookie: [fact("a.a", True)]}, Census("target", TOP, (target,)), cut)

    found = judge([rule("cookie", Requirement((A,)))], observations, DAY)

    assert [f.verdict for f in found] == [Verdict.PASS, Verdict.UNPROVEN]


def test_a_fact_of_the_parent_serves_its_children() -> None:
    target = Subject("target", "https://x/", within=TOP)
    cookie = Subject("cookie", "c", within=target)
    census = (Census("target", TOP, (target,)), Census("cookie", target, (cookie,)))
    observations = seen({TOP: [fact("a.a", True)]}, *census)

    (found,) = judge([rule("cookie", Requirement((A,)))], observations, DAY)

    assert found.verdict is Verdict.PASS


def test_fingerprints_depend_on_rule_and_subject_alone() -> None:
    before = judge([BOTH], seen({TOP: [fact("a.a", False)]}), DAY)
    after = judge([BOTH], seen({TOP: [fact("a.a", True), fact("a.b", True)]}), date(2027, 1, 1))

    assert before[0].fingerprint == after[0].fingerprint


@pytest.mark.parametrize(
    ("predicate", "operand", "value", "verdict"),
    [
        ("excludes", ["RC4"], ("AES", "RC4"), Verdict.FAIL),
        ("excludes", ["RC4"], ("AES",), Verdict.UNPROVEN),
        ("only", ["AES"], ("AES", "RC4"), Verdict.FAIL),
        ("only", ["AES"], ("AES",), Verdict.UNPROVEN),
        ("only", ["AES"], (), Verdict.UNPROVEN),
        ("includes", ["AES"], ("AES",), Verdict.PASS),
        ("includes", ["AES"], ("RC4",), Verdict.UNPROVEN),
        ("is", (), ("RC4",), Verdict.FAIL),
        ("is", (), (), Verdict.UNPROVEN),
        ("at_least", 2048, 1024, Verdict.FAIL),
        ("at_least", 2048, 4096, Verdict.UNPROVEN),
        ("at_most", 2048, 1024, Verdict.PASS),
        ("at_most", 2048, 4096, Verdict.UNPROVEN),
        ("is", 2048, 2048, Verdict.UNPROVEN),
        ("one_of", (2048,), 2048, Verdict.UNPROVEN),
    ],
)
def test_what_was_seen_of_a_partial_fact_settles_only_what_it_can(
    predicate: str, operand: Any, value: Any, verdict: Verdict
) -> None:
    partial = replace(fact("a.b", value), partial=Text.same("cut short"))
    wanted = rule(PLATFORM, Requirement((condition("a.b", predicate, operand),)))

    found = one(wanted, seen({TOP: [partial]}))

    assert found[0] is verdict
    if verdict is Verdict.UNPROVEN:
        assert found[2][0].gap == Text.same("cut short")


@pytest.mark.parametrize(
    ("predicate", "operand", "value", "expected"),
    [
        ("only", ("AES", "ARIA"), ("AES", "RC4", "DES"), ("RC4", "DES")),
        ("only", ("AES",), ("AES",), ()),
        ("only", ("AES",), (), ()),
        ("excludes", ("RC4", "DES"), ("AES", "RC4"), ("RC4",)),
        ("excludes", ("RC4",), ("AES",), ()),
        ("includes", ("RC4",), ("AES",), ()),
        ("one_of", ("b",), "a", ()),
    ],
)
def test_what_breaks_a_list_is_named_beside_the_whole_of_it(
    predicate: str, operand: Any, value: Any, expected: tuple[str, ...]
) -> None:
    wanted = rule(PLATFORM, Requirement((condition("a.b", predicate, operand),)))

    (reason,) = one(wanted, seen({TOP: [fact("a.b", value)]}))[2]

    assert reason.observed == value
    assert reason.offending == expected


def test_a_list_too_long_to_keep_is_partial() -> None:
    long = fact("a.b", tuple(map(str, range(501))))

    assert long.partial is not None
    with pytest.raises(TypeError):
        replace(fact("a.b", True), partial=T)
