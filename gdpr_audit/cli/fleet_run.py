"""Goes through a fleet for the command: the engine, signals, what is said at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import NamedTuple

import typer

from gdpr_audit.cli import progress
from gdpr_audit.cli.fleet_progress import Shown, summary
from gdpr_audit.errors import InputError
from gdpr_audit.fleet import overview
from gdpr_audit.fleet.folder import Folder
from gdpr_audit.fleet.overview import Tally
from gdpr_audit.fleet.roster import Roster
from gdpr_audit.fleet.run import Run
from gdpr_audit.fleet.task import Engine, EngineLost, Kit

#: Audits at once for each processor: most of an audit's time is waiting for answers.
_JOBS_EACH = 4


class Wanted(NamedTuple):
    """How the fleet is to be gone through."""

    scheduler: str | None  # Dask's; None: this machine
    jobs: int | None
    refresh: bool
    stale: bool
    quiet: bool
    plain: bool


class Done(NamedTuple):
    """How it ended."""

    interrupted: bool
    trouble: str | None  # why it ended before its end
    complaints: list[str]
    older: int  # platforms audited on another basis, and left so


def go(listed: Roster, output: Path, kit: Kit, wanted: Wanted) -> tuple[Tally, Done]:
    """Audit what is to be audited, then sum up; what is done stays done whatever happens."""
    with Folder(output) as folder, tempfile.TemporaryDirectory(prefix="gdpr-audit-") as place:
        kit = kit._replace(memory=Path(place) / "look-ups.sqlite")
        engine = _engine(kit, wanted)
        run = Run(kit, listed, folder, engine, refresh=wanted.refresh, stale=wanted.stale)
        with Shown(run, quiet=wanted.quiet, plain=wanted.plain) as shown:
            run.ended = shown.ended
            interrupted = asyncio.run(_until_stopped(run, engine))
        language = kit.language or "fr"
        try:
            with progress.working("summing up", quiet=wanted.quiet, plain=wanted.plain):
                counted = overview.write(listed, folder, kit, language)
        except OSError as error:
            run.trouble = run.trouble or f"{error.filename or output}: {error.strerror or error}"
            counted = overview.tally(overview.lines(listed, folder))
    return counted, Done(interrupted, run.trouble, run.complaints, run.older)


def _engine(kit: Kit, wanted: Wanted) -> Engine:
    if wanted.scheduler is not None:
        from gdpr_audit.fleet.cluster import Cluster

        return Cluster(wanted.scheduler, kit, wanted.jobs, complain)
    from gdpr_audit.fleet.hands import Hands

    return Hands(kit, wanted.jobs or _JOBS_EACH * (os.cpu_count() or 1))


async def _until_stopped(run: Run, engine: Engine) -> bool:
    """Whether a signal ended it."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stop.set)
    stopped = asyncio.create_task(stop.wait())
    try:
        async with AsyncExitStack() as stack:
            entering = asyncio.create_task(stack.enter_async_context(engine))
            await asyncio.wait({entering, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if entering.done():
                await entering
                await run.to_its_end(stop)
            else:  # nobody waits for an engine that does not answer
                entering.cancel()
                await asyncio.gather(entering, return_exceptions=True)
    except EngineLost as lost:
        raise InputError(str(lost)) from lost
    finally:
        stopped.cancel()
    return stop.is_set()


def complain(words: str) -> None:
    from gdpr_audit.redaction import clean

    typer.echo(f"gdpr-audit: {clean(words, 1000)}", err=True)


def tell(counted: Tally, output: Path) -> None:
    for words in summary(counted, output):
        typer.echo(words)
