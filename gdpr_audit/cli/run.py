"""Runs an audit for a command: progress, signals, reports, exit status."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import typer

from gdpr_audit import document, files, reports, watchdog
from gdpr_audit.audit import Plan, incomplete
from gdpr_audit.audit import run as run_audit
from gdpr_audit.cli import options, progress
from gdpr_audit.cli.options import Format
from gdpr_audit.errors import InputError
from gdpr_audit.model import Severity, Verdict
from gdpr_audit.outcome import Audit

FOUND, INCOMPLETE, INTERRUPTED = 1, 3, 130
STDOUT = "-"


class Wanted(NamedTuple):
    """What the user wants to see, and where."""

    formats: list[Format]
    output: str | None  # as the user wrote it: a slash at its end means a folder
    quiet: bool = False
    verbose: bool = False
    plain: bool = False

    @property
    def files(self) -> dict[Format, Path | None]:
        """Each format's file; None is standard output."""
        kinds = list(dict.fromkeys(self.formats))
        if self.output == STDOUT:
            return dict.fromkeys(kinds)
        folder = Path(self.output or "")
        if len(kinds) == 1 and not (self.output or "").endswith("/"):
            only = kinds[0]
            if self.output is None:
                return {only: None if only is Format.CONSOLE else Path(file_name(only))}
            return {only: folder / file_name(only) if folder.is_dir() else folder}
        to_screen = Format.CONSOLE if len(kinds) > 1 else None
        return {k: None if k is to_screen else folder / file_name(k) for k in kinds}


#: The ends of files' names that are not the format's own.
_ENDS = {
    Format.CONSOLE: "txt",
    Format.JUNIT: "junit.xml",
    Format.MARKDOWN: "md",
    Format.OSCAL: "oscal.json",
    Format.ARTICLE_30: "article-30.html",
    Format.CNIL_PIA: "cnil-pia.json",
    Format.BREACH_SHEET: "breach-sheet.html",
}


def file_name(kind: Format) -> str:
    """What a report of that format is called in a folder."""
    return f"audit.{_ENDS.get(kind, kind.value)}"


def prepare(wanted: Wanted) -> None:
    """Refuse, before anything is sent, an output that cannot be written."""
    kinds = set(wanted.formats)
    if Format.PDF in kinds:
        from gdpr_audit.reports import pdf

        pdf.library()
    if wanted.output == STDOUT and len(kinds) > 1:
        raise InputError("--output -: standard output takes one format; name a folder for several")
    for path in wanted.files.values():
        if path is None:
            continue
        parent = path.parent
        if path.is_dir():
            raise InputError(f"--output {path}: this is a folder")
        near = next((p for p in (parent, *parent.parents) if p.exists()), Path())
        if not near.is_dir():
            raise InputError(f"--output {wanted.output}: {near} is not a folder")


def audit(plan: Plan, wanted: Wanted) -> Audit:
    """The audit; an interrupt ends it early, and what was found is kept."""
    with progress.working("gdpr-audit", quiet=wanted.quiet, plain=wanted.plain) as say:
        shown = replace(plan, progress=progress.Running(say)) if say else plan
        done = watchdog.run(_run(shown))
    if done.unrecorded is not None:
        complaint = f"--journal {plan.settings.journal}: cannot write: {done.unrecorded}"
        typer.echo(f"gdpr-audit: {complaint}; nothing was sent from then on", err=True)
    return done


async def _run(plan: Plan) -> Audit:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)
    return await run_audit(plan, stop)


def write(done: Audit, wanted: Wanted) -> dict[Format, Path]:
    """Every report that was asked for; each file whole or not at all."""
    rendered = document.of(done)
    written = {}
    for kind, path in wanted.files.items():
        if kind is Format.CONSOLE and path is None:
            if not wanted.quiet:
                show(rendered, wanted)
            continue
        put(content(rendered, kind, wanted), path)
        if path is not None:
            written[kind] = path
    return written


def content(
    rendered: dict[str, Any], kind: Format, wanted: Wanted, since: dict[str, Any] | None = None
) -> bytes:
    """The report; a PDF of a large audit takes ten seconds, and says so on a terminal."""
    quiet = wanted.quiet or kind is not Format.PDF
    with progress.working(f"{kind.value}: rendering", quiet=quiet, plain=wanted.plain):
        return reports.content(rendered, kind.value, since)


def put(report: bytes, path: Path | None) -> None:
    """A report to its file, or to standard output."""
    if path is not None:
        save(path, report)
    elif hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()
        sys.stdout.buffer.write(report)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(report.decode())


def show(rendered: dict[str, Any], wanted: Wanted, since: dict[str, Any] | None = None) -> None:
    """The console report, in colour where the terminal has it."""
    from gdpr_audit.reports import console

    screen = options.console(plain=wanted.plain)
    console.show(rendered, screen, verbose=wanted.verbose, since=since)


def save(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all. Raises InputError where it cannot be."""
    try:
        files.write_whole(path, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise InputError(f"{path}: cannot write: {error.strerror}") from error


def status(done: Audit, fail_on: str, *, strict: bool, strict_waivers: bool = False) -> int:
    """The exit status: 130 interrupted, 1 found, 3 incomplete, 0.

    What a baseline knows does not count. `strict_waivers`: a waiver that ended, ends soon or
    covers nothing counts as a finding.
    """
    if done.interrupted:
        return INTERRUPTED
    if fail_on != "never":
        worst = Severity(fail_on).rank
        counted = {Verdict.FAIL, Verdict.UNPROVEN} if strict else {Verdict.FAIL}
        found = (f for f in done.findings if f.verdict in counted)
        fresh = (f for f in found if not (done.baseline and done.baseline.knows(f)))
        if any(f.rule.severity.rank <= worst for f in fresh):
            return FOUND
    if strict_waivers and any(outcome.wanting for outcome in done.waivers):
        return FOUND
    return INCOMPLETE if incomplete(done) else 0
