"""Every decision's faults are found, every repaired twin is clean, and the page says so.

The decisions are replayed once, side by side, in the one worker that has this group.
"""

from __future__ import annotations

import dataclasses

import pytest

from gdpr_audit import law
from tests.conftest import leave_out
from tests.replay import runner, table
from tests.replay.__main__ import PAGE
from tests.replay.runner import Outcome, plays, records, shown

pytestmark = pytest.mark.xdist_group("replay")
IDS = [precedent.id for precedent in law.precedents()]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return {outcome.precedent.id: outcome for outcome in runner.replay_all()}


@pytest.mark.parametrize("decision", IDS)
def test_what_the_decision_took_up_is_found_and_its_repaired_twin_is_clean(
    decision: str, outcomes: dict[str, Outcome]
) -> None:
    outcome = outcomes[decision]
    if outcome.left_out:
        leave_out(outcome.left_out)

    assert outcome.missed == {}
    assert outcome.unclean == ()


def test_the_page_is_that_of_this_replay(outcomes: dict[str, Outcome]) -> None:
    """`make replay` writes it."""
    if any(outcome.left_out for outcome in outcomes.values()):
        leave_out("not every decision could be replayed here")

    assert PAGE.read_text("utf-8") == table.markdown(list(outcomes.values()))


def test_each_decision_has_its_record_and_each_play_its_use() -> None:
    used = {name for record in records().values() for names in record.values() for name in names}

    assert sorted(records()) == sorted(IDS)
    assert used == set(plays())


@pytest.mark.parametrize("decision", IDS)
def test_no_fault_is_dropped(decision: str) -> None:
    """A fault with rules is played by some of them; one without says why; nothing else is played."""
    [precedent] = [one for one in law.precedents() if one.id == decision]
    faults = shown(precedent)

    assert set(records()[decision]) <= {one.fault.code for one in faults}
    for one in faults:
        if one.fault.basis == "negative-control":
            assert one.plays
            continue
        assert bool(one.plays) == bool(one.fault.rules), one.fault.code
        assert set(one.expected) <= set(one.fault.rules), one.fault.code
        assert all(play.finds for play in one.plays), one.fault.code
        assert one.plays or one.fault.unseen, one.fault.code


def test_a_fault_that_is_not_found_and_a_twin_that_is_not_clean_are_told() -> None:
    """Against a replay that always succeeds."""
    [one] = [p for p in law.precedents() if p.id == "AP-OLVG-2020"]
    faults = shown(one)
    blind = Outcome(one, faults, failed=frozenset({"logging-unreviewed"}))

    assert blind.missed == {"AUTH-NO-MFA": ["mfa-missing-professionals"]}
    assert not blind.good
    assert "MISSED          AUTH-NO-MFA: mfa-missing-professionals" in table.text([blind])
    assert "2 looked for and 1 found" in table.text([blind])
    seen = Outcome(
        one, faults, failed=frozenset({"logging-unreviewed", "mfa-missing-professionals"})
    )
    assert seen.good
    soiled = dataclasses.replace(seen, unclean=("shared-accounts",))
    assert not soiled.good
    assert "TWIN NOT CLEAN  shared-accounts" in table.text([soiled])


def test_plays_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="max_attempts"):
        runner.merged([{"a": {"max_attempts": 1}}, {"a": {"max_attempts": 2}}])
    assert runner.merged([{"a": [1], "b": {"c": 1}}, {"a": [1, 2], "b": {"d": 2}}]) == {
        "a": [1, 2], "b": {"c": 1, "d": 2},
    }  # fmt: skip
