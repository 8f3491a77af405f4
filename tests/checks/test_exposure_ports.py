"""Databases, remote access, imaging and HL7 by their own protocols, under a mandate."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.exposure import ports
from gdpr_audit.network import Settings
from tests.lab import daemons, exposed, pki, servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.tls import free_port

RULES = ("exposed-database", "exposed-remote-access", "exposed-dicom", "exposed-hl7")
MANDATE = """platform: x
mandate:
  authorised_by: "Claire Martin, RSSI"
  reference: "Lettre 2026-11"
  scope: [{scope}]
  not_before: {first}
  not_after: 2026-12-31
targets:{targets}
"""


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says which ports are asked on every host, in place of the published list."""

    def say(*known: tuple[int, str]) -> None:
        monkeypatch.setattr(ports, "known", lambda: known)

    return say


def probed(
    tmp_path: Path, *rules: str, targets: str = "", scope: str = "127.0.0.1", **options: Any
) -> dict[str, Any]:
    first = options.pop("first", "2026-11-01")
    text = MANDATE.format(scope=scope, first=first, targets=targets or " []")
    options = {"active": True, "settings": Settings(read_seconds=2, connect_seconds=2), **options}
    return judged(path=declared(tmp_path, text), only=rules or RULES, **options)


def _files(factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = pki.authority("Lab Root")
    return pki.save(factory.mktemp("pki"), "leaf", [pki.leaf(root), root])


@pytest.mark.parametrize(
    ("options", "verdict", "word"),
    [
        ((), "fail", "answers without authentication"),
        (("--requirepass", "lab"), "pass", "asks for authentication"),
    ],
)
def test_redis(options: tuple[str, ...], verdict: str, word: str, tmp_path: Path, at: Any) -> None:
    with exposed.redis(*options) as redis:
        at((redis, "redis"))
        found = probed(tmp_path, "exposed-database")

    assert verdicts(found) == {"exposed-database": {verdict}}
    assert f"Redis {redis}: {word}" in reasons(found, "exposed-database")


def test_redis_in_tls_is_asked_in_tls(tmp_path: Path, at: Any, tmp_path_factory: Any) -> None:
    with exposed.redis(files=_files(tmp_path_factory)) as redis:
        at((redis, "redis"))
        found = probed(tmp_path, "exposed-database")

    assert verdicts(found) == {"exposed-database": {"fail"}}


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    ("auth", "verdict", "word"),
    [("trust", "fail", "(trust)"), ("scram-sha-256", "pass", "asks for authentication")],
)
def test_postgresql(
    auth: str, verdict: str, word: str, tls: bool, tmp_path: Path, at: Any, tmp_path_factory: Any
) -> None:
    at()
    files = _files(tmp_path_factory) if tls else None
    with exposed.postgresql(auth, files) as postgres:
        targets = f"\n  - url: postgresql://127.0.0.1:{postgres}\n"
        found = probed(tmp_path, "exposed-database", targets=targets)

    assert verdicts(found) == {"exposed-database": {verdict}}
    assert word in reasons(found, "exposed-database")


@pytest.mark.parametrize(
    ("password", "verdict", "word"),
    [("", "fail", "lets `root` in"), ("lab-password", "pass", "asks for authentication")],
)
def test_mariadb(password: str, verdict: str, word: str, tmp_path: Path, at: Any) -> None:
    with exposed.mariadb(password) as mariadb:
        at((mariadb, "mysql"))
        found = probed(tmp_path, "exposed-database")

    assert verdicts(found) == {"exposed-database": {verdict}}
    assert word in reasons(found, "exposed-database")


