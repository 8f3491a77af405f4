"""What docs/pipeline.md shows for others' tools is what is there, and does what it says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gdpr_audit import __version__
from tests.cli.test_cli import run
from tests.conftest import program
from tests.pipeline import test_docker, test_github, test_gitlab
from tests.pipeline.test_github import BAD, GOOD

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/pipeline.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
TAG = f"v{__version__}"
#: Without what a git that started these tests says of its own repository, or its user's settings.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
CLEAN |= {"GIT_CONFIG_GLOBAL": os.devnull}


def shown(name: str) -> Any:
    """The YAML that is shown as the file `name`."""
    found = re.search(rf"```yaml\n# {re.escape(name)}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return yaml.safe_load(found[1])


def waivers(folder: Path) -> None:
    found = re.search(r"```yaml\n(waivers:.*?)```", PAGE, re.DOTALL)
    assert found is not None
    (folder / "waivers.yaml").write_text(found[1], "utf-8")


def test_the_workflow_runs_our_action(tmp_path: Path) -> None:
    workflow = shown(".github/workflows/gdpr-audit.yml")
    (job,) = workflow["jobs"].values()
    ours = job["steps"][-1]
    (tmp_path / "platform.yaml").write_text(BAD)
    waivers(tmp_path)

    place, _, ref = ours["uses"].removeprefix("example/gdpr-audit/").partition("@")
    assert (ROOT / place / "action.yml").exists()
    assert ref == TAG
    assert set(ours["with"]) <= set(test_github.ACTION["inputs"])
    assert workflow["permissions"]["security-events"] == "write"
    assert job["steps"][0]["uses"].startswith(
        "actions/checkout@"
    )  # the declaration has to be there
    given = {name.replace("-", "_"): value for name, value in ours["with"].items()}
    assert test_github.scan(tmp_path, **given).outputs["status"] == "1"
    (tmp_path / "platform.yaml").write_text(GOOD)
    assert test_github.scan(tmp_path, **given).outputs["status"] == "0"


def test_the_pipeline_extends_our_job(tmp_path: Path) -> None:
    pipeline = shown(".gitlab-ci.yml")
    (include,) = pipeline.pop("include")
    (ours,) = pipeline.values()
    (tmp_path / "platform.yaml").write_text(BAD)

    assert ROOT / include["file"] == test_gitlab.FILE
    assert include["ref"] == TAG
    assert ours["extends"] in test_gitlab.TEMPLATE
    assert set(ours["variables"]) <= set(test_gitlab.JOB["variables"])
    assert test_gitlab.job(tmp_path, **ours["variables"]).returncode == 1


def repository(folder: Path, source: Path | None = None) -> Path:
    """A repository at `folder`, with what is in `source` in its first commit."""
    if source is not None:
        known = git(source, "ls-files", "--cached", "--others", "--exclude-standard")
        for name in known.splitlines():
            if not name.startswith(("tests/", "docs/", "benchmarks/")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source / name, folder / name)
    folder.mkdir(exist_ok=True)
    git(folder, "init", "-q")
    git(folder, "config", "user.name", "test")
    git(folder, "config", "user.email", "test@example.invalid")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    return folder


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [program("git", "git"), *words],
        cwd=folder, capture_output=True, text=True, check=True, env=CLEAN,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("hook", ["gdpr-audit-validate", "gdpr-audit-validate-installed"])
def test_pre_commit_installs_and_runs_the_hook(tmp_path: Path, hook: str) -> None:
    """By pre-commit itself, at a commit; the first of the two is built and installed by it."""
    config = shown(".pre-commit-config.yaml")
    (place,) = config["repos"]
    assert place["rev"] == TAG
    assert place["hooks"] == [{"id": "gdpr-audit-validate"}]
    assert f"`{hook}`" in PAGE or hook == "gdpr-audit-validate"
    ours = repository(tmp_path / "ours", ROOT)
    place.update(repo=str(ours), rev=git(ours, "rev-parse", "HEAD").strip(), hooks=[{"id": hook}])
    theirs = repository(tmp_path / "theirs")
    (theirs / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (theirs / "a b").mkdir()
    (theirs / "a b" / "platform.yml").write_text(GOOD)
    (theirs / "other.yaml").write_text("colour: red\n")
    folder = Path(sys.executable).parent
    env = CLEAN | {"PRE_COMMIT_HOME": str(tmp_path / "kept")}
    if hook.endswith("installed"):
        env["PATH"] = f"{folder}:{env['PATH']}"

    def committed() -> subprocess.CompletedProcess[str]:
        git(theirs, "add", "-A")
        return subprocess.run(
            ["git", "commit", "-m", "x"],
            cwd=theirs, capture_output=True, text=True, check=False, env=env,
        )  # fmt: skip

    subprocess.run([folder / "pre-commit", "install"], cwd=theirs, check=True, env=env)
    good = committed()
    (theirs / "platform.yaml").write_text("platform: x\ncolour: red\n")
    bad = committed()

    assert good.returncode == 0, good.stdout + good.stderr
    assert "Passed" in good.stdout + good.stderr
    assert bad.returncode == 1
    assert "gdpr-audit: platform.yaml:2: colour: unknown key" in bad.stdout + bad.stderr
    assert "other.yaml" not in bad.stdout + bad.stderr


def test_docker_is_told_what_the_dockerfile_knows(tmp_path: Path) -> None:
    builds = [shlex.split(line) for line in COMMANDS if line.startswith("docker build ")]
    (running,) = (shlex.split(line) for line in COMMANDS if line.startswith("docker run "))
    declared = {name.split("=")[0] for name in test_docker.steps("ARG")}
    for words in builds:
        given = [words[at + 1] for at, word in enumerate(words) if word == "--build-arg"]
        assert {one.split("=")[0] for one in given} <= declared
        assert words[-1] == "."
    tags = [words[words.index("-t") + 1] for words in builds]
    at = next(at for at, word in enumerate(running) if word in tags)
    mounted = running[running.index("-v") + 1]
    assert mounted.split(":")[1] == test_docker.steps("WORKDIR")[-1]
    (tmp_path / "platform.yaml").write_text(GOOD)

    assert run(*running[at + 1 :], cwd=tmp_path).returncode == 0
    assert (tmp_path / "out" / "audit.html").exists()


def test_bash_completes_after_the_line_that_is_shown(tmp_path: Path) -> None:
    (line,) = (line for line in COMMANDS if line.startswith("eval "))
    done = subprocess.run(
        [program("bash", "bash"), "--norc", "-c", f"{line}; complete -p gdpr-audit"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )  # fmt: skip

    assert "-F" in done.stdout
