"""Processes that audit one platform at a time, so that none can harm another's audit.

A process that dies, or does not end in time, costs the platform that it was at and no other:
another process takes its place. They are forked from a small one that has imported all there is
to import, so that they share it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
import socket
import struct
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Self

from gdpr_audit import watchdog
from gdpr_audit.fleet.task import Done, Kit, Lost, Task
from gdpr_audit.model import Text

if TYPE_CHECKING:
    from gdpr_audit.fleet.work import Bench

#: Audits that one process makes before another takes its place: what leaks, leaks no further.
TURNS = 200
#: Objects between two searches for cycles: more than an audit makes, so that they come after it.
_GARBAGE = 500_000
_HEAD = struct.Struct("!Q")
_TRIES = 2  # a process may die of what is outside it: memory, an operator


class Hands:
    """So many processes. An async context manager; leaving it ends them, whatever they are at."""

    def __init__(self, kit: Kit, count: int) -> None:
        self._kit = pickle.dumps(kit)
        self._count = count
        self._free: asyncio.Queue[_Hand | None] = asyncio.Queue()
        self._all: set[_Hand] = set()
        self._left = False

    async def __aenter__(self) -> Self:
        for _ in range(self._count):
            self._free.put_nowait(None)  # a process is begun when there is work for it
        return self

    async def __aexit__(self, *failure: object) -> None:
        self._left = True  # an audit that is ended here tries no second process
        for hand in list(self._all):
            self._end(hand)

    @property
    def slots(self) -> int:
        return self._count

    async def run(self, task: Task) -> Done | Lost:
        """One audit, in the next process that is free."""
        lost = Lost(Text("", ""))
        for _ in range(_TRIES):
            hand = await self._free.get()
            try:
                if self._left:
                    return Lost(_ended())
                if hand is None:
                    hand = await self._begin()
                found = await hand.audit(task)
            finally:
                worn = hand is None or not hand.usable
                if hand is not None and worn:
                    self._end(hand)
                self._free.put_nowait(None if worn else hand)
            if isinstance(found, Done) or found is hand.late:
                return found
            lost = found
        return lost

    async def _begin(self) -> _Hand:
        hand = await _Hand.begin(self._kit)
        self._all.add(hand)
        if self._left:  # while it began
            self._end(hand)
        return hand

    def _end(self, hand: _Hand) -> None:
        self._all.discard(hand)
        hand.end()


class _Hand:
    """One process, and the socket that leads to it."""

    def __init__(
        self, process: BaseProcess, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process, self._reader, self._writer = process, reader, writer
        self._turns = TURNS
        self.usable = True
        self.late: Lost | None = None

    @classmethod
    async def begin(cls, kit: bytes) -> Self:
        ours, theirs = socket.socketpair()
        process = _context().Process(target=_serve, args=(theirs, kit), daemon=True)
        _allow_children()
        await asyncio.to_thread(process.start)
        theirs.close()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return cls(process, reader, writer)

    async def audit(self, task: Task) -> Done | Lost:
        """One audit. Afterwards the hand is `usable` or not."""
        self.usable, self._turns = False, self._turns - 1
        try:
            async with asyncio.timeout(task.seconds):
                _send(self._writer, pickle.dumps(task))
                await self._writer.drain()
                size = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))[0]
                found = pickle.loads(await self._reader.readexactly(size))  # noqa: S301 - our own process
        except TimeoutError:
            self.late = _late(task.seconds)
            return self.late
        except (asyncio.IncompleteReadError, OSError):
            return _died(await self._exit_code())
        self.usable = self._turns > 0
        return found if isinstance(found, Done | Lost) else Lost(_nonsense())

    async def _exit_code(self) -> int | None:
        with contextlib.suppress(ValueError):
            await asyncio.to_thread(self._process.join, 1.0)
            return self._process.exitcode
        return None

    def end(self) -> None:
        self._writer.transport.abort()
        with contextlib.suppress(ValueError):
            self._process.kill()


def _context() -> multiprocessing.context.ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["gdpr_audit.fleet.preload"])
    return context


def _allow_children() -> None:
    """A Dask worker under its nanny is a daemon, which multiprocessing lets have no children.

    Ours are ended by us, or end by themselves where we are gone.
    """
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other way


def _send(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(_HEAD.pack(len(content)))
    writer.write(content)


def _late(seconds: float) -> Lost:
    return Lost(
        Text(
            f"l'audit n'a pas pris fin en {seconds:g} s, et son processus a été arrêté",
            f"the audit did not end within {seconds:g} s, and its process was ended",
        )
    )


def _died(code: int | None) -> Lost:
    word = "?" if code is None else str(code)
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            word = signal.Signals(-code).name
    return Lost(
        Text(
            f"le processus de l'audit est mort ({word}), deux fois",
            f"the audit's process died ({word}), twice",
        )
    )


def _ended() -> Text:
    return Text("le parcours a pris fin avant cet audit", "the run ended before this audit")


def _nonsense() -> Text:
    return Text(
        "le processus de l'audit a répondu autre chose qu'un audit",
        "the audit's process answered something else than an audit",
    )


def _serve(channel: socket.socket, kit: bytes) -> None:
    """In the process: one audit after another, for as long as the other end is there."""
    from gdpr_audit.fleet import work  # noqa: PLC0415 - in the process alone

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator ends us
    gc.set_threshold(_GARBAGE)
    bench = work.bench(pickle.loads(kit))  # noqa: S301 - from our own coordinator
    gc.freeze()  # a search after each audit need not go through the rules each time
    gone = contextlib.suppress(OSError, EOFError, pickle.UnpicklingError)
    with gone, channel, channel.makefile("rwb") as stream:
        while head := stream.read(_HEAD.size):
            task = pickle.loads(stream.read(_HEAD.unpack(head)[0]))  # noqa: S301 - as above
            found = watchdog.run(_watched(bench, task, channel))
            answer = pickle.dumps(found)
            stream.write(_HEAD.pack(len(answer)) + answer)
            stream.flush()
            del found, answer
            gc.collect()


async def _watched(bench: Bench, task: Task, channel: socket.socket) -> Done | Lost:
    """One audit, given up at once where the coordinator is gone."""
    loop = asyncio.get_running_loop()
    loop.add_reader(channel, os._exit, 1)  # nothing is said to us meanwhile but the end
    try:
        return await bench.audit(task)
    except Exception as error:  # noqa: BLE001 - one platform's line, and the next one's turn
        name = type(error).__name__
        return Lost(
            Text(f"l'audit a échoué : {name} : {error}", f"the audit broke: {name}: {error}")
        )
    finally:
        loop.remove_reader(channel)
