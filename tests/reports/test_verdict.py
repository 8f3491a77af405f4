"""The reason that a verdict is given: true of the counts that stand beside it."""

from __future__ import annotations

from typing import Any

import pytest

from gdpr_audit import reports
from gdpr_audit.model import Severity, Verdict
from gdpr_audit.reports import verdict
from tests.lab import audits


def _summary(said: str, **counts: int) -> dict[str, Any]:
    every = {one.value: counts.get(one.value, 0) for one in Verdict}
    return {"verdict": said, "counts": every}


@pytest.mark.parametrize(
    ("said", "counts", "reason"),
    [
        ("non-compliant", {"fail": 9, "unproven": 3}, "non-compliant"),
        ("undetermined", {"fail": 2, "pass": 189}, "light"),
        ("undetermined", {"fail": 2, "unproven": 1}, "light.open"),
        ("undetermined", {"pass": 3, "unproven": 1}, "open"),
        ("undetermined", {"pass": 3, "error": 1}, "open"),
        ("undetermined", {"unproven": 148}, "nothing"),
        ("undetermined", {"pass": 3}, "interrupted"),
        ("compliant", {"pass": 3}, "compliant"),
        ("compliant", {"not_applicable": 3}, "inapplicable"),
    ],
)
def test_the_reason_follows_from_the_counts(said: str, counts: dict[str, int], reason: str) -> None:
    for language in ("fr", "en"):
        told = verdict.reason(_summary(said, **counts), language)

        assert told == verdict.REASONS[reason].within(language)


def test_a_verdict_beside_accepted_failures_names_them() -> None:
    told = verdict.reason(_summary("compliant", **{"pass": 3, "waived": 1}), "en")

    assert told.endswith("nothing failed but what was accepted.")
    told = verdict.reason(_summary("undetermined", waived=1, unproven=1), "en")
    assert told.endswith("Accepted failures do not count here.")


def test_an_unreachable_site_is_not_said_to_have_no_grave_failure() -> None:
    found = audits.judged("https://127.0.0.1:1/", only=("hsts-missing", "tls-not-offered"))
    assert found["summary"]["counts"]["unproven"] == 2
    assert not any(found["summary"]["failed"][one.value] for one in Severity)

    for kind in ("console", "html", "markdown", "oscal"):
        text = " ".join(reports.render(found, kind).split())
        assert "Nothing could be judged" in text, kind
        assert "failure was found" not in text, kind
    assert "Targets not reached: https://127.0.0.1:1/" in reports.render(found, "html")
