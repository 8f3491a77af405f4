"""The HTML report on paper, as a browser prints it without backgrounds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
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


def test_a_filter_that_is_on_leaves_nothing_out_on_paper(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    whole = bare(printed(page))
    page.get_by_label("Contient").fill("rien de tel")

    assert page.locator("article.finding:visible").count() == 0
    assert bare(printed(page)) == whole
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_nothing_is_told_by_a_background(
    browser: Browser, audited: dict[str, Any], tmp_path: Path, scheme: Any
) -> None:
    page = opened(browser, audited, tmp_path, color_scheme=scheme)
    page.emulate_media(media="print", color_scheme=scheme)
    styles = page.eval_on_selector_all(
        ".tag", "all => all.map(getComputedStyle).map(s => [s.color, s.borderTopColor])"
    )

    assert styles
    assert {tuple(style) for style in styles} == {("rgb(26, 29, 33)",) * 2}
    page.close()


def test_the_bars_key_needs_no_colour(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    keys = page.eval_on_selector_all(
        ".legend .swatch", "all => all.map(one => (one.querySelector('path') || one).outerHTML)"
    )
    drawn = {re.sub("key-[a-z]+-", "", key) for key in keys}

    assert len(keys) >= 3
    assert len(drawn) == len(keys)
    assert page.locator(".legend .swatch rect").count() >= len(keys)
    assert "background" not in page.locator("style").inner_text().split(".swatch")[1].split("}")[0]
    page.close()


def _folded(page: Page) -> list[str]:
    """What the page's folds hold, each fact's name apart: on paper a long one is broken."""
    inside = "details > :not(summary) code, details > :not(summary) h3, details > p"
    return page.locator(inside).all_text_contents()
