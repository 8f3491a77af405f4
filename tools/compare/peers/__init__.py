"""The tools that are compared: how each is called, and how its report becomes lines.

A tool's TOML says which of its lines answer which question.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tools.compare.model import Case, Lines, Said, judge, mappings
from tools.compare.peers import nmap, ours, sslyze, testssl, wapiti
from tools.compare.place import Place

#: Seconds for one tool on one case, a little over our own. What is not said by then is not said.
BOUND = 125


@dataclass(frozen=True)
class Tool:
    """One of the tools that are compared."""

    id: str
    program: Callable[[], str | None]  # its path, if it is installed
    get: str  # how to install it
    version: Callable[[str], list[str]]  # the command that says it
    command: Callable[[str, Place, Case, Path], list[str] | None]  # None: nothing to ask here
    read: Callable[[Path], Lines]  # what is in the folder after the run
    system: bool = False  # a program of the machine, and not of our own environment


TOOLS = (
    Tool("ours", ours.program, "make install", ours.version, ours.command, ours.read),
    Tool("sslyze", sslyze.program, "make install", sslyze.version, sslyze.command, sslyze.read),
    Tool(
        "testssl", lambda: shutil.which("testssl"), "apt-get install testssl.sh",
        lambda path: [path, "--version"], testssl.command, testssl.read, system=True,
    ),
    Tool(
        "nmap", lambda: shutil.which("nmap"), "apt-get install nmap",
        lambda path: [path, "--version"], nmap.command, nmap.read, system=True,
    ),
    Tool(
        "wapiti", lambda: shutil.which("wapiti"), "apt-get install wapiti",
        lambda path: [path, "--version"], wapiti.command, wapiti.read, system=True,
    ),
)  # fmt: skip

#: Nothing of the caller's: no home folder, no proxy, no option from the environment.
_KEPT = ("PATH", "LANG", "SSL_CERT_DIR")


def ask(tool: Tool, place: Place, case: Case, folder: Path) -> Lines:
    """Run one tool on one case, bounded; the lines that it put out."""
    path = tool.program()
    assert path is not None
    place, who = _theirs(place, folder) if tool.system and os.getuid() == 0 else (place, {})
    command = tool.command(path, place, case, folder)
    if command is None:
        return []
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {"HOME": str(folder), "GDPR_AUDIT_DATA_DIR": str(folder), "TERM": "dumb"}
    with Path(folder, f"{tool.id}.out").open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **who,
        )  # fmt: skip
        late = False
        try:
            process.wait(BOUND)
        except subprocess.TimeoutExpired:
            late = True
        finally:
            _end(process)
    if late:
        return [*_readable(tool, folder), ("problem", f"not done within {BOUND} s")]
    return _readable(tool, folder)


def _theirs(place: Place, folder: Path) -> tuple[Place, dict[str, Any]]:
    """Nobody's: a program of others is not run as root. It could not read the lab's own folder."""
    user = pwd.getpwnam("nobody")
    if place.root is not None:
        place = replace(place, root=Path(shutil.copy(place.root, folder / "root.pem")))
    for path in (folder, *folder.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    return place, {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it with all that it started: its group is its own."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait()


def _readable(tool: Tool, folder: Path) -> Lines:
    try:
        return tool.read(folder)
    except (OSError, ValueError, LookupError) as error:
        return [("problem", f"no readable report ({type(error).__name__})")]


def verdicts(tool: Tool, case: Case, lines: Lines) -> dict[str, Said]:
    """What a tool's lines say to each question of a case."""
    known = ours.mappings() if tool.id == "ours" else mappings(tool.id)
    return {question: judge(known.get(question), lines) for question in case.questions}
