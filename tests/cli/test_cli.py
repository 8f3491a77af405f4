"""The command line as a user has it: status, one-line errors, files whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.lab import pki, servers

SLOW = 60  # seconds after which a command that should have ended has hung


def run(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`gdpr-audit` with these words, in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-m", "gdpr_audit", *words],
        cwd=cwd, capture_output=True, text=True, timeout=SLOW, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **env},
    )  # fmt: skip


GOOD = "platform: x\nprocessing: {article_6_basis: contract}\n"
BAD = "platform: x\nprocessing: {health_data: true, article_9_basis: none}\n"


def declare(cwd: Path, text: str) -> str:
    (cwd / "p.yaml").write_text(text, "utf-8")
    return "p.yaml"


@pytest.mark.parametrize(
    ("text", "words", "status"),
    [
        (GOOD, [], 0),
        (BAD, [], 1),
        (BAD, ["--fail-on", "never"], 0),
        (BAD, ["--skip", "article-9-basis-missing"], 0),
        (GOOD, ["--strict"], 1),
        (GOOD, ["--strict", "--only", "article-6-basis-missing"], 0),
        (GOOD + "targets: [{url: 'https://127.0.0.1:1/'}]\n", [], 3),
        (BAD + "targets: [{url: 'https://127.0.0.1:1/'}]\n", [], 1),
        (GOOD + "targets: [{url: 'https://nowhere.invalid/'}]\n", [], 3),
        (GOOD + "targets: [{url: 'https://127.0.0.1:1/'}]\n", ["--only", "lawfulness"], 0),
    ],
)
def test_the_status_says_what_was_found(
    tmp_path: Path, text: str, words: list[str], status: int
) -> None:
    done = run("scan", "-d", declare(tmp_path, text), *words, cwd=tmp_path)

    assert done.returncode == status, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("kind", ["console", "html", "json"])
def test_the_status_does_not_depend_on_the_format(tmp_path: Path, kind: str) -> None:
    words = ("-f", kind, "-o", "out")
    done = run("scan", "-d", declare(tmp_path, BAD), *words, cwd=tmp_path)

    assert done.returncode == 1
    assert (tmp_path / "out").stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scan"], "nothing to audit"),
        (["scan", "https://"], "no host"),
        (["scan", "rdv.example.fr"], "scheme://host"),
        (["scan", "-d", "no.yaml"], "No such file"),
        (["scan", "https://localhost/", "--only", "hsts-mising"], "did you mean hsts-missing"),
        (["scan", "https://localhost/", "--skip", "all"], "neither a rule nor a theme"),
        (["scan", "https://localhost/", "--date", "yesterday"], "YYYY-MM-DD"),
        (["scan", "https://localhost/", "--timeout", "nan"], "not a number"),
        (["scan", "https://localhost/", "--timeout", "inf"], "not in the range"),
        (["scan", "https://localhost/", "--rate", "nan"], "not a number"),
        (["scan", "https://localhost/", "--resolver", "dns.example"], "ADDRESS:PORT"),
        (["scan", "https://localhost/", "--proxy", "socks5://x:1"], "--proxy"),
        (["scan", "https://localhost/", "--ca-file", "no.pem"], "--ca-file"),
        (["scan", "https://localhost/", "--hds-list", "no.csv"], "list of hosters"),
        (["scan", "https://localhost/", "--rules", "nowhere"], "no rules here"),
        (["scan", "https://localhost/", "--tls-profile", "ansi"], "ncsc) nor a file"),
        (["rules", "show", "tls-robot", "--tls-profile", "x.yaml"], "neither a TLS profile"),
        (["rules", "show", "web"], "is a theme"),
        (["scan", "https://localhost/", "--format", "docx"], "docx"),
        (["scan", "https://localhost/", "--fail-on", "awful"], "awful"),
        (["scan", "https://localhost/", "--nonsense"], "--nonsense"),
        (["scan", "https://localhost/", "-f", "json", "-f", "html", "-o", "-"], "one format"),
        (["scan", "https://localhost/", "--journal", "no/such/journal"], "--journal"),
        (["report", "no.json"], "cannot read the audit"),
        (["rules", "show", "hsts-mising"], "did you mean hsts-missing"),
        (["rules", "validate", "nowhere"], "no such file"),
        (["schema", "cow"], "cow"),
        (["dance"], "dance"),
    ],
)
def test_bad_input_is_one_line_and_status_2_and_nothing_is_written(
    tmp_path: Path, words: list[str], said: str
) -> None:
    done = run(*words, cwd=tmp_path)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("gdpr-audit: ")
    assert said in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_json_on_standard_output_is_nothing_but_json(tmp_path: Path) -> None:
    done = run("scan", "-d", declare(tmp_path, BAD), "-f", "json", "-o", "-", cwd=tmp_path)

    assert json.loads(done.stdout)["schema"] == "gdpr-audit/audit/1"


def test_several_formats_go_to_a_folder(tmp_path: Path) -> None:
    words = ("-f", "html", "-f", "json", "-f", "console", "-o", "out/deep")
    done = run("scan", "-d", declare(tmp_path, BAD), *words, cwd=tmp_path)

    names = sorted(path.name for path in (tmp_path / "out" / "deep").iterdir())
    assert names == ["audit.html", "audit.json"]
    assert "article-9-basis-missing" in done.stdout


def test_options_come_from_a_file_and_from_the_environment(tmp_path: Path) -> None:
    declare(tmp_path, BAD)
    (tmp_path / "gdpr-audit.toml").write_text('declaration = "p.yaml"\nfail-on = "never"\n')
    assert run("scan", cwd=tmp_path).returncode == 0
    assert run("scan", "--fail-on", "high", cwd=tmp_path).returncode == 1
    assert run("scan", cwd=tmp_path, GDPR_AUDIT_FAIL_ON="critical").returncode == 1

    (tmp_path / "gdpr-audit.toml").write_text('fial-on = "never"\n')
    wrong = run("scan", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "did you mean fail-on?" in wrong.stderr


PROFILE = """\
id: own
source: OWN-TLS
version: "3"
date: 2026-01-01
url: https://example.org/tls
title: {fr: Le nôtre, en: Ours}
aspects:
  versions: {clause: "4", recommended: [TLS 1.3]}
