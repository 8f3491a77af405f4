"""Serves the sample over real HTTP and TLS, in threads that end with it."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from socketserver import BaseServer, TCPServer
from typing import Any
from urllib.parse import parse_qsl

from gdpr_audit.demo import declared, keys, pages
from gdpr_audit.demo.names import NoNames

BODY_LIMIT = 65536  # bytes of a POST that are read
SECONDS = 5  # a client may be silent


@dataclass(frozen=True, slots=True)
class Sample:
    """A running sample. `left_out` names faults that this Python's TLS library cannot show."""

    http_url: str
    https_url: str
    declaration: Path
    hds_list: Path
    ca_file: Path
    port_http: int
    port_https: int
    resolver: tuple[str, int]  # knows no name
    addresses: tuple[str, ...]  # of localhost, where all its servers listen
    left_out: tuple[str, ...] = ()


class _Server(ThreadingHTTPServer):
    """Speaks TLS where it has a context; the handshake is the connection's own thread's work."""

    daemon_threads = True
    allow_reuse_address = False

    def __init__(
        self, address: tuple[str, int], site: pages.Site, context: ssl.SSLContext | None
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.site, self.context = site, context
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Without asking the DNS for a name of the address, as HTTPServer does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(SECONDS)
        if self.context is not None:
            request = self.context.wrap_socket(request, server_side=True)
        try:
            super().finish_request(request, client_address)
        finally:
            if self.context is not None:
                request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Refused handshakes and cut connections are the audit's daily bread."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        given = self.headers.get("Content-Length", "0")
        length = int(given) if given.isdigit() else 0
        body = self.rfile.read(min(length, BODY_LIMIT))
        self._answer(dict(parse_qsl(body.decode("utf-8", "replace"))))

    def _answer(self, fields: dict[str, str] | None = None) -> None:
        secure = self.server.context is not None
        page = self.server.site.answer(self.path, secure=secure, fields=fields)
        self.send_response_only(page.status)
        for name, value in page.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The sample keeps no log."""


def _good_context(files: keys.Files) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.options |= (
        ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_COMPRESSION
    )
    context.load_cert_chain(files.chain, files.key)
    return context


def _bad_context(files: keys.Files) -> tuple[ssl.SSLContext, tuple[str, ...]]:
    """Everything from TLS 1.0 to 1.2 that the local library can still be talked into."""
    left_out = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old TLS is what is to be shown
        context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if not ssl.HAS_TLSv1:
        left_out.append("TLS 1.0")
    context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    assert files.dh_parameters is not None
    context.load_dh_params(str(files.dh_parameters))
    context.load_cert_chain(files.chain, files.key)
    return context, tuple(left_out)


@contextmanager
def serve(folder: Path, *, compliant: bool = False) -> Iterator[Sample]:
    """Start the sample on free loopback ports, with its declaration and keys in `folder`."""
    good = keys.good(folder)
    left_out: tuple[str, ...] = ()
    if compliant:
        context = _good_context(good)
    else:
        context, left_out = _bad_context(keys.bad(folder))
    with ExitStack() as stack:
        site = pages.Site(compliant=compliant)
        port_http, first = _listen(stack, site, None)
        port_https, second = _listen(stack, site, context)
        names = NoNames()
        _run(stack, names)
        site.https = f"https://localhost:{port_https}"
        site.http = f"http://localhost:{port_http}"
        path = folder / "platform.yaml"
        path.write_text(
            declared.render(f"{site.http}/", f"{site.https}/", compliant=compliant), "utf-8"
        )
        if compliant:
            _show(folder)
        hosters = folder / "hosters.csv"
        hosters.write_text(declared.HOSTERS, "utf-8")
        yield Sample(
            f"{site.http}/",
            f"{site.https}/",
            path,
            hosters,
            good.root,
            port_http,
            port_https,
            ("127.0.0.1", names.server_address[1]),
            ("127.0.0.1", "::1") if first and second else ("127.0.0.1",),
            left_out,
        )


def _show(folder: Path) -> None:
    """Put the twin's artefacts beside its declaration."""
    for artefact in files("gdpr_audit.demo").joinpath("evidence").iterdir():
        place = folder / "evidence" / artefact.name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(artefact.read_bytes())


def _listen(stack: ExitStack, site: pages.Site, context: ssl.SSLContext | None) -> tuple[int, bool]:
    """One port on 127.0.0.1; whether the machine has the same on ::1, and listens there."""
    server = _Server(("127.0.0.1", 0), site, context)
    port: int = server.server_address[1]
    _run(stack, server)
    try:
        _run(stack, _Server(("::1", port), site, context))
    except OSError:  # no IPv6 here, or the port is taken there: IPv4 still answers
        return port, False
    return port, True


def _run(stack: ExitStack, server: BaseServer) -> None:
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    stack.callback(stop)
