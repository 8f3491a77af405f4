"""Runs everything: each case's truth, then each tool, each on a lab of its own."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from tools.compare import lab, truth
from tools.compare.model import Case, Lines, Result, Said, cases
from tools.compare.peers import TOOLS, Tool, ask, verdicts

AT_ONCE = 2  # servers with the tools that look at them
#: Servers that keep everybody waiting, and no processor busy: looked at beside the others.
WAITING = frozenset({"slow", "deaf", "redis-deaf", "client-certificate"})
ABSENT = "not installed"


def everything(only: Iterable[str] = (), keep: Path | None = None) -> Result:
    """Raises truth.Untrue where something that was written by hand does not hold.

    With `keep`, what each tool put out is left there.
    """
    chosen = [case for case in cases().values() if not only or case.id in only]
    result = Result(
        versions={tool.id: version(tool) for tool in TOOLS},
        python=platform.python_version(),
        cores=os.cpu_count() or 0,
        day=f"{datetime.now(UTC):%Y-%m-%d}",
    )
    result.said = {tool.id: {} for tool in TOOLS}
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool, ThreadPoolExecutor(AT_ONCE) as waiting:
        for case, shown in zip(chosen, pool.map(proved, chosen), strict=True):
            result.proofs[case.id] = shown
        jobs = {
            (case.id, tool.id): (waiting if case.id in WAITING else pool).submit(
                one, case, tool, keep
            )
            for tool in TOOLS
            for case in chosen
        }
        for (case_id, tool_id), job in jobs.items():
            said, seconds = job.result()
            result.said[tool_id][case_id] = said
            result.seconds[tool_id] = result.seconds.get(tool_id, 0.0) + seconds
    result.seconds["all"] = time.monotonic() - began
    return result


def version(tool: Tool) -> str:
    path = tool.program()
    if path is None:
        return f"{ABSENT}: {tool.get}"
    done = subprocess.run(
        tool.version(path), capture_output=True, text=True, check=False, cwd=tempfile.gettempdir()
    )
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    found = re.search(r"\d+(\.\d+)+", plain.replace("https://testssl.sh/", ""))
    return found[0] if found else "?"


def proved(case: Case) -> dict[str, str]:
    """What each check showed, by the command as it is written in the data."""
    shown = {}
    for one_truth in case.truths:  # each on a fresh server: some count their connections
        with tempfile.TemporaryDirectory() as name, lab.PLACES[case.id](Path(name)) as place:
            shown[one_truth.check + one_truth.shows] = truth.prove(case, place, one_truth)
    return shown


def one(case: Case, tool: Tool, keep: Path | None) -> tuple[dict[str, Said], float]:
    """One tool's verdicts on one case, and the seconds that it took."""
    if tool.program() is None:
        return {question: Said("untested", ABSENT) for question in case.questions}, 0.0
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as own:
        with lab.PLACES[case.id](Path(name)) as place:
            began = time.monotonic()
            lines = ask(tool, place, case, Path(own))
            seconds = time.monotonic() - began
            lines = [(key, truth.shown(value, place)) for key, value in lines]
        if keep is not None:
            _keep(lines, keep / f"{case.id}.{tool.id}")
    print(f"{case.id}: {tool.id}: {seconds:.1f} s", flush=True)
    return verdicts(tool, case, lines), seconds


def again(folder: Path) -> Result:
    """A run that was kept, judged anew: for when notes or mappings have changed."""
    raw = json.loads((folder / "result.json").read_text("utf-8"))
    said: dict[str, dict[str, dict[str, Said]]] = {}
    for tool in TOOLS:
        said[tool.id] = {}
        for name in raw["proofs"]:
            text = (folder / f"{name}.{tool.id}").read_text("utf-8").split("\n")[:-1]
            lines = [(line.partition(": ")[0], line.partition(": ")[2]) for line in text]
            said[tool.id][name] = verdicts(tool, cases()[name], lines)
    return Result(**raw | {"said": said})


def _keep(lines: Lines, path: Path) -> None:
    path.write_text("".join(f"{key}: {value}\n" for key, value in lines), "utf-8")
