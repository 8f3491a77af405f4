"""What is in clear, whatever it is said to be."""

from __future__ import annotations

import re

from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.model import Text

_SAMPLE = 4096  # bytes that are judged readable or not
_FEWEST = 8  # bytes below which nothing can be told
PDF = "PDF"

#: Where in a file, and by which bytes, what is in clear is known: dumps, archives, images, and
#: file systems. Forms that may be encrypted within (RAR, Office's, qcow2) are not
#: among them, but for PDF, which says so.
_FORMS = (
    (0, b"\x1f\x8b\x08", "gzip"), (0, b"\x1f\x9d\x90", "compress"), (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"), (0, b"\x5d\x00\x00\x80\x00", "lzma"), (0, b"LZIP", "lzip"),
    (0, b"\x89LZO\x00\r\n\x1a\n", "lzop"), (0, b"(\xb5/\xfd", "zstd"),
    (0, b"\x04\x22\x4d\x18", "lz4"), (0, b"\xff\x06\x00\x00sNaPpY", "Snappy"),
    (0, b"PGDMP", "pg_dump"), (0, b"\x6d\xe2\x99\x81", "mongodump"), (0, b"REDIS0", "Redis"),
    (0, b"SQLite format 3\x00", "SQLite"), (0, b"PAR1", "Parquet"),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5"), (0, b"%PDF-", PDF), (0, b"\x7fELF", "ELF"),
    (0, b"\xff\xd8\xff", "JPEG"), (0, b"\x89PNG\r\n\x1a\n", "PNG"), (0, b"GIF8", "GIF"),
    (0, b"II*\x00", "TIFF"), (0, b"MM\x00*", "TIFF"), (0, b"RIFF", "RIFF"), (0, b"OggS", "Ogg"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"), (0, b"\x1a\x45\xdf\xa3", "Matroska"),
    (4, b"ftyp", "MP4"), (128, b"DICM", "DICOM"), (257, b"ustar", "tar"),
    (0, b"XFSB", "XFS"), (3, b"NTFS    ", "NTFS"),
)  # fmt: skip


def clear_form(head: bytes) -> str | None:
    """The form in clear that a file, or a volume, begins with; None for any other."""
    for at, mark, name in _FORMS:
        if head[at : at + len(mark)] == mark:
            return name
    # ext2, ext3 and ext4: the first 1024 bytes are for the machine's start; two bytes alone
    # would be met by chance
    if head[1080:1082] == b"\x53\xef" and not any(head[:1024]):
        return "ext4"
    return None


def clear(artefact: Artefact, fr: str, en: str | None = None) -> Shown:
    """A file in clear, of a form that is recognised."""
    name = artefact.name
    return Shown(
        Text(f"{name} : {fr}, non chiffré", f"{name}: {en or fr}, not encrypted"),
        encrypted=False,
        level="file",
    )


def readable(sample: bytes) -> bool:
    """Whether bytes are plainly text. Of cipher text more than half falls outside of it."""
    sample = sample[:_SAMPLE]
    if len(sample) < _FEWEST:
        return False
    try:
        text = sample.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:  # a character that the sample cuts is no fault
            text = sample.decode("latin-1")
            if not all(32 <= byte < 127 or byte in b"\r\n\t" or byte >= 0xA0 for byte in sample):
                return False
            return sum(byte < 127 for byte in sample) > len(sample) * 3 // 4
        text = sample[: error.start].decode("utf-8")
    odd = sum(not (c.isprintable() or c in "\r\n\t\f") for c in text)
    return odd <= len(text) // 50


def coded(sample: bytes) -> bool:
    """Whether text is letters and digits in long lines, as base64 and hexadecimal are."""
    words = sample[:_SAMPLE].split()
    return len(words) > 1 and all(
        len(word) >= 40 and re.fullmatch(rb"[A-Za-z0-9+/_=-]+", word) for word in words[:-1]
    )


def refuse_readable(artefact: Artefact, payload: bytes, form: str) -> Shown | None:
    """What stands behind a header and can be read is not encrypted, whatever the header says."""
    if not readable(payload):
        return None
    name = artefact.name
    return Shown(
        Text(
            f"{name} : en-tête {form}, mais ce qui suit se lit en clair",
            f"{name}: a header of {form}, but what follows can be read",
        ),
        encrypted=False,
        level="file",
    )
