"""The HTML report in a real browser: accessible, inert, self-contained, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from gdpr_audit import document, reports
from gdpr_audit.model import (
    PLATFORM,
    Census,
    Evidence,
    Fact,
    Origin,
    Subject,
    Text,
    now,
)
from gdpr_audit.reports.words import WORDS
from tests.conftest import program
from tests.lab import audits

HOSTILE = "<script>window.owned=1</script>\u202e\x1b[31m<img src=x onerror=window.owned=2>"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An audit with every verdict, and a hostile name."""
    folder = tmp_path_factory.mktemp("audit")
    name = json.dumps(f"Labo {HOSTILE}")
    text = (
        f"platform: {name}\nprocessing: {{health_data: true, article_9_basis: none}}\n"
        "traceability: {health_data_access: true, administrator_actions: true}\n"
        "hosting: [{provider: Nulle Part SARL, serves: [production], certificate: none}]\n"
        "controller: {public_body: true}\n"
        "storage:\n  - {name: base, kind: database, contains: [health], encryption: none}\n"
        "targets: [{url: 'https://127.0.0.1:1/'}]\n"
    )
    return audits.judged(path=audits.declared(folder, text), language="fr")


def _open(browser: Browser, found: dict[str, Any], tmp_path: Path, **options: Any) -> Page:
    path = tmp_path / "audit.html"
    path.write_text(reports.render(found, "html"), "utf-8")
    page = browser.new_page(**options)
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_axe_finds_nothing(
    browser: Browser,
    audited: dict[str, Any],
    tmp_path: Path,
    language: str,
    width: int,
    scheme: Any,
) -> None:
    found = document.within(audited, language)
    size = {"width": width, "height": 900}
    page = _open(browser, found, tmp_path, viewport=size, color_scheme=scheme)
    for details in page.query_selector_all("details"):
        details.evaluate("node => { node.open = true }")

    result = Axe().run(page)

    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_hostile_text_is_inert_and_nothing_is_asked_of_the_network(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "audit.html"
    path.write_text(reports.render(audited, "html"), "utf-8")
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())

    assert page.evaluate("window.owned") is None
    assert asked == [path.as_uri()]
    assert "<script>window.owned=1</script>" in page.inner_text("h1")
    assert page.query_selector("script") is None
    assert "\u202e" not in page.content()
    page.close()


def test_it_reads_without_script_verdict_first(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = _open(browser, audited, tmp_path, java_script_enabled=False)
    headings = page.locator("h2").all_inner_texts()

    assert headings[0].startswith("Verdict")
    assert "Non conforme" in headings[0]
    assert any("32(1)(a)" in heading for heading in headings)
    assert any("pas été montré" in heading for heading in headings)
    page.close()


def test_the_keyboard_reaches_every_fold(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = _open(browser, audited, tmp_path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    summary = page.locator("#unshown ~ ul summary").first
    summary.focus()
    page.keyboard.press("Enter")

    assert summary.evaluate("node => node.parentElement.open") is True
    page.close()


def test_it_prints_with_what_is_folded(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = _open(browser, audited, tmp_path)
    printed = page.pdf(format="A4")

    assert printed.startswith(b"%PDF")
    page.close()


def test_every_word_stands_in_both_languages() -> None:
    assert all(text.fr and text.en for text in WORDS.values())


def _sample() -> dict[str, Any]:
    """A document that never changes: for the console report's golden file."""
    from datetime import UTC, date, datetime

    from gdpr_audit.model import Observations
    from gdpr_audit.outcome import Audit, ProfileName, TargetRun
    from gdpr_audit.rules.judge import judge

    at = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    plan = audits.plan(
        "https://rdv.example.fr/",
        only=("hsts-missing", "dpo-missing", "csp-missing", "tls-weak-cipher"),
    )
    top = Subject(PLATFORM, "RDV Santé")
    target = Subject("target", "https://rdv.example.fr/", "platform.yaml", 3, top)

    def fact(name: str, value: Any, origin: Origin = Origin.MEASURED) -> Fact:
        return Fact(name, value, Evidence("web", origin, Text("vu : exemple", "seen: sample"), at))

    facts = {
        target: {
            f.name: f
            for f in (
                fact("web.https", True),
                fact("web.hsts.present", False),
                fact("web.html", True),
                fact("target.tls_judged", True),
                fact("tls.offered", True),
                fact("tls.encryption", ("3DES", "AES", "RC4")),
                fact("tls.macs", ("AEAD", "SHA1")),
            )
        }
    }
    held = plan.profile
    census = {(top, "target"): Census("target", top, (target,))}
    seen = Observations(top, facts, census, plan.words.kinds)
    done = Audit(
        top, at, at, date(2026, 11, 24), "fr", judge(plan.rules, seen, date(2026, 11, 24), held), seen,
        plan.checks, (TargetRun(target.name, True, ("192.0.2.7",), 1.2, 41),), "sha256:0",
        "2026-10-01 (complete)", ProfileName(held.id, held.title, held.version),
    )  # fmt: skip
    assert now().tzinfo is not None
    return document.of(done)


GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", ["console", "html", "json", "sarif", "junit", "markdown", "csv"])
def test_a_report_is_its_golden_file_to_the_letter(
    kind: str, language: str, request: pytest.FixtureRequest
) -> None:
    """`pytest --golden` writes them anew; what changed is then for a person to read."""
    from gdpr_audit import __version__

    text = reports.render(document.within(_sample(), language), kind)
    text = text.replace(__version__, "VERSION").replace("\r\n", "\n")
    lines = [line for line in text.split("\n") if "sha256:" not in line]
    text = "\n".join(lines)
    path = GOLDEN / f"audit.{language}.{kind}.txt"
    if request.config.getoption("--golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    assert text == path.read_text("utf-8")
