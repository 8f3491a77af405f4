"""A rule that says something else fails its own examples: they hold each condition and threshold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gdpr_audit.model import Condition, Requirement, Rule
from tests.rules.worlds import BOOK, WORDS
from tools import mutants
from tools.equivalent import RULES


def _by_id(rule: Rule) -> str:
    return rule.id


@pytest.fixture
def _contraries() -> Iterator[None]:
    mutants.teach()
    yield
    mutants.forget()


@pytest.mark.usefixtures("_contraries")
@pytest.mark.parametrize("rule", BOOK.rules, ids=_by_id)
def test_a_rule_made_wrong_fails_its_own_examples(rule: Rule) -> None:
    made = list(mutants.of(rule))
    alive = [m.name for m in made if m.name not in RULES and not mutants.killed(m, WORDS)]

    assert made
    assert alive == [], "add an example: at the threshold, one past it, without the condition"


@pytest.mark.usefixtures("_contraries")
def test_no_mutant_is_called_equivalent_that_an_example_kills() -> None:
    alive = {m.name for r in BOOK.rules for m in mutants.of(r) if not mutants.killed(m, WORDS)}

    assert alive == set(RULES)


def test_each_part_of_a_rule_is_changed() -> None:
    rule = BOOK.rule("hsts-short")._replace(
        id="r",
        when=Requirement((Condition("web.https", "is", True),)),
        require=Requirement(
            (Condition("web.hsts.max_age", "at_least", 7),),
            ((Condition("web.https", "is", True),), (Condition("web.https", "is", False),)),
        ),
    )

    assert [mutant.name for mutant in mutants.of(rule)] == [
        "r: when web.https is: negated",
        "r: when web.https is: dropped",
        "r: require web.hsts.max_age at_least: negated",
        "r: require web.hsts.max_age at_least: dropped",
        "r: require web.hsts.max_age at_least 7 -1",
        "r: require web.hsts.max_age at_least 7 +1",
        "r: require.any[0] web.https is: negated",
        "r: require.any[1] web.https is: negated",
        "r: require.any[0]: dropped",
        "r: require.any[1]: dropped",
    ]