def _http(status: str, body: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        connection.sendall(head + body)
        connection.recv(4096)  # kept open, whatever was asked

    return talk


def _says(*turns: bytes, first: bytes = b"") -> Callable[[socket.socket], None]:
    """Greet, then answer each message with the next turn."""

    def talk(connection: socket.socket) -> None:
        if first:
            connection.sendall(first)
        for turn in turns:
            if not connection.recv(65536):
                return
            connection.sendall(turn)
        connection.recv(65536)

    return talk


def _mongo(*elements: bytes) -> bytes:
    body = b"".join(elements) + b"\0"
    section = bytes(5) + (len(body) + 4).to_bytes(4, "little") + body
    return struct.pack("<iiii", len(section) + 16, 7, 1, 2013) + section


_OK, _NOT_OK = (b"\x01ok\0" + struct.pack("<d", n) for n in (1.0, 0.0))
_MONGO = {
    "open": _mongo(b"\x04databases\0" + (5).to_bytes(4, "little") + b"\0", _OK),
    "13": _mongo(_NOT_OK, b"\x10code\0" + (13).to_bytes(4, "little")),
    "11600": _mongo(_NOT_OK, b"\x10code\0" + (11600).to_bytes(4, "little")),
}
_GREETING = b"\x0a8.0.36\0" + bytes(4) + b"12345678\0" + bytes(30) + b"mysql_native_password\0"
_MYSQL = len(_GREETING).to_bytes(3, "little") + b"\0" + _GREETING
_SWITCH = b"\xfecaching_sha2_password\0" + b"s" * 20 + b"\0"
#: No MongoDB, Elasticsearch, CouchDB, memcached or MySQL of its own here: their answers by hand.
SPOKEN = {
    "mongodb": ("mongodb", _says(_MONGO["open"]), "fail", "without authentication"),
    "mongodb-auth": ("mongodb", _says(_MONGO["13"]), "pass", "asks for"),
    "mongodb-busy": ("mongodb", _says(_MONGO["11600"]), "unproven", "did not settle"),
    "elastic": ("elasticsearch", _http("200 OK", b'{"cluster_name": "x"}'), "fail", "without"),
    "elastic-auth": ("elasticsearch", _http("401 No", b"{}"), "pass", "asks for"),
    "elastic-other": ("elasticsearch", _http("200 OK", b"<html>"), "pass", "does not speak"),
    "elastic-not": ("elasticsearch", _says(b"-ERR unknown command\r\n"), "pass", "does not speak"),
    "elastic-busy": ("elasticsearch", _http("503 No", b""), "unproven", "503"),
    "couch": ("couchdb", _http("200 OK", b'["_users"]\n'), "fail", "without"),
    "couch-auth": ("couchdb", _http("401 No", b"{}"), "pass", "asks for"),
    "memcached": ("memcached", _says(b"VERSION 1.6.18\r\n"), "fail", "without"),
    "mysql-switch": ("mysql", _says(
        len(_SWITCH).to_bytes(3, "little") + b"\x02" + _SWITCH, b"\x07\0\0\x04\0\0\0\x02\0\0\0",
        first=_MYSQL), "fail", "lets `root` in"),
    "mysql-full": ("mysql", _says(first=b"\x17\0\0\0\xff\x10\x04Too many connections"),
                   "unproven", "1040"),
    "redis-full": ("redis", _says(b"-ERR max number of clients reached\r\n"), "unproven", "ERR"),
    "redis-other": ("redis", _says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "pass", "does not speak"),
    "postgres-full": ("postgresql", _says(b"N", b"E\0\0\0\x14SFATAL\0C53300\0\0\0\0"),
                      "unproven", "53300"),
    "redis-noise": ("redis", _says(b"*2147483647\r\n\x07"), "unproven", "nor as anything known"),
    "mongo-noise": ("mongodb", _says(struct.pack("<iiii", 16, 7, 1, 9)), "unproven", "nor as any"),
    "elastic-noise": ("elasticsearch", _says(b"\x00\x01"), "unproven", "nor as anything"),
    "couch-noise": ("couchdb", _says(b"\x00\x01"), "unproven", "nor as anything"),
    "memcached-noise": ("memcached", _says(b"VALUE 9\r\n"), "unproven", "nor as anything"),
    "postgres-noise": ("postgresql", _says(b"R\xff"), "unproven", "nor as anything"),
    "postgres-noise-later": ("postgresql", _says(b"N", b"\x00\x00\x00\x00\x01"), "unproven", "nor as"),
    "mysql-noise": ("mysql", _says(first=b"\x01\x00\x00\x00\x07"), "unproven", "nor as anything"),
    "silent": ("redis", servers.silent, "unproven", "did not answer"),
    "cut": ("redis", servers.reset, "unproven", "TCP reset"),
    "hung-up": ("mongodb", servers.hang_up, "unproven", "without a word"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOKEN)
def test_databases_by_hand(name: str, tmp_path: Path, at: Any) -> None:
    protocol, talk, verdict, word = SPOKEN[name]
    with servers.tcp(talk) as server:
        at((server.port, protocol))
        found = probed(tmp_path, "exposed-database")

    assert verdicts(found) == {"exposed-database": {verdict}}
    assert word in reasons(found, "exposed-database")


REMOTE = {
    "telnet": (_says(first=b"\xff\xfd\x18\xff\xfd\x20"), "fail", "answers"),
    "ftp": (_says(b"221 Bye\r\n", first=b"220 (vsFTPd 3.0.3)\r\n"), "fail", "answers"),
    "rdp": (_says(b"\x03\0\0\x13\x0e\xd0\0\0\x124\0\x02\x1f\x08\0\x02\0\0\0"), "fail", "answers"),
    "vnc": (_says(b"\x02\x01\x02", first=b"RFB 003.008\n"), "fail", "without a password"),
    "smb": (_says(b"\0\0\0\x40\xfeSMB" + bytes(60)), "fail", "answers"),
    "ssh": (_says(first=b"SSH-2.0-OpenSSH_9.2\r\n"), "pass", "does not speak"),
    "telnet-noise": (_says(first=b"\x00\x00"), "unproven", "nor as anything"),
    "ftp-noise": (_says(first=b"999 what\n"), "unproven", "nor as anything"),
    "rdp-noise": (_says(b"\x03\0\xff\xff\0\0\0\0"), "unproven", "nor as anything"),
    "vnc-noise": (_says(first=b"RFB what ever\n"), "pass", "does not speak"),
    "smb-noise": (_says(bytes(60)), "unproven", "nor as anything"),
}


@pytest.mark.parametrize("name", REMOTE)
def test_remote_access(name: str, tmp_path: Path, at: Any) -> None:
    talk, verdict, word = REMOTE[name]
    with servers.tcp(talk) as server:
        at((server.port, "ftp" if name == "ssh" else name.partition("-")[0]))
        found = probed(tmp_path, "exposed-remote-access")

    assert verdicts(found) == {"exposed-remote-access": {verdict}}
    assert word in reasons(found, "exposed-remote-access")


def test_orthanc_lets_anyone_associate(tmp_path: Path, at: Any) -> None:
    at()
    with daemons.orthanc(None) as orthanc:
        targets = f"\n  - url: dicom://127.0.0.1:{orthanc}\n"
        found = probed(tmp_path, "exposed-dicom", targets=targets)

    assert verdicts(found) == {"exposed-dicom": {"fail"}}
    said = reasons(found, "exposed-dicom")
    assert f"DICOM {orthanc}: accepts the association" in said
    assert "(in clear), answers C-ECHO" in said


def test_orthanc_that_checks_the_called_title_rejects(tmp_path: Path, at: Any) -> None:
    at()
    with daemons.orthanc(None, DicomCheckCalledAet=True, DicomAet="PACS") as orthanc:
        targets = f"\n  - url: dicom://127.0.0.1:{orthanc}\n"
        found = probed(tmp_path, "exposed-dicom", targets=targets)

    assert verdicts(found) == {"exposed-dicom": {"pass"}}
    assert "rejects the association" in reasons(found, "exposed-dicom")


@pytest.mark.parametrize(
    ("mutual", "verdict", "word"),
    [(False, "fail", "TLS without a client certificate"), (True, "pass", "client certificate")],
)
def test_orthanc_in_tls(
    mutual: bool, verdict: str, word: str, tmp_path: Path, at: Any, tmp_path_factory: Any
) -> None:
    at()
    files = _files(tmp_path_factory)
    with daemons.orthanc(files, DicomTlsRemoteCertificateRequired=mutual) as orthanc:
        targets = f"\n  - url: dicom://127.0.0.1:{orthanc}\n"
        found = probed(tmp_path, "exposed-dicom", targets=targets)

    assert verdicts(found) == {"exposed-dicom": {verdict}}
    assert word in reasons(found, "exposed-dicom")


def test_a_node_in_congestion_has_rejected_nobody(tmp_path: Path, at: Any) -> None:
    with servers.tcp(_says(b"\x03\0\0\0\0\x04\0\x02\x03\x01")) as server:
        at((server.port, "dicom"))
        found = probed(tmp_path, "exposed-dicom")

    assert verdicts(found) == {"exposed-dicom": {"unproven"}}


ACCEPTED = b"\0\x01\0\0" + b" " * 32 + bytes(32) + b"\x10\0\0\0"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"\x02\0" + struct.pack(">I", len(ACCEPTED)) + ACCEPTED, "fail"),
        (b"\x02\0" + struct.pack(">I", 67) + ACCEPTED[:67], "unproven"),  # too short for one
        (b"\x03\0\0\0\0\x04\0\x01\x01\x07", "pass"),
        (b"\x03\0\0\0\0\x03\0\x01\x01", "unproven"),
        (b"\x07\0\0\0\0\x04\0\0\0\0", "pass"),
        (b"\x07\0\0\0\0\x00", "unproven"),
        (b"\x09\0\0\0\0\x00", "unproven"),
    ],
)
def test_only_a_whole_answer_of_dicom_is_one(
    answer: bytes, verdict: str, tmp_path: Path, at: Any
) -> None:
    with servers.tcp(_says(answer)) as server:
        at((server.port, "dicom"))
        found = probed(tmp_path, "exposed-dicom")

    assert verdicts(found) == {"exposed-dicom": {verdict}}


