"""`gdpr-audit comment`: the Markdown report as a comment on the merge request, in a GitLab job."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

LIMIT = 1024 * 1024  # bytes of a report


def comment(
    report: Annotated[Path, typer.Argument(metavar="AUDIT.md", help="A report by -f markdown.")],
) -> None:
    """Comment on the merge request of this GitLab job, or renew the comment that is there.

    By the variables that GitLab sets, and GDPR_AUDIT_COMMENT_TOKEN: a token with the scope api.
    Without one, or outside a merge request, it says so and ends well.
    """
    from gdpr_audit import files, gitlab
    from gdpr_audit.errors import InputError

    content = files.read(report, LIMIT, "report")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{report}: the report is not UTF-8 text") from error
    where = gitlab.place(os.environ)
    if isinstance(where, str):
        typer.echo(f"no comment: {where}")
        return
    new = gitlab.put(where, text)
    number = where.merge_request
    typer.echo(f"commented on !{number}" if new else f"renewed the comment on !{number}")
