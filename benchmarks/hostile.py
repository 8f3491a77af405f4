"""How long an audit of each hostile target takes, and how much memory: `tests/hostile`, measured.

It may take its deadline and two seconds more, start-up included, and 300 MiB.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.hostile.scans import TIMEOUT, Scanned, scan
from tests.hostile.test_targets import CASES

LATE = 2.0  # seconds after the deadline
MOST = 300.0  # MiB
RESULTS = Path(__file__).parent / "results" / "hostile.md"


def measure(name: str) -> tuple[float, Scanned]:
    """Seconds by the clock from the scan's start to its end, and how it ended."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        done = scan(CASES[name].place, Path(folder))
        return time.perf_counter() - begun, done


def main() -> int:
    rows, missed = [], 0
    for name in CASES:
        seconds, done = measure(name)
        peak = done.peak / 1024
        within = seconds <= TIMEOUT + LATE and peak <= MOST and "Traceback" not in done.stderr
        missed += not within
        verdict = "yes" if within else "**no**"
        rows.append(f"| {name} | {seconds:.1f} | {peak:.0f} | {done.status} | {verdict} |")
        print(rows[-1])
    lines = [
        "# Hostile targets", "",
        f"Each audited by itself with `--timeout {TIMEOUT}`: the whole command by the clock,",
        "start-up and the lab's own servers included, and its greatest resident size. Limits: "
        f"{TIMEOUT + LATE:.0f} s, {MOST:.0f} MiB.", "",
        "| target | seconds | MiB | status | within |", "| --- | ---: | ---: | ---: | --- |",
        *rows, "",
        f"{len(rows) - missed} of {len(rows)} within the limits.", "",
    ]  # fmt: skip
    RESULTS.write_text("\n".join(lines), "utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
