"""The drafts for a DPO's own tools: marked as such, honest about what they do not know, inert."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from gdpr_audit import document, reports
from gdpr_audit.reports.drafts import measures, risks
from gdpr_audit.reports.drafts.words import WORDS
from tests.lab import audits

HOSTILE = "<script>window.owned=1</script><img src=x onerror=window.owned=2>"
PAGES = ("article-30", "breach-sheet")
SCHEMA = Path(__file__).parent / "schemas" / "cnil-pia.json"


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("drafts")
    text = (
        f"platform: {json.dumps(HOSTILE)}\ncontroller: {{country: FR}}\n"
        "processing:\n  health_data: true\n  data_subjects: 387000\n  article_6_basis: contract\n"
        "  article_9_basis: 9-2-h\n  reuse: {purpose: research, framework: MR-004}\n"
        "  categories: [{name: health, retention_months: 240}, {name: nir, retention_months: none}]\n"
        "authentication: {patients: {factors: [password]}}\n"
        "traceability: {health_data_access: true, administrator_actions: true, retention_months: 12}\n"
        "resilience: {backups: none}\nassurance: {critical_patch_days: 90}\n"
        "governance:\n  processors:\n"
        f"    - {{name: {json.dumps('SMS ' + HOSTILE)}, country: US, article_28_contract: false, transfer_safeguard: none}}\n"
        "storage:\n  - {name: base, kind: database, contains: [health], encryption: none}\n"
        "  - {name: images, kind: file, contains: [health]}\n"
    )
    return audits.judged(path=audits.declared(folder, text), language="fr")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_is_accessible_inert_and_marked_as_a_draft(
    browser: Browser, audited: dict[str, Any], tmp_path: Path, kind: str, language: str
) -> None:
    path = tmp_path / "draft.html"
    path.write_text(reports.render(document.within(audited, language), kind), "utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    result = Axe().run(page)

    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("window.owned") is None
    assert asked == [path.as_uri()]
    assert page.locator("h2").first.inner_text() == WORDS_DRAFT[language]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


WORDS_DRAFT = {"fr": "Brouillon à compléter", "en": "Draft, to be completed"}


@pytest.mark.parametrize("kind", PAGES)
def test_both_languages_have_the_same_points(audited: dict[str, Any], kind: str) -> None:
    french, english = (
        reports.render(document.within(audited, language), kind) for language in ("fr", "en")
    )

    for tag in ("<h2", "<h3", "<li>", "<p>", "<tr>"):
        assert french.count(tag) == english.count(tag), tag


def test_the_record_says_what_was_declared_and_leaves_the_rest_blank(
    audited: dict[str, Any],
) -> None:
    text = reports.render(audited, "article-30").replace("\u00a0", " ")

    assert "Base légale (article 6) : contrat" in text
    assert "Exception de l&#39;article 9(2) : art. 9(2)(h)" in text
    assert "Réutilisation : recherche" in text
    assert "Nombre de personnes : 387 000" in text
    assert "Finalité : [à compléter]" in text
    assert "Responsable du traitement : [à compléter]" in text
    assert "<td>240</td>" in text
    assert "<td>non définie</td>" in text
    assert "Journalisation des accès et des actions d&#39;administration (déclaré)" in text


HOSTED = """platform: x
processing: {health_data: true, article_6_basis: none, article_9_basis: none}
hosting:
  - {provider: Loin, countries: [US, FR], contract_clauses: false, serves: [production]}
  - {provider: Ici, countries: [FR], contract_clauses: true, serves: [production]}
  - {provider: Nulle part, serves: [backups]}
governance:
  processors: [{name: Mailer, country: US, article_28_contract: true, transfer_safeguard: none}]
