"""Code that holds the loop, tasks that refuse to end, threads that never do: the audit ends."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import audit as line
from gdpr_audit import document, watchdog
from gdpr_audit.model import Check, Statement, Subject
from tests.lab import audits
from tests.lab.audits import reasons, verdicts
from tests.test_audit import SPECS, _fact, _pack


def _sleeps() -> None:
    time.sleep(600)


def _turns() -> None:
    while True:
        pass


def _backtracks() -> None:
    re.match(r"(a+)+$", "a" * 60 + "b")


def _shrugs() -> None:
    """Takes everything for its own fault, and goes on."""
    while True:
        try:
            time.sleep(600)
        except Exception:  # noqa: BLE001 - that is the fault
            continue


@pytest.mark.parametrize(
    ("hold", "shared"),
    [(_sleeps, False), (_turns, True), (_backtracks, False), (_shrugs, False)],
)
def test_code_that_holds_the_loop_is_interrupted_at_its_deadline(
    tmp_path: Path, hold: Callable[[], None], shared: bool
) -> None:
    assert threading.current_thread() is threading.main_thread()  # or it would never end

    async def look() -> None:
        hold()

    async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        yield _fact("odd.first", True)
        if shared:
            await session.once("look", subject, look)
        hold()

    plan = audits.plan(
        "https://127.0.0.1:1/",
        only=("odd",),
        extra=(Check("odd", "target", SPECS, observe),),
        packs=(_pack(tmp_path),),
        timeout=0.2,
    )
    done = asyncio.run(line.run(plan))
    found = document.of(done)

    assert verdicts(found) == {"odd": {"unproven"}}
    assert "0.2 s" in reasons(found, "odd")
    assert found["facts"]["https://127.0.0.1:1/"]["odd"]["odd.first"]["value"] is True
    assert line.incomplete(done)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_code_within_its_time_is_never_interrupted() -> None:
    async def works() -> str:
        watchdog.until(time.monotonic() + 3600)
        time.sleep(0.1)  # noqa: ASYNC251 - holds the loop, as a long parse does
        return "done"

    async def beside() -> str:
        with watchdog.watching(-watchdog.MARGIN):
            return await asyncio.create_task(works())

    assert asyncio.run(beside()) == "done"


#: A third party's check, as the command line meets it. It ends neither its task nor its thread.
SCRIPT = """\
import asyncio, sys, time
from importlib.metadata import EntryPoint
from gdpr_audit.checks import registry
from gdpr_audit.model import Check, FactSpec, FactType

async def stays():
    while True:
        try:
            await asyncio.sleep(600)
        except BaseException:
            pass

async def observe(subject, session):
    if {thread}:
        await asyncio.to_thread(time.sleep, 600)
    await stays()
    yield

specs = tuple(
    FactSpec(name, FactType.BOOLEAN, "target", "x") for name in ("odd.first", "odd.second")
)
odd = Check("odd", "target", specs, observe)
known = registry.installed()
registry.installed = lambda: (*known, (odd, EntryPoint("odd", "odd:odd", registry.GROUP)))

from gdpr_audit.cli import main
sys.argv[0] = "gdpr-audit"
main()
"""


@pytest.mark.parametrize("thread", [False, True])
def test_a_task_or_a_thread_that_never_ends_does_not_keep_the_process(
    tmp_path: Path, thread: bool
) -> None:
    command = [
        sys.executable, "-c", SCRIPT.format(thread=thread), "scan", "http://127.0.0.1:1/",
        "--rules", str(_pack(tmp_path)), "--only", "odd", "--timeout", "0.3", "-f", "json",
        "-o", str(tmp_path / "audit.json"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (3, "")
    found = json.loads((tmp_path / "audit.json").read_text("utf-8"))
    assert verdicts(found) == {"odd": {"unproven"}}
