"""The relay: for libraries that open their own sockets, through the door all the same."""

from __future__ import annotations

import asyncio
import base64
import socket
from datetime import date
from typing import Any

from gdpr_audit.network import Door, Relay, Settings
from tests.lab import servers

DAY = date(2026, 11, 24)


def _client(relay: Relay, *, password: str | None = None) -> tuple[str, bytes]:
    """Connect as a library would: the proxy's status line, and the peer's first bytes."""
    token = base64.b64encode(f"{relay.user}:{password or relay.password}".encode()).decode()
    with socket.create_connection((relay.host, relay.port), 5) as connection:
        head = f"CONNECT any:1 HTTP/1.1\r\nProxy-Authorization: Basic {token}\r\n\r\n"
        connection.sendall(head.encode())
        status = connection.recv(1024).split(b"\r\n")[0].decode()
        if " 200 " not in status:
            return status, b""
        connection.sendall(b"hello")
        try:
            return status, connection.recv(1024)
        except ConnectionResetError:
            return status, b"RESET"


def relayed(port: int, settings: Settings | None = None, **options: Any) -> tuple[str, bytes, int]:
    async def main() -> tuple[str, bytes, int]:
        async with (
            Door(settings or Settings(), day=DAY) as door,
            door.relay("127.0.0.1", port, purpose="test") as relay,
        ):
            status, data = await asyncio.to_thread(_client, relay, **options)
            return status, data, relay.connections

    return asyncio.run(main())


def _shout(connection: socket.socket) -> None:
    connection.sendall(connection.recv(100).upper())


def test_it_leads_to_the_one_port_whatever_is_asked_for() -> None:
    with servers.tcp(_shout) as server:
        status, data, connections = relayed(server.port)

    assert "200" in status
    assert data == b"HELLO"
    assert connections == 1


def test_others_on_this_machine_are_kept_out() -> None:
    with servers.tcp(_shout) as server:
        status, _, connections = relayed(server.port, password="guess")

        assert "407" in status
        assert connections == 0
        assert server.seen == []


def test_a_peer_that_cannot_be_reached_is_a_bad_gateway() -> None:
    assert "502" in relayed(1)[0]


def test_a_reset_is_passed_on_as_a_reset() -> None:
    with servers.tcp(servers.reset) as server:
        assert relayed(server.port)[1] == b"RESET"


def test_the_budget_holds_for_what_goes_through_it() -> None:
    with servers.tcp(_shout) as server:
        assert "502" in relayed(server.port, Settings(budget=0))[0]
        assert server.seen == []
