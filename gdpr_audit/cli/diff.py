"""`gdpr-audit diff`: what changed between two finished audits."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gdpr_audit.cli import options


class Form(StrEnum):
    CONSOLE = "console"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


def diff(
    before: Annotated[Path, typer.Argument(metavar="BEFORE.json")],
    after: Annotated[Path, typer.Argument(metavar="AFTER.json")],
    form: Annotated[Form, typer.Option("--format", "-f", help="How it is shown.")] = Form.CONSOLE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file, instead of the screen.")
    ] = None,
    lang: options.Language = None,
    no_color: options.NoColor = False,
) -> None:
    """Show what is new, worse, no longer looked at, newly open, better, resolved and unchanged.

    Status 1 where a failure is new or no longer looked at, or something is worse.
    """
    from gdpr_audit import document
    from gdpr_audit.cli import report, run
    from gdpr_audit.reports import change

    language = lang.value if lang else None
    old, new = report.read(before), report.read(after)
    language = language or new["language"]
    old, new = document.within(old, language), document.within(new, language)
    if form is Form.CONSOLE and output is None:
        change.show(old, new, options.console(plain=no_color))
    else:
        text = change.render(old, new, form.value)
        if output is None:
            typer.echo(text, nl=False)
        else:
            run.save(output, text)
    if change.worsened(old, new):
        raise typer.Exit(1)
