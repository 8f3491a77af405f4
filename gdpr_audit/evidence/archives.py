"""Zip archives: whether every file in them is encrypted, and how."""

from __future__ import annotations

import struct
import zipfile

from gdpr_audit.evidence.artefact import Artefact, Shown, sealed
from gdpr_audit.model import Text

_ENTRIES = 100_000  # files of a zip looked at
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
