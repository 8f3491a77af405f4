"""The imported list stays whole, or says that it is damaged; it is never quietly another one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gdpr_audit import files
from gdpr_audit.cli import options
from gdpr_audit.errors import InputError
from gdpr_audit.hds import store
from gdpr_audit.hds.hosters import File, HosterList
from gdpr_audit.hds.table import Entry

DAY = date(2026, 11, 1)
LIST = HosterList(
    (Entry("Alpha Santé", ("A",), activities=(1, 2), source_date=DAY), Entry("Beta")),
    "import", complete=True, as_of=DAY, files=(File("a.html", "0" * 64, DAY),),
    imported_at="2026-11-02T10:00:00+00:00",
)  # fmt: skip


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GDPR_AUDIT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_a_list_is_read_back_as_it_was_kept(at: Path) -> None:
    path = store.write(LIST)
    back = store.read()

    assert back is not None
    assert back.entries == LIST.entries
    assert (back.source, back.complete, back.as_of) == (str(path), True, DAY)
    assert (back.files, back.imported_at) == (LIST.files, LIST.imported_at)
    assert options.hoster_list(None).source == str(path)
    assert sorted(p.name for p in at.iterdir()) == sorted([path.name, "hds-list.json"])


def test_a_partial_list_stays_partial(at: Path) -> None:
    store.write(HosterList(LIST.entries, "x", complete=False, as_of=DAY, partial_because="why"))
    back = store.read()

    assert back is not None
    assert (back.complete, back.partial_because) == (False, "why")


def test_the_next_list_replaces_the_one_before(at: Path) -> None:
    store.write(LIST)
    store.write(HosterList((Entry("Gamma"),), "x", complete=True, as_of=DAY))
    back = store.read()

    assert back is not None
    assert [e.name for e in back.entries] == ["Gamma"]
    assert len(list(at.iterdir())) == 2


def test_nothing_stored_is_the_embedded_list_and_forgetting_goes_back_to_it(at: Path) -> None:
    assert store.read() is None
    assert not store.forget()
    store.write(LIST)
    assert store.forget()
    assert store.read() is None
    assert options.hoster_list(None).source == "embedded"
    assert list(at.iterdir()) == []


def _listed(at: Path) -> Path:
    return next(at.glob("*.csv"))


def _edit(at: Path, **changes: object) -> None:
    path = at / "hds-list.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        lambda at: _listed(at).unlink(),
        lambda at: _listed(at).write_text("", "utf-8"),
        lambda at: _listed(at).write_text(_listed(at).read_text("utf-8")[:-4], "utf-8"),
        lambda at: (at / "hds-list.json").unlink(),
        lambda at: (at / "hds-list.json").write_text("", "utf-8"),
        lambda at: (at / "hds-list.json").write_text("[]", "utf-8"),
        lambda at: (at / "hds-list.json").write_text("null", "utf-8"),
        lambda at: (at / "hds-list.json").write_text("[" * 100_000, "utf-8"),
        lambda at: (at / "hds-list.json").write_bytes(b"\xff\xfe"),
        lambda at: _edit(at, schema="other/2"),
        lambda at: _edit(at, sha256="0" * 64),
        lambda at: _edit(at, as_of=None),
        lambda at: _edit(at, as_of="soon"),
        lambda at: _edit(at, files=[1]),
        lambda at: _edit(at, list="../../etc/passwd"),
        lambda at: _edit(at, list=""),
    ],
)  # fmt: skip
def test_a_damaged_list_says_how_to_mend_it_and_is_never_the_embedded_one(
    at: Path, damage: Callable[[Path], object]
) -> None:
    store.write(LIST)
    damage(at)

    with pytest.raises(InputError, match="hds forget"):
        options.hoster_list(None)
    assert store.forget()
    assert options.hoster_list(None).source == "embedded"


def test_a_write_that_fails_leaves_the_list_before(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(LIST)
    renamed = Path.replace

    def fails(self: Path, target: Path) -> Path:
        if target.name == "hds-list.json":
            raise OSError(28, "No space left on device")
        return renamed(self, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(InputError, match="No space left"):
        store.write(HosterList((Entry("Gamma"),), "x", complete=True, as_of=DAY))
    monkeypatch.undo()
    monkeypatch.setenv("GDPR_AUDIT_DATA_DIR", str(at))
    back = store.read()

    assert back is not None
    assert back.entries == LIST.entries
    assert not list(at.glob(".*.part"))


def test_a_folder_that_cannot_be_written_is_an_input_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("GDPR_AUDIT_DATA_DIR", str(tmp_path / "file" / "data"))

    with pytest.raises(InputError, match="cannot keep the list"):
        store.write(LIST)


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the usual place of Linux")
def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert files.data_folder() == tmp_path / "gdpr-audit"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert files.data_folder() == tmp_path / "home" / ".local" / "share" / "gdpr-audit"
    monkeypatch.setenv("GDPR_AUDIT_DATA_DIR", str(tmp_path / "own"))
    assert files.data_folder() == tmp_path / "own"
