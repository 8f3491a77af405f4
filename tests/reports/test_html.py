"""The HTML report in a real browser: accessible, inert, self-contained, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from gdpr_audit import document, reports
from gdpr_audit.reports import annex, glossary, picture, plan, view
from gdpr_audit.reports.words import WORDS
from tests.lab import audits
from tests.reports.pages import opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
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
    page = opened(browser, found, tmp_path, viewport=size, color_scheme=scheme)
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
    assert page.locator("script").count() == 1  # ours, which the page's policy knows by its hash
    assert "\u202e" not in page.content()
    page.close()


def test_a_script_that_slips_through_would_not_run(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    """The page's policy runs our script alone, whatever the templates let through."""
    text = reports.render(audited, "html").replace(
        "<main", "<script>window.owned=3</script><p onclick='window.owned=4'>x</p><main", 1
    )
    path = tmp_path / "audit.html"
    path.write_text(text, "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.locator("p[onclick]").click()

    assert page.evaluate("window.owned") is None
    assert page.locator("button.language").count() == 1  # ours did run
    page.close()


def test_it_says_the_same_in_the_other_language_at_a_button(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path, viewport={"width": 320, "height": 900})
    headings = page.locator("h2").all_inner_texts()
    page.get_by_role("button", name="English").click()
    turned = page.locator("h2").all_inner_texts()

    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title().startswith("Security audit report")
    assert len(turned) == len(headings)
    assert "Action plan" in turned
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.activeElement.textContent") == "Français"
    page.get_by_role("button", name="Français").press("Enter")
    assert page.locator("h2").all_inner_texts() == headings
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.close()


def test_findings_are_filtered_by_severity_and_words(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    shown = page.locator("article.finding:visible")
    all_of_them = shown.count()
    page.get_by_label("élevée", exact=True).uncheck()
    page.get_by_label("moyenne", exact=True).uncheck()
    grave = page.locator("article.finding.critical").count()
    assert 0 < grave < all_of_them
    assert shown.count() == grave
    page.get_by_label("Contient").fill("au REPOS")
    assert 0 < shown.count() < grave
    counted = page.locator("[data-severity]:visible").evaluate_all(
        "all => all.reduce((sum, one) => sum + Number(one.dataset.count), 0)"
    )
    said = page.locator("#filter [data-shown]").all_inner_texts()
    assert sum(map(int, said)) == counted
    page.close()


def test_the_filter_counts_what_the_verdict_counts(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    counts = audited["summary"]["counts"]
    said = " ".join(page.locator("#filter output").inner_text().split())

    assert f"manquements {counts['fail']} / {counts['fail']}" in said
    assert f"non prouvés {counts['unproven']} / {counts['unproven']}" in said
    plan_said = page.locator("section[aria-labelledby=actions] > p").first.inner_text()
    assert f"{counts['fail']} manquements" in plan_said
    page.close()


def test_a_link_to_what_the_filter_hides_leads_there(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    page.get_by_label("critique", exact=True).uncheck()
    link = page.locator(".plan a").first
    target = page.locator(str(link.get_attribute("href")))
    assert not target.is_visible()
    link.click()

    assert target.is_visible()
    assert target.evaluate("node => node.getBoundingClientRect().top") == pytest.approx(0, abs=80)
    assert page.get_by_label("critique", exact=True).is_checked()
    page.get_by_label("Contient").fill("rien de tel")
    page.locator("section[aria-labelledby=by-article] tbody a").last.click()
    assert page.locator("section.told:visible").count() > 1
    page.close()


def test_what_the_filter_empties_leaves_no_heading(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    assert page.locator("section.told:visible").count() > 5
    page.get_by_label("Contient").fill("rien de tel")

    assert page.locator("section.told:visible").count() == 0
    assert page.locator("#filter [data-shown]").first.inner_text() == "0"
    page.get_by_label("Contient").fill("")
    assert page.locator("section.told:visible").count() > 5
    page.close()


def test_the_other_language_keeps_the_filter_and_the_place(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    page.get_by_label("faible", exact=True).uncheck()
    page.get_by_label("Contient").fill("tls")
    page.evaluate("document.getElementById('unshown').scrollIntoView()")
    page.evaluate("document.querySelector('button.language').click()")

    assert page.evaluate("document.documentElement.lang") == "en"
    assert not page.get_by_label("low", exact=True).is_checked()
    assert page.get_by_label("Contains").input_value() == "tls"
    top = page.locator("#unshown").evaluate("node => node.getBoundingClientRect().top")
    assert top == pytest.approx(0, abs=2)
    page.close()


def test_without_script_there_is_no_dead_control(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path, java_script_enabled=False)

    assert page.locator("form:visible, button:visible").count() == 0
    assert page.locator("article.finding:visible").count() > 0
    page.close()


def test_the_plan_puts_the_gravest_first_then_the_least_effort(audited: dict[str, Any]) -> None:
    found = plan.actions(audited)
    keys = [(view.SEVERITIES.index(a.severity), plan.EFFORTS.index(a.effort)) for a in found]

    assert keys == sorted(keys)
    assert len({a.effort for a in found}) > 1
    failed = {f["rule"] for f in audited["findings"] if f["verdict"] == "fail"}
    assert {a.rule for a in found} == failed
    assert [a.number for a in found] == list(range(1, len(found) + 1))


def test_the_picture_shows_each_theme_and_never_takes_the_unasked_for_good(
    audited: dict[str, Any],
) -> None:
    rooms = {room.theme: room for row in picture.rows(audited) for room in row.rooms}

    assert rooms.keys() == {f["theme"] for f in audited["findings"]}
    for theme, room in rooms.items():
        mine = [f for f in audited["findings"] if f["theme"] == theme]
        assert room.fails == sum(f["verdict"] == "fail" for f in mine)
        assert room.unproven == sum(f["verdict"] in ("unproven", "error") for f in mine)
    assert rooms["storage"].worst == "critical"
    assert rooms["naming"].worst not in ("pass", "critical")
    words = reports.render(audited, "html").split('class="picture"')[1].split("</svg>")[0]
    nothing = [r for r in rooms.values() if r.worst == "nothing"]
    assert words.count("aucun manquement") == sum(
        not r.fails and r.worst != "nothing" for r in rooms.values()
    )
    assert words.count("sans objet") == len(nothing)


def test_an_earlier_audit_is_shown_with_what_became_of_it(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    mended = json.loads(json.dumps(audited))
    for finding in mended["findings"]:
        if finding["rule"] == "storage-not-encrypted":
            finding["verdict"] = "pass"
    mended["summary"]["failed"]["critical"] -= 1
    path = tmp_path / "since.html"
    path.write_text(reports.render(mended, "html", document.within(audited, "en")), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    section = page.locator("section[aria-labelledby=since]")

    assert section.locator("h2").inner_text() == f"Depuis l'audit du {audited['date']}"
    resolved = section.locator("details", has_text="Résolus (1)")
    resolved.locator("summary").click()
    assert "storage-not-encrypted" in resolved.inner_text()
    assert "manquement → conforme" in resolved.inner_text()
    before, now = (d["summary"]["failed"]["critical"] for d in (audited, mended))
    assert f"critique : {before} → {now}".replace(" :", "\u00a0:") in str(
        section.locator("svg").get_attribute("aria-label")
    )
    assert Axe().run(page).violations_count == 0
    page.close()


def test_the_annex_has_every_fact_and_every_gap(audited: dict[str, Any]) -> None:
    lines = [line for about in annex.subjects(audited) for line in about.lines]
    facts = [
        (name, row)
        for groups in audited["facts"].values()
        for known in groups.values()
        for name, row in known.items()
    ]

    assert sorted(line.fact for line in lines) == sorted(name for name, _ in facts)
    assert sum(line.gap for line in lines) == sum(row.get("gap") is not None for _, row in facts)


def test_the_glossary_has_the_words_that_are_used_and_no_others(audited: dict[str, Any]) -> None:
    french = dict(glossary.used(audited))
    english = dict(glossary.used(document.within(audited, "en")))

    assert "HDS" in french
    assert "HDS" in english
    alone = {**audited, "findings": [f for f in audited["findings"] if f["theme"] == "hosting"]}
    assert "HDS" in dict(glossary.used(alone))
    assert "DICOM" not in dict(glossary.used(alone))
    assert all(meaning for meaning in (*french.values(), *english.values()))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_term_of_the_glossary_is_used_by_some_rule(language: str) -> None:
    rules = audits.plan("https://rdv.example.fr/").rules
    said = "\n".join(text.within(language) for r in rules for text in (r.title, r.why, r.remedy))
    unused = [t.within(language)[0] for t in glossary.terms() if not t.seen.search(said)]

    assert unused == []


def test_a_name_of_a_megabyte_and_a_closing_tag_break_nothing(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    huge = json.loads(json.dumps(audited))
    bad = '</style><script>window.owned=5</script></template>"}\\ ' + "A" * 1_000_000
    huge["platform"] = bad
    huge["findings"][0]["subject"]["name"] = bad
    page = opened(browser, huge, tmp_path, viewport={"width": 320, "height": 900})

    assert page.evaluate("window.owned") is None
    assert page.locator("h2").count() > 5
    assert page.locator("button.language").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()


def test_long_words_and_the_plan_stay_within_a_narrow_screen(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    long = json.loads(json.dumps(audited))
    for finding in long["findings"]:
        finding["title"] = f"{finding['title']} {'W' * 300}"
        finding["subject"]["name"] = "w" * 300
        finding["articles"] = [*finding["articles"], "X" * 300]
    page = opened(browser, long, tmp_path, viewport={"width": 320, "height": 900})
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    rights = page.eval_on_selector_all(
        ".plan a, .plan .subject", "all => all.map(one => one.getBoundingClientRect().right)"
    )
    assert rights
    assert max(rights) <= 320
    assert page.get_by_role("row").count() > 3  # stacked, it is a table still
    page.close()


def test_no_line_of_the_french_begins_with_its_punctuation(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    said = str(page.locator("main").text_content())

    assert "«\u00a0" in said
    assert re.findall(r"« .{20}|.{20}\S [»:;?!](?=\s)", said) == []
    page.close()


def test_it_reads_without_script_verdict_first(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path, java_script_enabled=False)
    headings = page.locator("h2").all_inner_texts()

    assert headings[0].startswith("Verdict")
    assert "Non conforme" in headings[0]
    assert any("32(1)(a)" in heading for heading in headings)
    assert any("pas été montré" in heading for heading in headings)
    page.close()


def test_the_keyboard_reaches_every_fold(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    summary = page.locator("#unshown ~ ul summary").first
    summary.focus()
    page.keyboard.press("Enter")

    assert summary.evaluate("node => node.parentElement.open") is True
    page.close()


def test_every_word_stands_in_both_languages() -> None:
    assert all(text.fr and text.en for text in WORDS.values())
