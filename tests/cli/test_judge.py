"""A finished audit judged again, and two of them side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.cli.test_cli import declare, run
from tests.reports.conftest import browser  # noqa: F401 - a fixture

TEXT = """platform: x
processing: {health_data: true, article_9_basis: %s, article_6_basis: contract}
assurance: {last_penetration_test: 2026-03-02}
storage:
  - {name: base, kind: database, contains: [health], encryption: %s}
"""
GOOD, BAD = (
    TEXT % ("9-2-i", "{level: volume, algorithm: AES, mode: XTS, key_bits: 256}"),
    TEXT % ("none", "none"),
)


def scanned(cwd: Path, text: str, name: str, *words: str) -> dict[str, Any]:
    run("scan", "-d", declare(cwd, text), "-f", "json", "-o", name, *words, cwd=cwd)
    found: dict[str, Any] = json.loads((cwd / name).read_text("utf-8"))
    return found


def judged(cwd: Path, name: str, *words: str) -> tuple[int, dict[str, Any]]:
    done = run("judge", name, "-f", "json", "-o", "again.json", *words, cwd=cwd)
    assert done.stderr == "", done.stderr
    return done.returncode, json.loads((cwd / "again.json").read_text("utf-8"))


def verdict(found: dict[str, Any], rule: str) -> str:
    return str({f["verdict"] for f in found["findings"] if f["rule"] == rule}.pop())


@pytest.mark.parametrize("words", [(), ("--compliant",)])
def test_the_same_rules_on_the_same_day_come_to_the_same_document(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """All of the sample: cookies, certificates, gaps, both languages' sentences."""
    assert run("demo", "-q", *words, cwd=tmp_path).returncode == 0
    path = tmp_path / "gdpr-audit-demo" / "audit.json"
    before = json.loads(path.read_text("utf-8"))
    _, again = judged(tmp_path, str(path))

    assert again["findings"] == before["findings"]
    assert again["facts"] == before["facts"]
    assert again["census"] == before["census"]
    assert {k: v for k, v in again.items() if k not in ("tool", "digest")} == {
        k: v for k, v in before.items() if k not in ("tool", "digest")
    }


def test_another_day_makes_old_what_was_recent(tmp_path: Path) -> None:
    before = scanned(tmp_path, GOOD, "a.json", "--date", "2026-11-25")
    code, again = judged(tmp_path, "a.json", "--date", "2027-11-25", "--fail-on", "medium")

    assert verdict(before, "penetration-test-overdue") == "pass"
    assert (code, verdict(again, "penetration-test-overdue")) == (1, "fail")
    assert again["date"] == "2027-11-25"


def test_other_waivers_and_other_rules(tmp_path: Path) -> None:
    scanned(tmp_path, BAD, "a.json")
    entry = "{rule: article-9-basis-missing, reason: r, approver: a, expires: 2099-01-01}"
    (tmp_path / "w.yaml").write_text(f"waivers:\n  - {entry}\n")
    only = ("--only", "lawfulness")
    assert judged(tmp_path, "a.json", *only)[0] == 1
    code, again = judged(tmp_path, "a.json", *only, "--waivers", "w.yaml")
    assert (code, verdict(again, "article-9-basis-missing")) == (0, "waived")
    assert {f["theme"] for f in again["findings"]} == {"lawfulness"}


def test_what_was_not_observed_is_unproven_and_no_pass(tmp_path: Path) -> None:
    scanned(tmp_path, GOOD, "a.json", "--only", "lawfulness")
    _, again = judged(tmp_path, "a.json", "--only", "storage")

    assert {f["verdict"] for f in again["findings"]} == {"unproven"}


def test_the_other_language_is_spoken_without_the_target(tmp_path: Path) -> None:
    before = scanned(tmp_path, BAD, "a.json", "--lang", "fr")
    _, again = judged(tmp_path, "a.json", "--lang", "en")

    assert before["language"] == "fr"
    titles = {f["rule"]: f["title"] for f in again["findings"]}
    assert titles["storage-not-encrypted"] == "A store of health data is not encrypted at rest"
    assert "déclaré" not in json.dumps(again["findings"], ensure_ascii=False)


