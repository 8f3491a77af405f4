"""Reads what a server answers to a ClientHello, up to where its choice is clear.

Below TLS 1.3 the certificates and the stapled OCSP response come in clear, and are kept.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gdpr_audit.checks.tls.hello import NAMES, TLS_1_2, TLS_1_3, Offer, client_hello, ssl_2_hello
from gdpr_audit.checks.tls.suites import registry
from gdpr_audit.errors import ConnectFailed, NetworkError, ProtocolFailed
from gdpr_audit.model import Text
from gdpr_audit.network import Stream

ANSWER_LIMIT = 256 * 1024  # bytes; a chain of 10,000 names is still below it

#: RFC 8446 section 4.1.3: the random value that marks a ServerHello as HelloRetryRequest.
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    40: "handshake_failure",
    42: "bad_certificate",
    47: "illegal_parameter",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    116: "certificate_required",
    120: "no_application_protocol",
}
#: Alerts that speak of the name or of our hello, and not of what was offered in it.
_NO_ANSWER = (42, 49, 50, 90, 109, 110, 112, 116, 120)
UNRECOGNIZED_NAME = 112
#: Alerts by which a server says that it does not speak the version, whatever else was offered.
VERSION_ALERT = "alert protocol_version"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server went on with the handshake, and chose so."""

    version: int
    suite: int
    compression: int = 0
    extensions: dict[int, bytes] = field(default_factory=dict)
    group: int | None = None
    dh_bits: int | None = None
    signature: int | None = None  # of its key exchange, in TLS 1.2
    certificates: tuple[bytes, ...] = ()  # DER, the leaf first; in clear below TLS 1.3 alone
    ocsp: bytes | None = None  # DER, where one is stapled


class Refused(NamedTuple):
    """The server said no, in an alert or by another version than the one offered."""

    why: str


class NameUnknown(ProtocolFailed):
    """The server speaks to those alone who name it."""


class NotTls(NamedTuple):
    """The server answered, and not in TLS."""

    first_bytes: bytes


Answer = Accepted | Refused | NotTls


async def ask(stream: Stream, offer: Offer) -> Answer:
    """Send the offer and read the answer. Raises NetworkError where there is none."""
    await stream.write(client_hello(offer))
    return await _Reader(stream, offer).answer()


class _Reader:
    """Reads records until the answer is clear, and no further."""

    def __init__(self, stream: Stream, offer: Offer) -> None:
        self.stream, self.offer = stream, offer
        self.handshake = b""
        self.left = ANSWER_LIMIT
        self.hello: Accepted | None = None

    async def answer(self) -> Answer:
        try:
            return await self._read()
        except NetworkError:
            if self.hello is not None:
                return self.hello  # it had chosen; what came after is no matter
            raise

    async def _read(self) -> Answer:
        first = True
        while True:
            header = await self._exactly(5)
            kind, version, length = header[0], header[1], int.from_bytes(header[3:], "big")
            if kind not in (20, 21, 22, 23) or version != 3:
                if first:
                    return NotTls(header)
                raise _garbled()
            first = False
            content = await self._exactly(length)
            settled: Answer | None = self.hello
            if kind == 21 and length == 2:
                settled = self._alert(content)
            elif kind == 22:
                self.handshake += content
                settled = self._messages()
            if settled is not None:
                return settled

    def _alert(self, content: bytes) -> Answer | None:
        level, code = content
        if self.hello is not None:
            return self.hello  # it had chosen; what it then misses in us is no matter
        name = ALERTS.get(code, f"alert {code}")
        if level == 1 and code not in (0, 90):
            return None  # a warning: the handshake goes on
        if code in _NO_ANSWER:
            raise (NameUnknown if code == UNRECOGNIZED_NAME else ProtocolFailed)(
                Text(
                    f"le serveur a refusé la connexion elle-même (alerte TLS {name})",
                    f"the server refused the connection as such (TLS alert {name})",
                )
            )
        return Refused(f"alert {name}")

    def _messages(self) -> Answer | None:
        """Take whole messages off the buffer: ServerHello first, then the key exchange."""
        while len(self.handshake) >= 4:
            kind, length = self.handshake[0], int.from_bytes(self.handshake[1:4], "big")
            if length > ANSWER_LIMIT:
                raise _garbled()
            if len(self.handshake) < 4 + length:
                return None
            body, self.handshake = self.handshake[4 : 4 + length], self.handshake[4 + length :]
            try:
                settled = self._message(kind, body)
            except (IndexError, struct.error) as error:
                raise _garbled() from error
            if settled is not None:
                return settled
        return None

    def _message(self, kind: int, body: bytes) -> Answer | None:
        if kind == 2:
            chosen = _server_hello(body)
            if chosen.version != self.offer.version:
                other = NAMES.get(chosen.version, hex(chosen.version))
                return Refused(f"answered with {other}")
            if chosen.suite not in self.offer.suites:
                raise _garbled()
            self.hello = chosen  # not before: what is garbled has chosen nothing
            return chosen if self.offer.version == TLS_1_3 else None
        if self.hello is None:
            raise _garbled()
        if kind == 11:
            self.hello = replace(self.hello, certificates=_certificates(body))
            return None
        if kind == 22 and body[:1] == b"\x01":
            self.hello = replace(self.hello, ocsp=body[4:])
            return None
        if kind == 12:
            return _with_key_exchange(self.hello, body)
        return self.hello if kind in (13, 14) else None

    async def _exactly(self, count: int) -> bytes:
        if count > self.left:
            raise _garbled()
        self.left -= count
        got = b""
        while len(got) < count:
            more = await self.stream.read(count - len(got))
            if not more and got and not self.handshake and count == 5:
                return got.ljust(5, b"\0")  # a few bytes and an end: an answer, if no TLS
            if not more:
                raise dropped()
            got += more
        return got


