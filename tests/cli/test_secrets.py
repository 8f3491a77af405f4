"""Secrets come from the environment alone, and a crash leaves none behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from gdpr_audit.cli.app import app

SECRET = re.compile(r"pass|secret|token|credential|(^|_)key|auth|pem", re.IGNORECASE)
#: Options that sound like a secret: what each takes.
KNOWN = {
    "scan.sign_key": "a path; the variable may hold the key itself",
    "report.sign_key": "as above",
    "judge.sign_key": "as above",
    "verify.key": "a public key",
    "verify.tsa_cert": "a certificate",
}
FLEET = "name,url\nRDV,https://127.0.0.1:1/\n"
LINES = [
    ("scan", "https://127.0.0.1:1/"),
    ("fleet", "fleet.csv", "-o", "out"),
    ("hosting", "rdv.example.test"),
    ("ranges", "fetch"),
]


def _options(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _options(inner, f"{path}.{name}" if path else name)
    for parameter in command.params:
        yield f"{path}.{parameter.name}", parameter


def _run(words: tuple[str, ...], cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    (cwd / "fleet.csv").write_text(FLEET)
    return subprocess.run(
        [sys.executable, "-m", "gdpr_audit", *words], cwd=cwd, capture_output=True, text=True,
        check=False, timeout=60, env={**os.environ, **variables},
    )  # fmt: skip


def test_no_option_takes_a_secret() -> None:
    """A new one must be named here, and say why it is none."""
    every = dict(_options(typer.main.get_command(app)))
    assert len(every) > 100
    sounding = {name for name in every if SECRET.search(name.rpartition(".")[2])}
    assert sounding <= set(KNOWN), sounding - set(KNOWN)


@pytest.mark.parametrize("words", LINES, ids=lambda words: str(words[0]))
def test_a_proxys_password_is_refused_where_others_can_read_it(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    done = _run((*words, "--proxy", "http://alix:hunter2@127.0.0.1:1"), tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "GDPR_AUDIT_PROXY" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_nor_is_it_taken_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "gdpr-audit.toml").write_text('proxy = "http://alix:hunter2@127.0.0.1:1"\n')
    done = _run(LINES[0], tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "file of options" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_from_the_environment_it_is_used_and_never_shown(tmp_path: Path) -> None:
    words = ("scan", "https://rdv.example.test/", "--timeout", "3", "-f", "json", "-o", "-")
    done = _run(words, tmp_path, GDPR_AUDIT_PROXY="http://alix:hunter2@127.0.0.1:1")
    assert done.returncode == 3, done.stderr  # nobody is at that address
    assert "hunter2" not in done.stdout + done.stderr
    assert '"reached": false' in done.stdout


def test_an_address_of_a_proxy_that_is_none_is_not_repeated(tmp_path: Path) -> None:
    done = _run((*LINES[0], "--proxy", "http://alix:hunter2@127.0.0.1:99999"), tmp_path)
    assert done.returncode == 2
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "url",
    [
        "https://alix:hunter2@127.0.0.1:1/",
        "https://alix:hunter2/x@127.0.0.1/",  # `/` ends the host: what is left looks like a port
        f"https://alix:{'hunter2' * 20}@127.0.0.1/",  # cut before its `@`, it shows no password
    ],
)
def test_a_password_in_a_targets_address_is_not_repeated(tmp_path: Path, url: str) -> None:
    (tmp_path / "p.yaml").write_text(f"platform: x\ntargets: [{{url: '{url}'}}]\n")
    (tmp_path / "list.csv").write_text(f"name,url\nRDV,{url}\n")
    for words in (("scan", url), ("hosting", url), ("validate", "p.yaml")):
        done = _run(words, tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "[credentials]@" in done.stderr
        assert "hunter2" not in done.stdout + done.stderr
    done = _run(("fleet", "list.csv", "-o", "out"), tmp_path)
    assert "refused" in done.stdout
    written = [path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert any(b"[credentials]@" in content for content in written)
    assert not any(b"hunter2" in content for content in written)


def test_a_private_key_on_the_command_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("platform: x\n")
    pem = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----"
    done = _run(("scan", "-d", "p.yaml", "--bundle", "b.zip", "--sign-key", pem), tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "GDPR_AUDIT_SIGN_KEY" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_a_crash_leaves_no_image_of_the_process(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    del resource
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)\n"
        "from gdpr_audit.cli import main\n"
        "sys.argv = ['gdpr-audit', 'rules', 'list']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('core', resource.getrlimit(resource.RLIMIT_CORE)[0], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "core 0"
