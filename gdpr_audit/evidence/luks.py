"""LUKS: what `cryptsetup luksDump` prints (text and JSON), or the header itself.

LUKS 1 and 2 (cryptsetup's on-disk format documents). A header can name a cipher that ciphers
nothing (`cipher_null`), and a device under re-encryption has segments in clear: both are told.
Where the data follow their header in one file, they are looked at.
"""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from typing import Any, NamedTuple

from gdpr_audit import strict_json
from gdpr_audit.evidence import ciphers
from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.evidence.clear import clear_form, refuse_readable
from gdpr_audit.model import Text

_MAGIC = b"LUKS\xba\xbe"
_HEADER = 4 * 1024 * 1024  # bytes: the largest header of LUKS 2


#: Where in the data samples are taken, in bytes from their beginning.
_SAMPLES = (0, 64 * 1024, 1024 * 1024)
_SAMPLE = 4096
_SEGMENTS = 64  # looked into
#: Bits of the volume key that dm-crypt authenticates with, and does not encrypt with.
_INTEGRITY_KEYS = {
    "none": 0, "aead": 0, "poly1305": 0, "hmac(sha1)": 160, "hmac(sha256)": 256,
    "hmac(sha512)": 512,
}  # fmt: skip
#: Segments that the drive encrypts by itself (OPAL), where nothing here can be seen of it.
_HARDWARE = "hw-opal"
_ENCRYPTED = ("crypt", "hw-opal-crypt")


class _Segment(NamedTuple):
    """A stretch of data. `cipher`: "" for one in clear, None for one that cannot be told."""

    cipher: str | None
    integrity: str | None = None
    aside: int | None = 0  # bits of the volume key that the cipher does not get; None: unknown
    offset: int = 0  # bytes


class _Header(NamedTuple):
    version: int
    segments: tuple[_Segment, ...]
    volume_key: int | None  # bits
    kdfs: tuple[str, ...]

    @property
    def key_bits(self) -> int | None:
        """Bits of the cipher's own key, both halves of XTS."""
        asides = [segment.aside for segment in self.segments]
        if self.volume_key is None or None in asides:
            return None
        left = self.volume_key - max((aside or 0 for aside in asides), default=0)
        return left if left > 0 else None


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for what is no dump and no header."""
    binary = artefact.head(len(_MAGIC)) == _MAGIC
    header = _binary(artefact) if binary else _printed(artefact)
    names = [segment.cipher for segment in header.segments]
    clear = not names or any(name is not None and (not name or _null(name)) for name in names)
    words = _words(artefact, header, clear=clear)
    if clear:
        return Shown(words, encrypted=False, level="volume")
    if None in names:
        return Shown(words, level="volume")
    if binary and (found := _in_clear(artefact, header)) is not None:
        return found
    algorithm, mode = _worst([_split(segment) for segment in header.segments])
    bits = header.key_bits
    return Shown(
        words,
        encrypted=True,
        level="volume",
        algorithm=algorithm,
        mode=mode,
        # whatever is printed here is the whole key: in XTS half of it counts
        key_bits=bits // 2 if bits and mode == "XTS" else bits,
        raw_bits=bits,
        kdf=", ".join(dict.fromkeys(header.kdfs)) or None,
    )


def _in_clear(artefact: Artefact, header: _Header) -> Shown | None:
    """What can be read where the header says that cipher text lies, as far as the file goes."""
    for segment in header.segments[:_SEGMENTS]:
        if not segment.offset:  # the data lie elsewhere
            continue
        for at in _SAMPLES:
            sample = artefact.at(segment.offset + at, _SAMPLE)
            if found := refuse_readable(artefact, sample, "LUKS"):
                return replace(found, level="volume")
            if not at and (form := clear_form(sample)) is not None:
                name = artefact.name
                words = Text(
                    f"{name} : en-tête LUKS, mais ce qui suit est en clair ({form})",
                    f"{name}: a header of LUKS, but what follows is in clear ({form})",
                )
                return Shown(words, encrypted=False, level="volume")
    return None


def _words(artefact: Artefact, header: _Header, *, clear: bool) -> Text:
    shown = ", ".join(_told(segment) for segment in header.segments) or "?"
    bits = f", {header.key_bits} bits" if header.key_bits else ""
    kdf = f", {', '.join(dict.fromkeys(header.kdfs))}" if header.kdfs else ""
    line = f"LUKS {header.version}, {shown}{bits}{kdf}"
    fr, en = f"{artefact.name} : {line}", f"{artefact.name}: {line}"
    if clear:
        fr += " ; une partie au moins n'est pas chiffrée"
        en += "; a part of it at least is not encrypted"
    elif any(segment.cipher is None for segment in header.segments):
        fr += " ; une partie au moins est laissée au disque lui-même (OPAL), ou de genre inconnu"
        en += "; a part of it at least is left to the drive itself (OPAL), or of an unknown kind"
    return Text(fr, en)


def _told(segment: _Segment) -> str:
    name = segment.cipher or "?"
    return f"{name} + {segment.integrity}" if segment.integrity else name


def _null(cipher: str) -> bool:
    return cipher.startswith(("cipher_null", "null"))


_Scheme = tuple[str | None, str | None]  # algorithm and mode


def _split(segment: _Segment) -> _Scheme:
    """`aes-xts-plain64`, or the kernel's own `capi:xts(aes)-plain64`."""
    cipher = segment.cipher or ""
    if cipher.startswith("capi:rfc7539(chacha20,poly1305)"):
        return "CHACHA20", "POLY1305"
    if capi := re.match(r"capi:(?:authenc\([^,]*,)?(\w+)\((\w+)\)", cipher):
        return ciphers.algorithm(capi[2]), capi[1].upper()
    name, _, rest = cipher.partition("-")
    mode = ciphers.mode(rest)
    if segment.integrity == "poly1305":  # `chacha20-random`: there is no mode in the name
        mode = "POLY1305"
    return (ciphers.algorithm(name) if name else None), mode or None


