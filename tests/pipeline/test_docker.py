"""The image: what its Dockerfile may do, what comes into it, and an audit by it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gdpr_audit import __version__
from tests.lab import image
from tests.pipeline.test_github import BAD

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text("utf-8")
LINES = re.sub(r"\\\n", "", re.sub(r"^\s*#.*\n", "", TEXT, flags=re.MULTILINE)).splitlines()
STEPS = [tuple(line.split(maxsplit=1)) for line in LINES if line.strip()]
VENV = "opt/gdpr-audit"

pytestmark = pytest.mark.xdist_group("image")  # one worker: it is built once


def steps(kind: str) -> list[str]:
    return [rest for word, rest in STEPS if word == kind]


def test_it_stands_on_one_small_image_of_a_named_version() -> None:
    bases = {words.split()[0] for words in steps("FROM")}
    (python,) = (words for words in steps("ARG") if words.startswith("PYTHON="))

    assert bases == {"${PYTHON}"}
    assert re.fullmatch(r"PYTHON=python:3\.\d+-slim", python)
    assert {word for word, _ in STEPS} <= {
        "ARG", "FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT",
    }  # fmt: skip


def test_nothing_unpinned_is_installed() -> None:
    pip = [part for run in steps("RUN") for part in run.split("&&") if "-m pip" in part]

    assert len(pip) == 4
    for part in pip:
        assert ("--require-hashes" in part) != ("--no-deps" in part), part
    for extra in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]:
        lock = ROOT / f"requirements-{extra}.txt"
        assert lock.exists() == (extra == "pdf")  # as the Dockerfile says


def test_the_lock_of_the_extra_is_that_of_the_others() -> None:
    def versions(name: str) -> set[str]:
        text = (ROOT / name).read_text("utf-8")
        return set(re.findall(r"^([\w.-]+(?:\[\w+\])?==\S+)", text, re.MULTILINE))

    assert versions("requirements.txt") < versions("requirements-pdf.txt")
    assert any(one.startswith("weasyprint==") for one in versions("requirements-pdf.txt"))
    extra = versions("requirements-pdf.txt") - versions("requirements.txt")
    assert extra < versions("requirements-dev.txt")  # what was tested is what is shipped


def test_it_ends_as_a_user_by_number() -> None:
    assert STEPS[-3:] == [
        ("USER", "10001:10001"), ("WORKDIR", "/work"), ("ENTRYPOINT", '["gdpr-audit"]'),
    ]  # fmt: skip


def test_its_name_has_our_version_everywhere() -> None:
    for name in ("Dockerfile", "ci/gitlab/gdpr-audit.gitlab-ci.yml", "docs/pipeline.md"):
        found = re.findall(r"\bgdpr-audit:(\d[\d.]*\d)", (ROOT / name).read_text("utf-8"))
        assert set(found) == {__version__}, name


class Built(NamedTuple):
    builder: image.Builder
    tree: Path
    config: dict[str, Any]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    builder = image.Builder(tmp_path_factory.mktemp("image"))
    builder.build("gdpr-audit", ROOT, f"--build-arg=PYTHON={image.BASE}")
    yield Built(builder, builder.tree("gdpr-audit"), builder.config("gdpr-audit"))
    builder.close()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "platform.yaml").write_text(BAD)
    return folder


@pytest.mark.parametrize("user", ["", "4711:4711"])
def test_it_audits_with_nothing_to_write_but_the_reports(
    built: Built, work: Path, user: str
) -> None:
    words = ("scan", "-d", "platform.yaml", "-f", "html", "-f", "json", "-o", "out/")
    done = image.run(built.tree, built.config, work, *words, user=user)

    assert (done.returncode, done.stderr) == (1, "")
    owners = {path.stat().st_uid for path in (work / "out").iterdir()}
    assert owners == {int((user or "10001:").split(":")[0])}
    assert json.loads((work / "out" / "audit.json").read_text())["platform"] == "x"


def test_what_it_keeps_goes_where_it_is_told(built: Built, work: Path) -> None:
    (work / "list.csv").write_text("Hébergeur,Activités\nAcme,1\n")
    words = ("hds", "import", "list.csv", "--as-of", "2026-07-01", "--yes")

    lost = image.run(built.tree, built.config, work, *words)
    told = {**built.config, "Env": [*built.config["Env"], "GDPR_AUDIT_DATA_DIR=/work/kept"]}
    kept = image.run(built.tree, told, work, *words)

    assert lost.returncode == 2
    assert lost.stderr.count("\n") == 1
    assert kept.returncode == 0
    assert list((work / "kept").iterdir())


def test_it_ends_at_once_when_told_to(built: Built, work: Path) -> None:
    """Bad input is status 2 and a line, as outside."""
    done = image.run(built.tree, built.config, work, "scan", "-d", "gone.yaml")

    assert done.returncode == 2
    assert done.stderr.startswith("gdpr-audit: gone.yaml: cannot read the declaration")


def test_nothing_that_built_it_is_in_it(built: Built) -> None:
    plain = {path.name for path in built.builder.tree(image.BASE).iterdir()}
    assert {path.name for path in built.tree.iterdir()} - plain == {"opt", "work"}
    assert [path.name for path in (built.tree / "opt").iterdir()] == ["gdpr-audit"]
    names = {path.name for path in (built.tree / VENV).rglob("*")}
    assert not names & {"pip", "setuptools", "wheel", "hatchling"}
    assert not any(name.endswith(".whl") for name in names)


def test_it_holds_what_the_lock_says_and_its_modules_are_compiled(built: Built) -> None:
    program = (
        "import importlib.metadata as m; "
        "print(*(f'{d.name}=={d.version}' for d in m.distributions()), sep='\\n')"
    )
    config = {**built.config, "Entrypoint": ["python", "-c", program]}
    listed = image.run(built.tree, config, ROOT).stdout
    text = re.sub(r"\[\w+\]==", "==", (ROOT / "requirements.txt").read_text())
    lock = re.findall(r"^([\w.-]+==[^\s\\]+)(.*)", text, re.MULTILINE)
    always = {one.lower() for one, rest in lock if ";" not in rest}
    allowed = {one.lower() for one, _ in lock} | {f"gdpr-audit=={__version__}"}

    found = {one.lower().replace("_", "-") for one in listed.split()}
    assert always <= found <= allowed
    package = next((built.tree / VENV).glob("lib/python*/site-packages/gdpr_audit"))
    assert list((package / "__pycache__").glob("audit.*.pyc"))
    assert len(list((package / "data" / "rules").rglob("*.yaml"))) == len(
        list((ROOT / "rules").rglob("*.yaml"))
    )


def test_nobody_but_root_could_change_it(built: Built) -> None:
    for path in (built.tree / VENV).rglob("*"):
        state = path.lstat()
        assert state.st_uid == 0
        assert path.is_symlink() or not state.st_mode & 0o022, path


def test_only_what_git_knows_comes_to_the_build(built: Built, tmp_path: Path) -> None:
    """A secret beside the Dockerfile would stay in a layer."""
    file = tmp_path / "Dockerfile"
    file.write_text(f"FROM {image.BASE}\nCOPY . /seen\n")
    built.builder.build("seen", ROOT, "--file", file)

    seen = built.builder.tree("seen") / "seen"
    found = {str(path.relative_to(seen)) for path in seen.rglob("*") if path.is_file()}
    wanted = [
        source
        for line in steps("COPY")
        if not line.startswith("--from")
        for source in shlex.split(line)[:-1]
    ]
    known = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *wanted],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert found == set(known)
