"""Targets that mean harm to whoever looks at them. Real servers, on loopback."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509

from tests.lab import pki, servers
from tests.lab.login import ACCOUNT, MANDATE, TEXT, THROTTLED
from tests.lab.servers import Answer

MIB = 1024 * 1024
PUBLIC, OTHER = "9.9.9.9", "9.9.9.10"
NAME = "soins.example.test"
HTML = ("Content-Type", "text/html; charset=utf-8")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

Talk = Callable[[Any], None]


@dataclass
class Target:
    """What to scan, with which options; `seen` is what the server or the proxy saw of it."""

    url: str
    options: list[str] = field(default_factory=list)
    seen: list[Any] = field(default_factory=list)


Place = Callable[[Path], AbstractContextManager[Target]]


def keys(folder: Path, **options: Any) -> tuple[tuple[Path, Path], Path]:
    """A server's certificate and key, and the root that answers for it."""
    root = pki.authority("Lab Root")
    files = pki.save(folder, "server", [pki.leaf(root, **options)])
    return files, pki.save(folder, "root", [root])[0]


# What is said in plain text


def plain(talk: Talk) -> Place:
    """A server without TLS that does with each connection what `talk` says."""

    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        with servers.tcp(talk) as server:
            yield Target(f"http://localhost:{server.port}/", seen=server.seen)

    return place


def secure(talk: Talk) -> Place:
    """The same behind TLS that is in order."""

    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        files, root = keys(folder)
        context = servers.context(files)

        def shake(connection: socket.socket) -> None:
            with contextlib.closing(context.wrap_socket(connection, server_side=True)) as inner:
                talk(inner)

        with servers.tcp(shake) as server:
            yield Target(f"https://localhost:{server.port}/", ["--ca-file", str(root)], server.seen)

    return place


def says(*headers: tuple[str, str], body: bytes = b"", status: int = 200) -> Place:
    """One answer to everything, over TLS that is in order."""
    return site(lambda *_: Answer(status, [HTML, *headers], body))


def site(answers: servers.Site) -> Place:
    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        files, root = keys(folder)
        with servers.web(answers, servers.context(files)) as server:
            yield Target(f"https://localhost:{server.port}/", ["--ca-file", str(root)], server.seen)

    return place


def asked(connection: Any) -> None:
    """Hear a request to its end."""
    head = b""
    while b"\r\n\r\n" not in head and (more := connection.recv(4096)):
        head += more


