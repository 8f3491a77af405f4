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
import pkgutil
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from gdpr_audit import __version__
from gdpr_audit.errors import InputError
from gdpr_audit.fleet.hands import Hands
from gdpr_audit.fleet.task import Done, EngineLost, Kit, Lost, Task
from gdpr_audit.model import Text

try:
    from distributed import Client, Future, Security, WorkerPlugin, get_worker
    from distributed.client import ClosedClientError
    from distributed.scheduler import KilledWorker, NoValidWorkerError
    from distributed.worker import Worker
except ImportError as error:
    raise InputError("--engine dask needs gdpr-audit[dask], here and on the workers") from error

CONNECT = 10.0  # seconds for the scheduler to answer
PATIENCE = 300.0  # seconds for a lost scheduler, or for a worker, to come back
_DEATHS = 12  # of workers during one audit, until it is given up
_PAUSE = 1.0  # seconds before a lost scheduler is asked again
_LOOK = 2.0  # seconds between two looks at who is there
_ANSWER = 5.0  # seconds for a worker to say its version
_NAME = "gdpr-audit"
_FIT = ""  # of a worker against which nothing is to be said


class Unfit(NamedTuple):
    """A worker's answer where it cannot audit for this run: no platform's fault."""

    worker: str
    reason: str


class _Gone(Exception):
    """All workers that an audit was meant for are, while there are others."""

    allowed_failures = 0  # as KilledWorker's: what it tells of is one worker's death


