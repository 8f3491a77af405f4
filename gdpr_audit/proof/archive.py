"""A ZIP file of which every byte follows from the names and contents that it holds.

Entries are stored, not compressed, in one fixed order, with one fixed time: so an archive can be
written again from what is read out of it, and the first byte that differs is the one that was
changed. The format is PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central
directory) and 4.3.16 (its end). Archives are hostile input: nothing is unpacked to a disk.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gdpr_audit.errors import InputError

LIMIT = 64 * 1024 * 1024  # bytes of an archive, which is held three times to be compared
MOST = 12_000  # entries
_LONGEST = 200  # bytes of a name

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_LOCAL_SIGN, _CENTRAL_SIGN, _END_SIGN = b"PK\3\4", b"PK\1\2", b"PK\5\6"
_VERSION = 20  # 2.0, what a folder in a name asks for
_BY = 3 << 8 | _VERSION  # written as on Unix, so that the mode below counts
_UTF8 = 0x0800  # names are UTF-8
_TIME, _DAY = 0, 1 << 5 | 1  # midnight of 1980-01-01, the first that ZIP knows
_MODE = 0o100644 << 16
_ODD = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]")


class Entry(NamedTuple):
    """One file in an archive; `at` is the offset of its content, `crc` what the archive says."""

    name: str
    content: bytes
    at: int = 0
    crc: int | None = None


def refuse_name(name: str) -> str | None:
    """Why no file may be called that, on some system or to leave its folder; None where it may."""
    parts = name.split("/")
    if len(name.encode("utf-8", "replace")) > _LONGEST:
        return f"longer than {_LONGEST} bytes"
    if _ODD.search(name) or any(part in ("", ".", "..") for part in parts):
        return "not a plain relative path"
    return None


def pack(entries: Sequence[Entry]) -> bytes:
    """The archive of these entries; the CRC that an entry states is written, else its own.

    Raises InputError for a name or a size that no bundle may have.
    """
    _refuse(entries)
    return _pack(entries)


def _refuse(entries: Sequence[Entry]) -> None:
    if len(entries) > MOST:
        raise InputError(f"a bundle holds at most {MOST} files")
    for entry in entries:
        if (why := refuse_name(entry.name)) is not None:
            raise InputError(f"{entry.name!r} cannot stand in a bundle: {why}; rename it")
    if sum(len(entry.content) for entry in entries) > LIMIT:
        raise InputError(f"a bundle holds at most {LIMIT // 1024 // 1024} MiB")


def _pack(entries: Sequence[Entry]) -> bytes:
    parts: list[bytes] = []
    central: list[bytes] = []
    at = 0
    for entry in entries:
        name, size = entry.name.encode("utf-8", "surrogateescape"), len(entry.content)
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        same = (_VERSION, _UTF8, 0, _TIME, _DAY, crc, size, size, len(name), 0)
        local = _LOCAL.pack(_LOCAL_SIGN, *same) + name
        parts += [local, entry.content]
        central.append(_CENTRAL.pack(_CENTRAL_SIGN, _BY, *same, 0, 0, 0, _MODE, at) + name)
        at += len(local) + size
    directory = b"".join(central)
    count = len(entries)
    end = _END.pack(_END_SIGN, 0, 0, count, count, len(directory), at, 0)
    return b"".join([*parts, directory, end])


def by_headers(data: bytes) -> tuple[Entry, ...]:
    """The entries as their own headers tell, one after the other, as far as these can be read."""
    found: list[Entry] = []
    at = 0
    while len(found) < MOST and data[at : at + 4] == _LOCAL_SIGN and at + _LOCAL.size <= len(data):
        fields = _LOCAL.unpack_from(data, at)
        crc, size, length, extra = fields[6], fields[7], fields[9], fields[10]
        start = at + _LOCAL.size + length + extra
        name = data[at + _LOCAL.size : at + _LOCAL.size + length]
        if start + size > len(data):
            break
        found.append(_entry(name, data, start, size, crc))
        at = start + size
    return tuple(found)


def by_directory(data: bytes, by_head: Sequence[Entry] = ()) -> tuple[Entry, ...]:
    """The entries as the directory at the end tells; none where there is no whole one.

    Where bytes came in or went out, what lies behind them is found all the same. A content that is
    also that of an entry of `by_head` is not copied once more.
    """
    here = {(entry.at, len(entry.content)): entry.content for entry in by_head}
    where = len(data) - _END.size
    if where < 0 or data[where : where + 4] != _END_SIGN:
        return ()
    *_, count, size, told, _ = _END.unpack_from(data, where)
    at = where - size
    if count > MOST or at < 0:
        return ()
    shift = at - told  # bytes that came in or went out before the directory
    found: list[Entry] = []
    total = 0
    for _ in range(count):
        if at + _CENTRAL.size > where or data[at : at + 4] != _CENTRAL_SIGN:
            return ()
        fields = _CENTRAL.unpack_from(data, at)
        crc, size, length, local = fields[7], fields[8], fields[10], fields[16]
        name = data[at + _CENTRAL.size : at + _CENTRAL.size + length]
        start = _place(data, local, shift, name) + _LOCAL.size + length  # no extra field
        total += size
        if total > len(data) or start + size > len(data):  # entries that lie over each other
            return ()
        found.append(_entry(name, data, start, size, crc, here.get((start, size))))
        at += _CENTRAL.size + length + fields[11] + fields[12]
    return tuple(found)


def _place(data: bytes, local: int, shift: int, name: bytes) -> int:
    """Where an entry's header is: as told, or moved with all that came after a change."""
    for at in (local, local + shift):
        if at >= 0 and data[at : at + 4] == _LOCAL_SIGN and data.startswith(name, at + _LOCAL.size):
            return at
    return local


def _entry(
    name: bytes, data: bytes, start: int, size: int, crc: int, content: bytes | None = None
) -> Entry:
    content = data[start : start + size] if content is None else content
    return Entry(name.decode("utf-8", "surrogateescape"), content, start, crc)


def looks_like(data: bytes) -> bool:
    """Whether this is a ZIP file, or was one."""
    return _LOCAL_SIGN in data[:4096] or _END_SIGN in data[-4096:] or _CENTRAL_SIGN in data


def rebuilt(entries: Sequence[Entry], sound: Mapping[str, bool]) -> bytes:
    """The archive as it is to be for these entries.

    Where a content is not sound, its difference is told by itself: the CRC that was written for
    what it was is kept, so that no more than that is told twice.
    """
    return _pack([e if not sound.get(e.name, True) else e._replace(crc=None) for e in entries])


def differences(given: bytes, wanted: bytes, most: int) -> list[tuple[int, int]]:
    """Where two byte strings differ: up to `most` runs as (first, end), the lengths' among them."""
    found: list[tuple[int, int]] = []
    common = min(len(given), len(wanted))
    at, step = 0, 4096
    while at < common and len(found) < most:
        end = min(at + step, common)
        if given[at:end] != wanted[at:end]:
            for i in range(at, end):
                if given[i] != wanted[i]:
                    if found and found[-1][1] == i:
                        found[-1] = (found[-1][0], i + 1)
                    else:
                        found.append((i, i + 1))
        at = end
    if len(given) != len(wanted):
        found.append((common, max(len(given), len(wanted))))
    return found[:most]
