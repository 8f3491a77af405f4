"""Says one ClientHello and reads what the server answers: the smallest question TLS allows.

No key is exchanged and no secret computed. A server's choice of version, suite or group stands
in its ServerHello (or HelloRetryRequest, RFC 8446 section 4.1.4), and its refusal in an alert;
silence, a reset or a closed connection is neither.
"""

from __future__ import annotations

import ipaddress
import os
import struct
from dataclasses import dataclass, field, replace

from gdpr_audit.checks.tls.suites import registry
from gdpr_audit.errors import ConnectFailed, NetworkError, ProtocolFailed
from gdpr_audit.model import Text
from gdpr_audit.network import Stream

SSL_3, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
NAMES = {
    0x0002: "SSL 2",
    SSL_3: "SSL 3",
    TLS_1_0: "TLS 1.0",
    TLS_1_1: "TLS 1.1",
    TLS_1_2: "TLS 1.2",
    TLS_1_3: "TLS 1.3",
}
FALLBACK_SCSV = 0x5600
RENEGOTIATION_SCSV = 0x00FF

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

#: Every signature algorithm of TLS 1.2 and 1.3, so that none of them hides a suite.
_SIGNATURES = (
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B,
    0x0401, 0x0501, 0x0601, 0x0402, 0x0502, 0x0602, 0x0301, 0x0302, 0x0303, 0x0201, 0x0202,
    0x0203, 0x0101,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """What one ClientHello offers."""

    version: int
    suites: tuple[int, ...]
    host: str
    groups: tuple[int, ...] = ()
    compression: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server went on with the handshake, and chose so."""

    version: int
    suite: int
    compression: int = 0
    extensions: dict[int, bytes] = field(default_factory=dict)
    group: int | None = None
    dh_bits: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The server said no, in an alert or by another version than the one offered."""

    why: str


@dataclass(frozen=True, slots=True)
class NotTls:
    """The server answered, and not in TLS."""

    first_bytes: bytes


Answer = Accepted | Refused | NotTls


def _vector(content: bytes, size: int) -> bytes:
    return len(content).to_bytes(size, "big") + content


def _extension(code: int, content: bytes) -> bytes:
    return struct.pack("!H", code) + _vector(content, 2)


def _shorts(values: tuple[int, ...]) -> bytes:
    return b"".join(struct.pack("!H", value) for value in values)


def client_hello(offer: Offer) -> bytes:
    """The record that carries the offer. SSL 3 has no extensions."""
    is_1_3 = offer.version == TLS_1_3
    legacy = TLS_1_2 if is_1_3 else offer.version
    suites = offer.suites
    if not is_1_3:
        suites = (*suites, RENEGOTIATION_SCSV)
    body = struct.pack("!H", legacy) + os.urandom(32)
    body += _vector(os.urandom(32) if is_1_3 else b"", 1)
    body += _vector(_shorts(suites), 2)
    body += _vector(b"\x01\x00" if offer.compression else b"\x00", 1)
    if offer.version >= TLS_1_0:
        body += _vector(_extensions(offer, is_1_3=is_1_3, so_far=len(body)), 2)
    message = b"\x01" + _vector(body, 3)
    return b"\x16" + struct.pack("!H", min(offer.version, TLS_1_0)) + _vector(message, 2)


def _extensions(offer: Offer, *, is_1_3: bool, so_far: int) -> bytes:
    parts = b""
    if not _is_address(offer.host):
        name = offer.host.encode("idna") if not offer.host.isascii() else offer.host.encode()
        parts += _extension(0, _vector(b"\x00" + _vector(name, 2), 2))
    if offer.groups:
        parts += _extension(10, _vector(_shorts(offer.groups), 2))
        parts += _extension(11, _vector(b"\x00\x01\x02", 1))
    if offer.version >= TLS_1_2:
        parts += _extension(13, _vector(_shorts(_SIGNATURES), 2))
    if is_1_3:
        parts += _extension(43, _vector(_shorts((TLS_1_3,)), 1))
        parts += _extension(45, _vector(b"\x01", 1))
        parts += _extension(51, _vector(b"", 2))  # no share: the server names the group it wants
    else:
        parts += _extension(5, b"\x01\x00\x00\x00\x00")
        parts += _extension(18, b"")
        parts += _extension(23, b"")
        parts += _extension(35, b"")
    return parts + _padding(so_far + len(parts))


def _padding(length: int) -> bytes:
    """RFC 7685: some load balancers hang on hellos of 256 to 511 bytes."""
    missing = 512 - length
    return _extension(21, b"\x00" * max(missing, 0)) if 0 < missing < 260 else b""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


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
            raise ProtocolFailed(
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
            self.hello = _server_hello(body)
            if self.hello.version != self.offer.version:
                other = NAMES.get(self.hello.version, hex(self.hello.version))
                return Refused(f"answered with {other}")
            if self.hello.suite not in self.offer.suites:
                raise _garbled()
            return self.hello if self.offer.version == TLS_1_3 else None
        if self.hello is None:
            raise _garbled()
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
    """The group of an ephemeral exchange: a named curve, or the size of the prime."""
    suite = registry().get(hello.suite)
    name = suite.name if suite else ""
    before = name.partition("_WITH_")[0]
    at = 2 + int.from_bytes(body[:2], "big") if "PSK" in before else 0
    if "ECDH" in before and body[at] == 3:
        return replace(hello, group=int.from_bytes(body[at + 1 : at + 3], "big"))
    if "DH" in before and "ECDH" not in before:
        length = int.from_bytes(body[at : at + 2], "big")
        prime = int.from_bytes(body[at + 2 : at + 2 + length], "big")
        return replace(hello, dh_bits=prime.bit_length())
    return hello


def ssl_2_hello() -> bytes:
    """An SSL 2 CLIENT-HELLO that offers all seven of its cipher kinds."""
    kinds = bytes.fromhex("010080 020080 030080 040080 050080 060040 0700c0")
    body = b"\x01\x00\x02" + struct.pack("!HHH", len(kinds), 0, 16) + kinds + os.urandom(16)
    return struct.pack("!H", 0x8000 | len(body)) + body


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
