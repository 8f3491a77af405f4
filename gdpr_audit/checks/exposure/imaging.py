"""Asks a DICOM node for an association and an echo, and an HL7 port for an acknowledgement.

No query, no retrieval, nothing stored: a C-ECHO, and a message without a patient.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

from gdpr_audit.checks.exposure.talk import Said, Talk, busy, foreign, noise, opened, refused
from gdpr_audit.errors import NetworkError

VERIFICATION = b"1.2.840.10008.1.1"
IMPLICIT_LITTLE = b"1.2.840.10008.1.2"
_APPLICATION = b"1.2.840.10008.3.1.1.1"
_OURS = b"2.25.297408714035183562347289465234567890123"  # our implementation class UID
CALLING, CALLED = b"GDPR-AUDIT", b"ANY-SCP"


def _item(kind: int, content: bytes) -> bytes:
    return bytes([kind, 0]) + len(content).to_bytes(2, "big") + content


def _pdu(kind: int, content: bytes) -> bytes:
    return bytes([kind, 0]) + len(content).to_bytes(4, "big") + content


def associate() -> bytes:
    """An A-ASSOCIATE-RQ (PS3.8, 9.3.2) for Verification, from an AE title that nobody knows."""
    syntaxes = _item(0x30, VERIFICATION) + _item(0x40, IMPLICIT_LITTLE)
    user = _item(0x51, (16384).to_bytes(4, "big")) + _item(0x52, _OURS)
    return _pdu(
        0x01,
        b"\0\x01\0\0" + CALLED.ljust(16) + CALLING.ljust(16) + bytes(32)
        + _item(0x10, _APPLICATION) + _item(0x20, b"\x01\0\0\0" + syntaxes) + _item(0x50, user),
    )  # fmt: skip


def _element(element: int, value: bytes) -> bytes:
    return b"\0\0" + element.to_bytes(2, "little") + len(value).to_bytes(4, "little") + value


def echo() -> bytes:
    """A C-ECHO-RQ (PS3.7, 9.3.5.1) in presentation context 1."""
    command = (
        _element(0x0002, VERIFICATION + b"\0")
        + _element(0x0100, (0x0030).to_bytes(2, "little"))
        + _element(0x0110, (1).to_bytes(2, "little"))
        + _element(0x0800, (0x0101).to_bytes(2, "little"))
    )
    whole = _element(0x0000, len(command).to_bytes(4, "little")) + command
    return _pdu(0x04, (len(whole) + 2).to_bytes(4, "big") + b"\x01\x03" + whole)


def _complete(seen: bytes) -> bool:
    """One whole PDU; or what is none, of which no more need come."""
    if seen[0] > 0x07:
        return True
    return len(seen) >= 6 and len(seen) >= int.from_bytes(seen[2:6], "big") + 6


#: Least and greatest length of an acceptance, a rejection, an abort (PS3.8, 9.3.3, 9.3.4, 9.3.8).
_LENGTHS = {b"\x02": (68, 2048), b"\x03": (4, 4), b"\x07": (4, 4)}


def _well_formed(got: bytes) -> bool:
    """Whether a PDU is as long as its kind may be, and there to its end."""
    least, most = _LENGTHS[got[:1]]
    length = int.from_bytes(got[2:6], "big")
    return len(got) >= 6 + length and least <= length <= most


async def dicom(talk: Talk) -> Said:
    await talk.say(associate())
    got = await talk.hear(_complete)
    if got[:1] in _LENGTHS and not _well_formed(got):
        raise noise("DICOM")
    if got[:2] == b"\x03\0" and got[7:8] == b"\x02":  # rejected-transient: congestion, a limit
        raise busy("DICOM", "A-ASSOCIATE-RJ, transient")
    if got[:2] == b"\x03\0":
        return refused(
            "rejette l'association d'un titre d'AE inconnu",
            "rejects the association of an unknown AE title",
        )
    if got[:2] == b"\x07\0":
        return refused("interrompt l'association", "aborts the association")
    if got[:2] != b"\x02\0":
        return foreign("DICOM", got)
    echoed = await _echoed(talk)
    fr, en = ("TLS sans certificat client", "TLS without a client certificate")
    way = (fr, en) if talk.tls else ("en clair", "in clear")
    more = (", répond au C-ECHO", ", answers C-ECHO") if echoed else ("", "")
    return opened(
        f"accepte l'association d'un titre d'AE inconnu ({way[0]}){more[0]}",
        f"accepts the association of an unknown AE title ({way[1]}){more[1]}",
    )


async def _echoed(talk: Talk) -> bool:
    """Whether a C-ECHO succeeds; then the association is released."""
    try:
        await talk.say(echo())
        got = await talk.hear(_complete)
        await talk.say(_pdu(0x05, bytes(4)))
    except NetworkError:
        return False
    return got[:1] == b"\x04" and b"\0\0\0\x09\x02\0\0\0\0\0" in got


def query() -> bytes:
    """An HL7 v2 application management query (NMQ^N01) of its header alone, marked as a test."""
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    number = secrets.token_hex(6)
    header = f"MSH|^~\\&|GDPR-AUDIT||||{now}||NMQ^N01|{number}|T|2.4\r"
    return b"\x0b" + header.encode() + b"\x1c\r"


#: The segment that every message begins with, and its separators (HL7 v2, 2.5.4).
_HEADER = re.compile(rb"\x0bMSH([^\w\s])[^\w\s]{4,5}\1")


async def mllp(talk: Talk) -> Said:
    """Any acknowledgement counts, a rejection too: MLLP knows no sender, so it was read."""
    await talk.say(query())
    got = await talk.hear(lambda seen: b"\x1c" in seen or seen[:1] != b"\x0b")
    code = re.search(rb"(?:^|[\r\n\x0b])MSA\|([AC][AER])\b", got)
    if code is not None or (_HEADER.match(got) and b"\x1c" in got):
        word = code[1].decode() if code else "MSH"
        return opened(
            f"acquitte en clair le message d'un inconnu ({word})",
            f"acknowledges a stranger's message in clear ({word})",
        )
    return foreign("MLLP", got)
