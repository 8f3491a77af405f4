"""Where a server of the lab is, and how a case starts it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A server that runs: its address, and the root that answers for its certificate."""

    url: str
    root: Path | None = None
    configuration: str = ""  # as it was given to the server, for those who check by reading

    @property
    def scheme(self) -> str:
        return self.url.partition(":")[0]

    @property
    def at(self) -> str:
        """Host and port."""
        return self.url.split("/")[2]

    @property
    def host(self) -> str:
        return self.at.rpartition(":")[0]

    @property
    def port(self) -> int:
        return int(self.at.rpartition(":")[2])


#: Starts a server, given an empty folder.
Builder = Callable[[Path], AbstractContextManager[Place]]
