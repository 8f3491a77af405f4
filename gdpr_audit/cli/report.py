"""`gdpr-audit report`: a finished audit, rendered again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gdpr_audit.cli import options
from gdpr_audit.cli.options import Format
from gdpr_audit.errors import InputError
from gdpr_audit.redaction import clean

LIMIT = 64 * 1024 * 1024  # bytes of an audit document


def report(
    audit: Annotated[Path, typer.Argument(metavar="AUDIT.json", help="A finished audit.")],
    formats: options.Formats = None,
    output: options.Output = None,
    lang: options.Language = None,
    bundle: options.BundleFile = None,
    sign_key: options.SignKey = None,
    timestamp: options.TimeStamp = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since", metavar="BEFORE.json", help="An earlier audit: what became of its findings."
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="What passed, too.")] = False,
    no_color: options.NoColor = False,
) -> None:
    """Render a finished audit again: in another format, in the other language."""
    from gdpr_audit import document, reports
    from gdpr_audit.cli import bundling, progress, run
    from gdpr_audit.network import Settings

    sealing = bundling.prepare(bundle, sign_key, timestamp)
    with progress.working(f"reading {audit}", plain=no_color):
        rendered = read(audit)
    if lang is not None:
        rendered = document.within(rendered, lang.value)
    wanted = run.Wanted(formats or [Format.CONSOLE], output, verbose=verbose, plain=no_color)
    run.prepare(wanted)
    before = read(since) if since else None
    if before and not reports.COMPARING & {kind.value for kind in wanted.files}:
        shown = ", ".join(sorted(reports.COMPARING))
        raise InputError(f"--since: is shown by the formats {shown}; add one with -f")
    inside = None if sealing is None else bundling.of_document(rendered, audit)
    for kind, path in wanted.files.items():
        if kind is Format.CONSOLE and path is None:
            run.show(rendered, wanted, before)
            continue
        run.put(run.content(rendered, kind, wanted, before), path)
    if inside is not None:
        bundling.write(sealing, inside, rendered, wanted.formats, Settings())


def read(path: Path) -> dict[str, Any]:
    """An audit document. Raises InputError for a file that is none, or was changed since."""
    from pydantic import ValidationError

    from gdpr_audit import document, files, strict_json
    from gdpr_audit.reports.schema import AuditDocument

    content = files.read(path, LIMIT, "audit")
    try:
        found = strict_json.loads(content)
        AuditDocument.model_validate(found)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ValidationError):
            fault = error.errors()[0]
            where = "".join(f"{part}: " for part in (".".join(map(str, fault["loc"])),) if part)
            said = clean(f"{where}{fault['msg'].removeprefix('Value error, ')}", 500)
            raise InputError(f"{path}: not an audit document: {said}") from None
        raise InputError(f"{path}: not a JSON audit document") from None
    if document.digest(found) != found["digest"]:
        raise InputError(
            f"{path}: the digest does not match: this audit was changed since it was written"
        )
    assert isinstance(found, dict)
    return found
