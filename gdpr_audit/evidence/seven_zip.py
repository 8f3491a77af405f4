"""7z archives: whether every stream in them is encrypted.

Source: 7zFormat.txt and DOC/Methods.txt of the LZMA SDK. Numbers there are of one to nine bytes,
and names stand in the same header, so that it is walked and never searched. A header that is
itself encrypted (`-mhe=on`) hides how the streams are packed: 7z adds encrypted files, and an
encrypted header, to an archive whose older files are in clear.
"""

from __future__ import annotations

import lzma
import struct
from typing import NamedTuple

from gdpr_audit.evidence.artefact import Artefact, Shown, Unreadable, sealed
from gdpr_audit.model import Text

_LARGEST = 16 * 1024 * 1024  # bytes of a header
_MOST = 32  # coders of a folder, and streams of a coder, as 7z itself has it
_AES = bytes.fromhex("06f10701")  # 7zAES: AES-256 in CBC, its key by SHA-256
_LZMA = bytes.fromhex("030101")
_END, _HEADER, _PROPERTIES, _STREAMS, _FILES = 0, 1, 2, 4, 5
_PACKED, _UNPACKED, _FOLDERS, _SIZES, _DIGESTS, _UNPACKED_SIZES = 6, 7, 11, 9, 10, 12
_ENCODED = 0x17


class _Coder(NamedTuple):
    id: bytes
    properties: bytes
    inputs: int
    outputs: int


class _Folder(NamedTuple):
    """7z's word for a stream with its coders; `packed` names the inputs that come from the file."""

    coders: list[_Coder]
    packed: list[int]

    def encrypted(self) -> bool | None:
        """Whether all that is read of the file passes 7zAES first; None for another order."""
        if not any(coder.id == _AES for coder in self.coders):
            return False
        owners = [coder.id for coder in self.coders for _ in range(coder.inputs)]
        return True if all(owners[one] == _AES for one in self.packed) else None


class _Streams(NamedTuple):
    at: int  # of the first, after the 32 bytes that begin the file
    sizes: list[int]
    folders: list[_Folder]
    unpacked: list[int]


def read(artefact: Artefact, head: bytes) -> Shown:
    """By the coders that its header names. Raises Unreadable where that header is encrypted."""
    broken = artefact.refuse("le 7z est incomplet", "the 7z is not whole")
    if len(head) < 32:
        raise broken
    offset, size = struct.unpack("<QQ", head[12:28])
    if not size or size > _LARGEST or 32 + offset + size > artefact.size():
        raise broken
    try:
        folders = _folders(artefact.at(32 + offset, size), artefact)
    except (ValueError, lzma.LZMAError, MemoryError):
        raise artefact.refuse(
            "l'en-tête 7z est illisible", "the 7z header cannot be read"
        ) from None
    return _told(artefact, [folder.encrypted() for folder in folders])


def _told(artefact: Artefact, found: list[bool | None]) -> Shown:
    name, count, clear = artefact.name, len(found), found.count(False)
    if clear:
        words = Text(
            f"{name} : 7z, {clear} flux sur {count} non chiffrés",
            f"{name}: 7z, {clear} of {count} streams not encrypted",
        )
        return Shown(words, encrypted=False, level="file")
    if not count:
        raise artefact.refuse("le 7z est vide", "the 7z is empty")
    if None in found:
        raise artefact.refuse(
            "le 7z chiffre dans un ordre inconnu", "the 7z encrypts in an unknown order"
        )
    return sealed(Text(f"{name} : 7z, AES-256", f"{name}: 7z, AES-256"), "AES", "CBC", 256)


def _folders(header: bytes, artefact: Artefact) -> list[_Folder]:
    """Raises ValueError for what is no header, Unreadable for one that is encrypted."""
    for _ in range(4):  # a header may be packed more than once
        reader = _Reader(header)
        kind = reader.byte()
        if kind == _HEADER:
            return _main(reader)
        if kind != _ENCODED:
            break
        header = _unpacked(reader.streams(), artefact)
    raise ValueError


def _main(reader: _Reader) -> list[_Folder]:
    kind = reader.byte()
    if kind == _PROPERTIES:
        while reader.byte() != _END:
            reader.take(reader.number())
        kind = reader.byte()
    if kind == _STREAMS:
        return reader.streams().folders
    if kind in (_FILES, _END):
        return []
    raise ValueError


