"""OSCAL assessment results: read by compliance-trestle, and never kinder than the document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import document, reports
from tests.lab import audits

#: compliance-trestle in a process of its own, as its users run it: it is strict about every field.
READ = """
import json, pathlib, sys
from trestle.oscal.assessment_results import AssessmentResults
found = AssessmentResults.oscal_read(pathlib.Path(sys.argv[1]))
result = found.results[0]
print(json.dumps([len(part or []) for part in (result.findings, result.risks, result.observations)]))
"""


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("oscal")
    name = json.dumps(" Labo\n<script> é " + "x" * 50)
    text = (
        f"platform: {name}\nprocessing: {{health_data: true, article_9_basis: none}}\n"
        "traceability: {health_data_access: true, administrator_actions: true}\n"
        "storage:\n  - {name: base, kind: database, contains: [health], encryption: none}\n"
        "targets: [{url: 'https://127.0.0.1:1/'}]\n"
    )
    return audits.judged(path=audits.declared(folder, text), language="fr")


def read(found: dict[str, Any], folder: Path) -> list[int]:
    path = folder / "audit.oscal.json"
    path.write_text(reports.render(found, "oscal"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ, str(path)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    counts: list[int] = json.loads(done.stdout)
    return counts


@pytest.mark.parametrize("language", ["fr", "en"])
def test_trestle_reads_it(audited: dict[str, Any], tmp_path: Path, language: str) -> None:
    found = document.within(audited, language)
    findings, risks, observations = read(found, tmp_path)
    counts = found["summary"]["counts"]

    assert findings == sum(counts.values()) - counts["not_applicable"]
    assert risks == counts["fail"] > 0
    assert observations > 0


def test_trestle_reads_an_audit_in_which_nothing_applied(
    audited: dict[str, Any], tmp_path: Path
) -> None:
    nothing = [f for f in audited["findings"] if f["verdict"] == "not_applicable"]

    assert read({**audited, "findings": nothing}, tmp_path) == [0, 0, 0]


def test_what_was_not_shown_is_never_satisfied(audited: dict[str, Any]) -> None:
    found = json.loads(reports.render(audited, "oscal"))["assessment-results"]["results"][0]
    marks = {f["fingerprint"]: f["verdict"] for f in audited["findings"]}
    seen = set()
    for finding in found["findings"]:
        props = {prop["name"]: prop["value"] for prop in finding["props"]}
        status = finding["target"]["status"]
        verdict = marks[props["fingerprint"]]
        seen.add(verdict)
        assert props["verdict"] == verdict
        assert (status["state"] == "satisfied") == (verdict == "pass")
        if verdict == "unproven":
            assert status["reason"] == "other"
            assert "non prouvé" in status["remarks"]

    assert {"pass", "fail", "unproven"} <= seen


def test_a_waived_failure_is_an_approved_deviation(audited: dict[str, Any]) -> None:
    waived = json.loads(json.dumps(audited))
    failed = next(f for f in waived["findings"] if f["verdict"] == "fail")
    failed["verdict"] = "waived"
    found = json.loads(reports.render(waived, "oscal"))["assessment-results"]["results"][0]
    approved = [risk for risk in found["risks"] if risk["status"] == "deviation-approved"]

    assert [risk["title"] for risk in approved] == [failed["title"]]


def test_the_same_document_gives_the_same_file(audited: dict[str, Any]) -> None:
    assert reports.render(audited, "oscal") == reports.render(audited, "oscal")
