"""Shows a finished audit: one module a format, the audit document in, text (or a PDF) out."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from gdpr_audit.reports.inert import inert

#: The module of each format but JSON, which is the document itself.
MODULES = {
    "article-30": "drafts.article30",
    "breach-sheet": "drafts.breach",
    "cnil-pia": "drafts.pia",
    "console": "console",
    "csv": "table",
    "html": "html",
    "junit": "junit",
    "markdown": "markdown",
    "oscal": "oscal",
    "pdf": "pdf",
    "sarif": "sarif",
}


#: Formats that are no text; their modules have `content`.
BINARY = frozenset({"pdf"})
#: Formats that also show what became of an earlier audit's findings.
COMPARING = frozenset({"console", "html", "markdown", "pdf"})


def content(document: dict[str, Any], kind: str, since: dict[str, Any] | None = None) -> bytes:
    """The document as a file's content in the format `kind`; `since`: an earlier audit.

    Raises InputError for a PDF that cannot be made here.
    """
    if kind not in BINARY:
        return render(document, kind, since).encode()
    whole = inert({"waivers": [], **document})
    made: bytes = _module(kind).content(whole, inert(since) if since else None)
    return made


def render(document: dict[str, Any], kind: str, since: dict[str, Any] | None = None) -> str:
    """The document as text in the format `kind`."""
    if kind == "json":
        import json

        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    compared = {"since": inert(since) if since else None} if kind in COMPARING else {}
    # a document of an earlier version may have no waivers
    text: str = _module(kind).render(inert({"waivers": [], **document}), **compared)
    return text


def _module(kind: str) -> ModuleType:
    from importlib import import_module

    return import_module(f"gdpr_audit.reports.{MODULES[kind]}")
