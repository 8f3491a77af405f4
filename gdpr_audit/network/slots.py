"""Connections to one address by all processes of a fleet: so many at once, whoever makes them.

A place is a lock on a file, which the system gives back where its holder dies.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

from gdpr_audit.errors import ConnectFailed
from gdpr_audit.model import Text

_PAUSE = 0.02  # seconds between two looks for a free place
#: Seconds that one waits: an audit that holds a connection while it asks for another, as all the
#: others do, would otherwise wait for them as they for it.
PATIENCE = 15.0


class Slots:
    """The places of every address, as files in a folder."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder, self._count = folder, count

    async def take(self, address: str) -> int:
        """A place, as an open file. Raises ConnectFailed where none is free for too long."""
        name = address.replace(":", "_").replace("/", "_")
        until = asyncio.get_running_loop().time() + PATIENCE
        while True:
            for number in range(self._count):
                if (held := self._held(f"{name}.{number}")) is not None:
                    return held
            if asyncio.get_running_loop().time() > until:
                raise ConnectFailed(
                    Text(
                        f"les autres audits du parc occupent {address}",
                        f"the fleet's other audits keep {address} busy",
                    )
                )
            await asyncio.sleep(_PAUSE)

    def give(self, held: int) -> None:
        os.close(held)

    def _held(self, name: str) -> int | None:
        try:
            file = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:  # the folder is gone with its fleet: a bound of one's own is left
            return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return None
        return file
