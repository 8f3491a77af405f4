"""Nothing is sent to anyone but the targets and the look-ups that the user allowed.

Seen on the wire of a network namespace, and not by what the tool says of itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import namespace, program
from tests.wire.world import METADATA, OTHER, REGISTRY, RESOLVER, SITE

ROOT = Path(__file__).parents[2]
URL = "https://rdv.example.test/"
ASK = ("udp", RESOLVER, 53)
HTTPS, HTTP = ("tcp", SITE, 443), ("tcp", SITE, 80)
WAYS = ("--resolver", RESOLVER, "--ca-file", "root.pem", "--journal", "journal.jsonl")
#: Names that a target's own names lead to: its domain's, and its address's own in reverse.
OWN = ("rdv.example.test", "example.test", "7.0.68.51.in-addr.arpa")

MANDATE = """
platform: RDV
targets: [{{url: https://rdv.example.test/, login_page: /, test_account: {{username: a, password_env: A}}}}]
mandate: {{authorised_by: x, reference: y, scope: [{scope}], not_before: 2020-01-01, not_after: 2090-01-01}}
"""


AUDIT = (sys.executable, "-m", "gdpr_audit")
#: Every command that has no need of a network, one after another, each with what the last one wrote.
OFFLINE = """
audit() { "$0" "$@" >>log 2>&1 || { echo "$* ended with $?"; cat log; exit 1; }; }
set -- "$1" "$2"
audit "$@" init platform.yaml --yes
audit "$@" validate platform.yaml
audit "$@" scan -d platform.yaml --fail-on never -f json -f html -f pdf -f oscal -o out/
audit "$@" keygen key
audit "$@" scan -d platform.yaml --fail-on never --bundle b.zip --sign-key key
audit "$@" verify b.zip --key key.pub
audit "$@" verify out/audit.json
audit "$@" report out/audit.json -f markdown -f breach-sheet -o again/
audit "$@" judge out/audit.json --fail-on never -f json -o judged.json
audit "$@" diff out/audit.json judged.json
audit "$@" rules list
audit "$@" rules show hsts-missing
audit "$@" hds status
audit "$@" hds search ovh
audit "$@" checks list
audit "$@" schema audit
"""
STRAY = """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.9", 9))
socket.socket().connect_ex(("198.18.0.9", 99))
socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"x", ("2001:db8::9", 9))
"""

Run = Callable[[list[str]], "Wire"]


@dataclass
class Wire:
    """What one command sent: who was spoken to first, names asked, and the rest."""

    status: int
    stdout: str
    stderr: str
    begun: set[tuple[str, str, int]]
    asked: set[str]
    decoy: int
    journal: list[dict[str, Any]]

    def strangers(self, *allowed: tuple[str, str, int]) -> set[tuple[str, str, int]]:
        return self.begun - set(allowed)

    def foreign_names(self, *more: str) -> set[str]:
        """Names asked that are neither the target's nor below one of its own nor in `more`."""
        own = (*OWN, *more)
        return {name for name in self.asked if not any(f".{name}".endswith(f".{o}") for o in own)}


@pytest.fixture(scope="module")
def unshare() -> list[str]:
    """The words that run what follows in a network namespace of its own."""
    program("ip", "iproute2")
    return namespace("--net")


@pytest.fixture
def run(unshare: list[str], tmp_path: Path) -> Run:
    """Runs a command line in the lab's world, in the test's folder."""

    def line(words: list[str]) -> Wire:
        started = [*unshare, sys.executable, "-m", "tests.wire.world", str(tmp_path), *words]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            started, capture_output=True, text=True, check=False, timeout=150, env=env
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        return Wire(
            told["status"], told["stdout"], told["stderr"],
            {tuple(one) for one in told["begun"]}, {name for name, _ in told["asked"]},
            told["decoy"], [json.loads(line) for line in told["journal"].splitlines()],
        )  # fmt: skip

    return line


@pytest.fixture
def wire(run: Run) -> Callable[..., Wire]:
    return lambda *words: run([*AUDIT, *words])


def _in_journal(seen: Wire) -> set[tuple[str, str, int]]:
    """Every conversation that the journal names."""
    found: set[tuple[str, str, int]] = set()
    for line in seen.journal:
        if line["kind"] == "dns":
            host, _, port = line["via"].rpartition(":")
            found.add(("udp", host, int(port)))
        elif line["kind"] == "tcp":
            found.add(("tcp", line["address"], line["port"]))
    return found


def test_a_passive_scan_speaks_to_its_target_alone(wire: Any) -> None:
    """Whatever the page, its headers and its certificate lead to."""
    seen = wire("scan", URL, *WAYS, "--offline", "--browser", "none", "-f", "json", "-o", "a.json")
    assert seen.status == 0, seen.stderr
    assert seen.begun == {ASK, HTTPS, HTTP}
    assert seen.foreign_names() == set()
    assert seen.begun == _in_journal(seen)


def test_whose_an_address_is_is_asked_of_the_registries_alone(wire: Any, tmp_path: Path) -> None:
    text = "platform: RDV\nprocessing: {health_data: true}\nhosting: [{provider: OVHcloud}]\n"
    (tmp_path / "p.yaml").write_text(text)
    words = ("scan", URL, "-d", "p.yaml", *WAYS, "--browser", "none", "-f", "json", "-o", "a.json")
    seen = wire(*words)
    assert seen.strangers(ASK, HTTPS, HTTP, ("tcp", REGISTRY, 443)) == set()
    assert any(name.endswith("asn.cymru.com") for name in seen.asked)
    assert seen.foreign_names("asn.cymru.com", "rdap.db.ripe.net", "cdn.other.test") == set()
    assert seen.begun == _in_journal(seen)

    quiet = wire(*words, "--offline")
    assert quiet.begun == {ASK, HTTPS, HTTP}
    assert quiet.foreign_names() == {"cdn.other.test"} & quiet.asked


def test_a_real_browser_speaks_to_whom_the_page_asks_and_never_past_the_door(wire: Any) -> None:
    """No peer connection, no word to the browser's maker, no name asked of the machine's resolver."""
    program("chromium", "chromium")
    words = ("scan", URL, *WAYS, "--offline", "--only", "tracking-before-consent")
    seen = wire(*words, "-f", "json", "-o", "a.json")
    relays = {one for one in seen.begun if one[1] == "127.0.0.1"}
    assert seen.begun - relays == {ASK, HTTPS, HTTP, ("tcp", OTHER, 443)}
    assert len(relays) == 1  # the door's own
    assert seen.decoy == 0
    assert not [one for one in seen.begun if one[1] == METADATA]
    assert seen.foreign_names("cdn.other.test", "fetched.bait.test") == set()


def test_probes_go_where_the_mandate_leads_and_not_without_one(wire: Any, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(MANDATE.format(scope="rdv.example.test"))
    words = ("scan", "-d", "p.yaml", *WAYS, "--offline", "--browser", "none", "--active")
    seen = wire(*words, "-f", "json", "-o", "a.json")
    assert {one[1] for one in seen.begun} == {RESOLVER, SITE}
    assert len(seen.begun) > 10  # ports that nobody named were tried
    assert seen.foreign_names() == set()

    (tmp_path / "p.yaml").write_text(MANDATE.format(scope="other.test"))
    assert wire(*words).begun == {ASK, HTTPS, HTTP}

    (tmp_path / "p.yaml").write_text(f"platform: RDV\ntargets: [{{url: '{URL}'}}]\n")
    refused = wire(*words)
    assert refused.status == 2
    assert refused.begun == set()


def test_a_fleet_speaks_to_its_targets_alone(wire: Any, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_text(f"name,url\nRDV,{URL}\nOther,https://cdn.other.test/\n")
    seen = wire(
        "fleet", "fleet.csv", "--resolver", RESOLVER, "--ca-file", "root.pem", "--offline",
        "-o", "out", "--jobs", "2",
    )  # fmt: skip
    assert seen.status == 0, seen.stderr
    assert seen.begun == {ASK, HTTPS, HTTP, ("tcp", OTHER, 443), ("tcp", OTHER, 80)}
    own = ("cdn.other.test", "other.test", "7.0.198.88.in-addr.arpa")
    assert seen.foreign_names(*own) == set()


def test_what_reads_and_writes_files_sends_nothing_at_all(run: Run) -> None:
    seen = run(["sh", "-c", OFFLINE, *AUDIT])
    assert (seen.status, seen.stderr) == (0, ""), seen.stdout
    assert seen.begun == set()


def test_the_sample_platform_is_audited_on_loopback_alone(wire: Any) -> None:
    seen = wire("demo", "-o", "demo")
    assert "audit.html" in seen.stdout, seen.stderr
    assert {one[1] for one in seen.begun} <= {"127.0.0.1", "::1"}


def test_what_is_sent_to_a_stranger_is_seen(run: Run) -> None:
    """The tap itself: one packet of each kind, to nobody that anyone allowed."""
    seen = run([sys.executable, "-c", STRAY])
    assert seen.begun == {
        ("udp", "192.0.2.9", 9),
        ("tcp", "198.18.0.9", 99),
        ("udp", "2001:db8::9", 9),
    }
