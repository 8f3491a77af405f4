"""`validate`: every mistake of every declaration in its place, and quiet where all is well."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gdpr_audit import declaration
from gdpr_audit.errors import InputError
from tests.cli.test_cli import run

ROOT = Path(__file__).parents[2]
GOOD = "platform: x\nprocessing: {article_6_basis: contract}\n"
BAD = """\
platform: x
colour: red
targets:
  - {url: nohost}
  - {ur: 'https://a.example/'}
hosting:
  - {provider: a, countries: [NO, fr]}
processing: {article_6_basis: guess}
mandate: {authorised_by: x, reference: y, not_before: 2026-01-01, not_after: 2026-02-01}
"""


def test_a_good_declaration_is_passed_in_silence(tmp_path: Path) -> None:
    (tmp_path / "platform.yaml").write_text(GOOD)

    done = run("validate", "platform.yaml", "platform.yaml", cwd=tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_mistake_of_every_file_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "torn.yaml").write_text("platform: [x\n")

    done = run("validate", "bad.yaml", "good.yaml", "torn.yaml", "lost.yaml", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    told = [line.removeprefix("gdpr-audit: ") for line in done.stderr.splitlines()]
    assert [line.split(": ")[:2] for line in told] == [
        ["bad.yaml:2", "colour"],
        ["bad.yaml:4", "targets[0].url"],
        ["bad.yaml:5", "targets[1]"],
        ["bad.yaml:5", "targets[1].ur"],
        ["bad.yaml:7", "hosting[0].countries[0]"],
        ["bad.yaml:7", "hosting[0].countries[1]"],
        ["bad.yaml:8", "processing.article_6_basis"],
        ["bad.yaml:9", "mandate"],
        ["torn.yaml:2", "not valid YAML"],
        ["lost.yaml", "cannot read the declaration"],
    ]
    assert "`url` is missing" in told[2]
    assert "did you mean `url`?" in told[3]
    assert "`scope` is missing" in told[7]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (
            "storage:\n- {name: a, kind: database, evidence: [{kind: nope}, {kind: lsblk}]}\n"
            "- {name: b, kind: database, evidence: [{kind: lsblk, file: gone}]}\n",
            ["p.yaml:3: storage[0].evidence[0]", "p.yaml:3: storage[0].evidence[1]",
             "p.yaml:4: storage[1].evidence[0].file"],
        ),
        ("storage:\n- {name: a, kind: database}\n- {name: a, kind: database}\n",
         ["p.yaml:4: storage[1]"]),
        ("documents:\n- {file: gone.pdf, shows: [processing]}\n", ["p.yaml:3: documents[0].file"]),
        # a mistake in one branch of a union is told once, and not once a branch
        ("hosting:\n- {provider: a, certificate: {referential: x}}\n", None),
    ],
)  # fmt: skip
def test_what_only_a_scan_would_have_refused_is_told_too(
    tmp_path: Path, text: str, places: list[str] | None
) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(f"platform: x\n{text}")

    told = [str(fault).removeprefix(f"{tmp_path}/") for fault in declaration.faults(path)]

    if places is None:
        assert len(told) == 1
    else:
        assert [line.split(": ")[:2] for line in told] == [place.split(": ") for place in places]
    with pytest.raises(InputError):
        declaration.read(path)


def test_a_hostile_declaration_commands_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text('platform: x\n"\\e[2J\\e]0;owned\\a\\nkey": 1\n')

    done = run("validate", "p.yaml", cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.rstrip("\n").isprintable()


HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_the_hook_does_as_pre_commit_runs_it(tmp_path: Path, hook: dict[str, str]) -> None:
    """With the files that changed at the end of its entry, from the top of the repository."""
    chosen = re.compile(hook["files"]).search
    assert chosen("platform.yaml")
    assert chosen("deploy/eu/platform.yml")
    assert not chosen("my-platform.yaml")
    assert not chosen("platform.yaml.j2")
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "platform.yaml").write_text(GOOD)
    (tmp_path / "platform.yml").write_text(BAD)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def ran(*files: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*shlex.split(hook["entry"]), *files], cwd=tmp_path, capture_output=True, text=True,
            check=False, env={**os.environ, "PATH": path},
        )  # fmt: skip

    good, both = ran("a b/platform.yaml"), ran("a b/platform.yaml", "platform.yml")
    assert (good.returncode, good.stdout + good.stderr) == (0, "")
    assert both.returncode == 2
    assert "platform.yml:2: colour" in both.stderr
