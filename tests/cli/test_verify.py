"""`gdpr-audit verify` as a user has it: status, words, another machine, no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.test_cli import run
from tests.lab import bundles

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "b.zip").write_bytes(bundles.signed())
    with zipfile.ZipFile(tmp_path / "b.zip") as found:
        (tmp_path / "a.json").write_bytes(found.read("audit.json"))
    return tmp_path


def test_another_machine_without_network_or_home(place: Path, tmp_path: Path) -> None:
    program = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('the network was asked')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "sys.argv = ['gdpr-audit', 'verify', 'b.zip', '--lang', 'en']\n"
        "from gdpr_audit.cli import main\n"
        "main()\n"
    )
    alone: list[str] = []
    unshare = shutil.which("unshare")
    if (
        unshare
        and subprocess.run([unshare, "-rn", "true"], check=False, capture_output=True).returncode
        == 0
    ):
        alone = [unshare, "-rn"]
    done = subprocess.run(
        [*alone, sys.executable, "-c", program], cwd=place, capture_output=True, text=True,
        check=False, env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": "/nowhere"},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert "[ok] findings:" in done.stdout
    assert done.stdout.endswith("b.zip: nothing was changed\n")


def test_the_language_is_the_audit_s_or_the_one_asked_for(place: Path) -> None:
    assert "rien n'a été modifié" in run("verify", "b.zip", cwd=place).stdout
    assert "nothing was changed" in run("verify", "b.zip", "--lang", "en", cwd=place).stdout


def test_one_bit_is_status_1_and_says_where(place: Path) -> None:
    data = bytearray((place / "b.zip").read_bytes())
    at = data.index(b"Labo")
    data[at] ^= 1
    (place / "b.zip").write_bytes(data)
    done = run("verify", "b.zip", "--lang", "en", cwd=place)

    assert (done.returncode, done.stderr) == (1, "")
    assert (
        f"[!!] audit.json: byte {at - data.index(b'{', data.index(b'audit.json{'))}" in done.stdout
    )
    assert "was 0x4c ('L') and is 0x4d ('M')" in done.stdout
    assert "changed or not trusted: 1" in done.stdout


def test_the_key_by_its_file_or_its_id(place: Path) -> None:
    mine = run("keygen", "k", cwd=place).stdout.strip()
    done = run("report", "a.json", "--bundle", "mine.zip", "--sign-key", "k", cwd=place)
    assert done.returncode == 0, done.stderr

    for key in ("k.pub", mine):
        assert run("verify", "mine.zip", "--key", key, cwd=place).returncode == 0
        done = run("verify", "b.zip", "--key", key, "--lang", "en", cwd=place)
        assert done.returncode == 1
        assert f"and not by {mine}" in done.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["none.zip"], "No such file"),
        (["text"], "neither a bundle nor an audit document"),
        (["other.zip"], "neither a bundle nor an audit document"),
        (["other.json"], "neither a bundle nor an audit document"),
        (["b.zip", "--key", "text"], "not a public key in PEM"),
        (["b.zip", "--key", "k"], "not a public key in PEM"),
        (["b.zip", "--tsa-ca", "text"], "not a PEM file of certificates"),
        (["a.json", "--key", "k.pub"], "--key is for bundles"),
    ],
)
def test_what_cannot_be_verified_is_status_2_in_one_line(
    place: Path, words: list[str], why: str
) -> None:
    run("keygen", "k", cwd=place)
    (place / "text").write_text("hello")
    (place / "other.json").write_text("{}")
    with zipfile.ZipFile(place / "other.zip", "w") as other:
        other.writestr("a.txt", "hello")
    done = run("verify", *words, cwd=place)

    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_lone_document(place: Path) -> None:
    done = run("verify", "a.json", "--lang", "en", cwd=place)

    assert done.returncode == 0
    assert "[ok] audit.json: digest sha256:" in done.stdout
    assert "a lone document has none" in done.stdout
    assert "follow from the facts" in done.stdout


def test_a_lone_document_that_was_changed(place: Path) -> None:
    content = (place / "a.json").read_bytes()
    at = content.index(b'"fail"')

    def said(changed: bytes) -> str:
        (place / "a.json").write_bytes(changed)
        done = run("verify", "a.json", "--lang", "en", cwd=place)
        assert (done.returncode, done.stderr) == (1, ""), done.stdout
        return done.stdout

    verdict = content.index(b'"verdict": "fail"')
    told = said(content[:verdict] + b'"verdict": "pass"' + content[verdict + 17 :])
    assert "the content does not match the digest" in told
    assert "only a bundle (--bundle) tells" in told
    assert "says pass, but the facts give fail" in told
    assert f"cannot be read at byte {at}" in said(content[:at] + b"\xff" + content[at + 1 :])
    assert f"cannot be read at byte {at}" in said(content[:at] + b"!" + content[at + 1 :])
    space = content.index(b'  "platform"')
    shifted = said(content[:space] + b"\t" + content[space + 1 :])
    assert f"not written as gdpr-audit writes it, from byte {space} on" in shifted
    assert "[ok] audit.json: digest" in shifted
    (place / "a.json").write_text(json.dumps(json.loads(content)))
    assert run("verify", "a.json", cwd=place).returncode == 1


def test_each_single_bit_of_a_lone_document_is_status_1(place: Path) -> None:
    """A sample of them, without the command around it."""
    from gdpr_audit.proof import verify

    content = (place / "a.json").read_bytes()
    for at in range(0, len(content), len(content) // 150):
        for bit in (0, 3, 5):
            changed = content[:at] + bytes((content[at] ^ 1 << bit,)) + content[at + 1 :]
            found = verify.of_document(changed, lambda *_: [])
            assert found is not None
            assert found.changed, (at, bit)
