"""Settings as database clients print them, in whatever of their forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gdpr_audit import strict_json

#: `name | setting`, `| name | value |`, `name<tab>value`, `name = value`, `name: value`.
_PAIR = re.compile(r"^[\s|]*([A-Za-z_][\w.]*)\s*(?:\||\t|=|:\s|,)\s*'?([^|\t]*?)'?\s*(?:[|\t].*)?$")
_VERTICAL = re.compile(
    r"^[ \t]*(?:Variable_name|name)[ \t]*[:|][ \t]*(\S+)[ \t\r]*\n"
    r"[ \t]*(?:Value|setting)[ \t]*[:|] ?(.*)$",
    re.MULTILINE | re.IGNORECASE,
)
_NAMES = ("name", "variable_name")
_VALUES = ("setting", "value", "variable_value")


def read(text: str) -> Mapping[str, str]:
    """Name to value, both in lower case; the last of several of one name."""
    if text.lstrip()[:1] in ("[", "{"):
        return _json(text)
    found: dict[str, str] = {}
    for name, value in _VERTICAL.findall(text):
        found[name.lower()] = value.strip().lower()
    if found:
        return found
    for line in text.splitlines():
        pair = _PAIR.match(line[:2000])
        if pair:
            found[pair[1].lower()] = pair[2].strip().lower()
    return found


def _json(text: str) -> Mapping[str, str]:
    """A list of rows, or an object of names."""
    try:
        given: Any = strict_json.loads(text)
    except ValueError:
        return {}
    if isinstance(given, dict):
        return {
            str(k).lower(): _word(v) for k, v in given.items() if not isinstance(v, dict | list)
        }
    found = {}
    for row in given if isinstance(given, list) else ():
        if isinstance(row, dict):
            lower = {str(key).lower(): value for key, value in row.items()}
            name = next((lower[key] for key in _NAMES if key in lower), None)
            if name is not None:
                value = next((lower[key] for key in _VALUES if key in lower), "")
                found[str(name).lower()] = _word(value)
    return found


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).strip().lower()


def is_on(value: str | None) -> bool | None:
    """A switch; None where it is not printed, or says neither."""
    if value in ("on", "1", "yes", "true", "force", "y", "enabled"):
        return True
    return False if value in ("off", "0", "no", "false", "n", "disabled", "") else None
