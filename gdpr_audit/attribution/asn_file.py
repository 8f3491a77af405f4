"""Origin AS numbers from a file that the user names, so that no address leaves the machine.

Two forms: ip2asn's table (`start  end  AS  country  name`, tab-separated, may be gzipped), and
an MMDB database (GeoLite2-ASN, DB-IP, IPinfo, IPLocate …; needs `gdpr-audit[mmdb]`).
"""

from __future__ import annotations

import gzip
import ipaddress
import zlib
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdpr_audit.errors import InputError

LIMIT = 256 * 1024 * 1024  # bytes, unpacked; ip2asn-combined has about 40 MiB
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
        with path.open("rb") as stream:
            head = stream.read(2)
            stream.seek(max(0, path.stat().st_size - _TAIL))
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
    text = str(given or "").upper().removeprefix("AS")
    return int(text) if text.isdigit() and len(text) < 11 else None


class _Table:
    """Rows of one IP version, in order of their first address."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int]] = []  # first, last, offset of the line
        self.starts: list[int] = []

    def seal(self) -> None:
        self.rows.sort()
        self.starts = [row[0] for row in self.rows]

    def find(self, number: int) -> int | None:
        """The offset of the line around an address; of nested rows the innermost."""
        at = bisect_right(self.starts, number) - 1
        for index in range(at, max(-1, at - 64), -1):
            first, last, offset = self.rows[index]
            if first <= number <= last:
                return offset
        return None


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
    tables = {4: _Table(), 6: _Table()}
    offset = 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        cells = line.split(b"\t", 2)
        if line.strip():
            block = _block(cells)
            if block is None:
                raise InputError(
                    f"--asn-file {path}:{number}: expected start, end, AS, country, name by tabs"
                )
            version, first, last = block
            tables[version].rows.append((first, last, offset))
        offset += len(line)
    for table in tables.values():
        table.seal()
    if not any(table.rows for table in tables.values()):
        raise InputError(f"--asn-file {path}: it has no row")

    def find(address: str) -> Origin | None:
        ip = ipaddress.ip_address(address)
        at = tables[ip.version].find(int(ip))
        if at is None:
            return None
        end = content.find(b"\n", at)
        cells = content[at : end if end >= 0 else None].decode("utf-8", "replace").split("\t")
        asn = _number(cells[2])
        name = cells[4].strip() if len(cells) > 4 else None
        return Origin(asn, name or None, f"{cells[0]}-{cells[1]}") if asn else None

    return find


def _plain(path: Path) -> bytes:
    from gdpr_audit import files  # noqa: PLC0415 - one of two ways

    return files.read(path, LIMIT, "table of AS numbers")


def _unpacked(path: Path) -> bytes:
    try:
        with gzip.open(path) as stream:
            content = stream.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"--asn-file {path}: not a whole gzip file: {error}") from error
    if len(content) > LIMIT:
        raise InputError(f"--asn-file {path}: more than {LIMIT // 2**20} MiB unpacked")
    return content
