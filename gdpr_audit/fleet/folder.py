"""The folder that is the state of a fleet: what stands in it whole is done.

DIR/<platform>/audit.html, audit.json    written first
DIR/<platform>/line.json                 written last: only with it is the platform done
DIR/fleet.json, fleet.csv, index.html    summed up from the lines, at the end of each run
"""

from __future__ import annotations

import errno
import fcntl
import json
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from gdpr_audit import files, strict_json
from gdpr_audit.errors import InputError
from gdpr_audit.fleet import line
from gdpr_audit.fleet.roster import Entry
from gdpr_audit.fleet.task import Done
from gdpr_audit.model import Text

_LINE, _DOCUMENT, _REPORT = "line.json", "audit.json", "audit.html"
_LARGEST = 1024 * 1024  # bytes of a line


class Folder:
    """DIR, held by one coordinator at a time. Methods that write raise OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: IO[str] | None = None

    def __enter__(self) -> Self:
        """Raises InputError where it cannot be made, or another run has it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = (self.path / ".lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.__exit__(None, None, None)
            raise InputError(f"{self.path}: another fleet is being audited into it") from None
        except OSError as error:
            raise InputError(f"{self.path}: cannot write: {error.strerror}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            self._lock.close()  # the file stays: one that is taken away may be held twice

    def line(self, entry: Entry) -> dict[str, Any] | None:
        """What is known of a platform as the list has it now; None where it is to be audited."""
        at = self.path / entry.slug
        try:
            found = strict_json.loads(files.read(at / _LINE, _LARGEST, "line"))
        except (InputError, ValueError):
            return None
        if not line.fits(found) or found["input"] != entry.digest:
            return None
        return found if found["state"] != line.DONE or _sizes(at) == found["sizes"] else None

    def write(self, entry: Entry, done: Done) -> dict[str, Any]:
        """Keep a finished audit; its line. What an earlier one left stays until all is written."""
        at = self._place(entry)
        contents = {_REPORT: done.report, _DOCUMENT: done.document}
        sizes = {name: len(content) for name, content in sorted(contents.items())}
        row = _row(entry, {**done.line, "sizes": sizes})
        contents[_LINE] = _text(row)
        parts: dict[str, Path] = {}
        try:
            for name, content in contents.items():
                parts[name] = files.staged(at / name, content)
            (at / _LINE).unlink(missing_ok=True)  # until all is there again, nothing is done
            for name in contents:
                parts.pop(name).replace(at / name)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)
        return row

    def note(self, entry: Entry, state: str, reason: Text) -> dict[str, Any]:
        """Keep why there is no audit of a platform; an earlier one is not done, and not deleted."""
        row = _row(entry, line.without(state, reason))
        files.write_whole(self._place(entry) / _LINE, _text(row))
        return row

    def _place(self, entry: Entry) -> Path:
        """The platform's folder. Raises OSError for a link: it may lead out of ours."""
        at = self.path / entry.slug
        if at.is_symlink():
            raise NotADirectoryError(errno.ENOTDIR, "a link, which may lead elsewhere", str(at))
        at.mkdir(parents=True, exist_ok=True)
        return at


def _row(entry: Entry, said: dict[str, Any]) -> dict[str, Any]:
    named = {"slug": entry.slug, "platform": entry.name, "where": entry.where}
    return {"schema": line.SCHEMA, **named, "input": entry.digest, **said}


def _text(row: dict[str, Any]) -> bytes:
    return (json.dumps(row, indent=1, ensure_ascii=False) + "\n").encode()


def _sizes(at: Path) -> dict[str, int]:
    """In bytes: what a power cut emptied is not done."""
    return {
        name: path.stat().st_size if (path := at / name).is_file() else -1
        for name in (_REPORT, _DOCUMENT)
    }