def _worst(found: list[_Scheme]) -> _Scheme:
    """Of a device under re-encryption the cipher that is less, as long as it lasts."""
    worst = found[0]
    for one in found[1:]:
        if any(ciphers.less(was or "", now or "") for was, now in zip(worst, one, strict=True)):
            worst = one
    return worst


def _printed(artefact: Artefact) -> _Header:
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
        bits = _number(r"^MK bits:\s*(\d+)", text)
        return _Header(1, (_Segment(f"{name}-{mode}"),), bits, ("pbkdf2",))
    _, found, segments = text.partition("Data segments:")
    if version != 2 or not found:
        raise artefact.refuse("le vidage est incomplet", "the dump is not whole")
    segments, _, slots = segments.partition("Keyslots:")
    slots, whole, _ = slots.partition("\nTokens:")
    if not whole:  # cut: behind what is here a segment may be in clear, or a key be weaker
        raise artefact.refuse("le vidage est incomplet", "the dump is not whole")
    # of slots that hold another key than the data's, cryptsetup says that they are unbound
    used = [one for one in _blocks(slots) if re.match(r"luks2\s*$", one, re.MULTILINE)]
    sizes = [bits for one in used if (bits := _number(r"^\s+Key:\s*(\d+) bits", one))]
    kdfs = [kdf for one in used if (kdf := _word(r"^\s+PBKDF:\s*(\S+)", one))]
    found_ = tuple(_printed_segment(one) for one in _blocks(segments))
    return _Header(2, found_, min(sizes, default=None), tuple(kdfs))


def _blocks(text: str) -> list[str]:
    """What follows `  0: `, `  1: ` …, each up to the next."""
    return re.split(r"^\s*\d+: ", text, flags=re.MULTILINE)[1:]


def _printed_segment(block: str) -> _Segment:
    kind = block.split(maxsplit=1)[0] if block.split() else ""
    cipher = _word(r"^\s+cipher:\s*(\S+)", block)
    integrity = _word(r"^\s+integrity:\s*(\S+)", block)
    opal = _number(r"^\s+OPAL key:\s*(\d+) bits", block)
    own = _number(r"^\s+integrity key size:\s*(\d+) \[bits\]", block)
    return _segment(kind, cipher, integrity, own, opal, 0)


