"""Audits on a Dask cluster: its scheduler hands them out, our processes on its workers make them.

Dask repeats what a dying worker had begun, so an audit may be made twice; its folder is written
once. Where the scheduler is lost, what was not finished is asked for again when it is back.

A scheduler runs whatever code it is sent, for whoever reaches it: beyond loopback it must be one
that asks for certificates (tls://).
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import itertools
import logging
import pickle
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from gdpr_audit import __version__
from gdpr_audit.errors import InputError
from gdpr_audit.fleet.hands import Hands
from gdpr_audit.fleet.task import Done, EngineLost, Kit, Lost, Task
from gdpr_audit.model import Text

try:
    from distributed import Client, Security, WorkerPlugin, get_worker
    from distributed.client import ClosedClientError
    from distributed.scheduler import KilledWorker
    from distributed.worker import Worker
except ImportError as error:
    raise InputError("--engine dask needs gdpr-audit[dask], here and on the workers") from error

CONNECT = 10.0  # seconds for the scheduler to answer
PATIENCE = 300.0  # seconds for a lost scheduler to come back
_TRIES = 3  # of one audit whose worker died each time
_PAUSE = 1.0  # seconds before a lost scheduler is asked again
_SPARE = 60.0  # seconds for a task's way there and back, beside its own
_NAME = "gdpr-audit"
_HANDS = "gdpr_audit_hands"  # where a worker has its processes


class Cluster:
    """An engine of `task.Engine`. Entering raises InputError, or EngineLost."""

    def __init__(
        self, scheduler: str, kit: Kit, jobs: int | None, say: Callable[[str], None]
    ) -> None:
        """`jobs`: audits at once at most, else the workers' threads; `say` is told of losses."""
        self._address, self._say = _checked(scheduler), say
        for name in ("distributed", "distributed.client"):  # a lost scheduler is one line, ours
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        # A path of this machine would lead nowhere on another.
        self._plugin = HandsPlugin(pickle.dumps(kit._replace(memory=None)))
        self._jobs = jobs
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._threads = 1
        self._watch: asyncio.Task[None] | None = None
        self._count = itertools.count()

    async def __aenter__(self) -> Self:
        await self._reach(CONNECT)
        self._watch = asyncio.create_task(self._count_threads())
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._client is not None:
            with contextlib.suppress(Exception):  # a cluster that is gone needs no thanks
                async with asyncio.timeout(CONNECT):
                    await self._client.unregister_worker_plugin(_NAME)
            await self._drop()

    @property
    def slots(self) -> int:
        return min(self._jobs, self._threads) if self._jobs else self._threads

    async def run(self, task: Task) -> Done | Lost:
        content, deaths = pickle.dumps(task), 0
        while True:
            client = await self._reach(PATIENCE)
            try:
                found = await self._ask(client, task, content)
            except TimeoutError:
                await self._refuse_empty(client)
                return Lost(_silent(task.seconds + _SPARE))
            except KilledWorker:
                if (deaths := deaths + 1) == _TRIES:
                    return Lost(_killed())
            except (CancelledError, ClosedClientError, OSError):  # the scheduler is gone
                await self._forget(client)
            else:
                if isinstance(found, Done | Lost):
                    return found
                await self._forget(client)  # the scheduler is another one, without our plugin

    async def _ask(self, client: Client, task: Task, content: bytes) -> object:
        """One audit, once. Raises what Dask raises; TimeoutError where nothing comes."""
        key = f"{_NAME}-{task.slug}-{next(self._count)}"
        future = client.submit(_audit, content, key=key, pure=False, retries=0)
        try:
            async with asyncio.timeout(task.seconds + _SPARE):
                return await future.result()
        except (asyncio.CancelledError, TimeoutError):
            future.cancel()
            raise
        finally:
            future.release()

    async def _refuse_empty(self, client: Client) -> None:
        """Raises EngineLost where no worker is left: it is no platform's fault."""
        if client.status == "running" and not await client.nthreads():
            raise EngineLost(f"{self._address}: the scheduler has no worker left")

    async def _forget(self, client: Client) -> None:
        """Give a connection up, so that the next audit makes another."""
        async with self._connecting:
            if self._client is client:
                self._say(f"{self._address}: the scheduler is lost; waiting for it")
                await self._drop()
        await asyncio.sleep(_PAUSE)

    async def _reach(self, seconds: float) -> Client:
        """The cluster, waited for where it is lost. Raises EngineLost after `seconds`."""
        async with self._connecting:
            since = time.monotonic()
            while self._client is None or self._client.status != "running":
                left = seconds - (time.monotonic() - since)
                if left <= 0:
                    raise EngineLost(
                        f"{self._address}: the scheduler did not answer for {seconds:g} s"
                    )
                await self._drop()
                with contextlib.suppress(OSError, TimeoutError):
                    self._client = await self._connect(min(left, CONNECT))
                    break
                await asyncio.sleep(min(1.0, max(left, 0.0)))
            assert self._client is not None
            return self._client

    async def _connect(self, seconds: float) -> Client:
        secure = urlsplit(self._address).scheme == "tls"
        client = Client(
            self._address,
            asynchronous=True,
            timeout=seconds,
            set_as_default=False,
            security=Security(require_encryption=True) if secure else None,
        )
        try:
            await client
            answers = await client.register_plugin(self._plugin, name=_NAME)
            _refuse(answers or {})
            self._threads = sum((await client.nthreads()).values()) or 1
        except BaseException:
            await client.close(timeout=1)
            raise
        return client

    async def _drop(self) -> None:
        if self._client is not None:
            with contextlib.suppress(Exception):  # whatever it was at, it is no more
                await self._client.close(timeout=1)
            self._client = None

    async def _count_threads(self) -> None:
        """Workers come and go; so do the slots."""
        while True:
            await asyncio.sleep(2)
            if self._client is not None and self._client.status == "running":
                with contextlib.suppress(Exception):  # asked again in a moment
                    self._threads = sum((await self._client.nthreads()).values()) or 1


