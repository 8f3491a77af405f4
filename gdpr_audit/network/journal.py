"""Everything that was sent, one JSON line each, written as it happens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from gdpr_audit.errors import InputError
from gdpr_audit.redaction import fit


class Journal:
    """A journal; with no path, one that keeps nothing. Raises InputError for one it cannot open."""

    def __init__(self, path: Path | None, *, goes_on: bool = False) -> None:
        self._file: IO[str] | None = None
        self.broken: str | None = None  # why nothing can be written any more
        if path is not None:
            try:
                self._file = path.open("a" if goes_on else "w", encoding="utf-8", buffering=1)
            except OSError as error:
                raise InputError(f"--journal {path}: {error.strerror}") from error

    def note(self, kind: str, **fields: Any) -> None:
        """One line: the time, the kind (dns, tcp, http), and what is known.

        Where the disk is full `broken` says so from then on; the door then sends no more.
        """
        if self._file is None:
            return
        time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        shown = {
            key: fit(value, 500) if isinstance(value, str) else value
            for key, value in fields.items()
        }
        try:
            self._file.write(json.dumps({"time": time, "kind": kind, **shown}) + "\n")
        except OSError as error:
            self.broken = error.strerror or type(error).__name__
            self.close()

    def close(self) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:  # what it still held: the file is closed all the same
                self.broken = error.strerror or type(error).__name__
            self._file = None


def bare(url: str) -> str:
    """A URL without credentials, query and fragment, which may hold personal data."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    netloc = f"[{host}]" if ":" in host else host
    if parts.port:
        netloc += f":{parts.port}"
    return parts._replace(netloc=netloc, query="…" if parts.query else "", fragment="").geturl()
