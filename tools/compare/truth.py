"""Checks what cases.toml says is so, by commands that are none of the tools compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tools.compare.model import HERE, Case, Truth
from tools.compare.place import Place

ROOT = HERE.parents[1]
BOUND = 60  # seconds for one check


class Untrue(Exception):
    """What was written by hand does not hold."""


def written(truth: Truth, place: Place | None) -> str:
    """The command as a reader can repeat it; without a place, with words for what changes."""
    if truth.check == "configuration":
        return truth.check
    where = {
        "at": place.at if place else "localhost:PORT",
        "url": place.url if place else "URL/",
        "host": place.host if place else "HOST",
        "port": place.port if place else "PORT",
        "root": place.root if place else "ROOT.pem",
    }
    return truth.check.format(**where)


def prove(case: Case, place: Place, truth: Truth) -> str:
    """What the check showed: the part of it that bears the truth out. Raises Untrue."""
    output = place.configuration if truth.check == "configuration" else _run(written(truth, place))
    found = re.search(truth.shows, output)
    if found is None:
        raise Untrue(
            f"{case.id}: {truth.questions}: not shown by {written(truth, place)}\n{output}"
        )
    return shown(found[0], place)


def shown(text: str, place: Place) -> str:
    """In one line, without what differs from run to run."""
    text = text.replace(place.at, "localhost:PORT").replace(str(place.port), "PORT")
    text = re.sub(r"\b[0-9A-F]{16}:", "", text)  # a thread of OpenSSL's
    return " ".join(text.split())[:100]


def _run(command: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=os.environ | {"PATH": path}, timeout=BOUND,
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    return (done.stdout + done.stderr).decode("utf-8", "replace").strip("\n")
