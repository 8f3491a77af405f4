"""The answers so far, in a file beside the declaration: whole after each answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gdpr_audit import files, strict_json
from gdpr_audit.errors import InputError
from gdpr_audit.interview import written
from gdpr_audit.interview.engine import State

_VERSION = 1
_LIMIT = 1024 * 1024  # bytes


def path_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.part")


def render(state: State) -> str:
    given = {
        "gdpr-audit init": _VERSION,
        "language": state.language,
        "asked": state.asked,
        "told": state.told,
        "declined": state.declined,
        "answers": state.answers,
    }
    return json.dumps(given, ensure_ascii=False, indent=1) + "\n"


def holds_answers(path: Path) -> bool:
    """Whether there is an interview in the file that can be gone on with."""
    try:
        return path.exists() and load(path) is not None
    except InputError:
        return False


def load(path: Path) -> State | None:
    """The interview that stopped; None where the file is none of ours. Raises InputError."""
    content = files.read(path, _LIMIT, "interview")
    try:
        given = strict_json.loads(content)
    except ValueError:
        return None
    if not isinstance(given, dict) or given.get("gdpr-audit init") != _VERSION:
        return None
    answers, language = given.get("answers"), given.get("language")
    asked, told = _words(given.get("asked")), _words(given.get("told"))
    declined = _words(given.get("declined", []))  # which older ones do not have
    if not isinstance(answers, dict) or asked is None or told is None or declined is None:
        return None
    if language not in ("fr", "en"):
        return None
    state = State(language, answers, asked, told, declined)
    try:  # of whatever shape a hand has given it
        state.next()
        written.render(answers, language)
    except (AttributeError, LookupError, TypeError, ValueError, StopIteration, RecursionError):
        return None
    return state


def _words(given: Any) -> list[str] | None:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        return None
    return given
