"""Shows a finished audit: one module a format, the audit document in, text (or a PDF) out."""

from __future__ import annotations

from typing import Any

#: The module of each format but JSON, which is the document itself.
MODULES = {
    "console": "console",
    "csv": "table",
    "html": "html",
    "junit": "junit",
    "markdown": "markdown",
    "sarif": "sarif",
}


#: Formats that are no text; their modules have `content`.
BINARY = frozenset({"pdf"})


def content(document: dict[str, Any], kind: str) -> bytes:
    """The document as a file's content in the format `kind`.

    Raises InputError for a PDF that cannot be made here.
    """
    if kind not in BINARY:
        return render(document, kind).encode()
    from importlib import import_module

    made: bytes = import_module(f"gdpr_audit.reports.{MODULES[kind]}").content(document)
    return made


def render(document: dict[str, Any], kind: str) -> str:
    """The document as text in the format `kind`."""
    if kind == "json":
        import json

        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    from importlib import import_module

    text: str = import_module(f"gdpr_audit.reports.{MODULES[kind]}").render(document)
    return text
