"""Completion in the shells themselves, by the installed command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_cli import run
from tests.conftest import program
from tests.terminal import on_terminal

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("gdpr-audit")
RULES = {path.stem for path in (ROOT / "rules").rglob("*.yaml")}
THEMES = {path.name for path in (ROOT / "rules").iterdir()}


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{COMMAND.parent}:{os.environ['PATH']}"}


def script(shell: str, folder: Path) -> Path:
    done = subprocess.run(
        [COMMAND, "--show-completion", shell], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    path = folder / f"completion.{shell}"
    path.write_text(done.stdout, "utf-8")
    return path


def bash(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last of these words."""
    asking = (
        'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        'COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; '
        'found=$(complete -p gdpr-audit); found=${found#*-F }; "${found%% *}" "$1"; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [program("bash", "bash"), "--norc", "-c", asking, "bash", script("bash", folder),
         "gdpr-audit", *words],
        cwd=folder, capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ([""], {"scan", "validate", "rules", "report"}),
        (["scan", "--fo"], {"--format"}),
        (["scan", "--format", ""], {"console", "sarif", "junit", "pdf", "oscal"}),
        (["scan", "-f", "html", "-f", "js"], {"json"}),
        (["scan", "--lang", ""], {"fr", "en"}),
        (["judge", "a.json", "--fail-on", ""], {"critical", "never"}),
        (["rules", ""], {"list", "show", "validate", "test"}),
        (["rules", "show", ""], RULES),
        (["rules", "list", "--theme", ""], THEMES),
        (["scan", "--only", ""], RULES | THEMES),
        (["scan", "--only", "web", "--skip", "hsts-m"], {"hsts-missing"}),
        (["judge", "a.json", "--skip", "hsts-m"], {"hsts-missing"}),
        (["scan", "--tls-profile", "moz"], {"mozilla-modern", "mozilla-intermediate"}),
        (["schema", "decl"], {"declaration"}),
        (["--show-completion", "z"], {"zsh"}),
    ],
)
def test_bash_offers(tmp_path: Path, words: list[str], offered: set[str]) -> None:
    found = bash(tmp_path, *words)

    assert offered <= set(found)
    assert all(word.startswith(words[-1]) for word in found)


@pytest.mark.parametrize("words", [["scan", "-d", "pl"], ["report", "au"], ["scan", "--lang", "x"]])
def test_bash_is_left_to_offer_files(tmp_path: Path, words: list[str]) -> None:
    assert bash(tmp_path, *words) == []


def test_bash_is_told_nothing_where_the_line_makes_no_sense(tmp_path: Path) -> None:
    assert bash(tmp_path, "scan", "--no-option", "") == []


def test_zsh_completes_what_is_typed(tmp_path: Path) -> None:
    path = script("zsh", tmp_path)
    said = on_terminal(
        [program("zsh", "zsh"), "-f", "-i"], tmp_path, env={**environment(), "PS1": "ready> "},
        typed=[
            ("ready> ", f"autoload -U compinit; compinit -D -u; source {path}; echo to${{x}}ld\n"),
            ("told", "gdpr-audit rules show hsts-m\t"),
            ("hsts-missing", "\x15gdpr-audit \t"),  # ^U: the line is given up
            ("Audit a platform", "\x15exit\n"),
        ],
    )  # fmt: skip

    assert said.status == 0
    assert "command not found" not in said.screen


def test_fish_completes_words_and_leaves_files_to_itself(tmp_path: Path) -> None:
    fish = program("fish", "fish")
    path = script("fish", tmp_path)
    (tmp_path / "platform.yaml").touch()

    def offered(line: str) -> list[str]:
        done = subprocess.run(
            [fish, "--no-config", "-c", f"source {path}; complete -C '{line}'"],
            cwd=tmp_path, capture_output=True, text=True, check=True,
            env={**environment(), "HOME": str(tmp_path)},
        )  # fmt: skip
        assert done.stderr == ""
        return done.stdout.splitlines()

    assert offered("gdpr-audit rules show hsts-m") == ["hsts-missing"]
    assert set(offered("gdpr-audit scan --lang ")) == {"fr", "en"}
    assert any(line.startswith("scan\tAudit a platform") for line in offered("gdpr-audit "))
    assert offered("gdpr-audit scan -d pl") == ["platform.yaml"]


def home(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "ZDOTDIR": str(folder), "XDG_CONFIG_HOME": f"{folder}/.config"}


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_new_shell_completes_once_it_is_installed(tmp_path: Path, shell: str) -> None:
    """The first Tab as well as the second; what loads the completion is no Tab for nothing."""
    (tmp_path / f".{shell}rc").write_text("PS1='ready> '\n")
    done = run("--install-completion", shell, cwd=tmp_path, **home(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")

    said = on_terminal(
        [program(shell, shell), "-i"], tmp_path, env={**environment(), **home(tmp_path)},
        typed=[
            ("ready> ", "gdpr-audit rules show hsts-m\t"),
            ("hsts-missing", "\x15gdpr-audit scan --tls-profile mozilla-m\t"),
            ("mozilla-modern", "\x15exit\n"),
        ],
    )  # fmt: skip

    assert "command not found" not in said.screen


def test_a_new_fish_completes_once_it_is_installed(tmp_path: Path) -> None:
    fish = program("fish", "fish")
    done = run("--install-completion", "fish", cwd=tmp_path, **home(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")

    offered = subprocess.run(
        [fish, "-c", "complete -C 'gdpr-audit rules show hsts-m'"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**environment(), **home(tmp_path)},
    ).stdout  # fmt: skip

    assert offered == "hsts-missing\n"


@pytest.mark.parametrize(
    ("shell", "said"),
    [("powershell", "what --show-completion powershell prints"), ("bash", "cannot install")],
)
def test_what_cannot_be_installed_is_an_input_error(tmp_path: Path, shell: str, said: str) -> None:
    (tmp_path / ".bashrc").mkdir()
    done = run("--install-completion", shell, cwd=tmp_path, HOME=str(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unknown_shell_is_an_input_error(tmp_path: Path) -> None:
    done = run("--show-completion", "tcsh", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", ""),
        ("zsh", "gdpr-audit "),
        ("fish", "gdpr-audit "),
        ("zsh", "gdpr-audit scan --only "),
    ],
)
def test_completing_imports_no_more_than_help_does(shell: str, line: str) -> None:
    heavy = {"rich", "pydantic", "yaml", "httpx", "sslyze", "cryptography", "jinja2", "asyncio"}
    listing = f"print('HEAVY', sorted(n for n in {sorted(heavy)!r} if n in sys.modules))"
    code = (
        "import sys; sys.argv = ['gdpr-audit']\nfrom gdpr_audit.cli import main\n"
        f"try:\n    main()\nexcept SystemExit:\n    pass\n{listing}"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "_GDPR_AUDIT_COMPLETE": f"complete_{shell}",
             "_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": line,
             "COMP_WORDS": "gdpr-audit scan --only ", "COMP_CWORD": "3"},
    )  # fmt: skip

    assert "scan" in done.stdout or "hsts-missing" in done.stdout
    assert done.stdout.endswith("HEAVY []\n")
