"""How long the commands take before their work begins, beside importing Typer alone.

`gdpr-audit --help` may take 1.5 times that. A scan of a port that refuses is all start-up: the
checks, the rules and HTTP are loaded, one connection is refused, and the report written.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 15
LIMIT = 1.5
RESULTS = Path(__file__).parent / "results" / "startup.md"

GDPR_AUDIT = str(Path(sys.executable).parent / "gdpr-audit")
REFUSED = ["scan", "https://127.0.0.1:1/", "--only", "transport", "-f", "json", "-o", "audit.json"]
INCOMPLETE = 3  # the exit status of an audit whose target did not answer
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import typer": [sys.executable, "-c", "import typer"],
    "gdpr-audit --help": [GDPR_AUDIT, "--help"],
    "gdpr-audit rules list": [GDPR_AUDIT, "rules", "list"],
    f"gdpr-audit {' '.join(REFUSED)}": [GDPR_AUDIT, *REFUSED],
}
#: As a user has it, where the first run has left Python's bytecode for the others.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def measure(command: list[str], folder: str) -> tuple[float, float]:
    """Seconds by the clock, and those of the processor (user and system)."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, stdout=subprocess.DEVNULL, cwd=folder, env=ENVIRONMENT, check=False
    )
    elapsed, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, INCOMPLETE):
        raise SystemExit(f"{command}: exit status {done.returncode}")
    return elapsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(RUNS + 1):  # in turn, so that a slow moment of the machine meets all
            for name, command in COMMANDS.items():
                found = measure(command, folder)
                if run:  # the first one only leaves the bytecode
                    times[name].append(found)
    clock = {name: statistics.median(c for c, _ in runs) for name, runs in times.items()}
    processor = {name: statistics.median(p for _, p in runs) for name, runs in times.items()}
    ratio = clock["gdpr-audit --help"] / clock["import typer"]
    lines = ["# Start-up", "", f"Median of {RUNS} runs, Python {sys.version.split()[0]}.", ""]
    lines += ["| command | seconds | of the processor |", "| --- | ---: | ---: |"]
    lines += [f"| `{n}` | {clock[n]:.3f} | {processor[n]:.3f} |" for n in COMMANDS]
    lines += ["", f"`gdpr-audit --help` takes {ratio:.2f} times Typer alone (limit: {LIMIT})."]
    lines += ["", "Nothing listens on the port that is scanned: what its scan takes is start-up."]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
