"""Shows a finished audit: one module a format, the audit document in, text out."""

from __future__ import annotations

from typing import Any


def render(document: dict[str, Any], kind: str) -> str:
    """The document as text in the format `kind`."""
    if kind == "json":
        import json

        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if kind == "html":
        from gdpr_audit.reports import html

        return html.render(document)
    from gdpr_audit.reports import console

    return console.render(document)
