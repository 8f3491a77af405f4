"""The transport theme on a real server of every kind of target that speaks TLS."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.network import Settings
from tests.conftest import program
from tests.lab import daemons, pki, servers
from tests.lab.audits import judged, reasons, verdicts
from tests.lab.tls import Files

pytestmark = pytest.mark.xdist_group("kinds")  # each daemon is started once

MODERN = 60  # connections at most where a server has no more than it should
TLS_1_2, TLS_1_3 = "TLS 1.2", "TLS 1.3"
#: Tickets show in a session that is let in; so does early data, which comes by them.
NEEDS_A_SESSION = {"tls-early-data", "tls-profile-ticket"}


@dataclass(frozen=True)
class Lab:
    """A root that the audits trust, and what it has signed."""

    root: Path
    rsa: Files
    ec: Files


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    folder = tmp_path_factory.mktemp("pki")
    root = pki.authority("Lab Root")
    saved = {
        kind: pki.save(folder, kind, [pki.leaf(root, kind=kind), root])
        for kind in ("rsa2048", "ec256")
    }
    return Lab(pki.save(folder, "root", [root])[0], saved["rsa2048"], saved["ec256"])


@dataclass(frozen=True)
class Seen:
    """One audit of the transport theme."""

    found: dict[str, Any]
    url: str

    def facts(self, subject: str = "") -> dict[str, Any]:
        known = self.found["facts"].get(subject or self.url, {}).get("tls", {})
        return {name: fact.get("value") for name, fact in known.items()}

    def rules(self, verdict: str) -> set[str]:
        return {rule for rule, seen in verdicts(self.found).items() if verdict in seen}

    def why(self, rule: str) -> str:
        return reasons(self.found, rule)

    @property
    def gaps(self) -> set[str]:
        """Why what is unproven is so."""
        unproven = [f for f in self.found["findings"] if f["verdict"] == "unproven"]
        return {reason["gap"] for f in unproven for reason in f["reasons"] if reason["gap"]}


def _audit(lab: Lab, scheme: str, port: int, **settings: Any) -> Seen:
    url = f"{scheme}://localhost:{port}"
    wanted = Settings(ca_file=lab.root, **settings)
    return Seen(judged(url, only=("transport",), settings=wanted), url)


def _speaks(seen: Seen, *versions: str, most: int = MODERN) -> None:
    """What holds wherever TLS is spoken, and the versions as configured, the newest first."""
    assert not seen.rules("error")
    assert seen.facts()["tls.versions"] == list(versions)
    assert verdicts(seen.found)["tls-not-offered"] == {"pass"}
    assert verdicts(seen.found)["tls-addresses-differ"] == {"pass"}
    place = seen.url.partition("//")[2]
    certificate = seen.facts(f"certificate:{place} @ {seen.url}")
    assert certificate["certificate.path"] == ["CN=localhost", "CN=Lab Root"]
    for fact in ("chain_complete", "name_matches", "privately_trusted"):
        assert certificate[f"certificate.{fact}"] is True
    assert seen.found["targets"][0]["connections"] <= most


def _offers_none(seen: Seen, said: str) -> None:
    assert "fail" in verdicts(seen.found)["tls-not-offered"]
    assert said in seen.why("tls-not-offered")
    assert verdicts(seen.found)["tls-deprecated-version"] == {"not_applicable"}
    assert not seen.rules("error") | seen.rules("unproven")


def _trusting(lab: Lab) -> ssl.SSLContext:
    """What an ordinary client asks of TLS."""
    return ssl.create_default_context(cafile=str(lab.root))


# PostgreSQL


@pytest.fixture(scope="module")
def postgresql(lab: Lab) -> Iterator[int]:
    with daemons.postgresql(lab.ec, "ssl_min_protocol_version=TLSv1.3") as port:
        yield port


def _query(port: int, mode: str, *options: str) -> str:
    place = " ".join((f"host=localhost port={port} user=lab dbname=postgres", mode, *options))
    question = "select version from pg_stat_ssl where pid = pg_backend_pid()"
    command = (program("psql", "postgresql"), "-X", place, "-Atc", question)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_postgresql_is_asked_for_tls(lab: Lab, postgresql: int) -> None:
    seen = _audit(lab, "postgresql", postgresql)

    _speaks(seen, TLS_1_3)
    assert seen.facts()["tls.session_tickets"] is False  # it answers after the handshake
    assert not seen.rules("unproven")
    assert _query(postgresql, "sslmode=verify-full", f"sslrootcert={lab.root}") == "TLSv1.3"


def test_postgresql_with_ssl_off_offers_none(lab: Lab) -> None:
    with daemons.postgresql(None) as port:
        _offers_none(_audit(lab, "postgresql", port), "does not offer to go on in TLS (N)")
        assert _query(port, "sslmode=disable") == ""


# OpenLDAP and Dovecot

#: Debian's OpenLDAP (on GnuTLS) and Dovecot 2.3 send no alert: they hang up on what they refuse,
#: which shows nothing. So what they accept is known, and that there is no more of it is not.
HANGS_UP = {"the connection was cut without a TLS answer, which shows nothing"}


@pytest.fixture(scope="module")
def slapd(lab: Lab) -> Iterator[dict[str, int]]:
    """As Debian has it; `TLSProtocolMin` would be of no effect on GnuTLS."""
    with daemons.slapd(lab.rsa) as ports:
        yield ports


def _bind(connection: socket.socket) -> bool:
    """Anonymously, as any client may."""
    connection.sendall(bytes.fromhex("300c020102600702010304008000"))
    return connection.recv(64).hex().startswith("300c02010261070a0100")


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_openldap_as_it_comes_accepts_old_versions(
    lab: Lab, slapd: dict[str, int], scheme: str
) -> None:
    seen = _audit(lab, scheme, slapd[scheme])

    _speaks(seen, TLS_1_3, TLS_1_2, "TLS 1.1", "TLS 1.0", most=100)
    assert "tls-deprecated-version" in seen.rules("fail")
    assert "TLS 1.0 accepted" in seen.why("tls-deprecated-version")
    assert seen.facts()["tls.session_tickets"] is not None
    assert seen.facts()["tls.accepts_ssl_3"] is None
    assert seen.gaps == HANGS_UP
    with socket.create_connection(("localhost", slapd[scheme]), 5) as client:
        if scheme == "ldap":
            client.sendall(bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037")
            assert client.recv(64)[7:10] == b"\x0a\x01\x00"
        with _trusting(lab).wrap_socket(client, server_hostname="localhost") as secure:
            assert _bind(secure)


def test_openldap_without_tls_says_so(lab: Lab) -> None:
    with daemons.slapd(None) as ports:
        _offers_none(_audit(lab, "ldap", ports["ldap"]), "does not offer to go on in TLS")
        with socket.create_connection(("localhost", ports["ldap"]), 5) as client:
            assert _bind(client)


@pytest.fixture(scope="module")
def dovecot(lab: Lab) -> Iterator[dict[str, int]]:
    settings = ("ssl_min_protocol = TLSv1.2", "ssl_cipher_list = ECDHE+AESGCM")
    with daemons.dovecot(lab.rsa, *settings) as ports:
        yield ports


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_dovecot(lab: Lab, dovecot: dict[str, int], scheme: str) -> None:
    seen = _audit(lab, scheme, dovecot[scheme])

    _speaks(seen, TLS_1_3, TLS_1_2)
    assert seen.facts()["tls.session_tickets"] is not None
    assert seen.facts()["tls.accepts_1_1"] is None
    assert "tls-deprecated-version" in seen.rules("unproven")
    assert seen.gaps == HANGS_UP
    if scheme == "imap":
        client = imaplib.IMAP4("localhost", dovecot[scheme])
        client.starttls(_trusting(lab))
    else:
        client = imaplib.IMAP4_SSL("localhost", dovecot[scheme], ssl_context=_trusting(lab))
    with client:
        assert client.noop()[0] == "OK"


def test_dovecot_without_tls_says_so(lab: Lab) -> None:
    with daemons.dovecot(None) as ports:
        _offers_none(_audit(lab, "imap", ports["imap"]), "TLS support isn't enabled")
        with imaplib.IMAP4("localhost", ports["imap"]) as client:
            assert client.noop()[0] == "OK"


# Postfix


@pytest.fixture(scope="module")
def postfix(lab: Lab) -> Iterator[dict[str, int]]:
    """smtp as it comes, smtps as it should be."""
    modern = (
        "smtpd_tls_mandatory_protocols = >=TLSv1.2",
        "smtpd_tls_mandatory_ciphers = high",
        "tls_high_cipherlist = ECDHE+AESGCM",
    )
    with daemons.postfix(lab.rsa, *modern) as ports:
        yield ports


def test_postfix_as_it_comes_accepts_old_versions(lab: Lab, postfix: dict[str, int]) -> None:
    seen = _audit(lab, "smtp", postfix["smtp"])

    _speaks(seen, TLS_1_3, TLS_1_2, "TLS 1.1", "TLS 1.0", most=200)
    assert {"tls-deprecated-version", "tls-broken-cipher"} <= seen.rules("fail")
    assert "TLS 1.0 accepted" in seen.why("tls-deprecated-version")
    assert "ANONYMOUS" in seen.why("tls-broken-cipher")
    assert not seen.rules("unproven")
    with smtplib.SMTP("localhost", postfix["smtp"]) as client:
        client.starttls(context=_trusting(lab))
        assert client.noop()[0] == 250


def test_postfix_over_tls_as_it_should_be(lab: Lab, postfix: dict[str, int]) -> None:
    seen = _audit(lab, "smtps", postfix["smtps"])

    _speaks(seen, TLS_1_3, TLS_1_2)
    assert {"tls-deprecated-version", "tls-broken-cipher", "tls-cbc-cipher"} <= seen.rules("pass")
    assert not seen.rules("unproven")
    with smtplib.SMTP_SSL("localhost", postfix["smtps"], context=_trusting(lab)) as client:
        assert client.noop()[0] == 250


def test_postfix_without_tls_does_not_announce_it(lab: Lab) -> None:
    with daemons.postfix(None) as ports:
        _offers_none(_audit(lab, "smtp", ports["smtp"]), "does not offer to go on in TLS (EHLO)")
        with smtplib.SMTP("localhost", ports["smtp"]) as client:
            assert client.noop()[0] == 250


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("smtpd_client_connection_rate_limit = 12", "421 4.7.0 mx.example.test Error: too many"),
        ("smtpd_client_new_tls_session_rate_limit = 12", "454 4.7.0 Error: too many new TLS"),
    ],
)
def test_a_limit_of_postfix_leaves_unproven_in_its_own_words(
    lab: Lab, limit: str, said: str
) -> None:
    """Its limits spare no client here; by default those of its own networks are spared."""
    with daemons.postfix(lab.rsa, limit, "smtpd_client_event_limit_exceptions =") as ports:
        seen = _audit(lab, "smtp", ports["smtp"])

    assert not seen.rules("error")
    assert any(said in gap for gap in seen.gaps)
    refused = {"tls-ssl-accepted", "tls-weak-cipher", "tls-profile-suite", "tls-robot"}
    assert not refused & seen.rules("pass")


# Orthanc


def _echo(lab: Lab, port: int, *, secure: bool) -> bool:
    """A C-ECHO, which is DICOM's ping."""
    options = ("--anonymous-tls", "+cf", lab.root) if secure else ()
    command = (program("echoscu", "dcmtk"), *options, "localhost", str(port))
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_orthanc_over_tls(lab: Lab) -> None:
    with daemons.orthanc(lab.ec) as port:
        seen = _audit(lab, "dicom", port)

        _speaks(seen, TLS_1_3)
        assert not seen.rules("unproven")
        assert _echo(lab, port, secure=True)