ACK = b"\x0bMSH|^~\\&|EAI|||||20261124||ACK|1|P|2.4\rMSA|%s|x\r\x1c\r"


@pytest.mark.parametrize(
    ("talk", "verdict", "word"),
    [
        (_says(ACK % b"AA"), "fail", "in clear (AA)"),
        (_says(ACK % b"AR"), "fail", "in clear (AR)"),
        (_says(b"\x15\x03\x01\0\x02\x02\x28"), "pass", "speaks TLS"),
        (_says(b"HTTP/1.1 400 Bad\r\n\r\n"), "pass", "does not speak MLLP"),
        (_says(ACK[:30] + b"\x1c\r"), "fail", "in clear (MSH)"),
        (_says(b"\x0bMSH\x1c\r"), "unproven", "nor as anything"),
        (servers.silent, "unproven", "did not answer"),
    ],
)
def test_mllp(talk: Any, verdict: str, word: str, tmp_path: Path, at: Any) -> None:
    at()
    with servers.tcp(talk) as server:
        targets = f"\n  - url: mllp://127.0.0.1:{server.port}\n"
        found = probed(tmp_path, "exposed-hl7", targets=targets)

    assert verdicts(found) == {"exposed-hl7": {verdict}}
    assert word in reasons(found, "exposed-hl7")


