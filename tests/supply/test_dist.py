"""What we give out: the same bytes from the same tree, and a bill of what is in it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools.supply import dist, locks, sbom

ROOT = Path(__file__).parents[2]
KEPT = ("gdpr_audit", "rules", "reports", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md")


def _copy(folder: Path, umask: int) -> Path:
    """The tree elsewhere, of today, with other rights."""
    skip = shutil.ignore_patterns("__pycache__")
    folder.mkdir()
    for name in KEPT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=skip, copy_function=shutil.copy)
        else:
            shutil.copy(source, folder / name)
    for path in folder.rglob("*"):
        path.chmod((0o777 if path.is_dir() else 0o666) & ~umask)
    return folder


def _sums(tree: Path, **env: str) -> dict[str, str]:
    code = (
        "import sys; from pathlib import Path; from tools.supply import dist\n"
        "dist.build(Path(sys.argv[1]), Path(sys.argv[1]) / 'dist')\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tree)], check=True, cwd=ROOT, timeout=120,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1764000000", **env},
    )  # fmt: skip
    made = (tree / "dist").iterdir()
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in made}


def test_the_same_tree_gives_the_same_bytes_anywhere(tmp_path: Path) -> None:
    """Another folder, other rights, another time zone, another order of what is hashed."""
    one = _copy(tmp_path / "one", 0o022)
    two = _copy(tmp_path / "a folder with a longer name", 0o077)
    first = _sums(one, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C")
    second = _sums(two, PYTHONHASHSEED="2", TZ="Pacific/Chatham", LC_ALL="C.UTF-8")
    assert sorted(name.rpartition(".")[2] for name in first) == ["gz", "whl"]
    assert first == second

    (one / "rules" / "README.md").write_text("one byte more")
    changed = _sums(one, PYTHONHASHSEED="1")
    assert changed != first


def test_the_day_is_the_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.test"]
    subprocess.run([*git, "init", "-q"], check=True)
    when = {"GIT_COMMITTER_DATE": "1764000000 +0000", "GIT_AUTHOR_DATE": "1764000000 +0000"}
    words = [*git, "commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run(words, check=True, env={**os.environ, **when})
    assert dist._day(tmp_path) == "1764000000"


def test_the_wheel_holds_the_package_and_nothing_of_the_tests(tmp_path: Path) -> None:
    made = dist.build(ROOT, tmp_path / "dist")
    (wheel,) = (path for path in made if path.suffix == ".whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0].partition("-")[0] for name in names}
    assert tops == {"gdpr_audit"}
    assert not [name for name in names if "tests" in name or name.endswith(".pyc")]


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    text = sbom.make()
    assert str(ROOT) not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_bill_names_every_package_of_the_lock_with_its_hashes(bill: dict[str, Any]) -> None:
    listed = {sbom._name(one): one for one in bill["components"]}
    wanted = {one.name: one for one in locks.entries(locks.RUNTIME)}
    assert listed.keys() == wanted.keys()
    for name, one in listed.items():
        assert one["version"] == wanted[name].version
        hashes = [h for ref in one["externalReferences"] for h in ref["hashes"]]
        assert len(hashes) == wanted[name].hashes
    assert {
        one["alg"] for c in listed.values() for r in c["externalReferences"] for one in r["hashes"]
    } == {"SHA-256"}
    licences = json.dumps(listed["sslyze"]["licenses"])
    assert "AGPL-3.0" in licences


def test_the_bill_tells_who_needs_whom(bill: dict[str, Any]) -> None:
    needs = {row["ref"].partition("@")[0]: row["dependsOn"] for row in bill["dependencies"]}
    ours = {ref.partition("@")[0] for ref in needs["pkg:pypi/gdpr-audit"]}
    assert {"pkg:pypi/sslyze", "pkg:pypi/httpx", "pkg:pypi/typer"} <= ours
    assert any(ref.startswith("pkg:pypi/nassl@") for ref in needs["pkg:pypi/sslyze"])
    assert "pkg:pypi/weasyprint" not in needs  # of an extra


def test_a_bill_that_is_none_is_refused(bill: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not valid"):
        sbom._refuse_invalid(json.dumps({**bill, "components": [{"name": "a"}]}))