def test_what_is_no_audit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    for words in (("judge", "a.json"), ("diff", "a.json", "a.json"), ("judge", "none.json")):
        done = run(*words, cwd=tmp_path)
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1


@pytest.fixture
def two(tmp_path: Path) -> Path:
    scanned(tmp_path, GOOD, "good.json", "--lang", "en")
    scanned(tmp_path, BAD, "bad.json", "--lang", "en")
    return tmp_path


@pytest.mark.parametrize(
    ("first", "second", "code", "change"),
    [
        ("good", "bad", 1, "new"),
        ("bad", "good", 1, "resolved"),  # what encryption leaves open is new, and is told
        ("bad", "bad", 0, "unchanged"),
    ],
)
def test_what_became_of_each_finding(
    two: Path, first: str, second: str, code: int, change: str
) -> None:
    words = ("diff", f"{first}.json", f"{second}.json")
    done = run(*words, "-f", "json", cwd=two)
    found = json.loads(done.stdout)

    assert done.returncode == code
    rules = {one["rule"] for one in found[change]}
    assert {"storage-not-encrypted", "article-9-basis-missing"} <= rules
    console = run(*words, cwd=two)
    assert console.returncode == code
    if change != "unchanged":
        assert "storage-not-encrypted" in console.stdout
    markdown = run(*words, "-f", "markdown", cwd=two).stdout
    assert markdown.startswith("### What changed")


def test_a_finding_that_opens_is_worse_and_one_that_is_settled_better(two: Path) -> None:
    scanned(two, "platform: x\n", "open.json")
    worse = json.loads(run("diff", "good.json", "open.json", "-f", "json", cwd=two).stdout)
    better = json.loads(run("diff", "open.json", "good.json", "-f", "json", cwd=two).stdout)

    assert {"article-6-basis-missing"} <= {one["rule"] for one in worse["worse"]}
    assert {"article-6-basis-missing"} <= {one["rule"] for one in better["better"]}


def test_what_a_repair_makes_askable_is_open_and_not_worse(tmp_path: Path) -> None:
    """Of a store that was in clear nobody asks for a key; once it is encrypted, one does."""
    text = (TEXT % ("9-2-i", "%s")).replace("kind: database", "kind: portable")
    scanned(tmp_path, text % "none", "before.json")
    scanned(tmp_path, text % "{level: volume, algorithm: AES}", "after.json", "--lang", "fr")
    done = run("diff", "before.json", "after.json", "-f", "json", cwd=tmp_path)
    found = json.loads(done.stdout)

    assert "portable-not-encrypted" in {one["rule"] for one in found["resolved"]}
    opened = {one["rule"]: (one["before"], one["after"]) for one in found["open"]}
    assert opened["storage-short-key"] == ("not_applicable", "unproven")
    assert (found["new"], found["worse"], done.returncode) == ([], [], 0)
    console = run("diff", "before.json", "after.json", cwd=tmp_path)
    assert "Nouveaux points ouverts" in console.stdout
    # what was settled and is open now is worse still
    done = run("diff", "after.json", "before.json", "-f", "json", cwd=tmp_path)
    assert done.returncode == 1


def test_the_difference_as_a_page_is_accessible(two: Path, browser: Browser) -> None:  # noqa: F811 - the fixture
    done = run(
        "diff", "good.json", "bad.json", "-f", "html", "-o", "d.html", "--lang", "fr", cwd=two
    )
    assert done.returncode == 1, done.stderr
    page = browser.new_page()
    page.goto((two / "d.html").as_uri())
    result = Axe().run(page)

    assert result.violations_count == 0, result.generate_report()
    assert "Nouveaux manquements" in page.content()
    page.close()
