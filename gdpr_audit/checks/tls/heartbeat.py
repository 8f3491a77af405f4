"""CVE-2014-0160, where a server takes heartbeats up.

Two heartbeats are sent at once: one that says 64 bytes and brings one, and one in order. A server
that bleeds answers the first, from its memory. One that was mended passes it over and answers the
second, by which it is known that the first arrived. One that has no heartbeats before a key sends
an alert. A cut or silence is neither: something on the way may have heard the first one alone.

RFC 6520; what comes back is counted and thrown away.
"""

from __future__ import annotations

from gdpr_audit.checks.tls import answer
from gdpr_audit.checks.tls.answer import ALERTS, Accepted, dropped
from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.point import Point
from gdpr_audit.checks.tls.version import Version
from gdpr_audit.errors import NetworkError, ProtocolFailed
from gdpr_audit.model import Text
from gdpr_audit.network import Stream

PURPOSE = "heartbeats (CVE-2014-0160)"
HEARTBEAT, ALERT, HANDSHAKE = 24, 21, 22
EXTENSION = 15
SAYS = 64  # bytes that the first heartbeat claims: enough to tell, and little to be given
SOUND = b"gdpr-audit asks."  # what the second one brings
RECORDS = 16  # at most, before the answer: the rest of the first flight
RECORD_LIMIT = 2**14 + 2048  # bytes; RFC 5246 section 6.2.3

_REQUEST, _RESPONSE = b"\x01", b"\x02"
_ASKED = (
    _REQUEST + SAYS.to_bytes(2, "big") + b"?",
    _REQUEST + len(SOUND).to_bytes(2, "big") + SOUND + bytes(16),
)
NOT_TAKEN_UP = Text(
    "l'extension heartbeat n'est pas reprise", "the heartbeat extension is not taken up"
)


async def bleeds(asker: Asker, found: Version) -> Point:
    """The fact `heartbleed`, asked in a version below TLS 1.3 that is accepted."""
    offer = asker.offer(found.number, found.suites)._replace(extra=(EXTENSION,))
    try:
        stream = await asker.stream(PURPOSE)
        try:
            said = await answer.ask(stream, offer)
            if not isinstance(said, Accepted):
                raise dropped()
            if EXTENSION not in said.extensions:
                return Point("heartbleed", False, NOT_TAKEN_UP)
            head = bytes([HEARTBEAT]) + found.number.to_bytes(2, "big")
            await stream.write(b"".join(head + len(a).to_bytes(2, "big") + a for a in _ASKED))
            return await _heard(stream)
        finally:
            await stream.aclose()
    except NetworkError as error:
        why = Text(
            f"heartbeat sans réponse : {error.reason.fr}",
            f"heartbeat without an answer: {error.reason.en}",
        )
        return Point("heartbleed", None, why)


async def _heard(stream: Stream) -> Point:
    """The first heartbeat or alert that comes back. Raises NetworkError where none does."""
    for _ in range(RECORDS):
        head = await _exactly(stream, 5)
        kind, length = head[0], int.from_bytes(head[3:], "big")
        if kind not in (HEARTBEAT, ALERT, HANDSHAKE) or length > RECORD_LIMIT:
            break
        content = await _exactly(stream, length)
        if kind == ALERT and length == 2:
            name = ALERTS.get(content[1], str(content[1]))
            refused = Text(f"heartbeat refusé (alerte {name})", f"heartbeat refused (alert {name})")
            return Point("heartbleed", False, refused)
        if kind == HEARTBEAT:
            return _told(content)
    raise ProtocolFailed(
        Text("la réponse du serveur est malformée", "the server's answer is malformed")
    )


def _told(content: bytes) -> Point:
    size = int.from_bytes(content[1:3], "big")
    if content[:1] == _RESPONSE and content[3 : 3 + size] == SOUND:
        mended = Text(
            "le heartbeat trop long est ignoré, celui qui le suit reçoit sa réponse",
            "the heartbeat that says too much is passed over, the one after it is answered",
        )
        return Point("heartbleed", False, mended)
    memory = Text(
        f"un heartbeat d'un octet en rapporte {size}",
        f"a heartbeat of one byte brings back {size}",
    )
    return Point("heartbleed", True, memory)


async def _exactly(stream: Stream, count: int) -> bytes:
    got = b""
    while len(got) < count:
        more = await stream.read(count - len(got))
        if not more:
            raise dropped()
        got += more
    return got
