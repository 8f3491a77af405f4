"""Says one ClientHello: the smallest question TLS allows.

No key is exchanged and no secret computed. A server's choice of version, suite or group stands
in its ServerHello (or HelloRetryRequest, RFC 8446 section 4.1.4), and its refusal in an alert;
silence, a reset or a closed connection is neither.
"""

from __future__ import annotations

import ipaddress
import os
import struct
from typing import NamedTuple

from gdpr_audit.checks.tls.suites import SIGNATURES

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

#: Extensions that a hello may carry on request, and what they then hold.
ENCRYPT_THEN_MAC = 22
DISCOURAGED = {
    15: ("heartbeat", b"\x01"),
    4: ("truncated_hmac", b""),
    2: ("client_certificate_url", b""),
    1: ("max_fragment_length", b"\x04"),
}
_ON_REQUEST = {ENCRYPT_THEN_MAC: b"", **{code: held for code, (_, held) in DISCOURAGED.items()}}


class Offer(NamedTuple):
    """What one ClientHello offers."""

    version: int
    suites: tuple[int, ...]
    host: str
    groups: tuple[int, ...] = ()
    compression: bool = False
    #: Every known signature algorithm unless told otherwise, so that none of them hides a suite.
    signatures: tuple[int, ...] = tuple(SIGNATURES)
    extra: tuple[int, ...] = ()  # extensions on request
    named: bool = False  # in SSL 3, which has no extensions, say the server's name in one


def _vector(content: bytes, size: int) -> bytes:
    return len(content).to_bytes(size, "big") + content


def _extension(code: int, content: bytes) -> bytes:
    return struct.pack("!H", code) + _vector(content, 2)


def _shorts(values: tuple[int, ...]) -> bytes:
    return struct.pack(f"!{len(values)}H", *values)


def client_hello(offer: Offer) -> bytes:
    """The record that carries the offer. SSL 3 has no extensions, but for a name on request."""
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
    elif offer.named:
        body += _vector(_name(offer.host), 2)
    message = b"\x01" + _vector(body, 3)
    return b"\x16" + struct.pack("!H", min(offer.version, TLS_1_0)) + _vector(message, 2)


def _extensions(offer: Offer, *, is_1_3: bool, so_far: int) -> bytes:
    parts = _name(offer.host)
    if offer.groups:
        parts += _extension(10, _vector(_shorts(offer.groups), 2))
        parts += _extension(11, _vector(b"\x00\x01\x02", 1))
    if offer.version >= TLS_1_2:
        parts += _extension(13, _vector(_shorts(offer.signatures), 2))
    if is_1_3:
        parts += _extension(43, _vector(_shorts((TLS_1_3,)), 1))
        parts += _extension(45, _vector(b"\x01", 1))
        parts += _extension(51, _vector(b"", 2))  # no share: the server names the group it wants
    else:
        parts += _extension(5, b"\x01\x00\x00\x00\x00")
        parts += _extension(18, b"")
        parts += _extension(23, b"")
        parts += _extension(35, b"")
    for code in offer.extra:
        parts += _extension(code, _ON_REQUEST[code])
    return parts + _padding(so_far + len(parts))


def _name(host: str) -> bytes:
    if is_address(host):
        return b""
    name = host.encode("idna") if not host.isascii() else host.encode()
    return _extension(0, _vector(b"\x00" + _vector(name, 2), 2))


def _padding(length: int) -> bytes:
    """RFC 7685: some load balancers hang on hellos of 256 to 511 bytes."""
    missing = 512 - length
    return _extension(21, b"\x00" * max(missing, 0)) if 0 < missing < 260 else b""


def is_address(host: str) -> bool:
    """An address is never sent as a server's name (RFC 6066 section 3)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def ssl_2_hello() -> bytes:
    """An SSL 2 CLIENT-HELLO that offers all seven of its cipher kinds."""
    kinds = bytes.fromhex("010080 020080 030080 040080 050080 060040 0700c0")
    body = b"\x01\x00\x02" + struct.pack("!HHH", len(kinds), 0, 16) + kinds + os.urandom(16)
    return struct.pack("!H", 0x8000 | len(body)) + body
