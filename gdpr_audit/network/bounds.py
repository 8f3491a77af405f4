"""How many connections to one address, and how often."""

from __future__ import annotations

import asyncio
import time


class Bounds:
    """Those of one address, whatever names lead to it: how many at once, how often."""

    def __init__(self, at_once: int, rate: float | None) -> None:
        self.gate = asyncio.Semaphore(at_once)
        self._rate = rate
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for one's turn, where a rate is set."""
        if not self._rate:
            return
        turn = max(self._next, time.monotonic())
        self._next = turn + 1 / self._rate
        await asyncio.sleep(turn - time.monotonic())
