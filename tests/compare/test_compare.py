"""The comparison with the peers: its data, its readers, its scores and its page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools.compare import lab, page, peers, run, truth
from tools.compare.model import (
    NO,
    SILENT,
    TRUTHS,
    UNKNOWN,
    UNTESTED,
    YES,
    Case,
    Mapping,
    Result,
    Said,
    Truth,
    cases,
    judge,
    mappings,
    notes,
    questions,
)  # fmt: skip
from tools.compare.peers import TOOLS
from tools.compare.place import Place

ROOT = Path(__file__).parents[2]
RECORDED = Path(__file__).parent / "recorded"
RULES = {path.stem for path in (ROOT / "rules").glob("*/*.yaml")}
DOCUMENT = (ROOT / "docs" / "comparison.md").read_text("utf-8")
PEERS = [tool.id for tool in TOOLS if tool.id != "ours"]


def test_every_question_names_a_rule_and_is_asked_of_a_peer() -> None:
    asked = {question for case in cases().values() for question in case.questions}
    looked_at = {question for peer in PEERS for question in mappings(peer)}

    assert {one.rule for one in questions().values()} <= RULES
    assert asked == set(questions()) == looked_at
    assert all(one.rule in DOCUMENT for one in questions().values())


@pytest.mark.parametrize("case", cases().values(), ids=lambda case: case.id)
def test_every_case_has_a_server_and_its_truth(case: Case) -> None:
    assert case.id in lab.PLACES
    assert case.id in DOCUMENT
    assert len(set(case.questions)) == len(case.questions)
    assert set(case.questions) <= set(questions())
    for one in case.truths:
        assert one.truth in TRUTHS
        assert one.questions
        re.compile(one.shows)
        assert "{" not in truth.written(one, None).replace("%{http_code}", "")
        assert not re.search(r"\b(sslyze|testssl|nmap|wapiti|gdpr-audit)\b", one.check)


def test_the_lab_has_no_server_that_nobody_asks() -> None:
    assert set(lab.PLACES) == set(cases())


def test_notes_speak_of_what_is_asked_and_leave_no_fault_of_ours_unexplained() -> None:
    for note in notes():
        assert set(note["questions"]) <= set(cases()[note["case"]].questions)
    assert "Not explained yet" not in DOCUMENT


WORTHS = {
    ("yes", YES): "right", ("yes", NO): "missed", ("yes", SILENT): "missed",
    ("yes", UNKNOWN): "could not tell", ("no", YES): "wrong alarm", ("no", NO): "right",
    ("no", SILENT): "right", ("no", UNKNOWN): "could not tell", ("hidden", YES): "right",
    ("hidden", NO): "fine, unseen", ("hidden", SILENT): "silent, unseen",
    ("hidden", UNKNOWN): "right", ("unseen", YES): "wrong alarm", ("unseen", NO): "fine, unseen",
    ("unseen", SILENT): "silent, unseen", ("unseen", UNKNOWN): "right",
}  # fmt: skip


@pytest.mark.parametrize(("true", "verdict"), WORTHS)
def test_what_an_answer_is_worth(true: str, verdict: str) -> None:
    said = Said(verdict)

    assert page.worth(Truth((), true, "", ""), said) == WORTHS[true, verdict]
    assert page.worth(Truth((), true, "", ""), Said(UNTESTED)) == "no test"


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ([("a", "bad")], YES),
        ([("a", "good"), ("a", "good")], NO),
        ([("a", "good")], UNKNOWN),  # two are needed
        ([("a", "good"), ("a", "bad")], YES),
        ([("a", "strange")], UNKNOWN),
        ([("ran", "")], SILENT),
        ([("a", "bad"), ("c", "broken")], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_what_lines_say(lines: list[tuple[str, str]], verdict: str) -> None:
    asked = Mapping("^a$", yes="bad", no="good", needs=2, ran="^ran$", unless="^c: broken")

    assert judge(asked, lines).verdict == verdict
    assert judge(None, lines).verdict == UNTESTED


#: Of each tool's recorded report, what it says to some questions.
SAID: dict[str, dict[str, str]] = {
    "sslyze": {
        "ssl": NO, "old-tls": YES, "no-tls13": YES, "static-key": YES, "cbc": YES, "weak-dh": YES,
        "broken-suite": NO, "weak-suite": NO, "no-scsv": NO, "heartbleed": NO, "robot": UNKNOWN,
        "untrusted": NO, "weak-key": YES, "no-preference": UNTESTED, "renegotiation": NO,
        "no-hsts": UNKNOWN,
    },
    "testssl": {
        "ssl": NO, "old-tls": YES, "no-tls13": YES, "cbc": YES, "weak-dh": YES, "no-preference": YES,
        "broken-suite": NO, "weak-suite": NO, "no-scsv": NO, "heartbleed": NO, "robot": NO,
        "static-key": UNKNOWN, "renegotiation": UNKNOWN, "untrusted": NO, "expired": UNKNOWN,
    },
    "nmap": {
        "ssl": SILENT, "old-tls": YES, "no-tls13": YES, "static-key": YES, "cbc": YES,
        "weak-dh": YES, "no-preference": YES, "heartbleed": SILENT, "ccs": UNKNOWN,
        "compression": NO, "repository": SILENT, "no-hsts": UNKNOWN, "no-tls": NO,
    },
    "wapiti": {
        "no-hsts": YES, "no-csp": YES, "cookie-secure": YES, "framing": YES, "expired": UNTESTED,
    },
}  # fmt: skip


@pytest.mark.parametrize("peer", PEERS)
def test_what_a_report_says(peer: str) -> None:
    tool = next(tool for tool in TOOLS if tool.id == peer)
    lines = tool.read(RECORDED)

    found = {q: judge(mappings(peer).get(q), lines).verdict for q in SAID[peer]}
    assert found == SAID[peer]


def test_ours_is_read_by_rule(tmp_path: Path) -> None:
    def finding(rule: str, verdict: str, gap: str | None = None) -> dict[str, Any]:
        evidence = {"summary": "seen"} if gap is None else None
        return {"rule": rule, "verdict": verdict, "reasons": [{"gap": gap, "evidence": evidence}]}

    found = [
        finding("tls-heartbleed", "unproven", "it was cut"), finding("tls-robot", "fail"),
        finding("certificate-expired", "pass"), finding("certificate-expired", "fail"),
        finding("hsts-missing", "not_applicable"),
    ]  # fmt: skip
    (tmp_path / "ours.json").write_text(json.dumps({"findings": found}), "utf-8")
    known, lines = peers.ours.mappings(), peers.ours.read(tmp_path)

    said = {q: judge(known[q], lines) for q in ("heartbleed", "robot", "expired", "no-hsts", "ccs")}
    assert {q: one.verdict for q, one in said.items()} == {
        "heartbleed": UNKNOWN, "robot": YES, "expired": YES, "no-hsts": NO, "ccs": UNKNOWN,
    }  # fmt: skip
    assert "it was cut" in said["heartbleed"].words


def test_what_does_not_hold_ends_the_run(tmp_path: Path) -> None:
    place = Place("https://localhost:1/", None, "ssl_early_data on;")
    case = Case("x", "x", ())

    assert truth.prove(case, place, Truth(("q",), "yes", "configuration", "early_data on"))
    assert (
        truth.prove(case, place, Truth(("q",), "yes", "echo {at}", "localhost:1"))
        == "localhost:PORT"
    )
    with pytest.raises(truth.Untrue, match="not shown by echo localhost:1"):
        truth.prove(case, place, Truth(("q",), "yes", "echo {at}", "elsewhere"))


def test_one_case_with_the_tools_that_are_always_here() -> None:
    case = cases()["expired"]
    proofs = run.proved(case)
    said = {
        tool.id: run.one(case, tool, None)[0] for tool in TOOLS if tool.id in {"ours", "sslyze"}
    }

    assert any("certificate has expired" in shown for shown in proofs.values())
    assert {tool: one["expired"].verdict for tool, one in said.items()} == {
        "ours": YES,
        "sslyze": YES,
    }
    assert said["ours"]["mismatch"].verdict == NO


def test_a_tool_that_is_missing_is_a_column_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = peers.Tool("nmap", lambda: None, "apt-get install nmap", list, list, list)  # type: ignore[arg-type]

    assert run.version(missing) == "not installed: apt-get install nmap"
    said, seconds = run.one(cases()["expired"], missing, None)
    assert (said["expired"], seconds) == (Said(UNTESTED, "not installed"), 0.0)


def test_the_page_of_a_small_run(request: pytest.FixtureRequest) -> None:
    """Golden: a difference of each kind, with its proof and the tools' words."""
    raw = json.loads((RECORDED / "run.json").read_text("utf-8"))
    raw["said"] = {
        tool: {c: {q: Said(*one) for q, one in said.items()} for c, said in by_case.items()}
        for tool, by_case in raw["said"].items()
    }
    text = page.markdown(Result(**raw))
    golden = RECORDED / "page.md"
    if request.config.getoption("--golden"):
        golden.write_text(text, "utf-8")

    assert text == golden.read_text("utf-8")
    assert all(len(row.split("|")) < 14 for row in text.split("\n"))
