"""`gdpr-audit fleet`: many platforms, into a folder that is the state."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdpr_audit.cli import options, secret
from gdpr_audit.cli.options import FailOn, HdsList, RulePacks
from gdpr_audit.cli.scan import FOUND, INCOMPLETE, INTERRUPTED
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from gdpr_audit.fleet.overview import Tally
    from gdpr_audit.fleet.task import Kit
    from gdpr_audit.network import Settings


class EngineName(StrEnum):
    LOCAL = "local"
    DASK = "dask"


def fleet(
    roster: Annotated[
        Path,
        typer.Argument(
            metavar="FLEET",
            help="A CSV (name,url), a YAML list of declarations, or a folder of them.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", envvar="GDPR_AUDIT_OUTPUT", metavar="DIR",
            help="The folder of results, which is also the state: what is done there stays done.",
        ),
    ],
    engine: Annotated[
        EngineName,
        typer.Option(
            "--engine", envvar="GDPR_AUDIT_ENGINE",
            help="Where audits run; dask needs gdpr-audit[dask].",
        ),
    ] = EngineName.LOCAL,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", envvar="GDPR_AUDIT_SCHEDULER", metavar="ADDRESS",
            help="Dask's scheduler, tcp://127.0.0.1:8786 or, beyond this machine, tls://HOST:PORT.",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", envvar="GDPR_AUDIT_JOBS", min=1, max=1000,
            help="Audits at once. [default: 4 for each processor; with dask, the workers' threads]",
        ),
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Audit again what is done.")
    ] = False,
    stale: Annotated[
        bool,
        typer.Option(
            "--stale", help="Audit again what was judged by other rules or another list of hosters."
        ),
    ] = False,
    lang: options.Language = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            "--fail-on", envvar="GDPR_AUDIT_FAIL_ON",
            help="Exit 1 where a platform fails from this severity on.",
        ),
    ] = FailOn.CRITICAL,
    strict: options.Strict = False,
    only: options.Only = None,
    skip: options.Skip = None,
    hds_list: HdsList = None,
    rules: RulePacks = None,
    tls_profile: options.TlsProfile = None,
    resolver: options.Resolver = None,
    ca_file: options.CaFile = None,
    proxy: options.ProxyUrl = None,
    offline: options.Offline = False,
    asn_file: options.AsnFile = None,
    cloud_ranges: options.CloudRanges = None,
    browser: Annotated[
        str,
        typer.Option(
            "--browser", envvar="GDPR_AUDIT_BROWSER", metavar="auto|none|PATH",
            help="The Chromium to look at pages with: seconds of processor for each platform.",
        ),
    ] = "none",
    rate: options.Rate = None,
    timeout: options.Timeout = 120.0,
    date: options.AsOf = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no summary on screen.")
    ] = False,
    no_color: options.NoColor = False,
) -> None:  # fmt: skip
    """Audit many platforms, passively: each its reports, and one table of all."""
    from gdpr_audit.cli import fleet_run
    from gdpr_audit.fleet.roster import Roster
    from gdpr_audit.network import Settings

    wanted = fleet_run.Wanted(scheduler, jobs, refresh, stale, quiet, no_color)
    if (scheduler is not None) != (engine is EngineName.DASK):
        raise InputError("--engine dask and --scheduler go together")
    settings = Settings(
        resolver=options.resolver_of(resolver),
        ca_file=options.ca_file_of(ca_file),
        proxy=secret.proxy(proxy),
        rate=rate,
        browser=None if browser == "none" else browser,
    )
    kit = _kit(settings, rules, only, skip, hds_list, tls_profile, date, lang, timeout)
    kit = kit._replace(atlas=options.atlas(cloud_ranges, asn_file, offline=offline))
    listed = Roster(roster)
    if not listed.total:
        raise InputError(f"{roster}: no platform in it")
    counted, done = fleet_run.go(listed, output, kit, wanted)
    if done.trouble:
        fleet_run.complain(f"{done.trouble}; run it again to go on")
    for complaint in done.complaints[:10]:
        fleet_run.complain(complaint)
    if done.older:
        fleet_run.complain(
            f"{done.older} platforms were audited by other rules or with another list of hosters; "
            "--stale audits them again"
        )
    if not quiet:
        fleet_run.tell(counted, output)
    if done.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(_status(counted, fail_on.value, strict=strict, trouble=bool(done.trouble)))


def _kit(
    settings: Settings,
    packs: list[Path] | None,
    only: list[str] | None,
    skip: list[str] | None,
    hds_list: Path | None,
    tls_profile: str | None,
    date: str | None,
    lang: options.Lang | None,
    timeout: float,
) -> Kit:
    """What all audits of the fleet have in common. Raises InputError."""
    from gdpr_audit import __version__
    from gdpr_audit.attribution import Atlas
    from gdpr_audit.fleet.task import Kit

    _, words = options.known()
    book = options.chosen_rules(words, packs, only, skip)
    return Kit(
        version=__version__,
        rules=book.rules,
        rules_digest=book.digest,
        hosters=options.hoster_list(hds_list),
        profile=options.tls_profile(tls_profile),
        atlas=Atlas(),
        settings=settings,
        day=options.day_of(date),
        language=lang.value if lang else None,
        timeout=timeout,
        ca_certificates=settings.ca_file.read_bytes() if settings.ca_file else None,
    )


def _status(counted: Tally, fail_on: str, *, strict: bool, trouble: bool) -> int:
    """The exit status over the fleet: 1 found, 3 incomplete, 0."""
    from gdpr_audit.model import Severity

    if fail_on != "never":
        grave = [s.value for s in Severity if s.rank <= Severity(fail_on).rank]
        if any(counted.failed[s] or (strict and counted.unproven[s]) for s in grave):
            return FOUND
    return INCOMPLETE if trouble or counted.incomplete else 0