"""


def test_the_tls_profile_is_chosen_by_option_environment_or_file(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(PROFILE, "utf-8")

    def scan(*words: str, **env: str) -> dict[str, Any]:
        done = run(
            "scan", "https://127.0.0.1:1/", "--only", "tls-profile-ticket", "-f", "json", "-o", "-",
            *words, cwd=tmp_path, **env,
        )  # fmt: skip
        assert done.stderr == ""
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    default = scan()
    assert default["tool"]["tls_profile"] == {
        "id": "anssi",
        "title": "ANSSI, Recommandations de sécurité relatives à TLS",
        "version": "1.2",
    }
    assert [f["verdict"] for f in default["findings"]] == ["unproven"]
    assert default["findings"][0]["sources"] == ["ANSSI-TLS 1.2 R20"]
    own = scan("--tls-profile", "own.yaml", "--lang", "en")
    assert own["tool"]["tls_profile"] == {"id": "own", "title": "Ours", "version": "3"}
    assert [f["verdict"] for f in own["findings"]] == ["not_applicable"]
    assert own["findings"][0]["reasons"][0]["gap"] == (
        "OWN-TLS 3 says nothing of the lifetime of session tickets"
    )
    assert scan(GDPR_AUDIT_TLS_PROFILE="ncsc")["tool"]["tls_profile"]["id"] == "ncsc"
    (tmp_path / "gdpr-audit.toml").write_text('tls-profile = "own.yaml"\n')
    assert scan()["tool"]["tls_profile"]["title"] == "Le nôtre"


def test_a_report_is_rendered_again_in_the_other_language(tmp_path: Path) -> None:
    words = ("-f", "json", "-o", "a.json", "--lang", "fr")
    run("scan", "-d", declare(tmp_path, BAD), *words, cwd=tmp_path)

    english = run("report", "a.json", "--lang", "en", cwd=tmp_path)
    html = run("report", "a.json", "-f", "html", "-o", "-", cwd=tmp_path)

    assert "Health data is processed with no exception" in english.stdout
    assert '<html lang="fr">' in html.stdout
    text = (tmp_path / "a.json").read_text().replace('"critical": 1', '"critical": 0')
    (tmp_path / "a.json").write_text(text)
    changed = run("report", "a.json", cwd=tmp_path)
    assert changed.returncode == 2
    assert "changed since" in changed.stderr


def test_init_writes_a_declaration_once(tmp_path: Path) -> None:
    assert run("init", cwd=tmp_path).returncode == 0
    assert run("scan", "-d", "platform.yaml", cwd=tmp_path).returncode == 0
    again = run("init", cwd=tmp_path)
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert run("init", "--force", "--lang", "en", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rules", "list"], "tls-deprecated-version"),
        (["rules", "show", "hosting-not-certified"], "MED-2021-093"),
        (["rules", "show", "transfer-unprotected", "--lang", "en"], "to be checked"),
        (["rules", "show", "tls-deprecated-version"], "ANSSI-TLS 1.2 R4"),
        (["rules", "show", "tls-robot", "--lang", "en"], "(version 1.2, 2020-03-26)"),
        (
            ["rules", "show", "tls-profile-suite", "--tls-profile", "ncsc"],
            "n'avoir que ce qu'admet",
        ),
        (
            ["rules", "show", "tls-profile-ticket", "--tls-profile", "ncsc"],
            "ne se prononce pas sur",
        ),
        (["checks", "list"], "gdpr-audit"),
        (["checks", "facts"], "tls.accepts_1_0"),
        (["hds", "show", "OVH SAS"], "OVHcloud"),
        (["hds", "search", "scal"], "Scalingo"),
        (["hds", "status"], "complete  no"),
        (["schema", "declaration"], '"platform"'),
        (["schema", "audit"], '"findings"'),
        (["schema", "rule"], '"require"'),
        (["--version"], "gdpr-audit 0."),
    ],
)
def test_the_catalogue_can_be_asked(tmp_path: Path, words: list[str], said: str) -> None:
    done = run(*words, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert " ".join(said.split()) in " ".join(done.stdout.split())


def test_an_unknown_hoster_is_status_1_with_what_looks_alike(tmp_path: Path) -> None:
    done = run("hds", "show", "Scalingoo", cwd=tmp_path)

    assert done.returncode == 1
    assert "did you mean: Scalingo?" in done.stdout
    assert "shows nothing" in done.stdout


def _silent_scan(tmp_path: Path, port: int) -> subprocess.Popen[str]:
    (tmp_path / "p.yaml").write_text(BAD + f"targets: [{{url: 'https://127.0.0.1:{port}/'}}]\n")
    return subprocess.Popen(
        [sys.executable, "-m", "gdpr_audit", "scan", "-d", "p.yaml", "-f", "json", "-o", "a.json"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip


def test_an_interrupt_keeps_what_was_found_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with servers.tcp(servers.silent) as server:
        process = _silent_scan(tmp_path, server.port)
        servers.eventually(lambda: bool(server.seen) or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=SLOW)
    found: dict[str, Any] = json.loads((tmp_path / "a.json").read_text())

    assert process.returncode == 130
    assert complaint == ""
    assert found["summary"]["interrupted"] is True
    assert found["summary"]["failed"]["critical"] == 1


def test_an_interrupt_in_the_midst_of_sslyze_ends_too(tmp_path: Path) -> None:
    root = pki.authority("Root")
    files = pki.save(tmp_path, "leaf", [pki.leaf(root)])
    context = servers.context(files)
    enough = 12  # connections: by then sslyze is at work

    def talk(connection: Any) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            time.sleep(0.3)
            secure.recv(100)

    with servers.tcp(talk) as server:
        process = _silent_scan(tmp_path, server.port)
        servers.eventually(lambda: len(server.seen) >= enough)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SLOW)

    assert process.returncode == 130


def test_a_reader_that_leaves_is_no_traceback(tmp_path: Path) -> None:
    line = f"{sys.executable} -m gdpr_audit checks facts | head -1"
    done = subprocess.run(
        line, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=SLOW, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip

    assert "Traceback" not in done.stderr
