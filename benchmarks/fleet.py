"""What a fleet costs: a thousand platforms on loopback, beside `sslyze --targets_in` on the same.

    make bench, or: python benchmarks/fleet.py [--platforms 1000]

Each platform is an address of its own in 127.0.0.0/8, behind one nginx, of four kinds. CPU is that
of a command with all that it begins, by the operating system's account; the servers' is not in it.
For scaling every answer is late, as on a network: else the servers, which share the processors
with the audits, would be what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.lab import tls  # noqa: E402 - the path first
from tests.lab.nation import Nation, Platform, nation  # noqa: E402 - the path first

RESULTS = ROOT / "benchmarks" / "results" / "fleet.md"
BIN = Path(sys.executable).parent
LATE = 0.015  # seconds each way, for scaling
WIDE = 48  # platforms, for scaling

#: Runs a command, and says what it and all that it began used: whoever outlives it comes to us.
SPAWN = """
import ctypes, os, resource, sys, threading, time
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
began = time.monotonic()
pid = os.fork()
if not pid:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1), os.dup2(null, 2)
    os.execvp(sys.argv[1], sys.argv[1:])
peak = 0
def watch():
    global peak
    while True:
        try:
            with open(f"/proc/{pid}/status") as status:
                line = next(row for row in status if row.startswith("VmHWM"))
            peak = max(peak, int(line.split()[1]))
        except (OSError, StopIteration):
            pass
        time.sleep(0.05)
threading.Thread(target=watch, daemon=True).start()
os.waitpid(pid, 0)
wall = time.monotonic() - began
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, used.ru_utime + used.ru_stime, peak / 1024)
"""


class Run(NamedTuple):
    wall: float  # seconds
    cpu: float  # seconds
    mib: float  # the most that the command's own process held: for a fleet, the coordinator's


def measure(*command: str) -> Run:
    spawn = [sys.executable, "-I", "-S", "-c", SPAWN, *command]
    said = subprocess.run(spawn, check=True, capture_output=True, text=True).stdout
    return Run(*map(float, said.split()))


def audited(folder: Path, platforms: list[Platform], *options: str) -> Run:
    """A fleet, begun from nothing. Fails where one of them has no audit."""
    fleet, out = folder / "fleet.csv", folder / f"out-{time.monotonic_ns()}"
    rows = "".join(f"{one.name},{one.url}\n" for one in platforms)
    fleet.write_text(f"name,url\n{rows}", "utf-8")
    run = measure(
        str(BIN / "gdpr-audit"), "fleet", str(fleet), "-o", str(out), "--offline", *options
    )
    states = json.loads((out / "fleet.json").read_text("utf-8"))["summary"]["states"]
    assert states["done"] == len(platforms), states
    return run


def by_sslyze(folder: Path, platforms: list[Platform]) -> Run:
    targets = folder / "targets.txt"
    rows = (one.url.partition("//")[2].rstrip("/") for one in platforms)
    targets.write_text("\n".join(rows), "utf-8")
    return measure(str(BIN / "sslyze"), "--targets_in", str(targets), "--quiet",
                   "--json_out", str(folder / "sslyze.json"))  # fmt: skip


async def _late(port: int, to: int) -> None:
    """A port on every address that leads to another, each byte `LATE` seconds late."""
    loop = asyncio.get_running_loop()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                loop.call_later(LATE, writer.write, data)
        except OSError:
            pass
        loop.call_later(LATE, writer.close)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * LATE)  # the TCP handshake's own round trip
        upstream, server = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(carry(reader, server), carry(upstream, writer))

    async with await asyncio.start_server(accept, "0.0.0.0", port, backlog=4096) as server:
        await server.serve_forever()


def _serve_late(port: int, to: int) -> None:
    asyncio.run(_late(port, to))


def scaling(folder: Path, land: Nation) -> tuple[Run, Run]:
    """One and two workers, on platforms that answer late."""
    port = tls.free_ports(1, "0.0.0.0")[0]
    process = multiprocessing.Process(
        target=_serve_late, args=(port, land.ports["modern"]), daemon=True
    )
    process.start()
    time.sleep(1)
    far = Nation({"late": port})
    one = audited(folder, far.platforms(WIDE, "late", first=5000), "--jobs", "1")
    two = audited(folder, far.platforms(WIDE, "late", first=6000), "--jobs", "2")
    process.kill()
    return one, two


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--platforms", type=int, default=1000)
    count = parser.parse_args().platforms
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with nation(folder) as land:
            few = audited(folder, land.platforms(count // 10))
            print("few", few, flush=True)
            many = audited(folder, land.platforms(count))
            print("many", many, flush=True)
            tls_only = audited(folder, land.platforms(count // 10), "--only", "transport")
            print("transport", tls_only, flush=True)
            theirs = by_sslyze(folder, land.platforms(count))
            print("sslyze", theirs, flush=True)
            one, two = scaling(folder, land)
            print("scaling", one, two, flush=True)
        size = sum(p.stat().st_size for p in folder.glob("out-*/*/audit.*")) / (
            count + 2 * (count // 10) + 2 * WIDE
        )
    RESULTS.write_text(page(count, few, many, tls_only, theirs, one, two, size), "utf-8")
    print(json.dumps({"written": str(RESULTS.relative_to(ROOT))}))


def page(
    count: int, few: Run, many: Run, tls_only: Run, theirs: Run, one: Run, two: Run, size: float
) -> str:
    few_count, cores = count // 10, os.cpu_count() or 1
    cpu = many.cpu / count
    share, memory, faster = many.cpu / theirs.cpu, many.mib / few.mib, one.wall / two.wall

    def row(name: str, platforms: int, run: Run) -> str:
        held = "—" if name.startswith("sslyze") else f"{run.mib:.0f} MiB"
        cells = (
            name, platforms, f"{run.wall:.1f} s", f"{platforms / run.wall:.1f}",
            f"{run.cpu / platforms:.3f} s", held,
        )  # fmt: skip
        return f"| {' | '.join(map(str, cells))} |"

    def target(words: str, reached: bool, measured: float) -> str:
        return f"| {words} | {'yes' if reached else '**no**'} | {measured:.2f} |"

    rows = (
        row("gdpr-audit fleet", count, many),
        row("gdpr-audit fleet", few_count, few),
        row("gdpr-audit fleet --only transport", few_count, tls_only),
        row("sslyze --targets_in", count, theirs),
    )
    least = f"the coordinator's memory at {count} platforms at most 1.2 times that at {few_count}"
    targets = (
        target(least, memory <= 1.2, memory),
        target("the whole audit in at most a third of sslyze's CPU", share <= 1 / 3, share),
        target("two workers at least 1.7 times as fast as one", faster >= 1.7, faster),
    )
    return f"""# What a fleet costs

