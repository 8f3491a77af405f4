"""`gdpr-audit scan` against a hostile target, as a process whose memory is watched."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.hostile import Place, Target

TIMEOUT = 8  # of the audit
PATIENCE = 60  # of the test: generous, for the machine may have other things to do


@dataclass
class Scanned:
    """How a scan ended, and what it found."""

    status: int
    stdout: str
    stderr: str
    peak: int  # KiB
    found: dict[str, Any]
    html: str
    target: Target

    def verdict(self, rule: str) -> str:
        """The one verdict of a rule."""
        (found,) = {one["verdict"] for one in self.found["findings"] if one["rule"] == rule}
        return str(found)

    def gaps(self, rule: str) -> str:
        """Why a rule was not proven."""
        return "\n".join(self._gaps(rule))

    def _gaps(self, rule: str) -> Iterator[str]:
        for one in self.found["findings"]:
            if one["rule"] == rule and one["verdict"] == "unproven":
                yield from (reason["gap"] for reason in one["reasons"] if reason["gap"])


def scan(place: Place, folder: Path) -> Scanned:
    with place(folder) as target:
        line = [
            sys.executable, "-m", "gdpr_audit", "scan", target.url, "--offline",
            "--browser", "none", "--timeout", str(TIMEOUT), "--lang", "en",
            "-f", "json", "-f", "html", "-o", "out/", *target.options,
        ]  # fmt: skip
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            process = subprocess.Popen(line, stdout=out, stderr=err, cwd=folder)
            try:
                peak = watch(process)
            finally:
                process.kill()
                process.wait()
    return Scanned(
        process.returncode,
        (folder / "stdout").read_text("utf-8"),
        (folder / "stderr").read_text("utf-8"),
        peak,
        json.loads((folder / "out" / "audit.json").read_text("utf-8")),
        (folder / "out" / "audit.html").read_text("utf-8"),
        target,
    )


def watch(process: subprocess.Popen[bytes]) -> int:
    """Its greatest resident size in KiB, by its own account: a parent's would count ours with it."""
    end, peak = time.monotonic() + PATIENCE, 0
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        assert time.monotonic() < end, "the scan went on long after its deadline"
        for line in status.read_text().splitlines() if status.exists() else ():
            if line.startswith("VmHWM:"):
                peak = int(line.split()[1])
        time.sleep(0.05)
    return peak
