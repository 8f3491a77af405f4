"""A name with several addresses: each is looked at, and a difference is said."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.network import Settings
from tests.lab import pki, servers, tls
from tests.lab.audits import judged, reasons, verdicts

NAME = "rdv.example.test"
GOOD = "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM;"
OLD = "ssl_protocols TLSv1 TLSv1.2; ssl_ciphers ECDHE+AES:AES:@SECLEVEL=0;"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("pki")
    root = pki.authority("Lab Root")
    found: dict[str, Any] = {"root": pki.save(folder, "root", [root])[0]}
    for words in ("one", "two"):
        found[words] = pki.save(folder, words, [pki.leaf(root, (NAME,), kind="rsa2048")])
    return found


@contextmanager
def _name(*addresses: str) -> Iterator[tuple[str, int]]:
    """A name server by which NAME has these addresses."""

    def zone(name: str, rdtype: str) -> list[tuple[str, str, str]] | int:
        if name != NAME:
            return 3
        kind = {"A": lambda a: ":" not in a, "AAAA": lambda a: ":" in a}.get(rdtype)
        return [(NAME, rdtype, a) for a in addresses if kind is not None and kind(a)]

    with servers.dns_server(zone) as dns:
        yield "127.0.0.1", dns.port


def _audit(lab: dict[str, Any], port: int, resolver: tuple[str, int]) -> dict[str, Any]:
    settings = Settings(resolver=resolver, ca_file=lab["root"])
    return judged(f"https://{NAME}:{port}/", only=("transport",), settings=settings)


def _facts(found: dict[str, Any], port: int) -> dict[str, Any]:
    known: dict[str, Any] = found["facts"][f"https://{NAME}:{port}/"]["tls"]
    return known


@contextmanager
def _two(
    lab: dict[str, Any], folder: Path, second: str, host: str = "127.0.0.2", key: str = "one"
) -> Iterator[int]:
    port = tls.free_port()
    blocks = {
        "first": f"{GOOD} {tls.keys(lab['one'])}",
        "second": f"{second} {tls.keys(lab[key])}",
    }
    with tls.nginx(folder, blocks, {"first": ("127.0.0.1", port), "second": (host, port)}):
        yield port


def test_addresses_that_answer_alike_are_one(lab: dict[str, Any], tmp_path: Path) -> None:
    with _two(lab, tmp_path, GOOD) as port, _name("127.0.0.1", "127.0.0.2") as resolver:
        found = _audit(lab, port, resolver)

    assert _facts(found, port)["tls.addresses"]["value"] == ["127.0.0.1", "127.0.0.2"]
    assert verdicts(found)["tls-addresses-differ"] == {"pass"}
    assert sum(f["subject"]["kind"] == "certificate" for f in found["findings"]) == len(
        {f["rule"] for f in found["findings"] if f["subject"]["kind"] == "certificate"}
    )
    assert found["targets"][0]["addresses"] == ["127.0.0.1", "127.0.0.2"]


@pytest.mark.parametrize("host", ["127.0.0.2", "::1"])
def test_the_worse_of_two_addresses_is_judged_and_the_difference_said(
    lab: dict[str, Any], tmp_path: Path, host: str
) -> None:
    with _two(lab, tmp_path, OLD, host) as port, _name("127.0.0.1", host) as resolver:
        found = _audit(lab, port, resolver)

    seen = verdicts(found)
    assert seen["tls-deprecated-version"] == {"fail"}
    assert f"{host}: TLS 1.0 accepted" in reasons(found, "tls-deprecated-version")
    assert seen["tls-no-tls13"] == {"fail"}
    assert seen["tls-addresses-differ"] == {"fail"}
    assert "accepts_1_0" in reasons(found, "tls-addresses-differ")


def test_the_longest_lived_ticket_of_two_addresses_is_judged(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    long = f"{GOOD} ssl_session_timeout 6d;"
    with _two(lab, tmp_path, long) as port, _name("127.0.0.1", "127.0.0.2") as resolver:
        found = _audit(lab, port, resolver)

    assert _facts(found, port)["tls.ticket_lifetime"]["value"] == 6 * 86400
    assert verdicts(found)["tls-profile-ticket"] == {"fail"}


def test_asked_alone_whether_addresses_agree_is_asked_of_all_that_they_tell(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    early = f"{GOOD} ssl_early_data on;"
    with _two(lab, tmp_path, early) as port, _name("127.0.0.1", "127.0.0.2") as resolver:
        found = judged(
            f"https://{NAME}:{port}/",
            only=("tls-addresses-differ",),
            settings=Settings(resolver=resolver),
        )

    assert verdicts(found) == {"tls-addresses-differ": {"fail"}}
    assert "differ on tls.early_data" in reasons(found, "tls-addresses-differ")


def test_each_address_may_have_a_certificate_of_its_own(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    with (
        _two(lab, tmp_path, GOOD, key="two") as port,
        _name("127.0.0.1", "127.0.0.2") as resolver,
    ):
        found = _audit(lab, port, resolver)

    names = {f["subject"]["name"] for f in found["findings"] if f["rule"] == "certificate-expired"}
    url = f"https://{NAME}:{port}/"
    assert names == {f"{NAME}:{port} @ {url}", f"{NAME}:{port} (RSA) @ {url}"}
    assert verdicts(found)["tls-addresses-differ"] == {"pass"}


def test_an_address_where_nothing_listens_is_no_difference(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    port = tls.free_port()
    blocks = {"first": f"{GOOD} {tls.keys(lab['one'])}"}
    with (
        tls.nginx(tmp_path, blocks, {"first": ("127.0.0.1", port)}),
        _name("127.0.0.1", "127.0.0.3") as resolver,
    ):
        found = _audit(lab, port, resolver)

    assert verdicts(found)["tls-addresses-differ"] == {"pass"}
    assert verdicts(found)["tls-deprecated-version"] == {"pass"}
    assert "127.0.0.3" in _facts(found, port)["tls.addresses"]["summary"]


def test_an_address_that_stays_silent_leaves_its_facts_unproven(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    """What the other one fails stands; what it passes is not known of both."""
    port = tls.free_port()
    blocks = {"first": f"{OLD} {tls.keys(lab['one'])}"}
    settings = {"first": ("127.0.0.1", port)}
    with (
        tls.nginx(tmp_path, blocks, settings),
        servers.tcp(servers.silent, ("127.0.0.2", port)),
        _name("127.0.0.1", "127.0.0.2") as resolver,
    ):
        limits = Settings(resolver=resolver, read_seconds=0.4)
        found = judged(f"https://{NAME}:{port}/", only=("transport",), settings=limits)

    seen = verdicts(found)
    assert seen["tls-deprecated-version"] == {"fail"}
    assert seen["tls-ssl-accepted"] == {"unproven"}
    assert seen["tls-weak-cipher"] == {"unproven"}
    assert seen["tls-addresses-differ"] == {"unproven"}
    assert "127.0.0.2" in reasons(found, "tls-addresses-differ")


def test_an_address_out_of_this_machines_reach_is_said_once(
    lab: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No IPv6 here: what was seen of the other address stands, and one finding says the rest.

    The system's word for it is put in its mouth: the machine that runs this may have IPv6.
    """
    dial = asyncio.open_connection

    async def without_ipv6(host: str, port: int) -> Any:
        if ":" in host:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return await dial(host, port)

    monkeypatch.setattr(asyncio, "open_connection", without_ipv6)
    port = tls.free_port()
    blocks = {"first": f"{GOOD} {tls.keys(lab['one'])}"}
    beyond = "2001:db8::1"
    with (
        tls.nginx(tmp_path, blocks, {"first": ("127.0.0.1", port)}),
        _name("127.0.0.1", beyond) as resolver,
    ):
        found = _audit(lab, port, resolver)

    seen = verdicts(found)
    assert seen["tls-addresses-differ"] == {"unproven"}
    assert beyond in reasons(found, "tls-addresses-differ")
    assert seen["tls-deprecated-version"] == {"pass"}
    assert found["summary"]["verdict"] != "compliant"
