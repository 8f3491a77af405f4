"""A report's page, open in a browser."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from gdpr_audit import reports


def opened(browser: Browser, found: dict[str, Any], tmp_path: Path, **options: Any) -> Page:
    path = tmp_path / "audit.html"
    path.write_text(reports.render(found, "html"), "utf-8")
    page = browser.new_page(**options)
    page.goto(path.as_uri())
    return page


def printed(page: Page) -> str:
    """The words of the page as a browser prints it, without backgrounds."""
    made = page.pdf(prefer_css_page_size=True)
    return "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(made)).pages)


def bare(text: str) -> str:
    """Without what paper may set otherwise: spaces and ligatures."""
    return "".join(unicodedata.normalize("NFKC", text).split())
