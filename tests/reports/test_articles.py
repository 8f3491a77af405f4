"""The report article by article: the summary's figures, nothing left out, and said the right way."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from gdpr_audit import document
from gdpr_audit.reports import articles, html, view
from gdpr_audit.waivers import Waiver
from tests.lab import audits
from tests.reports.pages import bare, opened

ACCEPTED = ("record-missing", "dpia-missing")


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An audit whose failures under articles 30 and 35 were all accepted."""
    path = audits.declared(
        tmp_path_factory.mktemp("accepted"),
        "platform: Labo\nprocessing: {health_data: true, large_scale: true}\n"
        "governance: {record_of_processing: false, dpia: {done: false}}\n"
        "authentication:\n  patients:\n    factors: [password]\n    password: {storage: {algorithm: md5, salted: false}}\n"
        "storage:\n  - {name: base, kind: database, contains: [health], encryption: none}\n"
        "  - {name: copie, kind: backup, contains: [health], encryption: {level: volume, algorithm: AES, mode: XTS, key_bits: 256}}\n",
    )
    waived = tuple(Waiver(rule, "en cours", "la direction", date(2099, 1, 1)) for rule in ACCEPTED)
    return audits.judged(path=path, language="fr", waivers=waived)


def test_each_article_has_the_summarys_figures(
    audited: dict[str, Any], accepted: dict[str, Any]
) -> None:
    for found in (audited, accepted):
        said = {one.id: one.counts for one in articles.sections(found)}
        summary = found["summary"]["articles"]

        assert summary.keys() <= said.keys()
        for article, counts in summary.items():
            assert counts.items() <= said[article].items(), article


def test_the_page_has_a_row_and_a_place_for_each(
    browser: Browser, audited: dict[str, Any], tmp_path: Path
) -> None:
    page = opened(browser, audited, tmp_path)
    rows = page.locator("section[aria-labelledby=by-article] tbody tr").all()

    assert len(rows) == len(audited["summary"]["articles"])
    for row, counts in zip(rows, audited["summary"]["articles"].values(), strict=True):
        cells = [int(cell) for cell in row.locator("td").all_inner_texts()]
        assert cells == [counts["fail"], counts["unproven"], counts["pass"]]
    dead = page.eval_on_selector_all(
        "a[href^='#']",
        "all => all.map(a => a.hash.slice(1)).filter(id => !document.getElementById(id))",
    )
    assert dead == []
    linked = page.locator("section[aria-labelledby=exposure] tbody td a").count()
    assert linked == sum(len(row["articles"]) for row in audited["exposure"]["ceilings"])
    page.close()


def test_a_failure_told_elsewhere_is_led_to(audited: dict[str, Any]) -> None:
    sections = {one.id: one for one in articles.sections(audited)}
    for finding in audited["findings"]:
        if finding["verdict"] == "fail":
            first, *others = finding["articles"]
            assert finding["rule"] in {f.rule for f in sections[first].failed}
            for other in others:
                assert finding["rule"] in {f.rule for f in sections[other].failed_elsewhere}
    assert any(one.failed_elsewhere for one in sections.values())


def test_an_accepted_failure_alone_under_its_article_is_told(
    browser: Browser, accepted: dict[str, Any], tmp_path: Path
) -> None:
    waived = {f["rule"]: f for f in accepted["findings"] if f["verdict"] == "waived"}
    assert waived.keys() == set(ACCEPTED)
    page = opened(browser, accepted, tmp_path)

    for rule, finding in waived.items():
        told = page.locator(f"article[aria-labelledby=f-{rule}-waived]")
        said = bare(told.inner_text())
        assert bare(finding["title"]) in said
        assert "accepté" in told.locator("h3").inner_text()
        assert bare(finding["why"]) in said
        assert page.locator(f"#waivers ~ ul a[href='#f-{rule}-waived']").count() == 1
    assert page.locator("nav a[href='#waivers']").count() == 1
    page.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_pass_is_listed_by_what_would_be_its_fault(
    accepted: dict[str, Any], language: str
) -> None:
    found = document.within(accepted, language)
    passed = view.fold(f for f in found["findings"] if f["verdict"] == "pass")
    said = {one.rule: articles.kept(one, language) for one in passed}
    unnamed = [one for one in passed if one.first["title"] in said[one.rule]]

    assert said["backup-not-encrypted"] == {"fr": "Sauvegardes chiffrées", "en": "Backups encrypted"}[language]  # fmt: skip
    assert unnamed
    out = {"fr": "Faute écartée", "en": "Fault ruled out"}[language]
    assert all(said[one.rule].startswith(out) for one in unnamed)
    text = html.render(found)
    assert all(
        f"<li><strong>{sentence}</strong>" in text.replace("&#39;", "'")
        for sentence in said.values()
    )


def test_what_may_be_in_several_ways_is_not_asked_for_in_all(accepted: dict[str, Any]) -> None:
    (weak,) = [f for f in accepted["findings"] if f["rule"] == "password-storage-weak"]
    ways = view.alternatives(weak, " ou ")

    assert len(ways) == 1
    assert ways[0]["must"].startswith("être argon2id ou scrypt ou bcrypt ou ")
    assert all(reason["role"] == "require" for reason in view.telling(weak))
    text = re.sub(r"<[^>]+>", "", html.render(accepted))
    assert len(re.findall(r"password\.storage\.algorithm doit", text)) == 1
