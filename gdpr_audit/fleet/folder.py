"""The folder that is the state of a fleet: what stands in it whole is done.

DIR/<platform>/audit.html, audit.json    written first
DIR/<platform>/line.json                 written last: only with it is the platform done
DIR/fleet.json, fleet.csv, index.html    summed up from the lines, at the end of each run
"""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from gdpr_audit import files
from gdpr_audit.errors import InputError
from gdpr_audit.fleet import line
from gdpr_audit.fleet.roster import Entry
from gdpr_audit.fleet.task import Done

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
            found = json.loads(files.read(at / _LINE, _LARGEST, "line"))
        except (InputError, ValueError):
            return None
        if not isinstance(found, dict) or found.get("input") != entry.digest:
            return None
        whole = (at / _DOCUMENT).is_file() and (at / _REPORT).is_file()
        return found if found.get("state") != line.DONE or whole else None

    def write(self, entry: Entry, done: Done) -> dict[str, Any]:
        """Keep a finished audit; its line."""
        at = self.path / entry.slug
        (at / _LINE).unlink(missing_ok=True)  # until all is there again, nothing is done
        files.write_whole(at / _REPORT, done.report)
        files.write_whole(at / _DOCUMENT, done.document)
        return self._note(entry, done.line)

    def note(self, entry: Entry, state: str, reason: Any) -> dict[str, Any]:
        """Keep why there is no audit of a platform; what an earlier one left is taken away."""
        at = self.path / entry.slug
        for name in (_LINE, _DOCUMENT, _REPORT):
            (at / name).unlink(missing_ok=True)
        return self._note(entry, line.without(state, reason))

    def _note(self, entry: Entry, said: dict[str, Any]) -> dict[str, Any]:
        row = {
            "slug": entry.slug,
            "platform": entry.name,
            "where": entry.where,
            "input": entry.digest,
            **said,
        }
        content = json.dumps(row, indent=1, ensure_ascii=False) + "\n"
        files.write_whole(self.path / entry.slug / _LINE, content.encode())
        return row
