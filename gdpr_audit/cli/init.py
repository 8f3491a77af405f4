"""`gdpr-audit init`: a commented declaration to fill in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdpr_audit.cli.options import Lang, Language
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from gdpr_audit.declaration.template import Answers
    from gdpr_audit.model import Text


def init(
    file: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("platform.yaml"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask no questions.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    lang: Language = None,
) -> None:
    """Write a commented declaration. On a terminal it asks for the essentials."""
    from gdpr_audit.cli.run import save
    from gdpr_audit.declaration import address, template

    if file.exists() and not force:
        raise InputError(f"{file}: there is a file already; --force replaces it")
    language = (lang or Lang.FR).value
    answers = template.Answers()
    if not yes and sys.stdin.isatty():
        answers = _ask(template.QUESTIONS, language)
    if answers.url:
        try:
            address.host_of(answers.url)
        except ValueError as error:
            raise InputError(f"{answers.url!r}: {error}") from error
    save(file, template.render(answers, language))
    done = {
        "fr": f"{file} écrit ; complétez-le, puis :",
        "en": f"{file} written; complete it, then:",
    }
    typer.echo(done[language])
    typer.echo(f"  gdpr-audit scan -d {file}")


def _ask(questions: dict[str, Text], language: str) -> Answers:
    from gdpr_audit.declaration import template

    given = {
        key: typer.prompt(question.within(language), default="", show_default=False)
        for key, question in questions.items()
    }
    return template.Answers(**given)
