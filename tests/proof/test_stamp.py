"""Time stamps by a real authority, and by those that answer what they should not."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from gdpr_audit.cli import bundling
from gdpr_audit.cli.options import Format
from gdpr_audit.errors import InputError
from gdpr_audit.network import Settings
from gdpr_audit.proof import archive, bundle, stamp, verify
from gdpr_audit.proof.archive import Entry
from tests.conftest import program
from tests.lab import bundles, servers, tsa

QUICK = Settings(read_seconds=0.5, exchange_seconds=1.0)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tsa.Authority]:
    with tsa.serve(tmp_path_factory.mktemp("tsa")) as found:
        yield found


def stamped(url: str, folder: Path, *, signed: bool = True, settings: Settings = QUICK) -> bytes:
    path = folder / "audit.zip"
    sealing = bundling.Sealing(path, bundles.KEY if signed else None, url)
    bundling.write(sealing, bundles.material(), bundles.document(), [Format.HTML], settings)
    return path.read_bytes()


@pytest.fixture(scope="module")
def whole(authority: tsa.Authority, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return stamped(authority.url, tmp_path_factory.mktemp("whole"))


def trust(authority: tsa.Authority) -> verify.Trust:
    return verify.Trust(authorities=authority.roots.read_bytes())


def said(data: bytes, given: verify.Trust, state: str) -> str:
    return "\n".join(x.said.en for x in bundles.outcome(data, given).lines if x.state == state)


@pytest.mark.parametrize("signed", [True, False])
def test_a_stamp_is_made_and_verified(
    authority: tsa.Authority, tmp_path: Path, signed: bool
) -> None:
    data = stamped(authority.url, tmp_path, signed=signed)

    assert bundles.wrong(data, trust(authority)) == []
    assert "by an authority of --tsa-ca" in said(data, trust(authority), "holds")
    claimed = said(data, verify.Trust(), "open")
    assert f"as {authority.url} claims, not checked without --tsa-ca" in claimed


def test_under_another_root_it_is_refused(whole: bytes, tmp_path: Path) -> None:
    tsa.keys(tmp_path)
    other = verify.Trust(authorities=(tmp_path / "ca.pem").read_bytes())

    (line,) = bundles.wrong(whole, other)
    assert line.startswith("time stamp: refused")


def test_a_stamp_taken_away_is_noticed(whole: bytes) -> None:
    for name in ("manifest.tsr", "manifest.sig"):
        assert f"{name}: missing" in bundles.wrong(bundles.without(whole, name))
    assert any(
        line.startswith("time stamp: taken away")
        for line in bundles.wrong(bundles.without(whole, "manifest.tsr"))
    )


def test_where_a_stamp_is_expected_none_is_not_enough(authority: tsa.Authority) -> None:
    (line,) = bundles.wrong(bundles.signed(), trust(authority))

    assert line == "time stamp: none, where --tsa-ca expects one"


def test_each_byte_of_it_counts(whole: bytes, authority: tsa.Authority) -> None:
    entry = next(e for e in archive.by_directory(whole) if e.name == "manifest.tsr")
    for at in range(0, len(entry.content), 97):
        damaged = bytearray(whole)
        damaged[entry.at + at] ^= 4
        (line,) = bundles.wrong(bytes(damaged), trust(authority))

        assert line.startswith(f"manifest.tsr: byte {at} was ")


def test_a_stamp_of_something_else_is_refused(
    whole: bytes, authority: tsa.Authority, tmp_path: Path
) -> None:
    tsa.keys(tmp_path)
    other = tsa.stamp(tmp_path, stamp.request(b"something else").der)
    files = {e.name: e.content for e in bundles.entries(whole)} | {"manifest.tsr": other}
    head = [(n, files[n]) for n in ("manifest.json", "manifest.sig", "manifest.tsr")]
    files["blocks.json"] = bundle.blocks(head)
    data = archive.pack([Entry(*file) for file in files.items()])

    for given in (verify.Trust(), trust(authority)):
        assert bundles.wrong(data, given) == ["time stamp: refused (a stamp of something else)"]


def _hang(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(3)


def _endless(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n\r\n")
    while True:
        connection.sendall(b"0" * 65536)


@pytest.mark.parametrize(
    ("talk", "why"),
    [(_hang, "0.5 s"), (_endless, "over 256 KiB"), (servers.reset, "")],
)
def test_an_authority_that_fails_costs_the_stamp_alone(
    talk: object, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(talk)
    with servers.tcp(talk) as running:
        data = stamped(f"http://127.0.0.1:{running.port}/", tmp_path)

    told = capsys.readouterr().err
    assert "no time stamp" in told
    assert why in told
    assert bundles.wrong(data, bundles.trusted()) == []
    assert "time stamp: none" in said(data, verify.Trust(), "open")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (servers.Answer(body=b"garbage"), "not an answer by RFC 3161"),
        (servers.Answer(body=b""), "not an answer by RFC 3161"),
        (servers.Answer(503), "HTTP status 503"),
        (servers.Answer(302, [("Location", "/x")]), "HTTP status 302"),
    ],
)
def test_an_answer_that_is_no_stamp_is_told(
    answer: servers.Answer, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with servers.web(lambda *_: answer) as running:
        data = stamped(f"http://127.0.0.1:{running.port}/?key=k0pfnuss", tmp_path)

    told = capsys.readouterr().err
    assert why in told
    assert "k0pfnuss" not in told
    assert b"k0pfnuss" not in data
    assert bundles.wrong(data) == []


def test_a_stamp_of_an_earlier_question_is_refused(
    authority: tsa.Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same content, so that the random number alone tells."""
    tsa.keys(tmp_path / "tsa")
    first = tsa.stamp(tmp_path / "tsa", stamp.request(b"x").der)
    with pytest.raises(stamp.Refused, match="another question"):
        stamp.accept(first, b"x", stamp.request(b"x"))


