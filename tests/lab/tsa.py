"""A time stamp authority by RFC 3161, on loopback: `openssl ts` behind a web server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import program
from tests.lab import servers

_CONFIG = """[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """One that answers at `url`, its root in `roots`."""

    url: str
    roots: Path
    running: servers.Running


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(
        [program("openssl", "openssl"), *words], cwd=folder, check=True, capture_output=True
    )


def keys(folder: Path) -> None:
    """A root, and a certificate of it that may stamp times and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    new = ("req", "-newkey", "rsa:2048", "-nodes")
    root = ("-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Stamp root", "-days", "30")
    _openssl(folder, *new, "-x509", *root)
    usage = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"
    (folder / "usage").write_text(usage)
    _openssl(folder, *new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Stamps")
    by = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30")
    _openssl(folder, "x509", "-req", "-in", "tsa.csr", *by, "-extfile", "usage", "-out", "tsa.pem")
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))


def stamp(folder: Path, query: bytes) -> bytes:
    """The authority's answer."""
    (folder / "query").write_bytes(query)
    words = ("-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query", "-out", "reply")
    _openssl(folder, "ts", "-reply", *words)
    return (folder / "reply").read_bytes()


@contextmanager
def serve(folder: Path) -> Iterator[Authority]:
    """Answers every question that is POSTed to it as it should be."""
    keys(folder)

    def site(_path: str, headers: dict[str, str]) -> servers.Answer:
        if headers.get("content-type") != "application/timestamp-query":
            return servers.Answer(400)
        answer = stamp(folder, headers[":body"].encode("utf-8", "surrogateescape"))
        return servers.Answer(200, [("Content-Type", "application/timestamp-reply")], answer)

    with servers.web(site) as running:
        url = f"http://127.0.0.1:{running.port}/tsr"
        yield Authority(url, folder / "ca.pem", running)
