"""The table of who may know whom holds, and a breach of it is reported."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gdpr_audit.checks import registry
from gdpr_audit.checks.deferred import Deferred

ROOT = Path(__file__).parents[1]


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False,
        timeout=120, env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("", "", ""),
        ("gdpr_audit/rules/judge.py", "import gdpr_audit.network", "Rules judge"),
        ("gdpr_audit/checks/storage/observe.py", "import socket", "through the door alone"),
        ("gdpr_audit/reports/html.py", "import gdpr_audit.checks", "Reports render"),
        ("gdpr_audit/evidence/lsblk.py", "import gdpr_audit.network", "Evidence is read"),
        ("gdpr_audit/interview/engine.py", "import typer", "The interview writes"),
        ("gdpr_audit/proof/verify.py", "import gdpr_audit.network", "Proof is bytes in"),
        ("gdpr_audit/demo/pages.py", "import gdpr_audit.model", "The sample stands alone"),
    ],
)
def test_each_room_knows_only_what_it_may(
    tmp_path: Path, file: str, line: str, contract: str
) -> None:
    shutil.copytree(ROOT / "gdpr_audit", tmp_path / "gdpr_audit")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    if file:
        path = tmp_path / file
        path.write_text(f"{path.read_text()}\n{line}\n")

    done = _lint(tmp_path)

    if file:
        assert done.returncode == 1
        assert any(contract in said and "BROKEN" in said for said in done.stdout.split("\n"))
    else:
        assert done.returncode == 0, done.stdout


def test_no_file_is_too_long() -> None:
    lines = {
        path: path.read_text("utf-8").count("\n") for path in (ROOT / "gdpr_audit").rglob("*.py")
    }

    assert {path.name: count for path, count in lines.items() if count > 400} == {}


HEAVY = {
    *("sslyze", "httpx", "httpcore", "jinja2", "dns", "cryptography", "selectolax", "rich"),
    "pydantic",
}
OBSERVERS = {
    check.observe.place.partition(":")[0]
    for check, _ in registry.installed()
    if isinstance(check.observe, Deferred)
}
OTHERS = OBSERVERS - {"gdpr_audit.checks.tls.check", "gdpr_audit.checks.web.check"}
OTHERS |= {"gdpr_audit.checks.web.pages", "gdpr_audit.checks.web.visit", "email.parser"}
TRANSPORT = ["--only", "transport", "-f", "json", "-o", "-"]


@pytest.mark.parametrize(
    ("command", "heavy"),
    [
        (["--help"], {*HEAVY, "asyncio", "yaml"}),
        (["rules", "list"], {*HEAVY, *OBSERVERS}),  # the facts of all checks, and all rules
        (["scan", "smtp://127.0.0.1:1", *TRANSPORT], {*HEAVY, *OTHERS}),
        # a page is asked for, of a server that is not there
        (["scan", "https://127.0.0.1:1", *TRANSPORT], {*HEAVY, *OTHERS}),
    ],
)  # fmt: skip
def test_a_command_imports_no_more_than_it_needs(command: list[str], heavy: set[str]) -> None:
    program = (
        f"import sys; sys.argv = ['gdpr-audit', *{command!r}]\n"
        "from gdpr_audit.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"loaded = {{name for name in {sorted(heavy)!r} if sys.modules.get(name)}}\n"
        "print('HEAVY', sorted(loaded))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "HEAVY []" in done.stdout
