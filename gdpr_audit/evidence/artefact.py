"""One artefact, read within bounds, and what it shows of one store."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gdpr_audit import files
from gdpr_audit.model import Text

TEXT_LIMIT = 4 * 1024 * 1024  # bytes of what a tool prints
HASHED = 512 * 1024 * 1024  # bytes; of a larger file the digest is of its beginning
_STEP = 1024 * 1024


class Unreadable(Exception):
    """The artefact shows nothing: it is not of its kind, or not of the store. `reason` says why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Shown:
    """What an artefact shows of one store; None is what it does not show.

    `algorithm` and `mode` are in the spelling of `ciphers`; `key_bits` are those that count (256
    of the 512 of AES-256 in XTS), `raw_bits` those that the artefact prints; `rotation_months` is
    9999 for never. `words` say in one sentence what was read, without a word of the artefact that
    may be secret.
    """

    words: Text
    encrypted: bool | None = None
    level: str | None = None
    algorithm: str | None = None
    mode: str | None = None
    key_bits: int | None = None
    raw_bits: int | None = None
    kdf: str | None = None
    manager: str | None = None
    rotation_months: int | None = None
    country: str | None = None


def sealed(
    words: Text, algorithm: str | None = None, mode: str | None = None, bits: int | None = None
) -> Shown:
    """A file that is encrypted before anybody stores it."""
    return Shown(
        words,
        encrypted=True,
        level="file",
        algorithm=algorithm,
        mode=mode,
        key_bits=bits,
        raw_bits=bits,
    )


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file beside the declaration; `address` says what in it is the store."""

    path: Path
    name: str  # as declared
    address: str | None = None

    def size(self) -> int:
        """In bytes. Raises Unreadable."""
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise self._unread(error) from error

    def head(self, count: int) -> bytes:
        """The first bytes. Raises Unreadable."""
        return self._read(0, count)

    def tail(self, count: int) -> bytes:
        """The last bytes. Raises Unreadable."""
        return self._read(max(0, self.size() - count), count)

    def at(self, offset: int, count: int) -> bytes:
        """`count` bytes from `offset`, fewer at the end. Raises Unreadable."""
        return self._read(offset, count)

    def _read(self, offset: int, count: int) -> bytes:
        try:
            with files.opened(self.path, regular=True) as stream:
                stream.seek(offset)
                # room for the whole of `count` is not made for a file that is smaller
                return stream.read(min(count, os.fstat(stream.fileno()).st_size))
        except OSError as error:
            raise self._unread(error) from error

    def whole(self, limit: int = TEXT_LIMIT) -> bytes:
        """All of it. Raises Unreadable for one that is larger than `limit` bytes."""
        if self.size() > limit:
            kib = limit // 1024
            raise Unreadable(
                Text(f"{self.name} a plus de {kib} Kio", f"{self.name} is larger than {kib} KiB")
            )
        return self.head(limit)

    def pieces(self, limit: int) -> Iterator[bytes]:
        """All of it, a piece at a time. Raises Unreadable, as `whole` does."""
        size = self.size()
        if size > limit:
            self.whole(limit)
        yield from (self.at(offset, _STEP) for offset in range(0, size, _STEP))

    def text(self, limit: int = TEXT_LIMIT) -> str:
        """All of it, as UTF-8 or, as Windows writes it, UTF-16; wrong bytes are replaced."""
        content = self.whole(limit)
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return content.decode("utf-16", "replace")
        return content.decode("utf-8-sig", "replace")

    def digest(self) -> str:
        """SHA-256, in hexadecimal, of its first `HASHED` bytes. Raises Unreadable."""
        found = hashlib.sha256()
        try:
            with files.opened(self.path, regular=True) as stream:
                left = HASHED
                while left and (part := stream.read(min(_STEP, left))):
                    found.update(part)
                    left -= len(part)
        except OSError as error:
            raise self._unread(error) from error
        return found.hexdigest()

    def _unread(self, error: OSError) -> Unreadable:
        word = error.strerror or type(error).__name__
        return Unreadable(
            Text(f"{self.name} ne peut être lu : {word}", f"{self.name} cannot be read: {word}")
        )

    def refuse(self, fr: str, en: str) -> Unreadable:
        """The reason why it shows nothing, led by its name."""
        return Unreadable(Text(f"{self.name} : {fr}", f"{self.name}: {en}"))


Reader = Callable[[Artefact], Shown]
