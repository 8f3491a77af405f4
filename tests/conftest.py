"""What every test may use."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # timing is measured, and never asserted
settings.load_profile("untimed")

_PLACES = ":".join(
    (
        os.environ.get("PATH", ""),
        "/usr/sbin",
        "/usr/local/sbin",
        *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)),  # Debian's
    )
)


def program(name: str, package: str) -> str:
    """The path of a system program; the test is left out, and said so, where it is missing.

    With CI=true a missing program is a failure: there, everything must run.
    """
    found = shutil.which(name, path=_PLACES)
    if found is None:
        leave_out(f"{name} is missing: apt-get install {package}")
    return found


def leave_out(reason: str) -> NoReturn:
    """Leave the test out for want of a part; with CI=true that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def namespace(kind: str) -> list[str]:
    """The words that run what follows in a namespace of its own: `--net` or `--mount`.

    By a user namespace where an ordinary user may have one, else as root. The test is left out
    where neither is allowed.
    """
    unshare = program("unshare", "util-linux")
    why = ""
    for more in (["--map-root-user"], []):
        words = [unshare, kind, *more, "--kill-child", "--"]
        tried = subprocess.run([*words, "true"], capture_output=True, text=True, check=False)
        if not tried.returncode:
            return words
        why = tried.stderr.strip()
    leave_out(f"no namespace of its own is allowed here ({why}): run the tests as root")


@pytest.fixture(autouse=True, scope="session")
def _nothing_imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Lists and ranges that whoever runs the tests imported count for no test."""
    os.environ["GDPR_AUDIT_DATA_DIR"] = str(tmp_path_factory.mktemp("data"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A short name for a long value: a test's name stands in the environment of what it starts."""
    return f"{argname}-{len(val)}" if isinstance(val, str | bytes) and len(val) > 200 else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write the golden files anew")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List at the end what was left out and how to get it."""
    reasons = {
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    }
    if reasons:
        terminalreporter.section("left out, and how to get it")
        for reason in sorted(reasons):
            terminalreporter.write_line(reason.removeprefix("Skipped: "))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No option from the caller's environment, no home folder of the caller's."""
    for name in list(os.environ):
        if name.startswith("GDPR_AUDIT_") or name.lower() in {
            "http_proxy",
            "https_proxy",
            "all_proxy",
        }:
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config-home"))
