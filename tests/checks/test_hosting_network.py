"""Whose machines answer, on a network where every name has a public address and stays here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import hds
from gdpr_audit.attribution import Atlas, atlas
from gdpr_audit.hds import HosterList
from tests.attribution.test_files import AWS
from tests.attribution.test_tables import block, card
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.internet import (
    AMAZON,
    CLOUDFLARE,
    FREE,
    HETZNER,
    HOST,
    LIST,
    ORIGINS,
    OUTSCALE,
    OVH,
    UNKNOWN,
    VIRGINIA,
    Net,
    hosts,
    running,
)  # fmt: skip
from tests.lab.servers import Answer


@pytest.fixture
def whole(tmp_path: Path) -> HosterList:
    path = tmp_path / "list.csv"
    path.write_text(LIST, "utf-8")
    return hds.load(path)


def audit(
    net: Net,
    folder: Path,
    hosting: str,
    hosters: HosterList | None = None,
    *,
    only: tuple[str, ...] = ("hosting",),
    known: Atlas | None = None,
    more: str = "",
) -> dict[str, Any]:
    text = (
        f"platform: x\nprocessing: {{health_data: true}}\n{more}"
        f"targets: [{{url: 'https://{HOST}/'}}]\n{hosting}"
    )
    with running(net, folder) as settings:
        return judged(
            path=declared(folder, text),
            only=only,
            settings=settings,
            hosters=hosters,
            atlas=known or Atlas(),
        )


def says(provider: str, more: str = "") -> str:
    return f"hosting: [{{provider: {provider}, countries: [FR], subcontractors: []{more}}}]\n"


DIFFERS = "hosting-differs-from-declared"


@pytest.mark.parametrize(
    ("names", "provider", "verdict", "word"),
    [
        ({HOST: OVH}, "OVH SAS", "pass", "AS16276"),
        ({HOST: OVH}, "ovhcloud", "pass", "OVHcloud"),
        ({HOST: OVH}, "Scalingo", "fail", "seen: OVHcloud; declared: Scalingo"),
        # a name that looks right over an address that is another's
        ({HOST: "ns1.hosting.ovh.net", "ns1.hosting.ovh.net": HETZNER}, "OVH", "fail", "Hetzner"),
        # the product that a CNAME names counts as much as the network below it
        ({HOST: "x.herokuapp.com", "x.herokuapp.com": AMAZON}, "AWS", "fail", "Heroku"),
        # a product that is documented to run on the network seen
        ({HOST: "x.scalingo.io", "x.scalingo.io": OUTSCALE}, "Scalingo", "pass", "3DS OUTSCALE"),
        ({HOST: "x.scalingo.io", "x.scalingo.io": HETZNER}, "Scalingo", "fail", "Hetzner"),
        # each address counts
        ({HOST: f"{OVH} {HETZNER}"}, "OVH", "fail", "Hetzner"),
        # in front of the origin
        ({HOST: CLOUDFLARE}, "OVH", "unproven", "hides the origin's hoster: ask"),
        ({HOST: "d1.cloudfront.net", "d1.cloudfront.net": AMAZON}, "OVH", "unproven", "hides"),
        ({HOST: "d1.cloudfront.net", "d1.cloudfront.net": AMAZON}, "AWS", "unproven", "hides"),
        # at home, or not
        ({HOST: FREE}, "self", "pass", "Free"),
        ({HOST: HETZNER}, "self", "fail", "Hetzner"),
        ({HOST: UNKNOWN}, "self", "unproven", "access provider"),
        ({HOST: UNKNOWN}, "OVH", "fail", "EXEMPLE-NET"),
        ({HOST: UNKNOWN}, "Exemple Hébergement", "unproven", "resembles Exemple Hébergement"),
        ({HOST: "198.51.100.1"}, "OVH", "not_applicable", "private"),
        ({HOST: "1.1.1.1"}, "OVH", "unproven", "announced by no network"),
    ],
)
def test_what_is_declared_is_held_against_what_is_seen(
    tmp_path: Path, names: dict[str, str], provider: str, verdict: str, word: str
) -> None:
    net = Net(names, holders={"AS64500": "EXEMPLE-NET, FR"})
    found = audit(net, tmp_path, says(provider), only=(DIFFERS,))

    assert verdicts(found) == {DIFFERS: {verdict}}
    said = reasons(found, DIFFERS) + json.dumps(found["facts"])
    assert word in said


def test_a_reverse_name_weighs_nothing(tmp_path: Path) -> None:
    net = Net({HOST: HETZNER}, pointers={HETZNER: "ns1.hosting.ovh.net"})
    found = audit(net, tmp_path, says("OVH"), only=(DIFFERS,))

    assert verdicts(found) == {DIFFERS: {"fail"}}
    assert "PTR 88.198.0.7 = ns1.hosting.ovh.net" in reasons(found, DIFFERS)


def test_the_registry_names_a_small_hoster_inside_anothers_network(tmp_path: Path) -> None:
    net = Net({HOST: UNKNOWN}, registered=block(card("registrant", "Exemple Hébergement SAS")))
    found = audit(net, tmp_path, says("Exemple Hébergement"), only=(DIFFERS,))

    assert verdicts(found) == {DIFFERS: {"pass"}}
    assert "RDAP" in reasons(found, DIFFERS)
    told = found["facts"][f"https://{HOST}/"]["network"]["network.told_outside"]["value"]
    assert told == [
        f"Team Cymru (origin.asn.cymru.com): {UNKNOWN}", f"RDAP (ripencc): {UNKNOWN}",
    ]  # fmt: skip


def test_a_registry_that_is_not_who_it_says_is_not_believed(tmp_path: Path) -> None:
    net = Net(
        {HOST: UNKNOWN},
        holders={"AS64500": "OTHER, FR"},
        registered=block(card("registrant", "Exemple Hébergement")),
        certified=(HOST,),
    )
    found = audit(net, tmp_path, says("Exemple Hébergement"), only=(DIFFERS,))

    assert verdicts(found) == {DIFFERS: {"fail"}}
    assert hosts(net) == {HOST}


def test_offline_nobody_outside_is_told(tmp_path: Path) -> None:
    net = Net({HOST: UNKNOWN}, registered=block(card("registrant", "OVH")))
    found = audit(net, tmp_path, says("OVH"), only=(DIFFERS,), known=Atlas(offline=True))

    assert verdicts(found) == {DIFFERS: {"unproven"}}
    assert "--offline" in reasons(found, DIFFERS)
    assert not [name for name, _ in net.asked if "cymru" in name or "rdap" in name]
    told = found["facts"][f"https://{HOST}/"]["network"]["network.told_outside"]["value"]
    assert told == []


def test_files_name_the_network_in_place_of_anyone_outside(tmp_path: Path) -> None:
    table = tmp_path / "ip2asn.tsv"
    table.write_text("51.68.0.0\t51.68.255.255\t16276\tFR\tOVH\n")
    net = Net({HOST: OVH})
    known = atlas.load((), table, offline=True)
    found = audit(net, tmp_path, says("OVH"), only=(DIFFERS,), known=known)

    assert verdicts(found) == {DIFFERS: {"pass"}}
    assert "AS16276 (ip2asn.tsv)" in reasons(found, DIFFERS)
    assert not [name for name, _ in net.asked if "cymru" in name]


@pytest.fixture
def clouds(tmp_path: Path) -> Atlas:
    path = tmp_path / "aws.json"
    path.write_text(json.dumps(AWS))
    return atlas.load([path], None, offline=False)


def test_a_published_region_in_another_country_is_a_difference(
    tmp_path: Path, clouds: Atlas
) -> None:
    here = audit(Net({HOST: AMAZON}), tmp_path, says("AWS"), only=(DIFFERS,), known=clouds)
    away = audit(Net({HOST: VIRGINIA}), tmp_path, says("AWS"), only=(DIFFERS,), known=clouds)

    assert verdicts(here) == {DIFFERS: {"pass"}}
    assert verdicts(away) == {DIFFERS: {"fail"}}
    assert "us-east-1" in reasons(away, DIFFERS)


def test_a_region_outside_the_eea_outweighs_what_is_declared(tmp_path: Path, clouds: Atlas) -> None:
    outside = "hosting-outside-eea"
    here = audit(Net({HOST: AMAZON}), tmp_path, says("AWS"), only=(outside,), known=clouds)
    away = audit(Net({HOST: VIRGINIA}), tmp_path, says("AWS"), only=(outside,), known=clouds)

    assert verdicts(here) == {outside: {"pass"}}
    assert verdicts(away) == {outside: {"fail"}}
    (finding,) = away["findings"]
    assert finding["reasons"][0]["evidence"]["origin"] == "published"
    assert "us-east-1" in finding["reasons"][0]["evidence"]["summary"]


def test_a_hoster_that_only_the_network_shows_is_judged(tmp_path: Path, whole: HosterList) -> None:
    found = audit(Net({HOST: HETZNER}), tmp_path, says("OVH"), whole)
    by_name = {
        (f["rule"], f["subject"]["name"]): f["verdict"]
        for f in found["findings"]
        if f["subject"]["kind"] == "hoster"
    }

    assert by_name["hosting-not-certified", "OVH"] == "pass"
    assert by_name["hosting-not-certified", "Hetzner"] == "fail"
    assert by_name["hosting-contract-incomplete", "Hetzner"] == "not_applicable"
    assert by_name["hosting-certificate-expired", "Hetzner"] == "unproven"
    assert "88.198.0.7" in json.dumps(found["facts"]["hoster:Hetzner"])
    silent = [
        f for f in found["findings"]
        if f["rule"] == "hosting-subcontractor-uncertified" and f["subject"]["name"] == "Hetzner"
    ]  # fmt: skip
    assert [f["verdict"] for f in silent] == ["unproven"]


def test_on_a_partial_list_a_hoster_that_was_seen_is_unproven(tmp_path: Path) -> None:
    found = audit(Net({HOST: HETZNER}), tmp_path, says("OVH"), only=("hosting-not-certified",))
    seen = [f["verdict"] for f in found["findings"] if f["subject"]["name"] == "Hetzner"]

    assert seen == ["unproven"]


def test_without_a_word_on_hosting_the_network_still_shows_who_hosts(
    tmp_path: Path, whole: HosterList
) -> None:
    found = audit(Net({HOST: HETZNER}), tmp_path, "", whole, only=("hosting-not-certified",))
    by_subject = {f["subject"]["name"]: f["verdict"] for f in found["findings"]}

    assert by_subject == {"Hetzner": "fail", "x": "unproven"}


def test_a_network_that_may_only_carry_is_not_called_a_hoster(
    tmp_path: Path, whole: HosterList
) -> None:
    net = Net({HOST: UNKNOWN}, holders={"AS64500": "SOME-TELCO, FR"})
    found = audit(net, tmp_path, says("OVH"), whole, only=("hosting-not-certified",))
    seen = {f["subject"]["name"]: f["verdict"] for f in found["findings"]}

    assert seen == {"OVH": "pass", "SOME-TELCO": "unproven"}
    assert "only carries its traffic" in reasons(found, "hosting-not-certified")


@pytest.mark.parametrize(
    ("names", "headers", "verdict"),
    [
        ({HOST: OVH}, (), "not_applicable"),
        ({HOST: OVH}, (("cf-ray", "8f-CDG"),), "fail"),
        ({HOST: OVH}, (("x-served-by", "cache-cdg20732-CDG"),), "fail"),
        ({HOST: OVH}, (("x-served-by", "web01"),), "not_applicable"),
        ({HOST: CLOUDFLARE}, (), "fail"),
        ({HOST: "d1.cloudfront.net", "d1.cloudfront.net": AMAZON}, (), "fail"),
    ],
)
def test_a_cdn_is_recognised_by_name_address_or_answer(
    tmp_path: Path,
    whole: HosterList,
    names: dict[str, str],
    headers: tuple[tuple[str, str], ...],
    verdict: str,
) -> None:
    found = audit(
        Net(names, headers=headers), tmp_path, says("OVH"), whole, only=("hosting-cdn-uncertified",)
    )

    assert verdicts(found) == {"hosting-cdn-uncertified": {verdict}}


def test_a_cdn_is_recognised_by_the_names_of_its_certificate(
    tmp_path: Path, whole: HosterList
) -> None:
    net = Net({HOST: OVH}, certified=(HOST, "*.map.fastly.net"))
    found = audit(net, tmp_path, says("OVH"), whole, only=("hosting-cdn-uncertified", DIFFERS))

    assert verdicts(found) == {"hosting-cdn-uncertified": {"fail"}, DIFFERS: {"unproven"}}
    assert "certificate *.map.fastly.net" in reasons(found, "hosting-cdn-uncertified")


@pytest.mark.parametrize(("zone", "verdict"), [("parhds", "pass"), ("par", "fail")])
def test_a_zone_that_is_not_for_health_data_is_a_fault(
    tmp_path: Path, zone: str, verdict: str
) -> None:
    name = f"domain.{zone}.clever-cloud.com"
    rule = "hosting-zone-not-hds"
    found = audit(
        Net({HOST: name, name: OVH}), tmp_path, says("Clever Cloud"), only=(rule, DIFFERS)
    )

    assert verdicts(found) == {rule: {verdict}, DIFFERS: {"pass"}}


SENTENCE = (
    "<p>La pr&eacute;sente offre ne comporte <b>aucun transfert</b> de donn&eacute;es de "
    "sant&eacute; &agrave; caract&egrave;re personnel vers un pays tiers &agrave; "
    "l&rsquo;Espace &eacute;conomique europ&eacute;en.</p>"
)
QUALIFIED = (
    "<p>Aucun risque d'accès imposé par la législation d'un pays tiers en violation du droit de "
    "l'Union</p>"
)
TABLE = """<table><tr><td colspan=7>Transferts</td></tr>
<tr><th>Raison sociale de l'acteur</th><th>Rôle</th><th>Certfié HDS</th>
<th>Qualifié SecNumCloud 3.2</th><th>Activités</th><th>Exigence n°29</th><th>Exigence n°30</th></tr>
<tr><td>Aiven OY</td><td>support</td><td>exempté</td><td>non</td><td>4</td><td>Canada</td><td>non</td></tr>
</table>"""
PROSE = "<p>" + "Nous protégeons vos données. " * 10 + "</p>"
ENGLISH = """<table><thead><tr><th>Company name</th><th>Role</th><th>HDS certified</th>
<th>SecNumCloud</th><th>Hosting activities</th><th>Requirement 29</th><th>Requirement 30</th></tr>
</thead><tr><td>A</td><td>b</td><td>yes</td><td>no</td><td>1</td><td>-</td><td>-</td></tr></table>"""


@pytest.mark.parametrize(
    ("body", "status", "verdict", "word"),
    [
        (SENTENCE, 200, "pass", "no transfer outside the EEA"),
        (QUALIFIED, 200, "pass", "no risk of access"),
        (TABLE, 200, "pass", "the table of accesses"),
        (ENGLISH, 200, "pass", "the table of accesses"),
        (PROSE, 200, "fail", "neither of the two"),
        # the words inside a script are not on the page
        (f"{PROSE}<script>var x = `{QUALIFIED}`</script>", 200, "fail", "neither of the two"),
        (PROSE + TABLE.replace("<th>Exigence n°30</th>", ""), 200, "fail", "neither"),
        ("<p>not here</p>", 404, "unproven", "answers 404"),
    ],
)
def test_a_guarantee_is_read_on_the_hosters_public_page(
    tmp_path: Path, body: str, status: int, verdict: str, word: str
) -> None:
    rule = "hosting-extra-eu-law"
    page = Answer(status, [("content-type", "text/html; charset=utf-8")], body.encode())
    net = Net({HOST: AMAZON}, pages={"hoster.example.test/hds": page})
    hosting = says("AWS", ", transfers_page: 'https://hoster.example.test/hds'")
    found = audit(net, tmp_path, hosting, only=(rule,))

    assert verdicts(found) == {rule: {verdict}}
    assert word in reasons(found, rule)


def test_offline_a_hosters_page_is_not_read(tmp_path: Path) -> None:
    rule = "hosting-extra-eu-law"
    net = Net({HOST: AMAZON})
    hosting = says("AWS", ", transfers_page: 'https://hoster.example.test/hds'")
    found = audit(net, tmp_path, hosting, only=(rule,), known=Atlas(offline=True))

    assert verdicts(found) == {rule: {"unproven"}}
    assert hosts(net) == {HOST}


def test_an_address_of_the_sixth_version_has_an_owner_too(tmp_path: Path) -> None:
    found = audit(Net({HOST: "2001:41d0:1::7"}), tmp_path, says("OVH"), only=(DIFFERS,))

    assert verdicts(found) == {DIFFERS: {"pass"}}
    assert "2001:41d0::/32, AS16276" in reasons(found, DIFFERS)


@pytest.mark.parametrize(("last", "verdict"), [(OVH, "unproven"), (HETZNER, "fail")])
def test_of_very_many_addresses_the_rest_stays_open(
    tmp_path: Path, last: str, verdict: str
) -> None:
    many = [f"51.68.0.{n}" for n in range(20, 40)]
    for address in many:
        ORIGINS[address] = ORIGINS[OVH]
    found = audit(Net({HOST: " ".join([last, *many])}), tmp_path, says("OVH"), only=(DIFFERS,))

    assert verdicts(found) == {DIFFERS: {verdict}}


def test_aliases_that_go_in_circles_settle_nothing(tmp_path: Path) -> None:
    class Loop(Net):
        def zone(self, name: str, rdtype: str) -> Any:
            if name == HOST and rdtype == "A":
                return [(HOST, "CNAME", "b.example.test."), ("b.example.test", "CNAME", f"{HOST}.")]
            return super().zone(name, rdtype)

    found = audit(Loop({}), tmp_path, says("OVH"), only=(DIFFERS,))

    assert verdicts(found) == {DIFFERS: {"unproven"}}