def _unpacked(streams: _Streams, artefact: Artefact) -> bytes:
    """The header inside an encoded one: one stream, by LZMA."""
    if len(streams.folders) != 1 or not streams.sizes or not streams.unpacked:
        raise ValueError
    coders = streams.folders[0].coders
    if any(coder.id == _AES for coder in coders):
        raise _hidden(artefact)
    if len(coders) != 1 or coders[0].id != _LZMA or len(coders[0].properties) != 5:
        raise ValueError
    packed, unpacked = streams.sizes[0], streams.unpacked[0]
    if max(packed, unpacked) > _LARGEST:
        raise ValueError
    first, dictionary = coders[0].properties[0], coders[0].properties[1:]
    chain = {
        "id": lzma.FILTER_LZMA1,
        "lc": first % 9,
        "lp": first // 9 % 5,
        "pb": first // 45,
        "dict_size": max(4096, min(int.from_bytes(dictionary, "little"), _LARGEST)),
    }
    decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain])
    return decoder.decompress(artefact.at(32 + streams.at, packed), max_length=unpacked)


def _hidden(artefact: Artefact) -> Unreadable:
    return artefact.refuse(
        "7z aux noms chiffrés (-mhe=on) : rien ne montre que chaque fichier l'est aussi ;"
        " joignez une archive sans -mhe",
        "a 7z with encrypted names (-mhe=on): nothing shows that every file is so too;"
        " attach an archive without -mhe",
    )


class _Reader:
    """Walks a header. Everything raises ValueError at its end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        if count > len(self._data) - self._at:
            raise ValueError
        self._at += count
        return self._data[self._at - count : self._at]

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """7z's numbers: leading ones of the first byte say how many bytes follow."""
        first, value, mask = self.byte(), 0, 0x80
        for index in range(8):
            if not first & mask:
                return value + ((first & (mask - 1)) << (8 * index))
            value |= self.byte() << (8 * index)
            mask >>= 1
        return value

    def count(self, most: int) -> int:
        found = self.number()
        if found > most:
            raise ValueError
        return found

    def streams(self) -> _Streams:
        """PackInfo and UnpackInfo; how files share streams, which follows, matters to nobody."""
        at, sizes = 0, list[int]()
        kind = self.byte()
        if kind == _PACKED:
            at, sizes = self._packed()
            kind = self.byte()
        if kind != _UNPACKED:
            if kind == _END and not sizes:
                return _Streams(at, sizes, [], [])
            raise ValueError  # streams that no coder is named for
        if self.byte() != _FOLDERS:
            raise ValueError
        count = self.count(len(self._data))
        if self.byte():  # kept elsewhere, which 7z never writes
            raise ValueError
        folders = [self._folder() for _ in range(count)]
        if self.byte() != _UNPACKED_SIZES:
            raise ValueError
        outputs = sum(coder.outputs for folder in folders for coder in folder.coders)
        return _Streams(at, sizes, folders, [self.number() for _ in range(outputs)])

    def _packed(self) -> tuple[int, list[int]]:
        at, count = self.number(), self.count(len(self._data))
        sizes: list[int] = []
        while (kind := self.byte()) != _END:
            if kind == _SIZES:
                sizes = [self.number() for _ in range(count)]
            elif kind == _DIGESTS:
                defined = count if self.byte() else _bits(self.take((count + 7) // 8), count)
                self.take(4 * defined)
            else:
                raise ValueError
        return at, sizes

    def _folder(self) -> _Folder:
        coders = [self._coder() for _ in range(self.count(_MOST))]
        inputs = sum(coder.inputs for coder in coders)
        bound = sum(coder.outputs for coder in coders) - 1
        if bound < 0 or bound > inputs:
            raise ValueError
        taken = []
        for _ in range(bound):
            taken.append(self.number())
            self.number()  # the output that it is bound to
        if inputs - bound == 1:
            packed = [one for one in range(inputs) if one not in taken]
        else:
            packed = [self.number() for _ in range(inputs - bound)]
        if not packed or any(one >= inputs for one in (*packed, *taken)):
            raise ValueError
        return _Folder(coders, packed)

    def _coder(self) -> _Coder:
        flags = self.byte()
        name = self.take(flags & 0xF)
        complex_ = flags & 0x10
        inputs, outputs = (self.count(_MOST), self.count(_MOST)) if complex_ else (1, 1)
        properties = self.take(self.number()) if flags & 0x20 else b""
        return _Coder(name, properties, inputs, outputs)


def _bits(mask: bytes, count: int) -> int:
    """How many of the first `count` bits are set; the highest of a byte is its first."""
    return sum(mask[one // 8] >> (7 - one % 8) & 1 for one in range(count))
