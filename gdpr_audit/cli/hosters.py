"""`gdpr-audit hds`: the list of certified hosters."""

from __future__ import annotations

from datetime import date as Day  # noqa: N812 - `date` is an option's name here
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdpr_audit.cli import options
from gdpr_audit.cli.options import HdsList, Lang, Language

if TYPE_CHECKING:
    from gdpr_audit.hds import Certificate, HosterList, Listed

hds = typer.Typer(help="The list of certified hosters of health data.", no_args_is_help=True)

_Date = Annotated[
    str | None,
    typer.Option("--date", metavar="YYYY-MM-DD", help="The day to look from. [default: today]"),
]


@hds.command()
def search(
    name: Annotated[str, typer.Argument(help="Part of a name, or a SIREN.")],
    hds_list: HdsList = None,
    date: _Date = None,
) -> None:
    """Hosters whose name or alias holds NAME; status 1 where there is none."""
    day = options.day_of(date)
    hosters = options.hoster_list(hds_list)
    found = hosters.search(name)
    for listed in found:
        typer.echo(_line(listed, day))
    if not found:
        _unknown(name, hosters)
        raise typer.Exit(1)


@hds.command()
def show(
    name: Annotated[str, typer.Argument(help="Its name, an alias, its SIREN or SIRET.")],
    hds_list: HdsList = None,
    date: _Date = None,
    lang: Language = None,
) -> None:
    """One hoster with all its certificates; status 1 where it is not on the list."""
    day = options.day_of(date)
    hosters = options.hoster_list(hds_list)
    listed = hosters.find(name)
    if listed is None:
        _not_found(name, hosters)
        raise typer.Exit(1)
    called = listed.called(name)
    by = "its number" if called is None else f"its name {called!r}"
    typer.echo(listed.name + (f" (found by {by})" if called != listed.name else ""))
    _row("also called", ", ".join(listed.aliases) or None)
    _row("SIREN", " ".join(listed.sirens) or None)
    _row("country", listed.country)
    _row("transfers page", listed.transfers_url)
    for number, certificate in enumerate(listed.certificates, start=1):
        which = f" {number} of {len(listed.certificates)}" if len(listed.certificates) > 1 else ""
        typer.echo(f"certificate{which}: {_validity(certificate, day)}")
        _certificate(certificate, lang or Lang.FR)
    typer.echo(f"list of {hosters.label}; {hosters.source}")


def _certificate(certificate: Certificate, lang: Lang) -> None:
    from gdpr_audit.hds.activities import ACTIVITIES

    _row("number", certificate.certificate_number)
    _row("certified by", certificate.certification_body)
    _row("referential", certificate.referential and f"v{certificate.referential}")
    _row("valid", f"{certificate.valid_from or '?'} to {certificate.valid_until or '?'}")
    activities = [f"{a} {ACTIVITIES[a].within(lang.value)}" for a in certificate.activities]
    _row("activities", activities[0] if activities else None)
    for activity in activities[1:]:
        typer.echo(f"{'':18}{activity}")
    source = [certificate.source_url, certificate.source_date, certificate.confidence]
    _row("source", ", ".join(str(part) for part in source if part) or None)


def _row(label: str, value: object) -> None:
    typer.echo(f"  {label:16}{'?' if value in (None, '') else value}")


@hds.command()
def status(hds_list: HdsList = None, date: _Date = None) -> None:
    """How many entries the list has, from where, how old it is, and whether it is whole."""
    from gdpr_audit.hds import STALE_DAYS

    day = options.day_of(date)
    hosters = options.hoster_list(hds_list)
    age = hosters.age_days(day)
    no = hosters.partial_because or "a name that it lacks is unproven"
    typer.echo(f"entries   {len(hosters.entries)}")
    typer.echo(f"hosters   {len(hosters.hosters)}")
    typer.echo(f"source    {hosters.source}")
    for file in hosters.files:
        typer.echo(f"  {file.name} of {file.as_of}, SHA-256 {file.sha256}")
    if hosters.imported_at:
        typer.echo(f"imported  {hosters.imported_at}")
    typer.echo(f"as of     {hosters.as_of or '?'}")
    typer.echo(f"age       {'?' if age is None else f'{age} days'}")
    typer.echo(f"complete  {'yes' if hosters.complete else f'no: {no}'}")
    if hosters.stale(day):
        typer.echo(
            f"It is over {STALE_DAYS} days old: certificates have been issued and have ended "
            "since. Save the official list anew and read it in: gdpr-audit hds import FILE"
        )


@hds.command("import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Saved pages or tables (HTML, CSV).")
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Store without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show only; store nothing.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="YYYY-MM-DD",
            help="The day on which the list was saved. [default: the file's modification day]",
        ),
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="The files are not the whole official list.")
    ] = False,
) -> None:  # fmt: skip
    """Store the official list as you saved it, for all audits from now on; shown, then asked."""
    from gdpr_audit.cli import hoster_import

    hoster_import.run(files, yes=yes, dry_run=dry_run, as_of=as_of, partial=partial)


@hds.command()
def forget(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove the imported list: the embedded one counts again."""
    from gdpr_audit.cli import hoster_import

    hoster_import.forget(yes=yes)


def _validity(certificate: Certificate, day: Day) -> str:
    if certificate.valid_from and day < certificate.valid_from:
        return f"not yet in force on {day}"
    valid = certificate.valid_on(day)
    if valid is None:
        return "the list does not say until when it is in force"
    return f"in force on {day}" if valid else f"no longer in force on {day}"


def _line(listed: Listed, day: Day) -> str:
    certificate = (listed.in_force(day) or listed.certificates)[0]
    activities = ",".join(map(str, certificate.activities)) or "?"
    until = f"until {certificate.valid_until or '?'}"
    ended = "" if certificate.valid_on(day) is not False else " (not in force)"
    more = len(listed.certificates) - 1
    others = f", and {more} more certificate{'s' if more > 1 else ''}" if more else ""
    version = certificate.referential or "?"
    return f"{listed.name:32} activities {activities:12} v{version} {until}{ended}{others}"


def _not_found(name: str, hosters: HosterList) -> None:
    """Why there is no match, and what may have been meant."""
    from gdpr_audit.hds import names

    rivals = hosters.ambiguous(name)
    if rivals:
        typer.echo(f"{name}: the list has this name otherwise written; say which is meant:")
    else:
        _unknown(name, hosters)
        if names.looks_like_number(name) and names.number(name) is None:
            typer.echo("  no company has that number: its check digit is wrong")
    for near in hosters.near(name):
        tail = f" (SIREN {near.siren})" if near.siren else ""
        typer.echo(f"  did you mean: {near.name}?{tail}")


def _unknown(name: str, hosters: HosterList) -> None:
    tail = "" if hosters.complete else ", which is partial: this shows nothing"
    typer.echo(f"{name}: not on the list{tail}")
