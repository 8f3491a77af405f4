"""Our elimination beside sslyze's trying of each suite alone, on servers of many makes.

Any difference fails: what sslyze finds and we do not, and what we find of that which sslyze asks
about and does not find.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.look import survey
from gdpr_audit.checks.tls.suites import GROUPS, registry
from gdpr_audit.checks.tls.survey import Survey
from gdpr_audit.demo import keys as demo_keys
from gdpr_audit.network import Door, Settings
from tests.conftest import program
from tests.lab import pki, servers, tls
from tests.lab.audits import DAY

WEAK = "@SECLEVEL=0"
_SSLYZE = {
    "SSL_3_0": hello.SSL_3,
    "TLS_1_0": hello.TLS_1_0,
    "TLS_1_1": hello.TLS_1_1,
    "TLS_1_2": hello.TLS_1_2,
    "TLS_1_3": hello.TLS_1_3,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tls.Files]:
    folder = tmp_path_factory.mktemp("pki")
    root = pki.authority("Lab Root")
    kinds = {"rsa": "rsa2048", "ec": "ec256"}
    return {n: pki.save(folder, n, [pki.leaf(root, kind=k)]) for n, k in kinds.items()}


_NGINX = {
    "modern": "ssl_protocols TLSv1.3;",
    "intermediate": "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;",
    "old": f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:{WEAK}; "
    "ssl_prefer_server_ciphers on;",
    "client-order": f"ssl_protocols TLSv1.2; ssl_ciphers ALL:{WEAK}; ssl_prefer_server_ciphers off;",
    "cbc": f"ssl_protocols TLSv1 TLSv1.2; ssl_ciphers AES128-SHA:AES256-SHA256:ECDHE+SHA:{WEAK};",
}


def _nginx(kind: str, files: dict[str, tls.Files], folder: Path) -> tuple[str, list[tls.Files]]:
    """The block of one kind, and its certificates."""
    rsa, ec = files["rsa"], files["ec"]
    if kind == "dhe1024":
        dh = demo_keys.bad(folder).dh_parameters
        return f"ssl_protocols TLSv1.2; ssl_ciphers DHE:{WEAK}; ssl_dhparam {dh};", [rsa]
    if kind == "two-keys":
        return "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE;", [rsa, ec]
    if kind == "ec":
        return "ssl_protocols TLSv1.2; ssl_ecdh_curve auto;", [ec]
    return _NGINX[kind], [rsa]


_GNUTLS_OLD = (
    "NORMAL:+VERS-ALL:+3DES-CBC:+ARCFOUR-128:+MD5:+ANON-ECDH:+ANON-DH:%COMPAT:-VERS-DTLS-ALL"
)
_ANTIQUE = {
    "minVersion": (3, 0),
    "maxVersion": (3, 3),
    "cipherNames": ["aes256", "aes128", "3des", "rc4", "null"],
    "macNames": ["sha", "sha256", "md5"],
}
_NULL = ("-cipher", f"ALL:eNULL:{WEAK}", "-min_protocol", "TLSv1", "-serverpref")
_MAKES: dict[str, Callable[[tls.Files], AbstractContextManager[int]]] = {
    "gnutls-old": lambda rsa: tls.gnutls(rsa, _GNUTLS_OLD),
    "gnutls-today": lambda rsa: tls.gnutls(rsa, "NORMAL"),
    "openssl-null": lambda rsa: tls.openssl(rsa, *_NULL),
    "openssl-3.5": tls.modern,
    "tlslite": lambda rsa: tls.antique(rsa, **_ANTIQUE),
}


@contextmanager
def _server(kind: str, files: dict[str, tls.Files], folder: Path) -> Iterator[tuple[int, int]]:
    """The port to ask, and one where sslyze sees the same server undisturbed."""
    rsa = files["rsa"]
    if kind in _MAKES:
        with _MAKES[kind](rsa) as port:
            yield port, port
    elif kind == "python":
        with servers.web(lambda *_: servers.Answer(), servers.context(rsa)) as running:
            yield running.port, running.port
    elif kind.startswith("nginx-"):
        block, chains = _nginx(kind.removeprefix("nginx-"), files, folder)
        with tls.nginx(folder, {"one": f"{block} {tls.keys(*chains)}"}) as ports:
            yield ports["one"], ports["one"]
    else:
        with _behind(kind, rsa, folder) as ports_:
            yield ports_


#: What an OpenSSL of today knows: a server that cuts hellos with anything else.
_KNOWN = ("AES", "CAMELLIA", "CHACHA20", "ARIA")


def _unknown(code: int) -> bool:
    suite = registry().get(code)
    return suite is not None and suite.encryption not in _KNOWN


@contextmanager
def _behind(kind: str, rsa: tls.Files, folder: Path) -> Iterator[tuple[int, int]]:
    """nginx behind something that dislikes some hellos."""
    dislikes: dict[str, tls.Dislikes] = {
        "caps-64": lambda suites, _: len(suites) > 64,
        "caps-64-by-alert": lambda suites, _: len(suites) > 64,
        "caps-20": lambda suites, _: len(suites) > 20,
        "intolerant-of-1.3": lambda _, version: version > hello.TLS_1_2,
        "intolerant-of-1.2": lambda _, version: version > hello.TLS_1_1,
        "resets-on-unknown": lambda suites, _: any(_unknown(code) for code in suites),
    }
    block = f"ssl_protocols TLSv1 TLSv1.2; ssl_ciphers ECDHE+AES:AES:{WEAK};"
    blocks = {"one": f"{block} {tls.keys(rsa)}"}
    with tls.nginx(folder, blocks) as ports:
        alert = kind.endswith("alert")
        with tls.middlebox(ports["one"], dislikes[kind], alert=alert) as box:
            yield box.port, ports["one"]


def _ours(port: int) -> tuple[Survey, int]:
    async def look() -> tuple[Survey, int]:
        async with Door(Settings(), day=DAY) as door:
            asker = Asker(door, "localhost", port, "https", "127.0.0.1")
            found = Survey("127.0.0.1")
            await survey(asker, lambda *_: True, found)
            return found, door.traffic("localhost", port).connections

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(look())).result()


def _theirs(port: int) -> Any:
    import sslyze

    commands = {getattr(sslyze.ScanCommand, f"{name}_CIPHER_SUITES") for name in _SSLYZE}
    scanner = sslyze.Scanner()
    scanner.queue_scans(
        [
            sslyze.ServerScanRequest(
                server_location=sslyze.ServerNetworkLocation("localhost", port, "127.0.0.1"),
                scan_commands={*commands, sslyze.ScanCommand.ELLIPTIC_CURVES},
            )
        ]
    )
    return next(iter(scanner.get_results())).scan_result


def _asked_by_sslyze(name: str) -> set[str]:
    from sslyze.plugins.openssl_cipher_suites.cipher_suites import CipherSuitesRepository
    from sslyze.server_connectivity import TlsVersionEnum

    suites = CipherSuitesRepository.get_all_cipher_suites(TlsVersionEnum[name])
    return {suite.name for suite in suites}


def _accepted_by_openssl(port: int, suite: str) -> bool:
    """Whether a client that offers this suite alone ends its handshake: sslyze's cannot do all."""
    client = program("openssl", "openssl")
    listed = subprocess.run(
        [client, "ciphers", "-stdname", f"ALL:eNULL:{WEAK}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    own = {line.split()[0]: line.split()[2] for line in listed.splitlines()}
    cipher = f"{own[suite]}:{WEAK}"
    done = subprocess.run(
        [client, "s_client", "-connect", f"127.0.0.1:{port}", "-cipher", cipher, "-no_tls1_3"],
        input="", capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    return "Cipher is (NONE)" not in done.stdout and "Cipher is" in done.stdout


_CURVES = {"prime192v1": "secp192r1", "prime256v1": "secp256r1", "X25519": "x25519", "X448": "x448"}

SERVERS = (
    *(f"nginx-{kind}" for kind in (*_NGINX, "dhe1024", "two-keys", "ec")),
    "gnutls-old", "gnutls-today", "python", "openssl-null", "openssl-3.5", "tlslite",
)  # fmt: skip
DISLIKING = ("caps-64", "caps-64-by-alert", "caps-20", "resets-on-unknown")


@pytest.mark.parametrize("kind", [*SERVERS, *DISLIKING])
def test_both_find_the_same(kind: str, files: dict[str, tls.Files], tmp_path: Path) -> None:
    with _server(kind, files, tmp_path) as (port, direct):
        ours, connections = _ours(port)
        theirs = _theirs(direct)
        for name, number in _SSLYZE.items():
            result = getattr(theirs, f"{name.lower()}_cipher_suites").result
            accepted = {s.cipher_suite.name for s in result.accepted_cipher_suites}
            version = ours.versions[number]
            found = {registry()[code].name for code in version.suites}
            assert accepted <= found, name
            for suite in (found & _asked_by_sslyze(name)) - accepted:
                assert _accepted_by_openssl(direct, suite), (name, suite)
            assert bool(version.accepted) == bool(accepted), name

    curves = {
        _CURVES.get(c.name, c.name) for c in theirs.elliptic_curves.result.supported_curves or ()
    }
    groups = {code for v in ours.versions.values() for code in v.groups}
    elliptic = {GROUPS[code].name for code in groups if GROUPS[code].kind == "curve"}
    assert {name.lower() for name in curves} <= {name.lower() for name in elliptic}
    assert ours.doubt is None
    if kind in SERVERS:
        assert all(v.gap is None for v in ours.versions.values())
        # every suite that OpenSSL 3 knows, NULL ones included, is more than any server needs
        assert connections <= (170 if kind == "openssl-null" else 150)


@pytest.mark.parametrize(
    ("kind", "unknown", "known"),
    [
        ("intolerant-of-1.3", (hello.TLS_1_3,), (hello.TLS_1_2, hello.TLS_1_0)),
        ("intolerant-of-1.2", (hello.TLS_1_3, hello.TLS_1_2), (hello.TLS_1_0,)),
    ],
)
def test_what_a_server_cuts_it_does_not_refuse(
    kind: str,
    unknown: tuple[int, ...],
    known: tuple[int, ...],
    files: dict[str, tls.Files],
    tmp_path: Path,
) -> None:
    with _server(kind, files, tmp_path) as (port, _):
        ours = _ours(port)[0]

    assert [ours.versions[n].accepted for n in unknown] == [None] * len(unknown)
    assert [ours.versions[n].accepted for n in known] == [True] * len(known)
    assert all(ours.versions[n].suites for n in known)


def test_suites_that_could_not_be_asked_about_are_said(
    files: dict[str, tls.Files], tmp_path: Path
) -> None:
    with _server("resets-on-unknown", files, tmp_path) as (port, _):
        ours = _ours(port)[0]

    gap = ours.versions[hello.TLS_1_2].gap
    assert gap is not None
    assert "could not be asked about" in gap.en
