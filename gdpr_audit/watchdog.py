"""Ends what a cancelled task does not end: code that holds the event loop, and tasks that refuse.

A deadline is kept by the event loop, so that code which never gives it back (a pattern on a hostile
page, a third party's endless loop) would hold the whole audit. The process's alarm interrupts it.
"""

from __future__ import annotations

import asyncio
import math
import signal
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import TypeVar

#: Seconds after its end that code which still runs is interrupted, and again, until it ceases.
MARGIN = 0.5
#: Seconds in which tasks that were cancelled before, and threads, may end with the process.
LEAVE = 0.3

_ends: ContextVar[float] = ContextVar("ends", default=math.inf)
_Result = TypeVar("_Result")


class Overrun(BaseException):
    """Raised in code that runs past its end. No `Exception`: it must not be taken for a fault."""


def until(end: float) -> None:
    """Code of this task, and of those that it starts, runs until `end` (of `time.monotonic`)."""
    _ends.set(end)


@contextmanager
def watching(seconds: float) -> Iterator[None]:
    """Interrupt what runs past its end; none is nearer than `seconds`.

    Only in a process's main thread does an alarm interrupt anything; elsewhere, and where somebody
    has the alarm already, this does nothing.
    """
    if not _able():
        yield
        return
    signal.signal(signal.SIGALRM, _ring)
    # a little after the first end that there can be, for the look begins a little after this
    signal.setitimer(signal.ITIMER_REAL, seconds + MARGIN + 0.1, MARGIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _able() -> bool:
    return (
        threading.current_thread() is threading.main_thread()
        and hasattr(signal, "setitimer")
        and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
    )


def _ring(_number: int, _frame: FrameType | None) -> None:
    # a handler runs in the context of what it interrupts: between tasks there is no end
    if time.monotonic() >= _ends.get() + MARGIN:
        raise Overrun


def run(work: Coroutine[object, object, _Result]) -> _Result:
    """`asyncio.run`, that waits for no task and no thread which does not end.

    `asyncio.run` waits for every task that it cancelled and for every thread, however long.
    """
    loop = asyncio.new_event_loop()
    pool = ThreadPoolExecutor(thread_name_prefix="gdpr-audit")
    loop.set_default_executor(pool)
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(_leave())
        pool.shutdown(wait=False, cancel_futures=True)
        loop.set_exception_handler(lambda _loop, _context: None)  # of those left behind: it is told
        loop.close()


async def _leave() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=LEAVE)


def left_behind() -> bool:
    """Whether threads are left that would keep the process from its end."""
    end = time.monotonic() + LEAVE
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                return True
    return False
