"""The questions, from their file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from typing import Any

from gdpr_audit.model import Text


@dataclass(frozen=True, slots=True)
class Question:
    """One question; the fields are those that questions.toml explains."""

    key: str
    kind: str
    text: Text
    why: Text
    again: Text | None = None
    example: str = ""
    choices: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    free: bool = False
    none: bool = False
    required: bool = False
    integer: bool = False
    not_patients: bool = False
    most: int | None = None
    opens: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    title: Text
    questions: tuple[Question, ...]
    each: tuple[str, ...] = ()  # the list that it fills
    audiences: bool = False


@cache
def sections() -> tuple[Section, ...]:
    given = tomllib.loads(_data("questions.toml"))
    return tuple(
        Section(
            one["name"],
            Text(one["fr"], one["en"]),
            tuple(_question(raw) for raw in one["question"]),
            tuple(one.get("each", "").split(".")) if "each" in one else (),
            one.get("audiences", False),
        )
        for one in given["section"]
    )


@cache
def labels() -> Mapping[str, Text]:
    """What a word of the declaration means."""
    given = tomllib.loads(_data("labels.toml"))
    return {word: Text(one["fr"], one["en"]) for word, one in given.items()}


def _data(name: str) -> str:
    return resources("gdpr_audit.interview").joinpath(name).read_text("utf-8")


def _question(raw: Mapping[str, Any]) -> Question:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in raw.items()
        if key not in ("fr", "en") and not key.endswith(("_fr", "_en"))
    }
    again = Text(raw["again_fr"], raw["again_en"]) if "again_fr" in raw else None
    text, why = Text(raw["fr"], raw["en"]), Text(raw["why_fr"], raw["why_en"])
    return Question(text=text, why=why, again=again, **fields)
