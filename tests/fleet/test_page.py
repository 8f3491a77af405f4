"""A fleet's page in a real browser, and its sums."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from gdpr_audit.fleet import line, overview
from gdpr_audit.fleet.folder import Folder
from gdpr_audit.fleet.roster import Roster
from gdpr_audit.fleet.task import Done, Kit
from gdpr_audit.model import Text
from gdpr_audit.reports import fleet as page_of
from tests.conftest import program

pytestmark = pytest.mark.xdist_group("browser")

NAMES = ["Alpha", "Bêta", "Gamma <img src=x onerror=alert(1)>", "Delta", "Epsilon", "Zeta"]


def made(name: str, failed: dict[str, int], **more: Any) -> Done:
    """A finished audit's line, its document of no interest."""
    verdict = "non-compliant" if any(failed.values()) else "compliant"
    rules = {"fail": ["hsts-missing"] if failed.get("medium") else [], "unproven": ["csp-missing"],
             "error": [], "waived": [], "pass": ["tls-not-offered"]}  # fmt: skip
    row = {
        "state": line.DONE, "reason": None, "verdict": verdict,
        "counts": {"fail": sum(failed.values()), "unproven": 1, "error": 0}, "failed": failed,
        "unproven": {"low": 1}, "rules": rules, "hosters": [], "targets": 1, "not_looked": [],
        "incomplete": False, "date": "2026-11-24", "basis": "", "digest": name,
        "started": "2026-11-24T10:00:00Z", "finished": "2026-11-24T10:00:01Z", **more,
    }  # fmt: skip
    return Done(b"{}", b"<html></html>", row)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, kit: Kit) -> Path:
    place = tmp_path_factory.mktemp("fleet")
    path = place / "fleet.csv"
    rows = "".join(f'"{name}",https://p{i}.test/\n' for i, name in enumerate(NAMES))
    path.write_text(f"name,url\n{rows}", "utf-8")
    roster = Roster(path)
    lost = {"url": "https://p3.test/", "reason": {"fr": "n'a pas répondu", "en": "no answer"}}
    with Folder(place / "out") as folder:
        a, b, c, d, e, _ = roster
        folder.write(a, made("a", {"critical": 0, "medium": 2}, hosters=["Nuage SARL"]))
        folder.write(b, made("b", {"critical": 1, "medium": 1}, hosters=["Nuage SARL", "Ähnlich"]))
        folder.write(c, made("c", {"critical": 12}))
        folder.write(d, made("d", {}, not_looked=[lost], incomplete=True))
        folder.note(e, line.LOST, Text("le processus est mort", "the process died"))
        overview.write(roster, folder, kit, "fr")
    return place / "out"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, out: Path) -> Iterator[Page]:
    found = browser.new_page()
    found.goto((out / "index.html").as_uri())
    yield found
    found.close()


def names(page: Page) -> list[str]:
    rows = page.locator(".platforms tbody tr:visible th").all_inner_texts()
    return [row.split()[0] for row in rows]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(browser: Browser, out: Path, scheme: Any, width: int) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto((out / "index.html").as_uri())
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert requests == [(out / "index.html").as_uri()]
    page.close()


def test_the_worst_come_first_and_columns_sort_by_keyboard(page: Page) -> None:
    assert names(page) == ["Epsilon", "Gamma", "Bêta", "Alpha", "Delta", "Zeta"]
    critical = page.get_by_role("button", name="Critique", exact=True)
    critical.focus()
    page.keyboard.press("Enter")
    assert names(page)[:2] == ["Gamma", "Bêta"]  # 12 before 1: as numbers
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Critique")
    page.keyboard.press("Enter")
    assert page.locator("th[aria-sort=ascending]").count() == 1
    page.get_by_role("button", name="Plateforme", exact=True).click()
    assert names(page) == ["Alpha", "Bêta", "Delta", "Epsilon", "Gamma", "Zeta"]


def test_a_search_says_how_many_rows_it_leaves(page: Page) -> None:
    page.get_by_role("searchbox").fill("BETA")
    assert names(page) == ["Bêta"]
    assert page.locator("#search output").inner_text() == "1 ligne affichée"
    page.get_by_role("searchbox").fill("nuage")
    assert set(names(page)) == {"Alpha", "Bêta"}
    assert page.locator("#search output").inner_text() == "2 lignes affichées"
    page.get_by_role("searchbox").fill("")
    assert len(names(page)) == len(NAMES)


def test_without_script_all_is_there(browser: Browser, out: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((out / "index.html").as_uri())
    assert len(names(page)) == len(NAMES)
    assert page.locator("#search:visible").count() == 0
    text = page.inner_text("body")
    section = page.inner_text("section[aria-labelledby=not-looked]")
    assert "(2)" in section
    assert "le processus est mort" in section
    for words in ("n'a pas répondu", "le processus est mort", "Pas encore auditée", "<img src=x"):
        assert words in text
    context.close()


def test_the_sums_are_those_of_the_lines(out: Path) -> None:
    found = json.loads((out / "fleet.json").read_text("utf-8"))
    assert found["summary"]["states"] == {"done": 4, "lost": 1, "refused": 0, "pending": 1}
    assert found["summary"]["verdicts"] == {
        "non-compliant": 3, "undetermined": 0, "compliant": 1,
    }  # fmt: skip
    assert found["summary"]["failed"]["critical"] == 2
    assert found["summary"]["incomplete"] == 3
    assert found["hosters"] == [
        {"hoster": None, "platforms": 2, "non-compliant": 1, "undetermined": 0, "compliant": 1},
        {"hoster": "Nuage SARL", "platforms": 2, "non-compliant": 2, "undetermined": 0,
         "compliant": 0},
        {"hoster": "Ähnlich", "platforms": 1, "non-compliant": 1, "undetermined": 0,
         "compliant": 0},
    ]  # fmt: skip
    rule = next(rule for rule in found["rules"] if rule["rule"] == "hsts-missing")
    assert (rule["fail"], rule["pass"]) == (2, 0)


def test_the_page_shows_the_worst_of_a_large_fleet_and_says_so(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kit: Kit
) -> None:
    monkeypatch.setattr(page_of, "MOST", 2)
    roster = Roster(out.parent / "fleet.csv")
    with Folder(out) as folder:
        rows = sorted(map(page_of.row, overview.lines(roster, folder)), key=page_of.badness)[:2]
        head = overview._head(roster, kit, overview.tally(overview.lines(roster, folder)))
    text = page_of.render(head, rows, "en")
    assert "The first 2, from the worst on; all 6 are in fleet.csv." in text
    assert "Alpha" not in text
