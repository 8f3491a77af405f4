"""A draft as a page: titled sections of sentences, lists and tables. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gdpr_audit.reports import html
from gdpr_audit.reports.words import colon, word


@dataclass(frozen=True, slots=True)
class Listed:
    """A list under its own heading."""

    label: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One point of the paper; `law`: the clause that asks for it."""

    id: str
    title: str
    law: str = ""
    sentences: tuple[str, ...] = ()
    lists: tuple[Listed, ...] = ()
    table: Table | None = None


def render(document: dict[str, Any], title: str, intro: str, sections: list[Section]) -> str:
    """The page, marked as a draft, in the document's language."""
    language = document["language"]
    style = html.verbatim("audit.css") + html.running_head(document, title)
    return (
        html.environment()
        .get_template("draft.html.j2")
        .render(
            audit=document,
            language=language,
            title=title,
            intro=intro,
            sections=sections,
            style=style,
            style_hash=html.hashed(style),
            say=lambda key: word(key, language),
            colon=colon(language),
        )
    )
