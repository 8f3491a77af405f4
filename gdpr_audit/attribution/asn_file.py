"""Origin AS numbers from a file that the user names, so that no address leaves the machine.

Two forms: ip2asn's table (`start  end  AS  country  name`, tab-separated, may be gzipped), and
an MMDB database (GeoLite2-ASN, DB-IP, IPinfo, IPLocate …; needs `gdpr-audit[mmdb]`).
"""

from __future__ import annotations

import gzip
import io
import ipaddress
import os
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdpr_audit import files
from gdpr_audit.errors import InputError

LIMIT = 128 * 1024 * 1024  # bytes, unpacked; ip2asn-combined has about 40 MiB
MOST = 2_000_000  # lines; ip2asn-combined has about 700 000
_GZIP, _MMDB = b"\x1f\x8b", b"\xab\xcd\xefMaxMind.com"
_TAIL = 128 * 1024  # bytes at the end, where an MMDB's metadata stands


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin AS of an address by a file, its name and the block that it stands in there."""

    asn: int
    name: str | None
    prefix: str | None


Find = Callable[[str], Origin | None]


def load(path: Path) -> Find:
    """The look-up in a file. Raises InputError for one that is neither form."""
    try:
        with files.opened(path, regular=True) as stream:
            head = stream.read(2)
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _TAIL))
            tail = stream.read(_TAIL)
    except OSError as error:
        raise InputError(f"--asn-file {path}: {error.strerror}") from error
    return _mmdb(path) if _MMDB in tail else _table(path, packed=head == _GZIP)


def _mmdb(path: Path) -> Find:
    try:
        import maxminddb  # noqa: PLC0415 - an extra
    except ImportError:
        raise InputError(f"--asn-file {path}: an MMDB needs gdpr-audit[mmdb]") from None
    try:
        reader = maxminddb.open_database(path)
    except (maxminddb.InvalidDatabaseError, OSError) as error:
        raise InputError(f"--asn-file {path}: not a usable MMDB: {error}") from error

    def find(address: str) -> Origin | None:
        try:
            record, length = reader.get_with_prefix_len(address)
        except (maxminddb.InvalidDatabaseError, ValueError):
            return None
        if not isinstance(record, Mapping):
            return None
        asn = _number(record.get("autonomous_system_number", record.get("asn")))
        if asn is None:
            return None
        keys = ("autonomous_system_organization", "as_name", "name", "org")
        name = next((str(record[key]) for key in keys if record.get(key)), None)
        network = ipaddress.ip_network(f"{address}/{length}", strict=False)
        return Origin(asn, name, str(network))

    return find


def _number(given: Any) -> int | None:
    text = str(given or "").strip().upper().removeprefix("AS")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else None


class _Table:
    """Rows of one IP version, in order of their first address; of each where its line begins."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._lines = array("Q")
        self._sorted, self._last = True, -1

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, first: int, offset: int) -> None:
        self._sorted = self._sorted and first >= self._last
        self._last = first
        self._lines.append(offset)

    def seal(self) -> None:
        """As ip2asn has them, the rows are in order; others may not be."""
        if not self._sorted:
            self._lines = array("Q", sorted(self._lines, key=self._first))

    def _first(self, offset: int) -> int:
        block = _block(_cells(self._content, offset))
        assert block is not None  # it was read before
        return block[1]

    def find(self, number: int) -> list[bytes] | None:
        """The line around an address, in cells; of nested rows the innermost."""
        at = bisect_right(self._lines, number, key=self._first) - 1
        for index in range(at, max(-1, at - 64), -1):
            cells = _cells(self._content, self._lines[index])
            block = _block(cells)
            if block is not None and block[1] <= number <= block[2]:
                return cells
        return None


def _cells(content: bytes, offset: int) -> list[bytes]:
    end = content.find(b"\n", offset)
    return content[offset : end if end >= 0 else None].split(b"\t")


def _block(cells: list[bytes]) -> tuple[int, int, int] | None:
    """IP version, first and last address of a row; None where it is no such row."""
    try:
        first, last = (ipaddress.ip_address(cell.decode()) for cell in cells[:2])
    except ValueError:
        return None
    same = first.version == last.version and len(cells) > 2
    return (first.version, int(first), int(last)) if same else None


def _table(path: Path, *, packed: bool) -> Find:
    content = _unpacked(path) if packed else _plain(path)
    tables = {4: _Table(content), 6: _Table(content)}
    offset = 0
    for number, line in enumerate(io.BytesIO(content), 1):
        if number > MOST:
            raise InputError(f"--asn-file {path}: more than {MOST} lines")
        cells = line.split(b"\t", 2)
        if line.strip():
            block = _block(cells)
            if block is None:
                raise InputError(
                    f"--asn-file {path}:{number}: expected start, end, AS, country, name by tabs"
                )
            tables[block[0]].add(block[1], offset)
        offset += len(line)
    for table in tables.values():
        table.seal()
    if not any(map(len, tables.values())):
        raise InputError(f"--asn-file {path}: it has no row")

    def find(address: str) -> Origin | None:
        ip = ipaddress.ip_address(address)
        found = tables[ip.version].find(int(ip))
        if found is None:
            return None
        cells = [cell.decode("utf-8", "replace") for cell in found]
        asn = _number(cells[2])
        name = cells[4].strip() if len(cells) > 4 else None
        return Origin(asn, name or None, f"{cells[0]}-{cells[1]}") if asn else None

    return find


def _plain(path: Path) -> bytes:
    return files.read(path, LIMIT, "table of AS numbers")


def _unpacked(path: Path) -> bytes:
    content = bytearray()
    try:
        with files.opened(path, regular=True) as packed, gzip.open(packed) as stream:
            while len(content) <= LIMIT and (part := stream.read(files.PIECE)):
                content += part
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"--asn-file {path}: not a whole gzip file: {error}") from error
    if len(content) > LIMIT:
        raise InputError(f"--asn-file {path}: more than {LIMIT // 2**20} MiB unpacked")
    return bytes(content)
