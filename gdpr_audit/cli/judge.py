"""`gdpr-audit judge`: the stored facts of a finished audit, judged again, offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gdpr_audit.cli import options
from gdpr_audit.cli.complete import themes_and_rules
from gdpr_audit.cli.options import FailOn, Format, RulePacks
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from gdpr_audit.rules.profile import Profile


def judge(
    audit: Annotated[Path, typer.Argument(metavar="AUDIT.json", help="A finished audit.")],
    formats: options.Formats = None,
    output: options.Output = None,
    lang: options.Language = None,
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="Exit 1 from this severity on.")] = (
        FailOn.CRITICAL
    ),
    strict: Annotated[bool, typer.Option("--strict", help="Unproven counts as failed.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", autocompletion=themes_and_rules, help="Themes or rules."),
    ] = None,
    skip: Annotated[
        list[str] | None,
        typer.Option("--skip", autocompletion=themes_and_rules, help="Themes or rules."),
    ] = None,
    rules: RulePacks = None,
    waivers: options.WaiverFile = None,
    strict_waivers: options.StrictWaivers = False,
    baseline: options.BaselineFile = None,
    tls_profile: options.TlsProfile = None,
    date: Annotated[
        str | None,
        typer.Option("--date", metavar="YYYY-MM-DD", help="As of this day; the audit's own."),
    ] = None,
    bundle: options.BundleFile = None,
    sign_key: options.SignKey = None,
    timestamp: options.TimeStamp = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No report on screen.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="What passed, too.")] = False,
    no_color: options.NoColor = False,
) -> None:
    """Judge a finished audit again: other rules, another day, other waivers. Nothing is sent.

    Without --only the rules are those of the audit, and those of --rules. What no check stated
    at the time is unproven.
    """
    from gdpr_audit import audit as line
    from gdpr_audit import document, stored
    from gdpr_audit.cli import bundling, progress, report, run
    from gdpr_audit.network import Settings
    from gdpr_audit.outcome import ProfileName

    wanted = run.Wanted(
        formats or [Format.CONSOLE], output, quiet=quiet, verbose=verbose, plain=no_color
    )
    run.prepare(wanted)
    sealing = bundling.prepare(bundle, sign_key, timestamp)
    found = report.read(audit)
    _, words = options.known()
    whole = options.rule_book(words, rules)
    chosen = options.rule_book(words, rules, only, skip)
    own = {f["rule"] for f in found["findings"]}
    packed = whole.names - options.rule_book(words, None).names
    kept = tuple(r for r in chosen.rules if only or r.id in own or r.id in packed)
    if not kept:
        raise InputError("no rule is left to judge by")
    profile = _profile(tls_profile, found)
    named = ProfileName(profile.id, profile.title, profile.version)
    with progress.working(f"judging {audit}", quiet=quiet, plain=no_color):
        done = line.judge_again(
            stored.of(found, words, named),
            kept,
            chosen.digest,
            options.day_of(date or found["date"]),
            profile,
            options.waivers(waivers, whole),
            options.baseline(baseline, found["platform"]),
        )
    if lang is not None:
        done = done._replace(language=lang.value)
    inside = None
    if sealing is not None:
        read = [("audit", audit), ("waivers", waivers), ("baseline", baseline)]
        inside = bundling.material(chosen.digest, rules, tls_profile or profile.id, read)
    run.write(done, wanted)
    if inside is not None:
        bundling.write(sealing, inside, document.of(done), wanted.formats, Settings(), quiet=quiet)
    status = run.status(done, fail_on.value, strict=strict, strict_waivers=strict_waivers)
    raise typer.Exit(status)


def _profile(given: str | None, found: dict[str, Any]) -> Profile:
    """The one that is named, else the audit's own. Raises InputError where that was a file."""
    from gdpr_audit.rules import profile

    if given is not None:
        return options.tls_profile(given)
    own = found["tool"]["tls_profile"]["id"]
    try:
        return profile.load(own)
    except InputError:
        raise InputError(
            f"the audit was judged by the TLS profile {own!r}, which is a file: name it with "
            "--tls-profile"
        ) from None
