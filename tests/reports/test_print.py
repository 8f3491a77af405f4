"""The HTML report on paper, as a browser prints it without backgrounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.reports.pages import bare, opened, printed


def test_it_prints_with_what_is_folded(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    folded = {line.strip() for text in _folded(page) for line in text.split("\n") if line.strip()}
    assert page.locator("details[open]").count() == 0
    paper = bare(printed(page))

    assert len(folded) > 100
    assert [line for line in folded if bare(line) not in paper] == []
    page.close()


def _folded(page: Page) -> list[str]:
    """What the page's folds hold, each fact's name apart: on paper a long one is broken."""
    inside = "details > :not(summary) code, details > :not(summary) h3, details > p"
    return page.locator(inside).all_text_contents()
