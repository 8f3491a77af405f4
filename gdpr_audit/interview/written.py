"""The answers as a commented declaration: only what was answered is not a comment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gdpr_audit import yaml_file
from gdpr_audit.declaration import template
from gdpr_audit.interview.engine import AUDIENCES
from gdpr_audit.interview.questions import Question, sections

_PLAIN = re.compile(r"^(?:[a-z][a-z0-9]*(?:-[a-z0-9]+)*|[A-Z]{2,9}|/[A-Za-z0-9/_-]*)$")
#: What YAML takes for something else than a word, whatever its case.
_NO_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"})

#: Keys of one record that may be answered: a question, or the keys within.
Keys = dict[str, Any]


def render(answers: Mapping[str, Any], language: str) -> str:
    """The declaration as YAML."""
    usual = "Ma plateforme" if language == "fr" else "My platform"
    lines = [
        *template.head(language),
        "",
        f"platform: {_value(answers.get('platform', usual))}",
        f"language: {language}",
    ]
    known = _known()
    for name, (about, example) in template.sections(language).items():
        lines += ["", *about]
        if name not in answers:
            lines += example
        else:
            lines += _entry(name, answers[name], known.get(name), 0)
    return "\n".join(lines) + "\n"


def check(text: str, file: str) -> None:
    """Raises InputError where the text is no declaration."""
    from gdpr_audit.declaration import schema  # noqa: PLC0415 - heavy, and of the end alone

    yaml_file.validated(yaml_file.parse(text.encode(), file, what="declaration"), schema.Platform)


def _known() -> Keys:
    """Every key that a question asks for, as a tree; a list has its items' keys under `[]`."""
    tree: Keys = {}
    for section in sections():
        bases: list[tuple[str, ...]] = [(*section.each, "[]") if section.each else ()]
        if section.audiences:
            bases = [("authentication", who) for who in AUDIENCES]
        for base in bases:
            for question in section.questions:
                _place(tree, (*base, *question.key.split(".")), question)
    return tree


def _place(tree: Keys, path: tuple[str, ...], question: Question) -> None:
    for part in path[:-1]:
        inner = tree.get(part)
        if not isinstance(inner, dict):
            inner = tree[part] = {}
        tree = inner
    # The example of a gate shows what it opens in one line, but its keys are known one by one.
    tree.setdefault(path[-1], {question.opens: "true"} if question.opens else question)


def _entry(key: str, value: Any, known: Any, depth: int) -> list[str]:
    """`key: value` in as many lines as it takes."""
    indent = "  " * depth
    if isinstance(value, dict) and value:
        return [f"{indent}{key}:", *_record(value, known, depth + 1)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        lines = [f"{indent}{key}:"]
        items = known.get("[]") if isinstance(known, dict) else None
        for one in value:
            inner = _record(one, items, depth + 2)
            first = next(i for i, line in enumerate(inner) if not line.startswith("#"))
            inner.insert(0, inner.pop(first))  # an item begins with what is no comment
            lines += [f"{indent}  - {inner[0].lstrip()}", *inner[1:]]
        return lines
    # A date stands without quotes; a text that looks like one is a text.
    is_day = isinstance(known, Question) and known.kind == "date"
    return [f"{indent}{key}: {value if is_day else _value(value)}"]


def _record(value: Mapping[str, Any], known: Any, depth: int) -> list[str]:
    """Its keys in the questions' order; those without an answer are comments."""
    keys = known if isinstance(known, dict) else {}
    lines: list[str] = []
    for key in dict.fromkeys((*keys, *value)):
        if key in value:
            lines += _entry(key, value[key], keys.get(key), depth)
        elif example := _example(keys[key]):
            lines.append(f"#{'  ' * depth}{key}: {example}")
    return lines


def _example(known: Any) -> str:
    if isinstance(known, str):
        return known
    if isinstance(known, Question):
        return known.example
    if "[]" in known:
        return f"[{_example(known['[]'])}]"
    inner = ((key, _example(one)) for key, one in known.items())
    return "{" + ", ".join(f"{key}: {example}" for key, example in inner if example) + "}"


def _value(value: Any) -> str:
    """Safe whatever is in it: JSON's strings are YAML's too."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_value(one)}" for key, one in value.items()) + "}"
    if not isinstance(value, str):
        return str(value)
    plain = _PLAIN.match(value) and value.lower() not in _NO_WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)
