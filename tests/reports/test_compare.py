"""Two audits side by side: what nobody looked at again is neither better nor resolved."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import reports
from gdpr_audit.reports import change
from gdpr_audit.reports.compare import compare, worsened
from tests.lab import audits

STORES = """
storage:
  - {name: a, kind: database, contains: [health], encryption: none}
  - {name: b, kind: database, contains: [health], encryption: none}
"""
TOP = "platform: x\nprocessing: {health_data: true, article_9_basis: %s}\n"
RULES = ("article-9-basis-missing", "storage-not-encrypted", "hsts-missing")
Found = dict[str, Any]


def judged(folder: Path, text: str, *urls: str, only: tuple[str, ...] = RULES) -> Found:
    return audits.judged(*urls, path=audits.declared(folder, text), only=only)


def became(before: Found, after: Found, rule: str) -> list[tuple[str, str, str | None]]:
    """Of one rule: class, subject, verdict now."""
    return [
        (kind, one["subject"]["name"], one["after"])
        for kind, changes in compare(before, after).items()
        for one in changes
        if one["rule"] == rule
    ]


@pytest.fixture
def before(tmp_path: Path) -> Found:
    return judged(tmp_path, TOP % "none" + STORES)


def test_a_rule_that_was_left_out_resolves_nothing(before: Found, tmp_path: Path) -> None:
    after = judged(tmp_path, TOP % "none" + STORES, only=("storage-not-encrypted",))

    assert became(before, after, "article-9-basis-missing") == [("unseen", "x", None)]
    assert worsened(compare(before, after))


def test_what_is_declared_no_more_is_lost_from_sight(before: Found, tmp_path: Path) -> None:
    after = judged(tmp_path, "platform: x\nprocessing: {health_data: true}\n")

    assert became(before, after, "article-9-basis-missing") == [("unseen", "x", "unproven")]
    stores = [("unseen", "a", None), ("unseen", "b", None), ("open", "x", "unproven")]
    assert became(before, after, "storage-not-encrypted") == stores
    (one,) = (c for c in compare(before, after)["unseen"] if c["after"])
    assert one["seen"]  # the reason


def test_a_subject_that_went_away_is_resolved(before: Found, tmp_path: Path) -> None:
    one = "\n".join(line for line in (TOP % "9-2-h" + STORES).split("\n") if "name: b" not in line)
    after = judged(tmp_path, one)
    found = compare(before, after)

    (gone,) = (c for c in found["resolved"] if c["rule"] == "storage-not-encrypted")
    assert (gone["subject"]["name"], gone["away"]) == ("b", True)
    assert became(before, after, "article-9-basis-missing") == [("resolved", "x", "pass")]
    assert not worsened(found)
    said = " ".join(change.render(before, after, "console").split())
    assert "fail → exists no more" in said


def test_of_another_platform_nothing_is_resolved(before: Found, tmp_path: Path) -> None:
    after = judged(tmp_path, (TOP % "9-2-h").replace("x", "y", 1) + "storage: []\n")

    found = compare(before, after)
    assert (found["resolved"], found["better"]) == ([], [])


def _failing(found: Found, rule: str) -> Found:
    """The document with that rule failing, as an earlier look may have found."""
    made = copy.deepcopy(found)
    for finding in made["findings"]:
        if finding["rule"] == rule:
            finding["verdict"] = "fail"
    return made


def test_a_target_that_was_left_out_was_not_mended(tmp_path: Path) -> None:
    both = ("https://127.0.0.1:1/", "https://127.0.0.1:2/")
    seen = _failing(judged(tmp_path, TOP % "none", *both), "hsts-missing")
    after = judged(tmp_path, TOP % "none", both[0])

    kinds = {kind for kind, *_ in became(seen, after, "hsts-missing")}
    assert kinds == {"unseen"}


def test_a_guide_that_is_silent_mends_nothing(before: Found) -> None:
    silent, settled = copy.deepcopy(before), copy.deepcopy(before)
    for found, reason in ((silent, {"gap": "the guide is silent on it"}), (settled, {})):
        for finding in found["findings"]:
            finding["verdict"] = "not_applicable"
            finding["reasons"] = [{**finding["reasons"][0], **reason}]

    assert not compare(before, silent)["resolved"]
    assert {c["before"] for c in compare(before, silent)["unseen"]} == {"fail", "unproven"}
    assert {c["before"] for c in compare(before, settled)["resolved"]} == {"fail"}


def test_an_accepted_failure_is_lost_from_sight_as_well(before: Found, tmp_path: Path) -> None:
    waived = copy.deepcopy(before)
    for finding in waived["findings"]:
        finding["verdict"] = "waived"
    after = judged(tmp_path, "platform: x\nprocessing: {health_data: true}\n")

    assert became(waived, after, "article-9-basis-missing") == [("unseen", "x", "unproven")]
    assert not worsened(compare(waived, after))  # it counted for no status before


def test_an_open_point_that_is_settled_is_better_and_one_that_is_left_is_not(
    tmp_path: Path,
) -> None:
    """An open census has its finding on the platform: it is settled by what stands there now."""
    rule = "storage-not-encrypted"
    opened = judged(tmp_path, "platform: x\nprocessing: {health_data: true}\n", only=(rule,))
    after = judged(tmp_path, TOP % "none" + STORES, only=(rule,))
    other = judged(tmp_path, TOP % "none" + STORES, only=("article-9-basis-missing",))

    assert ("better", "x", None) in became(opened, after, rule)
    assert became(opened, other, rule) == [("unseen", "x", None)]
    found = compare(opened, other)
    found["new"] = []
    assert not worsened(found)  # no failure was lost


def test_every_form_shows_what_was_lost_from_sight(before: Found, tmp_path: Path) -> None:
    after = judged(tmp_path, TOP % "9-2-h" + STORES, only=("article-9-basis-missing",))
    for form in ("console", "markdown", "html"):
        text = change.render(before, after, form)
        assert "Lost from sight: no longer looked at" in text.replace("&#39;", "'"), form
        assert "is judged no more" in text, form
    assert len(json.loads(change.render(before, after, "json"))["unseen"]) == 3
    for kind in reports.COMPARING - {"pdf"}:
        assert "Lost from sight" in reports.content(after, kind, before).decode(), kind