def _segment(
    kind: str,
    cipher: str | None,
    integrity: str | None,
    own_key: int | None,
    opal_key: int | None,
    offset: int,
) -> _Segment:
    if kind == "linear":
        return _Segment("")
    if kind not in _ENCRYPTED:
        return _Segment(None)
    aside = own_key if own_key is not None else _INTEGRITY_KEYS.get(integrity or "none")
    if kind.startswith(_HARDWARE):  # the drive's key is a part of the volume key too
        aside = None if aside is None or opal_key is None else aside + opal_key
    return _Segment(cipher or "", None if integrity == "none" else integrity, aside, offset)


def _word(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text, re.MULTILINE)
    return found[1] if found else None


def _number(pattern: str, text: str) -> int | None:
    word = _word(pattern, text)
    return int(word) if word and len(word) < 7 else None


def _json(text: str, artefact: Artefact) -> _Header:
    try:
        found = strict_json.loads(text)
    except ValueError:
        raise artefact.refuse("ce n'est pas du JSON", "this is not JSON") from None
    return _metadata(found, artefact)


def _metadata(found: Any, artefact: Artefact) -> _Header:
    """LUKS 2's own JSON, as it stands on the disk and in `--dump-json-metadata`."""
    segments = found.get("segments") if isinstance(found, dict) else None
    slots = found.get("keyslots") if isinstance(found, dict) else None
    if not isinstance(segments, dict) or not isinstance(slots, dict):
        raise artefact.refuse("ce ne sont pas des métadonnées LUKS 2", "this is no LUKS 2 metadata")
    told = [
        _json_segment(one)
        for one in segments.values()
        if isinstance(one, dict) and "backup" not in str(one.get("flags", ""))
    ]
    used = _of_the_data(slots, found.get("digests"))
    sizes = [size for slot in used if (size := _integer(slot.get("key_size")))]
    kdfs = [str(slot["kdf"].get("type", "?")) for slot in used if isinstance(slot.get("kdf"), dict)]
    return _Header(2, tuple(told), min(sizes) * 8 if sizes else None, tuple(kdfs))


def _json_segment(given: dict[str, Any]) -> _Segment:
    integrity = given.get("integrity")
    scheme = integrity if isinstance(integrity, dict) else {}
    own, opal = _integer(scheme.get("key_size")), _integer(given.get("opal_key_size"))
    kind, offset = str(given.get("type")), str(given.get("offset", ""))
    return _segment(
        kind,
        str(given.get("encryption", "")),
        str(scheme.get("type", "?")) if integrity is not None else None,
        None if own is None else own * 8,
        None if opal is None else opal * 8,
        int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 17 else 0,
    )


def _integer(value: Any) -> int | None:
    """A number as JSON has it: true is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _of_the_data(slots: dict[str, Any], digests: Any) -> list[dict[str, Any]]:
    """The slots that hold the key of a segment. An unbound one holds a key of something else."""
    bound: set[str] | None = None
    if isinstance(digests, dict):
        bound = set()
        for one in digests.values():
            names = one.get("keyslots") if isinstance(one, dict) and one.get("segments") else None
            bound |= {str(name) for name in names} if isinstance(names, list) else set()
    return [
        slot
        for name, slot in slots.items()
        if isinstance(slot, dict)
        and slot.get("type", "luks2") == "luks2"  # not the one that a re-encryption works in
        and (bound is None or name in bound)
    ]


def _binary(artefact: Artefact) -> _Header:
    """The first bytes of a device, or what `cryptsetup luksHeaderBackup` wrote."""
    content = artefact.head(_HEADER)
    version = struct.unpack(">H", content[6:8])[0] if len(content) > 8 else 0
    if version == 1 and len(content) >= 592:
        name, mode = (content[a:b].rstrip(b"\0").decode("latin-1") for a, b in ((8, 40), (40, 72)))
        payload, size = struct.unpack(">II", content[104:112])
        segment = _Segment(f"{name}-{mode}", offset=payload * 512)
        return _Header(1, (segment,), size * 8, ("pbkdf2",))
    if version == 2 and len(content) > 4096:
        size = struct.unpack(">Q", content[8:16])[0]
        area = content[4096 : min(size, _HEADER)].split(b"\0", 1)[0]
        return _json(area.decode("utf-8", "replace"), artefact)
    raise artefact.refuse("l'en-tête LUKS est incomplet", "the LUKS header is not whole")