class Cluster:
    """An engine of `task.Engine`. Entering raises InputError, or EngineLost."""

    def __init__(
        self, scheduler: str, kit: Kit, jobs: int | None, say: Callable[[str], None]
    ) -> None:
        """`jobs`: audits at once at most, else the workers' threads; `say` is told of losses."""
        self._address, self._say = _checked(scheduler), say
        self._security = _security(self._address)
        for name in ("distributed", "distributed.client"):  # a lost scheduler is one line, ours
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        # Other fleets may be on the same cluster: whatever has a name there has the run's.
        self._run = uuid.uuid4().hex
        # A path of this machine would lead nowhere on another.
        self._plugin = HandsPlugin(pickle.dumps(kit._replace(memory=None)), self._run)
        self._jobs = jobs
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._known: dict[str, str] = {}  # workers that have answered: _FIT, or what they lack
        self._fit: dict[str, int] = {}  # those that may audit, and their threads
        self._manned = 0.0  # when there was one last
        self._watch: asyncio.Task[None] | None = None  # from when the run has begun
        self._count = itertools.count()

    async def __aenter__(self) -> Self:
        await self._reach(CONNECT)
        self._watch = asyncio.create_task(self._keep_looking())
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})
        if self._client is not None:
            await self._withdraw(self._client)
            await self._drop()

    @property
    def slots(self) -> int:
        threads = sum(self._fit.values()) or 1
        return min(self._jobs, threads) if self._jobs else threads

    async def run(self, task: Task) -> Done | Lost:
        content, deaths = pickle.dumps(task), 0
        while True:
            client = await self._reach(PATIENCE)
            if not self._fit:
                self._refuse_empty()
                await asyncio.sleep(_PAUSE)
                continue
            try:
                found = await self._ask(client, task, content)
            except (KilledWorker, _Gone) as error:
                deaths += error.allowed_failures + 1
                if deaths >= _DEATHS:
                    return Lost(_killed())
            except NoValidWorkerError:  # where the scheduler is set not to wait for one
                await asyncio.sleep(_PAUSE)
            except (CancelledError, ClosedClientError, OSError):  # the scheduler is gone
                await self._forget(client)
            else:
                if isinstance(found, Done | Lost):
                    return found
                if isinstance(found, Unfit):
                    self._leave_out(*found)
                else:
                    await self._forget(client)  # the scheduler is another one, without our plugin

    async def _ask(self, client: Client, task: Task, content: bytes) -> object:
        """One audit, once, of workers that are fit. Raises what Dask raises, or EngineLost.

        There is no bound on it: it may wait behind others' work for hours, and the worker itself
        ends it `task.seconds` after it has begun. A worker that is frozen whole is given up by the
        scheduler (distributed.scheduler.worker-ttl), which then hands the audit to another.
        """
        workers = set(self._fit)
        key = f"{_NAME}-{self._run}-{task.slug}-{next(self._count)}"
        future = client.submit(
            _audit, content, self._run, key=key, pure=False, retries=0, workers=sorted(workers)
        )
        answer = asyncio.ensure_future(future.result())
        try:
            while True:
                await asyncio.wait({answer}, timeout=_LOOK)
                if answer.done():
                    return answer.result()
                self._refuse_empty()
                if self._fit and not workers & self._fit.keys():
                    raise _Gone
        finally:
            await _cancel(client, future, answer)

    def _refuse_empty(self) -> None:
        """Raises EngineLost where no worker has been there for long: it is no platform's fault."""
        if time.monotonic() - self._manned > PATIENCE:
            raise EngineLost(f"{self._address}: no worker was there for {PATIENCE:g} s")

    def _leave_out(self, worker: str, reason: str) -> None:
        """Give this worker no audit. Raises InputError where the run has not begun."""
        if self._watch is None:
            raise InputError(reason)
        if self._known.get(worker) != reason:
            self._say(f"{reason}; it is left out")
        self._known[worker] = reason
        self._fit.pop(worker, None)

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
        client = Client(
            self._address,
            asynchronous=True,
            timeout=seconds,
            set_as_default=False,
            security=self._security,
        )
        try:
            await client
            await self._look(client)
            await self._register(client)
            self._manned = time.monotonic()
        except BaseException:
            await self._withdraw(client)
            await client.close(timeout=1)
            raise
        return client

    async def _register(self, client: Client) -> None:
        """Give each worker, of now and of later, the kit. Raises InputError at the start."""
        try:
            await client.register_plugin(self._plugin, name=self._plugin.name)
        except OSError:
            raise
        except Exception as error:  # what a worker's set-up raised, whatever that was
            if self._watch is None:
                raise InputError(str(error)) from error

    async def _withdraw(self, client: Client) -> None:
        """Take the kit off the cluster, and end what the workers are at."""
        if client.status != "running":
            return
        with contextlib.suppress(Exception):  # a cluster that is gone needs no thanks
            async with asyncio.timeout(CONNECT):
                await client.unregister_worker_plugin(self._plugin.name)

    async def _drop(self) -> None:
        if self._client is not None:
            with contextlib.suppress(Exception):  # whatever it was at, it is no more
                await self._client.close(timeout=1)
            self._client = None

    async def _keep_looking(self) -> None:
        """Workers come and go; so do the slots."""
        while True:
            await asyncio.sleep(_LOOK)
            if self._client is not None and self._client.status == "running":
                with contextlib.suppress(Exception):  # asked again in a moment
                    await self._look(self._client)

    async def _look(self, client: Client) -> None:
        """Who is there, and may audit. Raises InputError where one may not, at the start."""
        async with asyncio.timeout(CONNECT):
            threads: dict[str, int] = dict(await client.nthreads())
        self._known = {worker: told for worker, told in self._known.items() if worker in threads}
        new = [worker for worker in threads if worker not in self._known]
        lacks = await asyncio.gather(*(_lack(client, worker) for worker in new))
        for worker, lack in zip(new, lacks, strict=True):
            if lack:
                self._leave_out(worker, lack)
            elif lack is not None:
                self._known[worker] = _FIT
        self._fit = {w: count for w, count in threads.items() if self._known.get(w) == _FIT}
        if self._fit:
            self._manned = time.monotonic()


async def _lack(client: Client, worker: str) -> str | None:
    """What a worker lacks to audit; None where it does not answer."""
    ask = client.run(
        pkgutil.resolve_name,  # in any Python, whichever gdpr-audit there is beside it, or none
        "gdpr_audit:__version__",
        workers=[worker],
        on_error="return",
    )
    answer: object = None
    with contextlib.suppress(CancelledError, ClosedClientError, OSError, TimeoutError):
        async with asyncio.timeout(_ANSWER):
            answer = (await ask).get(worker)
    if answer == __version__:
        return _FIT
    if isinstance(answer, str):
        return _other(worker, answer)
    if isinstance(answer, ImportError | AttributeError):
        return f"{worker}: gdpr-audit does not load on the worker: {answer}"
    return None


def _other(worker: str, version: str, ours: str = __version__) -> str:
    return f"{worker}: gdpr-audit {version} on the worker, {ours} where the fleet is"


