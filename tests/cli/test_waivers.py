"""Accepted failures and baselines, as a pipeline uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.written import digest
from tests.cli.test_cli import BAD, declare, run

RULE = "article-9-basis-missing"
ENTRY = f"{{rule: {RULE}, reason: migration, approver: RSSI, expires: 2026-12-31, reference: R-1}}"


def scan(cwd: Path, *words: str, waivers: str | None = None) -> tuple[int, dict[str, Any], str]:
    if waivers is not None:
        (cwd / "w.yaml").write_text(f"waivers:\n  - {waivers}\n", "utf-8")
        words = (*words, "--waivers", "w.yaml")
    done = run(
        "scan", "-d", declare(cwd, BAD), "--only", "lawfulness", "-f", "json", "-o", "a.json", *words,
        cwd=cwd,
    )  # fmt: skip
    found = json.loads((cwd / "a.json").read_text()) if (cwd / "a.json").exists() else {}
    return done.returncode, found, done.stderr


def verdict(found: dict[str, Any], rule: str = RULE) -> str:
    (one,) = (f["verdict"] for f in found["findings"] if f["rule"] == rule)
    return str(one)


@pytest.mark.parametrize(
    ("day", "status", "said", "state", "expiring"),
    [
        ("2026-11-01", 0, "waived", "applied", False),
        ("2026-12-01", 0, "waived", "applied", True),
        ("2026-12-31", 0, "waived", "applied", True),
        ("2027-01-01", 1, "fail", "expired", False),
    ],
)
def test_a_waiver_holds_to_its_last_day(
    tmp_path: Path, day: str, status: int, said: str, state: str, expiring: bool
) -> None:
    code, found, error = scan(tmp_path, "--date", day, waivers=ENTRY)

    assert (code, error) == (status, "")
    assert verdict(found) == said
    (waiver,) = found["waivers"]
    assert (waiver["state"], waiver["expiring"]) == (state, expiring)
    assert waiver["reference"] == "R-1"
    assert found["summary"]["counts"]["waived"] == (said == "waived")
    strict, _, _ = scan(tmp_path, "--date", day, "--strict-waivers", waivers=ENTRY)
    assert strict == (1 if state == "expired" or expiring else 0)


@pytest.mark.parametrize(
    ("subject", "said"),
    [("x", "waived"), ("platform:x", "waived"), ("y", "fail"), ("target:x", "fail")],
)
def test_a_waiver_is_for_its_subject_alone(tmp_path: Path, subject: str, said: str) -> None:
    entry = ENTRY.replace("}", f", subject: '{subject}'}}")
    _, found, _ = scan(tmp_path, waivers=entry)

    assert verdict(found) == said
    assert found["waivers"][0]["state"] == ("applied" if said == "waived" else "unmatched")


def test_a_day_in_quotes_is_the_same_day(tmp_path: Path) -> None:
    code, found, error = scan(tmp_path, waivers=ENTRY.replace("2026-12-31", "'2026-12-31'"))

    assert (code, error, found["waivers"][0]["expires"]) == (0, "", "2026-12-31")


def test_a_list_at_the_top_is_told_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(f"- {ENTRY}\n")
    code, _, error = scan(tmp_path, "--waivers", "w.yaml")

    assert code == 2
    assert "expected `waivers:` at the top, and the list under it" in error


@pytest.mark.parametrize("subject", ["*", "X", "x*", "platform:*", "no such"])
def test_a_subject_that_is_none_is_told_how_it_is_written(tmp_path: Path, subject: str) -> None:
    scan(tmp_path, waivers=ENTRY.replace("}", f", subject: '{subject}'}}"))
    words = "a subject is written in full and without wildcards, such as “x”"
    for kind in ("console", "markdown", "html"):
        done = run("report", "a.json", "-f", kind, "--lang", "en", "-o", "-", cwd=tmp_path)
        assert words in " ".join(done.stdout.split()), kind


def test_a_waiver_that_covers_nothing_is_told(tmp_path: Path) -> None:
    entry = ENTRY.replace(RULE, "article-6-basis-missing")
    code, found, _ = scan(tmp_path, "--fail-on", "never", waivers=entry)
    assert (code, found["waivers"][0]["state"]) == (0, "unmatched")
    code, _, _ = scan(tmp_path, "--fail-on", "never", "--strict-waivers", waivers=entry)
    assert code == 1


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (ENTRY.replace(RULE, "no-such-rule"), "w.yaml:2: .*no rule is called 'no-such-rule'"),
        (ENTRY.replace("approver: RSSI, ", ""), "`approver` is missing"),
        (ENTRY.replace("2026-12-31", "soon"), "expires: expected a day, YYYY-MM-DD"),
        (ENTRY.replace("reason", "raison"), "unknown key; did you mean `reason`"),
    ],
)
def test_a_waiver_that_is_wrong_is_refused_with_its_line(
    tmp_path: Path, entry: str, word: str
) -> None:
    import re

    code, found, error = scan(tmp_path, waivers=entry)

    assert (code, found) == (2, {})
    assert re.search(word, error)


def test_every_report_tells_waived_from_failed(tmp_path: Path) -> None:
    scan(tmp_path, waivers=ENTRY)
    console = run("report", "a.json", "--lang", "en", cwd=tmp_path).stdout
    page = run("report", "a.json", "--lang", "en", "-f", "html", "-o", "-", cwd=tmp_path).stdout
    sarif = json.loads(run("report", "a.json", "-f", "sarif", "-o", "-", cwd=tmp_path).stdout)

    assert "Accepted failures" in console
    assert "migration (RSSI, until 2026-12-31; in force" in " ".join(console.split())
    assert "x (declared, waived)" in console
    assert "Accepted failures" in page
    waived = [r for r in sarif["runs"][0]["results"] if r.get("suppressions")]
    assert [r["ruleId"] for r in waived] == [RULE]


def test_beside_a_baseline_only_what_is_new_counts(tmp_path: Path) -> None:
    code, before, _ = scan(tmp_path)
    assert code == 1
    (tmp_path / "before.json").write_text(json.dumps(before))
    code, same, _ = scan(tmp_path, "--baseline", "before.json")
    assert code == 0
    assert verdict(same) == "fail"  # what was known stays visible
    assert {f["known"] for f in same["findings"] if f["verdict"] == "fail"} == {True}
    assert same["baseline"]["digest"] == before["digest"]
    worse = BAD.replace("article_9_basis: none", "article_9_basis: none, article_6_basis: none")
    done = run(
        "scan", "-d", declare(tmp_path, worse), "--only", "lawfulness", "--baseline", "before.json",
        "--fail-on", "high", "--lang", "en", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1
    assert "x (declared, known before)" in done.stdout
    strict, _, _ = scan(tmp_path, "--strict", "--baseline", "before.json")
    assert strict == 0


def test_a_baseline_that_was_changed_is_refused(tmp_path: Path) -> None:
    _, before, _ = scan(tmp_path)
    before["date"] = "2020-01-01"
    (tmp_path / "before.json").write_text(json.dumps(before))
    (tmp_path / "a.json").unlink()
    code, found, error = scan(tmp_path, "--baseline", "before.json")

    assert (code, found) == (2, {})
    assert "was changed" in error


def test_a_baseline_of_another_platform_mutes_nothing(tmp_path: Path) -> None:
    """The same store's name is the same mark on every platform."""
    _, before, _ = scan(tmp_path)
    other = {**before, "platform": "another"}
    other["digest"] = digest(other)
    (tmp_path / "other.json").write_text(json.dumps(other))
    (tmp_path / "before.json").write_text(json.dumps(before))
    (tmp_path / "a.json").unlink()
    code, found, error = scan(tmp_path, "--baseline", "other.json")

    assert (code, found) == (2, {})
    assert "an audit of 'another', and this one is of 'x'" in error
    judged = run("judge", "before.json", "--baseline", "other.json", cwd=tmp_path)
    assert (judged.returncode, len(judged.stderr.splitlines())) == (2, 1)
    _, same, _ = scan(tmp_path, "--baseline", "before.json")
    assert same["baseline"]["platform"] == "x"