def _certificates(body: bytes) -> tuple[bytes, ...]:
    found = []
    at, end = 3, min(len(body), 3 + int.from_bytes(body[:3], "big"))
    while at + 3 <= end:
        length = int.from_bytes(body[at : at + 3], "big")
        found.append(body[at + 3 : at + 3 + length])
        at += 3 + length
    return tuple(found)


def _garbled() -> ProtocolFailed:
    return ProtocolFailed(
        Text("la réponse TLS du serveur est malformée", "the server's TLS answer is malformed")
    )


def dropped() -> ConnectFailed:
    """Closed without a word: by the server, or by something on the way."""
    return ConnectFailed(
        Text(
            "la connexion a été coupée sans réponse TLS, ce qui ne prouve rien",
            "the connection was cut without a TLS answer, which shows nothing",
        )
    )


def _server_hello(body: bytes) -> Accepted:
    version = int.from_bytes(body[0:2], "big")
    random = body[2:34]
    at = 35 + body[34]
    suite = int.from_bytes(body[at : at + 2], "big")
    compression = body[at + 2]
    extensions = _parse_extensions(body[at + 3 :])
    if 43 in extensions:
        version = int.from_bytes(extensions[43][:2], "big")
    group = None
    if 51 in extensions:
        group = int.from_bytes(extensions[51][:2], "big")
    if random == _RETRY and group is None:
        version = TLS_1_3  # a retry that only asks for a cookie still chose the suite
    return Accepted(version, suite, compression, extensions, group)


def _parse_extensions(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    if len(data) < 2:
        return found
    at, end = 2, min(len(data), 2 + int.from_bytes(data[:2], "big"))
    while at + 4 <= end:
        code, length = struct.unpack("!HH", data[at : at + 4])
        found[code] = data[at + 4 : at + 4 + length]
        at += 4 + length
    return found


def _with_key_exchange(hello: Accepted, body: bytes) -> Accepted:
    """The group of an ephemeral exchange (a named curve, or the prime's size), and who signs it."""
    suite = registry().get(hello.suite)
    name = suite.name if suite else ""
    before = name.partition("_WITH_")[0]
    at = 2 + int.from_bytes(body[:2], "big") if "PSK" in before else 0
    if "ECDH" in before and body[at] == 3:
        after = at + 4 + body[at + 3]
        found = replace(hello, group=int.from_bytes(body[at + 1 : at + 3], "big"))
    elif "DH" in before and "ECDH" not in before:
        length = int.from_bytes(body[at : at + 2], "big")
        prime = int.from_bytes(body[at + 2 : at + 2 + length], "big")
        after = at
        for _ in range(3):  # the prime, the generator, the server's share
            after += 2 + int.from_bytes(body[after : after + 2], "big")
        found = replace(hello, dh_bits=prime.bit_length())
    else:
        return hello
    if hello.version != TLS_1_2 or "anon" in before or "PSK" in before:
        return found
    return replace(found, signature=int.from_bytes(body[after : after + 2], "big"))


async def ask_ssl_2(stream: Stream) -> Answer:
    """Whether the server goes on in SSL 2. Raises NetworkError where it just hangs up."""
    await stream.write(ssl_2_hello())
    data = b""
    while len(data) < 11:
        more = await stream.read(64)
        if not more:
            break
        data += more
    if len(data) >= 11 and data[0] & 0x80 and data[2] == 4:
        return Accepted(0x0002, int.from_bytes(data[9:11], "big"))
    if len(data) >= 5 and data[0] & 0x80 and data[2] == 0:
        return Refused("SSL 2 error")
    if len(data) >= 7 and data[0] == 21 and data[1] == 3:
        return Refused(f"alert {ALERTS.get(data[6], data[6])}")
    if not data:
        raise dropped()
    return NotTls(data[:16])
