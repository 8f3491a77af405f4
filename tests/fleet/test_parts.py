"""The small parts of a fleet: lanes, pace, folder, engine addresses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gdpr_audit.cli.fleet_progress import spell
from gdpr_audit.errors import InputError
from gdpr_audit.fleet import cluster, line, pace
from gdpr_audit.fleet.folder import Folder
from gdpr_audit.fleet.lanes import Lanes, Ready
from gdpr_audit.fleet.roster import Entry
from gdpr_audit.fleet.task import Done
from gdpr_audit.model import Text
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


def test_an_address_of_ones_own_is_used_in_full_and_others_by_ones_share() -> None:
    settings = Settings(rate=10, beside=Beside({"a.test": ("192.0.2.1",)}, audits=4))
    assert settings.bounds("192.0.2.1") == (8, 10)
    assert settings.bounds("192.0.2.9") == (2, 2.5)
    assert settings._replace(beside=None).bounds("192.0.2.9") == (8, 10)


def test_the_time_that_is_left_is_named_late_and_never_less_than_the_longest_lane_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    found = pace.Pace()
    for _ in range(4):
        clock[0] += 1
        found.ended()
    assert found.left(100, 1, 2) is None
    clock[0] += 1
    found.ended()
    assert found.speed == pytest.approx(1)
    assert found.left(100, 1, 2) == pytest.approx(100)
    assert found.left(100, 80, 2) == pytest.approx(160)  # each takes 2 s, one after another
    for _ in range(400):
        clock[0] += 0.1
        found.ended()
    assert found.speed == pytest.approx(10)  # what was slow at first is forgotten


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (80, "80 s"), (600, "10 min"), (9000, "2.5 h")]
)
def test_times_are_told_no_more_exactly_than_they_are_known(seconds: float, words: str) -> None:
    assert spell(seconds) == words


DONE = Done(b"{}", b"<html></html>", {"state": line.DONE, "reason": None})


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


def test_what_is_written_anew_is_not_done_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = entry("a")
    with Folder(tmp_path) as folder:
        folder.write(one, DONE)
        seen = []
        from gdpr_audit import files

        write = files.write_whole

        def watched(path: Path, content: bytes) -> None:
            seen.append((path.name, folder.line(one)))
            write(path, content)

        monkeypatch.setattr(files, "write_whole", watched)
        folder.write(one, DONE)
    assert seen == [("audit.html", None), ("audit.json", None), ("line.json", None)]


def test_a_lost_audit_leaves_no_report_of_an_earlier_one(tmp_path: Path) -> None:
    one = entry("a")
    with Folder(tmp_path) as folder:
        folder.write(one, DONE)
        folder.note(one, line.LOST, Text("perdu", "lost"))
        found = folder.line(one)
        assert found is not None
        assert found["state"] == line.LOST
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["line.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff"])
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
