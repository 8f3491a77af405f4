"""A finished audit document: its digest, and what it says in the other language. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 over the document without its digest, keys sorted, no spaces, UTF-8."""
    bare = {key: value for key, value in document.items() if key != "digest"}
    canonical = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def within(document: Document, language: str) -> Document:
    """The same document in the other language; itself where it speaks it already."""
    if document["language"] == language:
        return document
    found = turned(document, language)
    found["digest"] = digest(found)
    return found


def turned(document: Document, language: str) -> Document:
    """What the document says in the other language, under its own digest."""
    table: dict[str, str] = document["translations"][language]
    back = {there: here for here, there in table.items()}
    found: Document = {
        key: value if key in ("schema", "tool", "platform", "summary") else _turn(value, table)
        for key, value in document.items()
        if key not in ("translations", "language", "digest")
    }
    profile = document["tool"]["tls_profile"]
    profile = {**profile, "title": _turn(profile["title"], table)}
    found["tool"] = {**document["tool"], "tls_profile": profile}
    ordered = {key: found.get(key) for key in document if key in found or key == "language"}
    ordered["language"] = language
    ordered["translations"] = {document["language"]: back}
    ordered["digest"] = document["digest"]
    return ordered


def _turn(value: Any, table: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return table.get(value, value)
    if isinstance(value, list):
        return [_turn(item, table) for item in value]
    if isinstance(value, dict):
        return {key: _turn(item, table) for key, item in value.items()}
    return value
