"""The coordinator: takes the platforms in turn, and keeps what comes back.

roster -> entry -> names resolved -> lanes -> engine -> folder
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from gdpr_audit import audit
from gdpr_audit.declaration import Declaration
from gdpr_audit.errors import InputError, NetworkError
from gdpr_audit.fleet import line
from gdpr_audit.fleet.folder import Folder
from gdpr_audit.fleet.lanes import AHEAD, Lanes, Ready
from gdpr_audit.fleet.roster import Entry, Roster
from gdpr_audit.fleet.task import Done, Engine, EngineLost, Kit, Lost, Task
from gdpr_audit.model import Text
from gdpr_audit.network import Door
from gdpr_audit.network.mandate import canonical
from gdpr_audit.network.memory import AGE, Memory
from gdpr_audit.network.settings import Beside

#: Names looked up side by side.
_RESOLVED_AT_ONCE = 16
#: Seconds beside those of its targets until an audit's process is ended.
_SPARE = 20.0
#: What a disk says that takes nothing more, whose platform it may be.
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE)
#: Audits between two searches for answers that no longer serve.
_PRUNED_EVERY = 1000

Ended = Callable[[dict[str, Any]], None]


@dataclass
class Run:
    """One run over the list. `trouble` says why it ended before its end, where it did."""

    kit: Kit
    roster: Roster
    folder: Folder
    engine: Engine
    refresh: bool = False
    stale: bool = False
    ended: Ended = field(default=lambda _line: None)
    lanes: Lanes = field(default_factory=Lanes)
    known: int = 0  # done before, and not done again
    count: int = 0  # lines written in this run
    took: float = 0.0  # seconds of the audit that ended last
    complaints: list[str] = field(default_factory=list)  # of folders that could not be written
    older: int = 0  # known, but audited by other rules, or with another list of hosters
    trouble: str | None = None

    @cached_property
    def _basis(self) -> str:
        return self.kit.basis

    async def to_its_end(self, stop: asyncio.Event) -> None:
        """Audit all that is not done, until the end or until `stop`."""
        entries = iter(self.roster)
        resolving: dict[asyncio.Task[Ready | None], Entry] = {}
        running: dict[asyncio.Task[Done | Lost], tuple[Ready, float]] = {}
        resting: set[asyncio.Task[None]] = set()  # addresses that a rate keeps for a moment yet
        stopped = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await self._look_ahead(entries, resolving, stop)
                self._start(running)
                if not running and not resolving and not self.lanes:
                    return
                await asyncio.wait(
                    {*running, *resolving, *resting, stopped}, return_when=asyncio.FIRST_COMPLETED
                )
                resting -= {task for task in resting if task.done()}
                for looked_up in [task for task in resolving if task.done()]:
                    del resolving[looked_up]
                    if (ready := looked_up.result()) is not None:
                        self.lanes.add(ready)
                for audited in [task for task in running if task.done()]:
                    ready, began = running.pop(audited)
                    self.took = time.monotonic() - began
                    self._keep(ready, audited.result())
                    resting.add(asyncio.create_task(self._rest(ready)))
        except EngineLost as lost:
            self.trouble = str(lost)
        except OSError as error:
            self.trouble = f"{error.filename or self.folder.path}: {error.strerror or error}"
        finally:
            left = (stopped, *resolving, *running, *resting)
            for task in left:
                task.cancel()
            with contextlib.suppress(BaseException):
                await asyncio.gather(*left, return_exceptions=True)

    async def _rest(self, ready: Ready) -> None:
        """Keep a platform's addresses until the next connection to them is due."""
        if self.kit.settings.rate:
            await asyncio.sleep(1 / self.kit.settings.rate)
        self.lanes.done(ready)

    async def _look_ahead(
        self,
        entries: Iterator[Entry],
        resolving: dict[asyncio.Task[Ready | None], Entry],
        stop: asyncio.Event,
    ) -> None:
        """Take platforms from the list until enough wait."""
        while len(resolving) < _RESOLVED_AT_ONCE and len(resolving) + len(self.lanes) < AHEAD:
            if stop.is_set():
                return
            entry = next(entries, None)
            if entry is None:
                return
            await asyncio.sleep(0)
            if not self._wanted(entry):
                self.known += 1
                continue
            resolving[asyncio.create_task(self._resolve(entry))] = entry

    def _wanted(self, entry: Entry) -> bool:
        found = None if self.refresh else self.folder.line(entry)
        if found is None or found["state"] != line.DONE:
            return True
        if found.get("basis") == self._basis:
            return False
        self.older += not self.stale
        return self.stale

    async def _resolve(self, entry: Entry) -> Ready | None:
        """Where its targets are; None where there is nothing to audit, and its line says why."""
        declared = _loaded(entry)
        if isinstance(declared, Text):
            self._write(lambda: self.folder.note(entry, line.REFUSED, declared))
            return None
        known: dict[str, tuple[str, ...]] = {}
        settings = self.kit.settings._replace(beside=Beside(memory=self.kit.memory))
        async with Door(settings, day=self.kit.day) as door:
            for host in _hosts(declared):
                known[canonical(host)] = await self._addresses(door, host)
        found = {host: addresses for host, addresses in known.items() if addresses}
        return Ready(entry, found, len(declared.targets), time.monotonic())

    async def _addresses(self, door: Door, host: str) -> tuple[str, ...]:
        """By name alone where a proxy resolves; none where there are none."""
        if self.kit.settings.proxy and self.kit.settings.resolver is None:
            return (host,)
        try:
            return await door.addresses(host, purpose="which platforms share an address")
        except NetworkError:
            return ()

    def _start(self, running: dict[asyncio.Task[Done | Lost], tuple[Ready, float]]) -> None:
        while len(running) < self.engine.slots and (ready := self.lanes.take()) is not None:
            running[asyncio.create_task(self._audit(ready))] = ready, time.monotonic()

    async def _audit(self, ready: Ready) -> Done | Lost:
        rounds = math.ceil(ready.targets / audit.TARGETS_AT_ONCE)
        declared = _loaded(ready.entry)
        if isinstance(declared, Text):  # it was there a moment ago
            return Lost(declared)
        task = Task(
            ready.entry.slug,
            declared,
            ready.known if time.monotonic() - ready.since < AGE else {},
            self.kit.timeout * (rounds + 1) + _SPARE,
            self.engine.slots,
        )
        try:
            return await self.engine.run(task)
        except (EngineLost, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a defect of ours costs one platform, too
            said = f"{type(error).__name__}: {error}"
            return Lost(Text(f"l'audit a échoué : {said}", f"the audit broke: {said}"))

    def _keep(self, ready: Ready, found: Done | Lost) -> None:
        if isinstance(found, Done):
            self._write(lambda: self.folder.write(ready.entry, found))
        else:
            self._write(lambda: self.folder.note(ready.entry, line.LOST, found.reason))

    def _write(self, write: Callable[[], dict[str, Any]]) -> None:
        """Raises OSError for what would meet every platform; what meets one costs it alone."""
        try:
            self._tell(write())
        except OSError as error:
            if error.errno in _DISK:
                raise
            self.count += 1
            self.complaints.append(f"{error.filename}: {error.strerror or error}")

    def _tell(self, row: dict[str, Any]) -> None:
        self.count += 1
        if self.kit.memory and self.count % _PRUNED_EVERY == 0:
            memory = Memory(self.kit.memory)
            memory.prune()
            memory.close()
        self.ended(row)


def _loaded(entry: Entry) -> Declaration | Text:
    """The platform's declaration, or why there is none."""
    try:
        return entry.load()
    except InputError as error:
        return Text(str(error), str(error))
    except Exception as error:  # noqa: BLE001 - whatever stands in it costs one platform
        said = f"{entry.where}: {type(error).__name__}: {error}"
        return Text(said, said)


def _hosts(declared: Declaration) -> list[str]:
    hosts = (urlsplit(target.name).hostname for target in declared.targets)
    return list(dict.fromkeys(host for host in hosts if host))
