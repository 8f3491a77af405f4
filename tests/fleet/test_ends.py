"""However a fleet ends, or one of its processes: what was finished stays, whole."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import leave_out
from tests.fleet import fleets
from tests.lab import servers
from tests.lab.nation import Nation, Platform

pytestmark = pytest.mark.xdist_group("fleet-ends")

ONLY = ("--only", "transport", "--timeout", "20")


#: A check of another package, which does to its process whatever the platform's name says.
BAD = """
import asyncio, os, signal, time
from gdpr_audit.model import Check, FactSpec, FactType

async def observe(subject, session):
    if ":11/" in subject.name: os.kill(os.getpid(), signal.SIGKILL)
    if ":12/" in subject.name:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})  # no alarm ends it
        time.sleep(3600)
    if ":15/" in subject.name: time.sleep(3600)
    if ":13/" in subject.name: os._exit(7)
    if ":14/" in subject.name: raise ValueError("half a fact")
    return
    yield

CHECK = Check(
    name="bad", subject="target", reaches=False, observe=observe,
    facts=(FactSpec("bad.fact", FactType.BOOLEAN, "target", "Nothing."),),
)
"""


@pytest.fixture
def bad_check(tmp_path: Path) -> dict[str, str]:
    """An environment in which a check is installed that harms its process."""
    place = tmp_path / "site"
    info = place / "bad_check-1.0.dist-info"
    info.mkdir(parents=True)
    (place / "bad_check.py").write_text(BAD, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-check\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gdpr_audit.checks]\nbad = bad_check:CHECK\n")
    return {"PYTHONPATH": str(place)}


def test_a_platform_that_kills_or_hangs_its_process_costs_only_itself(
    tmp_path: Path, bad_check: dict[str, str]
) -> None:
    rules = tmp_path / "rules" / "bad"
    rules.mkdir(parents=True)
    (rules / "bad-rule.yaml").write_text(RULE, "utf-8")
    platforms = [Platform(f"p{i}", f"http://127.64.0.{i}:{i}/") for i in range(9, 17)]
    fleet = fleets.table(tmp_path / "fleet.csv", platforms)
    out = tmp_path / "out"
    status, _, complained = fleets.run(
        fleet, out, "--rules", str(tmp_path / "rules"), "--only", "bad-rule", "--timeout", "1",
        "--jobs", "3", **bad_check,
    )  # fmt: skip
    assert (status, complained) == (3, "")
    found = {row["platform"]: row for row in fleets.summed(out)["platforms"]}
    assert {name for name, row in found.items() if row["state"] == "lost"} == {"p11", "p12", "p13"}
    assert "SIGKILL" in found["p11"]["reason"]["en"]
    assert "did not end within 22 s" in found["p12"]["reason"]["en"]
    assert "(7)" in found["p13"]["reason"]["en"]
    assert found["p14"]["counts"]["error"] == 1
    assert found["p15"]["counts"]["unproven"] == 1  # its own alarm ended the hang
    assert found["p9"]["counts"]["unproven"] == 1
    assert fleets.whole(out) >= {"p9", "p10", "p14", "p15", "p16"}


RULE = """\
id: bad-rule
severity: low
subject: target
require:
  bad.fact: {is: true}
articles: [GDPR-32-1-b]
sources: [{id: RFC-6797}]
title: {fr: Essai, en: Trial}
why: {fr: Essai., en: Trial.}
remedy: {fr: Essai., en: Trial.}
examples:
  - pass: {bad.fact: true}
  - fail: {bad.fact: false}
  - unproven: {}
"""


def _children(process: subprocess.Popen[str]) -> set[int]:
    """All processes below it."""
    found: set[int] = set()
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = int(path.parent.name), path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[pid] = int(rest[1])
    frontier = {process.pid}
    while frontier:
        frontier = {pid for pid, parent in parents.items() if parent in frontier}
        found |= frontier
    return found


def _alive(pids: set[int]) -> set[int]:
    def runs(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    return {pid for pid in pids if runs(pid)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_was_finished_stays_when_a_fleet_is_ended_and_the_next_run_completes_it(
    land: Nation, tmp_path: Path, number: signal.Signals
) -> None:
    platforms = land.platforms(24)
    fleet = fleets.table(tmp_path / "fleet.csv", platforms)
    out = tmp_path / "out"
    process = fleets.begin(fleet, out, *ONLY, "--jobs", "2")
    while len(list(out.glob("*/line.json"))) < 4:
        assert process.poll() is None
        time.sleep(0.05)
    below = _children(process)
    assert len(below) >= 3  # the one that forks, and two at work
    process.send_signal(number)
    _, complained = process.communicate(timeout=20)
    assert complained == ""
    servers.eventually(lambda: not _alive(below))
    before = {path: path.read_bytes() for path in out.glob("*/line.json")}
    done = fleets.whole(out) if number != signal.SIGKILL else {p.parent.name for p in before}
    assert 4 <= len(done) < 24
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert fleets.summed(out)["summary"]["states"]["pending"] == 24 - len(done)
    status, said, complained = fleets.run(fleet, out, *ONLY)
    assert complained == ""
    assert status == 1
    assert "24 platforms" in said
    assert len(fleets.whole(out)) == 24
    assert {path: path.read_bytes() for path in before} == before  # not audited twice


def test_a_full_disk_ends_the_fleet_with_nothing_half_written(land: Nation, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    if (
        os.getuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(out)],
            check=False,
            capture_output=True,
        ).returncode
    ):
        leave_out("a small disk cannot be mounted here: run the tests as root")
    fleet = fleets.table(tmp_path / "fleet.csv", land.platforms(12))
    try:
        status, _, complained = fleets.run(fleet, out, *ONLY)
        assert status in (1, 3)
        assert "No space left on device; run it again to go on" in complained
        assert complained.count("\n") == 1
        done = fleets.whole(out)
        assert 0 < len(done) < 12
        subprocess.run(["mount", "-o", "remount,size=64m", str(out)], check=True)
        status, _, complained = fleets.run(fleet, out, *ONLY)
        assert (status, complained) == (1, "")
        assert len(fleets.whole(out)) == 12
    finally:
        subprocess.run(["umount", "-l", str(out)], check=True)
