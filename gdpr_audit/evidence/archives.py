"""7z and zip archives: whether every file in them is encrypted, and how."""

from __future__ import annotations

import lzma
import struct
import zipfile
from typing import NamedTuple

from gdpr_audit.evidence.artefact import Artefact, Shown, sealed
from gdpr_audit.model import Text

_ENTRIES = 100_000  # files of a zip looked at
_HEADER = 16 * 1024 * 1024  # bytes of a 7z's own header
_AES_7Z = bytes.fromhex("06f10701")  # 7zAES: AES-256 in CBC, its key by SHA-256
_LZMA = bytes.fromhex("030101")
_STRENGTHS = {1: 128, 2: 192, 3: 256}


def zipped(artefact: Artefact, _head: bytes) -> Shown:
    """WinZip's AES (method 99, AE-1 and AE-2) or the old ZipCrypto. Raises Unreadable."""
    try:
        with zipfile.ZipFile(artefact.path) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise artefact.refuse("le zip est illisible", "the zip cannot be read") from None
    count = len(files)
    if not files or count > _ENTRIES:
        raise artefact.refuse(f"le zip a {count} fichiers", f"the zip has {count} files")
    plain = sum(not info.flag_bits & 1 for info in files)
    name = artefact.name
    if plain:
        words = Text(
            f"{name} : zip, {plain} fichiers sur {count} non chiffrés",
            f"{name}: zip, {plain} of {count} files not encrypted",
        )
        return Shown(words, encrypted=False, level="file")
    bits = min(_strength(info) for info in files)
    if not bits:
        words = Text(f"{name} : zip, ZipCrypto", f"{name}: zip, ZipCrypto")
        return sealed(words, "ZIPCRYPTO")
    words = Text(f"{name} : zip, AES-{bits}", f"{name}: zip, AES-{bits}")
    return sealed(words, "AES", "CTR-HMAC", bits)


def _strength(info: zipfile.ZipInfo) -> int:
    """Bits of a file's AES key by its extra field 0x9901; 0 for ZipCrypto."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        if kind == 0x9901 and len(extra) >= 11 and info.compress_type == 99:
            return _STRENGTHS.get(extra[8], 0)
        extra = extra[4 + size :]
    return 0


def seven_zip(artefact: Artefact, head: bytes) -> Shown:
    """By the coders that its header names; a header that is encrypted hides even the names."""
    broken = artefact.refuse("le 7z est incomplet", "the 7z is not whole")
    if len(head) < 32:
        raise broken
    offset, size = struct.unpack("<QQ", head[12:28])
    if not size or size > _HEADER or 32 + offset + size > artefact.size():
        raise broken
    header = artefact.at(32 + offset, size)
    hidden = header[:1] == b"\x17" and _AES_7Z in header
    if header[:1] == b"\x17" and not hidden:
        header = _unpacked(header, artefact)
    name = artefact.name
    if not hidden and not _all_encrypted(header):
        words = Text(f"{name} : 7z, non chiffré", f"{name}: 7z, not encrypted")
        return Shown(words, encrypted=False, level="file")
    fr, en = (", noms de fichiers compris", ", file names included") if hidden else ("", "")
    words = Text(f"{name} : 7z, AES-256{fr}", f"{name}: 7z, AES-256{en}")
    return sealed(words, "AES", "CBC", 256)


def _all_encrypted(header: bytes) -> bool:
    """Whether every folder (7z's word for a stream) of the header passes through 7zAES."""
    at = header.find(b"\x07\x0b")  # UnpackInfo, Folder
    folders = header[at + 2] if 0 <= at < len(header) - 2 else 0
    return 0 < folders <= header.count(_AES_7Z)


class _Coder(NamedTuple):
    id: bytes
    properties: bytes


def _unpacked(header: bytes, artefact: Artefact) -> bytes:
    """The header inside an encoded one: one stream, by LZMA. Raises Unreadable."""
    broken = artefact.refuse("l'en-tête 7z est illisible", "the 7z header cannot be read")
    try:
        at = header.index(b"\x06") + 1
        position, at = _number(header, at)
        _, at = _number(header, at)
        at = header.index(b"\x09", at)  # sizes of the packed streams
        packed, at = _number(header, at + 1)
        at = header.index(b"\x07\x0b", at)
        coder = _coder(header, at + 4)
        at = header.index(b"\x0c", at)
        unpacked, _ = _number(header, at + 1)
    except (IndexError, ValueError):
        raise broken from None
    if coder.id != _LZMA or len(coder.properties) != 5 or unpacked > _HEADER or packed > _HEADER:
        raise broken
    first = coder.properties[0]
    chain = {
        "id": lzma.FILTER_LZMA1,
        "lc": first % 9,
        "lp": first // 9 % 5,
        "pb": first // 45,
        "dict_size": max(4096, min(int.from_bytes(coder.properties[1:], "little"), _HEADER)),
    }
    try:
        decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain])
        return decoder.decompress(artefact.at(32 + position, packed), max_length=unpacked)
    except (lzma.LZMAError, ValueError, MemoryError):
        raise broken from None


def _coder(header: bytes, at: int) -> _Coder:
    """A folder's first coder: flags, id, and its properties where it has such."""
    flags = header[at + 1]
    size = flags & 0xF
    name = header[at + 2 : at + 2 + size]
    at += 2 + size
    if not flags & 0x20:
        return _Coder(name, b"")
    length, at = _number(header, at)
    return _Coder(name, header[at : at + length])


def _number(data: bytes, at: int) -> tuple[int, int]:
    """7z's numbers: leading ones of the first byte say how many bytes follow."""
    first, value, mask = data[at], 0, 0x80
    for index in range(8):
        if not first & mask:
            return value + ((first & (mask - 1)) << (8 * index)), at + 1 + index
        value |= data[at + 1 + index] << (8 * index)
        mask >>= 1
    return value, at + 9
