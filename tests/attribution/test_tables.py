"""The tables that come with the tool: whose a name or a network is."""

from __future__ import annotations

from collections import Counter

import pytest

from gdpr_audit import attribution
from gdpr_audit.attribution import cymru, rdap
from gdpr_audit.attribution.operators import operators


@pytest.mark.parametrize(
    ("name", "organisation"),
    [
        ("ns1.hosting.ovh.net", "OVHcloud"),
        ("NS1.HOSTING.OVH.NET.", "OVHcloud"),
        ("ovh.net", "OVHcloud"),
        ("app.osc-fr1.scalingo.io", "Scalingo"),
        ("d111.cloudfront.net", "Amazon CloudFront"),
        ("ns-12.awsdns-34.com", "Amazon Web Services"),
        ("ns-12.awsdns-xx.com", None),
        ("notovh.net", None),
        ("ovh.net.example.fr", None),
        ("example.fr", None),
        ("", None),
        (".", None),
    ],
)
def test_whose_a_name_is(name: str, organisation: str | None) -> None:
    operator = attribution.by_name(name)

    assert (operator.organisation if operator else None) == organisation


def test_a_network_has_one_owner_in_the_table() -> None:
    counted = Counter(asn for operator in operators() for asn in operator.asns)

    assert [asn for asn, times in counted.items() if times > 1] == []
    owner = attribution.by_asn([16509])
    assert owner is not None
    assert owner.organisation == "Amazon Web Services"


def test_what_an_operator_runs_on_is_in_the_table_itself() -> None:
    bases = {base for operator in operators() for base in operator.runs_on}

    assert bases
    assert all(attribution.named(base) for base in bases)


@pytest.mark.parametrize(
    ("name", "hds"),
    [
        ("domain.parhds.clever-cloud.com", True),
        ("domain.par.clever-cloud.com", False),
        ("app.osc-secnum-fr1.scalingo.io", True),
        ("app.osc-fr1.scalingo.io", None),
        ("par.clever-cloud.com.example.fr", None),
    ],
)
def test_which_zone_a_name_lies_in(name: str, hds: bool | None) -> None:
    zone = attribution.zone_of(name)

    assert (zone.hds if zone else None) is hds


def test_the_most_specific_origin_counts() -> None:
    records = [
        "1 2 | 192.0.2.0/23 | FR | x | ", "16276 | 192.0.2.0/24 | FR | RIPEncc | ", "rubbish",
        "| |", "99999999999999 | 192.0.2.0/30 | FR", "5 | nonsense | FR | x |",
    ]  # fmt: skip

    origin = cymru.parse_origin(records)

    assert origin is not None
    assert (origin.asns, origin.registry) == ((16276,), "ripencc")
    assert cymru.origin_query("192.0.2.7") == "7.2.0.192.origin.asn.cymru.com"
    assert cymru.origin_query("2001:db8::1").endswith("8.b.d.0.1.0.0.2.origin6.asn.cymru.com")
    assert cymru.parse_name(["16276 | FR | ripencc | 2001 | OVH, FR"]) == "OVH, FR"
    assert cymru.parse_name(["16276 | FR"]) is None


def card(role: str, words: str, *, handle: str = "X-1", kind: str = "org") -> dict[str, object]:
    rows = [["version", {}, "text", "4.0"], ["fn", {}, "text", words], ["kind", {}, "text", kind]]
    return {
        "objectClassName": "entity",
        "handle": handle,
        "roles": [role],
        "vcardArray": ["vcard", rows],
    }


def block(*entities: object, **more: object) -> bytes:
    import json

    found = {"objectClassName": "ip network", "name": "FR-X", "handle": "192.0.2.0 - 192.0.2.255"}
    return json.dumps({**found, "entities": list(entities), **more}).encode()


@pytest.mark.parametrize(
    ("body", "organisation"),
    [
        (block(card("registrant", "Exemple Hébergement SAS")), "Exemple Hébergement SAS"),
        (block(card("abuse", "B"), card("registrant", "A")), "A"),
        (block(card("registrant", "OVH SAS", handle="ORG-OS3-RIPE", kind="individual")), "OVH SAS"),
        # a person is nobody's business
        (block(card("registrant", "Jean Dupont", kind="individual")), None),
        (
            block({"roles": ["registrant"], "vcardArray": ["vcard", "x"]}, "junk", {"roles": 3}),
            None,
        ),
        (block({"entities": [card("registrant", "Inside")]}), "Inside"),
    ],
)
def test_who_holds_a_block(body: bytes, organisation: str | None) -> None:
    found = rdap.parse(body)

    assert found is not None
    assert found.organisation == organisation


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff", b'{"a":'])
def test_what_is_no_block_names_nobody(body: bytes) -> None:
    assert rdap.parse(body) is None


def test_a_registry_is_asked_at_its_own_address() -> None:
    assert rdap.url_of("ripencc", "192.0.2.1") == "https://rdap.db.ripe.net/ip/192.0.2.1"
    assert rdap.url_of("ripencc", "2001:db8::1") == "https://rdap.db.ripe.net/ip/2001:db8::1"
    assert rdap.url_of("nobody", "192.0.2.1") is None
