"""A real Dask cluster on loopback: a scheduler and workers in processes of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.lab import tls

DASK = str(Path(sys.executable).with_name("dask"))


class Cluster:
    """A scheduler at one address, and workers; each can be ended and begun again."""

    def __init__(self, folder: Path, security: tuple[str, ...] = ()) -> None:
        self.port = tls.free_port()
        self.scheme = "tls" if security else "tcp"
        self._folder, self._security = folder, security
        self._scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def options(self) -> tuple[str, ...]:
        return ("--engine", "dask", "--scheduler", self.address)

    def begin(self) -> None:
        own = ("scheduler", "--host", self.address.rpartition(":")[0], "--port", str(self.port))
        self._scheduler = self._start(*own)
        tls.await_port(self.port, self._scheduler)

    def work(self, count: int, *, nanny: bool = True, version: str | None = None) -> None:
        """So many workers more; of another `version` of gdpr-audit, where one is given."""
        environment = {} if version is None else {"PYTHONPATH": self._pretending(version)}
        for _ in range(count):
            place = self._folder / f"worker-{len(self.workers)}"
            options = () if nanny else ("--no-nanny",)
            self.workers.append(
                self._start(
                    "worker", self.address, "--nthreads", "1", "--local-directory", str(place),
                    *options, **environment,
                )
            )  # fmt: skip

    def _pretending(self, version: str) -> str:
        """A folder that makes a Python on whose path it is take ours for another version."""
        folder = self._folder / "pretending"
        folder.mkdir(exist_ok=True)
        code = f"import gdpr_audit\ngdpr_audit.__version__ = {version!r}\n"
        (folder / "sitecustomize.py").write_text(code, "utf-8")
        return str(folder)

    def _start(self, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [DASK, *words, "--no-dashboard", *self._security],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, **environment},
        )

    def lose_scheduler(self) -> None:
        assert self._scheduler is not None
        end(self._scheduler)

    def close(self) -> None:
        for process in (*self.workers, self._scheduler):
            if process is not None:
                end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """A process with all that it began, at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@contextlib.contextmanager
def running(folder: Path, *, workers: int) -> Iterator[Cluster]:
    """A cluster with so many workers."""
    found = Cluster(folder)
    try:
        found.begin()
        found.work(workers)
        yield found
    finally:
        found.close()