def endless_body(connection: Any) -> None:
    asked(connection)
    connection.sendall(HEAD + b"\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def endless_headers(connection: Any) -> None:
    asked(connection)
    connection.sendall(HEAD)
    for count in itertools.count():
        connection.sendall(b"X-More-%d: " % count + b"x" * 4000 + b"\r\n")


def huge_header(connection: Any) -> None:
    asked(connection)
    connection.sendall(HEAD + b"X-Huge: " + b"x" * (10 * MIB) + b"\r\n\r\nhere")


def drip(connection: Any) -> None:
    """One byte a second, for as long as anybody listens."""
    asked(connection)
    for byte in itertools.chain(HEAD, itertools.repeat(ord("x"))):
        connection.sendall(bytes([byte]))
        time.sleep(1)


def cut_after_request(connection: Any) -> None:
    asked(connection)
    _cut(connection)


def cut_in_body(connection: Any) -> None:
    asked(connection)
    connection.sendall(HEAD + b"X-Powered-By: PHP/5.2.1\r\nContent-Length: 9000\r\n\r\n<p>begun")
    _cut(connection)


def _cut(connection: Any) -> None:
    time.sleep(0.05)  # what was sent is to arrive before the reset
    servers.cut(connection)


def gzip_bomb() -> Place:
    """A few hundred kilobytes that unfold to 256 MiB."""
    return says(("Content-Encoding", "gzip"), body=gzip.compress(bytes(MIB) * 256, 9))


def brotli_bomb() -> Place:
    """What says that it is brotli, which was not asked for."""
    return says(("Content-Encoding", "br"), body=b"\xdb\xff\xff\xff" + bytes(MIB))


def links() -> Place:
    body = b"".join(b'<a href="/%d">%d</a>' % (n, n) for n in range(100_000))
    return says(body=b"<html><title>x</title>" + body)


#: Pages that take a parser minutes or gigabytes: open elements, elements opened anew, attributes.
DEEP = "<title>x</title>" + "<div>" * 100_000
ANEW = "<p>" + "".join(f"<b id={n}>" for n in range(4000)) + "<p>x" * 4000
WIDE = "<p " + " ".join(f"a{n}" for n in range(200_000)) + ">"


def odd_bytes() -> Place:
    """Bytes that no encoding has, NULs, half surrogates, and a charset that is none."""
    odd = b"\x00\xff\xfe\xed\xa0\x80\xc3\x28\x1b[2J\xe2\x80\xae"
    body = b"<title>" + odd + b"</title><form action='" + odd + b"'><input type=password name='"
    return says(
        ("X-Powered-By", "PHP/5.2.1 \xff\xed"),
        ("Set-Cookie", "a=\xff\xfe; Path=\xc3"),
        body=body + odd + b"'></form>",
    )


def changing_login() -> servers.Site:
    """A login form that is never the same: action, names, number of fields, order."""
    turn = itertools.count()

    def answers(path: str, headers: dict[str, str]) -> Answer:
        n = next(turn)
        fields = [f'<input name="f{n}" type=email>', f'<input type=password name="p{n}">']
        fields += [f'<input type=hidden name="h{n}-{i}" value={n}>' for i in range(n % 5)]
        kept = fields[n % 2 :] if n % 3 else fields[::-1]
        form = f'<form action="/in/{n}" method=post>{"".join(kept)}<button>ok</button></form>'
        return Answer(500 if n % 4 == 3 else 200, [HTML], f"<title>{n}</title>{form}".encode())

    return answers


def signed(answers: servers.Site) -> Place:
    """A login that may be tried: with its declaration, its mandate, and a password to be sent."""

    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        with site(answers)(folder) as target:
            told = TEXT.format(mandate=MANDATE, url=target.url, target=ACCOUNT, declared=THROTTLED)
            (folder / "platform.yaml").write_text(told, "utf-8")
            target.options += ["-d", "platform.yaml", "--active", "--date", "2026-11-26"]
            yield target

    return place


# Redirects


def loop() -> Place:
    """Each page leads to another one, and all of them back."""
    turn = {"/": "/a", "/a": "/b", "/b": "/"}
    return site(lambda path, _: Answer(302, [("Location", turn.get(path, "/"))]))


def inwards(location: str) -> Place:
    """A public name that leads to a private place."""

    def answers(path: str, headers: dict[str, str]) -> Answer:
        return Answer(302, [("Location", location)])

    return public(answers, lambda name: [(name, "A", PUBLIC)])


def public(answers: servers.Site, addresses: Callable[[str], Any]) -> Place:
    """A name with public addresses; through a proxy that leads to one server here, whatever is asked."""

    def zone(name: str, rdtype: str) -> Any:
        return addresses(name) if rdtype == "A" and name.endswith(NAME) else []

    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        with servers.web(answers) as server, servers.dns_server(zone) as names:
            with servers.proxy(remap=server.port) as proxy:
                by = ["--resolver", f"127.0.0.1:{names.port}"]
                by += ["--proxy", f"http://127.0.0.1:{proxy.port}"]
                yield Target(f"http://{NAME}/", by, proxy.seen)

    return place


# Names


def named(zone: servers.Zone) -> Place:
    """A sound server behind a name server that is not."""

    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        with servers.web(lambda *_: Answer(200, [HTML], b"<title>x</title>")) as server:
            with servers.dns_server(zone) as names:
                url = f"http://{NAME}:{server.port}/"
                yield Target(url, ["--resolver", f"127.0.0.1:{names.port}"], server.seen)

    return place


def looping_names(name: str, rdtype: str) -> Any:
    """Aliases in a circle, in one answer and from one answer to the next."""
    other = f"a.{NAME}" if name == NAME else NAME
    return [(name, "CNAME", f"{other}."), (other, "CNAME", f"{name}.")]


def many_addresses(name: str, rdtype: str) -> Any:
    """A thousand addresses, the sound one first."""
    if (name, rdtype) != (NAME, "A"):
        return []
    return [(name, "A", f"127.{n // 250}.0.{n % 250 + 1}") for n in range(1000)]


def rebinding() -> Callable[[str], Any]:
    """A public address at first, then this machine's."""
    turn = itertools.count()
    return lambda name: [(name, "A", "127.0.0.1" if next(turn) else PUBLIC)]


# TLS itself


def odd_header(connection: Any) -> None:
    asked(connection)
    connection.sendall(HEAD + b"X-Odd: a\x00b\xff\r\n\r\n<p>here")


def handshake(spoil: Callable[[list[bytes]], list[bytes]], **options: Any) -> Place:
    """A server whose first flight of TLS records is spoilt."""

    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        files, root = keys(folder)
        context = servers.context(files, **options)

        def talk(connection: socket.socket) -> None:
            hello = connection.recv(65536)
            connection.sendall(b"".join(spoil(_flight(context, hello))))
            connection.settimeout(0.3)
            with contextlib.suppress(TimeoutError):
                connection.recv(4096)
            servers.cut(connection)

        with servers.tcp(talk) as server:
            yield Target(f"https://localhost:{server.port}/", ["--ca-file", str(root)], server.seen)

    return place


def _flight(context: ssl.SSLContext, hello: bytes) -> list[bytes]:
    """The records with which a server in order would answer."""
    heard, said = ssl.MemoryBIO(), ssl.MemoryBIO()
    inner = context.wrap_bio(heard, said, server_side=True)
    heard.write(hello)
    with contextlib.suppress(ssl.SSLError):
        inner.do_handshake()
    data, records = said.read(), []
    while data:
        size = 5 + int.from_bytes(data[3:5], "big")
        records.append(data[:size])
        data = data[size:]
    return records


def garbage(records: list[bytes]) -> list[bytes]:
    return [*records[:1], bytes(range(7, 207)) * 50]


def out_of_order(records: list[bytes]) -> list[bytes]:
    return records[::-1]


@contextmanager
def dead_tls(folder: Path) -> Iterator[Target]:
    """A TCP reset as soon as a ClientHello is heard."""
    with servers.tcp(servers.reset) as server:
        yield Target(f"https://localhost:{server.port}/", seen=server.seen)


def certified(**options: Any) -> Place:
    """A sound server with a certificate that is not."""

    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        files, root = keys(folder, **options)
        with servers.web(lambda *_: Answer(200, [HTML]), servers.context(files)) as server:
            yield Target(f"https://localhost:{server.port}/", ["--ca-file", str(root)], server.seen)

    return place


#: As many names as fit in the 100 KiB of a chain that OpenSSL reads.
MANY_NAMES = ("localhost", *(f"x{n:x}.eu" for n in range(10_000)))
MEGABYTE = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), bytes(MIB))
