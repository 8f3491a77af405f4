"""The small parts of a fleet: lanes, pace, folder, engine addresses."""

from __future__ import annotations

import asyncio
import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest

from gdpr_audit import files
from gdpr_audit.cli.fleet_progress import spell
from gdpr_audit.errors import ConnectFailed, InputError
from gdpr_audit.fleet import cluster, line, pace
from gdpr_audit.fleet.folder import Folder
from gdpr_audit.fleet.lanes import Lanes, Ready
from gdpr_audit.fleet.roster import Entry
from gdpr_audit.fleet.task import Done, Kit
from gdpr_audit.model import Text
from gdpr_audit.network import slots
from gdpr_audit.network.settings import Beside, Settings


def entry(name: str) -> Entry:
    return Entry(name, name, f"fleet.csv:{name}", "digest", Path("fleet.csv"))


def ready(name: str, *addresses: str) -> Ready:
    return Ready(entry(name), {f"{name}.test": addresses}, 1)


def test_no_two_that_share_an_address_go_at_once() -> None:
    lanes = Lanes()
    a, b, c, d = (
        ready("a", "192.0.2.1", "192.0.2.2"),
        ready("b", "192.0.2.2"),
        ready("c", "192.0.2.3"),
        ready("d"),
    )
    for one in (a, b, c, d):
        lanes.add(one)
    assert lanes.longest == 2
    assert [lanes.take(), lanes.take(), lanes.take(), lanes.take()] == [a, c, d, None]
    lanes.done(a)
    assert lanes.take() == b
    assert not len(lanes)


def test_the_rate_to_an_address_of_ones_own_is_whole_and_of_others_one_takes_a_share() -> None:
    settings = Settings(rate=10, beside=Beside({"a.test": ("192.0.2.1",)}, audits=4))
    assert settings.rate_to("192.0.2.1") == 10
    assert settings.rate_to("192.0.2.9") == 2.5
    assert settings._replace(beside=None).rate_to("192.0.2.9") == 10


def test_an_address_has_so_many_places_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots, "PATIENCE", 0.1)

    async def main() -> None:
        one, other = slots.Slots(tmp_path, 2), slots.Slots(tmp_path, 2)
        held = await one.take("192.0.2.1")
        await other.take("192.0.2.1")
        await other.take("2001:db8::1")
        with pytest.raises(ConnectFailed, match="keep 192.0.2.1 busy"):
            await other.take("192.0.2.1")
        one.give(held)
        await other.take("192.0.2.1")

    asyncio.run(main())


def test_an_ipv4_address_written_as_ipv6_is_the_same_place() -> None:
    assert ready("a", "::ffff:192.0.2.1").places == ready("b", "192.0.2.1").places


def test_the_time_that_is_left_is_named_late_and_never_less_than_the_longest_lane_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    found = pace.Pace()
    for _ in range(4):
        clock[0] += 1
        found.ended(2)
    assert found.left(100, 1) is None
    clock[0] += 1
    found.ended(2)
    assert found.speed == pytest.approx(1)
    assert found.left(100, 1) == pytest.approx(100)
    assert found.left(100, 80) == pytest.approx(160)  # each takes 2 s, one after another
    for _ in range(400):
        clock[0] += 0.1
        found.ended(2)
    assert found.speed == pytest.approx(10)  # what was slow at first is forgotten


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (80, "80 s"), (600, "10 min"), (9000, "2.5 h")]
)
def test_times_are_told_no_more_exactly_than_they_are_known(seconds: float, words: str) -> None:
    assert spell(seconds) == words


DONE = Done(
    b"{}", b"<html></html>", {**line.without(line.DONE, None), "incomplete": False, "basis": "x"}
)


def test_a_platform_is_done_when_all_of_it_is_there(tmp_path: Path) -> None:
    one = entry("a")
    with Folder(tmp_path / "out") as folder:
        assert folder.line(one) is None
        folder.write(one, DONE)
        found = folder.line(one)
        assert found is not None
        assert found["state"] == line.DONE
        assert folder.line(one._replace(digest="another")) is None
        (tmp_path / "out" / "a" / "audit.html").unlink()
        assert folder.line(one) is None


