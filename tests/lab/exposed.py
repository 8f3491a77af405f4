"""Services that are open to anyone, and their well-kept twins: real ones, unprivileged."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import program
from tests.lab import daemons
from tests.lab.daemons import _home
from tests.lab.tls import Files, free_port


@dataclass(frozen=True)
class Site:
    """A web server that runs: its port, and the requests that it logged so far."""

    port: int
    log: Path

    @property
    def lines(self) -> list[str]:
        return self.log.read_text("utf-8").splitlines() if self.log.exists() else []


_NGINX = """daemon off; pid {0}/pid; error_log {0}/error.log warn; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  log_format short '$request_method $request_uri $status $body_bytes_sent';
  access_log {0}/access.log short; client_body_temp_path {0}/b; proxy_temp_path {0}/p;
  fastcgi_temp_path {0}/f; uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
  server {{ listen 127.0.0.1:{1}; root {0}/www; {2} }}
}}
"""


@contextmanager
def site(files: dict[str, str | bytes], directives: str = "") -> Iterator[Site]:
    """nginx with these files under its root; it logs every request and what it sent."""
    binary, port = program("nginx", "nginx"), free_port()
    with _home() as home:
        for name, content in {"/index.html": "<!doctype html><p>RDV", **files}.items():
            path = Path(f"{home.folder}/www{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        written = home.write("nginx.conf", _NGINX.format(home.folder, port, directives))
        errors = home.folder / "error.log"
        with home.running([port], binary, "-p", home.folder, "-e", errors, "-c", written):
            yield Site(port, home.folder / "access.log")


@contextmanager
def redis(*options: str, files: Files | None = None) -> Iterator[int]:
    """Redis; with files it speaks TLS alone, and asks for no client certificate."""
    binary, port = program("redis-server", "redis-server"), free_port()
    with _home() as home:
        where: list[str | Path] = ["--port", str(port)]
        if files is not None:
            chain, key = home.take(files)
            where = ["--port", "0", "--tls-port", str(port), "--tls-cert-file", chain]
            where += [
                "--tls-key-file",
                key,
                "--tls-ca-cert-file",
                chain,
                "--tls-auth-clients",
                "no",
            ]
        own = ["--bind", "127.0.0.1", "--save", "", "--dir", str(home.folder)]
        with home.running([port], binary, *where, *own, *options):
            yield port


@contextmanager
def postgresql(auth: str, files: Files | None = None) -> Iterator[int]:
    """PostgreSQL that lets in by `auth` (trust, scram-sha-256), over TLS where files are given."""
    initdb, server = program("initdb", "postgresql"), program("postgres", "postgresql")
    port = free_port()
    with _home() as home:
        data, secret = home.folder / "data", home.write("password", "lab-password")
        home.run(
            initdb, "-D", data, "-U", "postgres", f"--auth={auth}", f"--pwfile={secret}",
            "--no-sync", "--locale=C",
        )  # fmt: skip
        own = [f"port={port}", "listen_addresses=127.0.0.1", "fsync=off"]
        own += [f"unix_socket_directories={home.folder}"]
        if files is not None:
            chain, key = home.take(files)
            own += ["ssl=on", f"ssl_cert_file={chain}", f"ssl_key_file={key}"]
        options = [word for one in own for word in ("-c", one)]
        with home.running([port], server, "-D", data, *options, stop=signal.SIGINT):
            _await_ready(port)
            yield port


def _await_ready(port: int) -> None:
    """It listens before it serves, and says then that it is starting up."""
    ready = program("pg_isready", "postgresql")
    for _ in range(500):
        done = subprocess.run([ready, "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
        if done.returncode == 0:
            return
        time.sleep(0.02)
    raise AssertionError("PostgreSQL did not come up")


@contextmanager
def mariadb(password: str = "", keys: str = "", *options: str) -> Iterator[int]:
    """MariaDB whose root has this password, or none; `keys` go into its file of keys."""
    install = program("mariadb-install-db", "mariadb-server")
    server = program("mariadbd", "mariadb-server")
    port = free_port()
    with _home() as home:
        data = home.folder / "data"
        home.run(
            install, "--no-defaults", f"--datadir={data}", "--skip-test-db", "--basedir=/usr",
            "--auth-root-authentication-method=normal", "--skip-name-resolve",
        )  # fmt: skip
        first = home.write(
            "first.sql",
            "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';\n"
            f"SET PASSWORD FOR 'root'@'127.0.0.1' = PASSWORD('{password}');\n",
        )
        if keys:
            held = home.write("keys", keys)
            options = (*options, "--plugin-load-add=file_key_management",
                       f"--file-key-management-filename={held}")  # fmt: skip
        own = [
            *options, f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
            f"--socket={home.folder}/socket", f"--init-file={first}", "--skip-name-resolve",
        ]  # fmt: skip
        with home.running([port], server, "--no-defaults", *own):
            yield port


@contextmanager
def dicomweb(**settings: object) -> Iterator[int]:
    """Orthanc's web port, with DICOMweb under /dicom-web/."""
    plugin = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
    if not plugin.exists():
        program("orthanc-dicomweb", "orthanc-dicomweb")  # says that it is missing
    port = free_port()
    own: dict[str, object] = {
        "HttpServerEnabled": True, "HttpPort": port, "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False, "Plugins": [str(plugin)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }  # fmt: skip
    with daemons.orthanc(None, **own | settings):
        for _ in range(500):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        yield port
