"""Names, zones and mail records, on a real name server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.domains import domain_of
from gdpr_audit.checks.naming import records
from gdpr_audit.checks.naming.name import climb
from gdpr_audit.network import Settings
from tests.lab import servers, zones
from tests.lab.audits import declared, judged, reasons, verdicts

GOOD = """@ IN A 127.0.0.1
rdv IN A 127.0.0.1
@ IN TXT "v=spf1 include:_spf.good.test -all"
_spf IN TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc IN TXT "v=DMARC1; p=reject"
@ IN CAA 0 issue "letsencrypt.org"
@ IN MX 10 mx.good.test.
mx IN A 127.0.0.1
_25._tcp.mx IN TLSA 3 1 1 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
"""
BAD = """@ IN A 127.0.0.1
rdv IN CNAME gone.elsewhere.test.
@ IN MX 10 mx.bad.test.
_dmarc IN TXT "v=DMARC1; p=none"
"""
MANY = "".join(f'_{n} IN TXT "v=spf1 a -all"\n' for n in range(6))
SPF = {
    "two.test": '@ IN TXT "v=spf1 -all"\n@ IN TXT "v=spf1 ~all"\n',
    "everyone.test": '@ IN TXT "v=spf1 +all"\n',
    "open.test": '@ IN TXT "v=spf1 mx"\n',
    "many.test": f'@ IN TXT "v=spf1 {" ".join(f"include:_{n}.many.test" for n in range(6))} -all"\n{MANY}',
    "led.test": '@ IN TXT "v=spf1 redirect=_spf.led.test"\n_spf IN TXT "v=spf1 ~all"\n',
    "nothing.test": '@ IN TXT "v=spf1 -all"\n@ IN MX 0 .\n',
}


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    good, anchor = zones.signed("good.test", GOOD)
    expired, _ = zones.signed("expired.test", "rdv IN A 127.0.0.1\n", days=-1)
    other, _ = zones.signed("other.test", "rdv IN A 127.0.0.1\n")
    _, stale = zones.signed("other.test", "rdv IN A 127.0.0.1\n")
    forged, _ = zones.signed("forged.test", "rdv IN A 127.0.0.1\n")
    forged = forged.replace("SOA ns root 1 ", "SOA ns root 2 ")
    parent = f"{anchor}{stale}lost.test. IN DS 1 13 2 {'00' * 32}\n"
    served = {
        "test": zones.text("test", parent),
        "good.test": good,
        "bad.test": zones.text("bad.test", BAD),
        "elsewhere.test": zones.text("elsewhere.test", ""),
        "expired.test": expired,
        "other.test": other,
        "forged.test": forged,
        "lost.test": zones.text("lost.test", "rdv IN A 127.0.0.1\n"),
        **{zone: zones.text(zone, rows) for zone, rows in SPF.items()},
    }
    folder = tmp_path_factory.mktemp("knot")
    with zones.knot(folder, served, open_to_all=("bad.test",)) as port:
        yield "127.0.0.1", port


def _audit(host: str, resolver: tuple[str, int], *only: str, **options: Any) -> dict[str, Any]:
    settings = Settings(resolver=resolver)
    return judged(f"https://{host}/", only=only or ("naming",), settings=settings, **options)


def test_a_well_kept_domain_fails_nothing(resolver: tuple[str, int]) -> None:
    found = _audit("rdv.good.test", resolver)

    seen = verdicts(found)
    assert {rule for rule, seen in seen.items() if seen == {"pass"}} == {
        "dnssec-missing", "dnssec-broken", "caa-missing", "dangling-name", "spf-weak",
        "dmarc-weak", "mail-transport-unprotected",
    }  # fmt: skip
    assert seen["zone-transfer-open"] == {"unproven"}
    assert "--active" in reasons(found, "zone-transfer-open")
    assert "DS at the parent" in reasons(found, "dnssec-broken")
    assert "good.test CAA" in reasons(found, "caa-missing")


def test_a_neglected_domain_fails_what_it_lacks(resolver: tuple[str, int]) -> None:
    found = _audit("rdv.bad.test", resolver)

    failed = {rule for rule, seen in verdicts(found).items() if seen == {"fail"}}
    assert failed == {
        "dnssec-missing", "caa-missing", "dangling-name", "spf-weak", "dmarc-weak",
        "mail-transport-unprotected",
    }  # fmt: skip
    assert "gone.elsewhere.test does not exist" in reasons(found, "dangling-name")
    assert "no CAA at rdv.bad.test, bad.test" in reasons(found, "caa-missing")
    assert "p=none" in reasons(found, "dmarc-weak")


@pytest.mark.parametrize(
    ("ends", "verdict", "word"),
    [
        ({"b.test": "c.test"}, "fail", "c.test does not exist"),
        ({"b.test": "c.test", "c.test": ""}, "pass", "c.test has no address"),
        ({f"{'b' * n}.test": f"{'b' * (n + 1)}.test" for n in range(1, 40)}, "unproven", "not end"),
    ],
)
def test_aliases_are_followed_where_each_server_knows_its_own_zone_alone(
    ends: dict[str, str], verdict: str, word: str
) -> None:
    known = {"rdv.a.test": "b.test", **ends}

    def answer(name: str, _: str) -> list[tuple[str, str, str]] | int:
        to = known.get(name)
        return 3 if to is None else [(name, "CNAME", f"{to}.")] if to else []

    with servers.dns_server(answer) as dns:
        found = _audit("rdv.a.test", ("127.0.0.1", dns.port), "dangling-name")

    assert verdicts(found) == {"dangling-name": {verdict}}
    assert word in reasons(found, "dangling-name")


@pytest.mark.parametrize(
    ("zone", "word"),
    [
        ("expired.test", "expired on"),
        ("forged.test", "does not validate"),
        ("other.test", "no key of other.test. matches the parent's DS"),
        ("lost.test", "the parent says that lost.test is signed"),
    ],
)
def test_a_zone_that_does_not_validate_is_broken(
    zone: str, word: str, resolver: tuple[str, int]
) -> None:
    found = _audit(f"rdv.{zone}", resolver, "dnssec-missing", "dnssec-broken")

    assert verdicts(found) == {"dnssec-missing": {"pass"}, "dnssec-broken": {"fail"}}
    assert word in reasons(found, "dnssec-broken")


@pytest.mark.parametrize(
    ("zone", "verdict", "word"),
    [
        ("two.test", "fail", "v=spf1 -all"),
        ("everyone.test", "fail", "+all"),
        ("open.test", "fail", "v=spf1 mx"),
        ("many.test", "fail", "> 10 DNS look-ups"),
        ("led.test", "pass", "redirect=_spf.led.test"),
        ("nothing.test", "pass", "-all"),
    ],
)
def test_spf_is_followed_to_its_end(
    zone: str, verdict: str, word: str, resolver: tuple[str, int]
) -> None:
    found = _audit(f"rdv.{zone}", resolver, "spf-weak")

    assert verdicts(found) == {"spf-weak": {verdict}}
    assert word in reasons(found, "spf-weak")


def test_a_domain_with_a_null_mx_receives_no_mail(resolver: tuple[str, int]) -> None:
    found = _audit("rdv.nothing.test", resolver, "mail-transport-unprotected")

    assert verdicts(found) == {"mail-transport-unprotected": {"not_applicable"}}


MANDATE = """platform: x
mandate:
  authorised_by: "Claire Martin, RSSI"
  reference: "Lettre 2026-11"
  scope: [{scope}]
  not_before: 2026-11-01
  not_after: 2026-12-31
