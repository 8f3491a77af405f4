"""LUKS: what `cryptsetup luksDump` prints (text and JSON), or the header itself.

LUKS 1 and 2 (cryptsetup's on-disk format documents). A header can name a cipher that ciphers
nothing (`cipher_null`), and a device under re-encryption has segments in clear: both are told.
"""

from __future__ import annotations

import json
import re
import struct
from typing import Any, NamedTuple

from gdpr_audit.evidence import ciphers
from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.model import Text

_MAGIC = b"LUKS\xba\xbe"
_HEADER = 4 * 1024 * 1024  # bytes: the largest header of LUKS 2


class _Header(NamedTuple):
    version: int
    ciphers: tuple[str, ...]  # of the data segments; "" for one in clear
    key_bits: int | None
    kdfs: tuple[str, ...]


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for what is no dump and no header."""
    header = _of(artefact)
    names = tuple(dict.fromkeys(header.ciphers))
    kdf = ", ".join(dict.fromkeys(header.kdfs)) or None
    clear = not names or any(name == "" or _null(name) for name in names)
    algorithm, mode = _split(next((n for n in names if n and not _null(n)), ""))
    bits = header.key_bits
    words = _words(artefact, header, clear=clear)
    if clear:
        return Shown(words, encrypted=False, level="volume")
    return Shown(
        words,
        encrypted=True,
        level="volume",
        algorithm=algorithm,
        mode=mode,
        # whatever is printed here is the whole key: in XTS half of it counts
        key_bits=bits // 2 if bits and mode == "XTS" else bits,
        raw_bits=bits,
        kdf=kdf,
    )


def _words(artefact: Artefact, header: _Header, *, clear: bool) -> Text:
    shown = ", ".join(name or "?" for name in header.ciphers) or "?"
    bits = f", {header.key_bits} bits" if header.key_bits else ""
    kdf = f", {', '.join(dict.fromkeys(header.kdfs))}" if header.kdfs else ""
    line = f"{artefact.name} : LUKS {header.version}, {shown}{bits}{kdf}"
    if not clear:
        return Text(line, line.replace(" : ", ": ", 1))
    return Text(
        f"{line} ; une partie au moins n'est pas chiffrée",
        f"{line.replace(' : ', ': ', 1)}; a part of it at least is not encrypted",
    )


def _null(cipher: str) -> bool:
    return cipher.startswith(("cipher_null", "null"))


def _split(cipher: str) -> tuple[str | None, str | None]:
    """`aes-xts-plain64`, or the kernel's own `capi:xts(aes)-plain64`."""
    if capi := re.match(r"capi:(?:authenc\([^,]*,)?(\w+)\((\w+)\)", cipher):
        return ciphers.algorithm(capi[2]), capi[1].upper()
    name, _, mode = cipher.partition("-")
    return (ciphers.algorithm(name) if name else None), (ciphers.mode(mode) if mode else None)


def _of(artefact: Artefact) -> _Header:
    head = artefact.head(len(_MAGIC))
    if head == _MAGIC:
        return _binary(artefact)
    text = artefact.text()
    if text.lstrip().startswith("{"):
        return _json(text, artefact)
    return _text(text, artefact)


def _text(text: str, artefact: Artefact) -> _Header:
    if "LUKS header information" not in text:
        raise artefact.refuse(
            "ce n'est pas ce qu'imprime cryptsetup luksDump",
            "this is not what cryptsetup luksDump prints",
        )
    version = _number(r"^Version:\s*(\d+)", text)
    if version == 1:
        name = _word(r"^Cipher name:\s*(\S+)", text)
        mode = _word(r"^Cipher mode:\s*(\S+)", text)
        if not name or not mode:
            raise artefact.refuse("le chiffre manque", "the cipher is missing")
        return _Header(1, (f"{name}-{mode}",), _number(r"^MK bits:\s*(\d+)", text), ("pbkdf2",))
    _, found, segments = text.partition("Data segments:")
    if version != 2 or not found:
        raise artefact.refuse("le vidage est incomplet", "the dump is not whole")
    segments, _, slots = segments.partition("Keyslots:")
    slots = slots.partition("\nTokens:")[0]
    kinds = re.findall(r"^\s*\d+: (\w+)\s*$", segments, re.MULTILINE)
    names = re.findall(r"^\s+cipher:\s*(\S+)", segments, re.MULTILINE)
    clear = [""] * (len(kinds) - len(names))
    bits = _number(r"^\s+Key:\s*(\d+) bits", slots)
    kdfs = re.findall(r"^\s+PBKDF:\s*(\S+)", slots, re.MULTILINE)
    return _Header(2, (*names, *clear), bits, tuple(kdfs))


def _word(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else None


def _number(pattern: str, text: str) -> int | None:
    word = _word(pattern, text)
    return int(word) if word and len(word) < 7 else None


def _json(text: str, artefact: Artefact) -> _Header:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise artefact.refuse("ce n'est pas du JSON", "this is not JSON") from None
    return _metadata(found, artefact)


def _metadata(found: Any, artefact: Artefact) -> _Header:
    """LUKS 2's own JSON, as it stands on the disk and in `--dump-json-metadata`."""
    segments = found.get("segments") if isinstance(found, dict) else None
    slots = found.get("keyslots") if isinstance(found, dict) else None
    if not isinstance(segments, dict) or not isinstance(slots, dict):
        raise artefact.refuse("ce ne sont pas des métadonnées LUKS 2", "this is no LUKS 2 metadata")
    names = [
        str(s.get("encryption", "")) if s.get("type") == "crypt" else ""
        for s in segments.values()
        if isinstance(s, dict) and "backup" not in str(s.get("flags", ""))
    ]
    used = [slot for slot in slots.values() if isinstance(slot, dict)]
    sizes = [slot["key_size"] for slot in used if isinstance(slot.get("key_size"), int)]
    kdfs = [str(slot["kdf"].get("type", "?")) for slot in used if isinstance(slot.get("kdf"), dict)]
    return _Header(2, tuple(names), min(sizes) * 8 if sizes else None, tuple(kdfs))


def _binary(artefact: Artefact) -> _Header:
    """The first bytes of a device, or what `cryptsetup luksHeaderBackup` wrote."""
    content = artefact.head(_HEADER)
    version = struct.unpack(">H", content[6:8])[0] if len(content) > 8 else 0
    if version == 1 and len(content) >= 592:
        name, mode = (content[a:b].rstrip(b"\0").decode("latin-1") for a, b in ((8, 40), (40, 72)))
        size = struct.unpack(">I", content[108:112])[0]
        return _Header(1, (f"{name}-{mode}",), size * 8, ("pbkdf2",))
    if version == 2 and len(content) > 4096:
        size = struct.unpack(">Q", content[8:16])[0]
        area = content[4096 : min(size, _HEADER)].split(b"\0", 1)[0]
        return _json(area.decode("utf-8", "replace"), artefact)
    raise artefact.refuse("l'en-tête LUKS est incomplet", "the LUKS header is not whole")
