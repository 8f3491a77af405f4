"""Fleets in tests: the command as a user calls it, and what it left."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.lab.nation import Platform

COMMAND = [str(Path(sys.executable).with_name("gdpr-audit")), "fleet"]
#: What differs between two audits of the same thing: when, and how long.
_TIMES = (
    (re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), b"TIME"),
    (re.compile(rb'"seconds": [\d.]+'), b'"seconds": 0'),
    (re.compile(rb'"connections": \d+'), b'"connections": 0'),  # one that was late is made again
    (re.compile(rb'"digest": "sha256:[0-9a-f]{64}"'), b'"digest": ""'),
)


def table(path: Path, platforms: Iterable[Platform]) -> Path:
    """FLEET as a CSV."""
    rows = "".join(f"{one.name},{one.url}\n" for one in platforms)
    path.write_text(f"name,url\n{rows}", "utf-8")
    return path


def begin(fleet: Path, out: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, str(fleet), "-o", str(out), "--offline", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def run(fleet: Path, out: Path, *options: str, **environment: str) -> tuple[int, str, str]:
    """The status, what was said, and what was complained of."""
    process = begin(fleet, out, *options, **environment)
    said, complained = process.communicate(timeout=240)
    return process.returncode, said, complained


def summed(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "fleet.json").read_text("utf-8"))
    return found


def rows(out: Path) -> list[dict[str, str]]:
    """The rows of fleet.csv."""
    with (out / "fleet.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def states(out: Path) -> dict[str, str]:
    return {row["platform"]: row["state"] for row in summed(out)["platforms"]}


def documents(out: Path) -> dict[str, bytes]:
    """Every platform's document, times aside."""
    found = {}
    for path in sorted(out.glob("*/audit.json")):
        content = path.read_bytes()
        for pattern, word in _TIMES:
            content = pattern.sub(word, content)
        found[path.parent.name] = content
    return found


def whole(out: Path) -> set[str]:
    """The platforms whose folder is whole. Fails where one has half a file in it."""
    done = set()
    assert not list(out.rglob("*.part"))
    for path in out.glob("*/line.json"):
        if json.loads(path.read_text("utf-8"))["state"] != "done":
            continue
        document = json.loads(path.with_name("audit.json").read_text("utf-8"))
        assert document["schema"] == "gdpr-audit/audit/1"
        assert path.with_name("audit.html").read_text("utf-8").rstrip().endswith("</html>")
        done.add(path.parent.name)
    return done
