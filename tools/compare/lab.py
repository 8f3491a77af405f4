"""The servers that all tools are pointed at: real ones on loopback, one a case.

What cases.toml names as `place` is a function here. Each is given an empty folder, and yields
where its server is.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from tests.lab import pki, servers, tls, vulnerable
from tests.lab.pki import Signer
from tests.lab.tls import Files
from tools.compare import fronts, sites
from tools.compare.place import Builder, Place

#: A server as it should be, and the same without the words on suites.
MODERN = "ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers on; "
SOUND = MODERN + "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20; "
#: All that OpenSSL 3 still has.
LEGACY = (
    "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:!aNULL:!eNULL:@SECLEVEL=0; "
    "ssl_prefer_server_ciphers off; "
)
HEADERS = {
    "Strict-Transport-Security": "max-age=63072000",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def web_headers(**changed: str) -> str:
    """nginx directives for the headers of a well-kept site; an empty value leaves one out."""
    held = HEADERS | {name.replace("_", "-"): value for name, value in changed.items()}
    return "default_type text/html; server_tokens off; " + " ".join(
        f'add_header {name} "{value}" always;' for name, value in held.items() if value
    )


def _root(folder: Path) -> tuple[Signer, Path]:
    root = pki.authority("Lab Root", kind="rsa2048")
    return root, pki.save(folder, "root", [root])[0]


def _files(folder: Path) -> tuple[Files, Path]:
    root, path = _root(folder)
    return pki.save(folder, "server", [pki.leaf(root, kind="rsa2048")]), path


@contextmanager
def nginx(folder: Path, *, block: str, dh: int = 0) -> Iterator[Place]:
    """nginx with a sound certificate and these directives; with `dh`, parameters of that size."""
    files, root = _files(folder)
    if dh:
        block += f" ssl_dhparam {_parameters(folder, dh)};"
    with _at(folder, files, root, block) as place:
        yield place


@contextmanager
def _at(folder: Path, files: Files, root: Path | None, block: str) -> Iterator[Place]:
    with _nginx_with(folder, files, block) as port:
        yield Place(f"https://localhost:{port}/", root, block)


@contextmanager
def _nginx_with(folder: Path, files: Files, block: str) -> Iterator[int]:
    with tls.nginx(folder, {"one": f"{block} {tls.keys(files)}"}) as ports:
        yield ports["one"]


def _parameters(folder: Path, bits: int) -> Path:
    path = folder / "dh.pem"
    made = ["openssl", "dhparam", "-dsaparam", "-out", str(path), str(bits)]
    subprocess.run(made, check=True, capture_output=True)
    return path


@contextmanager
def certified(
    folder: Path, *, make: Callable[[Path, Signer], tuple[list[Signer], Path | None]]
) -> Iterator[Place]:
    """A sound server with the chain that `make` makes, below a root."""
    root, path = _root(folder)
    chain, trusted = make(folder, root)
    files = pki.save(folder, "server", chain)
    block = SOUND + web_headers()
    if "weak" in chain[0].certificate.subject.rfc4514_string():
        block = block.replace("ECDHE+CHACHA20", "ECDHE+CHACHA20:@SECLEVEL=0")
    with _at(folder, files, trusted or path, block) as place:
        yield place


def _expired(folder: Path, root: Signer) -> tuple[list[Signer], Path | None]:
    return [pki.leaf(root, kind="rsa2048", first=-90, last=-5)], None


def _of_another(folder: Path, root: Signer) -> tuple[list[Signer], Path | None]:
    return [pki.leaf(root, ("other.example.test",), kind="rsa2048")], None


def _unknown(folder: Path, root: Signer) -> tuple[list[Signer], Path | None]:
    stranger = pki.authority("Unknown Root", kind="rsa2048")
    return [pki.leaf(stranger, kind="rsa2048")], None


def _incomplete(folder: Path, root: Signer) -> tuple[list[Signer], Path | None]:
    between = pki.authority("Lab Intermediate", root, kind="rsa2048")
    return [pki.leaf(between, kind="rsa2048")], None


def _short_key(folder: Path, root: Signer) -> tuple[list[Signer], Path | None]:
    return [pki.leaf(root, kind="rsa1024", subject="weak")], None


def _sha1(folder: Path, root: Signer) -> tuple[list[Signer], Path | None]:
    sound = pki.leaf(root, kind="rsa2048", subject="weak")
    return [pki.signed_again(folder, sound, root, "-sha1")], None


@contextmanager
def antique(folder: Path, **settings: object) -> Iterator[Place]:
    """tlslite-ng, which still has SSL 3, RC4 and NULL."""
    files, root = _files(folder)
    with tls.antique(files, **settings) as port:
        yield Place(f"https://localhost:{port}/", root, f"HandshakeSettings: {settings}")


@contextmanager
def s_server(folder: Path, *, options: tuple[str, ...]) -> Iterator[Place]:
    """`openssl s_server` with options of its own."""
    files, root = _files(folder)
    with tls.openssl(files, *options) as port:
        yield Place(f"https://localhost:{port}/", root, f"openssl s_server {' '.join(options)}")


@contextmanager
def gnutls(folder: Path, *, priority: str) -> Iterator[Place]:
    """`gnutls-serv` with a priority string."""
    files, root = _files(folder)
    with tls.gnutls(files, priority, "--http") as port:
        said = f"gnutls-serv --priority {priority}"
        yield Place(f"https://localhost:{port}/", root, said)


@contextmanager
def scripted(
    folder: Path, *, fault: Callable[[int], AbstractContextManager[int]]
) -> Iterator[Place]:
    """A fault that no server of today has, played in front of a nginx that speaks TLS 1.2."""
    files, root = _files(folder)
    ciphers = "ECDHE+AESGCM:AES128-GCM-SHA256:AES128-SHA:@SECLEVEL=0"
    block = f"ssl_protocols TLSv1.2; ssl_ciphers {ciphers}; " + web_headers()
    with _nginx_with(folder, files, block) as behind, fault(behind) as port:
        yield Place(f"https://localhost:{port}/", root, f"tests/lab/vulnerable.py: {block}")


@contextmanager
def oracle(folder: Path) -> Iterator[Place]:
    """ROBOT, in front of a server whose suites of static RSA it needs."""
    files, root = _files(folder)
    block = "ssl_protocols TLSv1.2; ssl_ciphers AES128-GCM-SHA256:AES128-SHA:AES256-SHA; "
    fault = partial(vulnerable.padding_oracle, key=files[1])
    with _nginx_with(folder, files, block) as behind, fault(behind) as port:
        yield Place(f"https://localhost:{port}/", root, f"tests/lab/vulnerable.py: {block}")


@contextmanager
def fronted(folder: Path, *, behind: Builder, front: fronts.Front) -> Iterator[Place]:
    """One of these servers behind a device that lets not everything through."""
    with behind(folder) as place, front(place.port) as port:
        yield Place(f"https://localhost:{port}/", place.root, place.configuration)


@contextmanager
def deaf(folder: Path) -> Iterator[Place]:
    """A port that takes connections and never says a word."""
    with servers.tcp(servers.silent) as server:
        yield Place(f"https://localhost:{server.port}/")


PLACES: dict[str, Builder] = {
    "sound": partial(nginx, block=SOUND + web_headers()),
    "legacy": partial(nginx, block=LEGACY + web_headers(), dh=1024),
    "static-rsa": partial(
        nginx,
        block="ssl_protocols TLSv1.2; ssl_ciphers AES128-GCM-SHA256:AES256-GCM-SHA384; "
        + web_headers(),
    ),
    "ssl3-rc4": partial(
        antique, minVersion=(3, 0), maxVersion=(3, 2), cipherNames=["rc4", "3des", "aes128"]
    ),
    "anonymous": partial(
        gnutls,
        priority="NORMAL:-VERS-ALL:+VERS-TLS1.2:+NULL:+ANON-ECDH:%SERVER_PRECEDENCE",
    ),
    "early-data": partial(nginx, block=SOUND + "ssl_early_data on; " + web_headers()),
    "client-renegotiation": partial(
        s_server, options=("-tls1_2", "-cipher", "ECDHE+AESGCM", "-client_renegotiation")
    ),
    "no-ems": partial(
        gnutls,
        priority="NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM:-KX-ALL:"
        "+ECDHE-RSA:%NO_SESSION_HASH",
    ),
    "no-rfc5746": partial(
        gnutls,
        priority="NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM:-KX-ALL:"
        "+ECDHE-RSA:%DISABLE_SAFE_RENEGOTIATION",
    ),
    "client-certificate": partial(s_server, options=("-Verify", "1", "-verify_return_error")),
    "expired": partial(certified, make=_expired),
    "of-another": partial(certified, make=_of_another),
    "untrusted": partial(certified, make=_unknown),
    "incomplete": partial(certified, make=_incomplete),
    "short-key": partial(certified, make=_short_key),
    "sha1": partial(certified, make=_sha1),
    "heartbleed": partial(scripted, fault=vulnerable.bleeding),
    "ccs": partial(scripted, fault=vulnerable.accepting_early_ciphers),
    "compressing": partial(scripted, fault=vulnerable.compressing),
    "robot": oracle,
    "sni-only": partial(
        fronted, behind=partial(nginx, block=SOUND + web_headers()), front=fronts.named_only
    ),
    "cuts-old-hellos": partial(
        fronted,
        behind=partial(nginx, block=LEGACY + web_headers(), dh=1024),
        front=fronts.cuts_old_hellos,
    ),
    "cuts-heartbeats": partial(
        fronted,
        behind=partial(scripted, fault=vulnerable.bleeding),
        front=fronts.cuts_heartbeats,
    ),
    "ten-connections": partial(
        fronted, behind=partial(scripted, fault=vulnerable.bleeding), front=fronts.ten_connections
    ),
    "slow": partial(
        fronted, behind=partial(nginx, block=LEGACY + web_headers(), dh=1024), front=fronts.slow
    ),
    "deaf": deaf,
    "bare-site": partial(
        nginx,
        block=SOUND + "default_type text/html; "
        'add_header Set-Cookie "PHPSESSID=d2f8a4c6e0b19375d2f8a4c6e0b19375; Path=/";',
    ),
    "short-hsts": partial(
        nginx, block=SOUND + web_headers(Strict_Transport_Security="max-age=3600")
    ),
    "sound-cookie": partial(
        nginx,
        block=SOUND
        + web_headers()
        + ' add_header Set-Cookie "__Host-session=d2f8a4c6e0b19375d2f8a4c6e0b19375; Path=/; '
        'Secure; HttpOnly; SameSite=Lax";',
    ),
    "unavailable": partial(nginx, block=SOUND + "default_type text/html; return 503;"),
    "clear": partial(sites.plain, directives="server_tokens off;"),
    "leaky": sites.leaky,
    "tidy": sites.tidy,
    "yes-to-all": partial(
        sites.plain, directives="server_tokens off; location / { try_files /index.html =404; }"
    ),
    "turns-away": sites.turns_away,
    "redis-open": partial(sites.redis, address="127.0.61.1", options=("--protected-mode", "no")),
    "redis-password": partial(
        sites.redis, address="127.0.61.2", options=("--requirepass", "lab-only")
    ),
    "redis-deaf": partial(sites.redis_deaf, address="127.0.61.3"),
}
