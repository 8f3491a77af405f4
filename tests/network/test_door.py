"""The door: bounds, budget, journal, mandate, proxy, resolver."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pytest

from gdpr_audit.errors import (
    BoundExceeded,
    BudgetSpent,
    ConnectFailed,
    ConnectionRefused,
    DeadlineExceeded,
    InputError,
    NetworkError,
    OutOfMandate,
    ResolutionFailed,
    TlsFailed,
)
from gdpr_audit.network import Door, Mandate, Settings
from gdpr_audit.network.settings import Proxy
from tests.lab import servers

DAY = date(2026, 11, 24)
T = TypeVar("T")


def through(settings: Settings, use: Callable[[Door], Awaitable[T]], **options: Any) -> T:
    async def main() -> T:
        async with Door(settings, day=DAY, **options) as door:
            return await use(door)

    return asyncio.run(main())


def _echo(connection: Any) -> None:
    while data := connection.recv(4096):
        connection.sendall(data)


def _flood(connection: Any) -> None:
    while True:
        connection.sendall(b"x" * 65536)


def test_what_came_before_a_reset_is_read_before_it() -> None:
    def talk(connection: Any) -> None:
        connection.recv(1)
        connection.sendall(b"no, because")
        servers.cut(connection)

    async def use(door: Door) -> bytes:
        stream = await door.connect("127.0.0.1", server.port, purpose="test")
        await stream.write(b"hello")
        await asyncio.sleep(0.2)  # both have come by now
        said = await stream.read(3) + await stream.read(100)
        with pytest.raises(ConnectFailed, match="TCP reset"):
            await stream.read(1)
        return said

    with servers.tcp(talk) as server:
        assert through(Settings(), use) == b"no, because"


@pytest.mark.parametrize("cut", [False, True])
def test_a_line_is_read_and_nothing_beyond_it(cut: bool) -> None:
    """All of it in one segment, with a reset behind it or an orderly end."""

    def talk(connection: Any) -> None:
        connection.recv(1)
        connection.sendall(b"220-go\r\n220 on\n\x16\x03\n\x03")
        if cut:
            servers.cut(connection)

    async def use(door: Door) -> list[bytes]:
        stream = await door.connect("127.0.0.1", server.port, purpose="test")
        await stream.write(b"hello")
        await asyncio.sleep(0.2)
        return [
            await stream.read_line(),
            await stream.read_line(),
            await stream.read(2),
            await stream.read_line(),
            await stream.read_line(),
        ]

    with servers.tcp(talk) as server:
        assert through(Settings(), use) == [b"220-go\r\n", b"220 on\n", b"\x16\x03", b"\n", b"\x03"]


def test_a_line_without_an_end_is_bounded() -> None:
    async def use(door: Door) -> None:
        stream = await door.connect("127.0.0.1", server.port, purpose="test")
        await stream.write(b"hello")
        with pytest.raises(BoundExceeded, match="65536 bytes"):
            await stream.read_line()

    with servers.tcp(_flood) as server:
        through(Settings(), use)


def test_bytes_go_and_come_and_are_counted() -> None:
    async def use(door: Door) -> tuple[bytes, int, int]:
        stream = await door.connect("127.0.0.1", server.port, purpose="test")
        await stream.write(b"hello")
        data = await stream.read_exactly(5)
        await stream.aclose()
        traffic = door.traffic("127.0.0.1", server.port)
        return data, traffic.connections, traffic.received

    with servers.tcp(_echo) as server:
        assert through(Settings(), use) == (b"hello", 1, 5)


def test_a_refused_port_is_told_from_a_silent_one() -> None:
    async def refused(door: Door) -> None:
        await door.connect("127.0.0.1", 1, purpose="test")

    async def silent(door: Door) -> None:
        stream = await door.connect("127.0.0.1", server.port, purpose="test")
        await stream.read()

    with pytest.raises(ConnectionRefused, match="127.0.0.1:1: .*TCP reset"):
        through(Settings(), refused)
    with (
        servers.tcp(servers.silent) as server,
        pytest.raises(ConnectFailed, match="did not answer") as e,
    ):
        through(Settings(read_seconds=0.2), silent)
    assert not isinstance(e.value, ConnectionRefused)


def test_a_flood_is_bounded() -> None:
    async def use(door: Door) -> None:
        stream = await door.connect("127.0.0.1", server.port, purpose="test")
        while await stream.read():
            pass

    with servers.tcp(_flood) as server, pytest.raises(BoundExceeded):
        through(Settings(stream_limit=100_000), use)


def test_the_budget_of_a_host_is_kept() -> None:
    async def use(door: Door) -> None:
        for _ in range(4):
            stream = await door.connect("127.0.0.1", server.port, purpose="test")
            await stream.aclose()

    with servers.tcp(_echo) as server:
        with pytest.raises(BudgetSpent):
            through(Settings(budget=3), use)
        servers.eventually(lambda: len(server.seen) == 3)


def test_no_more_connections_are_open_at_once_than_allowed() -> None:
    async def use(door: Door) -> int:
        most = open_now = 0

        async def one() -> None:
            nonlocal most, open_now
            stream = await door.connect("127.0.0.1", server.port, purpose="test")
            open_now += 1
            most = max(most, open_now)
            await asyncio.sleep(0.01)
            open_now -= 1
            await stream.aclose()

        await asyncio.gather(*(one() for _ in range(12)))
        return most

    with servers.tcp(_echo) as server:
        assert through(Settings(at_once=2), use) == 2


def test_after_the_deadline_everything_is_cut() -> None:
    async def use(door: Door) -> None:
        stream = await door.connect("127.0.0.1", server.port, purpose="test")
        door.expire()
        with pytest.raises(NetworkError):
            await stream.write(b"x" * 10)
            await stream.read()
        await door.connect("127.0.0.1", server.port, purpose="test")

    with servers.tcp(_echo) as server, pytest.raises(DeadlineExceeded):
        through(Settings(), use)


def test_everything_sent_is_in_the_journal_and_nothing_personal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"

    async def use(door: Door) -> None:
        await door.get(f"http://localhost:{server.port}/a?email=alix@example.fr", purpose="why")

    with servers.web(lambda *_: servers.Answer(body=b"ok")) as server:
        through(Settings(journal=path), use)
    lines = [json.loads(line) for line in path.read_text().splitlines()]

    assert {line["kind"] for line in lines} == {"dns", "tcp", "http"}
    (tcp,) = (line for line in lines if line["kind"] == "tcp" and line["outcome"] == "closed")
    assert tcp["purpose"] == "why"
    assert tcp["sent"] > 0
    assert tcp["received"] > 0
    assert tcp["time"].endswith("Z")
    assert "alix" not in path.read_text()


def test_an_unwritable_journal_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--journal"):
        Door(Settings(journal=tmp_path / "no" / "journal"), day=DAY)


def _zone(name: str, rdtype: str) -> Any:
    if name == "rdv.example.test":
        return {"A": [(name, "A", "127.0.0.1")]}.get(rdtype, [])
    if name == "www.example.test":
        return [(name, "CNAME", "rdv.example.test."), ("rdv.example.test", "A", "127.0.0.1")]
    if name == "loop.example.test":
        return [(name, "CNAME", "pool.example.test."), ("pool.example.test", "CNAME", f"{name}.")]
    if name == "txt.example.test":
        return [(name, "TXT", '"16276 | 192.0.2.0/24 | FR | ripencc |"')]
    return {"silent.example.test": None, "broken.example.test": 2}.get(name, 3)


def _at(port: int, **options: Any) -> Settings:
    return Settings(resolver=("127.0.0.1", port), **options)


def test_names_are_asked_of_the_named_resolver_alone() -> None:
    async def use(door: Door) -> tuple[Any, Any]:
        return (
            await door.addresses("RDV.example.test.", purpose="t"),
            await door.lookup("www.example.test", "A", purpose="t"),
        )

    with servers.dns_server(_zone) as server:
        addresses, answer = through(_at(server.port), use)

    assert addresses == ("127.0.0.1",)
    assert answer.chain == ("rdv.example.test",)
    assert answer.records == ("127.0.0.1",)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("nowhere.example.test", "no address"),
        ("broken.example.test", "SERVFAIL"),
        ("loop.example.test", "circles"),
        ("a" * 70 + ".test", "not a DNS name"),
    ],
)
def test_a_name_that_does_not_resolve_says_why(name: str, word: str) -> None:
    async def use(door: Door) -> None:
        await door.addresses(name, purpose="t")

    with servers.dns_server(_zone) as server, pytest.raises(ResolutionFailed, match=word):
        through(_at(server.port), use)


@pytest.mark.parametrize(
    ("name", "rdtype", "records", "exists"),
    [
        ("localhost", "A", ("127.0.0.1",), True),
        ("rdv.localhost", "AAAA", ("::1",), True),
        ("localhost", "MX", (), True),
        ("9.0.0.127.in-addr.arpa", "PTR", (), False),
        (f"1.{'0.' * 31}ip6.arpa", "PTR", (), False),
    ],
)
def test_this_machines_own_names_are_asked_of_no_one(
    name: str, rdtype: str, records: tuple[str, ...], exists: bool
) -> None:
    with servers.dns_server(_zone) as server:
        settings = Settings(resolver=("127.0.0.1", server.port))
        told = through(settings, lambda door: door.lookup(name, rdtype, purpose="t"))
    assert (told.records, told.exists, server.seen) == (records, exists, [])


def test_what_does_not_exist_is_told_from_what_was_not_answered() -> None:
    async def use(door: Door) -> bool:
        return (await door.lookup("nowhere.example.test", "TXT", purpose="t")).exists

    with servers.dns_server(_zone) as server:
        assert through(_at(server.port), use) is False


MANDATE = Mandate("RSSI", "L-1", ("*.example.test", "192.0.2.0/24"), DAY, date(2026, 12, 31))


@pytest.mark.parametrize(
    ("host", "addresses", "day", "covered"),
    [
        ("rdv.example.test", [], DAY, True),
        ("a.b.EXAMPLE.test.", [], DAY, True),
        ("example.test", [], DAY, False),
        ("badexample.test", [], DAY, False),
        ("other.test", ["192.0.2.7"], DAY, True),
        ("other.test", ["192.0.2.7", "198.51.100.1"], DAY, False),
        ("other.test", [], DAY, False),
        ("rdv.example.test", [], date(2026, 11, 23), False),
        ("rdv.example.test", [], date(2027, 1, 1), False),
    ],
)
def test_what_a_mandate_covers(host: str, addresses: list[str], day: date, covered: bool) -> None:
    assert (MANDATE.refuses(host, addresses, day) is None) is covered


@pytest.mark.parametrize(
    ("mandate", "active", "word"),
    [(None, True, "no mandate"), (MANDATE, False, "--active"), (MANDATE, True, "does not cover")],
)
def test_a_probe_out_of_mandate_is_refused_before_a_packet_leaves(
    mandate: Mandate | None, active: bool, word: str
) -> None:
    async def use(door: Door) -> None:
        await door.probe("127.0.0.1", purpose="directory listing")
        await door.connect("127.0.0.1", server.port, purpose="directory listing")

    with servers.tcp(_echo) as server:
        with pytest.raises(OutOfMandate, match=word):
            through(Settings(), use, mandate=mandate, active=active)
        assert server.seen == []


def test_every_connection_goes_through_the_proxy() -> None:
    async def use(door: Door) -> bytes:
        return (await door.get(f"http://localhost:{server.port}/", purpose="t")).body

    with servers.web(lambda *_: servers.Answer(body=b"ok")) as server:
        with servers.proxy("user:secret") as proxy:
            url = f"http://user:secret@127.0.0.1:{proxy.port}"
            assert through(Settings(proxy=Proxy.parse(url)), use) == b"ok"
            assert proxy.seen
        with servers.proxy("user:secret") as proxy:
            wrong = Proxy.parse(f"http://user:wrong@127.0.0.1:{proxy.port}")
            with pytest.raises(ConnectFailed, match="407"):
                through(Settings(proxy=wrong), use)


def test_a_refusal_behind_a_proxy_is_no_proof() -> None:
    async def use(door: Door) -> None:
        await door.connect("127.0.0.1", 1, purpose="t")

    with servers.proxy() as proxy, pytest.raises(ConnectFailed, match="502") as caught:
        through(Settings(proxy=Proxy.parse(f"http://127.0.0.1:{proxy.port}")), use)

    assert not isinstance(caught.value, ConnectionRefused)


def test_a_failed_handshake_is_said_with_its_alert() -> None:
    async def use(door: Door) -> None:
        stream = await door.connect("127.0.0.1", server.port, purpose="t")
        await stream.start_tls(ssl.create_default_context(), "localhost")

    with servers.tcp(lambda c: c.sendall(b"\x15\x03\x03\x00\x02\x02\x28")) as server:
        with pytest.raises(TlsFailed, match="handshake failure|alert"):
            through(Settings(), use)


def test_a_rate_spaces_connections() -> None:
    async def use(door: Door) -> float:
        began = asyncio.get_running_loop().time()
        for _ in range(3):
            stream = await door.connect("127.0.0.1", server.port, purpose="t")
            await stream.aclose()
        return asyncio.get_running_loop().time() - began

    with servers.tcp(_echo) as server:
        assert through(Settings(rate=20), use) >= 0.1  # two waits of a twentieth: a count, no speed
