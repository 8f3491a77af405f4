"""OpenPGP messages (RFC 4880, RFC 9580) by their packets; no key is needed, and none asked for."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gdpr_audit.evidence.artefact import Artefact, Shown, sealed
from gdpr_audit.evidence.clear import clear, refuse_readable
from gdpr_audit.model import Text

_CIPHERS = {
    1: ("IDEA", 128), 2: ("3DES", 168), 3: ("CAST5", 128), 4: ("BLOWFISH", 128), 7: ("AES", 128),
    8: ("AES", 192), 9: ("AES", 256), 10: ("TWOFISH", 256), 11: ("CAMELLIA", 128),
    12: ("CAMELLIA", 192), 13: ("CAMELLIA", 256),
}  # fmt: skip
_AEADS = {1: "EAX", 2: "OCB", 3: "GCM"}
_PKESK, _SIGNATURE, _SKESK, _ONE_PASS = 1, 2, 3, 4
_COMPRESSED, _SED, _LITERAL, _SEIPD, _OCB = 8, 9, 11, 18, 20
_MARKER, _PADDING = 10, 21
_ASIDE = (_MARKER, _PADDING)  # a marker, which says nothing, and padding
_PUBLIC = frozenset({1, 2, 16, 18, 20, 21, 22, 25, 26, 29, 30, 31, 35, 36})
_FROM_PASSWORD = (0, 1, 3, 4)  # ways to make a key of a password
_LEAST = 20  # bytes of a body: less holds no block with what checks it
_MOST = 200  # packets looked at


class _Packet(NamedTuple):
    tag: int
    body: bytes  # as far as it was read


def unarmour(head: bytes) -> bytes:
    """What an ASCII armour holds, as far as it was read."""
    text = head.decode("ascii", "replace").replace("\r", "")
    lines = text.partition("\n")[2]
    if re.match(r"^[A-Za-z]+: ", lines) or lines.startswith("\n"):
        lines = lines.partition("\n\n")[2] if not lines.startswith("\n") else lines[1:]
    body = "".join(re.split(r"\n=|-----END", lines)[0].split())
    try:
        return base64.b64decode(body[: len(body) // 4 * 4], validate=True)
    except ValueError:  # no base64, or no ASCII at all
        return b""


def armoured(artefact: Artefact, head: bytes) -> Shown:
    """A message in ASCII armour. Raises Unreadable."""
    found = read(artefact, unarmour(head))
    if found is None:
        raise artefact.refuse(
            "l'armure OpenPGP ne tient pas de message", "the OpenPGP armour holds no message"
        )
    return found


def read(artefact: Artefact, head: bytes) -> Shown | None:
    """A message in binary; None for bytes that are none.

    The first byte of many formats reads as a packet's tag: only what may stand before a message
    (RFC 9580, 10.3) may stand here, in versions and with ciphers that there are. Encrypted data
    come after a session key; what comes without is too little to know a message by.
    """
    packets = [packet for _, packet in zip(range(_MOST), _packets(head), strict=False)]
    message = packets.pop() if packets else None
    tags = {packet.tag for packet in packets}
    if message is None or not all(map(_plausible, (*packets, message))):
        return None
    if message.tag in (_COMPRESSED, _LITERAL) and tags <= {_SIGNATURE, _ONE_PASS, *_ASIDE}:
        return clear(artefact, "OpenPGP, signé ou compressé", "OpenPGP, signed or compressed")
    keys = {_PKESK, _SKESK}
    if message.tag not in (_SED, _SEIPD, _OCB) or not tags <= {*keys, *_ASIDE}:
        return None
    if not tags & keys or len(message.body) < _LEAST:
        return None
    if (found := refuse_readable(artefact, message.body[20:], "OpenPGP")) is not None:
        return found
    cipher, mode = _sealing(message, packets)
    name, bits = cipher or (None, None)
    lacks = message.tag == _SED
    shown = ", ".join(part for part in (name and f"{name}-{bits}", mode) if part)
    return sealed(
        Text(
            f"{artefact.name} : OpenPGP, {shown}{', sans intégrité' if lacks else ''}",
            f"{artefact.name}: OpenPGP, {shown}{', without integrity' if lacks else ''}",
        ),
        name,
        mode,
        bits,
    )


def _plausible(packet: _Packet) -> bool:
    """Whether its version and its algorithms are such as there are."""
    check = _CHECKS.get(packet.tag)
    return check is not None and check(packet.body + bytes(4))


def _public(body: bytes) -> bool:
    """A session key for a public key: version 3 by the key's id, 6 by its fingerprint."""
    at = 9 if body[0] == 3 else 2 + body[1]
    return body[0] in (3, 6) and body[at : at + 1] != b"" and body[at] in _PUBLIC


