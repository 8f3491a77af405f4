"""TLS facts on real servers, and the four ways to a false pass that a hello could take."""

from __future__ import annotations

import asyncio
import socket
import ssl
import warnings
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.tls import facts, points
from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.look import survey
from gdpr_audit.checks.tls.point import Point
from gdpr_audit.checks.tls.suites import registry
from gdpr_audit.checks.tls.survey import UNASKED, Survey
from gdpr_audit.network import Door, Settings
from tests.lab import audits, pki, servers
from tests.lab.audits import judged, reasons, verdicts
from tests.lab.tls import keys, middlebox, nginx, openssl


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("pki")
    root = pki.authority("Lab Root")
    middle = pki.authority("Lab CA", root)
    files = {"root": pki.save(folder, "root", [root])[0]}

    def leaf(words: str, chain: list[pki.Signer]) -> None:
        files[words] = pki.save(folder, words, chain)  # type: ignore[assignment]  # mixed on purpose

    leaf("good", [pki.leaf(middle), middle])
    leaf("rsa", [pki.leaf(middle, kind="rsa2048"), middle])
    return files


def _ok(path: str, headers: dict[str, str]) -> servers.Answer:
    del path, headers
    return servers.Answer(body=b"ok")


def _audit(port: int, lab: dict[str, Any], **options: Any) -> dict[str, Any]:
    settings = Settings(ca_file=lab["root"])
    only = ("transport",)
    return judged(f"https://localhost:{port}/", only=only, settings=settings, **options)


def _facts(found: dict[str, Any], port: int) -> dict[str, Any]:
    tls = found["facts"][f"https://localhost:{port}/"]["tls"]
    return {name: known.get("value") for name, known in tls.items()}


def test_a_good_server_fails_nothing_but_what_its_library_cannot_do(lab: dict[str, Any]) -> None:
    with servers.web(_ok, servers.context(lab["good"], "ECDHE+AESGCM")) as server:
        found = _audit(server.port, lab)

    failed = {rule for rule, seen in verdicts(found).items() if "fail" in seen}

    assert failed <= {"tls-no-post-quantum", "tls-profile-signature"}
    assert found["summary"]["counts"]["unproven"] == 0
    assert found["targets"][0]["reached"] is True


def test_an_ipv6_address_is_looked_at_like_any_other(lab: dict[str, Any]) -> None:
    with openssl(lab["rsa"], "-cipher", "ECDHE+AESGCM", at="[::1]:0") as port:
        found = judged(f"https://[::1]:{port}/", only=("transport",))

    assert verdicts(found)["certificate-name-mismatch"] == {"fail"}
    assert verdicts(found)["tls-heartbleed"] == {"pass"}
    assert found["targets"][0]["addresses"] == ["::1"]


def test_without_the_named_root_the_same_chain_is_not_trusted(lab: dict[str, Any]) -> None:
    with servers.web(_ok, servers.context(lab["good"])) as server:
        found = judged(f"https://localhost:{server.port}/", only=("certificate-untrusted",))

    assert verdicts(found) == {"certificate-untrusted": {"fail"}}


def _old(lab: dict[str, Any]) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return servers.context(
            lab["rsa"],
            "ALL:!aNULL:!eNULL:@SECLEVEL=0",
            minimum_version=ssl.TLSVersion.TLSv1,
            maximum_version=ssl.TLSVersion.TLSv1_2,
        )


def test_old_versions_static_keys_and_cbc_are_found(lab: dict[str, Any]) -> None:
    with servers.web(_ok, _old(lab)) as server:
        found = _audit(server.port, lab)

    facts, seen = _facts(found, server.port), verdicts(found)

    assert facts["tls.accepts_1_0"] is True
    assert facts["tls.accepts_1_1"] is True
    assert facts["tls.accepts_1_3"] is False
    assert seen["tls-deprecated-version"] == {"fail"}
    assert seen["tls-no-forward-secrecy"] == {"fail"}
    assert seen["tls-cbc-cipher"] == {"fail"}
    assert seen["tls-no-tls13"] == {"fail"}
    assert "TLS 1.0 accepted" in reasons(found, "tls-deprecated-version")


