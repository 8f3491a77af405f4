"""The formats that other tools read: valid, complete, and inert whatever a target says."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from junitparser import JUnitXml, TestSuite

from gdpr_audit import reports
from gdpr_audit.reports import place
from gdpr_audit.reports.table import safe
from gdpr_audit.reports.words import severe
from gdpr_audit.written import within
from tests.cli.test_cli import BAD, declare, run
from tests.lab import audits
from tests.reports.test_golden import _sample

HOSTILE = (
    "=cmd|'/c calc'!A1 <script>x</script> | `a` [l](http://evil.example) @team {0} \x1b[1m\ufffe"
)
SCHEMA = Path(__file__).parent / "schemas" / "sarif-2.1.0.json"


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An audit with failures, passes and open points, and hostile names."""
    folder = tmp_path_factory.mktemp("formats")
    text = (
        f"platform: {json.dumps(HOSTILE)}\n"
        "processing: {health_data: true, article_9_basis: none, article_6_basis: contract}\n"
        f"storage:\n  - {{name: {json.dumps(HOSTILE)}, kind: database, contains: [health], encryption: none}}\n"
        "  - {name: b, kind: backup, contains: [health]}\n"
        "targets: [{url: 'https://127.0.0.1:1/'}]\n"
    )
    return audits.judged(path=audits.declared(folder, text), language="en")


def table(found: dict[str, Any]) -> list[dict[str, str]]:
    """The rows of the CSV report."""
    return list(csv.DictReader(io.StringIO(reports.render(found, "csv"))))


def verdicts(found: dict[str, Any], *wanted: str) -> list[dict[str, Any]]:
    return [f for f in found["findings"] if f["verdict"] in wanted]


def test_sarif_holds_its_schema_and_githubs_limits(audited: dict[str, Any]) -> None:
    found = json.loads(reports.render(audited, "sarif"))
    jsonschema.validate(found, json.loads(SCHEMA.read_text("utf-8")))
    (run_,) = found["runs"]
    rules = run_["tool"]["driver"]["rules"]

    failed = [r for r in run_["results"] if r["kind"] == "fail"]
    assert len(failed) == len(verdicts(audited, "fail"))
    assert len(run_["results"]) == len(verdicts(audited, "fail", "unproven", "error"))
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"]
        assert result["partialFingerprints"]["gdprAudit/v1"]
        assert (result["level"] == "none") == (result["kind"] == "open")
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in rules)
    store = next(r for r in failed if r["ruleId"] == "storage-not-encrypted")
    place = store["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("platform.yaml")
    assert place["region"]["startLine"] == 4


def test_no_place_in_sarif_has_a_scheme(tmp_path: Path) -> None:
    """GitHub refuses the whole file for one that has: `localhost:1` is one to it, as `https:` is."""
    subject = "localhost:58221 @ https://localhost:1/a?b=https://c/"
    found = audits.judged("https://127.0.0.1:1/")
    found["findings"][0]["subject"]["name"] = subject
    results = json.loads(reports.render(found, "sarif"))["runs"][0]["results"]
    places = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results}

    assert "127.0.0.1%3A1/" in places
    assert not [place for place in places if ":" in place or place.startswith("//")]
    names = {r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for r in results}
    assert "target:https://127.0.0.1:1/" in names


def test_a_failure_points_at_the_line_to_mend(audited: dict[str, Any]) -> None:
    """Line 2 has `article_9_basis`, line 1 the platform that the failure is of."""
    rule = "article-9-basis-missing"
    results = json.loads(reports.render(audited, "sarif"))["runs"][0]["results"]
    (one,) = (r for r in results if r["ruleId"] == rule)
    assert one["locations"][0]["physicalLocation"]["region"]["startLine"] == 2
    assert re.search(rf'{rule}"[^>]* line="2"', reports.render(audited, "junit"))
    assert [row["line"] for row in table(audited) if row["rule"] == rule] == ["2"]


def test_what_a_target_says_is_no_line_of_the_declaration(audited: dict[str, Any]) -> None:
    (one,) = (f for f in audited["findings"] if f["rule"] == "article-9-basis-missing")
    (reason,) = (r for r in one["reasons"] if r["met"] is False)
    evidence = {**reason["evidence"], "origin": "measured"}
    said = {**one, "reasons": [{**reason, "evidence": evidence}]}

    assert (place.line(one), place.line(said)) == (2, 1)


def test_in_sarif_a_name_is_no_link_and_no_placeholder(audited: dict[str, Any]) -> None:
    found = json.loads(reports.render(audited, "sarif"))
    said = " ".join(r["message"]["text"] for r in found["runs"][0]["results"])

    assert r"\[l\](http" in said
    assert "{{0}}" in said
    assert not re.search(r"(?<!\{)\{0\}", said)


def test_junit_is_read_by_its_readers(audited: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "audit.junit.xml"
    path.write_text(reports.render(audited, "junit"), "utf-8")
    suites = list(JUnitXml.fromfile(str(path)))
    cases = [case for suite in suites if isinstance(suite, TestSuite) for case in suite]

    assert len(cases) == len(audited["findings"])
    failed = [c for c in cases if any(type(r).__name__ == "Failure" for r in c.result)]
    assert len(failed) == len(verdicts(audited, "fail"))
    skipped = [c for c in cases if any(type(r).__name__ == "Skipped" for r in c.result)]
    assert len(skipped) == len(verdicts(audited, "unproven", "not_applicable", "waived"))
    assert any("storage" in str(case.classname) for case in failed)


def test_a_table_has_a_row_a_finding_and_no_formula(audited: dict[str, Any]) -> None:
    rows = table(audited)

    assert len(rows) == len(audited["findings"])
    cells = [cell for row in rows for cell in row.values()]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]


