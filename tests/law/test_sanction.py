"""What the failures of an audit expose to, in the document and in the reports."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import document, law, reports, sanction
from gdpr_audit.reports.schema import AuditDocument
from tests.lab.audits import declared, judged

CONTROLLER = "controller: {{name: x, country: {country}{more}}}\n"
FAULTY = """platform: x
processing: {health_data: true, article_9_basis: none, data_subjects: 386970}
traceability: {review: none}
hosting:
  - {provider: Nulle Part SARL, serves: [production], countries: [FR], certificate: none}
"""
RULES = ("hosting-not-certified", "article-9-basis-missing", "logging-unreviewed")


def exposure(
    tmp_path: Path, text: str = FAULTY, *, country: str = "FR", more: str = "", **options: Any
) -> Any:
    written = text + CONTROLLER.format(country=country, more=more)
    found = judged(path=declared(tmp_path, written), only=options.pop("only", RULES), **options)
    AuditDocument.model_validate(found)
    ceiling = max((row["ceiling_eur"] for row in found["exposure"]["ceilings"]), default=None)
    assert found["summary"]["fine_ceiling_eur"] == ceiling
    return found["exposure"]


def test_each_paragraph_of_article_83_is_said_with_its_articles(tmp_path: Path) -> None:
    found = exposure(tmp_path, more=", turnover_eur: 2000000000")
    higher, lower = found["ceilings"]

    assert (higher["paragraph"], higher["articles"]) == ("GDPR-83-5", ["GDPR-9-1"])
    assert (higher["sum_eur"], higher["share_eur"]) == (20_000_000, 80_000_000)
    assert higher["ceiling_eur"] == 80_000_000
    assert (lower["paragraph"], lower["ceiling_eur"]) == ("GDPR-83-4", 40_000_000)
    assert "GDPR-32-1" in lower["articles"]
    assert found["without_ceiling"] == ["CSP-L1111-8"]
    assert sanction.NO_TURNOVER.en not in found["cautions"]
    assert sanction.CAUTION.en in found["cautions"]


def test_without_a_turnover_the_sums_alone_are_said_and_that_they_are(tmp_path: Path) -> None:
    found = exposure(tmp_path)

    assert [row["share_eur"] for row in found["ceilings"]] == [None, None]
    assert [row["ceiling_eur"] for row in found["ceilings"]] == [20_000_000, 10_000_000]
    assert sanction.NO_TURNOVER.en in found["cautions"]
    public = exposure(tmp_path, more=", public_body: true")["cautions"]
    assert sanction.PUBLIC_WITHOUT_TURNOVER.en in public
    assert sanction.NO_TURNOVER.en not in public


@pytest.mark.parametrize(
    ("country", "public", "word"),
    [
        ("FR", "true", "the State's own"),
        ("BE", "true", "to be checked for BE"),
        ("FR", "false", ""),
    ],
)
def test_of_a_public_body_no_more_is_said_than_is_known(
    tmp_path: Path, country: str, public: str, word: str
) -> None:
    found = exposure(tmp_path, country=country, more=f", public_body: {public}")
    said = " ".join(found["cautions"])

    assert ("Public body" in said) == bool(word)
    assert word in said
    assert ("http" in said) == bool(word)  # with its source


def test_the_penal_risk_is_said_of_the_hoster(tmp_path: Path) -> None:
    [row] = exposure(tmp_path)["penal"]

    assert (row["prison_years"], row["fine_eur"]) == (3, 45_000)
    assert row["legal_person_fine_eur"] == 225_000
    assert "Nulle Part SARL" in row["applies_to"]
    assert "not at whoever entrusts" in row["applies_to"]


def test_without_an_uncertified_hoster_there_is_no_penal_risk(tmp_path: Path) -> None:
    assert exposure(tmp_path, only=("logging-unreviewed",))["penal"] == []


def test_the_number_of_people_is_said_or_that_it_is_not_known(tmp_path: Path) -> None:
    known = exposure(tmp_path)
    unknown = exposure(tmp_path, FAULTY.replace(", data_subjects: 386970", ""))

    assert known["people"] == 386970
    assert sanction.NO_PEOPLE.en not in known["cautions"]
    assert unknown["people"] is None
    assert sanction.NO_PEOPLE.en in unknown["cautions"]


def test_the_most_alike_decisions_come_first(tmp_path: Path) -> None:
    found = exposure(tmp_path)["comparable"]

    assert len(found) == 5
    counts = [len(row["rules"]) for row in found]
    assert counts == sorted(counts, reverse=True)
    for row in found:
        assert set(row["rules"]) <= set(RULES)
        assert row["faults"]
    dates = [row["date"] for row in found if row["health"] and len(row["rules"]) == 1]
    assert dates == sorted(dates, reverse=True)


def test_decisions_are_ranked_by_rules_in_common_then_health_then_date() -> None:
    shared = sanction.comparable(["mfa-missing-professionals", "logging-unreviewed"])
    ranks = [(-len(rules), not one.health, one.date) for one, rules in shared]

    assert [rank[:2] for rank in ranks] == sorted(rank[:2] for rank in ranks)
    assert [one.id for one, _ in shared[:2]] == ["AP-OLVG-2020", "AP-HAGA-2019"]
    assert len(shared) == sanction.COMPARABLE


def test_where_nothing_failed_nothing_is_shown(tmp_path: Path) -> None:
    text = "platform: x\ntraceability: {review: manual}\ncontroller: {public_body: true}\n"
    found = judged(path=declared(tmp_path, text), only=("logging-unreviewed",))

    assert found["exposure"] is None
    assert "Exposure to sanctions" not in reports.render(found, "console")
    assert 'id="exposure"' not in reports.render(found, "html")


def test_the_exposure_is_said_in_both_languages(tmp_path: Path) -> None:
    found = judged(path=declared(tmp_path, FAULTY), only=RULES, language="en")
    turned = document.within(found, "fr")

    assert sanction.CAUTION.fr in turned["exposure"]["cautions"]
    assert (
        "La peine vise qui héberge sans certificat" in turned["exposure"]["penal"][0]["applies_to"]
    )
    assert document.within(turned, "en")["exposure"] == found["exposure"]
    shown = reports.render(turned, "html")
    assert "Décisions comparables" in shown
    assert "trois" not in shown
    assert "3 ans d&#39;emprisonnement et 45 000 € d&#39;amende" in shown
    console = " ".join(reports.render(turned, "console").split())
    assert "Risque pénal" in console
    assert "225 000 €" in console


def test_the_articles_of_the_penalty_are_in_the_library() -> None:
    assert all(law.article(one) for one in (sanction.PENALTY, sanction.PENALTY_OF_COMPANIES))


def test_links_to_articles_lead_to_their_sections(tmp_path: Path) -> None:
    shown = reports.render(judged(path=declared(tmp_path, FAULTY), only=RULES), "html")
    there = set(re.findall(r'id="([^"]+)"', shown))

    assert set(re.findall(r'href="#([^"]+)"', shown)) <= there
    assert "GDPR-28-1" in there  # cited second only, and yet with a place of its own


def test_the_ceilings_rest_on_the_official_text(tmp_path: Path) -> None:
    found = judged(path=declared(tmp_path, FAULTY), only=RULES)["exposure"]

    assert found["ceilings"]
    for row in found["ceilings"]:
        assert row["source"].startswith("https://eur-lex.europa.eu/")
        assert row["note"] is None
