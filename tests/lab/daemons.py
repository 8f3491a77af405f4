"""Real daemons with TLS around or inside protocols of their own, on loopback.

They run unprivileged: some refuse to be root. Postfix's master alone has to be root.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import leave_out, program
from tests.lab.tls import Files, await_port, free_port, free_ports

_USER = "nobody"  # whom a daemon runs as where the tests are root's


@dataclass(frozen=True)
class _Home:
    """A daemon's own folder: it could not read the tests' own, where those are root's."""

    folder: Path
    user: pwd.struct_passwd
    drops: bool  # whether its user is another one than the tests'

    @property
    def _who(self) -> dict[str, Any]:
        """For subprocess: its user and group, and no group of root's beside them."""
        if not self.drops:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    @property
    def group(self) -> str:
        return grp.getgrgid(self.user.pw_gid).gr_name

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)  # keys are of no use to a daemon where others can read them
        os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return path

    def take(self, files: Files) -> Files:
        """Its own copies of a certificate and its key."""
        certificate, key = files
        return self.write("chain.pem", certificate.read_text()), self.write(
            "key.pem", key.read_text()
        )

    def run(self, *command: str | Path) -> None:
        """To its end, what prepares the daemon."""
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, **self._who
        )
        assert done.returncode == 0, f"{command!r}: {done.stdout}{done.stderr}"

    @contextmanager
    def running(
        self, ports: Sequence[int], *command: str | Path, stop: int = signal.SIGTERM
    ) -> Iterator[None]:
        """The daemon and its children, in a group of their own that ends with this context."""
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                command, cwd=self.folder, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._who,
            )  # fmt: skip
            try:
                try:
                    for port in ports:
                        await_port(port, process)
                except AssertionError as error:
                    log.seek(0)
                    error.add_note(log.read()[-2000:].decode("utf-8", "replace"))
                    raise
                yield
            finally:
                _end(process, stop)


def _end(process: subprocess.Popen[bytes], stop: int) -> None:
    """Ask it to end, and kill what is left of its group.

    It is waited for last: until then its number, which is its group's, cannot become another's.
    """
    if process.returncode is not None:
        return
    process.send_signal(stop)
    for _ in range(500):
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def _home(*, as_root: bool = False) -> Iterator[_Home]:
    me = pwd.getpwuid(os.getuid())
    drops = me.pw_uid == 0 and not as_root
    user = pwd.getpwnam(_USER) if drops else me
    with tempfile.TemporaryDirectory(prefix="gdpr-audit-lab-") as name:
        Path(name).chmod(0o755)
        os.chown(name, user.pw_uid, user.pw_gid)
        yield _Home(Path(name), user, drops)


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


@contextmanager
def postgresql(files: Files | None, *settings: str) -> Iterator[int]:
    """PostgreSQL, user `lab` without a password; without files, with ssl=off. Settings: name=value."""
    initdb, server = program("initdb", "postgresql"), program("postgres", "postgresql")
    port = free_port()
    with _home() as home:
        data = home.folder / "data"
        home.run(initdb, "-D", data, "-U", "lab", "--auth=trust", "--no-sync", "--locale=C")
        own = [f"port={port}", "listen_addresses=127.0.0.1", "fsync=off"]
        own += [f"unix_socket_directories={home.folder}"]
        if files is not None:
            certificate, key = home.take(files)
            own += ["ssl=on", f"ssl_cert_file={certificate}", f"ssl_key_file={key}"]
        options = [word for one in (*own, *settings) for word in ("-c", one)]
        with home.running([port], server, "-D", data, *options, stop=signal.SIGINT):
            yield port


@contextmanager
def slapd(files: Files | None, *settings: str) -> Iterator[dict[str, int]]:
    """OpenLDAP, empty; the port of each scheme. Without files it has no TLS."""
    binary = program("slapd", "slapd")
    ports = dict(zip(("ldap", "ldaps") if files else ("ldap",), free_ports(2), strict=False))
    with _home() as home:
        own = []
        if files is not None:
            certificate, key = home.take(files)
            own = [f"TLSCertificateFile {certificate}", f"TLSCertificateKeyFile {key}"]
        written = home.write(
            "slapd.conf",
            _lines(
                "include /etc/ldap/schema/core.schema", *own, *settings,
                "database ldif", "suffix dc=lab", f"directory {home.folder}",
            ),
        )  # fmt: skip
        places = " ".join(f"{scheme}://127.0.0.1:{port}" for scheme, port in ports.items())
        command = (binary, "-d", "0", "-f", written, "-h", places)
        with home.running([*ports.values()], *command):
            yield ports


