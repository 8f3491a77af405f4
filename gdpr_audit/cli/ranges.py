"""`gdpr-audit ranges`: the address ranges that clouds publish, with their regions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdpr_audit.cli import options, secret
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from gdpr_audit.network import Door, Settings

ranges = typer.Typer(
    help="The address ranges that clouds publish, which name the region of an address.",
    no_args_is_help=True,
)
_PURPOSE = "the ranges that a cloud publishes"
_LIMIT = 6 * 1024 * 1024  # bytes of one file


@ranges.command()
def fetch(
    resolver: options.Resolver = None,
    ca_file: options.CaFile = None,
    proxy: options.ProxyUrl = None,
) -> None:
    """Fetch them from AWS, Google, Oracle, Cloudflare and Fastly, and keep them for audits.

    Azure's file changes its address each week: download it, then `ranges import FILE`. Status 3
    where one could not be fetched; what was kept before then stays.
    """
    import asyncio

    from gdpr_audit.network import Settings

    settings = Settings(
        resolver=options.resolver_of(resolver),
        ca_file=options.ca_file_of(ca_file),
        proxy=secret.proxy(proxy),
    )
    if not asyncio.run(_fetch(settings)):
        raise typer.Exit(3)


async def _fetch(settings: Settings) -> bool:
    from datetime import date

    from gdpr_audit.attribution import store
    from gdpr_audit.cli import progress
    from gdpr_audit.errors import NetworkError
    from gdpr_audit.network import Door

    whole = True
    async with Door(settings, day=date.today()) as door:  # noqa: DTZ011 - the user's own day
        for name, url in store.PUBLISHED.items():
            try:
                with progress.working(f"fetching the ranges of {name}"):
                    count = store.keep(name, await _body(url, door))
            except (NetworkError, InputError) as error:
                whole = False
                typer.echo(f"{name:12} not fetched: {error}", err=True)
            else:
                typer.echo(f"{name:12} {count} ranges")
    return whole


async def _body(url: str, door: Door) -> bytes:
    answer = await door.get(url, purpose=_PURPOSE, limit=_LIMIT, verified=True)
    if answer.status != 200 or answer.body_gap is not None:
        raise InputError(f"{url} answers {answer.status}, or not in full")
    return answer.body


@ranges.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="As published.")],
) -> None:
    """Keep files that a cloud publishes: Azure's Service Tags, or any that `fetch` knows."""
    from gdpr_audit import files as reading
    from gdpr_audit.attribution import store
    from gdpr_audit.attribution.ranges import LIMIT

    for path in files:
        content = reading.read(path, LIMIT, "published ranges")
        typer.echo(f"{path.name}: {store.keep(path.stem, content)} ranges")


@ranges.command()
def status() -> None:
    """What is kept, how old it is, and whether it is worth renewing."""
    from datetime import UTC, datetime

    from gdpr_audit.attribution import store

    today = datetime.now(UTC).date()
    found = list(store.kept())
    for one in found:
        age = (today - one.day).days
        old = "  old: fetch or import it again" if age > store.STALE_DAYS else ""
        typer.echo(f"{one.path.stem:12} {one.count:6} ranges, {age} days old{old}")
    if not found:
        typer.echo("none: the region of an address is not known (gdpr-audit ranges fetch)")


@ranges.command()
def forget() -> None:
    """Drop what is kept."""
    from gdpr_audit.attribution import store

    for path in store.paths():
        path.unlink(missing_ok=True)
        typer.echo(f"{path.stem} dropped")
