"""The machine fails under an audit: the disk is full, the process is killed, the clock goes back."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gdpr_audit import audit as line
from gdpr_audit import document, files, model
from tests.conftest import namespace
from tests.lab import audits, pki, servers

GOAL = "http://127.0.0.1:1/"
LIMIT = 8192  # bytes of one file, on a disk that is nearly full


def _small_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def _scan(
    *words: str, cwd: Path, before: Callable[[], None] | None = None, patch: str = ""
) -> subprocess.CompletedProcess[str]:
    script = (
        f"{patch}\nimport sys; sys.argv[0] = 'gdpr-audit'\nfrom gdpr_audit.cli import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", script, "scan", GOAL, "--only", "web", "--timeout", "5", *words],
        cwd=cwd,
        preexec_fn=before,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_full_disk_is_told_in_one_line_and_leaves_no_half_report(tmp_path: Path) -> None:
    (tmp_path / "audit.html").write_text("the report of last week", "utf-8")
    done = _scan("-f", "html", "-o", "audit.html", cwd=tmp_path, before=_small_disk)

    assert done.returncode == 2
    assert done.stderr == "gdpr-audit: audit.html: cannot write: File too large\n"
    assert [path.name for path in tmp_path.iterdir()] == ["audit.html"]
    assert (tmp_path / "audit.html").read_text("utf-8") == "the report of last week"


def test_a_full_disk_leaves_the_reports_that_are_whole(tmp_path: Path) -> None:
    words = ("-f", "junit", "-f", "json", "--only", "hsts-missing", "-o", "out/")
    done = _scan(*words, cwd=tmp_path, before=_small_disk)
    whole = {path.name for path in (tmp_path / "out").iterdir()}

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert whole == {"audit.junit.xml"}


@pytest.mark.parametrize("words", [("rules", "list"), ("scan", GOAL, "--only", "hsts-missing")])
def test_a_full_disk_behind_standard_output_is_told_in_one_line(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-m", "gdpr_audit", *words],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr == (
        "gdpr-audit: cannot write all that is printed: No space left on device\n"
    )


def test_a_full_disk_leaves_no_half_key(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gdpr_audit", "keygen", "new.key"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr == "gdpr-audit: new.key.pub: cannot write: File too large\n"
    assert not list(tmp_path.iterdir())


KILL = """\
import os, pathlib, signal
pathlib.Path.replace = lambda part, path: os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("before", [None, "the report of last week"])
def test_what_is_killed_while_it_writes_leaves_no_half_report(
    tmp_path: Path, before: str | None
) -> None:
    report = tmp_path / "audit.json"
    if before is not None:
        report.write_text(before, "utf-8")
    done = _scan("-f", "json", "-o", "audit.json", cwd=tmp_path, patch=KILL)

    assert done.returncode == -signal.SIGKILL
    assert (report.read_text("utf-8") if report.exists() else None) == before
    assert (tmp_path / ".audit.json.part").stat().st_size > 0  # it was written, under another name

    again = _scan("-f", "json", "-o", "audit.json", cwd=tmp_path)
    assert again.returncode == 3
    assert json.loads(report.read_text("utf-8"))["schema"] == document.SCHEMA
    assert not (tmp_path / ".audit.json.part").exists()


def test_a_link_that_lies_in_wait_is_not_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine", "utf-8")
    (tmp_path / ".audit.json.part").symlink_to(precious)
    (tmp_path / "audit.json").symlink_to(precious)

    files.write_whole(tmp_path / "audit.json", b"{}")

    assert precious.read_text("utf-8") == "mine"
    assert (tmp_path / "audit.json").read_bytes() == b"{}"
    assert not (tmp_path / "audit.json").is_symlink()


def test_a_clock_that_goes_back_makes_no_negative_time(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    asked = 0

    def backwards() -> datetime:
        nonlocal asked
        asked += 1
        return at - timedelta(hours=asked)

    for module in (line, model):
        monkeypatch.setattr(module, "now", backwards)
    found = document.of(audits.run(GOAL, only=("web",)))

    assert asked > 1
    assert found["started"] == "2026-11-24T11:00:00Z"
    assert found["finished"] == found["started"]
    assert all(target["seconds"] >= 0 for target in found["targets"])


def test_a_journal_that_is_full_ends_the_sending_and_is_told(tmp_path: Path) -> None:
    """What cannot be recorded is not done; what was not looked at is unproven, and says why."""
    authority = pki.authority("Lab Root")
    context = servers.context(pki.save(tmp_path, "server", [pki.leaf(authority)]))
    patch = (
        "from gdpr_audit.network import journal\n"
        "begin = journal.Journal.__init__\n"
        "def full(self, path, **more):\n"
        "    begin(self, path, **more)\n"
        "    if path: self._file = open('/dev/full', 'w', buffering=1)\n"
        "journal.Journal.__init__ = full\n"
    )
    with servers.web(lambda *_: servers.Answer(body=b"<html>x"), context) as server:
        words = ("--only", "transport", "--journal", "j", "-f", "json", "-o", "a.json")
        script = f"{patch}\nimport sys; sys.argv[0] = 'gdpr-audit'\nfrom gdpr_audit.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", script, "scan", f"https://127.0.0.1:{server.port}/", *words],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr == (
        "gdpr-audit: --journal j: cannot write: No space left on device; "
        "nothing was sent from then on\n"
    )
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert found["targets"][0]["connections"] <= 8  # those that were under way already
    gaps = {r["gap"] or "" for f in found["findings"] for r in f["reasons"]}
    assert any("le journal ne peut plus être écrit" in gap for gap in gaps)
    assert not [f for f in found["findings"] if f["verdict"] == "error"]


def test_a_full_disk_leaves_no_half_bundle(tmp_path: Path) -> None:
    done = _scan("--bundle", "b.zip", "--only", "hsts-missing", cwd=tmp_path, before=_small_disk)
    assert done.returncode == 2
    assert done.stderr == "gdpr-audit: b.zip: cannot write: File too large\n"
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "audit.json"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        heard = reader.submit(pipe.read_bytes)
        done = _scan("-f", "json", "-o", "audit.json", cwd=tmp_path)
    assert done.returncode in {0, 3}, done.stderr
    assert json.loads(heard.result())["schema"] == "gdpr-audit/audit/1"
    assert pipe.is_fifo()


@pytest.mark.parametrize("device", ["/dev/null", "/dev/stdout"])
def test_a_device_stays_one(device: str, tmp_path: Path) -> None:
    """Root can put a file in its place: tried where nothing can be written, so that no harm is done."""
    before = os.lstat(device)
    unshare = namespace("--mount")
    line = 'mount -o remount,bind,ro / && exec "$@"'
    words = [sys.executable, "-m", "gdpr_audit", "scan", GOAL, "--only", "web", "-f", "json"]
    place = tmp_path / "out.txt"
    with place.open("wb") as out:
        done = subprocess.run(
            [*unshare, "sh", "-c", line, "sh", *words, "-o", device],
            cwd=tmp_path, stdout=out, stderr=subprocess.PIPE, check=False, timeout=60,
        )  # fmt: skip
    after = os.lstat(device)
    assert (done.returncode, done.stderr) == (3, b"")
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert (b"gdpr-audit/audit/1" in place.read_bytes()) == (device == "/dev/stdout")
