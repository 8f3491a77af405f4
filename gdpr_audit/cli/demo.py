"""`gdpr-audit demo`: the embedded sample platform, audited."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gdpr_audit.cli import options
from gdpr_audit.cli.options import Format

FOLDER = Path("gdpr-audit-demo")


def demo(
    compliant: Annotated[
        bool, typer.Option("--compliant", help="The repaired twin instead of the faulty one.")
    ] = False,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the reports.")
    ] = FOLDER,
    lang: options.Language = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Only say where the report is.")
    ] = False,
    no_color: options.NoColor = False,
) -> None:
    """Start a sample platform on this machine, audit it, write its report, stop it.

    Ends with status 0 whatever the sample's faults: they are the point of it.
    """
    import shutil
    import tempfile
    from dataclasses import replace

    from gdpr_audit import declaration, demo
    from gdpr_audit.cli import run
    from gdpr_audit.cli.scan import plan_of
    from gdpr_audit.network import Settings
    from gdpr_audit.network.settings import Beside

    wanted = run.Wanted(
        [Format.CONSOLE, Format.HTML, Format.JSON], f"{output}/", quiet=quiet, plain=no_color
    )
    run.prepare(wanted)
    with tempfile.TemporaryDirectory(prefix="gdpr-audit-demo-") as folder:
        with demo.serve(Path(folder), compliant=compliant) as sample:
            settings = Settings(
                resolver=sample.resolver, ca_file=sample.ca_file if compliant else None,
                browser="auto", beside=Beside(known={"localhost": sample.addresses}),
            )  # fmt: skip
            language = lang.value if lang else "fr"
            copy = output / sample.declaration.name  # to read beside the report, and in its lines
            run.save(copy, sample.declaration.read_text("utf-8"))
            shown = sample.declaration.parent / "evidence"
            if shown.is_dir():
                shutil.copytree(shown, output / "evidence", dirs_exist_ok=True)
            declared = declaration.read(copy)
            plan = plan_of(
                declared, settings, None, None, None, sample.hds_list, None, None, language, 120.0
            )
            # its mandate covers this machine, and what else listens here is no part of the sample
            rules = tuple(rule for rule in plan.rules if rule.subject != "host")
            done = run.audit(replace(plan, rules=rules, active=True), wanted)
        written = run.write(done, wanted)
    if done.interrupted:
        raise typer.Exit(run.INTERRUPTED)
    for fault in sample.left_out:
        typer.echo(f"note: this Python cannot show: {fault}", err=True)
    for kind in (Format.HTML, Format.JSON):
        typer.echo(f"{kind.value}: {written[kind].resolve()}")
