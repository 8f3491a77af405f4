"""What a declaration leaves out about its hosters stays open, and is never taken for an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdpr_audit import hds
from gdpr_audit.errors import InputError
from gdpr_audit.hds import HosterList
from tests.checks.test_hosting import HEADER, LIST, hosting, listing, only
from tests.lab.audits import declared, judged, reasons, verdicts

COVER, SUB = "hosting-activities-uncovered", "hosting-subcontractor-uncertified"
LAW, EEA = "hosting-extra-eu-law", "hosting-outside-eea"


@pytest.fixture
def whole(tmp_path: Path) -> HosterList:
    path = tmp_path / "list.csv"
    path.write_text(LIST, "utf-8")
    return hds.load(path)


def test_an_empty_section_names_no_hoster_and_passes_nothing(
    tmp_path: Path, whole: HosterList
) -> None:
    text = "platform: x\nprocessing: {health_data: true}\nhosting: []\n"
    found = judged(path=declared(tmp_path, text), only=("hosting",), hosters=whole)

    assert verdicts(found)[COVER] == {"unproven"}
    assert verdicts(found)["hosting-not-certified"] == {"unproven"}
    assert "names no hoster" in reasons(found, COVER)
    assert "names no hoster" in reasons(found, "hosting-not-certified")


@pytest.mark.parametrize(
    ("records", "verdict"),
    [
        ("{provider: Alpha, activities: []}", "unproven"),
        ("{provider: Alpha, activities: [1]}, {provider: Beta Ops, activities: []}", "unproven"),
        ("{provider: Alpha, activities: [1], subcontractors: [{provider: Beta Ops}]}", "unproven"),
        (
            "{provider: Alpha, activities: [1], subcontractors: [{provider: Beta Ops, activities: "
            "[5], subcontractors: [{provider: Nobody}]}]}",
            "unproven",
        ),
        # who hosts its own data is asked for nothing
        ("{provider: Alpha, activities: [1]}, {provider: self}", "pass"),
        # what is known to be uncovered is a fault, whatever others do
        ("{provider: Alpha, activities: [1, 5]}, {provider: Alpha}", "fail"),
    ],
)
def test_whose_activities_are_not_said_leaves_the_cover_open(
    tmp_path: Path, whole: HosterList, records: str, verdict: str
) -> None:
    found = hosting(tmp_path, f"  [{records}]\n", whole)

    assert only(found, COVER) == verdict


def test_a_subcontractor_of_no_activity_is_not_certified_for_what_it_does(
    tmp_path: Path, whole: HosterList
) -> None:
    sub = "{provider: Beta Ops, activities: []}"
    body = f"  - {{provider: Alpha, activities: [1], subcontractors: [{sub}]}}\n"

    assert only(hosting(tmp_path, body, whole), SUB) == "unproven"


@pytest.mark.parametrize(
    "record",
    [
        "provider: Alpha, countries: []",
        "provider: Alpha, countries: [FR], subcontractors: [{provider: Beta Ops, countries: []}]",
    ],
)
def test_no_country_is_no_place_inside(tmp_path: Path, whole: HosterList, record: str) -> None:
    assert only(hosting(tmp_path, f"  - {{{record}}}\n", whole), EEA) == "unproven"


OPS = "provider: Beta Ops, activities: [5], countries: [FR], parent_company_country: FR"


@pytest.mark.parametrize(
    ("sub", "verdict", "word"),
    [
        (OPS, "pass", "FR"),
        (OPS.replace("parent_company_country: FR", "parent_company_country: US"), "fail", "US"),
        (OPS.replace(", parent_company_country: FR", ""), "unproven", "Beta Ops"),
        (OPS.replace(", countries: [FR]", ""), "unproven", "Beta Ops"),
        (OPS.replace("countries: [FR]", "countries: []"), "unproven", "Beta Ops"),
        # known to be otherwise than declared
        (OPS.replace("Beta Ops", "AWS"), "fail", "Amazon Web Services"),
        (f"{OPS}, subcontractors: [{{{OPS.replace('FR}', 'US')}}}]", "pass", "FR"),
        (
            f"{OPS}, subcontractors: [{{provider: Deep, countries: [FR], parent_company_country: IN}}]",
            "fail",
            "Deep",
        ),
    ],
)
def test_the_law_of_a_subcontractors_parent_reaches_the_data_too(
    tmp_path: Path, whole: HosterList, sub: str, verdict: str, word: str
) -> None:
    top = "provider: Alpha, activities: [1], countries: [FR], parent_company_country: FR"
    found = hosting(tmp_path, f"  - {{{top}, subcontractors: [{{{sub}}}]}}\n", whole)

    assert only(found, LAW) == verdict
    assert word in reasons(found, LAW)


@pytest.mark.parametrize(
    ("provider", "verdict"),
    [
        ("CH de Nulle Part", "not_applicable"),
        ("Free", "not_applicable"),  # it sells access: the premises may be one's own
        ("OVH", "fail"),  # not on this list, and a commercial hoster
        ("Hetzner", "fail"),
    ],
)
def test_own_premises_are_not_those_of_a_commercial_hoster(
    tmp_path: Path, whole: HosterList, provider: str, verdict: str
) -> None:
    exemption = "{kind: self-hosting, own_data: true, own_premises: true}"
    body = f"  - {{provider: {provider}, activities: [1], exemption: {exemption}}}\n"
    found = hosting(tmp_path, body, whole)

    assert only(found, "hosting-not-certified") == verdict
    assert (only(found, COVER) == "not_applicable") is (verdict == "not_applicable")
    if verdict == "fail":
        facts = found["facts"][f"hoster:{provider}"]["hosting"]
        assert "commercial" in facts["hoster.certificate_needed"]["summary"]


@pytest.mark.parametrize("code", ["GP", "GF", "MQ", "RE", "YT", "MF", "AX", "IS"])
def test_parts_of_the_union_far_away_are_inside(
    tmp_path: Path, whole: HosterList, code: str
) -> None:
    body = f"  - {{provider: Alpha, countries: [{code}], parent_company_country: {code}}}\n"
    found = hosting(tmp_path, body, whole)

    assert only(found, EEA) == "pass"
    assert only(found, LAW) == "pass"


@pytest.mark.parametrize("code", ["BL", "PM", "NC", "PF", "WF", "GL", "FO", "SJ", "CH", "GB"])
def test_what_is_a_member_states_and_not_of_the_union_is_outside(
    tmp_path: Path, whole: HosterList, code: str
) -> None:
    body = f"  - {{provider: Alpha, countries: [{code}]}}\n"

    assert only(hosting(tmp_path, body, whole), EEA) == "fail"


def test_what_is_not_declared_of_a_certificate_is_not_quoted_as_declared(
    tmp_path: Path, whole: HosterList
) -> None:
    found = hosting(tmp_path, "  - {provider: Alpha}\n", whole)
    said = found["facts"]["hoster:Alpha"]["hosting"]["hoster.certificate_denied"]
    none = hosting(tmp_path, "  - {provider: Nobody, certificate: none}\n", whole)
    denied = none["facts"]["hoster:Nobody"]["hosting"]["hoster.certificate_denied"]

    assert said["value"] is False
    assert "—" not in said["summary"]
    assert "is not declared" in said["summary"]
    assert "certificate = none" in denied["summary"]


NUMBERED = HEADER.replace("\n", ",siren\n")
ALPHA = "Alpha SAS,,FR,1,2,LNE,A,2025-01-01,2028-01-01,,2026-10-01,,424761419"


def test_a_company_of_another_number_is_told_from_the_listed_one(tmp_path: Path) -> None:
    hosters = listing(tmp_path, ALPHA, header=NUMBERED)
    body = "  - {provider: Alpha SAS, siren: 552100554}\n"
    found = hosting(tmp_path, body, hosters)

    assert only(found, "hosting-not-certified") == "fail"
    said = reasons(found, "hosting-not-certified")
    assert "listed under another SIREN" in said
    assert "424761419" in said
    assert "552100554" in said


@pytest.mark.parametrize("siren", ["424761418", "424 761 418", "000000000"])
def test_a_number_with_a_wrong_check_digit_is_refused(tmp_path: Path, siren: str) -> None:
    with pytest.raises(InputError, match=r"siren.*check digit"):
        hosting(tmp_path, f"  - {{provider: Alpha, siren: {siren}}}\n")
