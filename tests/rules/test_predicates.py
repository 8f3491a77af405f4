"""The seven predicates, and no eighth."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gdpr_audit.model import FactType
from gdpr_audit.rules import predicates, profile
from gdpr_audit.rules.predicates import PREDICATES, Day, Terms, holds, must, parse_operand

TERMS = Terms(date(2026, 11, 24), profile.default())


def test_there_are_seven_predicates() -> None:
    expected = ["is", "one_of", "only", "includes", "excludes", "at_least", "at_most"]

    assert list(PREDICATES) == expected


@pytest.mark.parametrize(
    ("predicate", "observed", "operand", "met"),
    [
        ("is", True, True, True),
        ("is", False, True, False),
        ("is", (), (), True),
        ("is", ("x",), (), False),
        ("one_of", "b", ("a", "b"), True),
        ("one_of", "c", ("a", "b"), False),
        ("only", ("a",), ("a", "b"), True),
        ("only", ("a", "c"), ("a", "b"), False),
        ("only", (), ("a",), False),
        ("includes", ("a", "b"), ("a",), True),
        ("includes", ("b",), ("a",), False),
        ("excludes", ("b",), ("a",), True),
        ("excludes", ("a", "b"), ("a",), False),
        ("at_least", 3072, 3072, True),
        ("at_least", 2048, 3072, False),
        ("at_most", 7, 7, True),
        ("at_most", 8, 7, False),
        ("at_least", date(2025, 11, 24), Day(months=-12), True),
        ("at_least", date(2025, 11, 23), Day(months=-12), False),
    ],
)
def test_what_holds(predicate: str, observed: Any, operand: Any, met: bool) -> None:
    assert holds(predicate, observed, operand, TERMS) is met


@pytest.mark.parametrize(
    ("operand", "expected"),
    [
        ("audit_date", date(2026, 11, 24)),
        ("audit_date - 12 months", date(2025, 11, 24)),
        ("audit_date + 10 days", date(2026, 12, 4)),
    ],
)
def test_dates_are_counted_from_the_audits(operand: str, expected: date) -> None:
    parsed = parse_operand(operand, FactType.DATE, "at_least")

    assert parsed.on(TERMS.day) == expected


def test_a_month_back_from_its_last_day_stays_in_the_month() -> None:
    assert Day(months=-1).on(date(2026, 3, 31)) == date(2026, 2, 28)


@pytest.mark.parametrize(
    ("operand", "kind", "predicate", "word"),
    [
        ([], FactType.LIST, "only", "not empty"),
        ([], FactType.TEXT, "one_of", "not empty"),
        ("yes", FactType.BOOLEAN, "is", "boolean"),
        (True, FactType.INTEGER, "at_least", "integer"),
        (3, FactType.TEXT, "at_least", "compares"),
        (["a"], FactType.LIST, "is", r"\[\]"),
        ("yesterday", FactType.DATE, "at_least", "YYYY-MM-DD"),
        (["a"], FactType.TEXT, "excludes", "compares"),
    ],
)
def test_an_operand_of_the_wrong_type_is_refused(
    operand: Any, kind: FactType, predicate: str, word: str
) -> None:
    with pytest.raises(ValueError, match=word):
        parse_operand(operand, kind, predicate)


def test_a_condition_reads_in_both_languages() -> None:
    assert must("at_least", 3072, TERMS) == ("être au moins 3072", "be at least 3072")
    assert must("is", (), TERMS) == ("être vide", "be empty")
    assert must("is", False, TERMS).en == "be false"
    assert predicates.show(("a", "b"), "fr") == "a, b"
    assert [predicates.show(True, of) for of in ("fr", "en")] == ["vrai", "true"]
    assert [predicates.show((), of) for of in ("fr", "en")] == ["(vide)", "(none)"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), True, "1"])
def test_a_number_is_one_that_can_be_measured(value: Any) -> None:
    assert FactType.NUMBER.admits(1.5)
    assert FactType.NUMBER.admits(10**400)
    assert not FactType.NUMBER.admits(value)
    with pytest.raises(ValueError, match="not a number"):
        parse_operand(value, FactType.NUMBER, "at_least")
