"""Services that are open to anyone, and their well-kept twins: real ones, unprivileged."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import program
from tests.lab.tls import Files, free_port

_USER = "nobody"  # whom they run as where the tests are root's: some refuse to be root


@dataclass(frozen=True)
class Service:
    """One that runs: its port, and what it logged so far."""

    port: int
    log: Path

    @property
    def lines(self) -> list[str]:
        return self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []


@dataclass(frozen=True)
class _Home:
    """A service's own folder, which its user may read."""

    folder: Path
    user: str | None

    @property
    def who(self) -> dict[str, Any]:
        if self.user is None:
            return {}
        one = pwd.getpwnam(self.user)
        return {"user": one.pw_uid, "group": one.pw_gid, "extra_groups": []}

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.own()
        return path

    def own(self) -> None:
        for path in (self.folder, *self.folder.rglob("*")):
            if self.user is not None:
                shutil.chown(path, self.user)

    def run(self, *command: str | Path) -> None:
        done = subprocess.run(
            command, cwd=self.folder, **self.who, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command!r}: {done.stdout}{done.stderr}"

    @contextmanager
    def running(
        self, port: int, *command: str | Path, stop: int = signal.SIGTERM
    ) -> Iterator[None]:
        with (self.folder / "output").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, **self.who, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                _await(port, process)
                yield
            finally:
                process.send_signal(stop)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(5)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1000):
        if process.poll() is not None:
            raise AssertionError(f"{process.args!r} ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError(f"{process.args!r} did not come up")


@contextmanager
def _home() -> Iterator[_Home]:
    user = _USER if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="gdpr-audit-lab-") as name:
        home = _Home(Path(name), user)
        home.own()
        yield home


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
def site(files: dict[str, str | bytes], directives: str = "") -> Iterator[Service]:
    """nginx with these files under its root; it logs every request and what it sent."""
    binary, port = program("nginx", "nginx"), free_port()
    with _home() as home:
        home.write("www/index.html", "<!doctype html><title>RDV</title><p>RDV")
        for name, content in files.items():
            home.write(f"www{name}", content)
        text = _NGINX.format(home.folder, port, directives)
        path = home.write("nginx.conf", text)
        command = (binary, "-p", home.folder, "-e", home.folder / "error.log", "-c", path)
        with home.running(port, *command):
            yield Service(port, home.folder / "access.log")


@contextmanager
def redis(*options: str, files: Files | None = None) -> Iterator[Service]:
    """Redis; with files it speaks TLS alone, and asks for no client certificate."""
    binary, port = program("redis-server", "redis-server"), free_port()
    with _home() as home:
        where = ["--port", str(port)]
        if files is not None:
            certificate = home.write("certificate.pem", files[0].read_bytes())
            key = home.write("key.pem", files[1].read_bytes())
            where = ["--port", "0", "--tls-port", str(port), "--tls-cert-file", str(certificate)]
            where += ["--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate)]
            where += ["--tls-auth-clients", "no"]
        bind = ["--bind", "127.0.0.1", "--save", "", "--dir", str(home.folder)]
        with home.running(port, binary, *where, *bind, *options):
            yield Service(port, home.folder / "output")


@contextmanager
def postgresql(auth: str) -> Iterator[Service]:
    """PostgreSQL that lets in by `auth` (trust, scram-sha-256); it logs every connection."""
    initdb, postgres = program("initdb", "postgresql"), program("postgres", "postgresql")
    port = free_port()
    with _home() as home:
        data, password = home.folder / "data", home.write("password", "lab-password\n")
        home.run(
            initdb, "-D", data, "-U", "postgres", f"--auth={auth}", f"--pwfile={password}",
            "--no-sync", "--locale=C",
        )  # fmt: skip
        wanted = [
            f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={home.folder}",
            "fsync=off", "shared_buffers=4MB", "log_connections=on",
        ]  # fmt: skip
        options = [word for one in wanted for word in ("-c", one)]
        with home.running(port, postgres, "-D", data, *options, stop=signal.SIGINT):
            yield Service(port, home.folder / "output")


@contextmanager
def mariadb(password: str = "") -> Iterator[Service]:
    """MariaDB whose root has this password, or none."""
    install = program("mariadb-install-db", "mariadb-server")
    daemon = program("mariadbd", "mariadb-server")
    port = free_port()
    with _home() as home:
        data = home.folder / "data"
        home.run(
            install, "--no-defaults", f"--datadir={data}", "--skip-test-db",
            "--auth-root-authentication-method=normal", "--basedir=/usr", "--skip-name-resolve",
        )  # fmt: skip
        first = home.write(
            "first.sql",
            "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';\n"
            f"SET PASSWORD FOR 'root'@'127.0.0.1' = PASSWORD('{password}');\n",
        )
        options = [
            f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
            f"--socket={home.folder}/socket", f"--init-file={first}", "--skip-name-resolve",
        ]  # fmt: skip
        with home.running(port, daemon, "--no-defaults", *options):
            yield Service(port, home.folder / "output")


@dataclass(frozen=True)
class Orthanc:
    """Orthanc's two ports."""

    dicom: int
    http: int


@contextmanager
def orthanc(files: Files | None = None, **settings: object) -> Iterator[Orthanc]:
    """Orthanc with DICOMweb; with files, DICOM over TLS. Further settings as in its own file."""
    binary = program("Orthanc", "orthanc")
    plugin = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
    if not plugin.exists():
        program("orthanc-dicomweb", "orthanc-dicomweb")  # says that it is missing
    dicom, http = free_port(), free_port()
    with _home() as home:
        wanted: dict[str, object] = {
            "Name": "lab", "StorageDirectory": str(home.folder), "IndexDirectory": str(home.folder),
            "HttpPort": http, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
            "DicomPort": dicom, "DicomAlwaysAllowEcho": True, "Plugins": [str(plugin)],
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }  # fmt: skip
        if files is not None:
            wanted |= {
                "DicomTlsEnabled": True,
                "DicomTlsCertificate": str(home.write("c.pem", files[0].read_bytes())),
                "DicomTlsPrivateKey": str(home.write("k.pem", files[1].read_bytes())),
                "DicomTlsTrustedCertificates": str(home.write("t.pem", files[0].read_bytes())),
                "DicomTlsRemoteCertificateRequired": False,
            }
        with home.running(http, binary, home.write("orthanc.json", json.dumps(wanted | settings))):
            yield Orthanc(dicom, http)
