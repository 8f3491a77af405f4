"""What the network shows of each layer counts for the hoster whose layer it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import hds
from gdpr_audit.attribution import Atlas, atlas, cymru
from gdpr_audit.hds import HosterList
from tests.attribution.test_files import AWS
from tests.attribution.test_tables import block, card
from tests.checks.test_hosting import only as verdict_of
from tests.checks.test_hosting_network import DIFFERS, audit, says
from tests.lab.audits import reasons, verdicts
from tests.lab.internet import (
    AMAZON,
    CLOUDFLARE,
    FREE,
    HEADER,
    HOST,
    LIST,
    OUTSCALE,
    OVH,
    UNKNOWN,
    VIRGINIA,
    Net,
)  # fmt: skip

EEA, CDN, ZONE = "hosting-outside-eea", "hosting-cdn-uncertified", "hosting-zone-not-hds"


def listed(tmp_path: Path, *rows: str, header: str = HEADER) -> HosterList:
    path = tmp_path / "list.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), "utf-8")
    return hds.load(path)


@pytest.fixture
def clouds(tmp_path: Path) -> Atlas:
    path = tmp_path / "aws.json"
    path.write_text(json.dumps(AWS))
    return atlas.load([path], None, offline=False)


def regions(operator: str, tmp_path: Path) -> Atlas:
    """A geofeed that places the network of a hoster in Canada."""
    path = tmp_path / "feed.csv"
    path.write_text("51.68.0.0/16,CA,CA-QC,Beauharnois,\n109.232.232.0/22,CA,CA-QC,Montreal,\n")
    return atlas.load([f"{operator}={path}"], None, offline=False)


@pytest.mark.parametrize(("address", "verdict"), [(AMAZON, "pass"), (VIRGINIA, "fail")])
def test_a_region_of_a_subcontractor_is_the_hosters(
    tmp_path: Path, clouds: Atlas, address: str, verdict: str
) -> None:
    sub = "{provider: AWS, activities: [1, 2, 3], countries: [FR]}"
    body = f"hosting: [{{provider: Alpha, countries: [FR], subcontractors: [{sub}]}}]\n"
    found = audit(Net({HOST: address}), tmp_path, body, known=clouds)

    assert verdict_of(found, EEA, "Alpha") == verdict
    own = found["facts"]["subcontractor:AWS"]["subcontractor"]
    assert own["subcontractor.in_eea"]["value"] is (verdict == "pass")


def test_a_region_below_a_product_is_the_products(tmp_path: Path) -> None:
    net = Net({HOST: "x.scalingo.io", "x.scalingo.io": OUTSCALE})
    found = audit(
        net, tmp_path, says("Scalingo"), only=(EEA,), known=regions("3DS OUTSCALE", tmp_path)
    )

    assert {f["subject"]["name"]: f["verdict"] for f in found["findings"]} == {"Scalingo": "fail"}


def test_whose_machines_a_product_runs_on_answers_for_itself_where_it_is_declared(
    tmp_path: Path,
) -> None:
    net = Net({HOST: "x.scalingo.io", "x.scalingo.io": OUTSCALE})
    body = (
        "hosting: [{provider: Scalingo, countries: [FR]}, "
        "{provider: 3DS OUTSCALE, countries: [FR]}]\n"
    )
    found = audit(net, tmp_path, body, only=(EEA,), known=regions("3DS OUTSCALE", tmp_path))

    assert verdict_of(found, EEA, "Scalingo") == "pass"
    assert verdict_of(found, EEA, "3DS OUTSCALE") == "fail"


END = "2025-01-01,2028-01-01,,2026-10-01,"


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([f"Cloudflare,,US,1,2,LNE,C,{END}"], "pass"),
        (["Cloudflare,,US,1,2,LNE,C,2022-01-01,2025-01-01,,2026-10-01,"], "fail"),
        (["Cloudflare,,US,1,1,LNE,C,2025-01-01,2028-01-01,,2026-10-01,"], "fail"),
        (["Cloudflare,,US,1,2,LNE,C,2027-01-01,2030-01-01,,2026-10-01,"], "fail"),
        (["Cloudflare,,US,1,2,LNE,C,,,,2026-10-01,"], "unproven"),
        (
            [
                "Cloudflare,,US,1,2,LNE,C,2022-01-01,2025-01-01,,2026-10-01,",
                f"Cloudflare,,US,1,2,LNE,D,{END}",
            ],
            "pass",
        ),
        # which of two companies it is cannot be told
        (
            [f"Cloudflare SAS,,FR,1,2,LNE,C,{END}", f"Cloudflare GmbH,,DE,1,2,TUV,D,{END}"],
            "unproven",
        ),
        ([f"Other,,FR,1,2,LNE,C,{END}"], "fail"),
    ],
)
def test_a_cdn_counts_as_certified_while_a_certificate_counts(
    tmp_path: Path, rows: list[str], verdict: str
) -> None:
    hosters = listed(tmp_path, *rows)
    found = audit(Net({HOST: CLOUDFLARE}), tmp_path, says("OVH"), hosters, only=(CDN,))

    assert verdicts(found) == {CDN: {verdict}}


def test_of_two_cdns_the_one_that_is_on_no_list_is_the_fault(tmp_path: Path) -> None:
    hosters = listed(tmp_path, "Cloudflare,,US,1,2,LNE,C,,,,2026-10-01,")
    net = Net({HOST: CLOUDFLARE}, headers=(("x-served-by", "cache-cdg20732-CDG"),))
    found = audit(net, tmp_path, says("OVH"), hosters, only=(CDN,))

    assert verdicts(found) == {CDN: {"fail"}}
    assert "Fastly" in reasons(found, CDN)


PAR, PARHDS = "domain.par.clever-cloud.com", "domain.parhds.clever-cloud.com"


@pytest.mark.parametrize(
    ("names", "provider", "verdict", "word"),
    [
        # nothing to read a zone from, where the operator has some that are not for health data
        ({HOST: OVH}, "Clever Cloud", "unproven", "Clever Cloud"),
        ({HOST: "x.scalingo.io", "x.scalingo.io": OUTSCALE}, "Scalingo", "unproven", "Scalingo"),
        ({HOST: "x.scalingo.io", "x.scalingo.io": OUTSCALE}, "OVH", "unproven", "Scalingo"),
        ({HOST: PARHDS, PARHDS: OVH}, "Clever Cloud", "pass", ""),
        ({HOST: PAR, PAR: OVH}, "Clever Cloud", "fail", "par.clever-cloud.com"),
        ({HOST: OVH}, "OVH", "pass", ""),
        # another's product, and so none of its zones
        ({HOST: "x.herokuapp.com", "x.herokuapp.com": AMAZON}, "Clever Cloud", "pass", ""),
        # what lies behind a CDN may lie in any zone
        ({HOST: CLOUDFLARE}, "OVH", "unproven", "hides the origin"),
        ({HOST: "x.cloudfront.net", "x.cloudfront.net": AMAZON}, "OVH", "unproven", "hides"),
        ({HOST: PAR, PAR: CLOUDFLARE}, "Clever Cloud", "fail", "par.clever-cloud.com"),
    ],
)
def test_a_zone_that_could_not_be_read_is_not_one_for_health_data(
    tmp_path: Path, names: dict[str, str], provider: str, verdict: str, word: str
) -> None:
    found = audit(Net(names), tmp_path, says(provider), only=(ZONE,))

    assert verdicts(found) == {ZONE: {verdict}}
    assert word in reasons(found, ZONE)


class Many(Net):
    """An address that several networks announce."""

    origins: tuple[str, ...] = ()

    def _registry(self, name: str) -> Any:
        if name.endswith(".origin.asn.cymru.com"):
            return [(name, "TXT", f'"{origin}"') for origin in self.origins]
        return super()._registry(name)


BOTH = "16276 24940 | 51.68.0.0/16 | FR | ripencc |"
TWICE = ("16276 | 51.68.0.0/16 | FR | ripencc |", "24940 | 51.68.0.0/16 | DE | ripencc |")


@pytest.mark.parametrize(
    ("origins", "verdict"),
    [
        ((BOTH,), "unproven"),
        (TWICE, "unproven"),
        (TWICE[::-1], "unproven"),
        (("16276 35540 | 51.68.0.0/16 | FR | ripencc |",), "pass"),  # one operator's both
        (("16276 64500 | 51.68.0.0/16 | FR | ripencc |",), "unproven"),
        (("64500 64501 | 51.68.0.0/16 | FR | ripencc |",), "unproven"),  # two, and none known
        # the more specific of two answers counts alone
        ((TWICE[0], "24940 | 51.64.0.0/12 | DE | ripencc |"), "pass"),
    ],
)
@pytest.mark.parametrize("provider", ["OVH", "Hetzner"])
def test_an_address_that_several_networks_announce_is_nobodys(
    tmp_path: Path, origins: tuple[str, ...], verdict: str, provider: str
) -> None:
    net = Many({HOST: OVH}, holders={"AS64500": "EXEMPLE, FR"})
    net.origins = origins
    found = audit(net, tmp_path, says(provider), only=(DIFFERS,))
    wanted = verdict if verdict == "unproven" or provider == "OVH" else "fail"

    assert verdicts(found) == {DIFFERS: {wanted}}
    if verdict == "unproven":
        assert "AS24940" in reasons(found, DIFFERS) or "AS64500" in reasons(found, DIFFERS)


def test_the_answers_of_one_prefix_are_one_answer() -> None:
    origin = cymru.parse_origin(TWICE)

    assert origin is not None
    assert origin.asns == (16276, 24940)


@pytest.mark.parametrize(
    ("registrant", "provider", "verdict"),
    [
        ("Exemple GmbH", "Exemple SAS", "unproven"),
        ("Exemple GmbH", "Exemple", "pass"),
        ("Exemple SASU", "Exemple SAS", "pass"),
        ("Autre GmbH", "Exemple SAS", "fail"),
    ],
)
def test_another_legal_form_is_neither_a_match_nor_a_difference(
    tmp_path: Path, registrant: str, provider: str, verdict: str
) -> None:
    net = Net({HOST: UNKNOWN}, registered=block(card("registrant", registrant)))
    hosters = listed(tmp_path, f"Exemple SAS,,FR,1,2,LNE,C,{END}")
    found = audit(net, tmp_path, says(provider), hosters, only=(DIFFERS, "hosting-not-certified"))

    by_rule = verdicts(found)
    assert by_rule[DIFFERS] == {verdict}
    seen = {f["subject"]["name"] for f in found["findings"] if f["subject"]["kind"] == "hoster"}
    assert (registrant in seen) is (verdict == "fail")
    if verdict == "unproven":
        assert "another legal form" in reasons(found, DIFFERS)


NUMBERED = HEADER.replace("\n", ",siren\n")


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ("provider: Whoever, siren: 424 761 419", "pass"),  # by the number alone
        ("provider: OVHcloud, siren: 424 761 419", "pass"),
        ("provider: OVHcloud, siren: 552100554", "unproven"),
        ("provider: Whoever, siren: 552100554", "fail"),
    ],
)
def test_a_declared_number_tells_whose_machines_are_whose(
    tmp_path: Path, record: str, verdict: str
) -> None:
    hosters = listed(tmp_path, f"OVHcloud,OVH,FR,1,2,LNE,1,{END},424761419", header=NUMBERED)
    body = f"hosting: [{{{record}, countries: [FR], subcontractors: []}}]\n"
    found = audit(Net({HOST: OVH}), tmp_path, body, hosters, only=(DIFFERS,))

    assert verdicts(found) == {DIFFERS: {verdict}}


def test_a_product_that_may_be_a_declared_hosters_is_no_other_hoster(tmp_path: Path) -> None:
    hosters = listed(tmp_path, f"OVHcloud,OVH,FR,1,2,LNE,1,{END},424761419", header=NUMBERED)
    name = "x.hosting.ovh.net"
    body = "hosting: [{provider: OVH, siren: 552100554, countries: [FR]}]\n"
    found = audit(Net({HOST: name, name: OVH}), tmp_path, body, hosters)
    seen = {f["subject"]["name"] for f in found["findings"] if f["subject"]["kind"] == "hoster"}

    assert seen == {"OVH"}
    assert verdict_of(found, DIFFERS) == "unproven"


@pytest.mark.parametrize(
    ("hosting", "verdict", "word"),
    [
        ("hosting: [{provider: AWS}]\n", "unproven", "countries"),
        ("hosting: [{provider: AWS, countries: []}]\n", "unproven", "countries"),
        ("hosting: [{provider: AWS, countries: [FR]}]\n", "pass", ""),
        ("hosting: [{provider: AWS, countries: [DE]}]\n", "fail", "eu-west-3"),
        (
            "hosting: [{provider: Alpha, countries: [DE], subcontractors: [{provider: AWS, "
            "countries: [FR]}]}]\n",
            "pass",
            "",
        ),
    ],
)
def test_a_published_region_is_held_against_all_countries_declared(
    tmp_path: Path, clouds: Atlas, hosting: str, verdict: str, word: str
) -> None:
    found = audit(Net({HOST: AMAZON}), tmp_path, hosting, only=(DIFFERS,), known=clouds)

    assert verdicts(found) == {DIFFERS: {verdict}}
    assert word in reasons(found, DIFFERS)


def test_who_sells_access_is_not_called_a_hoster(tmp_path: Path) -> None:
    hosters = listed(tmp_path, *LIST.splitlines()[1:])
    rule = "hosting-not-certified"
    found = audit(Net({HOST: FREE}), tmp_path, says("OVH"), hosters, only=(rule,))

    assert verdict_of(found, rule, "Free") == "unproven"
    assert "only carries its traffic" in reasons(found, rule)


@pytest.mark.parametrize(("page", "verdict"), [("https://h.example/hds", "unproven"), ("", "fail")])
def test_the_page_of_a_hoster_that_nobody_declared_was_not_read(
    tmp_path: Path, page: str, verdict: str
) -> None:
    header = HEADER.replace("\n", ",transfers_url\n")
    row = f"Amazon Web Services,AWS,US,1,2,LNE,1,{END},{page}"
    hosters = listed(tmp_path, row, header=header)
    rule = "hosting-extra-eu-law"
    found = audit(Net({HOST: AMAZON}), tmp_path, says("OVH"), hosters, only=(rule,))

    assert verdict_of(found, rule, "Amazon Web Services") == verdict
    assert page in reasons(found, rule)
