"""A nation's platforms on loopback: each an address of its own in 127.0.0.0/8, of several kinds.

One nginx answers on every address of the machine, one kind a port; a platform is an address and
a kind. What drips and what floods is spoken by hand.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.conftest import program
from tests.lab import pki, tls

_HEADERS = (
    "add_header Strict-Transport-Security 'max-age=31536000; includeSubDomains' always; "
    "add_header X-Content-Type-Options nosniff always; "
    "add_header Content-Security-Policy \"default-src 'self'; frame-ancestors 'none'\" always; "
)
_LOGIN = (
    "<form method=post action=/login><input name=user><input type=password name=password></form>"
)
#: What nginx is told of each kind.
KINDS = {
    "modern": f"ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20; {_HEADERS}",
    "tls13": f"ssl_protocols TLSv1.3; {_HEADERS}",
    "legacy": "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;",
    "bare": "ssl_protocols TLSv1.2 TLSv1.3; server_tokens on;",
}
_NGINX = """daemon off; pid {0}/pid; error_log {0}/error.log crit; worker_processes 1; {1}
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f;
  uwsgi_temp_path {0}/u; scgi_temp_path {0}/s; default_type text/html;
  ssl_certificate {2}; ssl_certificate_key {3};
  {4}
}}
"""


class Platform(NamedTuple):
    name: str
    url: str


class Nation(NamedTuple):
    """The ports of its kinds; `tarpit` says nothing, `flood` never ends."""

    ports: dict[str, int]

    def platforms(self, count: int, *kinds: str, first: int = 0) -> list[Platform]:
        """So many platforms, each at an address of its own, of these kinds in turn."""
        turn = itertools.cycle(kinds or tuple(KINDS))
        return [self.at(first + i, next(turn)) for i in range(count)]

    def at(self, number: int, kind: str) -> Platform:
        scheme = "http" if kind == "flood" else "https"
        place = f"127.{64 + number // 65536 % 64}.{number // 256 % 256}.{number % 256}"
        return Platform(f"{kind} {number:05}", f"{scheme}://{place}:{self.ports[kind]}/")


@contextmanager
def nation(folder: Path) -> Iterator[Nation]:
    """Everything up, on every address."""
    binary = program("nginx", "nginx")
    authority = pki.authority("Nation")
    certificate, key = pki.save(folder, "nation", [pki.leaf(authority, ("nation.test",))])
    where = folder / "nginx"
    where.mkdir()
    ports = dict(zip(KINDS, tls.free_ports(len(KINDS), "0.0.0.0"), strict=True))
    blocks = [
        f"server {{ listen *:{ports[kind]} ssl backlog=4096; {words} "
        f"location = / {{ return 200 '<!doctype html><title>{kind}</title>{_LOGIN}'; }} "
        "location / { return 404 'no such page'; } }"
        for kind, words in KINDS.items()
    ]
    user = "user root;" if os.getuid() == 0 else ""
    conf = _NGINX.format(where, user, certificate, key, "\n  ".join(blocks))
    (where / "nginx.conf").write_text(conf)
    process = subprocess.Popen(
        [binary, "-p", str(where), "-e", str(where / "error.log"), "-c", str(where / "nginx.conf")],
        stderr=subprocess.DEVNULL,
    )
    with tls.running(process), by_hand(_silent) as tarpit, by_hand(_endless) as flood:
        for port in ports.values():
            tls.await_port(port, process)
        yield Nation({**ports, "tarpit": tarpit, "flood": flood})


@contextmanager
def by_hand(talk: object) -> Iterator[int]:
    """A server on every address, a thread a connection."""
    assert callable(talk)
    with socket.create_server(("0.0.0.0", 0), backlog=512) as server:
        closed = threading.Event()

        def serve() -> None:
            while not closed.is_set():
                with contextlib.suppress(OSError):
                    peer, _ = server.accept()
                    threading.Thread(target=talk, args=(peer, closed), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield int(server.getsockname()[1])
        finally:
            closed.set()
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)


def _silent(peer: socket.socket, closed: threading.Event) -> None:
    with peer, contextlib.suppress(OSError):
        closed.wait(600)


def _endless(peer: socket.socket, closed: threading.Event) -> None:
    with peer, contextlib.suppress(OSError):
        peer.recv(65536)
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while not closed.is_set():
            peer.sendall(b"<p>more" * 8192)
