"""`gdpr-audit verify`: shows that an audit and its evidence were not changed. Offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gdpr_audit.cli import options
from gdpr_audit.cli.options import Format
from gdpr_audit.errors import InputError

_MARKS = {"holds": "[ok]", "changed": "[!!]", "open": "[--]"}
_CHANGED = 1


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A bundle, or an AUDIT.json.")],
    key: Annotated[
        str | None,
        typer.Option(
            "--key", envvar="GDPR_AUDIT_KEY", metavar="PUB.pem|ID",
            help="The key that must have signed: its public half, or its id.",
        ),
    ] = None,
    tsa_ca: Annotated[
        Path | None,
        typer.Option(
            "--tsa-ca", envvar="GDPR_AUDIT_TSA_CA", metavar="PEM",
            help="Roots of the authorities trusted for time stamps.",
        ),
    ] = None,
    lang: options.Language = None,
) -> None:  # fmt: skip
    """Show that an audit and its evidence were not changed. Nothing is sent.

    [ok] holds, [!!] was changed or is not trusted, [--] was not checked, and why. Status 1 where
    anything was changed or is not trusted.
    """
    from gdpr_audit import files
    from gdpr_audit.cli import bundling, progress, rejudge
    from gdpr_audit.proof import archive, verify
    from gdpr_audit.reports.words import labelled_text

    trust = verify.Trust(_key_id(key), _authorities(tsa_ca))
    content = files.read(file, archive.LIMIT, "bundle")
    outcome = None
    with progress.working(f"verifying {file}"):
        if archive.looks_like(content):
            kinds = bundling.reports(Format)
            outcome = verify.of_bundle(content, trust, kinds, rejudge.compare)
        if outcome is None:
            outcome = verify.of_document(content, rejudge.compare)
            if outcome is not None and key is not None:
                raise InputError(f"{file}: a lone document has no signature; --key is for bundles")
            if outcome is not None and tsa_ca is not None:
                raise InputError(f"{file}: a lone document has no stamp; --tsa-ca is for bundles")
    if outcome is None:
        raise InputError(f"{file}: neither a bundle nor an audit document of gdpr-audit")
    language = lang.value if lang else outcome.language or "fr"
    for line in outcome.lines:
        typer.echo(f"{_MARKS[line.state]} {line.said.within(language)}")
    typer.echo(labelled_text(str(file), verify.summary(outcome).within(language), language))
    if outcome.changed:
        raise typer.Exit(_CHANGED)


def _key_id(given: str | None) -> str | None:
    if given is None:
        return None
    from gdpr_audit import files
    from gdpr_audit.proof import keys

    if keys.is_key_id(given):
        return given
    path = Path(given)
    return keys.key_id(keys.public(files.read(path, keys.LIMIT, "public key"), str(path)))


def _authorities(given: Path | None) -> bytes | None:
    if given is None:
        return None
    from gdpr_audit import files
    from gdpr_audit.proof import stamp

    stamp.require("--tsa-ca")
    return stamp.roots(files.read(given, stamp.LIMIT * 8, "roots"), f"--tsa-ca {given}")
