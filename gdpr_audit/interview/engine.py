"""Walks the questions: what is asked next, and where its answer goes.

The answers are a tree of the declaration's own shape. What was asked is remembered beside it, so
that "I don't know" is not asked again, and an interview goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from gdpr_audit.checks.geography import in_eea
from gdpr_audit.interview.questions import Question, Section, sections

AUDIENCES = ("patients", "professionals", "administrators")
_ITEMS = 200  # of one list

Path_ = tuple[str | int, ...]


class Step(NamedTuple):
    """One question in its place: `base` is the record that it is about."""

    section: Section
    question: Question
    base: Path_

    @property
    def path(self) -> Path_:
        return (*self.base, *self.question.key.split("."))

    @property
    def id(self) -> str:
        return ".".join(str(part) for part in self.path)

    @property
    def is_first(self) -> bool:
        """Whether it is the one that begins another item of a list."""
        return bool(self.section.each) and self.question is self.section.questions[0]


@dataclass
class State:
    """An interview in progress."""

    language: str
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # by a plan, so that nobody is asked
    declined: list[str] = field(default_factory=list)  # stores of a plan that were not wanted

    def next(self) -> Step | None:
        """The next question; None at the end."""
        asked = {*self.asked, *self.told}
        return next((step for step in steps(self) if step.id not in asked), None)

    def answer(self, step: Step, value: Any) -> None:
        """Take an answer; None is "I don't know"."""
        self.asked.append(step.id)
        if value is None:
            return
        if step.is_first and value == "none":
            put(self.answers, step.section.each, [])
        elif step.question.kind == "gate" and value is True:
            opened = {step.question.opens: True} if step.question.opens else {}
            put(self.answers, step.path, opened)
        else:
            put(self.answers, step.path, value)

    def undo(self) -> bool:
        """Take the last answer back; False where there is none."""
        if not self.asked:
            return False
        last = self.asked.pop()
        step = next((one for one in steps(self) if one.id == last), None)
        if step is not None:
            drop(self.answers, (*step.section.each, step.base[-1]) if step.is_first else step.path)
        return True


def steps(state: State) -> Iterator[Step]:
    """Every question that applies, by the answers so far, to the first that opens a list."""
    for section in sections():
        if section.audiences:
            for who in AUDIENCES:
                yield from _record(state, section, ("authentication", who))
        elif section.each:
            for index in range(_ITEMS):
                first = Step(section, section.questions[0], (*section.each, index))
                yield first
                if get(state.answers, first.path) is None:
                    break
                yield from _record(state, section, first.base, skip=1)
        else:
            yield from _record(state, section, ())


def _record(state: State, section: Section, base: Path_, skip: int = 0) -> Iterator[Step]:
    for question in section.questions[skip:]:
        if question.not_patients and base[-1:] == ("patients",):
            continue
        record = get(state.answers, base) if base else state.answers
        if all(_holds(condition, record) for condition in question.when):
            yield Step(section, question, base)


def _holds(condition: str, record: Any) -> bool:
    for sign in ("!=", "=", "~", "@"):
        if sign in condition:
            key, wanted = condition.split(sign, 1)
            value = get(record, tuple(key.split(".")))
            if sign == "@":
                return isinstance(value, str) and not in_eea(value)
            if sign == "~":
                return isinstance(value, list) and wanted in value
            word = str(value).lower() if isinstance(value, bool) else value
            return (word == wanted) == (sign == "=")
    return get(record, tuple(condition.split("."))) not in (None, "none")


def get(tree: Any, path: Path_) -> Any:
    """None where there is nothing."""
    for part in path:
        if isinstance(part, int):
            tree = tree[part] if isinstance(tree, list) and part < len(tree) else None
        else:
            tree = tree.get(part) if isinstance(tree, dict) else None
    return tree


def put(tree: dict[str, Any], path: Path_, value: Any) -> None:
    """Set a value, and make what leads to it."""
    here: Any = tree
    for part, following in pairwise(path):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(part, int):
            if part == len(here):
                here.append(empty)
            here = here[part]
        else:
            if not isinstance(here.get(part), dict | list):
                here[part] = empty
            here = here[part]
    last = path[-1]
    if isinstance(last, int) and last == len(here):
        here.append(value)
    else:
        here[last] = value


def drop(tree: dict[str, Any], path: Path_) -> None:
    """Take a value out, and the records and lists that it leaves empty."""
    parent = get(tree, path[:-1]) if len(path) > 1 else tree
    last = path[-1]
    if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        del parent[last]
    elif isinstance(parent, dict) and isinstance(last, str):
        parent.pop(last, None)
    if len(path) > 1 and parent in ({}, []):
        drop(tree, path[:-1])
