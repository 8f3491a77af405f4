"""The commands, gathered; and the one place where an error becomes a line and a status."""

from __future__ import annotations

import errno
import gc
import os
import sys
from typing import Annotated

import typer
from typer import _click as click

from gdpr_audit.cli import (
    catalogue,
    comment,
    complete,
    demo,
    diff,
    fleet,
    hosters,
    hosting,
    init,
    judge,
    keygen,
    ranges,
    report,
    scan,
    validate,
    verify,
)
from gdpr_audit.errors import InputError

#: 128 + SIGPIPE, as a shell has it: nobody reads us any more.
_BROKEN_PIPE = 141
#: The device that standard output goes to takes no more.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
INPUT = 2
#: Objects between two searches for cycles; an audit makes some 80 000 and keeps nearly all.
_GARBAGE = 100_000

app = typer.Typer(
    name="gdpr-audit",
    help="Audits a health platform's security against GDPR articles 32 and 9.",
    no_args_is_help=True,
    add_completion=False,  # ours: see complete.py
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: Rich alone takes longer to import than all the rest
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 nothing found at --fail-on, 1 found, 2 bad input, 3 incomplete, "
    "130 interrupted.",
)
app.command("scan")(scan.scan)
app.command("fleet")(fleet.fleet)
app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("validate")(validate.validate)
app.command("report")(report.report)
app.command("judge")(judge.judge)
app.command("diff")(diff.diff)
app.command("comment")(comment.comment)
app.command("verify")(verify.verify)
app.command("keygen")(keygen.keygen)
app.command("hosting")(hosting.hosting)
app.add_typer(catalogue.rules, name="rules")
app.add_typer(hosters.hds, name="hds")
app.add_typer(ranges.ranges, name="ranges")
app.add_typer(catalogue.checks, name="checks")
app.command("schema")(catalogue.schema)


def _version(wanted: bool) -> None:
    if wanted:
        from gdpr_audit import __version__

        typer.echo(f"gdpr-audit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    show_completion: complete.ShowCompletion = None,
    install_completion: complete.InstallCompletion = None,
) -> None:
    del version, show_completion, install_completion  # their callbacks have done it
    if context.invoked_subcommand in (
        "scan",
        "fleet",
        "demo",
        "report",
        "judge",
        "hosting",
        "verify",
    ):
        from gdpr_audit.cli import config

        context.default_map = config.defaults(context.invoked_subcommand)


def _leave_no_core() -> None:
    """A library that crashes leaves no image of this process on disk: keys and data are in it."""
    try:
        import resource
    except ImportError:  # Windows has none, and leaves none
        return
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _hush() -> None:
    """Nobody takes our output any more: Python's flush at exit must not complain of it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Run the command line. Every deliberate error is one line on standard error."""
    if complete.asked():
        complete.answer(app)
    gc.set_threshold(_GARBAGE)
    _leave_no_core()
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        _complain(str(error))
        status = INPUT
    except click.exceptions.ClickException as error:
        _complain(error.format_message().replace("\n", " "))
        status = INPUT
    except (typer.Abort, KeyboardInterrupt):
        status = 130
    except (BrokenPipeError, SystemExit):  # Typer exits by itself where its own output breaks
        _hush()
        status = _BROKEN_PIPE
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _complain(f"cannot write all that is printed: {error.strerror}")
        _hush()
        status = INPUT
    gc.freeze()  # the process ends; to search all that it holds once more takes a tenth of its time
    status = status if isinstance(status, int) else 0
    watchdog = sys.modules.get("gdpr_audit.watchdog")
    if watchdog is not None and watchdog.left_behind():
        os._exit(status)  # all is written, and Python would wait for the thread for ever
    sys.exit(status)


def _complain(message: str) -> None:
    from gdpr_audit.redaction import clean

    typer.echo(f"gdpr-audit: {clean(message, 4000)}", err=True)