def _password(body: bytes) -> bool:
    if body[0] == 4:
        return body[1] in _CIPHERS and body[2] in _FROM_PASSWORD
    at = 1 if body[0] == 5 else 2  # version 6 says first how much follows
    return body[0] in (5, 6) and body[at] in _CIPHERS and body[at + 1] in _AEADS


def _aead(body: bytes) -> bool:
    return body[1] in _CIPHERS and body[2] in _AEADS


_CHECKS: dict[int, Callable[[bytes], bool]] = {
    _PKESK: _public,
    _SIGNATURE: lambda body: body[0] in (3, 4, 5, 6),
    _SKESK: _password,
    _ONE_PASS: lambda body: body[0] in (3, 6),
    _COMPRESSED: lambda body: body[0] <= 3,
    _SED: lambda _body: True,
    _MARKER: lambda body: body[:3] == b"PGP",
    _LITERAL: lambda body: body[:1] in (b"b", b"t", b"u", b"l", b"1", b"m"),
    _SEIPD: lambda body: body[0] == 1 or (body[0] == 2 and _aead(body)),
    _OCB: lambda body: body[0] == 1 and _aead(body),
    _PADDING: lambda _body: True,
}


def _sealing(message: _Packet, packets: list[_Packet]) -> tuple[tuple[str, int] | None, str | None]:
    """The cipher, where it is written in clear, and the mode with what protects its integrity."""
    body = message.body
    if len(body) > 3 and (message.tag == _OCB or (message.tag == _SEIPD and body[0] == 2)):
        return _CIPHERS.get(body[1]), _AEADS.get(body[2])
    mode = "CFB-MDC" if message.tag == _SEIPD else "CFB"
    # with a password alone the session key's cipher is written; with a public key it is message
    key = next((p for p in packets if p.tag == _SKESK and len(p.body) > 2), None)
    alone = key is not None and key.body[0] == 4 and not any(p.tag == 1 for p in packets)
    return (_CIPHERS.get(key.body[1]) if key and alone else None), mode


def _packets(data: bytes) -> Iterator[_Packet]:
    at = 0
    while at < len(data):
        first = data[at]
        if not first & 0x80:
            return
        if first & 0x40:
            tag = first & 0x3F
            length, start = _new_length(data, at + 1)
        else:
            tag = (first >> 2) & 0xF
            length, start = _old_length(data, at + 1, first & 3)
        if tag == 0 or start > len(data):
            return
        yield _Packet(tag, data[start : start + length])
        if tag in (_SED, _SEIPD, _OCB, _COMPRESSED, _LITERAL):
            return  # the message itself: what lies in it is not ours to read
        at = start + length


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    """The length of a packet, and where its body begins; of a partial one its first part."""
    first = data[at] if at < len(data) else 0
    if first < 192:
        return first, at + 1
    if first < 224:
        second = data[at + 1] if at + 1 < len(data) else 0
        return ((first - 192) << 8) + second + 192, at + 2
    if first == 255:
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
    return 1 << (first & 0x1F), at + 1


def _old_length(data: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == 3:
        return len(data), at  # to the end of the file
    size = 1 << kind
    return int.from_bytes(data[at : at + size], "big"), at + size
