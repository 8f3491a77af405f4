"""What a look at a server's TLS costs: ours beside sslyze, sslscan, nmap and testssl.sh.

    make bench, or: python benchmarks/transport.py [--without-testssl]

Servers are nginx on loopback. A proxy in front of each counts connections and adds a round trip
of 30 ms to every exchange, the TCP handshake's included. CPU and memory are those of the whole
process with its children, by the operating system's account; the servers' are not in them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from multiprocessing.connection import Connection
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.lab import pki, tls  # noqa: E402 - the path first

RESULTS = ROOT / "benchmarks" / "results" / "transport.md"
ROUND_TRIP = 0.030  # seconds
RUNS = 3

SERVERS = {
    "TLS 1.3 only": "ssl_protocols TLSv1.3;",
    "ECDHE-only, 1.2 and 1.3": "ssl_protocols TLSv1.2 TLSv1.3; "
    "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES;",
    "legacy, 1.0 to 1.2": "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0; "
    "ssl_dhparam {dh};",
}
#: The most connections, by server.
LIMITS = {"TLS 1.3 only": 40, "ECDHE-only, 1.2 and 1.3": 50, "legacy, 1.0 to 1.2": 150}
ECDHE = "ECDHE-only, 1.2 and 1.3"

OURS, SSLYZE, TESTSSL = "gdpr-audit, theme transport", "sslyze, its defaults", "testssl.sh"


def commands(port: int, folder: Path) -> dict[str, list[str]]:
    """Each tool's ordinary call for one server."""
    bin_ = Path(sys.executable).parent
    where = f"localhost:{port}"
    return {
        OURS: [
            str(bin_ / "gdpr-audit"), "scan", f"https://{where}/", "--only", "transport",
            "--fail-on", "never", "-f", "json", "-o", str(folder / "audit.json"),
        ],
        SSLYZE: [str(bin_ / "sslyze"), where],
        "sslscan": ["sslscan", where],
        "nmap ssl-enum-ciphers": [
            "nmap", "-Pn", "--script", "ssl-enum-ciphers", "-p", str(port), "127.0.0.1",
        ],
        TESTSSL: ["testssl", "--quiet", "--color", "0", "--ip", "127.0.0.1", where],
    }  # fmt: skip


@dataclass
class Run:
    wall: float
    cpu: float
    mib: float
    connections: int


#: Starts a command and says what it used. A process counts what its parent held before it ran
#: the command as its own memory, so the parent has to be a small one.
SPAWN = """
import os, sys, time
began = time.monotonic()
pid = os.fork()
if not pid:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1), os.dup2(null, 2)
    os.execvp(sys.argv[1], sys.argv[1:])
_, _, used = os.wait4(pid, 0)
print(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def measure(command: list[str], count: Connection) -> Run:
    """One run of one command, as a whole process."""
    count.send("zero")
    spawn = [sys.executable, "-I", "-S", "-c", SPAWN, *command]
    used = subprocess.run(spawn, check=True, capture_output=True, text=True).stdout
    wall, cpu, mib = map(float, used.split())
    count.send("how many")
    return Run(wall, cpu, mib, count.recv())


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: float) -> None:
    """Pass bytes on, each half a round trip late; the first of them `first` seconds later still."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def late() -> None:
        while True:
            due, data = await queue.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not data:
                writer.close()
                return
            writer.write(data)

    task = asyncio.create_task(late())
    try:
        while True:
            data = await reader.read(65536)
            queue.put_nowait((loop.time() + ROUND_TRIP / 2 + first, data))
            first = 0.0
            if not data:
                break
    except OSError:
        queue.put_nowait((0.0, b""))
    await task


async def _proxy(port: int, to: int, talk: Connection, delayed: bool) -> None:
    seen = 0

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        seen += 1
        upstream, server = await asyncio.open_connection("127.0.0.1", to)
        if delayed:
            await asyncio.gather(
                _carry(reader, server, ROUND_TRIP), _carry(upstream, writer, 0.0),
                return_exceptions=True,
            )  # fmt: skip
            return
        await asyncio.gather(_pass(reader, server), _pass(upstream, writer), return_exceptions=True)

    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
        except OSError:
            pass
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    async with server:
        while True:
            await asyncio.sleep(0.02)
            while talk.poll():
                word = talk.recv()
                if word == "stop":
                    return
                if word == "zero":
                    seen = 0
                else:
                    talk.send(seen)


def _serve(port: int, to: int, talk: Connection, delayed: bool) -> None:
    asyncio.run(_proxy(port, to, talk, delayed))


@contextmanager
def counted(to: int, *, delayed: bool) -> Iterator[tuple[int, Connection]]:
    """A port that leads to another, in a process of its own, and the line to ask how often."""
    port = tls.free_port()
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(port, to, theirs, delayed), daemon=True)
    process.start()
    time.sleep(0.5)
    try:
        yield port, ours
    finally:
        ours.send("stop")
        process.join(5)
        process.kill()


