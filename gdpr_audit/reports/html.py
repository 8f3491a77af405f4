"""One self-contained HTML file: no network, no need of script, for a person and a screen reader.

The page stands in the document's language; a template beside it, which nothing shows by itself,
holds it in the other one. A small script of ours, known to the page's policy by its hash, swaps
the two and filters the findings. A PDF is made from the same page without either.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gdpr_audit import law, resources, written
from gdpr_audit.reports import annex, articles, glossary, incomplete, picture, plan, view, waived
from gdpr_audit.reports import since as earlier
from gdpr_audit.reports.verdict import reason
from gdpr_audit.reports.words import (
    colon,
    decimal,
    euros,
    grouped,
    list_label,
    numbered,
    old_list,
    severe,
    word,
)

#: The sheet's light colours, as attributes of pictures: what prints a page may know no variables.
PALETTE = {
    "critical": "#8f0d1e", "high": "#b3261e", "medium": "#8a5300", "low": "#1d5c8f",
    "info": "#4a5058", "nothing": "#4a5058", "pass": "#1d6b3a", "unproven": "#6a3d9a",
    "fail": "#b3261e", "error": "#8f0d1e", "waived": "#1d5c8f",
    "text": "#1a1d21", "card": "#f5f6f8", "line": "#c9ced6",
}  # fmt: skip

#: Strokes over a colour of the bar, in a tile of eight by eight: colour alone tells nothing.
HATCHES = {
    "error": "M0 0L8 8M8 0L0 8", "unproven": "M-2 2L2 -2M0 8L8 0M6 10L10 6", "waived": "M3 4H5",
    "pass": "M-1 4H9",
}  # fmt: skip

_BREAKABLE = re.compile(r"(?<=«) | (?=[»:;?!](?:\s|$))")


@cache
def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(resources.folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_set,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _set(value: Any) -> Any:
    """Text with the spaces of French that no line may break at; what is markup stays as it is."""
    return _spaced(value) if type(value) is str else value


@lru_cache(maxsize=4096)  # most are rules' own sentences and words of ours
def _spaced(text: str) -> str:
    return _BREAKABLE.sub("\u00a0", text)


def render(document: dict[str, Any], since: dict[str, Any] | None = None) -> str:
    """The report as HTML, in the document's language; `since`: an earlier audit to compare with."""
    language = document["language"]
    other = "en" if language == "fr" else "fr"
    turned = written.turned(document, other)
    return _shell(
        document,
        page=_page(document, since),
        other=_page(turned, since),
        other_language=other,
        other_title=_title(turned),
        script=verbatim("audit.js"),
    )


def printable(document: dict[str, Any], since: dict[str, Any] | None = None) -> str:
    """The same report without script, for paper."""
    return _shell(document, page=_page(document, since), other=None, script=Markup())


def _shell(document: dict[str, Any], *, script: Markup, **parts: Any) -> str:
    style = verbatim("audit.css") + running_head(document, word("report", document["language"]))
    return (
        environment()
        .get_template("audit.html.j2")
        .render(
            language=document["language"],
            title=_title(document),
            style=style,
            style_hash=hashed(style),
            script=script,
            script_hash=hashed(script),
            **parts,
        )
    )


def _title(document: dict[str, Any]) -> str:
    return f"{word('report', document['language'])} – {document['platform']}"


@cache
def verbatim(name: str) -> Markup:
    """A file of ours, as it is."""
    return Markup((resources.folder("templates") / name).read_text("utf-8"))  # noqa: S704 - ours


