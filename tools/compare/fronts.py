"""What stands between a scanner and a server, and does not let everything through.

Each is given the port of the server behind, and yields its own. Behind each stands a server whose
faults are known: what a tool says of them through such a device shows what it makes of silence.
"""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.lab import servers

Front = Callable[[int], AbstractContextManager[int]]

#: Connections that the counting device lets through, as many limits on a firewall do.
LET_THROUGH = 10
#: Seconds before the slow server's first byte.
LATE = 6.0

HANDSHAKE, HEARTBEAT = 22, 24
SERVER_NAME = b"\x00\x00"


def _on(port: int, client: socket.socket, first: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 5) as peer:
        peer.sendall(first)
        servers.join(client, peer)


def asks_at_most(hello: bytes) -> int:
    """The highest version that a ClientHello in its record asks for; 0 where it is none."""
    if hello[:1] != bytes([HANDSHAKE]):
        return 0
    if b"\x00\x2b\x00\x03\x02\x03\x04" in hello or b"\x03\x04\x03\x03" in hello:
        return 0x0304
    return int.from_bytes(hello[9:11], "big")


@contextmanager
def cuts_old_hellos(port: int) -> Iterator[int]:
    """Cuts each hello that asks for TLS 1.1 at most, with a TCP reset."""

    def talk(client: socket.socket) -> None:
        hello = servers.record(client)
        if asks_at_most(hello) < 0x0303:
            servers.cut(client)
            return
        _on(port, client, hello)

    with servers.tcp(talk) as running:
        yield running.port


@contextmanager
def cuts_heartbeats(port: int) -> Iterator[int]:
    """Cuts the connection at the first heartbeat of the client, as intrusion prevention does."""

    def talk(client: socket.socket) -> None:
        hello = servers.record(client)
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            peer.sendall(hello)
            _watch(client, peer)

    with servers.tcp(talk) as running:
        yield running.port


def _watch(client: socket.socket, peer: socket.socket) -> None:
    """Carry on both ways, the client's side record by record."""
    peer.settimeout(0.05)
    client.settimeout(0.05)
    while True:
        try:
            data = peer.recv(65536)
            if not data:
                return
            client.sendall(data)
        except TimeoutError:
            pass
        try:
            kind = client.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            continue
        if not kind:
            return
        if kind[0] == HEARTBEAT:
            servers.cut(client)
            return
        client.settimeout(5)
        peer.sendall(servers.record(client))
        client.settimeout(0.05)


@contextmanager
def ten_connections(port: int) -> Iterator[int]:
    """Lets ten connections through, and cuts every later one before its first byte."""
    turn = itertools.count(1)

    def talk(client: socket.socket) -> None:
        if next(turn) > LET_THROUGH:
            servers.cut(client)
            return
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            servers.join(client, peer)

    with servers.tcp(talk) as running:
        yield running.port


@contextmanager
def slow(port: int) -> Iterator[int]:
    """Keeps each connection waiting before it passes on what was asked."""

    def talk(client: socket.socket) -> None:
        time.sleep(LATE)
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            servers.join(client, peer)

    with servers.tcp(talk) as running:
        yield running.port


@contextmanager
def named_only(port: int) -> Iterator[int]:
    """Answers hellos that name `localhost` alone; others get the alert unrecognized_name."""

    def talk(client: socket.socket) -> None:
        hello = servers.record(client)
        if b"\x00localhost" not in hello and b"\x09localhost" not in hello:
            client.sendall(b"\x15\x03\x01\x00\x02\x02\x70")
            client.shutdown(socket.SHUT_WR)
            client.recv(1)
            return
        _on(port, client, hello)

    with servers.tcp(talk) as running:
        yield running.port