def run_all(with_testssl: bool) -> dict[str, dict[str, dict[str, Run]]]:
    """By server, by round trip, by tool: the median run."""
    found: dict[str, dict[str, dict[str, Run]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = pki.authority("Lab Root")
        files = pki.save(folder, "rsa", [pki.leaf(root, kind="rsa2048")])
        dh = folder / "dh.pem"
        subprocess.run(
            ["openssl", "dhparam", "-dsaparam", "-out", str(dh), "2048"],
            check=True,
            capture_output=True,
        )
        blocks = {n: f"{b.format(dh=dh)} {tls.keys(files)}" for n, b in SERVERS.items()}
        with tls.nginx(folder, blocks) as ports:
            for server, port in ports.items():
                found[server] = {}
                for label, delayed in (("loopback", False), ("30 ms", True)):
                    with counted(port, delayed=delayed) as (front, count):
                        found[server][label] = _tools(front, folder, count, with_testssl, label)
    return found


def _tools(
    port: int, folder: Path, count: Connection, with_testssl: bool, label: str
) -> dict[str, Run]:
    medians = {}
    for tool, command in commands(port, folder).items():
        if shutil.which(command[0]) is None or (tool == TESTSSL and not with_testssl):
            continue
        runs = [measure(command, count) for _ in range(1 if tool == TESTSSL else RUNS)]
        medians[tool] = Run(
            statistics.median(run.wall for run in runs),
            statistics.median(run.cpu for run in runs),
            statistics.median(run.mib for run in runs),
            round(statistics.median(run.connections for run in runs)),
        )
        print(f"{label}: {tool}: {medians[tool]}", flush=True)
    return medians


def table(found: dict[str, dict[str, dict[str, Run]]]) -> str:
    lines = []
    for server, by_label in found.items():
        lines += [
            f"## {server}", "",
            "| tool | connections | wall | wall, 30 ms | CPU | CPU, 30 ms | memory |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]  # fmt: skip
        near, far = by_label["loopback"], by_label["30 ms"]
        for tool, run in near.items():
            late = far.get(tool)
            wall = f"{late.wall:.2f} s" if late else "—"
            cpu = f"{late.cpu:.2f} s" if late else "—"
            lines.append(
                f"| {tool} | {run.connections} | {run.wall:.2f} s | {wall} | {run.cpu:.2f} s "
                f"| {cpu} | {run.mib:.0f} MiB |"
            )
        lines.append("")
    return "\n".join(lines)


def targets(found: dict[str, dict[str, dict[str, Run]]]) -> str:
    """What was aimed at, and what came of it."""
    lines = ["| target | reached | measured |", "| --- | --- | --- |"]

    def row(words: str, reached: bool, measured: str) -> None:
        lines.append(f"| {words} | {'yes' if reached else '**no**'} | {measured} |")

    for server, by_label in found.items():
        near, far = by_label["loopback"], by_label["30 ms"]
        count = max(near[OURS].connections, far[OURS].connections)
        row(f"{server}: at most {LIMITS[server]} connections", count <= LIMITS[server], str(count))
        wall = far[OURS].wall / far[SSLYZE].wall
        row(f"{server}: wall at 30 ms at most a quarter of sslyze's", wall <= 0.25, f"{wall:.2f}")
        cpu = far[OURS].cpu / far[SSLYZE].cpu
        also = near[OURS].cpu / near[SSLYZE].cpu
        measured = f"{cpu:.2f} (without a round trip {also:.2f})"
        row(f"{server}: CPU at 30 ms at most half of sslyze's", cpu <= 0.5, measured)
        if TESTSSL in near:
            times = near[TESTSSL].wall / near[OURS].wall
            row(f"{server}: 20 times as fast as testssl.sh", times >= 20, f"{times:.0f} times")
    return "\n".join(lines)


def versions() -> str:
    """The versions of the tools beside us, without the colours that some print them in."""
    said = [f"sslyze {metadata.version('sslyze')}"]
    for name in ("sslscan", "nmap", "testssl"):
        if shutil.which(name) is None:
            continue
        asked = [name, "--version"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        found = re.search(r"\d+(\.\d+)+", re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr))
        said.append(f"{name} {found[0] if found else '?'}")
    return ", ".join(said)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--without-testssl", action="store_true", help="it takes minutes a server")
    found = run_all(not parser.parse_args().without_testssl)
    RESULTS.write_text(
        f"""# What a look at TLS costs

Written by `make bench`, Python {platform.python_version()}, {os.cpu_count()} cores.
nginx on loopback; a proxy in front counts the connections and, for *30 ms*, adds that round trip
to each exchange, the TCP handshake's included. CPU and memory are those of the whole process with
its children, start-up included; medians of {RUNS} runs (testssl.sh: one). {versions()}.

{table(found)}
## Targets

{targets(found)}
""",
        "utf-8",
    )
    print(json.dumps({"written": str(RESULTS.relative_to(ROOT))}))


if __name__ == "__main__":
    main()