class HandsPlugin(WorkerPlugin):
    """Gives each worker processes of ours, as many as it has threads."""

    name = _NAME

    def __init__(self, kit: bytes) -> None:
        self._kit, self._version = kit, __version__
        self._hands: Hands | None = None
        self._place: tempfile.TemporaryDirectory[str] | None = None

    async def setup(self, worker: Worker) -> None:
        if self._version != __version__:
            raise RuntimeError(
                f"gdpr-audit {__version__} on the worker, {self._version} where the fleet is"
            )
        self._place = tempfile.TemporaryDirectory(prefix="gdpr-audit-")
        kit: Kit = pickle.loads(self._kit)  # noqa: S301 - from a scheduler that may run anything
        self._hands = Hands(_moved(kit, Path(self._place.name)), worker.state.nthreads)
        await self._hands.__aenter__()
        setattr(worker, _HANDS, self._hands)

    async def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - distributed's interface
        if self._hands is not None:
            await self._hands.__aexit__()
        if self._place is not None:
            self._place.cleanup()


def _moved(kit: Kit, place: Path) -> Kit:
    """The kit with its files on this machine."""
    settings = kit.settings
    if kit.ca_certificates is not None:
        path = place / "ca.pem"
        path.write_bytes(kit.ca_certificates)
        settings = settings._replace(ca_file=path)
    return kit._replace(settings=settings, memory=place / "look-ups.sqlite")


async def _audit(content: bytes) -> Any:
    """On a worker. An error would be raised again at the coordinator: it gets a value instead."""
    hands = getattr(get_worker(), _HANDS, None)
    if hands is None:
        return None
    return await hands.run(pickle.loads(content))  # noqa: S301 - as above


def _checked(address: str) -> str:
    """Raises InputError for an address that anyone could send code to."""
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname:
        raise InputError(f"--scheduler {address!r}: expected tcp://HOST:PORT or tls://HOST:PORT")
    if parts.scheme == "tcp" and not _loopback(parts.hostname):
        raise InputError(
            f"--scheduler {address}: beyond this machine it must be tls://, since a scheduler runs "
            "whatever code it is sent"
        )
    return address


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(answers: dict[str, Any]) -> None:
    """Raises InputError where a worker cannot take the plugin."""
    for worker, answer in answers.items():
        if answer.get("status") == "error":
            raise InputError(f"{worker}: {_told(answer)}")


def _told(answer: dict[str, Any]) -> str:
    return str(answer.get("text") or answer.get("exception") or "gdpr-audit does not load there")


def _silent(seconds: float) -> Text:
    return Text(
        f"le cluster n'a rien rendu en {seconds:g} s",
        f"the cluster gave nothing within {seconds:g} s",
    )


def _killed() -> Text:
    return Text(
        "les machines du cluster sont mortes pendant cet audit, trois fois",
        "the cluster's workers died during this audit, three times",
    )
