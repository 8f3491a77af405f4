"""The fields of a form as a browser would send them, and where a person would type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

FIELDS = 200  # of one form; one of more is no sign-in form

_NAMES = re.compile(r"user|login|mail|ident|account|compte|nom|tel|phone|ine|rpps", re.IGNORECASE)
_TYPED = ("text", "email", "tel", "number", "url", "")


class Field(NamedTuple):
    """One field, with the value that the page gives it."""

    name: str
    kind: str
    value: str
    autocomplete: str = ""


def read(form: LexborNode) -> tuple[Field, ...]:
    """Those that a browser submits unless a person changes something."""
    found = []
    button: Field | None = None
    for node in form.css("input, select, textarea, button")[:FIELDS]:
        given = node.attributes
        name, tag = given.get("name") or "", node.tag
        if not name or "disabled" in given:
            continue
        kind = (given.get("type") or ("submit" if tag == "button" else "")).strip().lower()
        value = given.get("value") or ""
        if tag == "select":
            kind, value = "select", _chosen(node)
        elif tag == "textarea":
            kind, value = "textarea", node.text(deep=True)
        elif kind in ("checkbox", "radio"):
            if "checked" not in given:
                continue
            value = value or "on"
        elif kind == "submit":
            button = button or Field(name, kind, value)
            continue
        elif kind in ("button", "reset", "image", "file"):
            continue
        found.append(Field(name, kind, value, (given.get("autocomplete") or "").lower()))
    return (*found, button) if button else tuple(found)


def _chosen(select: LexborNode) -> str:
    options = select.css("option")[:FIELDS]
    chosen = next((o for o in options if "selected" in o.attributes), None)
    first = chosen if chosen is not None else options[0] if options else None
    if first is None:
        return ""
    value = first.attributes.get("value")
    return value if value is not None else first.text(deep=True).strip()


def sign_in(fields: tuple[Field, ...]) -> tuple[str, str] | None:
    """The names of the user's field and of the password's; None where it is no sign-in form."""
    secret = [field.name for field in fields if field.kind == "password"]
    typed = [field for field in fields if field.kind in _TYPED]
    if len(secret) != 1 or not typed:
        return None  # two passwords: a registration or a change
    likely = [f for f in typed if "username" in f.autocomplete or f.kind == "email"]
    likely = likely or [f for f in typed if _NAMES.search(f.name)] or typed
    return likely[0].name, secret[0]


def filled(
    fields: tuple[Field, ...], names: tuple[str, str], user: str, password: str
) -> list[tuple[str, str]]:
    """What is sent for that user and password, all else as the page gave it."""
    typed = dict(zip(names, (user, password), strict=True))
    return [(field.name, typed.get(field.name, field.value)) for field in fields]
