"""Hosters as declared, as listed, and as the network shows them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import hds
from gdpr_audit.errors import InputError
from gdpr_audit.hds.hosters import HosterList
from tests.lab.audits import declared, judged, reasons, verdicts

HEADER = "name,aliases,country,activities,referential,certification_body,certificate_number,valid_from,valid_until,source_url,source_date,confidence\n"
LIST = HEADER + (
    "Alpha Santé,Alpha;AlphaCloud,FR,1;2;3;4,2,LNE,A-1,2025-01-01,2028-01-01,,2026-10-01,\n"
    "Beta Ops,,FR,5;6,2,LNE,B-1,2025-01-01,2028-01-01,,2026-10-01,\n"
    "Gamma,,FR,1;2;3;4;5;6,1,LNE,G-1,2023-01-01,2026-10-01,,2026-10-01,\n"
)


@pytest.fixture
def whole(tmp_path: Path) -> HosterList:
    path = tmp_path / "list.csv"
    path.write_text(LIST, "utf-8")
    return hds.load(path)


def hosting(tmp_path: Path, body: str, hosters: HosterList | None = None, **options: Any) -> Any:
    text = f"platform: x\nprocessing: {{health_data: true}}\nhosting:\n{body}"
    return judged(path=declared(tmp_path, text), only=("hosting",), hosters=hosters, **options)


@pytest.mark.parametrize(
    "name", ["Alpha Santé", "ALPHA SANTE SAS", "alpha", "Alpha Cloud", "S.A.S. Alpha"]
)
def test_a_name_is_found_by_alias_without_case_accent_or_legal_form(
    whole: HosterList, name: str
) -> None:
    entry = whole.find(name)

    assert name == "Alpha Cloud" or (entry is not None and entry.name == "Alpha Santé")


@pytest.mark.parametrize("name", ["Alphabet", "Alph", "Alpha Santé Plus", "Bet Ops"])
def test_a_near_miss_is_a_suggestion_and_no_match(whole: HosterList, name: str) -> None:
    assert whole.find(name) is None
    assert whole.near(name)


def test_a_hoster_on_the_list_passes_and_is_known_by_publication(
    tmp_path: Path, whole: HosterList
) -> None:
    body = "  - {provider: alpha sante, activities: [1, 2], countries: [FR], subcontractors: []}\n"
    found = hosting(tmp_path, body, whole)
    (finding,) = (f for f in found["findings"] if f["rule"] == "hosting-not-certified")

    assert finding["verdict"] == "pass"
    assert finding["strength"] == "declared"
    assert verdicts(found)["hosting-certificate-expired"] == {"pass"}
    assert verdicts(found)["hosting-activities-uncovered"] == {"pass"}


def test_an_unknown_hoster_fails_on_a_whole_list_and_is_unproven_on_a_partial_one(
    tmp_path: Path, whole: HosterList
) -> None:
    body = "  - {provider: Nobody, activities: [1]}\n"

    assert verdicts(hosting(tmp_path, body, whole))["hosting-not-certified"] == {"fail"}
    partial = hosting(tmp_path, body)
    assert verdicts(partial)["hosting-not-certified"] == {"unproven"}
    assert "requirement 12" in reasons(partial, "hosting-not-certified")
    denied = hosting(tmp_path, "  - {provider: Nobody, certificate: none}\n")
    assert verdicts(denied)["hosting-not-certified"] == {"fail"}


def test_two_hosters_together_cover_what_one_does_not(tmp_path: Path, whole: HosterList) -> None:
    alone = "  - {provider: Alpha, activities: [1, 2, 3, 4, 5, 6]}\n"
    both = alone + "  - {provider: Beta Ops, activities: [5, 6]}\n"

    lacking = hosting(tmp_path, alone, whole)
    assert verdicts(lacking)["hosting-activities-uncovered"] == {"fail"}
    assert "5 (administration and operation)" in reasons(lacking, "hosting-activities-uncovered")
    assert verdicts(hosting(tmp_path, both, whole))["hosting-activities-uncovered"] == {"pass"}


def test_an_expired_certificate_of_the_old_referential_fails_twice(
    tmp_path: Path, whole: HosterList
) -> None:
    body = "  - {provider: Gamma, activities: [1]}\n"
    found = hosting(tmp_path, body, whole)

    assert verdicts(found)["hosting-certificate-expired"] == {"fail"}
    assert verdicts(found)["hosting-referential-outdated"] == {"fail"}
    before = hosting(tmp_path, body, whole, day=date(2026, 9, 1))
    assert verdicts(before)["hosting-certificate-expired"] == {"pass"}


def test_who_hosts_its_own_data_needs_no_certificate(tmp_path: Path, whole: HosterList) -> None:
    found = hosting(tmp_path, "  - {provider: self}\n", whole)

    assert verdicts(found)["hosting-not-certified"] == {"not_applicable"}
    assert verdicts(found)["hosting-outside-eea"] == {"not_applicable"}


def test_a_subcontractor_is_judged_by_itself(tmp_path: Path, whole: HosterList) -> None:
    body = "  - {provider: Alpha, subcontractors: [{provider: Nobody}]}\n"
    found = hosting(tmp_path, body, whole)

    assert verdicts(found)["hosting-not-certified"] == {"pass"}
    assert verdicts(found)["hosting-subcontractor-uncertified"] == {"fail"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "names no hoster|columns are missing"),
        ("name\nx\n", "columns are missing"),
        (HEADER, "names no hoster"),
        (LIST.replace("2028-01-01", "soon"), ":2: valid_until"),
        (LIST.replace("1;2;3;4,2", "1;9,2"), ":2: activities"),
        (LIST.replace("Alpha Santé,", ",", 1), ":2: name"),
        (HEADER.replace("aliases", "alias") + "x\n", "unknown column"),
        (LIST + "short,row\n", ":5: this row"),
    ],
)
def test_a_list_that_is_wrong_is_refused_with_its_line(
    tmp_path: Path, text: str, word: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, "utf-8")

    with pytest.raises(InputError, match=word):
        hds.load(path)


def test_the_embedded_list_is_partial_and_each_entry_has_its_source() -> None:
    embedded = hds.embedded()

    assert not embedded.complete
    assert len(embedded.entries) >= 15
    assert all(entry.source_url for entry in embedded.entries)
    assert {entry.confidence for entry in embedded.entries} <= {"high", "medium"}


def test_a_loopback_address_has_no_owner_to_look_up() -> None:
    found = judged("https://127.0.0.1:1/", only=("hosting-differs-from-declared",))

    assert verdicts(found) == {"hosting-differs-from-declared": {"not_applicable"}}


def only(found: dict[str, Any], rule: str, name: str | None = None) -> str:
    """The verdict of one rule, on the subject of that name."""
    (verdict,) = {
        f["verdict"]
        for f in found["findings"]
        if f["rule"] == rule and name in (None, f["subject"]["name"])
    }
    return str(verdict)


def listing(tmp_path: Path, *rows: str, header: str = HEADER) -> HosterList:
    path = tmp_path / "rows.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), "utf-8")
    return hds.load(path)


OLD = "Delta,,FR,1;2;3;4;5;6,1,LNE,D-1,2024-01-01,2027-01-01,,2026-10-01,"


@pytest.mark.parametrize(
    ("day", "verdict"), [(date(2026, 5, 16), "pass"), (date(2026, 5, 17), "fail")]
)
def test_the_old_referential_ends_on_its_day_whatever_the_certificate_says(
    tmp_path: Path, day: date, verdict: str
) -> None:
    hosters = listing(tmp_path, OLD)
    found = hosting(tmp_path, "  - {provider: Delta, activities: [1]}\n", hosters, day=day)

    assert only(found, "hosting-referential-outdated") == verdict
    assert only(found, "hosting-activities-uncovered") == verdict
    assert only(found, "hosting-certificate-expired") == "pass"


def test_a_certificate_that_has_not_begun_is_none(tmp_path: Path) -> None:
    hosters = listing(tmp_path, "Delta,,FR,1,2,LNE,D,2027-01-01,2030-01-01,,2026-10-01,")
    found = hosting(tmp_path, "  - {provider: Delta, activities: [1]}\n", hosters)

    assert only(found, "hosting-certificate-expired") == "fail"
    later = hosting(
        tmp_path, "  - {provider: Delta, activities: [1]}\n", hosters, day=date(2027, 1, 1)
    )
    assert only(later, "hosting-certificate-expired") == "pass"


def test_of_several_certificates_the_one_in_force_counts(tmp_path: Path) -> None:
    hosters = listing(
        tmp_path, OLD, "Delta,,FR,1;2;3;4;5;6,2,LNE,D-2,2026-02-01,2029-01-31,,2026-10-01,"
    )
    found = hosting(tmp_path, "  - {provider: Delta, activities: [1, 5]}\n", hosters)

    assert only(found, "hosting-referential-outdated") == "pass"
    assert only(found, "hosting-certificate-expired") == "pass"
    assert only(found, "hosting-activities-uncovered") == "pass"


def test_cover_lasts_as_long_as_the_certificate_that_gives_it(tmp_path: Path) -> None:
    hosters = listing(
        tmp_path,
        "Iaas,,FR,1;2;3;4,2,LNE,I,2025-01-01,2028-01-01,,2026-10-01,",
        "Ops,,FR,5;6,2,LNE,O,2023-01-01,2026-10-31,,2026-10-01,",
    )
    body = (
        "  - {provider: Iaas, activities: [1, 2, 3, 4]}\n  - {provider: Ops, activities: [5, 6]}\n"
    )
    before = hosting(tmp_path, body, hosters, day=date(2026, 10, 31))
    after = hosting(tmp_path, body, hosters, day=date(2026, 11, 1))

    assert only(before, "hosting-activities-uncovered") == "pass"
    assert only(after, "hosting-activities-uncovered") == "fail"
    assert "5 (administration and operation), 6 (backup)" in reasons(
        after, "hosting-activities-uncovered"
    )
    assert only(after, "hosting-certificate-expired", "Iaas") == "pass"
    assert only(after, "hosting-certificate-expired", "Ops") == "fail"


def test_what_a_certificate_covers_can_be_declared_where_the_list_does_not_say(
    tmp_path: Path,
) -> None:
    def body(more: str) -> str:
        certificate = f"{{referential: 2, valid_until: 2028-01-01{more}}}"
        return f"  - {{provider: Nobody, activities: [1, 5], certificate: {certificate}}}\n"

    rule = "hosting-activities-uncovered"
    unsaid = hosting(tmp_path, body(""))
    assert only(unsaid, rule) == "unproven"
    assert "declare certificate.activities" in reasons(unsaid, rule)
    assert only(hosting(tmp_path, body(", activities: [1, 5]")), rule) == "pass"
    assert only(hosting(tmp_path, body(", activities: [1]")), rule) == "fail"
    whole = listing(tmp_path, OLD)
    assert only(hosting(tmp_path, body(", activities: [1, 5]"), whole), rule) == "fail"


def test_a_number_tells_two_companies_of_one_name_apart(tmp_path: Path) -> None:
    header = HEADER.replace("\n", ",siren\n")
    hosters = listing(
        tmp_path,
        "Alpha SAS,,FR,1,2,LNE,A,2025-01-01,2028-01-01,,2026-10-01,,424761419",
        "Alpha GmbH,,DE,1,2,TUV,B,2025-01-01,2027-01-01,,2026-10-01,,",
        header=header,
    )
    rule = "hosting-not-certified"
    either = hosting(tmp_path, "  - {provider: Alpha}\n", hosters)
    assert only(either, rule) == "unproven"
    assert "may be one of these companies" in reasons(either, rule)
    assert only(hosting(tmp_path, "  - {provider: Alpha SAS}\n", hosters), rule) == "pass"
    numbered = "  - {provider: Whatever, siren: 424 761 419}\n"
    assert only(hosting(tmp_path, numbered, hosters), rule) == "pass"
    other = "  - {provider: Alpha SAS, siren: 552100554}\n"
    assert only(hosting(tmp_path, other, hosters), rule) == "fail"


def test_each_clause_of_the_contract_is_named(tmp_path: Path, whole: HosterList) -> None:
    rule = "hosting-contract-incomplete"

    def body(clauses: str) -> str:
        return f"  - {{provider: Alpha, contract_clauses: {clauses}}}\n"

    assert only(hosting(tmp_path, body("true"), whole), rule) == "pass"
    every = ", ".join(map(str, range(1, 15)))
    assert only(hosting(tmp_path, body(f"[{every}]"), whole), rule) == "pass"
    lacking = hosting(tmp_path, body("[1, services, 3, 5, 6, 7, 8, 9, 10, 12, 13, 14]"), whole)
    assert only(lacking, rule) == "fail"
    said = reasons(lacking, rule)
    assert "4 (data subjects' rights" in said
    assert "11 (ban on any other use)" in said
    assert "12 (" not in said
    none = hosting(tmp_path, body("false"), whole)
    assert only(none, rule) == "fail"
    assert "14 (destruction of the copies)" in reasons(none, rule)
    assert only(hosting(tmp_path, "  - {provider: Alpha}\n", whole), rule) == "unproven"


@pytest.mark.parametrize("clauses", ["[15]", "[0]", "[nothing]", "all"])
def test_a_clause_that_does_not_exist_is_refused(tmp_path: Path, clauses: str) -> None:
    with pytest.raises(InputError, match="contract_clauses"):
        hosting(tmp_path, f"  - {{provider: Alpha, contract_clauses: {clauses}}}\n")


GHT = "convention: true, joint_controllers: true, security_measures: true"


@pytest.mark.parametrize(
    ("exemption", "verdict"),
    [
        (f"kind: ght, {GHT}", "not_applicable"),
        (
            f"kind: ght, {GHT.replace('joint_controllers: true', 'joint_controllers: false')}",
            "fail",
        ),
        ("kind: ght, convention: true, joint_controllers: true", "unproven"),
        ("kind: self-hosting, own_data: true, own_premises: true", "not_applicable"),
        ("kind: self-hosting, own_data: false, own_premises: true", "fail"),
        ("kind: self-hosting, own_data: true", "unproven"),
    ],
)
def test_an_exemption_holds_under_its_conditions(
    tmp_path: Path, whole: HosterList, exemption: str, verdict: str
) -> None:
    body = f"  - {{provider: CH de Nulle Part, exemption: {{{exemption}}}}}\n"
    found = hosting(tmp_path, body, whole)

    assert only(found, "hosting-not-certified") == verdict
    exempt = verdict == "not_applicable"
    assert (only(found, "hosting-activities-uncovered") == "not_applicable") is exempt


def test_a_chain_of_subcontractors_is_judged_link_by_link(
    tmp_path: Path, whole: HosterList
) -> None:
    inner = "{provider: Nobody, activities: [1], countries: [FR]}"
    middle = f"{{provider: Beta Ops, activities: [5], countries: [FR], subcontractors: [{inner}]}}"
    body = f"  - {{provider: Alpha, activities: [1, 2], countries: [FR], subcontractors: [{middle}]}}\n"
    found = hosting(tmp_path, body, whole)
    rule = "hosting-subcontractor-uncertified"

    assert only(found, rule, "Beta Ops") == "pass"
    assert only(found, rule, "Nobody") == "fail"
    lines = {s["name"]: s["line"] for s in found["subjects"] if s["kind"] == "subcontractor"}
    assert lines["Nobody"]


@pytest.mark.parametrize(
    ("sub", "verdict"),
    [
        ("provider: Beta Ops, activities: [5, 6]", "pass"),
        ("provider: Beta Ops, activities: [1]", "fail"),  # certified, and not for what it does
        ("provider: Beta Ops", "unproven"),  # what it does is not said
        ("provider: Gamma, activities: [1]", "fail"),  # its certificate has ended
    ],
)
def test_a_subcontractor_is_certified_for_what_it_does_or_not_at_all(
    tmp_path: Path, whole: HosterList, sub: str, verdict: str
) -> None:
    body = f"  - {{provider: Alpha, activities: [1], subcontractors: [{{{sub}}}]}}\n"

    found = hosting(tmp_path, body, whole)
    assert only(found, "hosting-subcontractor-uncertified") == verdict


def test_storage_by_a_subcontractor_outside_the_eea_is_the_hosters_fault(
    tmp_path: Path, whole: HosterList
) -> None:
    def body(countries: str) -> str:
        sub = f"{{provider: Beta Ops, activities: [5, 6]{countries}}}"
        return f"  - {{provider: Alpha, countries: [FR], subcontractors: [{sub}]}}\n"

    rule = "hosting-outside-eea"
    assert only(hosting(tmp_path, body(", countries: [FR, IS]"), whole), rule) == "pass"
    assert only(hosting(tmp_path, body(", countries: [FR, CH]"), whole), rule) == "fail"
    assert only(hosting(tmp_path, body(""), whole), rule) == "unproven"


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ("provider: Alpha, parent_company_country: FR", "pass"),
        ("provider: Alpha, parent_company_country: US", "fail"),
        ("provider: Alpha, parent_company_country: US, secnumcloud: true", "pass"),
        ("provider: Alpha, parent_company_country: US, secnumcloud: false", "fail"),
        ("provider: Alpha", "unproven"),
        # known to be otherwise than declared
        ("provider: AWS, parent_company_country: FR", "fail"),
        ("provider: Google Cloud", "fail"),
    ],
)
def test_extra_european_law_is_met_by_a_guarantee_that_is_stated(
    tmp_path: Path, record: str, verdict: str
) -> None:
    found = hosting(tmp_path, f"  - {{{record}}}\n")

    assert only(found, "hosting-extra-eu-law") == verdict


def test_who_operates_from_abroad_reaches_the_data_and_does_not_store_it(
    tmp_path: Path, whole: HosterList
) -> None:
    sub = "{provider: Beta Ops, activities: [5], countries: [MA]}"

    def found(more: str) -> Any:
        record = f"provider: Alpha, countries: [FR], parent_company_country: FR{more}"
        return hosting(tmp_path, f"  - {{{record}, subcontractors: [{sub}]}}\n", whole)

    assert only(found(""), "hosting-outside-eea") == "pass"
    assert only(found(""), "hosting-extra-eu-law") == "fail"
    assert "Beta Ops" in reasons(found(""), "hosting-extra-eu-law")
    assert only(found(", secnumcloud: true"), "hosting-extra-eu-law") == "pass"
