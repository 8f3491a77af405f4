"""What a check is handed beside its subject."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from gdpr_audit.attribution import Atlas
from gdpr_audit.declaration import Declaration
from gdpr_audit.hds import HosterList
from gdpr_audit.model import Subject
from gdpr_audit.network import Door, Settings

_GRACE = 0.2  # seconds for what is cancelled to end


@lru_cache(maxsize=8)  # the same for every audit of a fleet
def _beginnings(wanted: frozenset[str]) -> frozenset[str]:
    """The facts, and what they begin with: of `tls.cert.x`, `tls.` and `tls.cert.`."""
    found = set(wanted)
    for name in wanted:
        parts = name.split(".")
        found |= {".".join(parts[:end]) + "." for end in range(1, len(parts))}
    return frozenset(found)


@dataclass(frozen=True)
class Session:
    """One audit's means: the declaration, the network door, the list of certified hosters."""

    declaration: Declaration
    door: Door
    settings: Settings
    hosters: HosterList
    day: date
    atlas: Atlas = field(default_factory=Atlas)
    active: bool = False
    wanted: frozenset[str] | None = None  # the facts that the chosen rules read; None: all
    answered: set[Subject] = field(default_factory=set)
    _shared: dict[tuple[str, Subject], asyncio.Future[Any]] = field(default_factory=dict)

    def wants(self, *names: str) -> bool:
        """Whether a chosen rule reads one of these facts, or one that begins so (`tls.`)."""
        return self.wanted is None or any(name in _beginnings(self.wanted) for name in names)

    def reached(self, target: Subject) -> None:
        """Note that the target spoke its protocol with us: it counts as looked at."""
        self.answered.add(target)

    async def once(self, what: str, subject: Subject, look: Callable[[], Awaitable[Any]]) -> Any:
        """The outcome of `look`, which runs once in an audit however many checks ask for it."""
        at = (what, subject)
        if at not in self._shared:
            self._shared[at] = asyncio.ensure_future(look())
        return await asyncio.shield(self._shared[at])

    async def close(self) -> None:
        """End what no check waits for any more; what does not end is left."""
        for task in self._shared.values():
            task.cancel()
        if self._shared:
            await asyncio.wait(self._shared.values(), timeout=_GRACE)
            for task in self._shared.values():
                if task.done() and not task.cancelled():
                    task.exception()  # its checks have told it; the loop need not
