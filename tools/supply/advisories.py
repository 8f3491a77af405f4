"""Known vulnerabilities from a folder or archive of OSV records, served as OSV's own API would.

    make audit ADVISORIES=all.zip

For a machine without the service: osv.dev gives the records of an ecosystem out as one archive,
which can be carried in. Served on loopback, so that pip-audit reads it as it reads the original.
"""

from __future__ import annotations

import json
import threading
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ECOSYSTEM = "PyPI"
Records = dict[str, list[dict[str, Any]]]


def read(source: Path) -> Records:
    """The records by package. Raises OSError, ValueError."""
    found: Records = defaultdict(list)
    for content in _contents(source):
        record = json.loads(content)
        for name in {canonicalize_name(a["package"]["name"]) for a in _affected(record)}:
            found[name].append(record)
    if not found:
        raise ValueError(f"{source}: no record of {ECOSYSTEM} in it")
    return found


def _contents(source: Path) -> Iterator[bytes]:
    if source.is_dir():
        yield from (path.read_bytes() for path in sorted(source.rglob("*.json")))
        return
    with zipfile.ZipFile(source) as archive:
        yield from (archive.read(name) for name in archive.namelist() if name.endswith(".json"))


def _affected(record: dict[str, Any]) -> list[dict[str, Any]]:
    rows = record.get("affected", [])
    return [row for row in rows if row.get("package", {}).get("ecosystem") == ECOSYSTEM]


def matching(records: Records, name: str, version: str) -> list[dict[str, Any]]:
    """The records that this version of a package is affected by."""
    canonical = canonicalize_name(name)
    return [
        record
        for record in records.get(canonical, [])
        if any(
            canonicalize_name(row["package"]["name"]) == canonical and _covers(row, version)
            for row in _affected(record)
        )
    ]


def _covers(row: dict[str, Any], version: str) -> bool:
    if version in row.get("versions", []):
        return True
    ranges = [one for one in row.get("ranges", []) if one.get("type") == "ECOSYSTEM"]
    try:
        return any(_within(one.get("events", []), Version(version)) for one in ranges)
    except InvalidVersion:
        return True  # what cannot be told apart counts as affected


def _within(events: list[dict[str, str]], version: Version) -> bool:
    """Events are in order: introduced, then fixed or last affected, perhaps again."""
    inside = False
    for event in events:
        if (start := event.get("introduced")) is not None:
            inside = inside or start == "0" or version >= Version(start)
        elif (end := event.get("fixed")) is not None:
            inside = inside and version < Version(end)
        elif (last := event.get("last_affected")) is not None:
            inside = inside and version <= Version(last)
    return inside


@contextmanager
def served(records: Records) -> Iterator[str]:
    """The URL to be asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = matching(records, query["package"]["name"], query["version"])
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's name
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