def test_a_table_has_one_form_in_every_language(audited: dict[str, Any]) -> None:
    french, english = (reports.render(within(audited, lang), "csv") for lang in ("fr", "en"))

    assert french.startswith("rule,theme,")
    assert english.startswith("rule,theme,")
    assert len(table(within(audited, "fr"))) == len(audited["findings"])


@pytest.mark.parametrize("cell", ["a;=1+1", "a, @b", "a;  -1", "a\t+1", "a;＝1", "=a"])
def test_no_separator_of_another_language_begins_a_formula(cell: str) -> None:
    """A spreadsheet that splits on another one sees the rest as a cell of its own."""
    parts = re.split("[;,\t]", safe(cell))

    assert not [part for part in parts if part.lstrip()[:1] in tuple("=+-@＝")]
    assert safe("a; b, c = d - e") == "a; b, c = d - e"


def test_markdown_is_short_and_inert(audited: dict[str, Any]) -> None:
    text = reports.render(audited, "markdown")
    table = [line for line in text.split("\n") if line.startswith("|")]

    assert len({f["rule"] for f in verdicts(audited, "fail")}) == len(table) - 2
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 5 for line in table)
    assert "<script>" not in text
    assert "http://evil" not in text
    assert "@team" not in text
    assert "storage-not-encrypted" in text
    assert len(text) < 8000


def test_every_report_says_that_a_target_did_not_answer() -> None:
    found = audits.judged("https://127.0.0.1:1/", language="en", only=("hsts-missing",))
    run_ = json.loads(reports.render(found, "sarif"))["runs"][0]["invocations"][0]
    markdown = reports.render(found, "markdown")

    assert run_["executionSuccessful"] is False
    told = "Incomplete audit: https://127.0.0.1:1/ did not answer."
    assert [n["message"]["text"] for n in run_["toolExecutionNotifications"]] == [told]
    assert told in reports.render(found, "console")
    assert "did not answer" in markdown
    assert "No failure found." not in markdown
    assert "No failure among what could be looked at." in markdown
    assert "**1** unproven" in markdown
    french = within(found, "fr")
    for kind in ("markdown", "console"):
        assert "non prouvés" not in reports.render(french, kind), kind


def test_markdown_tells_the_waivers_that_somebody_has_to_look_at(audited: dict[str, Any]) -> None:
    bare = {"rule": "r", "subject": None, "reason": "x", "approver": "a", "expires": "2026-12-01"}
    states = (("applied", False), ("applied", True), ("expired", False), ("unmatched", False))
    waivers = [
        {**bare, "reference": None, "waived": 1, "rule": f"r-{state}-{soon}", "state": state,
         "expiring": soon, "subject": "<b>"}
        for state, soon in states
    ]  # fmt: skip
    text = reports.render({**audited, "waivers": waivers}, "markdown")

    assert "r-applied-False" not in text
    assert "`r-applied-True` (" in text
    assert text.count("until 2026-12-01") == 3
    assert "ends within 30 days" in text
    assert "covers no failure" in text
    assert "<b>" not in text


def test_markdown_says_where_it_cut(audited: dict[str, Any]) -> None:
    long = copy.deepcopy(audited)
    for finding in long["findings"]:
        for reason in finding["reasons"]:
            if reason["evidence"]:
                reason["evidence"]["summary"] = "word " * 100
    rows = [r for r in reports.render(long, "markdown").split("\n") if r.startswith("| ")][2:]

    assert rows
    assert all("word…" in row for row in rows)


@pytest.mark.parametrize("kind", ["sarif", "junit", "markdown", "csv"])
def test_each_is_written_to_its_file_and_changes_no_status(tmp_path: Path, kind: str) -> None:
    done = run("scan", "-d", declare(tmp_path, BAD), "-f", kind, cwd=tmp_path)
    ends = {"junit": "junit.xml", "markdown": "md"}

    assert done.returncode == 1, done.stderr
    assert (tmp_path / f"audit.{ends.get(kind, kind)}").stat().st_size > 200


def test_a_slash_at_the_end_means_a_folder(tmp_path: Path) -> None:
    done = run("scan", "-d", declare(tmp_path, BAD), "-f", "sarif", "-o", "new/", cwd=tmp_path)

    assert done.returncode == 1, done.stderr
    assert (tmp_path / "new" / "audit.sarif").is_file()


def test_several_go_into_one_folder(tmp_path: Path) -> None:
    words = ("-f", "html", "-f", "sarif", "-f", "junit", "-f", "markdown", "-f", "csv", "-o", "out")
    done = run("scan", "-d", declare(tmp_path, BAD), *words, cwd=tmp_path)

    assert done.returncode == 1, done.stderr
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"audit.html", "audit.sarif", "audit.junit.xml", "audit.md", "audit.csv"}


def test_reports_speak_one_language_alone() -> None:
    """Marks of the document, numbers and counts are words to a reader."""
    french = {kind: reports.render(within(_sample(), "fr"), kind) for kind in ("console", "html")}
    english = {kind: reports.render(within(_sample(), "en"), kind) for kind in ("console", "html")}
    for text in french.values():
        assert "(complète)" in text
        assert "1,2" in text
        assert "RGPD art. 32(1)(a)" in text
    for text in english.values():
        assert "(complete)" in text
    assert "Jointe\u00a0: oui" in french["console"]
    assert "(GDPR-" not in french["console"] + english["console"]
    assert "(cible, " in french["html"]
    assert "(target, " in english["html"]


@pytest.mark.parametrize(
    ("count", "said"), [(0, "critique"), (1, "critique"), (2, "critiques"), (17, "critiques")]
)
def test_severities_agree_with_their_number(count: int, said: str) -> None:
    assert severe(count, "critical", "fr") == said
    assert severe(count, "critical", "en") == "critical"
