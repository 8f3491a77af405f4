"""Faults that no server which runs on a system of today still has, played by scripts.

Each script stands in front of a real server, passes ordinary handshakes on to it, and does its
part only where the fault shows. That tells what is made of such an answer, and not how the true
thing would come to give it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.lab import servers

#: What a script makes of one record, as raw bytes.
Change = Callable[[bytes], bytes]
#: What a script says to the client's first record after the server's first flight; None where it
#: has nothing to say and the server is to answer.
Reply = Callable[[bytes, socket.socket], bytes | None]

CHANGE_CIPHER, ALERT, HANDSHAKE, HEARTBEAT = 20, 21, 22, 24
CLIENT_HELLO, SERVER_HELLO, SERVER_DONE = 1, 2, 14
HEARTBEAT_EXTENSION = 15
HEARTBEAT_LIMIT = 2**14 - 19  # bytes: what fits in one record beside type, length and padding
FALLBACK_SCSV = b"\x56\x00"
GREASE = b"\x0a\x0a"  # RFC 8701: a suite that nobody has


def _record(kind: int, content: bytes, version: bytes = b"\x03\x03") -> bytes:
    return bytes([kind]) + version + len(content).to_bytes(2, "big") + content


def _end(client: socket.socket, last: bytes) -> None:
    """Say a last thing, and hear the client out: closed before that, it may not get to read it."""
    client.sendall(last)
    client.shutdown(socket.SHUT_WR)
    while client.recv(4096):
        pass


def _unchanged(record: bytes) -> bytes:
    return record


def _no_reply(record: bytes, client: socket.socket) -> bytes | None:
    del record, client
    return None


@contextmanager
def _before(
    port: int,
    *,
    hello: Change = _unchanged,
    answer: Callable[[bytes, bytes], bytes] = lambda _, record: record,
    reply: Reply = _no_reply,
) -> Iterator[int]:
    """In front of a server that speaks TLS 1.2 and no later version.

    `hello` changes the ClientHello; `answer` what answers it, given the ClientHello as well.
    """

    def talk(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            if client.recv(1, socket.MSG_PEEK) != bytes([HANDSHAKE]):  # SSL 2, or no TLS at all
                servers.join(client, peer)
                return
            asked = servers.record(client)
            peer.sendall(hello(asked))
            if _first_flight(asked, client, peer, answer):
                said = servers.record(client)
                own = reply(said, client)
                if own is not None:
                    _end(client, own)
                    return
                peer.sendall(said)
            servers.join(client, peer)

    with servers.tcp(talk) as running:
        yield running.port


def _first_flight(
    asked: bytes,
    client: socket.socket,
    peer: socket.socket,
    answer: Callable[[bytes, bytes], bytes],
) -> bool:
    """Pass it on, to its ServerHelloDone. False where the server answered with an alert."""
    while True:
        record = servers.record(peer)
        if record[0] != HANDSHAKE:
            client.sendall(record)
            return False
        client.sendall(answer(asked, record) if record[5] == SERVER_HELLO else record)
        if record.endswith(bytes([SERVER_DONE, 0, 0, 0])):
            return True


def _after_session(hello: bytes) -> int:
    """Where the session id of a ClientHello or ServerHello ends, in its record."""
    return 5 + 4 + 2 + 32 + 1 + hello[5 + 4 + 2 + 32]


def _after_suites(hello: bytes) -> int:
    at = _after_session(hello)
    return at + 2 + int.from_bytes(hello[at : at + 2], "big")


def _offers_extension(hello: bytes, code: int) -> bool:
    at = _after_suites(hello)
    at += 1 + hello[at] + 2
    while at + 4 <= len(hello):
        if int.from_bytes(hello[at : at + 2], "big") == code:
            return True
        at += 4 + int.from_bytes(hello[at + 2 : at + 4], "big")
    return False


@contextmanager
def compressing(port: int) -> Iterator[int]:
    """Takes DEFLATE wherever a hello offers it."""

    def answer(asked: bytes, record: bytes) -> bytes:
        at = _after_suites(asked)
        if 1 not in asked[at + 1 : at + 1 + asked[at]]:
            return record
        method = _after_session(record) + 2
        return record[:method] + b"\x01" + record[method + 1 :]

    with _before(port, answer=answer) as own:
        yield own


@contextmanager
def falling_back(port: int) -> Iterator[int]:
    """Does not know TLS_FALLBACK_SCSV, which another suite without meaning stands in for."""

    def hello(asked: bytes) -> bytes:
        start, end = _after_session(asked) + 2, _after_suites(asked)
        suites = [asked[i : i + 2] for i in range(start, end, 2)]
        known = b"".join(GREASE if suite == FALLBACK_SCSV else suite for suite in suites)
        return asked[:start] + known + asked[end:]

    with _before(port, hello=hello) as own:
        yield own


@contextmanager
def bleeding(port: int) -> Iterator[int]:
    """CVE-2014-0160: takes heartbeats up, and answers one with as much as it asks for."""

    def answer(asked: bytes, record: bytes) -> bytes:
        if not _offers_extension(asked, HEARTBEAT_EXTENSION):
            return record
        return _with_extension(record, b"\x00\x0f\x00\x01\x01")

    def reply(said: bytes, client: socket.socket) -> bytes | None:
        del client
        if said[0] != HEARTBEAT:
            return None
        asked = min(int.from_bytes(said[6:8], "big"), HEARTBEAT_LIMIT)
        memory = said[8:].ljust(asked, b"\x00")
        padding = bytes(16)  # RFC 6520 section 4
        return _record(HEARTBEAT, b"\x02" + len(memory).to_bytes(2, "big") + memory + padding)

    with _before(port, answer=answer, reply=reply) as own:
        yield own


def _with_extension(record: bytes, extension: bytes) -> bytes:
    """A record that begins with a ServerHello, with one extension more in it."""
    end = 9 + int.from_bytes(record[6:9], "big")
    at = _after_session(record) + 3
    known, rest = record[at + 2 : end], record[end:]
    extensions = known + extension
    body = record[9:at] + len(extensions).to_bytes(2, "big") + extensions
    message = bytes([SERVER_HELLO]) + len(body).to_bytes(3, "big") + body
    return _record(HANDSHAKE, message + rest, record[1:3])


@contextmanager
def accepting_early_ciphers(port: int) -> Iterator[int]:
    """CVE-2014-0224: takes a ChangeCipherSpec before there is a key, and decrypts from then on."""

    def reply(said: bytes, client: socket.socket) -> bytes | None:
        if said[0] != CHANGE_CIPHER:
            return None
        servers.record(client)  # which it tries to decrypt
        return _record(ALERT, b"\x02\x14")  # bad_record_mac

    with _before(port, reply=reply) as own:
        yield own


@contextmanager
def padding_oracle(port: int, key: Path) -> Iterator[int]:
    """ROBOT: tells by its alert whether what was encrypted for its RSA key is well padded."""
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    numbers = private.private_numbers()
    modulus, size = numbers.public_numbers.n, private.key_size // 8

    def well_padded(block: bytes) -> bool:
        return block.startswith(b"\x00\x02") and block[2:].find(b"\x00") == size - 2 - 49

    def reply(said: bytes, client: socket.socket) -> bytes | None:
        del client
        encrypted = int.from_bytes(said[-size:], "big")
        if well_padded(pow(encrypted, numbers.d, modulus).to_bytes(size, "big")):
            return None
        return _record(ALERT, b"\x02\x33")  # decrypt_error

    with _before(port, reply=reply) as own:
        yield own


@contextmanager
def ssl_2(port: int, certificate: bytes) -> Iterator[int]:
    """Answers an SSL 2 CLIENT-HELLO as a server of 1995 would; all else goes to the server behind."""
    kinds = bytes.fromhex("010080 0700c0")
    lengths = b"".join(len(part).to_bytes(2, "big") for part in (certificate, kinds, bytes(16)))
    body = b"\x04\x00\x01\x00\x02" + lengths + certificate + kinds + bytes(16)
    server_hello = (0x8000 | len(body)).to_bytes(2, "big") + body

    def talk(client: socket.socket) -> None:
        first = client.recv(3, socket.MSG_PEEK)
        if first[0] & 0x80 and first[2:] == b"\x01":
            _end(client, server_hello)
            return
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            servers.join(client, peer)

    with servers.tcp(talk) as running:
        yield running.port