def hashed(text: str) -> str:
    """How a content security policy names what may run or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def running_head(document: dict[str, Any], title: str) -> Markup:
    """What stands above each printed page. A name may be hostile: all but letters is escaped."""

    def quoted(text: str) -> str:
        kept = (c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text)
        return "".join(kept)

    left = quoted(f"{title} · {document['platform'][:80]}")
    right = quoted(document["date"])
    rule = f'@page {{ @top-left {{ content: "{left}"; }} @top-right {{ content: "{right}"; }} }}\n'
    return Markup(rule)  # noqa: S704 - escaped above


def _page(document: dict[str, Any], before: dict[str, Any] | None) -> Markup:
    """All between the page's body tags, in the document's language."""
    language = document["language"]
    if before is not None:
        before = written.within(before, language)
    text = (
        environment()
        .get_template("page.html.j2")
        .render(
            audit=document,
            language=language,
            since=earlier.of(before, document) if before else None,
            **_contents(document),
            **_helpers(document),
        )
    )
    return Markup(text)  # noqa: S704 - escaped by the template


def _contents(document: dict[str, Any]) -> dict[str, Any]:
    """What the page's parts show."""
    language = document["language"]
    sections = articles.sections(document)
    rows = picture.rows(document)
    return {
        "sections": sections,
        "section_ids": {section.id for section in sections},
        "counted": [
            key for key in articles.COUNTED if key != "waived" or document["summary"]["counts"][key]
        ],
        "accepted": {
            f["rule"]: f["title"] for f in document["findings"] if f["verdict"] == "waived"
        },
        "unshown": view.unshown(document),
        "segments": segments(document["summary"]["counts"]),
        "severities": view.SEVERITIES,
        "picture": rows,
        "picture_height": picture.height(rows),
        "late": incomplete.late(document),
        "unreached": [run["url"] for run in document["targets"] if run["reached"] is False],
        "shares": _shares(document["summary"]["counts"]),
        "actions": plan.actions(document),
        "glossary": glossary.used(document),
        "annex": annex.subjects(document),
        "unjudged": annex.unjudged(document, list(law.articles())),
        "on_word": _on_word(document, language),
        "precedents": {p.id: p for p in law.precedents()},
        "list_age": view.list_age(document),
        "told_outside": view.told_outside(document),
        "exposure": document.get("exposure"),
    }


def _helpers(document: dict[str, Any]) -> dict[str, Any]:
    """What the page's parts say things with."""
    language = document["language"]

    def say(key: str) -> str:
        return word(key, language)

    return {
        "say": say,
        "reason": lambda summary: reason(summary, language),
        "fill": PALETTE,
        "hatches": HATCHES,
        "anchor": articles.anchor,
        "kept": lambda folded: articles.kept(folded, language),
        "gaps": view.gaps,
        "telling": view.telling,
        "alternatives": lambda finding: view.alternatives(finding, say("or")),
        "notes": lambda finding: view.notes(finding, say),
        "states": lambda waiver: waived.state(waiver, document),
        "colon": colon(language),
        "percent": "\u00a0%" if language == "fr" else "%",
        "severe": lambda count, severity: severe(count, severity, language),
        "decimal": lambda number: decimal(number, language),
        "hds_list": list_label(document["tool"]["hds_list"], language),
        "article_short": lambda article: view.article_short(article, language),
        "kind": lambda kind: annex.kind(kind, language),
        "semicolon": "\u00a0; " if language == "fr" else "; ",
        "number": lambda count, verdict: numbered(count, verdict, language),
        "theme": lambda theme: picture.name(theme, language),
        "by_severity": lambda room: picture.severities(room, language),
        "article_title": lambda article_id: view.article_title(article_id, language),
        "old_list": lambda days: old_list(days, language),
        "penalty": lambda row: view.penalty(row, language),
        "grouped": lambda number: grouped(number, language),
        "euros": lambda amount: euros(amount, language),
        "shown": lambda value: _shown(value, language),
        "short": lambda value: _short(_shown(value, language)),
        "in_language": lambda text: text.within(language),
    }


def _on_word(document: dict[str, Any], language: str) -> str:
    """How much of what was judged rests on the platform's word alone."""
    judged = [f for f in document["findings"] if f["verdict"] in ("pass", "fail", "waived")]
    declared = sum(f["strength"] == "declared" for f in judged)
    return word("limits.declared", language).format(declared=declared, judged=len(judged))


def _shares(counts: dict[str, int]) -> dict[str, int]:
    """What a filter chooses from: all that failed, was accepted or is open, by verdict."""
    return {key: counts[key] for key in ("fail", "waived", "unproven", "error") if counts[key]}


def segments(counts: dict[str, int]) -> list[dict[str, Any]]:
    """The bar that shows what was judged: each verdict's place in a hundred."""
    keys = [key for key in ("fail", "error", "unproven", "waived", "pass") if counts[key]]
    total = sum(counts[key] for key in keys) or 1
    found, at = [], 0.0
    for key in keys:
        width = 100 * counts[key] / total
        found.append(
            {"key": key, "count": counts[key], "x": round(at, 2), "width": round(width, 2)}
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


def _short(text: str) -> str:
    return text if len(text) <= annex.LONGEST else f"{text[: annex.LONGEST]}…"
