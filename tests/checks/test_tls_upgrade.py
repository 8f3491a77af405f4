"""TLS that begins inside another protocol."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lab import pki, servers
from tests.lab.audits import judged, reasons, verdicts

TLS_1_3 = ssl.TLSVersion.TLSv1_3
Talk = Callable[[socket.socket], bool]  # whether to go on in TLS


def _said(connection: socket.socket) -> bytes:
    got = b""
    while not got.endswith(b"\n"):
        more = connection.recv(1)
        if not more:
            break
        got += more
    return got


def smtp(offers: bytes) -> Talk:
    def talk(connection: socket.socket) -> bool:
        connection.sendall(b"220-mx.example.test\r\n220 ready\r\n")
        _said(connection)
        connection.sendall(b"250-mx.example.test\r\n250-SIZE 100\r\n" + offers)
        if not _said(connection).upper().startswith(b"STARTTLS"):
            return False
        connection.sendall(b"220 go\r\n")
        return True

    return talk


def imap(answer: bytes) -> Talk:
    def talk(connection: socket.socket) -> bool:
        connection.sendall(b"* OK ready\r\n")
        tag = _said(connection).split(b" ")[0]
        connection.sendall(tag + b" " + answer)
        return answer.startswith(b"OK")

    return talk


def ldap(code: int, message: int = 1) -> Talk:
    def talk(connection: socket.socket) -> bool:
        connection.recv(1024)
        head = b"\x30\x0c\x02\x01" + bytes([message])
        connection.sendall(head + b"\x78\x07\x0a\x01" + bytes([code]) + b"\x04\0\x04\0")
        return code == 0

    return talk


def postgresql(answer: bytes) -> Talk:
    def talk(connection: socket.socket) -> bool:
        connection.recv(8)
        connection.sendall(answer)
        return answer == b"S"

    return talk


def dicom(answers: bytes) -> Talk:
    """It aborts what begins with one of these bytes, and hangs up on the rest."""

    def talk(connection: socket.socket) -> bool:
        if connection.recv(1024)[0] in answers:
            connection.sendall(bytes.fromhex("07000000000400000201"))
        return False

    return talk


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = pki.authority("Root")
    return pki.save(tmp_path_factory.mktemp("pki"), "leaf", [pki.leaf(root)])


def audit(scheme: str, talk: Talk, files: tuple[Path, Path], **options: Any) -> Any:
    context = servers.context(files, **options)

    def serve(connection: socket.socket) -> None:
        if talk(connection):
            with (
                contextlib.suppress(OSError),
                context.wrap_socket(connection, server_side=True) as tls,
            ):
                tls.recv(100)
                tls.sendall(b"well")

    with servers.tcp(serve) as server:
        return judged(f"{scheme}://localhost:{server.port}", only=("transport",))


OFFERS = [
    ("smtp", smtp(b"250 STARTTLS\r\n")),
    ("imap", imap(b"OK begin\r\n")),
    ("ldap", ldap(0)),
    ("postgresql", postgresql(b"S")),
]


@pytest.mark.parametrize(("scheme", "talk"), OFFERS)
def test_tls_is_asked_for_in_the_protocol(
    scheme: str, talk: Talk, files: tuple[Path, Path]
) -> None:
    found = audit(scheme, talk, files)
    seen = verdicts(found)

    assert seen["tls-not-offered"] == {"pass"}
    assert seen["tls-deprecated-version"] == {"pass"}
    assert seen["tls-no-tls13"] == {"pass"}
    assert seen["certificate-name-mismatch"] == {"pass"}
    assert seen["certificate-untrusted"] == {"fail"}
    assert found["targets"][0]["reached"] is True


@pytest.mark.parametrize("tickets", [0, 2])
@pytest.mark.parametrize(("scheme", "talk"), OFFERS)
def test_a_ticket_is_waited_for_in_the_protocol(
    scheme: str, talk: Talk, tickets: int, files: tuple[Path, Path]
) -> None:
    """The server is given something to answer, and a ticket comes before that or never."""
    found = audit(scheme, talk, files, num_tickets=tickets, minimum_version=TLS_1_3)
    tls = found["facts"][found["targets"][0]["url"]]["tls"]

    assert tls["tls.session_tickets"]["value"] is bool(tickets)
    assert tls["tls.early_data"]["value"] is False


def test_a_ticket_that_may_have_been_missed_may_live_longer_than_those_seen(
    files: tuple[Path, Path],
) -> None:
    """In TLS 1.2 it gives tickets; in TLS 1.3 none, and MLLP has no word for it to answer."""
    found = audit("mllp", lambda _: True, files, num_tickets=0)

    assert verdicts(found)["tls-profile-ticket"] == {"unproven"}
    assert "may have been missed" in reasons(found, "tls-profile-ticket")


@pytest.mark.parametrize(
    ("scheme", "talk"),
    [
        ("smtp", smtp(b"250 HELP\r\n")),
        ("imap", imap(b"BAD unknown command\r\n")),
        ("ldap", ldap(2)),
        ("postgresql", postgresql(b"N")),
    ],
)
def test_a_server_that_says_it_has_none_offers_no_tls(
    scheme: str, talk: Talk, files: tuple[Path, Path]
) -> None:
    found = audit(scheme, talk, files)

    assert "does not offer" in reasons(found, "tls-not-offered")
    assert verdicts(found)["tls-deprecated-version"] == {"not_applicable"}


def _busy(connection: socket.socket) -> bool:
    connection.sendall(b"421 too many connections\r\n")
    return False


@pytest.mark.parametrize(
    ("scheme", "talk"),
    [
        *((scheme, _busy) for scheme in ("smtp", "imap", "ldap", "postgresql")),
        ("ldap", ldap(2, message=0)),  # a notice of disconnection
    ],
)
def test_a_busy_or_garbled_server_is_unproven(
    scheme: str, talk: Talk, files: tuple[Path, Path]
) -> None:
    found = audit(scheme, talk, files)

    assert {v for seen in verdicts(found).values() for v in seen} == {"unproven"}
    assert found["targets"][0]["reached"] is False


@pytest.mark.parametrize(
    ("answers", "said"),
    [(b"\x05", "speaks DICOM without TLS"), (b"\x05\x16", "answers without TLS (“07:00:00")],
)
def test_a_node_that_answers_in_dicom_offers_no_tls(
    answers: bytes, said: str, files: tuple[Path, Path]
) -> None:
    found = audit("dicom", dicom(answers), files)

    assert verdicts(found)["tls-not-offered"] == {"fail"}
    assert said in reasons(found, "tls-not-offered")
    assert verdicts(found)["tls-deprecated-version"] == {"not_applicable"}


def test_a_node_that_only_hangs_up_is_unproven(files: tuple[Path, Path]) -> None:
    found = audit("dicom", dicom(b""), files)

    assert {v for seen in verdicts(found).values() for v in seen} == {"unproven"}