def test_a_refusal_is_told_in_the_authority_s_words(tmp_path: Path) -> None:
    tsa.keys(tmp_path)
    with pytest.raises(stamp.Refused, match="status 2"):
        stamp.time_of(tsa.stamp(tmp_path, b"no question"), b"x")


def test_the_question_stands_in_the_journal_of_the_audit(
    authority: tsa.Authority, tmp_path: Path
) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text('{"kind": "before"}\n')
    data = stamped(authority.url, tmp_path, settings=QUICK._replace(journal=journal))

    lines = journal.read_text().splitlines()
    assert lines[0] == '{"kind": "before"}'
    assert any("time stamp (RFC 3161)" in line for line in lines[1:])
    (kept,) = (e.content for e in archive.by_directory(data) if e.name == "journal.jsonl")
    assert kept == b'{"kind": "before"}\n'


@pytest.mark.parametrize(
    "url", ["tsa.example", "ftp://tsa.example/", "http://", "http://x:99999/", "http://a:b@x/"]
)
def test_what_is_no_address_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--timestamp"):
        bundling.prepare(tmp_path / "x.zip", None, url)


def test_without_the_library_nothing_is_begun(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, whole: bytes
) -> None:
    monkeypatch.setattr(stamp, "here", lambda: False)
    with pytest.raises(InputError, match=r"pip install 'gdpr-audit\[timestamp\]'"):
        bundling.prepare(tmp_path / "x.zip", None, "http://tsa.example/")

    assert bundles.wrong(whole) == []
    assert "time stamp: present, not read" in said(whole, verify.Trust(), "open")


def test_openssl_verifies_signature_and_stamp_as_the_documentation_says(
    whole: bytes, authority: tsa.Authority, tmp_path: Path
) -> None:
    files = {entry.name: entry.content for entry in archive.by_directory(whole)}
    for name in ("manifest.sig", "manifest.tsr"):
        (tmp_path / name).write_bytes(files[name])
    told = json.loads(files["manifest.sig"])
    (tmp_path / "raw.sig").write_bytes(base64.b64decode(told["signature"]))
    (tmp_path / "signed").write_bytes(b"gdpr-audit/bundle/1 manifest\n" + files["manifest.json"])
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = bundles.KEY.public_key().public_bytes(serialization.Encoding.PEM, public)
    (tmp_path / "key.pub").write_bytes(pem)
    for words in (
        "ts -verify -in manifest.tsr -data manifest.sig -CAfile",
        "pkeyutl -verify -pubin -inkey key.pub -rawin -in signed -sigfile raw.sig",
    ):
        line = [program("openssl", "openssl"), *words.split()]
        line += [str(authority.roots)] if words.startswith("ts") else []
        done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)

        assert done.returncode == 0, done.stderr
