"""Answers to look-ups, kept on disk for the audits of a fleet that run beside each other.

What cannot be read or written is asked again: the memory spares questions, and nothing rests on
it. An answer serves for an hour.
"""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

from gdpr_audit.network.response import Hop, Response

AGE = 3600.0  # seconds that an answer serves
LARGEST = 256 * 1024  # bytes of a page that is kept
_WAIT = 2.0  # seconds for another process to have written


class Memory:
    """Answers by question, as JSON."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._store: sqlite3.Connection | None = None
        self._opened = False

    def find(self, *question: str) -> Any:
        """The answer; None where there is none that still serves."""
        words = "SELECT said FROM answers WHERE question = ? AND at > ?"
        rows = self._run(words, json.dumps(question), time.time() - AGE)
        return json.loads(rows[0][0]) if rows else None

    def keep(self, said: Any, *question: str) -> None:
        row = (json.dumps(question), time.time(), json.dumps(said))
        self._run("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", *row)

    def page(self, url: str) -> Response | None:
        """The page at that address, as it was fetched within the hour."""
        said = self.find("page", url)
        return _response(said) if said else None

    def keep_page(self, url: str, page: Response) -> None:
        """Keep a whole page of reasonable size; nothing else of an exchange is worth it."""
        if page.body_gap is None and len(page.body) <= LARGEST:
            self.keep(_plain(page), "page", url)

    def prune(self) -> None:
        """Forget what no longer serves."""
        self._run("DELETE FROM answers WHERE at <= ?", time.time() - AGE)

    def close(self) -> None:
        if self._store is not None:
            self._store.close()

    def _open(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._store = sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)
        self._run("PRAGMA journal_mode=WAL")
        self._run("PRAGMA synchronous=OFF")  # what a power cut loses is asked again
        self._run(
            "CREATE TABLE IF NOT EXISTS answers(question TEXT PRIMARY KEY, at REAL, said TEXT)"
        )

    def _run(self, words: str, *values: object) -> list[Any]:
        if not self._opened:  # an audit that looks nothing up opens nothing
            self._opened = True
            self._open()
        if self._store is None:
            return []
        try:
            return self._store.execute(words, values).fetchall()
        except sqlite3.Error:  # full, locked, damaged: as if nothing were known
            return []


def _plain(page: Response) -> dict[str, Any]:
    certificate = page.certificate
    return {
        **page._asdict(),
        "headers": page.headers.multi_items(),
        "body": base64.b64encode(page.body).decode(),
        "certificate": base64.b64encode(certificate).decode() if certificate else None,
    }


def _response(said: dict[str, Any]) -> Response:
    import httpx  # noqa: PLC0415 - when a page is read back

    certificate = said["certificate"]
    return Response(
        url=said["url"],
        status=said["status"],
        headers=httpx.Headers([(name, value) for name, value in said["headers"]]),
        body=base64.b64decode(said["body"]),
        body_gap=None,
        hops=tuple(Hop(*hop) for hop in said["hops"]),
        set_cookies=tuple((name, value) for name, value in said["set_cookies"]),
        address=said["address"],
        tls=tuple(said["tls"]) if said["tls"] else None,
        certificate=base64.b64decode(certificate) if certificate else None,
        seconds=said["seconds"],
    )
