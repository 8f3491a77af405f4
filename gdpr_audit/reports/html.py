"""One self-contained HTML file: no network, no script, readable by a person and a screen reader."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gdpr_audit import law, resources
from gdpr_audit.reports import view
from gdpr_audit.reports.words import colon, euros, grouped, old_list, word


@cache
def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(resources.folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(document: dict[str, Any]) -> str:
    """The report as HTML, in the document's language."""
    language = document["language"]
    sections = view.sections(document)
    return (
        environment()
        .get_template("audit.html.j2")
        .render(
            audit=document,
            language=language,
            sections=sections,
            section_ids={section.id for section in sections},
            unshown=view.unshown(document),
            gaps=view.gaps,
            telling=view.telling,
            notes=lambda finding: view.notes(finding, lambda key: word(key, language)),
            states=lambda waiver: view.states(waiver, lambda key: word(key, language)),
            colon=colon(language),
            semicolon="\u00a0; " if language == "fr" else "; ",
            segments=segments(document["summary"]["counts"]),
            severities=view.SEVERITIES,
            say=lambda key: word(key, language),
            article_title=lambda article_id: view.article_title(article_id, language),
            precedents={p.id: p for p in law.precedents()},
            list_age=view.list_age(document),
            old_list=lambda days: old_list(days, language),
            told_outside=view.told_outside(document),
            exposure=document.get("exposure"),
            penalty=lambda row: view.penalty(row, language),
            grouped=lambda number: grouped(number, language),
            euros=lambda amount: euros(amount, language),
            shown=lambda value: _shown(value, language),
            in_language=lambda text: text.within(language),
        )
    )


def segments(counts: dict[str, int]) -> list[dict[str, Any]]:
    """The bar that shows what was judged: each verdict's place in a thousand."""
    keys = [key for key in ("fail", "error", "unproven", "waived", "pass") if counts[key]]
    total = sum(counts[key] for key in keys) or 1
    found, at = [], 0.0
    for key in keys:
        width = 1000 * counts[key] / total
        found.append(
            {"key": key, "count": counts[key], "x": round(at, 1), "width": round(width, 1)}
        )
        at += width
    return found


def _shown(value: Any, language: str) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return word("yes" if value else "no", language)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "—"
    return str(value)