def test_null_and_anonymous_suites_are_broken(lab: dict[str, Any]) -> None:
    options = ("-cipher", "eNULL:aNULL:@SECLEVEL=0", "-max_protocol", "TLSv1.2", "-min_protocol")
    with openssl(lab["rsa"], *options, "TLSv1.2") as port:
        found = judged(f"https://localhost:{port}/", only=("tls-broken-cipher",))

    assert verdicts(found) == {"tls-broken-cipher": {"fail"}}
    assert "NULL" in reasons(found, "tls-broken-cipher")
    assert "ANONYMOUS" in _facts(found, port)["tls.key_exchanges"]


def test_a_server_that_shows_no_certificate_is_judged_for_the_rest(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    block = "ssl_protocols TLSv1.2; ssl_ciphers aNULL:@SECLEVEL=0;"
    with nginx(tmp_path, {"one": f"{block} {keys(lab['rsa'])}"}) as ports:
        found = judged(f"https://localhost:{ports['one']}/", only=("transport",))

    seen = verdicts(found)
    assert seen["tls-broken-cipher"] == {"fail"}
    assert "TLS_ECDH_anon_WITH_AES_128_CBC_SHA" in reasons(found, "tls-broken-cipher")
    assert seen["certificate-untrusted"] == {"unproven"}
    assert "no certificate was shown" in reasons(found, "certificate-untrusted")


@pytest.mark.parametrize(
    ("block", "most"),
    [
        ("ssl_protocols TLSv1.3;", 40),
        ("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;", 50),
        ("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE;", 50),
        ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;", 150),
    ],
)
def test_a_transport_audit_is_frugal(
    lab: dict[str, Any], tmp_path: Path, block: str, most: int
) -> None:
    """Connections of the whole theme, counted at the server's door."""
    with (
        nginx(tmp_path, {"one": f"{block} {keys(lab['rsa'])}"}) as ports,
        middlebox(ports["one"], lambda *_: False) as box,
    ):
        found = judged(f"https://localhost:{box.port}/", only=("transport",))

    assert 20 < len(box.seen) <= most
    assert found["targets"][0]["connections"] == len(box.seen)


def test_sslyze_is_asked_only_what_nothing_else_rules_out(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    """On a server of today it is not even imported; an old one is tried for ROBOT and CCS."""
    blocks = {
        "today": f"ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM; {keys(lab['rsa'])}",
        "old": f"ssl_protocols TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0; {keys(lab['rsa'])}",
    }
    journal = tmp_path / "journal.jsonl"
    with nginx(tmp_path, blocks) as ports:
        url = f"https://localhost:{ports['today']}/"
        today = judged(url, only=("transport",), settings=Settings(journal=journal))
        assert "sslyze" not in journal.read_text()
        old = judged(f"https://localhost:{ports['old']}/", only=("transport",))
        certificate = judged(f"https://localhost:{ports['old']}/", only=("certificate-expired",))

    for rule in ("tls-heartbleed", "tls-ccs-injection", "tls-robot"):
        assert verdicts(today)[rule] == {"pass"}
        assert verdicts(old)[rule] == {"pass"}
    assert "NOT_VULNERABLE" in reasons(old, "tls-robot")
    assert "sslyze OPENSSL_CCS_INJECTION" in reasons(old, "tls-ccs-injection")
    assert old["targets"][0]["connections"] > 20 + certificate["targets"][0]["connections"]


#: Everything that a server can have, in each of the ways in which it can be asked.
_EVERYTHING = (
    "ssl_protocols TLSv1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0; ssl_prefer_server_ciphers on;",
    "ssl_protocols TLSv1.2; ssl_ciphers AES128-SHA:AES256-SHA:@SECLEVEL=0;",
    "ssl_protocols TLSv1.3;",
)


@pytest.mark.parametrize("block", _EVERYTHING)
def test_each_fact_may_be_asked_for_alone(lab: dict[str, Any], tmp_path: Path, block: str) -> None:
    """A rule that reads one fact and no other must not find that nobody asked."""

    async def told(port: int, fact: str) -> list[Point]:
        async with Door(Settings(), day=audits.DAY) as door:
            found = Survey("127.0.0.1")
            asker = Asker(door, "localhost", port, "https", found.address)
            await survey(asker, lambda *names: fact in names, found)
            return points.points(found)

    with nginx(tmp_path, {"one": f"{block} {keys(lab['rsa'])}"}) as ports:
        for fact in (spec.name for spec in facts.TLS):
            for point in asyncio.run(told(ports["one"], fact)):
                if f"tls.{point.name}" == fact:
                    assert UNASKED not in (point.reason, point.partial), fact


def test_a_port_that_speaks_http_in_clear_offers_no_tls() -> None:
    with servers.web(_ok) as server:
        found = judged(f"https://localhost:{server.port}/", only=("transport",))

    seen = verdicts(found)

    assert seen["tls-not-offered"] == {"fail"}
    assert "answers without TLS" in reasons(found, "tls-not-offered")
    assert seen["tls-deprecated-version"] == {"not_applicable"}


@pytest.mark.parametrize("talk", [servers.reset, servers.hang_up])
def test_a_dropped_connection_is_no_refusal(talk: Any) -> None:
    with servers.tcp(talk) as server:
        found = judged(f"https://localhost:{server.port}/", only=("transport",))

    seen = verdicts(found)

    assert seen["tls-deprecated-version"] == {"unproven"}
    assert seen["tls-ssl-accepted"] == {"unproven"}
    assert not any({"pass", "fail"} & verdict for verdict in seen.values())
    assert found["targets"][0]["reached"] is False


def test_a_suite_that_was_not_offered_was_not_accepted() -> None:
    chosen = b"\x03\x03" + bytes(32) + b"\0" + b"\xfa\xce" + b"\0"  # a suite that nobody knows
    hello = b"\x02" + len(chosen).to_bytes(3, "big") + chosen

    def talk(connection: socket.socket) -> None:
        connection.recv(16384)
        connection.sendall(b"\x16\x03\x03" + len(hello).to_bytes(2, "big") + hello)
        servers.reset(connection)

    with servers.tcp(talk) as server:
        found = judged(f"https://localhost:{server.port}/", only=("transport",))

    assert "error" not in set().union(*verdicts(found).values())
    assert found["targets"][0]["reached"] is False
    assert "malformed" in reasons(found, "tls-deprecated-version")


def test_a_server_that_resets_on_old_versions_leaves_them_unproven(lab: dict[str, Any]) -> None:
    """It answers TLS 1.2 and cuts the rest: what was cut was not refused."""
    context = servers.context(lab["good"])

    def talk(connection: Any) -> None:
        hello = connection.recv(4096, 2)  # peek
        version = hello[9:11] if len(hello) > 10 else b""
        if version in (b"\x03\x00", b"\x03\x01", b"\x03\x02"):
            servers.reset(connection)
            return
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1024)

    with servers.tcp(talk) as server:
        found = judged(f"https://localhost:{server.port}/", only=("transport",))

    seen = verdicts(found)

    assert seen["tls-deprecated-version"] == {"unproven"}
    assert seen["tls-weak-cipher"] == {"unproven"}
    assert seen["tls-no-tls13"] == {"pass"}
    assert "cut" in reasons(found, "tls-deprecated-version")


def test_where_tls_13_is_cut_its_groups_are_unknown_for_that_reason(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    block = f"ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM; {keys(lab['good'])}"
    with nginx(tmp_path, {"one": block}) as ports:
        with middlebox(ports["one"], lambda _suites, version: version == 0x0304) as box:
            found = judged(f"https://localhost:{box.port}/", only=("tls-no-post-quantum",))

    assert verdicts(found)["tls-no-post-quantum"] == {"unproven"}
    assert "TCP reset" in reasons(found, "tls-no-post-quantum")


def test_a_target_that_starts_to_refuse_half_way_is_noticed(lab: dict[str, Any]) -> None:
    """After some connections it answers each hello with an alert: that is a limit, no answer."""
    context = servers.context(lab["good"])
    enough = 9

    def talk(connection: Any) -> None:
        if len(server.seen) > enough:
            connection.recv(4096)
            connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")
            return
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1024)

    with servers.tcp(talk) as server:
        found = judged(f"https://localhost:{server.port}/", only=("transport",))

    seen = verdicts(found)

    assert seen["tls-deprecated-version"] == {"unproven"}
    assert seen["tls-weak-cipher"] == {"unproven"}
    assert seen["tls-not-offered"] == {"pass"}
    assert "half-way" in reasons(found, "tls-deprecated-version")


def test_a_deadline_loses_only_what_was_not_found_by_then(
    lab: dict[str, Any], tmp_path: Path
) -> None:
    """It answers hellos and then stalls, so that a whole handshake never ends."""
    block = "ssl_protocols TLSv1 TLSv1.2; ssl_ciphers ECDHE+AES:AES:@SECLEVEL=0;"
    with nginx(tmp_path, {"one": f"{block} {keys(lab['rsa'])}"}) as ports:

        def talk(client: Any) -> None:
            with socket.create_connection(("127.0.0.1", ports["one"]), 5) as peer:
                peer.sendall(client.recv(65536))
                client.sendall(peer.recv(65536))
                client.recv(65536)
                client.recv(1)

        with servers.tcp(talk) as server:
            url = f"https://localhost:{server.port}/"
            found = judged(url, only=("transport",), timeout=2.5)

    seen = verdicts(found)
    assert seen["tls-deprecated-version"] == {"fail"}
    assert seen["certificate-untrusted"] == {"fail", "unproven"}
    for refused in ("tls-ssl-accepted", "tls-weak-cipher", "tls-heartbleed"):
        assert seen[refused] == {"unproven"}
    assert "cut short" in reasons(found, "tls-weak-cipher")


def test_a_server_that_demands_a_certificate_of_the_client_tells_all_the_rest(
    lab: dict[str, Any],
) -> None:
    """In TLS 1.3 the demand comes after the handshake, in place of a ticket."""
    context = servers.context(lab["good"], "ECDHE+AESGCM", verify_mode=ssl.CERT_REQUIRED)
    context.load_verify_locations(lab["root"])
    with servers.web(_ok, context) as server:
        found = _audit(server.port, lab)

    seen = verdicts(found)
    unproven = {rule for rule, said in seen.items() if "unproven" in said}

    assert not any("error" in said for said in seen.values())
    assert seen["tls-deprecated-version"] == seen["certificate-untrusted"] == {"pass"}
    # tickets, early data and renegotiation show in a session that is let in
    assert unproven == {"tls-early-data", "tls-profile-ticket", "tls-insecure-renegotiation"}
    assert "demands a client's certificate" in reasons(found, "tls-early-data")


def test_a_refused_port_is_unproven_and_said() -> None:
    found = judged("https://127.0.0.1:1/", only=("transport",))

    assert {v for seen in verdicts(found).values() for v in seen} == {"unproven"}
    assert "refused the connection" in reasons(found, "tls-not-offered")


def test_suites_are_what_their_names_say() -> None:
    by_name = {suite.name: suite for suite in registry().values()}

    assert by_name["TLS_RSA_WITH_3DES_EDE_CBC_SHA"].encryption == "3DES"
    assert by_name["TLS_RSA_EXPORT_WITH_RC4_40_MD5"].encryption == "EXPORT"
    assert by_name["TLS_RSA_WITH_NULL_SHA"].encryption == "NULL"
    assert by_name["TLS_DH_anon_WITH_AES_128_CBC_SHA"].key_exchange == "ANONYMOUS"
    assert by_name["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"].mac == "AEAD"
    assert by_name["TLS_ECDH_RSA_WITH_AES_128_CBC_SHA"].key_exchange == "ECDH"
    assert by_name["TLS_RSA_WITH_RC4_128_MD5"].mac == "MD5"
    assert audits.DAY.year == 2026