def test_orthanc_that_demands_a_certificate_of_its_peers(lab: Lab) -> None:
    """As the DICOM standard's secure transport has it."""
    with daemons.orthanc(lab.ec, DicomTlsRemoteCertificateRequired=True) as port:
        seen = _audit(lab, "dicom", port)

    _speaks(seen, TLS_1_3)
    assert seen.rules("unproven") == NEEDS_A_SESSION
    assert seen.gaps == {"the server demands a client's certificate"}


def test_orthanc_in_clear_is_said_to_be(lab: Lab) -> None:
    """It hangs up on a hello without a word, and answers in DICOM what is DICOM."""
    with daemons.orthanc(None) as port:
        _offers_none(_audit(lab, "dicom", port), "the port speaks DICOM without TLS (A-ABORT)")
        assert _echo(lab, port, secure=False)


# MLLP


def _node(connection: socket.socket) -> None:
    """Acknowledges what stands between the start and the end block, and hears nothing else."""
    heard = b""
    while more := connection.recv(4096):
        heard += more
        while heard.endswith(b"\x1c\r") and b"\x0b" in heard:
            heard = b""
            connection.sendall(b"\x0bMSH|^~\\&|||||||ACK|1|P|2.5\rMSA|AA|1\r\x1c\r")


@pytest.fixture(scope="module")
def node() -> Iterator[int]:
    with servers.tcp(_node) as running:
        yield running.port


