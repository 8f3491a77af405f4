"""docs/comparison.md, out of one run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.compare import truth
from tools.compare.model import (
    NO,
    SILENT,
    UNKNOWN,
    UNTESTED,
    YES,
    Case,
    Question,
    Result,
    Said,
    Truth,
    cases,
    notes,
    questions,
)  # fmt: skip

NAMES = {
    "ours": "gdpr-audit", "sslyze": "sslyze", "testssl": "testssl.sh", "nmap": "nmap",
    "wapiti": "wapiti",
}  # fmt: skip
RIGHT, ALARM, MISSED, FINE, NOT_TOLD, QUIET, NO_TEST = (
    "right", "wrong alarm", "missed", "fine, unseen", "could not tell", "silent, unseen", "no test",
)  # fmt: skip
WORTHS = (RIGHT, ALARM, MISSED, FINE, NOT_TOLD, QUIET, NO_TEST)
#: Verdicts that are wrong, in whoever's mouth.
WRONG = (ALARM, MISSED, FINE)
CELLS = {YES: "yes", NO: "no", SILENT: "nothing", UNKNOWN: "?", UNTESTED: "–"}

_WORTH = {
    ("yes", YES): RIGHT, ("yes", NO): MISSED, ("yes", SILENT): MISSED, ("yes", UNKNOWN): NOT_TOLD,
    ("no", YES): ALARM, ("no", NO): RIGHT, ("no", SILENT): RIGHT, ("no", UNKNOWN): NOT_TOLD,
    ("hidden", YES): RIGHT, ("hidden", NO): FINE, ("hidden", SILENT): QUIET,
    ("hidden", UNKNOWN): RIGHT,
    ("unseen", YES): ALARM, ("unseen", NO): FINE, ("unseen", SILENT): QUIET,
    ("unseen", UNKNOWN): RIGHT,
}  # fmt: skip
TRUTHS = {
    "yes": "yes", "no": "no", "hidden": "hidden (yes)", "unseen": "cannot be seen",
}  # fmt: skip


def worth(true: Truth, said: Said) -> str:
    return NO_TEST if said.verdict == UNTESTED else _WORTH[true.truth, said.verdict]


def markdown(result: Result) -> str:
    ran = [case for case in cases().values() if case.id in result.proofs]
    parts = [_head(result, ran), _summary(result, ran), "## Question by question\n"]
    groups = dict.fromkeys(one.group for one in questions().values())
    parts += [text for group in groups if (text := _group(result, ran, group))]
    parts += [_differences(result, ran), _text("beyond.md")]
    return "\n".join(parts).rstrip() + "\n"


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _head(result: Result, ran: list[Case]) -> str:
    return _text("head.md").format(
        day=result.day,
        cases=len(ran),
        asked=sum(len(case.questions) for case in ran),
        minutes=round(result.seconds["all"] / 60),
        python=result.python,
        cores=result.cores,
        versions="\n".join(f"| {NAMES[tool]} | {said} |" for tool, said in result.versions.items()),
    )


def _summary(result: Result, ran: list[Case]) -> str:
    lines = [
        f"| tool | asked | {' | '.join(WORTHS[:-1])} | {NO_TEST} | time |",
        f"| --- | {'--- | ' * (len(WORTHS) + 1)}--- |",
    ]
    for tool, by_case in result.said.items():
        found = [worth(c.truth(q), by_case[c.id][q]) for c in ran for q in c.questions]
        counts = [found.count(one) for one in WORTHS]
        asked = len(found) - counts[-1]
        took = f"{result.seconds.get(tool, 0):.0f} s"
        lines.append(f"| {NAMES[tool]} | {asked} | {' | '.join(map(str, counts))} | {took} |")
    return _text("summary.md") + "\n".join([*lines, ""])


def _group(result: Result, ran: list[Case], group: str) -> str:
    chosen = [q for q in questions().values() if q.group == group]
    rows = [(q, c) for q in chosen for c in ran if q.id in c.questions]
    if not rows:
        return ""
    tools = [
        tool for tool, by_case in result.said.items()
        if any(by_case[c.id][q.id].verdict != UNTESTED for q, c in rows)
    ]  # fmt: skip
    lines = [
        f"### {group}\n",
        f"| question | server | true | {' | '.join(NAMES[t] for t in tools)} |",
        f"| {'--- | ' * (3 + len(tools))}",
    ]
    before = ""
    for q, c in rows:
        cells = [_cell(c.truth(q.id), result.said[t][c.id][q.id]) for t in tools]
        name = f"{q.asks} (`{q.rule}`)" if q.id != before else ""
        before = q.id
        lines.append(f"| {name} | {c.id} | {TRUTHS[c.truth(q.id).truth]} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""]).replace(" | \n", " |\n")


def _cell(true: Truth, said: Said) -> str:
    mark = " ✗" if worth(true, said) in WRONG else ""
    return CELLS[said.verdict] + mark


def _differences(result: Result, ran: list[Case]) -> str:
    lines = [
        "## Each difference\n",
        "Every question on which a tool is wrong, or could not tell. What is in code type is its",
        "own output. Tools that are not named have no test.",
        "",
    ]
    for question in questions().values():
        for case in ran:
            if question.id in case.questions:
                lines += _difference(result, case, question)
    return "\n".join(lines)


def _difference(result: Result, case: Case, question: Question) -> Iterable[str]:
    true = case.truth(question.id)
    said = {tool: by_case[case.id][question.id] for tool, by_case in result.said.items()}
    worths = {tool: worth(true, one) for tool, one in said.items()}
    if all(one in {RIGHT, NO_TEST} for one in worths.values()):
        return
    yield f"### {case.id}: {question.asks}\n"
    true_words = f"**True: {TRUTHS[true.truth]}.**"
    yield f"*{case.title}.* {true_words} {_proof(result, case, true)}\n"
    right = [NAMES[tool] for tool, one in worths.items() if one == RIGHT]
    for tool, one in worths.items():
        if one not in {RIGHT, NO_TEST}:
            words = said[tool].words.replace("`", "'").replace("|", "/")
            yield f"- {NAMES[tool]}: **{one}**, `{words}`"
    yield f"- Right: {', '.join(right) or 'nobody'}"
    follows = _follows(case, question, worths)
    yield f"\n{follows}\n" if follows else ""


def _proof(result: Result, case: Case, true: Truth) -> str:
    shown = result.proofs[case.id][true.check + true.shows].replace("`", "'")
    if true.check == "configuration":
        return f"Its configuration has `{shown}`."
    return f"Checked: `{truth.written(true, None)}` shows `{shown}`."


def _follows(case: Case, question: Question, worths: dict[str, str]) -> str:
    for note in notes():
        if note["case"] == case.id and question.id in note["questions"]:
            return note["text"].strip()
    if worths["ours"] not in {RIGHT, NO_TEST}:
        return "*Not explained yet.*"
    return ""
