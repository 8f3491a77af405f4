"""Real servers on loopback, in threads that end with their context."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class Answer:
    """What a web server is to answer."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    raw: bytes | None = None  # sent as it is, in place of everything else


#: What is answered to a path and its headers; a POST's are beside `:method` and `:body`.
Site = Callable[[str, dict[str, str]], Answer]


@dataclass
class Running:
    """A server that runs: its port, and every request or connection that it saw."""

    port: int = 0
    seen: list[Any] = field(default_factory=list)


class _Web(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, site: Site, context: ssl.SSLContext | None, running: Running, at: tuple[str, int]
    ) -> None:
        self.site, self.context, self.running = site, context, running
        super().__init__(at, _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(10)
        if self.context is not None:
            request = self.context.wrap_socket(request, server_side=True)
        try:
            super().finish_request(request, client_address)
        finally:
            if self.context is not None:
                request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Refused handshakes are expected here."""


class _Handler(BaseHTTPRequestHandler):
    server: _Web

    def do_GET(self) -> None:
        self._answer({k.lower(): v for k, v in self.headers.items()})

    def do_POST(self) -> None:
        headers = {k.lower(): v for k, v in self.headers.items()}
        size = int(headers.get("content-length", "0"))
        body = self.rfile.read(size).decode(
            "utf-8", "surrogateescape"
        )  # as bytes again where need be
        self._answer({**headers, ":method": "POST", ":body": body})

    def _answer(self, headers: dict[str, str]) -> None:
        self.server.running.seen.append((self.path, headers))
        answer = self.server.site(self.path, headers)
        with contextlib.suppress(OSError):
            if answer.raw is not None:
                self.wfile.write(answer.raw)
                return
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def web(
    site: Site, context: ssl.SSLContext | None = None, at: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[Running]:
    """A web server, over TLS where a context is given."""
    running = Running()
    server = _Web(site, context, running, at)
    running.port = server.server_address[1]
    with _running(server):
        yield running


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def context(files: tuple[Path, Path], ciphers: str = "", **options: Any) -> ssl.SSLContext:
    """A TLS server's context; options are the context's attributes."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers:
        made.set_ciphers(ciphers)  # before the certificate: a weak one needs the level lowered
    made.load_cert_chain(*files)
    for key, value in options.items():
        setattr(made, key, value)
    return made


@contextmanager
def tcp(
    talk: Callable[[socket.socket], None], at: tuple[str, int] = ("127.0.0.1", 0)
) -> Iterator[Running]:
    """A server that does with each connection what `talk` says."""
    running = Running()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            running.seen.append(self.client_address)
            self.request.settimeout(10)
            with contextlib.suppress(OSError):
                talk(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(at, Handler)
    running.port = server.server_address[1]
    with _running(server):
        yield running


def eventually(holds: Callable[[], bool]) -> None:
    """Fail unless `holds` within five seconds: what another thread counts takes a moment."""
    for _ in range(500):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to hold")


def reset(connection: socket.socket) -> None:
    """Hear the first bytes, then cut with a TCP reset."""
    connection.recv(4096)
    cut(connection)


def cut(connection: socket.socket) -> None:
    """End with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket) -> None:
    """Hear all there is to hear, then close in good order, without a word."""
    connection.recv(65536)
    connection.shutdown(socket.SHUT_WR)
    connection.recv(65536)


def silent(connection: socket.socket) -> None:
    """Never answer."""
    while connection.recv(4096):
        pass


Zone = Callable[[str, str], list[tuple[str, str, str]] | int | None]


@contextmanager
def dns_server(zone: Zone, at: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[Running]:
    """A name server: `zone(name, type)` gives (name, type, data) rows, an rcode, or None to be silent."""
    running = Running()

    def answer(wire: bytes) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        rdtype = dns.rdatatype.to_text(question.rdtype)
        running.seen.append((name, rdtype))
        rows = zone(name, rdtype)
        if rows is None:
            return None
        response = dns.message.make_response(query)
        if isinstance(rows, int):
            response.set_rcode(dns.rcode.Rcode(rows))
            return response.to_wire()
        for owner, kind, data in rows:
            response.answer.append(dns.rrset.from_text(f"{owner}.", 60, "IN", kind, data))
        return response.to_wire()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, connection = self.request
            wire = answer(data)
            if wire is not None:
                connection.sendto(wire, self.client_address)

    class Server(socketserver.ThreadingUDPServer):
        daemon_threads = True

    server = Server(at, Handler)
    running.port = server.server_address[1]
    with _running(server):
        yield running


@contextmanager
def proxy(user: str = "", remap: int = 0) -> Iterator[Running]:
    """A CONNECT proxy; with `user` (as user:password) it asks for Basic credentials.

    With `remap` it leads to that loopback port whatever it is asked for, so that a name may have
    a public address in a test that leaves this machine alone.
    """
    import base64

    wanted = f"basic {base64.b64encode(user.encode()).decode()}".encode() if user else b""

    def talk(client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(1)
        line = head.split(b"\r\n")[0].decode()
        running.seen.append(line)
        if wanted and wanted.lower() not in head.lower():
            client.sendall(b"HTTP/1.1 407 Who are you\r\n\r\n")
            return
        host, _, port = line.split(" ")[1].rpartition(":")
        place = ("127.0.0.1", remap) if remap else (host.strip("[]"), int(port))
        try:
            peer = socket.create_connection(place, 5)
        except OSError:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        client.sendall(b"HTTP/1.1 200 Here you are\r\n\r\n")
        with peer:
            join(client, peer)

    with tcp(talk) as running:
        running.seen.clear()
        yield running


def exactly(source: socket.socket, count: int) -> bytes:
    """So many bytes. Raises ConnectionError where the peer ends before."""
    got = b""
    while len(got) < count:
        more = source.recv(count - len(got))
        if not more:
            raise ConnectionError
        got += more
    return got


def record(source: socket.socket) -> bytes:
    """One TLS record, with its head. Raises ConnectionError."""
    head = exactly(source, 5)
    return head + exactly(source, int.from_bytes(head[3:], "big"))


def join(client: socket.socket, peer: socket.socket) -> None:
    """Carry bytes both ways until both have ended."""
    back = threading.Thread(target=_copy, args=(peer, client), daemon=True)
    back.start()
    _copy(client, peer)
    back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
