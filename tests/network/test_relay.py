"""The relay: for libraries that open their own sockets, through the door all the same."""

from __future__ import annotations

import asyncio
import base64
import socket
from datetime import date
from typing import Any

import pytest

from gdpr_audit.network import Door, Relay, Settings, browse
from tests.lab import servers

DAY = date(2026, 11, 24)


def _client(relay: Relay, *, password: str | None = None, to: str = "any:1") -> tuple[str, bytes]:
    """Connect as a library would: the proxy's status line, and the peer's first bytes."""
    token = base64.b64encode(f"{relay.user}:{password or relay.password}".encode()).decode()
    with socket.create_connection((relay.host, relay.port), 5) as connection:
        head = f"CONNECT {to} HTTP/1.1\r\nProxy-Authorization: Basic {token}\r\n\r\n"
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


@pytest.mark.parametrize(
    ("when", "led"), [("before", True), ("while it waits", True), ("never", False)]
)
def test_a_browser_is_led_only_where_the_page_asks_for_something(
    when: str, led: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "EXPLAINED", 0.5)

    async def main(port: int, names: int) -> tuple[str, Any]:
        settings = Settings(resolver=("127.0.0.1", names))
        async with (
            Door(settings, day=DAY) as door,
            door.browse("127.0.0.1", 1, purpose="test") as relay,
        ):
            if when == "before":
                relay.asks_for("other.example.test")
            client = asyncio.create_task(
                asyncio.to_thread(_client, relay, to=f"Other.example.test:{port}")
            )
            if when == "while it waits":
                await asyncio.sleep(0.1)
                relay.asks_for("other.example.test")
            return (await client)[0], relay.failure

    zone = {"A": [("other.example.test", "A", "127.0.0.1")], "AAAA": []}
    with servers.tcp(_shout) as server, servers.dns_server(lambda _, kind: zone[kind]) as names:
        status, failure = asyncio.run(main(server.port, names.port))

    assert ("200" in status) == led
    assert bool(server.seen) == bool(names.seen) == led  # not even its name is asked
    assert failure is None  # nothing that was to be looked at
