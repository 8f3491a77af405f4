"""Who may go next: no two platforms that share an address are audited at once.

So a hundred platforms on one hoster see of us what a single one would, one after another.
"""

from __future__ import annotations

import ipaddress
from collections import Counter, deque
from typing import NamedTuple

from gdpr_audit.fleet.roster import Entry

#: Platforms that are looked ahead to, for one whose addresses are free.
AHEAD = 10_000


class Ready(NamedTuple):
    """A platform whose addresses are known; none where its names have none."""

    entry: Entry
    known: dict[str, tuple[str, ...]]
    targets: int
    since: float = 0.0  # when they were looked up, by the monotonic clock

    @property
    def places(self) -> frozenset[str]:
        return frozenset(_plain(address) for own in self.known.values() for address in own)


def _plain(address: str) -> str:
    """An IPv4 address that is written as an IPv6 one is the same machine's."""
    if not address.startswith("::ffff:"):
        return address
    mapped = ipaddress.IPv6Address(address).ipv4_mapped
    return str(mapped) if mapped else address


class Lanes:
    """Platforms that wait, in their order, and the addresses in use."""

    def __init__(self) -> None:
        self._waiting: deque[Ready] = deque()
        self._busy: set[str] = set()
        self._wanted: Counter[str] = Counter()  # how many wait for an address

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, ready: Ready) -> None:
        self._waiting.append(ready)
        self._wanted.update(ready.places)

    def take(self) -> Ready | None:
        """The first that waits for no other; its addresses are in use until it is done."""
        for i, ready in enumerate(self._waiting):
            if self._busy.isdisjoint(ready.places):
                del self._waiting[i]
                self._busy |= ready.places
                for place in ready.places:
                    self._wanted[place] -= 1
                    if not self._wanted[place]:
                        del self._wanted[place]
                return ready
        return None

    def done(self, ready: Ready) -> None:
        self._busy -= ready.places

    @property
    def longest(self) -> int:
        """How many wait for the most wanted address: they take at least that many turns."""
        return max(self._wanted.values(), default=0)
