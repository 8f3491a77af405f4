"""How long `gdpr-audit --help` takes, beside importing Typer alone: at most 1.5 times."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
LIMIT = 1.5
RESULTS = Path(__file__).parent / "results" / "startup.md"

COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import typer": [sys.executable, "-c", "import typer"],
    "gdpr-audit --help": [str(Path(sys.executable).parent / "gdpr-audit"), "--help"],
}


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> int:
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(RUNS):  # in turn, so that a slow moment of the machine meets all of them
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(runs) for name, runs in times.items()}
    ratio = medians["gdpr-audit --help"] / medians["import typer"]
    lines = ["# Start-up", "", f"Median of {RUNS} runs, Python {sys.version.split()[0]}.", ""]
    lines += ["| command | seconds |", "| --- | ---: |"]
    lines += [f"| `{name}` | {median:.3f} |" for name, median in medians.items()]
    lines += ["", f"`gdpr-audit --help` takes {ratio:.2f} times Typer alone (limit: {LIMIT})."]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
