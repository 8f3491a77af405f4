"""The composite action: what it may use, and its own scripts, run as a runner would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.conftest import program

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "ci/github/action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
COMMAND = Path(sys.executable).with_name("gdpr-audit")

#: Whose code the action runs beside ours.
USED = {"actions/setup-python", "actions/upload-artifact", "github/codeql-action/upload-sarif"}

GOOD = "platform: x\nprocessing: {article_6_basis: contract}\n"
BAD = "platform: x\nprocessing: {health_data: true, article_9_basis: none}\n"
LOST = GOOD + "targets: [{url: 'https://127.0.0.1:1/'}]\n"


def step(name: str) -> dict[str, Any]:
    (found,) = (one for one in STEPS if one.get("id") == name)
    assert isinstance(found, dict)
    return found


def test_every_step_is_ours_or_of_a_pinned_action_that_is_allowed() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for one in STEPS:
        if "uses" in one:
            name, _, version = one["uses"].partition("@")
            assert name in USED
            assert re.fullmatch(r"v\d+|[0-9a-f]{40}", version)
        else:
            assert one["shell"] == "bash"  # a composite action has no default


def test_no_script_holds_what_the_runner_would_fill_in() -> None:
    """A target named `$(…)` would be run as a command."""
    for one in STEPS:
        assert "${{" not in one.get("run", "")


def test_every_expression_names_what_exists() -> None:
    text = (ROOT / "ci/github/action.yml").read_text("utf-8")
    ids = {one["id"] for one in STEPS if "id" in one}
    named: set[str] = set()
    for expression in re.findall(r"\$\{\{(.*?)\}\}", text):
        named |= set(re.findall(r"inputs\.([\w-]+)", expression))
        assert set(re.findall(r"steps\.([\w-]+)", expression)) <= ids
    assert named == set(ACTION["inputs"])
    outputs = set(re.findall(r"steps\.scan\.outputs\.(\w+)", text))
    assert outputs == set(re.findall(r'"(\w+)=\$', step("scan")["run"]))
    for one in STEPS:
        used = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", one.get("run", "")))
        assert used - {"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} <= set(one.get("env", ()))


def test_nothing_unpinned_is_installed() -> None:
    lines = [line for line in step("install")["run"].splitlines() if "pip install" in line]

    assert len(lines) == 3
    for line in lines:
        assert ("--require-hashes" in line) != ("--no-deps" in line)
        for file in re.findall(r'-r "\$source/([^"]+)"', line):
            assert "--hash=sha256:" in (ROOT / file).read_text("utf-8")
    assert lines[2].endswith('--no-deps --no-build-isolation "$source"')


def test_it_installs_itself_and_audits(tmp_path: Path) -> None:
    """The steps one after the other, as the runner has them, from a folder with a blank."""
    (tmp_path / "platform.yaml").write_text(BAD)
    action = tmp_path / "its checkout" / "ci" / "github"
    action.parent.parent.symlink_to(ROOT)
    place = tmp_path / "a place"
    env = {"PYTHON": sys.executable, "ACTION": str(action), "PLACE": str(place)}

    installed = bash(step("install")["run"], tmp_path, env)
    assert installed.status == 0, installed.said
    ran = scan(tmp_path, command=installed.outputs["command"], declaration="platform.yaml")

    assert installed.outputs == {"command": str(place / "bin" / "gdpr-audit")}
    assert ran.outputs["status"] == "1"
    assert list(place.glob("lib/python*/site-packages/gdpr_audit/data/rules"))  # no checkout's


def test_the_uploads_come_before_the_status_and_do_not_hang_on_it() -> None:
    last = STEPS[-1]
    assert last["run"].rstrip().endswith('exit "$STATUS"')
    assert "always()" in last["if"]
    uploads = [i for i, one in enumerate(STEPS) if "upload" in one.get("uses", "")]
    assert uploads == [len(STEPS) - 3, len(STEPS) - 2]


class Ran(NamedTuple):
    status: int  # of the step
    said: str
    outputs: dict[str, str]
    summary: str


def bash(script: str, folder: Path, env: dict[str, str]) -> Ran:
    """A script as the runner starts it: bash, errors and pipes checked, files for its answers."""
    files = {name: folder / f".{name}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    path = folder / ".step.sh"
    path.write_text(script)
    done = subprocess.run(
        [program("bash", "bash"), "--noprofile", "--norc", "-eo", "pipefail", path],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, **{k: str(v) for k, v in files.items()}, **env},
    )  # fmt: skip
    answered = files["GITHUB_OUTPUT"].read_text().splitlines()
    outputs = dict(line.split("=", 1) for line in answered)
    summary = files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
    return Ran(done.returncode, done.stdout + done.stderr, outputs, summary)


def scan(folder: Path, **inputs: str) -> Ran:
    """The scan step with these inputs, and the defaults for the others."""
    given = {name: one["default"] for name, one in ACTION["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    given["command"] = given["command"] or str(COMMAND)
    env = {}
    for name, expression in step("scan")["env"].items():
        wanted = re.match(r"\$\{\{ inputs\.([\w-]+)", expression)
        assert wanted is not None
        env[name] = given[wanted[1]]
    return bash(step("scan")["run"], folder, env)


def last(folder: Path, status: str) -> Ran:
    return bash(STEPS[-1]["run"], folder, {"STATUS": status})


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [(GOOD, "0", ""), (BAD, "1", "failures at or above"), (LOST, "3", "incomplete")],
)
def test_the_reports_are_there_and_the_status_comes_last(
    tmp_path: Path, text: str, status: str, said: str
) -> None:
    (tmp_path / "platform.yaml").write_text(text)

    ran = scan(tmp_path, declaration="platform.yaml", lang="en")

    assert (ran.status, ran.said) == (0, "")
    assert ran.outputs == {"status": status, "reports": "gdpr-audit-reports"}
    folder = tmp_path / "gdpr-audit-reports"
    names = {f"audit.{kind}" for kind in ("sarif", "json", "html", "md")}
    assert {file.name for file in folder.iterdir()} == names
    assert json.loads((folder / "audit.sarif").read_text())["version"] == "2.1.0"
    assert ran.summary == (folder / "audit.md").read_text("utf-8")
    assert "### x" in ran.summary
    uploaded = STEPS[-3]["with"]["sarif_file"], *STEPS[-2]["with"]["path"].split("\n")
    for one in filter(None, uploaded):
        where = one.replace("${{ steps.scan.outputs.reports }}", ran.outputs["reports"])
        assert (tmp_path / where).is_file()

    ended = last(tmp_path, ran.outputs["status"])
    assert ended.status == int(status)
    assert said in ended.said


def test_bad_input_gives_its_line_and_leaves_no_old_report_to_upload(tmp_path: Path) -> None:
    (tmp_path / "gdpr-audit-reports").mkdir()
    (tmp_path / "gdpr-audit-reports" / "audit.md").write_text("of last week")

    ran = scan(tmp_path, declaration="gone.yaml")

    assert ran.outputs == {"status": "2"}
    assert (
        ran.said
        == "gdpr-audit: gone.yaml: cannot read the declaration: No such file or directory\n"
    )
    assert ran.summary == ""
    assert last(tmp_path, "2").status == 2


def test_every_input_reaches_the_scan(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(BAD)
    (tmp_path / "w.yaml").write_text(
        "waivers:\n- {rule: article-9-basis-missing, reason: r, approver: a, expires: 2099-01-01}\n"
    )

    def status(**inputs: str) -> str:
        return scan(tmp_path, declaration="p.yaml", **inputs).outputs["status"]

    assert status() == "1"
    assert status(fail_on="never") == "0"
    assert status(waivers="w.yaml") == "0"
    assert status(waivers="w.yaml", strict="true") == "1"
    assert status(baseline="gdpr-audit-reports/audit.json") == "0"
    assert status(targets=" https://127.0.0.1:1/\n\thttps://127.0.0.1:2/ ", fail_on="never") == "3"
    seen = json.loads((tmp_path / "gdpr-audit-reports" / "audit.json").read_text())
    assert [t["url"] for t in seen["targets"]] == ["https://127.0.0.1:1/", "https://127.0.0.1:2/"]
    assert status(lang="en", output="other/", fail_on="never") == "0"
    assert json.loads((tmp_path / "other" / "audit.json").read_text())["language"] == "en"
    assert scan(tmp_path, declaration="p.yaml", summary="false").summary == ""


@pytest.mark.parametrize("where", ["declaration", "targets", "waivers", "baseline", "lang", "fail_on", "output"])  # fmt: skip
def test_an_input_is_never_a_command(tmp_path: Path, where: str) -> None:
    (tmp_path / "p.yaml").write_text(GOOD)
    inputs = {"declaration": "p.yaml", where: "$(touch${IFS}owned) `touch owned` ; touch owned #*"}

    ran = scan(tmp_path, **inputs)

    assert not (tmp_path / "owned").exists()
    if where != "output":
        assert ran.outputs == {"status": "2"}


@pytest.mark.parametrize("output", ["", "-f", "a\nstatus=0"])
def test_an_output_that_is_no_folder_is_refused(tmp_path: Path, output: str) -> None:
    (tmp_path / "p.yaml").write_text(GOOD)

    ran = scan(tmp_path, declaration="p.yaml", output=output)

    assert ran.status == 2
    assert ran.outputs == {}
    assert "expected the name of a folder" in ran.said


def test_an_option_among_the_targets_is_a_target(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(BAD)

    ran = scan(tmp_path, declaration="p.yaml", targets="--fail-on=never")

    assert ran.outputs == {"status": "2"}
    assert "scheme://host" in ran.said


def test_a_long_report_is_left_off_the_page(tmp_path: Path) -> None:
    """GitHub refuses a page of more than a mebibyte, and the step with it."""
    fake = tmp_path / "fake"
    fake.write_text(
        "#!/bin/sh\nmkdir -p gdpr-audit-reports\n"
        "head -c 1100000 /dev/zero > gdpr-audit-reports/audit.md\nexit 1\n"
    )
    fake.chmod(0o755)
    env = dict.fromkeys(step("scan")["env"], "")
    env |= {"COMMAND": str(fake), "OUTPUT": "gdpr-audit-reports", "SUMMARY": "true"}

    ran = bash(step("scan")["run"], tmp_path, env)

    assert ran.outputs["status"] == "1"
    assert ran.summary == "The report is too long for this page.\n"


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_shellcheck_finds_nothing(tmp_path: Path, number: int) -> None:
    if "run" not in STEPS[number]:
        return
    path = tmp_path / "step.sh"
    path.write_text(STEPS[number]["run"])
    done = subprocess.run(
        [program("shellcheck", "shellcheck"), "-s", "bash", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == ""
