"""What a shell completes: the script that asks, and words that need neither checks nor rules.

A shell asks by starting the command with `_GDPR_AUDIT_COMPLETE` set, at every press of Tab.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer import _completion_shared as scripts  # its public module does not export them

from gdpr_audit.errors import InputError

PROGRAM = "gdpr-audit"
ASKED = "_GDPR_AUDIT_COMPLETE"


def asked() -> bool:
    """Whether a shell started us to complete a word."""
    return bool(os.environ.get(ASKED))


def answer(app: typer.Typer) -> NoReturn:
    """Print the words for the shell, and end with the status that its script reads."""
    from typer import _completion_classes as classes

    classes.completion_init()
    # It would import Rich to take markup out of help texts, which have none here.
    classes._sanitize_help_text = lambda text: text  # noqa: SLF001 - Typer has no public way
    app(prog_name=PROGRAM)
    raise SystemExit(1)  # not reached: Typer has answered and left


#: Typer's last line only registers, so that the first Tab of a shell, which loads the file and
#: runs it, would offer nothing.
_ZSH = """
if [[ $zsh_eval_context[-1] == *func ]]; then
  _gdpr_audit_completion
else
  {line}
fi"""


def _script(shell: str) -> str:
    text = scripts.get_completion_script(prog_name=PROGRAM, complete_var=ASKED, shell=shell)
    if shell == "zsh":
        start, line = text.rsplit("\n", 1)
        return start + _ZSH.format(line=line)
    return text


def _show(shell: scripts.Shells | None) -> None:
    if shell is not None:
        typer.echo(_script(shell.value))
        raise typer.Exit


def _install(shell: scripts.Shells | None) -> None:
    if shell is None:
        return
    if shell in (scripts.Shells.powershell, scripts.Shells.pwsh):
        # Typer would allow this user every script that there is.
        raise InputError(
            f"--install-completion {shell.value}: add what --show-completion {shell.value} prints "
            "to the file that $PROFILE names"
        )
    try:
        _, path = scripts.install(shell=shell.value, prog_name=PROGRAM, complete_var=ASKED)
        path.write_text(f"{_script(shell.value)}\n", "utf-8")
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        raise InputError(f"--install-completion {shell.value}: cannot install: {error}") from error
    typer.echo(f"installed in {path}; a new shell completes")
    raise typer.Exit


#: In place of Typer's own two, which guess the shell by the process that started us: wrong in a
#: script and none in a container.
ShowCompletion = Annotated[
    scripts.Shells | None,
    typer.Option(
        "--show-completion", metavar="SHELL", callback=_show, is_eager=True,
        help="Print the completion script of bash, zsh, fish or powershell.",
    ),
]  # fmt: skip
InstallCompletion = Annotated[
    scripts.Shells | None,
    typer.Option(
        "--install-completion", metavar="SHELL", callback=_install, is_eager=True,
        help="Install it for this user: bash, zsh or fish.",
    ),
]  # fmt: skip


def rules(incomplete: str) -> list[str]:
    """Ids of rules, by the names of their files."""
    return _starting(incomplete, (path.stem for path in _rules().glob("*/*.yaml")))


def themes(incomplete: str) -> list[str]:
    """Themes, by the names of their folders."""
    return _starting(incomplete, (path.name for path in _rules().iterdir() if path.is_dir()))


def themes_and_rules(incomplete: str) -> list[str]:
    """What `--only` and `--skip` take: themes first."""
    return [*themes(incomplete), *rules(incomplete)]


def profiles(incomplete: str) -> list[str]:
    """The TLS profiles that are built in."""
    folder = Path(__file__).parents[1] / "rules" / "profiles"
    return _starting(incomplete, (path.stem for path in folder.glob("*.yaml")))


def _rules() -> Path:
    from gdpr_audit import resources

    return resources.folder("rules")


def _starting(incomplete: str, words: Iterable[str]) -> list[str]:
    return sorted(word for word in words if word.startswith(incomplete))