def test_a_closed_port_is_a_refusal(tmp_path: Path, at: Any) -> None:
    at((free_port(), "redis"), (free_port(), "rdp"))
    found = probed(tmp_path, "exposed-database", "exposed-remote-access")

    assert verdicts(found) == {"exposed-database": {"pass"}, "exposed-remote-access": {"pass"}}
    assert "closed" in reasons(found, "exposed-database")


def test_a_port_found_open_fails_whatever_another_does(tmp_path: Path, at: Any) -> None:
    with servers.tcp(servers.silent) as silent, exposed.redis() as redis:
        at((silent.port, "mongodb"), (redis, "redis"))
        found = probed(tmp_path, "exposed-database")

    assert verdicts(found) == {"exposed-database": {"fail"}}


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"active": False}, "--active"),
        ({"scope": "rdv.example.fr"}, "does not cover 127.0.0.1"),
        ({"first": "2026-12-01"}, "from 2026-12-01"),
    ],
)
def test_outside_the_mandate_no_port_is_asked(
    options: dict[str, Any], word: str, tmp_path: Path, at: Any
) -> None:
    with servers.tcp(servers.silent) as server, servers.dns_server(lambda *_: []) as dns:
        at((server.port, "redis"))
        targets = f"\n  - url: dicom://127.0.0.1:{server.port}\n"
        settings = Settings(resolver=("127.0.0.1", dns.port))
        found = probed(tmp_path, targets=targets, settings=settings, **options)
        assert server.seen == []

    assert set().union(*verdicts(found).values()) == {"unproven"}
    assert word in "".join(reasons(found, rule) for rule in RULES)


def test_hosts_are_those_that_the_mandate_names(tmp_path: Path, at: Any) -> None:
    at((free_port(), "redis"))
    journal = tmp_path / "journal.jsonl"
    found = probed(
        tmp_path, "exposed-database", scope='127.0.0.1, 127.0.0.8/31, "*.example.fr", 127.9.0.0/16',
        settings=Settings(journal=journal),
    )  # fmt: skip
    subjects = {f["subject"]["name"]: f["verdict"] for f in found["findings"]}

    assert subjects == {
        "127.0.0.1": "pass",
        "127.0.0.8": "pass",
        "127.0.0.9": "pass",
        "x": "unproven",
    }
    assert "127.9.0.0/16: more than 16 addresses" in reasons(found, "exposed-database")
    asked = [json.loads(line) for line in journal.read_text().splitlines()]
    assert {line["address"] for line in asked if line["kind"] == "tcp"} == set(subjects) - {"x"}
    assert all("mandate" in line["purpose"] for line in asked if line["kind"] == "tcp")


def test_the_published_list_has_a_protocol_for_each_port() -> None:
    assert {name for _, name in ports.known()} == set(ports.PROTOCOLS)
    assert len(ports.known()) <= 20