STUNNEL = ("sslVersionMin = TLSv1.2", "ciphers = ECDHE+AESGCM")


def test_mllp_behind_stunnel(lab: Lab, node: int) -> None:
    with daemons.stunnel(lab.rsa, node, *STUNNEL) as port:
        seen = _audit(lab, "mllp", port)

        _speaks(seen, TLS_1_3, TLS_1_2)
        assert not seen.rules("unproven")
        with (
            socket.create_connection(("localhost", port), 5) as client,
            _trusting(lab).wrap_socket(client, server_hostname="localhost") as secure,
        ):
            secure.sendall(b"\x0bMSH|^~\\&|||||||ADT^A01|1|P|2.5\r\x1c\r")
            assert b"MSA|AA" in secure.recv(1024)


def test_mllp_behind_stunnel_that_demands_a_certificate(lab: Lab, node: int) -> None:
    """In TLS 1.2 the demand ends the handshake, and with it the question of renegotiation."""
    settings = (*STUNNEL, "verifyChain = yes", "CAfile = chain.pem")
    with daemons.stunnel(lab.rsa, node, *settings) as port:
        seen = _audit(lab, "mllp", port)

    _speaks(seen, TLS_1_3, TLS_1_2)
    assert seen.rules("unproven") == {*NEEDS_A_SESSION, "tls-insecure-renegotiation"}
    assert all("client's certificate" in gap for gap in seen.gaps)


def test_mllp_in_clear_stays_silent_and_unproven(lab: Lab, node: int) -> None:
    """Nothing but a message to the care record would make it answer."""
    seen = _audit(lab, "mllp", node, read_seconds=0.2)

    assert {v for said in verdicts(seen.found).values() for v in said} == {"unproven"}
    assert all("did not answer" in gap or "HTTP" in gap for gap in seen.gaps)
