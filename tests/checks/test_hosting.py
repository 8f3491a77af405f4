"""Hosters as declared, as listed, and as the network shows them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import attribution, hds
from gdpr_audit.attribution import cymru
from gdpr_audit.errors import InputError
from gdpr_audit.hds.hosters import HosterList
from gdpr_audit.network import Settings
from tests.lab import servers
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


@pytest.mark.parametrize(
    ("name", "organisation"),
    [
        ("ns1.hosting.ovh.net", "OVHcloud"),
        ("app.osc-fr1.scalingo.io", "Scalingo"),
        ("d111.cloudfront.net", "Amazon CloudFront"),
        ("ns-12.awsdns-34.com", "Amazon Web Services"),
        ("notovh.net", None),
        ("example.fr", None),
    ],
)
def test_whose_a_name_is(name: str, organisation: str | None) -> None:
    operator = attribution.by_name(name)

    assert (operator.organisation if operator else None) == organisation


def test_the_most_specific_origin_counts() -> None:
    records = ["1 2 | 192.0.2.0/23 | FR | x | ", "16276 | 192.0.2.0/24 | FR | x | ", "rubbish"]

    origin = cymru.parse_origin(records)

    assert origin is not None
    assert origin.asns == (16276,)
    assert cymru.origin_query("192.0.2.7") == "7.2.0.192.origin.asn.cymru.com"
    assert cymru.origin_query("2001:db8::1").endswith("8.b.d.0.1.0.0.2.origin6.asn.cymru.com")


def _zone(name: str, rdtype: str) -> Any:
    """A public address, whose origin is OVHcloud's AS; nothing is ever connected to it."""
    rows = {
        ("rdv.example.test", "A"): [("rdv.example.test", "A", "8.8.8.8")],
        ("cdn.example.test", "A"): [
            ("cdn.example.test", "CNAME", "d1.cloudfront.net."),
            ("d1.cloudfront.net", "A", "8.8.4.4"),
        ],
        ("8.8.8.8.origin.asn.cymru.com", "TXT"): [(name, "TXT", '"16276 | 8.8.8.0/24 | FR | r |"')],
        ("4.4.8.8.origin.asn.cymru.com", "TXT"): [(name, "TXT", '"16509 | 8.8.4.0/24 | US | r |"')],
    }
    return rows.get((name, rdtype), [])


@pytest.mark.parametrize(
    ("host", "provider", "verdict"),
    [
        ("rdv", "OVH SAS", "pass"),
        ("rdv", "Scalingo", "fail"),
        ("cdn", "Scalingo", "unproven"),
        ("cdn", "Amazon Web Services", "unproven"),  # its CDN hides the origin all the same
    ],
)
def test_the_declared_hoster_is_held_against_the_address(
    tmp_path: Path, host: str, provider: str, verdict: str
) -> None:
    text = (
        f"platform: x\ntargets: [{{url: 'https://{host}.example.test/'}}]\n"
        f"hosting: [{{provider: {provider}}}]\n"
    )
    with servers.dns_server(_zone) as server:
        settings = Settings(resolver=("127.0.0.1", server.port))
        found = judged(
            path=declared(tmp_path, text),
            only=("hosting-differs-from-declared",),
            settings=settings,
        )

    assert verdicts(found) == {"hosting-differs-from-declared": {verdict}}


def test_a_loopback_address_has_no_owner_to_look_up() -> None:
    found = judged("https://127.0.0.1:1/", only=("hosting-differs-from-declared",))

    assert verdicts(found) == {"hosting-differs-from-declared": {"not_applicable"}}
