"""How fast a fleet goes, and how long it still takes as far as can be known."""

from __future__ import annotations

import time
from collections import deque

#: Audits that the speed is taken from: the last ones, since those to come are more like them.
_WINDOW = 200
#: Audits before which no time is named: it would be a guess.
_FEWEST = 5


class Pace:
    """Speed of one run."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._ends: deque[float] = deque(maxlen=_WINDOW)
        self._took: deque[float] = deque(maxlen=_WINDOW)

    def ended(self, seconds: float) -> None:
        """An audit ended that took so long."""
        self._ends.append(time.monotonic())
        self._took.append(seconds)

    @property
    def speed(self) -> float | None:
        """Audits a second; None while too few have ended."""
        if len(self._ends) < _FEWEST:
            return None
        whole = len(self._ends) < _WINDOW  # the window reaches back to the start
        since = self._began if whole else self._ends[0]
        count = len(self._ends) if whole else len(self._ends) - 1
        return count / max(time.monotonic() - since, 0.001)

    def left(self, audits: int, longest: int) -> float | None:
        """Seconds for `audits` more, `longest` of which go one after another, on one address.

        None while it is not known.
        """
        speed = self.speed
        if speed is None:
            return None
        return max(audits / speed, longest * sum(self._took) / len(self._took))