async def _cancel(client: Client, future: Future[Any], answer: asyncio.Future[Any]) -> None:
    """Leave nothing of it behind, here or on the cluster."""
    if not answer.done():
        answer.cancel()
        await asyncio.wait({answer})
        with contextlib.suppress(Exception):  # there may be no connection to say it by
            await client.cancel([future])
    future.release()


class HandsPlugin(WorkerPlugin):
    """Gives each worker processes of ours, as many as it has threads."""

    def __init__(self, kit: bytes, run: str) -> None:
        self.name = f"{_NAME}-{run}"
        self._kit, self._version, self._attribute = kit, __version__, _hands(run)
        self._hands: Hands | None = None
        self._place: tempfile.TemporaryDirectory[str] | None = None

    async def setup(self, worker: Worker) -> None:
        found: Hands | str = _other(worker.address, __version__, self._version)
        if self._version == __version__:
            try:
                found = await self._begin(worker.state.nthreads)
            except Exception as error:  # noqa: BLE001 - whatever it is, the fleet is told
                found = f"{worker.address}: gdpr-audit does not begin there: {error}"
        setattr(worker, self._attribute, found)  # audits may come all the same
        if isinstance(found, str):
            raise RuntimeError(found)  # noqa: TRY004 - a worker that is not fit

    async def _begin(self, count: int) -> Hands:
        self._place = tempfile.TemporaryDirectory(prefix="gdpr-audit-")
        kit: Kit = pickle.loads(self._kit)  # noqa: S301 - from a scheduler that may run anything
        self._hands = Hands(_moved(kit, Path(self._place.name)), count)
        return await self._hands.__aenter__()

    async def teardown(self, worker: Worker) -> None:
        with contextlib.suppress(AttributeError):
            delattr(worker, self._attribute)
        if self._hands is not None:
            await self._hands.__aexit__()
        if self._place is not None:
            self._place.cleanup()


def _hands(run: str) -> str:
    """The attribute where a worker has its processes for a run, or why it has none."""
    return f"gdpr_audit_hands_{run}"


def _moved(kit: Kit, place: Path) -> Kit:
    """The kit with its files on this machine."""
    settings = kit.settings
    if kit.ca_certificates is not None:
        path = place / "ca.pem"
        path.write_bytes(kit.ca_certificates)
        settings = settings._replace(ca_file=path)
    return kit._replace(settings=settings, memory=place / "look-ups.sqlite")


async def _audit(content: bytes, run: str) -> Any:
    """On a worker. An error would be raised again at the coordinator: it gets a value instead."""
    worker = get_worker()
    hands = getattr(worker, _hands(run), None)
    if isinstance(hands, Hands):
        return await hands.run(pickle.loads(content))  # noqa: S301 - as above
    return hands and Unfit(worker.address, hands)


def _checked(address: str) -> str:
    """Raises InputError for an address that leads nowhere, or that anyone could send code to."""
    parts = urlsplit(address)
    with contextlib.suppress(ValueError):  # not a number, or beyond 65535
        if parts.scheme in ("tcp", "tls") and parts.hostname and parts.port and "@" not in address:
            if parts.scheme == "tls" or _loopback(parts.hostname):
                return address
            raise InputError(
                f"--scheduler {address}: beyond this machine it must be tls://, since a scheduler "
                "runs whatever code it is sent"
            )
    raise InputError(f"--scheduler {address!r}: expected tcp://HOST:PORT or tls://HOST:PORT")


def _security(address: str) -> Security | None:
    """Our certificates, where the address asks for them. Raises InputError."""
    if urlsplit(address).scheme != "tls":
        return None
    found = Security(require_encryption=True)
    try:
        context = found.get_connection_args("client").get("ssl_context")
    except OSError as error:  # ssl.SSLError is one
        raise InputError(f"--scheduler {address}: Dask's certificates: {error}") from error
    if context is None:
        raise InputError(
            f"--scheduler {address}: Dask has no certificates for it; its configuration names them "
            "(distributed.comm.tls)"
        )
    return found


def _loopback(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _killed() -> Text:
    return Text(
        "les machines du cluster sont mortes pendant cet audit, à chaque reprise",
        "the cluster's workers died during this audit, each time it was tried",
    )
