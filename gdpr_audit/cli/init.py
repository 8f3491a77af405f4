"""`gdpr-audit init`: a commented declaration, by an interview or to fill in."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdpr_audit.cli.options import Lang, Language
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from gdpr_audit.evidence.terraform import Found
    from gdpr_audit.interview.engine import State

INTERRUPTED = 130


def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("platform.yaml"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask no questions.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    from_terraform: Annotated[
        Path | None,
        typer.Option(help="Fill the stores in from what `terraform show -json` prints."),
    ] = None,
    lang: Language = None,
) -> None:
    """Write a commented declaration. On a terminal it asks, in plain words, and can be resumed."""
    from gdpr_audit.interview.engine import State

    if file.exists() and not force:
        raise InputError(f"{file}: there is a file already; --force replaces it")
    language = (lang or Lang.FR).value
    found = _stores(from_terraform, language)
    if not yes and sys.stdin.isatty():
        again = ["gdpr-audit", "init", str(file), *(["--force"] if force else [])]
        if from_terraform is not None:
            again += ["--from-terraform", str(from_terraform)]
        language = _interview(file, found, from_terraform, lang, shlex.join(again))
    else:
        state = State(language)
        _add(state, found, from_terraform, file)
        _write(state, file)
    done = {
        "fr": f"{file} écrit ; complétez-le, puis :",
        "en": f"{file} written; complete it, then:",
    }
    typer.echo(done[language])
    typer.echo(f"  {shlex.join(_scan(file, from_terraform))}")


def _scan(file: Path, plan: Path | None) -> list[str]:
    """The command that audits by it; a plan that lies elsewhere is read where that is allowed."""
    words = ["gdpr-audit", "scan", "-d", str(file)]
    if plan is not None and not plan.resolve().is_relative_to(file.resolve().parent):
        words += ["--artefacts-in", str(plan.parent)]
    return words


def _stores(plan: Path | None, language: str) -> list[Found]:
    if plan is None:
        return []
    from gdpr_audit.interview.plan import stores

    return stores(plan, language)


def _add(state: State, found: list[Found], plan: Path | None, file: Path) -> None:
    from gdpr_audit.interview.plan import add, record

    for one in found if plan is not None else ():
        assert plan is not None
        add(state, record(one, plan, file))


def _interview(
    file: Path, found: list[Found], plan: Path | None, lang: Lang | None, again: str
) -> str:
    """Ask to the end, and write. Returns the language that was spoken; exits where stopped."""
    from gdpr_audit.cli import interview
    from gdpr_audit.cli.run import save
    from gdpr_audit.interview import draft

    part = draft.path_of(file)
    spoken = lang.value if lang else Lang.FR.value
    try:
        state = interview.start(part, lang.value if lang else None)
        spoken = state.language
        said = {one.get("name") for one in state.answers.get("storage", ())} | {*state.declined}
        if fresh := [one for one in found if one.address not in said]:
            for one, kept in interview.choose(fresh, state.language):
                if kept:
                    _add(state, [one], plan, file)
                else:
                    state.declined.append(one.address)
                save(part, draft.render(state))
        interview.run(state, part)
    except (KeyboardInterrupt, EOFError):
        stopped = {
            "fr": f"\nArrêté. Vos réponses sont dans {part} ; pour reprendre :",
            "en": f"\nStopped. Your answers are in {part}; to go on:",
        }
        none = {"fr": "\nArrêté ; aucune réponse encore.", "en": "\nStopped; no answer yet."}
        kept = draft.holds_answers(part)
        typer.echo(stopped[spoken] if kept else none[spoken])
        if kept:
            typer.echo(f"  {again}")
        raise typer.Exit(INTERRUPTED) from None
    _write(state, file)
    part.unlink(missing_ok=True)
    return state.language


def _write(state: State, file: Path) -> None:
    """Only what is a declaration is written."""
    from gdpr_audit.cli.run import save
    from gdpr_audit.interview import written

    text = written.render(state.answers, state.language)
    written.check(text, str(file))
    save(file, text)
