"""Real TLS servers of many makes on loopback, and a middlebox that dislikes some hellos."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import program
from tests.lab import servers

Files = tuple[Path, Path]  # certificates, key


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody used a moment ago."""
    return free_ports(1, host)[0]


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """As many of them, each another: they are held until all are found."""
    with contextlib.ExitStack() as held:
        found = []
        for _ in range(count):
            kind = socket.AF_INET6 if ":" in host else socket.AF_INET
            one = held.enter_context(socket.socket(kind))
            one.bind((host, 0))
            found.append(int(one.getsockname()[1]))
        return found


def await_port(port: int, process: subprocess.Popen[Any], host: str = "127.0.0.1") -> None:
    for _ in range(500):
        if process.poll() is not None:
            raise AssertionError(f"{process.args!r} ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
            return
        time.sleep(0.02)
    raise AssertionError(f"{process.args!r} did not come up")


@contextmanager
def running(process: subprocess.Popen[Any]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


_NGINX = """daemon off; pid {0}/pid; error_log {0}/error.log warn; worker_processes 1; {1}
events {{ worker_connections 512; }}
http {{
  access_log off; client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f;
  uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
  {2}
}}
"""


@contextmanager
def nginx(
    folder: Path, blocks: dict[str, str], at: dict[str, tuple[str, int]] | None = None
) -> Iterator[dict[str, int]]:
    """One nginx with a server for each block of directives; the port of each by its name.

    `at` says host and port of those that need particular ones.
    """
    binary = program("nginx", "nginx")
    where = Path(folder, "nginx")
    where.mkdir()
    ports = free_ports(len(blocks))
    places = {name: ("127.0.0.1", port) for name, port in zip(blocks, ports, strict=True)}
    places |= at or {}
    shown = {n: f"[{h}]:{p}" if ":" in h else f"{h}:{p}" for n, (h, p) in places.items()}
    texts = [
        f'server {{ listen {shown[name]} ssl; {block} location / {{ return 200 "ok"; }} }}'
        for name, block in blocks.items()
    ]
    user = "user root;" if os.getuid() == 0 else ""
    (where / "nginx.conf").write_text(_NGINX.format(where, user, "\n  ".join(texts)))
    process = subprocess.Popen(
        [binary, "-p", str(where), "-e", str(where / "error.log"), "-c", str(where / "nginx.conf")],
        stderr=subprocess.DEVNULL,
    )
    with running(process):
        for host, port in places.values():
            await_port(port, process, host)
        yield {name: port for name, (_, port) in places.items()}


def keys(*files: Files) -> str:
    """nginx directives for one certificate or several."""
    return " ".join(f"ssl_certificate {c}; ssl_certificate_key {k};" for c, k in files)


@contextmanager
def gnutls(files: Files, priority: str, *options: str) -> Iterator[int]:
    """`gnutls-serv` with a priority string, and options of its own."""
    binary = program("gnutls-serv", "gnutls-bin")
    port = free_port()
    process = subprocess.Popen(
        [
            binary, "--echo", "--port", str(port), "--priority", priority, "--quiet",
            "--x509certfile", str(files[0]), "--x509keyfile", str(files[1]), "--disable-client-cert",
            *options,
        ],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with running(process):
        await_port(port, process)
        yield port


@contextmanager
def openssl(files: Files, *options: str, at: str = "127.0.0.1:0") -> Iterator[int]:
    """An `openssl s_server` on a port of its own. It serves one connection after the other."""
    binary = program("openssl", "openssl")
    certificate, secret = files
    chain = ["-cert", str(certificate), "-key", str(secret), "-cert_chain", str(certificate)]
    process = subprocess.Popen(
        [binary, "s_server", "-accept", at, "-www", *chain, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    port = 0
    for line in process.stdout:
        if line.startswith("ACCEPT"):
            port = int(line.rsplit(":", 1)[1])
            break
    threading.Thread(target=process.stdout.read, daemon=True).start()
    with running(process):
        assert port, "openssl s_server did not start"
        yield port
    time.sleep(0.05)
    process.stdout.close()


@contextmanager
def modern(files: Files) -> Iterator[int]:
    """A server on the OpenSSL that cryptography brings, which speaks the hybrid groups."""
    from OpenSSL import SSL

    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_chain_file(str(files[0]))
    context.use_privatekey_file(str(files[1]))

    def talk(connection: socket.socket) -> None:
        connection.setblocking(True)
        secure = SSL.Connection(context, connection)
        secure.set_accept_state()
        with contextlib.suppress(SSL.Error):
            secure.do_handshake()
            secure.recv(4096)
            secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            secure.shutdown()

    with servers.tcp(talk) as running:
        yield running.port


@contextmanager
def antique(files: Files, **settings: Any) -> Iterator[int]:
    """A server by tlslite-ng: SSL 3, RC4, 3DES, NULL, MD5, as `settings` of its HandshakeSettings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it still looks for asyncore
        from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey

    chain = X509CertChain()
    chain.parsePemList(files[0].read_text())
    key = parsePEMKey(files[1].read_text(), private=True)
    wanted = HandshakeSettings()
    for name, value in settings.items():
        assert hasattr(wanted, name)
        setattr(wanted, name, value)

    def talk(connection: socket.socket) -> None:
        secure = TLSConnection(connection)
        with contextlib.suppress(Exception):  # its errors are of many kinds, and expected here
            secure.handshakeServer(certChain=chain, privateKey=key, settings=wanted)
            secure.read(min=1, max=4096)
            secure.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            secure.close()

    with servers.tcp(talk) as running:
        yield running.port


Dislikes = Callable[[list[int], int], bool]  # (suites, version as the hello says)

ALERT = b"\x15\x03\x01\x00\x02\x02\x28"  # handshake_failure


@contextmanager
def middlebox(port: int, dislikes: Dislikes, *, alert: bool = False) -> Iterator[servers.Running]:
    """In front of a server: cuts (or answers with an alert) each hello that it dislikes."""

    def talk(client: socket.socket) -> None:
        head = servers.exactly(client, 5)
        is_tls = head[0] == 22
        body = servers.exactly(client, int.from_bytes(head[3:], "big")) if is_tls else b""
        if is_tls and dislikes(*_read_hello(body)):
            if alert:
                client.sendall(ALERT)
                client.shutdown(socket.SHUT_WR)
                client.recv(1)
            else:
                servers.cut(client)
            return
        with socket.create_connection(("127.0.0.1", port), 5) as peer:
            peer.sendall(head + body)
            servers.join(client, peer)

    with servers.tcp(talk) as running:
        yield running


def _read_hello(body: bytes) -> tuple[list[int], int]:
    """The suites of a ClientHello, and the highest version that it asks for."""
    version = int.from_bytes(body[4:6], "big")
    at = 38 + 1 + body[38]
    length = int.from_bytes(body[at : at + 2], "big")
    pairs = body[at + 2 : at + 2 + length]
    suites = [int.from_bytes(pairs[i : i + 2], "big") for i in range(0, length, 2)]
    if b"\x00\x2b\x00\x03\x02\x03\x04" in body:
        version = 0x0304
    return suites, version
