"""`gdpr-audit scan`: the audit, from the command line to the exit status."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdpr_audit.cli import options, secret
from gdpr_audit.cli.options import FailOn, Format, HdsList, Lang, RulePacks
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from datetime import date as Day  # noqa: N812 - `date` is the option's name

    from gdpr_audit.audit import Plan
    from gdpr_audit.declaration import Declaration
    from gdpr_audit.network import Settings

OK, FOUND, INCOMPLETE, INTERRUPTED = 0, 1, 3, 130


def scan(
    urls: Annotated[list[str] | None, typer.Argument(metavar="[URL]...", help="Targets.")] = None,
    declaration: Annotated[
        Path | None,
        typer.Option(
            "--declaration",
            "-d",
            envvar="GDPR_AUDIT_DECLARATION",
            help="The declaration; its targets are audited with those named.",
        ),
    ] = None,
    artefacts_in: options.ArtefactsIn = None,
    formats: options.Formats = None,
    output: options.Output = None,
    lang: options.Language = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            "--fail-on", envvar="GDPR_AUDIT_FAIL_ON", help="Exit 1 from this severity on."
        ),
    ] = FailOn.CRITICAL,
    strict: options.Strict = False,
    only: options.Only = None,
    skip: options.Skip = None,
    active: Annotated[
        bool,
        typer.Option(
            "--active",
            envvar="GDPR_AUDIT_ACTIVE",
            help="Send the probes that need the declaration's mandate.",
        ),
    ] = False,
    waivers: options.WaiverFile = None,
    strict_waivers: options.StrictWaivers = False,
    baseline: options.BaselineFile = None,
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
            "--browser",
            envvar="GDPR_AUDIT_BROWSER",
            metavar="auto|none|PATH",
            help="The Chromium to look at pages with; needs gdpr-audit[browser].",
        ),
    ] = "auto",
    rate: options.Rate = None,
    journal: options.JournalFile = None,
    bundle: options.BundleFile = None,
    sign_key: options.SignKey = None,
    timestamp: options.TimeStamp = None,
    timeout: options.Timeout = 120.0,
    date: options.AsOf = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No progress, no report on screen.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="What passed, too.")] = False,
    no_color: options.NoColor = False,
) -> None:
    """Audit a platform: its targets seen from outside, its declaration held against the law."""
    from gdpr_audit import document
    from gdpr_audit.cli import bundling, run
    from gdpr_audit.network import Settings

    sealing = bundling.prepare(bundle, sign_key, timestamp)
    declared = _declared(declaration, urls or [], artefacts_in or [])
    settings = Settings(
        resolver=options.resolver_of(resolver),
        ca_file=options.ca_file_of(ca_file),
        proxy=secret.proxy(proxy),
        rate=rate,
        journal=journal,
        browser=None if browser == "none" else browser,
    )
    written = declared.written
    language = lang.value if lang else (written.language if written else None) or "fr"
    plan = plan_of(
        declared,
        settings,
        rules,
        only,
        skip,
        hds_list,
        tls_profile,
        date,
        language,
        timeout,
        waivers,
    )
    plan = replace(plan, baseline=options.baseline(baseline, declared.subject.name))
    if cloud_ranges or asn_file or offline or _asks_who_hosts(plan):
        plan = replace(plan, atlas=options.atlas(cloud_ranges, asn_file, offline=offline))
    if active:
        plan = replace(plan, active=True)
        _refuse_unmandated(declared, plan.day)
    wanted = run.Wanted(
        formats or [Format.CONSOLE], output, quiet=quiet, verbose=verbose, plain=no_color
    )
    run.prepare(wanted)
    inside = None
    if sealing is not None:
        read = [("declaration", declaration), ("waivers", waivers), ("baseline", baseline)]
        read += [("hds-list", hds_list), ("ca-file", ca_file), ("asn-file", asn_file)]
        read += [("cloud-ranges", Path(one.rpartition("=")[2])) for one in cloud_ranges or ()]
        inside = bundling.of_plan(plan, rules, tls_profile, read)
    audit = run.audit(plan, wanted)
    run.write(audit, wanted)
    if inside is not None:
        bundling.write(sealing, inside, document.of(audit), wanted.formats, settings, quiet=quiet)
    found = run.status(audit, fail_on.value, strict=strict, strict_waivers=strict_waivers)
    raise typer.Exit(found)


def _declared(path: Path | None, urls: list[str], within: list[Path]) -> Declaration:
    from gdpr_audit import declaration

    return declaration.read(path, urls, within) if path else declaration.bare(urls)


def _refuse_unmandated(declared: Declaration, day: Day) -> None:
    """Active probes need a mandate that runs today. Raises InputError."""
    given = declared.written.mandate if declared.written else None
    if given is None:
        raise InputError("--active: no mandate; name who authorised it in the declaration")
    if not given.not_before <= day <= given.not_after:
        raise declared.document.refuse(
            f"the mandate runs from {given.not_before} to {given.not_after}, not on {day}; "
            "--active sends nothing",
            "mandate",
        )


def _asks_who_hosts(plan: Plan) -> bool:
    """Whether a chosen rule needs to know whose an address is."""
    facts = frozenset().union(*(rule.facts for rule in plan.rules))
    return any(fact.startswith(("network.", "hoster.")) for fact in facts)


def plan_of(
    declared: Declaration,
    settings: Settings,
    packs: list[Path] | None,
    only: list[str] | None,
    skip: list[str] | None,
    hds_list: Path | None,
    tls_profile: str | None,
    date: str | None,
    language: str,
    timeout: float,
    waivers: Path | None = None,
) -> Plan:
    """The audit as the options ask for it. Raises InputError."""
    from gdpr_audit.audit import Plan

    installed, words = options.known()
    book = options.chosen_rules(words, packs, only, skip)
    return Plan(
        declaration=declared,
        rules=book.rules,
        checks=tuple(check for check, _ in installed),
        words=words,
        settings=settings,
        hosters=options.hoster_list(hds_list),
        day=options.day_of(date),
        language=language,
        rules_digest=book.digest,
        profile=options.tls_profile(tls_profile),
        timeout=timeout,
        waivers=options.waivers(waivers, book),
    )


__all__ = ["FOUND", "INCOMPLETE", "INTERRUPTED", "OK", "Lang", "scan"]
