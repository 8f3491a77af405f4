"""One thing that a server told, before it is written down as a fact."""

from __future__ import annotations

from typing import NamedTuple

from gdpr_audit.model import Text, Value


class Point(NamedTuple):
    """One fact, and what was seen; without a value, why it is not known.

    `partial` says why a list may have more, or a number be smaller. `absent`: without a value
    because there is nothing of the kind, and not because it could not be looked at.
    """

    name: str
    value: Value | None
    reason: Text
    partial: Text | None = None
    absent: bool = False


def said(answer: bool) -> Text:
    return Text("oui", "yes") if answer else Text("non", "no")
