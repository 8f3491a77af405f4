"""HTTP through the door: redirects watched, bodies bounded, lies survived."""

from __future__ import annotations

import asyncio
import gzip
import time
from datetime import date
from typing import Any

import pytest

from gdpr_audit.errors import ConnectFailed, NetworkError, ProtocolFailed
from gdpr_audit.network import Door, Response, Settings
from gdpr_audit.network.inward import is_inward
from gdpr_audit.network.response import RedirectStopped
from gdpr_audit.network.settings import Proxy
from tests.lab import servers
from tests.lab.servers import Answer

MIB = 1024 * 1024


def get(url: str, settings: Settings | None = None, **options: Any) -> Response:
    async def main() -> Response:
        async with Door(settings or Settings(), day=date(2026, 11, 24)) as door:
            return await door.get(url, purpose="test", **options)

    return asyncio.run(main())


def _site(answers: dict[str, Answer]) -> servers.Site:
    return lambda path, _: answers.get(path, Answer(404))


def _to(location: str, *more: tuple[str, str]) -> Answer:
    return Answer(302, [("Location", location), *more])


def test_redirects_are_followed_and_remembered_with_their_cookies() -> None:
    site = _site({"/": _to("/b", ("Set-Cookie", "a=1")), "/b": Answer(body=b"end")})
    with servers.web(site) as server:
        answer = get(f"http://localhost:{server.port}/")

    assert answer.body == b"end"
    assert [hop.location for hop in answer.hops] == ["/b"]
    assert [value for _, value in answer.set_cookies] == ["a=1"]


def test_six_redirects_are_one_too_many_and_the_last_answer_is_kept() -> None:
    site = _site({f"/{i}": _to(f"/{i + 1}") for i in range(10)})
    with servers.web(site) as server, pytest.raises(RedirectStopped, match="more than 5") as caught:
        get(f"http://localhost:{server.port}/0")

    assert caught.value.response.status == 302
    assert len(server.seen) == 6


@pytest.mark.parametrize(
    ("location", "word"),
    [
        ("/", "circles"),
        ("ftp://x/", "ftp"),
        ("javascript:alert(1)", "javascript"),
        ("http://[", "unreadable"),
    ],
)
def test_a_redirect_that_leads_nowhere_good_is_not_followed(location: str, word: str) -> None:
    with servers.web(_site({"/": _to(location)})) as server:
        with pytest.raises(RedirectStopped, match=word):
            get(f"http://localhost:{server.port}/")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "::", "255.255.255.255", "::127.0.0.1",
        "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1", "5f00::1",
    ],
)  # fmt: skip
def test_inward_addresses_are_known(address: str) -> None:
    assert is_inward(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_public_addresses_are_not_inward(address: str) -> None:
    assert not is_inward(address)


def _public(name: str, rdtype: str) -> Any:
    return [(name, "A", "8.8.8.8")] if (name, rdtype) == ("public.example.test", "A") else []


@pytest.mark.parametrize("to", ["http://127.0.0.1:9/", "http://169.254.169.254/", "http://[::1]/"])
def test_a_redirect_from_a_public_address_inwards_is_not_followed(to: str) -> None:
    with (
        servers.web(_site({"/": _to(to)})) as server,
        servers.dns_server(_public) as names,
        servers.proxy(remap=server.port) as proxy,
    ):
        settings = Settings(
            resolver=("127.0.0.1", names.port),
            proxy=Proxy.parse(f"http://127.0.0.1:{proxy.port}"),
        )
        with pytest.raises(RedirectStopped, match="public address to a private one") as caught:
            get("http://public.example.test/", settings)

    assert caught.value.response.status == 302
    assert [s.split()[1] for s in proxy.seen if isinstance(s, str)] == ["8.8.8.8:80"]


def test_an_endless_body_is_cut_and_said() -> None:
    with servers.web(_site({"/": Answer(body=b"x" * (3 * MIB))})) as server:
        answer = get(f"http://localhost:{server.port}/")

    assert len(answer.body) == 2 * MIB
    assert answer.body_gap is not None


def test_a_bomb_does_not_unfold() -> None:
    bomb = gzip.compress(b"\0" * (50 * MIB))
    site = _site({"/": Answer(headers=[("Content-Encoding", "gzip")], body=bomb)})
    with servers.web(site) as server:
        answer = get(f"http://localhost:{server.port}/")

    assert len(answer.body) == 2 * MIB
    assert answer.body_gap is not None


def test_compressed_bodies_are_read() -> None:
    site = _site({"/": Answer(headers=[("Content-Encoding", "gzip")], body=gzip.compress(b"hi"))})
    with servers.web(site) as server:
        assert get(f"http://localhost:{server.port}/").body == b"hi"


@pytest.mark.parametrize(
    ("headers", "body", "word"),
    [
        ([("Content-Encoding", "br")], b"xx", "br"),
        ([("Content-Encoding", "gzip")], b"not gzip", "unreadable"),
    ],
)
def test_a_body_that_cannot_be_read_leaves_the_headers(
    headers: list[tuple[str, str]], body: bytes, word: str
) -> None:
    with servers.web(_site({"/": Answer(headers=headers, body=body)})) as server:
        answer = get(f"http://localhost:{server.port}/")

    assert answer.status == 200
    assert answer.body_gap is not None
    assert word in answer.body_gap.en


def test_a_length_that_lies_leaves_the_headers() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\nX-Here: yes\r\n\r\nshort"
    with servers.web(_site({"/": Answer(raw=raw)})) as server:
        answer = get(f"http://localhost:{server.port}/")

    assert answer.headers["x-here"] == "yes"
    assert answer.body == b"short"
    assert answer.body_gap is not None


def test_what_is_not_http_is_said() -> None:
    with servers.tcp(lambda c: (c.recv(100), c.sendall(b"SSH-2.0-x\r\n"))) as server:  # type: ignore[arg-type, func-returns-value]  # a lambda that does two things
        with pytest.raises(ProtocolFailed, match="not readable HTTP"):
            get(f"http://127.0.0.1:{server.port}/")


def test_endless_headers_are_cut() -> None:
    def flood(connection: Any) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"x" * 8000 + b"\r\n")

    with servers.tcp(flood) as server, pytest.raises(NetworkError):
        get(f"http://127.0.0.1:{server.port}/")


def test_one_byte_a_second_ends_with_the_exchange() -> None:
    def drip(connection: Any) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X")
            time.sleep(0.05)

    settings = Settings(exchange_seconds=0.4)
    with servers.tcp(drip) as server, pytest.raises(ConnectFailed, match="not complete"):
        get(f"http://127.0.0.1:{server.port}/", settings)


def test_without_redirects_the_first_answer_is_the_last() -> None:
    with servers.web(_site({"/": _to("/b")})) as server:
        answer = get(f"http://localhost:{server.port}/", redirects=0)

    assert answer.status == 302
    assert answer.hops == ()


def test_of_a_long_body_no_more_is_read_than_asked_for() -> None:
    async def main() -> tuple[int, bool, int]:
        async with Door(Settings(), day=date(2026, 11, 24)) as door:
            url = f"http://127.0.0.1:{server.port}/"
            answer = await door.get(url, purpose="test", limit=1000)
            received = door.traffic("127.0.0.1", server.port).received
            return len(answer.body), answer.body_gap is not None, received

    with servers.web(lambda *_: Answer(body=b"x" * 500_000)) as server:
        length, cut, received = asyncio.run(main())

    assert (length, cut) == (1000, True)
    assert received < 3000
