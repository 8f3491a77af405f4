"""`make audit`: what is locked, what is known of it, and what nobody could tell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tools.supply import advisories, audit, locks

ROOT = Path(__file__).parents[2]


def _record(name: str, *events: dict[str, str], versions: tuple[str, ...] = ()) -> dict[str, Any]:
    where = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    package = {"name": name, "ecosystem": "PyPI"}
    row = {"package": package, "ranges": where, "versions": list(versions)}
    return {"id": "TEST-1", "schema_version": "1.4.0", "summary": "x", "affected": [row]}


def _run(tmp_path: Path, *records: dict[str, Any], **env: str) -> subprocess.CompletedProcess[str]:
    for number, record in enumerate(records):
        (tmp_path / f"{number}.json").write_text(json.dumps(record))
    return subprocess.run(
        [sys.executable, "-m", "tools.supply.audit"], cwd=ROOT, capture_output=True, text=True,
        check=False, timeout=120, env={**os.environ, "ADVISORIES": str(tmp_path), **env},
    )  # fmt: skip


def test_every_lock_is_pinned_hashed_and_what_is_installed() -> None:
    assert locks.faults() == []


def test_a_known_vulnerability_of_a_locked_package_fails(tmp_path: Path) -> None:
    done = _run(tmp_path, _record("jinja2", {"introduced": "0"}, {"fixed": "999.1"}))
    assert done.returncode == 1, done.stderr
    assert "jinja2" in done.stdout
    assert "TEST-1, fixed in 999.1" in done.stdout


def test_records_that_are_none_are_told_in_one_line_and_fail(tmp_path: Path) -> None:
    for given in (tmp_path, tmp_path / "missing.zip", Path(__file__)):
        done = _run(tmp_path, ADVISORIES=str(given))
        assert done.returncode == 3
        assert "audit: ADVISORIES: " in done.stdout
        assert not done.stderr


def test_none_known_passes_and_says_in_how_many(tmp_path: Path) -> None:
    done = _run(tmp_path, _record("jinja2", {"introduced": "0"}, {"fixed": "0.1"}), STRICT="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 open, 0 accepted, in 1" in done.stdout
    assert "NOT LOOKED AT" not in done.stdout


def test_a_service_that_does_not_answer_is_no_all_clear() -> None:
    seen = audit.ask("-s", "osv", "--osv-url", "http://127.0.0.1:1/")
    assert seen.looked == 0
    assert "pip-audit gave up" in seen.failure
    assert "NOT LOOKED AT" in "\n".join(audit._told(seen, 0))


def test_a_package_that_was_skipped_is_no_all_clear() -> None:
    rows = [
        {"name": "a", "version": "1", "vulns": []},
        {"name": "b", "skip_reason": "not found"},
    ]
    seen = audit.read({"dependencies": rows})
    assert (seen.looked, seen.unseen) == (1, {"b": "not found"})
    assert "NOT LOOKED AT: 1 packages (b" in "\n".join(audit._told(seen, 0))


def test_an_accepted_vulnerability_has_a_reason_and_an_end(tmp_path: Path) -> None:
    path = tmp_path / "accepted.toml"
    text = '[[accepted]]\nid = "T"\npackage = "a"\nuntil = 2026-12-31\n'
    path.write_text(f'{text}reason = "not reachable"\n')
    assert audit.accepted(date(2026, 12, 31), path) == {("T", "a")}
    assert audit.accepted(date(2027, 1, 1), path) == set()
    path.write_text(text)
    with pytest.raises(ValueError, match="a reason and an end"):
        audit.accepted(date(2026, 12, 31), path)
    assert audit.accepted(date.today()) == set()  # none, as it stands


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a>=1 \\\n    --hash=sha256:" + "0" * 64, "not pinned"),
        ("a==1", "no hash"),
        ("a==1 \\\n    --hash=md5:" + "0" * 32, "no hash"),
    ],
)
def test_what_is_not_pinned_or_has_no_hash_is_a_fault(
    text: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements.txt").write_text(text)
    monkeypatch.setattr(locks, "ROOT", tmp_path)
    monkeypatch.setattr(locks, "installed", lambda: {"a": "1"})
    assert any(word in fault for fault in locks.faults())


def test_what_is_installed_otherwise_than_locked_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements.txt").write_text("a==1 \\\n    --hash=sha256:" + "0" * 64)
    monkeypatch.setattr(locks, "ROOT", tmp_path)
    monkeypatch.setattr(locks, "installed", lambda: {"a": "2", "b": "1"})
    assert locks.faults() == ["a 2 is installed; locked: 1", "b 1 is installed, and in no lock"]


@pytest.mark.parametrize(
    ("version", "found"),
    [("0.9", 0), ("1.0", 1), ("1.4", 1), ("1.5", 0), ("2.0", 1), ("2.1", 1), ("2.2", 0)],
)
def test_a_version_within_a_range_is_affected(version: str, found: int) -> None:
    record = _record(
        "a",
        {"introduced": "1.0"},
        {"fixed": "1.5"},
        {"introduced": "2.0"},
        {"last_affected": "2.1"},
    )
    assert len(advisories.matching({"a": [record]}, "A", version)) == found


def test_a_version_that_is_listed_is_affected() -> None:
    assert advisories.matching({"a": [_record("a", versions=("1",))]}, "a", "1")
    assert not advisories.matching({"a": [_record("a", versions=("1",))]}, "a", "2")
