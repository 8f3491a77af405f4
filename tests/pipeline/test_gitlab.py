"""The GitLab job: its shape, and its script, run as a runner would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import junitparser
import pytest
import yaml

from tests.conftest import program
from tests.lab.gitlab import GitLab
from tests.pipeline.test_github import BAD, GOOD, LOST

ROOT = Path(__file__).parents[2]
FILE = ROOT / "ci/gitlab/gdpr-audit.gitlab-ci.yml"
TEMPLATE = yaml.safe_load(FILE.read_text("utf-8"))
JOB = TEMPLATE[".gdpr-audit"]


def test_it_is_one_hidden_job() -> None:
    assert list(TEMPLATE) == [".gdpr-audit"]
    assert JOB["image"]["entrypoint"] == [""]  # else the script would be words for gdpr-audit
    assert JOB["artifacts"]["when"] == "always"
    assert "allow_failure" not in JOB


def test_every_variable_is_set_by_it_or_by_the_project() -> None:
    text = yaml.safe_dump(JOB)
    named = set(re.findall(r"\$\{?(\w+)", text)) - {"status"}

    assert named <= set(JOB["variables"])
    assert not any(word in text for word in ("TOKEN", "latest"))  # a token is no variable of a file


def test_every_option_that_it_speaks_of_is_one_of_scans() -> None:
    listed = subprocess.run(
        [Path(sys.executable).with_name("gdpr-audit"), "scan", "--help"],
        capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "200"},
    ).stdout  # fmt: skip
    ours = {"GDPR_AUDIT_IMAGE", "GDPR_AUDIT_TARGETS", "GDPR_AUDIT_REPORTS"}
    ours |= {"GDPR_AUDIT_COMMENT_TOKEN", "GDPR_AUDIT_"}
    for name in set(re.findall(r"GDPR_AUDIT_\w*", FILE.read_text("utf-8"))) - ours:
        assert re.search(rf"\[env var:\s+{name}\b", listed), name


def job(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Its script, with what stands in its variables where nothing else is said."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        [program("sh", "dash"), "-eu", "-c", "\n".join(JOB["script"])],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={**env, **JOB["variables"], **variables},
    )  # fmt: skip


@pytest.mark.parametrize(("text", "status"), [(GOOD, 0), (BAD, 1), (LOST, 3)])
def test_the_reports_are_there_whatever_the_status(tmp_path: Path, text: str, status: int) -> None:
    (tmp_path / "platform.yaml").write_text(text)

    done = job(tmp_path)

    assert done.returncode == status
    assert "no comment: this is no merge request's pipeline" in done.stdout
    assert done.stderr == ""
    folder = JOB["variables"]["GDPR_AUDIT_REPORTS"]
    assert JOB["artifacts"]["paths"] == ["$GDPR_AUDIT_REPORTS/"]
    junit = JOB["artifacts"]["reports"]["junit"].replace("$GDPR_AUDIT_REPORTS", folder)
    suites: Any = junitparser.JUnitXml.fromfile(str(tmp_path / junit))
    assert suites.tests > 100
    assert (suites.failures > 0) == (status == 1)
    kinds = {file.name for file in (tmp_path / folder).iterdir()}
    assert kinds == {f"audit.{k}" for k in ("sarif", "json", "html", "md", "junit.xml")}


def test_the_merge_request_is_commented_on_and_the_status_kept(tmp_path: Path, hub: GitLab) -> None:
    (tmp_path / "platform.yaml").write_text(BAD)

    first = job(tmp_path, **hub.environment)
    (tmp_path / "platform.yaml").write_text(GOOD)
    second = job(tmp_path, **hub.environment)

    assert (first.returncode, second.returncode) == (1, 0)
    assert "commented on !3" in first.stdout
    assert "renewed the comment on !3" in second.stdout
    (note,) = hub.notes
    report = tmp_path / "gdpr-audit-reports" / "audit.md"
    assert note["body"].partition("\n")[2] == report.read_text("utf-8")


def test_a_comment_that_fails_changes_no_status(tmp_path: Path, hub: GitLab) -> None:
    (tmp_path / "platform.yaml").write_text(GOOD)

    done = job(tmp_path, **{**hub.environment, "GDPR_AUDIT_COMMENT_TOKEN": "glpat-old-and-ended"})

    assert done.returncode == 0
    assert "status 401" in done.stderr
    assert "glpat-old-and-ended" not in done.stdout + done.stderr


def test_bad_input_is_status_2_and_no_comment(tmp_path: Path, hub: GitLab) -> None:
    done = job(tmp_path, **hub.environment)

    assert done.returncode == 2
    assert "platform.yaml: cannot read" in done.stderr
    assert hub.asked == []


def test_variables_reach_the_scan_and_are_no_commands(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(BAD)

    done = job(
        tmp_path, GDPR_AUDIT_DECLARATION="p.yaml", GDPR_AUDIT_FAIL_ON="never",
        GDPR_AUDIT_REPORTS="a b", GDPR_AUDIT_TARGETS="https://127.0.0.1:1/ https://127.0.0.1:2/",
    )  # fmt: skip
    assert done.returncode == 3
    assert (tmp_path / "a b" / "audit.json").exists()

    for name in ("GDPR_AUDIT_TARGETS", "GDPR_AUDIT_REPORTS", "GDPR_AUDIT_DECLARATION"):
        variables = {"GDPR_AUDIT_DECLARATION": "p.yaml", name: "$(touch owned) * `touch owned`"}
        job(tmp_path, **variables)
        assert not (tmp_path / "owned").exists()


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "job.sh"
    path.write_text("\n".join(JOB["script"]))
    done = subprocess.run(
        [program("shellcheck", "shellcheck"), "-s", "sh", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == ""
