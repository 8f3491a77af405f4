"""A target whose time ran out is told of wherever a person or a program may look."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gdpr_audit import document, reports, stored
from gdpr_audit import written as words_of
from gdpr_audit.audit import judge_again
from gdpr_audit.outcome import ProfileName
from tests.lab import audits, servers


@pytest.fixture(scope="module")
def late() -> dict[str, Any]:
    with servers.tcp(servers.silent) as server:
        url = f"https://127.0.0.1:{server.port}/"
        return audits.judged(url, only=("transport",), timeout=0.5)


def test_the_document_names_it(late: dict[str, Any]) -> None:
    (target,) = late["targets"]
    assert late["summary"]["late"] == [target["url"]]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", ["html", "markdown", "console"])
def test_people_are_told(late: dict[str, Any], kind: str, language: str) -> None:
    shown = " ".join(reports.render(words_of.within(late, language), kind).split())
    told = {"fr": "écoulé", "en": "ran out"}[language]
    assert told in shown


def test_programs_are_told(late: dict[str, Any]) -> None:
    (run,) = json.loads(reports.render(late, "sarif"))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    notes = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert any("ran out" in note for note in notes)


def test_judged_again_it_is_still_late(late: dict[str, Any]) -> None:
    plan = audits.plan("https://127.0.0.1:1/", only=("transport",))
    profile = ProfileName(plan.profile.id, plan.profile.title, plan.profile.version)
    seen = stored.of(late, plan.words, profile)
    again = judge_again(seen, plan.rules, "", plan.day, plan.profile, (), None)
    assert document.of(again)["summary"]["late"] == late["summary"]["late"]
