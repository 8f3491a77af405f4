"""A fleet from end to end, as a user runs it: against real servers, in real processes."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.fleet import fleets
from tests.lab import servers
from tests.lab.nation import Nation, Platform, by_hand

pytestmark = pytest.mark.xdist_group("fleet")

SCHEMA = Path(__file__).with_name("fleet.schema.json")
ONLY = ("--only", "transport", "--timeout", "20")


def test_a_fleet_leaves_each_platform_its_reports_and_one_table_of_all(
    land: Nation, tmp_path: Path
) -> None:
    fleet = fleets.table(tmp_path / "fleet.csv", land.platforms(6))
    out = tmp_path / "out"
    status, said, complained = fleets.run(fleet, out, "--timeout", "30", "--lang", "en")
    assert (status, complained) == (1, "")
    assert "6 platforms: 6 non-compliant" in said
    assert len(fleets.whole(out)) == 6
    found = fleets.summed(out)
    jsonschema.validate(found, json.loads(SCHEMA.read_text("utf-8")))
    assert found["summary"]["states"] == {"done": 6, "lost": 0, "refused": 0, "pending": 0}
    rules = {rule["rule"]: rule for rule in found["rules"]}
    assert rules["certificate-untrusted"]["fail"] == 6
    assert rules["hsts-missing"]["fail"] == 2  # legacy and bare
    assert rules["hsts-missing"]["pass"] == 4
    assert found["hosters"][0] == {
        "hoster": None, "platforms": 6, "non-compliant": 6, "undetermined": 0, "compliant": 0,
    }  # fmt: skip
    assert [row["platform"] for row in fleets.rows(out)] == [one.name for one in land.platforms(6)]
    page = (out / "index.html").read_text("utf-8")
    for row in found["platforms"]:
        assert f'href="{row["slug"]}/audit.html"' in page
        own = json.loads((out / row["slug"] / "audit.json").read_text("utf-8"))
        assert row["digest"] == own["digest"]
        assert row["failed"] == own["summary"]["failed"]


def test_what_is_done_is_not_done_again_unless_asked(tmp_path: Path) -> None:
    with servers.tcp(servers.silent) as server:
        fleet = tmp_path / "fleet.csv"
        fleet.write_text(f"name,url\nAlpha,http://127.0.0.1:{server.port}/\n", "utf-8")
        out = tmp_path / "out"
        complained: list[str] = []

        def again(*options: str) -> int:
            before = len(server.seen)
            complained.append(
                fleets.run(fleet, out, "--only", "web", "--timeout", "1", *options)[2]
            )
            return len(server.seen) - before

        assert again() > 0
        line = (out / "alpha" / "line.json").read_bytes()
        assert again() == 0
        assert (out / "alpha" / "line.json").read_bytes() == line
        assert again("--stale") == 0
        assert again("--skip", "hsts-missing") == 0  # other rules: it is said, no more
        assert complained[-1].count("--stale audits them again") == 1
        assert again("--skip", "hsts-missing", "--stale") > 0
        assert again("--refresh") > 0
        (out / "alpha" / "audit.json").unlink()
        assert again() > 0
        fleet.write_text(f"name,url\nAlpha,http://127.0.0.1:{server.port}/other\n", "utf-8")
        assert again() > 0  # the list says something else now


def test_another_list_of_hosters_counts_as_stale(land: Nation, tmp_path: Path) -> None:
    fleet = fleets.table(tmp_path / "fleet.csv", land.platforms(1))
    out = tmp_path / "out"
    fleets.run(fleet, out, *ONLY)
    first = fleets.summed(out)["platforms"][0]["finished"]
    listed = tmp_path / "list.csv"
    listed.write_text(
        "name,aliases,country,activities,referential,certification_body,certificate_number,"
        "valid_from,valid_until,source_url,source_date,confidence\n"
        "Alpha,,FR,1;2;3;4;5;6,2,LNE,1,2026-01-01,2028-12-31,https://a.test,2026-11-01,high\n",
        "utf-8",
    )
    time.sleep(1.1)  # times are in whole seconds
    status, _, complained = fleets.run(fleet, out, *ONLY, "--hds-list", str(listed), "--stale")
    assert status in (0, 1), complained
    assert fleets.summed(out)["platforms"][0]["finished"] != first


@pytest.mark.parametrize(
    ("kind", "options", "status"),
    [
        ("legacy", (), 1),
        ("modern", (), 0),
        ("modern", ("--fail-on", "high"), 1),
        ("legacy", ("--fail-on", "never"), 0),
        ("tarpit", ("--strict", "--timeout", "2"), 1),
    ],
)
def test_the_exit_status_is_that_of_the_worst_platform(
    land: Nation, tmp_path: Path, kind: str, options: tuple[str, ...], status: int
) -> None:
    platforms = [*land.platforms(2, "tls13"), land.at(9, kind)]
    fleet = fleets.table(tmp_path / "fleet.csv", platforms)
    found, _, complained = fleets.run(fleet, tmp_path / "out", *ONLY, *options)
    assert (found, complained) == (status, "")


def test_what_could_not_be_looked_at_makes_the_fleet_incomplete(
    land: Nation, tmp_path: Path
) -> None:
    platforms = [
        land.at(1, "tls13"), Platform("Nobody", "https://127.64.0.1:1/"),
        Platform("Bad", "ftp://127.64.0.1/"), land.at(2, "tarpit"),
    ]  # fmt: skip
    out = tmp_path / "out"
    fleet = fleets.table(tmp_path / "fleet.csv", platforms)
    status, said, _ = fleets.run(fleet, out, "--only", "transport", "--timeout", "3")
    assert status == 3
    assert "1 with a declaration that was refused, 2 targets that did not answer" in said
    found = {row["platform"]: row for row in fleets.summed(out)["platforms"]}
    assert found["Bad"]["state"] == "refused"
    assert "unknown scheme" in found["Bad"]["reason"]["fr"]
    assert found["Nobody"]["verdict"] == "undetermined"
    (lost,) = found["Nobody"]["not_looked"]
    assert "refused the connection" in lost["reason"]["en"]
    assert "a refusé la connexion" in lost["reason"]["fr"]
    assert found["tarpit 00002"]["not_looked"]
    page = (out / "index.html").read_text("utf-8")
    assert "a refusé la connexion" in page


def test_a_folder_that_cannot_be_written_costs_its_platform_alone(
    land: Nation, tmp_path: Path
) -> None:
    platforms = land.platforms(3, "tls13")
    out = tmp_path / "out"
    out.mkdir()
    (out / "tls13-00001").write_text("in the way")
    fleet = fleets.table(tmp_path / "fleet.csv", platforms)
    status, _, complained = fleets.run(fleet, out, *ONLY)
    assert status == 3
    assert complained == f"gdpr-audit: {out / 'tls13-00001'}: File exists\n"
    assert fleets.whole(out) == {"tls13-00000", "tls13-00002"}


def test_a_password_in_the_list_stands_in_no_output(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.csv"
    fleet.write_text("name,url\nup,https://admin:hunter2secret@127.64.9.1:1/?token=abcdef1234\n")
    out = tmp_path / "out"
    assert fleets.run(fleet, out, *ONLY)[0] == 3
    for path in out.rglob("*"):
        if path.is_file():
            assert b"hunter2secret" not in path.read_bytes()
            assert b"abcdef1234" not in path.read_bytes()


def test_a_hundred_platforms_on_one_address_are_no_flood(tmp_path: Path) -> None:
    """At no time more connections than one audit would open; look-ups are asked once."""
    most = now = 0

    def talk(connection: Any) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        try:
            connection.settimeout(5)
            connection.recv(4096)
            time.sleep(0.01)
        finally:
            now -= 1

    def zone(name: str, rdtype: str) -> Any:
        return [(name, "A", "127.0.0.1")] if rdtype == "A" and name.startswith("p") else 3

    with servers.tcp(talk) as server, servers.dns_server(zone) as dns:
        rows = "".join(f"p{i},https://p{i}.hospital.test:{server.port}/\n" for i in range(12))
        fleet = tmp_path / "fleet.csv"
        fleet.write_text(f"name,url\n{rows}", "utf-8")
        out = tmp_path / "out"
        fleets.run(
            fleet, out, "--jobs", "6", "--timeout", "5", "--only", "transport", "--only", "naming",
            "--resolver", f"127.0.0.1:{dns.port}",
        )  # fmt: skip
        assert len(fleets.whole(out)) == 12
        assert len(server.seen) > 12
        assert most <= 8
        own = [question for question in dns.seen if question[0].startswith("p")]
        assert len(own) == len(set(own))


def test_a_host_that_all_platforms_lead_to_is_no_more_flooded_than_their_own(
    tmp_path: Path,
) -> None:
    most = now = 0
    gate = threading.Lock()

    def login(_path: str, _headers: dict[str, str]) -> servers.Answer:
        nonlocal most, now
        with gate:
            now += 1
            most = max(most, now)
        time.sleep(0.1)
        with gate:
            now -= 1
        return servers.Answer(body=b"<form method=post><input type=password name=p></form>")

    with servers.web(login) as shared:
        where = f"http://127.0.0.1:{shared.port}/login"

        def lead(peer: socket.socket, _closed: threading.Event) -> None:
            with peer, contextlib.suppress(OSError):
                peer.recv(65536)
                peer.sendall(f"HTTP/1.1 302 Found\r\nLocation: {where}\r\n\r\n".encode())

        with by_hand(lead) as port:
            rows = "".join(f"p{i},http://127.70.0.{i}:{port}/\n" for i in range(12))
            fleet = tmp_path / "fleet.csv"
            fleet.write_text(f"name,url\n{rows}", "utf-8")
            out = tmp_path / "out"
            fleets.run(fleet, out, "--jobs", "12", "--timeout", "20", "--only", "web")
        assert len(fleets.whole(out)) == 12
        assert len(shared.seen) >= 12
        assert most <= 8


def test_what_several_platforms_ask_of_the_dns_is_asked_once(tmp_path: Path) -> None:
    def zone(name: str, rdtype: str) -> Any:
        return [(name, "A", "127.0.0.1")] if rdtype == "A" and name.startswith("p") else 3

    with servers.dns_server(zone) as dns:
        rows = "".join(f"p{i},https://p{i}.hospital.test:1/\n" for i in range(4))
        fleet = tmp_path / "fleet.csv"
        fleet.write_text(f"name,url\n{rows}", "utf-8")
        fleets.run(
            fleet, tmp_path / "out", "--jobs", "1", "--timeout", "5", "--only", "naming",
            "--resolver", f"127.0.0.1:{dns.port}",
        )  # fmt: skip
        shared = [question for question in dns.seen if question[0] == "hospital.test"]
        assert shared
        assert len(dns.seen) == len(set(dns.seen))


def test_a_hostile_name_is_text_in_every_output(land: Nation, tmp_path: Path) -> None:
    name = "=cmd|x <script>alert(1)</script> \u202eevil"
    fleet = tmp_path / "fleet.csv"
    url = land.at(1, "tls13").url
    fleet.write_text(f'name,url\n"{name}",{url}\n', "utf-8")
    out = tmp_path / "out"
    fleets.run(fleet, out, *ONLY)
    page = (out / "index.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "\u202e" not in page
    (row,) = fleets.rows(out)
    assert row["platform"].startswith("'=")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--engine", "dask"), "go together"),
        (("--scheduler", "tcp://127.0.0.1:1"), "go together"),
        (("--only", "nothing-such"), "nothing-such"),
        (("--jobs", "0"), "--jobs"),
        (("--date", "tomorrow"), "--date"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_written(
    tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    fleet = fleets.table(tmp_path / "fleet.csv", [Platform("a", "https://127.0.0.1:1/")])
    status, said, complained = fleets.run(fleet, tmp_path / "out", *options)
    assert (status, said) == (2, "")
    assert words in complained
    assert not (tmp_path / "out").exists()