targets:
  - url: https://rdv.{zone}/
"""


@pytest.mark.parametrize(
    ("zone", "verdict", "word"),
    [("bad.test", "fail", "began to give the zone"), ("good.test", "pass", "refused by ns.good")],
)
def test_a_zone_transfer_is_tried_under_the_mandate(
    zone: str, verdict: str, word: str, resolver: tuple[str, int], tmp_path: Path
) -> None:
    path = declared(tmp_path, MANDATE.format(scope=f'"*.{zone}"', zone=zone))
    settings = Settings(resolver=resolver)
    rule = ("zone-transfer-open",)
    found = judged(path=path, only=rule, settings=settings, active=True)

    assert verdicts(found) == {"zone-transfer-open": {verdict}}
    assert word in reasons(found, "zone-transfer-open")
    assert "gone.elsewhere" not in str(found)  # not a record of what was given


def test_outside_the_mandate_no_transfer_is_tried(
    resolver: tuple[str, int], tmp_path: Path
) -> None:
    path = declared(tmp_path, MANDATE.format(scope="rdv.bad.test", zone="bad.test"))
    journal = tmp_path / "journal.jsonl"
    settings = Settings(resolver=resolver, journal=journal)
    found = judged(path=path, only=("zone-transfer-open",), settings=settings, active=True)

    assert verdicts(found) == {"zone-transfer-open": {"unproven"}}
    assert "does not cover ns.bad.test" in reasons(found, "zone-transfer-open")
    assert '"tcp"' not in journal.read_text()


def test_addresses_and_names_outside_the_dns_have_no_domain(resolver: tuple[str, int]) -> None:
    found = _audit("127.0.0.1", resolver)

    assert set().union(*verdicts(found).values()) == {"not_applicable"}


def test_a_resolver_that_is_silent_leaves_all_unproven() -> None:
    from tests.lab import servers

    with servers.dns_server(lambda *_: 2) as dns:
        found = _audit("rdv.good.test", ("127.0.0.1", dns.port))

    seen = verdicts(found)
    assert set().union(*seen.values()) <= {"unproven"}
    assert "SERVFAIL" in reasons(found, "spf-weak")


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("rdv.example.fr", "example.fr"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("example.fr", "example.fr"),
        ("localhost", None),
        ("web.localhost", None),
        ("127.0.0.1", None),
        ("[::1]", None),
        ("fr", None),
    ],
)
def test_the_registrable_domain(host: str, domain: str | None) -> None:
    assert domain_of(host) == domain


def test_caa_is_climbed_to_the_registrable_domain_and_no_further() -> None:
    assert list(climb("a.rdv.example.co.uk", "example.co.uk")) == [
        "a.rdv.example.co.uk", "rdv.example.co.uk", "example.co.uk",
    ]  # fmt: skip


def test_an_mta_sts_policy_covers_what_it_names() -> None:
    text = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.fr\r\nmx: *.mail.example.fr\r\nmax_age: 1\r\n"
    policy = records.sts_policy(text)

    assert policy is not None
    assert policy.mode == "enforce"
    assert policy.covers("mx.example.fr.")
    assert policy.covers("a.mail.example.fr")
    assert not policy.covers("a.b.mail.example.fr")
    assert records.sts_policy("<html>") is None


def test_dmarc_records_that_are_none_do_not_count() -> None:
    assert records.dmarc_records(["v=DMARC1; p=reject", "v=spf1 -all", "v=DMARC12; p=none"]) == [
        {"v": "DMARC1", "p": "reject"}
    ]
    assert records.dmarc_records(["v=DMARC1", "v=DMARC1; p=maybe"]) == []
