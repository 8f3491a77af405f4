"""The nouns: questions, cases with their truth, what a tool said, and what that is worth."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

#: What a tool may be taken to say. `silent` is a tool that ran its test and named no fault.
YES, NO, SILENT, UNKNOWN, UNTESTED = "yes", "no", "silent", "unknown", "untested"
#: What may be so: the fault is there, it is not, it is there and a device hides it, or nothing
#: can be seen at all.
TRUTHS = ("yes", "no", "hidden", "unseen")


@dataclass(frozen=True)
class Question:
    id: str
    group: str
    rule: str
    asks: str


@dataclass(frozen=True)
class Truth:
    """One thing that is so of a case, and how it was checked by hand."""

    questions: tuple[str, ...]
    truth: str
    check: str  # a command of the shell, or `configuration`
    shows: str  # a regular expression that its output bears


@dataclass(frozen=True)
class Case:
    id: str
    title: str
    truths: tuple[Truth, ...]
    played: bool = False  # a script plays the fault, so that some handshakes cannot end

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(q for truth in self.truths for q in truth.questions)

    def truth(self, question: str) -> Truth:
        return next(t for t in self.truths if question in t.questions)


@dataclass(frozen=True)
class Mapping:
    """Where in a tool's output a question is answered; expressions are searched for."""

    key: str
    yes: str = ""
    no: str = ""
    no_key: str = ""
    needs: int = 1  # lines that have to say no
    ran: str = ""  # a key that shows that the test ran: then no word means no fault was named
    silence: str = SILENT  # or what a thing left out of a list says
    unless: str = ""  # of lines that void the rest


@dataclass(frozen=True)
class Said:
    """A tool's verdict on a question, and its words."""

    verdict: str
    words: str = ""


#: What a tool put out: each line of a report beside the name under which it stands.
Lines = list[tuple[str, str]]


@dataclass
class Result:
    """One run of everything: `said` by tool, case and question."""

    versions: dict[str, str] = field(default_factory=dict)
    said: dict[str, dict[str, dict[str, Said]]] = field(default_factory=dict)
    proofs: dict[str, dict[str, str]] = field(
        default_factory=dict
    )  # by case, check: what it showed
    seconds: dict[str, float] = field(default_factory=dict)
    python: str = ""
    cores: int = 0
    day: str = ""


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text("utf-8"))


@cache
def questions() -> dict[str, Question]:
    return {one["id"]: Question(**one) for one in _toml("questions.toml")["question"]}


@cache
def cases() -> dict[str, Case]:
    found = {}
    for one in _toml("cases.toml")["case"]:
        truths = tuple(
            Truth(tuple(t["questions"]), t["truth"], t["check"], t["shows"]) for t in one["truth"]
        )
        found[one["id"]] = Case(one["id"], one["title"], truths, one.get("played", False))
    return found


@cache
def mappings(tool: str) -> dict[str, Mapping]:
    return {question: Mapping(**one) for question, one in _toml(f"peers/{tool}.toml").items()}


@cache
def notes() -> list[dict[str, str]]:
    """What follows from a difference, in our own words."""
    return list(_toml("notes.toml")["note"])


def judge(mapping: Mapping | None, lines: Lines) -> Said:
    """What the lines say to a question. Its words are the line that says it."""
    if mapping is None:
        return Said(UNTESTED)
    if mapping.unless:
        void = [f"{k}: {v}" for k, v in lines if re.search(mapping.unless, f"{k}: {v}")]
        if void:
            return Said(UNKNOWN, void[0])
    mine = [(k, v) for k, v in lines if re.search(mapping.key, k)]
    yes = [(k, v) for k, v in mine if mapping.yes and re.search(mapping.yes, v)]
    if yes:
        return Said(YES, _words(yes))
    beside = [(k, v) for k, v in lines if re.search(mapping.no_key or mapping.key, k)]
    no = [(k, v) for k, v in beside if mapping.no and re.search(mapping.no, v)]
    if no and len(no) >= mapping.needs:
        return Said(NO, _words(no))
    if mapping.ran and any(re.search(mapping.ran, k) for k, _ in lines):
        said = "not listed" if mapping.silence == YES else "nothing reported"
        return Said(mapping.silence, said)
    rest = [one for one in mine if one not in no] or [
        (k, v) for k, v in lines if k in {"problem", "status"}
    ]
    return Said(UNKNOWN, _words(rest) or "no result")


def _words(lines: Lines) -> str:
    shown = [f"{k}: {v}"[:90] for k, v in lines[:2]]
    more = len(lines) - len(shown)
    return "; ".join(shown) + (f" (and {more} more)" if more > 0 else "")