"""


def test_the_record_has_what_is_declared_of_hosters_and_asks_only_for_the_rest(
    tmp_path: Path,
) -> None:
    audited = audits.judged(path=audits.declared(tmp_path, HOSTED), language="fr")
    text = reports.render(audited, "article-30").replace("\u00a0", " ")
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall("<tr>.*?</tr>", text, re.DOTALL)]

    assert any("Loin" in r and "US, FR" in r and "aucune des 14" in r for r in rows), rows
    assert any("Ici" in r and "|FR|" in r and "les 14" in r for r in rows), rows
    assert "Loin (US, FR), garantie : [à compléter]" in text
    assert "Mailer (US), garantie : aucune" in text
    # of whom nothing is known it is asked: that is no answer
    assert "Nulle part ([à compléter]), hors de l&#39;Union ou non : [à compléter]" in text
    assert "Ici (" not in text
    assert "Base légale (article 6) : aucune" in text
    assert "Exception de l&#39;article 9(2) : aucune" in text


@pytest.mark.parametrize(
    ("named", "besides", "said"),
    [
        (1, 2, "et 2 autres règles satisfaites"),
        (1, 1, "et une autre règle satisfaite"),
        (0, 2, "2 règles satisfaites"),
        (0, 1, "une règle satisfaite"),
    ],
)
def test_other_rules_are_others_only_beside_one_that_is_named(
    named: int, besides: int, said: str
) -> None:
    established = (measures.Measure("r", "m", "measured"),) * named
    theme = measures.Theme("web", "Web", established, besides, (), ())

    assert measures.lines(theme, "fr")["established"][-1] == said


def test_the_breach_sheet_has_times_as_people_write_them(audited: dict[str, Any]) -> None:
    day = audited["started"][:10]
    french = "/".join(reversed(day.split("-")))

    assert f"entre le {french} à " in reports.render(audited, "breach-sheet")
    assert audited["started"] not in reports.render(audited, "breach-sheet")


def test_a_measure_is_established_only_where_nothing_stands_against_it(
    audited: dict[str, Any],
) -> None:
    verdicts = audits.verdicts(audited)
    named = {m.rule for theme in measures.themes(audited) for m in theme.established}

    assert "logging-missing" in named
    for rule in named:
        assert verdicts[rule] - {"not_applicable"} == {"pass"}
    one = json.loads(json.dumps(audited))
    spoilt = next(f for f in one["findings"] if f["rule"] == "logging-missing")
    one["findings"].append({**spoilt, "verdict": "unproven"})
    still = {m.rule for theme in measures.themes(one) for m in theme.established}
    assert named - still == {"logging-missing"}


def test_measures_and_risks_name_rules_that_there_are() -> None:
    rules = {rule.id: rule.theme for rule in audits.plan("https://rdv.example.fr/").rules}
    import tomllib
    from importlib.resources import files

    place = files("gdpr_audit.reports.drafts").joinpath("measures.toml")
    by_theme = tomllib.loads(place.read_text("utf-8"))

    for theme, rows in by_theme.items():
        assert {rules.get(rule) for rule in rows} == {theme}
    assert {rule for also in risks._ALSO.values() for rule in also} <= rules.keys()
    assert set(risks._DIGEST) <= rules.keys()


def test_the_breach_sheet_has_the_points_of_article_33_and_decides_nothing(
    audited: dict[str, Any],
) -> None:
    text = reports.render(audited, "breach-sheet").replace("\u00a0", " ")
    clauses = [f"art. 33(3)({letter})" for letter in "abcd"]

    assert [text.index(clause) for clause in clauses] == sorted(map(text.index, clauses))
    assert "Un manquement n&#39;est pas encore une violation" in text
    assert "Type : [à compléter]" in text
    assert "Prise de connaissance : [à compléter]" in text
    assert (
        "Les données de santé ne sont pas sauvegardées chaque jour" in text.split("Disparition")[1]
    )


def test_without_failures_the_breach_sheet_claims_none(audited: dict[str, Any]) -> None:
    sound = {**audited, "findings": [f for f in audited["findings"] if f["verdict"] == "pass"]}
    text = reports.render(sound, "breach-sheet")

    assert text.count("L&#39;audit n&#39;a rien constaté qui ouvre cette voie.") == 3


def test_the_pia_has_all_that_the_software_reads(audited: dict[str, Any]) -> None:
    found = json.loads(reports.render(audited, "cnil-pia"))
    jsonschema.validate(found, json.loads(SCHEMA.read_text("utf-8")))
    answers = {answer["reference_to"]: answer["data"] for answer in found["answers"]}
    titles = {measure["title"] for measure in found["measures"]}

    assert len(answers) == len(found["answers"])
    for base in (320, 330, 340):
        assert answers[base + 5]["gauge"] is answers[base + 6]["gauge"] is None
        assert set(answers[base + 4]["list"]) <= titles
    assert "Un stockage de données de santé n'est pas chiffré au repos" in answers[322]["list"]
    assert answers[342]["list"]
    assert "brouillon" in found["pia"]["name"]
    assert found["evaluations"] == []


def test_in_the_pia_a_name_is_no_markup(audited: dict[str, Any]) -> None:
    found = json.loads(reports.render(audited, "cnil-pia"))
    markup = [a["data"]["text"] for a in found["answers"]]
    markup += [m["content"] for m in found["measures"]]

    assert not any("<script" in text or "<img" in text for text in markup)
    assert any("&lt;script&gt;" in text for text in markup)


def test_every_word_stands_in_both_languages() -> None:
    assert all(text.fr and text.en for text in WORDS.values())
    assert all(fr and en for fr, en in measures.names().values())
