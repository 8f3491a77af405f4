"""`gdpr-audit validate`: declarations, checked before they are committed. Nothing is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gdpr_audit.cli import options

WRONG = 2


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Declarations.")],
    artefacts_in: options.ArtefactsIn = None,
) -> None:
    """Check declarations: every mistake with its file, line and key; status 2 where there is one.

    Quiet where all is well. Nothing is sent and no audit is made.
    """
    from gdpr_audit import declaration
    from gdpr_audit.redaction import clean

    faults = [
        fault
        for path in dict.fromkeys(files)
        for fault in declaration.faults(path, artefacts_in or ())
    ]
    for fault in faults:
        typer.echo(f"gdpr-audit: {clean(str(fault), 4000)}", err=True)
    raise typer.Exit(WRONG if faults else 0)