Written by `make bench`, Python {platform.python_version()}, {cores} cores, sslyze
{metadata.version("sslyze")}. Platforms on loopback, an address each, of four kinds: TLS 1.2 and 1.3
with security headers, TLS 1.3 alone, TLS 1.0 to 1.2 with every suite, TLS without headers. The one
nginx behind them shares the processors. CPU is that of all processes of a command, start-up
included, the servers' not. sslyze looks at TLS alone, with its defaults; `fleet` makes the whole
passive audit and renders JSON and HTML in two languages. Every command ran once.

| command | platforms | wall | platforms a second | CPU a platform | coordinator |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(rows)}

One worker against two (`--jobs`), {WIDE} platforms with a round trip of {2000 * LATE:.0f} ms:
{one.wall:.1f} s and {two.wall:.1f} s.

| target | reached | measured |
| --- | --- | --- |
{chr(10).join(targets)}

## 100,000 platforms, on paper

By these figures they take {100_000 * cpu / 3600:.1f} hours of processor:
{100_000 * cpu / cores / 3600:.1f} hours on {cores} cores that do nothing else. On a network an
audit waits more than it computes, and up to its deadline where nobody answers. If one takes 10 s,
a core is busy with {10 / cpu:.0f} at once, so that `--jobs` and the memory of so many processes set
the pace long before. {size / 1e6:.2f} MB of JSON and HTML for each make {size / 1e4:.0f} GB.
"""


if __name__ == "__main__":
    main()
