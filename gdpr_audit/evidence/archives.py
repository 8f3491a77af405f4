"""Zip archives: whether every file in them is encrypted, and how.

A zip says of each file twice how it is stored: at its head and in the directory at the end. Both
are read, and nothing is unpacked: what a head calls clear is so whatever the directory says.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator

from gdpr_audit import files
from gdpr_audit.evidence.artefact import Artefact, Shown, Unreadable, sealed
from gdpr_audit.evidence.clear import clear_form, readable
from gdpr_audit.model import Text

_ENTRIES = 100_000  # files of a zip looked at
_DIRECTORY = 16 * 1024 * 1024  # bytes of the directory at the end
_TAIL = 64 * 1024 + 22 + 20  # where its end stands, before a comment and after a locator
_END, _END_64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_HEAD = struct.Struct("<4s5H3L2H")
_STRENGTHS = {1: 128, 2: 192, 3: 256}
_SAMPLE = 4096


def zipped(artefact: Artefact, _head: bytes) -> Shown:
    """WinZip's AES (method 99, AE-1 and AE-2) or the old ZipCrypto. Raises Unreadable."""
    _refuse_bomb(artefact)
    try:
        with (
            files.opened(artefact.path, regular=True) as stream,
            zipfile.ZipFile(stream) as archive,
        ):
            entries = [info for info in archive.infolist() if not _folder(info)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        raise _broken(artefact) from None
    count = len(entries)
    if not entries or count > _ENTRIES:
        raise artefact.refuse(f"le zip a {count} fichiers", f"the zip has {count} files")
    plain = sum(_plain(artefact, entries))
    name = artefact.name
    if plain:
        words = Text(
            f"{name} : zip, {plain} fichiers sur {count} non chiffrés",
            f"{name}: zip, {plain} of {count} files not encrypted",
        )
        return Shown(words, encrypted=False, level="file")
    bits = min(_strength(info) for info in entries)
    if not bits:
        words = Text(f"{name} : zip, ZipCrypto", f"{name}: zip, ZipCrypto")
        return sealed(words, "ZIPCRYPTO")
    words = Text(f"{name} : zip, AES-{bits}", f"{name}: zip, AES-{bits}")
    return sealed(words, "AES", "CTR-HMAC", bits)


def _folder(info: zipfile.ZipInfo) -> bool:
    """Whether it is a folder, which holds nothing: what has content counts, whatever its name."""
    return info.filename.endswith("/") and not info.compress_size and not info.file_size


def _broken(artefact: Artefact) -> Unreadable:
    return artefact.refuse("le zip est illisible", "the zip cannot be read")


def _refuse_bomb(artefact: Artefact) -> None:
    """Refuse a directory that is too much to hold, before anything is made of it."""
    tail = artefact.tail(_TAIL)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise _broken(artefact)
    count, size = struct.unpack_from("<HL", tail, at + 10)
    wide = tail.rfind(_LOCATOR, 0, at)
    if wide >= 0 and len(tail) >= wide + 16:
        place = struct.unpack_from("<Q", tail, wide + 8)[0]
        end = artefact.at(min(place, artefact.size()), 56)
        if end[:4] != _END_64 or len(end) < 56:
            raise _broken(artefact)
        count, size = struct.unpack_from("<QQ", end, 32)
    if count > _ENTRIES or size > _DIRECTORY:
        raise artefact.refuse(
            f"le zip a plus de {_ENTRIES} fichiers", f"the zip has more than {_ENTRIES} files"
        )


def _plain(artefact: Artefact, entries: list[zipfile.ZipInfo]) -> Iterator[bool]:
    """Of each file whether it is in clear, by the directory or by its own head."""
    end = -1
    for info in sorted(entries, key=lambda one: one.header_offset):
        head = artefact.at(info.header_offset, _HEAD.size + _SAMPLE)
        if len(head) < _HEAD.size or head[:4] != b"PK\x03\x04" or info.header_offset < end:
            raise _broken(artefact)  # cut, or files that lie over one another
        _, _, flags, method, *_, name, extra = _HEAD.unpack_from(head)
        start = _HEAD.size + name + extra
        end = info.header_offset + start + info.compress_size
        if end > artefact.size():
            raise _broken(artefact)
        clear = not info.flag_bits & 1 or not flags & 1 or method != info.compress_type
        yield clear or _shows(head[start : start + info.compress_size])


def _shows(content: bytes) -> bool:
    """Whether what stands behind a head of encryption can be read all the same."""
    return readable(content) or clear_form(content) is not None


def _strength(info: zipfile.ZipInfo) -> int:
    """Bits of a file's AES key by its extra field 0x9901; 0 for ZipCrypto."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x9901 and len(extra) >= 11 and info.compress_type == 99:
            return _STRENGTHS.get(extra[8], 0)
        extra = extra[4 + size :]
    return 0