def test_a_lost_audit_is_noted_beside_an_earlier_one(tmp_path: Path) -> None:
    one = entry("a")
    with Folder(tmp_path) as folder:
        folder.write(one, DONE)
        folder.note(one, line.LOST, Text("perdu", "lost"))
        found = folder.line(one)
        assert found is not None
        assert found["state"] == line.LOST
    assert (tmp_path / "a" / "audit.html").read_bytes() == DONE.report


def test_a_folder_that_is_a_link_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").symlink_to(tmp_path / "elsewhere")
    with Folder(tmp_path / "out") as folder:
        with pytest.raises(OSError, match="a link"):
            folder.write(entry("a"), DONE)
        with pytest.raises(OSError, match="a link"):
            folder.note(entry("a"), line.LOST, Text("x", "x"))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_an_audit_that_a_power_cut_emptied_is_not_done(tmp_path: Path) -> None:
    with Folder(tmp_path) as folder:
        folder.write(entry("a"), DONE)
        (tmp_path / "a" / "audit.json").write_bytes(b"")
        assert folder.line(entry("a")) is None


def test_an_audit_that_cannot_be_written_leaves_the_earlier_one_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Folder(tmp_path) as folder:
        folder.write(entry("a"), DONE)

        def full(path: Path, content: bytes) -> Path:
            if path.name == "line.json":
                raise OSError(errno.ENOSPC, "full", str(path))
            return staged(path, content)

        staged = files.staged
        monkeypatch.setattr(files, "staged", full)
        with pytest.raises(OSError, match="full"):
            folder.write(entry("a"), DONE._replace(report=b"another"))
        assert folder.line(entry("a")) is not None
    assert (tmp_path / "a" / "audit.html").read_bytes() == DONE.report
    assert not list(tmp_path.rglob("*.part"))


def test_the_basis_is_all_that_the_list_of_hosters_says(kit: Kit) -> None:
    one, *others = kit.hosters.entries
    later = replace(kit.hosters, entries=(replace(one, confidence="low"), *others))
    assert kit._replace(hosters=later).basis != kit.basis
    assert kit._replace(version="other").basis != kit.basis


def test_why_an_audit_is_missing_is_told_without_secrets() -> None:
    said = line.without(
        line.REFUSED, Text.same("https://admin:hunter2secret@a.test/?token=abcdef12")
    )
    assert "hunter2secret" not in str(said)
    assert "abcdef12" not in str(said)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff", b'{"state": "done"}'])
def test_a_damaged_line_counts_as_not_done(tmp_path: Path, content: bytes) -> None:
    one = entry("a")
    with Folder(tmp_path) as folder:
        folder.write(one, DONE)
        (tmp_path / "a" / "line.json").write_bytes(content)
        assert folder.line(one) is None


def test_one_folder_takes_one_fleet_at_a_time(tmp_path: Path) -> None:
    with Folder(tmp_path), pytest.raises(InputError, match="another fleet"), Folder(tmp_path):
        pass
    with Folder(tmp_path):
        pass


@pytest.mark.parametrize(
    "address",
    [
        "tcp://192.0.2.1:8786",
        "tcp://scheduler.example:8786",
        "192.0.2.1:8786",
        "inproc://x",
        "tcp://",
        "tcp://alix:hunter2@127.0.0.1:1",
    ],
)
def test_a_scheduler_that_anyone_may_reach_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="--scheduler"):
        cluster._checked(address)


def test_a_scheduler_on_loopback_or_with_certificates_is_taken() -> None:
    for address in ("tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tls://scheduler.example:8786"):
        assert cluster._checked(address) == address


def test_a_line_counts_a_rule_by_the_worst_of_its_findings() -> None:
    def finding(rule: str, verdict: str) -> dict[str, str]:
        return {"rule": rule, "verdict": verdict, "severity": "high"}

    document = {
        "findings": [
            finding("a", "pass"), finding("a", "fail"), finding("b", "unproven"),
            finding("b", "pass"), finding("c", "not_applicable"), finding("d", "waived"),
        ],
        "summary": {"verdict": "non-compliant", "counts": {}, "failed": {}},
        "targets": [], "subjects": [], "facts": {}, "translations": {"fr": {}},
        "date": "", "language": "en", "digest": "", "started": "", "finished": "",
    }  # fmt: skip
    rules = line.of(document, incomplete=False, basis="")["rules"]
    assert rules == {"fail": ["a"], "error": [], "unproven": ["b"], "waived": ["d"], "pass": []}
    assert json.dumps(rules)
