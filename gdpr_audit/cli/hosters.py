"""`gdpr-audit hds`: the list of certified hosters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gdpr_audit.cli import options
from gdpr_audit.cli.options import HdsList

if TYPE_CHECKING:
    from gdpr_audit.hds import Entry

hds = typer.Typer(help="The list of certified hosters of health data.", no_args_is_help=True)


@hds.command()
def search(name: Annotated[str, typer.Argument()], hds_list: HdsList = None) -> None:
    """Hosters whose name or alias holds NAME; status 1 where there is none."""
    hosters = options.hoster_list(hds_list)
    found = hosters.search(name)
    for entry in found:
        typer.echo(_line(entry))
    if not found:
        _unknown(name, hds_list is not None)
        raise typer.Exit(1)


@hds.command()
def show(name: Annotated[str, typer.Argument()], hds_list: HdsList = None) -> None:
    """One hoster by its exact name or alias; status 1 where it is not on the list."""
    hosters = options.hoster_list(hds_list)
    entry = hosters.find(name)
    if entry is None:
        _unknown(name, hds_list is not None)
        for near in hosters.near(name):
            typer.echo(f"  did you mean: {near.name}?")
        raise typer.Exit(1)
    for key in type(entry).__dataclass_fields__:
        value = getattr(entry, key)
        if isinstance(value, tuple):
            value = ", ".join(map(str, value))
        typer.echo(f"{key:20} {'?' if value in (None, '') else value}")


@hds.command()
def status(
    hds_list: HdsList = None,
    date: Annotated[str | None, typer.Option("--date", metavar="YYYY-MM-DD")] = None,
) -> None:
    """How many entries the list has, from where, how old it is, and whether it is whole."""
    hosters = options.hoster_list(hds_list)
    age = hosters.age_days(options.day_of(date))
    typer.echo(f"entries   {len(hosters.entries)}")
    typer.echo(f"source    {hosters.source}")
    typer.echo(f"as of     {hosters.as_of or '?'}")
    typer.echo(f"age       {'?' if age is None else f'{age} days'}")
    typer.echo(f"complete  {'yes' if hosters.complete else 'no: a name that it lacks is unproven'}")


def _line(entry: Entry) -> str:
    activities = ",".join(map(str, entry.activities)) or "?"
    until = entry.valid_until or "?"
    return f"{entry.name:32} activities {activities:12} v{entry.referential or '?'} until {until}"


def _unknown(name: str, complete: bool) -> None:
    tail = "" if complete else ", which is partial: this shows nothing"
    typer.echo(f"{name}: not on the list{tail}")