_DOVECOT = """base_dir = {0}/run
state_dir = {0}/state
log_path = /dev/stderr
protocols = imap
default_internal_user = {1}
default_internal_group = {2}
default_login_user = {1}
mail_location = maildir:{0}/mail
passdb {{
  driver = static
  args = nopassword=y
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {3}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {4}
  }}
}}
"""


@contextmanager
def dovecot(files: Files | None, *settings: str) -> Iterator[dict[str, int]]:
    """Dovecot's IMAP; the port of each scheme. Without files it has no TLS, and no imaps."""
    binary = program("dovecot", "dovecot-imapd")
    imap, imaps = free_ports(2)
    with _home() as home:
        own = ["ssl = no"]
        if files is not None:
            certificate, key = home.take(files)
            own = ["ssl = yes", f"ssl_cert = <{certificate}", f"ssl_key = <{key}"]
        text = _DOVECOT.format(home.folder, home.user.pw_name, home.group, imap, imaps)
        written = home.write("dovecot.conf", text + _lines(*own, *settings))
        ports = {"imap": imap, "imaps": imaps} if files else {"imap": imap}
        with home.running([*ports.values()], binary, "-F", "-c", written):
            yield ports


_POSTFIX = """compatibility_level = 3.6
queue_directory = {0}/queue
data_directory = {0}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.test
alias_maps =
maillog_file = {0}/mail.log
maillog_file_prefixes = {0}
"""
_MASTER = """127.0.0.1:{0} inet n - n - - smtpd
127.0.0.1:{1} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
postlog unix-dgram n - n - 1 postlogd
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
"""


_POSTFIX_FOLDERS = {
    "queue": "root", "queue/pid": "root", "queue/private": "postfix", "queue/public": "postfix",
    "data": "postfix",
}  # fmt: skip


@contextmanager
def postfix(files: Files | None, *settings: str) -> Iterator[dict[str, int]]:
    """Postfix's SMTP; the port of each scheme. Without files, smtp does not offer STARTTLS.

    With `smtpd_tls_security_level = may`, smtps goes by the settings named `mandatory`.
    """
    postconf = program("postconf", "postfix")
    if os.getuid() != 0:
        leave_out("postfix is started by root alone")
    ports = dict(zip(("smtp", "smtps"), free_ports(2), strict=True))
    with _home(as_root=True) as home:
        for name, owner in _POSTFIX_FOLDERS.items():
            (home.folder / name).mkdir()
            shutil.chown(home.folder / name, owner)
        own = []
        if files is not None:
            certificate, key = home.take(files)
            own = [
                "smtpd_tls_security_level = may",
                f"smtpd_tls_chain_files = {key}, {certificate}",
            ]
        home.write("main.cf", _POSTFIX.format(home.folder) + _lines(*own, *settings))
        home.write("master.cf", _MASTER.format(*ports.values()))
        for name in ("main.cf", "master.cf"):
            (home.folder / name).chmod(0o644)  # its children are others
        command = [postconf, "-c", str(home.folder), "-h", "daemon_directory"]
        folder = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        with home.running([*ports.values()], Path(folder, "master"), "-c", home.folder, "-d"):
            yield ports


@contextmanager
def orthanc(files: Files | None, **settings: object) -> Iterator[int]:
    """Orthanc's DICOM port, over TLS where files are given.

    It knows no way to listen on loopback alone; so it lets nobody do more than an echo.
    """
    binary = program("Orthanc", "orthanc")
    port = free_port()
    with _home() as home:
        own: dict[str, object] = {
            "StorageDirectory": str(home.folder),
            "HttpServerEnabled": False,
            "DicomPort": port,
            "DicomAlwaysAllowEcho": True,
            "DicomAlwaysAllowStore": False,
        }
        if files is not None:
            certificate, key = home.take(files)
            own |= {
                "DicomTlsEnabled": True,
                "DicomTlsCertificate": str(certificate),
                "DicomTlsPrivateKey": str(key),
                "DicomTlsTrustedCertificates": str(certificate),
                "DicomTlsRemoteCertificateRequired": False,
            }
        written = home.write("orthanc.json", json.dumps(own | settings))
        with home.running([port], binary, written):
            yield port


@contextmanager
def stunnel(files: Files, behind: int, *settings: str) -> Iterator[int]:
    """stunnel in front of a port that has no TLS of its own."""
    binary = program("stunnel4", "stunnel4")
    port = free_port()
    with _home() as home:
        certificate, key = home.take(files)
        text = _lines(
            "foreground = yes", "pid =", "[node]",
            f"accept = 127.0.0.1:{port}", f"connect = 127.0.0.1:{behind}",
            f"cert = {certificate}", f"key = {key}", *settings,
        )  # fmt: skip
        with home.running([port], binary, home.write("stunnel.conf", text)):
            yield port
