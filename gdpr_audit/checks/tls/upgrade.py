"""Asks inside another protocol to go on in TLS (STARTTLS and its like).

A peer that says that it does not offer it has answered: a positive sign. One that is busy,
silent or garbled has not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gdpr_audit.errors import NetworkError, ProtocolFailed
from gdpr_audit.model import Text
from gdpr_audit.network import Stream

LINES = 100  # of one answer
_LDAP_LIMIT = 2048  # bytes of an answer

#: RFC 4511 section 4.14: an ExtendedRequest for 1.3.6.1.4.1.1466.20037, message 1.
_LDAP_START = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + b"1.3.6.1.4.1.1466.20037"
_LDAP_REFUSALS = (1, 2, 12, 50, 53)  # operations error, protocol error, unavailable extension …
#: PostgreSQL's SSLRequest: its length, and the code 80877103.
_POSTGRES_START = bytes.fromhex("0000000804d2162f")
#: DICOM PS3.8 section 9.3.6, an A-RELEASE-RQ: outside an association, an A-ABORT answers it.
_DICOM_RELEASE = bytes.fromhex("05000000000400000000")
_WEB = b"GET / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"


class NotOffered(NetworkError):
    """The peer answered in its protocol, and does not go on in TLS: a positive sign."""


async def _line(stream: Stream) -> str:
    return (await stream.read_line()).decode("latin-1").strip()


async def _smtp_answer(stream: Stream) -> list[str]:
    lines = []
    for _ in range(LINES):
        lines.append(await _line(stream))
        if lines[-1][3:4] != "-":
            break
    return lines


def _odd(protocol: str, said: str) -> ProtocolFailed:
    shown = said[:80] or "—"
    return ProtocolFailed(
        Text(f"réponse {protocol} inattendue : {shown}", f"unexpected {protocol} answer: {shown}")
    )


def _not_offered(protocol: str, said: str) -> NotOffered:
    shown = said[:80] or "—"
    return NotOffered(
        Text(
            f"le serveur {protocol} n'offre pas de passer à TLS ({shown})",
            f"the {protocol} server does not offer to go on in TLS ({shown})",
        )
    )


async def _smtp(stream: Stream) -> None:
    """RFC 3207."""
    greeting = await _smtp_answer(stream)
    if not greeting[-1].startswith("220"):
        raise _odd("SMTP", greeting[-1])
    await stream.write(b"EHLO gdpr-audit.invalid\r\n")
    offers = await _smtp_answer(stream)
    if not offers[-1].startswith("250"):
        raise _odd("SMTP", offers[-1])
    if not any(line[4:].strip().upper() == "STARTTLS" for line in offers):
        raise _not_offered("SMTP", "EHLO")
    await stream.write(b"STARTTLS\r\n")
    said = (await _smtp_answer(stream))[-1]
    if not said.startswith("220"):
        raise _odd("SMTP", said)


async def _imap(stream: Stream) -> None:
    """RFC 9051 section 6.2.1."""
    greeting = await _line(stream)
    if not greeting.upper().startswith(("* OK", "* PREAUTH")):
        raise _odd("IMAP", greeting)
    await stream.write(b"a1 STARTTLS\r\n")
    for _ in range(LINES):
        said = await _line(stream)
        if said.upper().startswith("A1 OK"):
            return
        if said.upper().startswith(("A1 NO", "A1 BAD")):
            raise _not_offered("IMAP", said)
        if not said.startswith("*"):
            raise _odd("IMAP", said)
    raise _odd("IMAP", "")


async def _ldap(stream: Stream) -> None:
    """RFC 4511 section 4.14."""
    await stream.write(_LDAP_START)
    head = await stream.read_exactly(2)
    length = head[1]
    if head[0] != 0x30 or length > 0x84:  # a sequence, its length in 4 bytes at most
        raise _odd("LDAP", head.hex())
    if length & 0x80:
        length = int.from_bytes(await stream.read_exactly(length & 0x7F), "big")
    if length > _LDAP_LIMIT:
        raise _odd("LDAP", head.hex())
    body = await stream.read_exactly(length)
    at = body.find(b"\x0a\x01")  # the resultCode, an ENUMERATED of one byte
    # An answer to message 1: a notice of disconnection looks like one, and is message 0.
    if body[:4] != b"\x02\x01\x01\x78" or at < 0 or at + 2 >= len(body):
        raise _odd("LDAP", body[:16].hex())
    code = body[at + 2]
    if code in _LDAP_REFUSALS:
        raise _not_offered("LDAP", f"resultCode {code}")
    if code != 0:
        raise _odd("LDAP", f"resultCode {code}")


async def _postgresql(stream: Stream) -> None:
    """PostgreSQL's protocol, section "SSL Session Encryption"."""
    await stream.write(_POSTGRES_START)
    said = await stream.read_exactly(1)
    if said == b"N":
        raise _not_offered("PostgreSQL", "N")
    if said != b"S":
        raise _odd("PostgreSQL", said.hex())


UPGRADES: dict[str, Callable[[Stream], Awaitable[None]]] = {
    "smtp": _smtp,
    "imap": _imap,
    "ldap": _ldap,
    "postgresql": _postgresql,
}


async def _dicom_in_clear(stream: Stream) -> NotOffered | None:
    """DICOM PS3.8 section 9.2: an A-ABORT (PDU type 7) answers a release of no association."""
    await stream.write(_DICOM_RELEASE)
    head = await stream.read_exactly(6)  # type, reserved, length
    if head[0] != 7 or int.from_bytes(head[2:], "big") != 4:
        return None
    return NotOffered(
        Text(
            "le port parle DICOM sans TLS (A-ABORT)", "the port speaks DICOM without TLS (A-ABORT)"
        )
    )


#: Whether a port that only cuts our hellos speaks its protocol in clear: a positive sign that it
#: offers no TLS. The other protocols greet, or are asked for TLS in clear to begin with.
IN_CLEAR: dict[str, Callable[[Stream], Awaitable[NotOffered | None]]] = {"dicom": _dicom_in_clear}

#: What each protocol's server answers once TLS stands, and acts on in no way; HOST is its name. A
#: TLS 1.3 ticket comes before that answer. SMTP over TLS and the like greet; MLLP has no such word.
WORDS = {
    "http": _WEB,
    "https": _WEB,
    "smtp": b"EHLO gdpr-audit.invalid\r\n",
    "imap": b"a2 NOOP\r\n",
    "ldap": _LDAP_START,  # a second time: refused as out of order
    "ldaps": _LDAP_START,
    "postgresql": _POSTGRES_START,  # as above
    "dicom": _DICOM_RELEASE,
}
