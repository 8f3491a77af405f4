"""The web sites and the databases of the lab."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import program
from tests.lab import exposed, servers, tls
from tests.lab.servers import Answer
from tools.compare.place import Place

HTML = ("Content-Type", "text/html; charset=utf-8")
PAGE = b"<!doctype html><html lang=fr><title>Rendez-vous</title><p>Bienvenue</html>"

#: Requests that the site which turns scanners away answers before it does.
PATIENCE = 6
REDIS = 6379
#: nmap takes for a web server what names one.
SERVER = ("Server", "nginx")
DUMP = "-- MySQL dump 10.13\nCREATE TABLE visit (id INT);\nINSERT INTO visit VALUES (1);\n"
LEAKS = {
    "/.git/HEAD": "ref: refs/heads/main\n",
    "/.git/config": "[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
    "/.git/description": "Unnamed repository\n",
    "/.env": "APP_ENV=production\nDB_PASSWORD=lab-only\n",
    "/backup.sql": DUMP,
    "/backup/2026-11.sql": DUMP,
    "/index.html.bak": "<!doctype html><p>old",
}


@contextmanager
def plain(folder: Path, *, directives: str) -> Iterator[Place]:
    """nginx in clear, with one page and these directives."""
    with exposed.site({"/index.html": PAGE}, directives) as site:
        yield Place(f"http://localhost:{site.port}/", configuration=directives)


@contextmanager
def leaky(folder: Path) -> Iterator[Place]:
    """nginx that serves a repository, a configuration, a dump, and the index of a folder."""
    directives = "location /backup/ { autoindex on; }"
    with exposed.site({**LEAKS}, directives) as site:
        yield Place(f"http://localhost:{site.port}/", configuration=directives)


@contextmanager
def tidy(folder: Path) -> Iterator[Place]:
    """The same files under the same root, none of which nginx serves; its folder has no index."""
    directives = (
        r"server_tokens off; location ~ /\. { return 404; } location ~ \.(sql|bak)$ { return 404; }"
    )
    with exposed.site({**LEAKS}, directives) as site:
        yield Place(f"http://localhost:{site.port}/", configuration=directives)


@contextmanager
def turns_away(folder: Path) -> Iterator[Place]:
    """The leaking site behind a filter: after six requests for what is not there, 403 for all."""
    odd = itertools.count(1)
    away: list[bool] = []

    def site(path: str, headers: dict[str, str]) -> Answer:
        held = LEAKS.get(path)
        if path != "/" and held is None and next(odd) > PATIENCE:
            away.append(True)
        if away:
            return Answer(403, [HTML, SERVER], b"<title>Blocked</title>")
        if path == "/":
            return Answer(200, [HTML, SERVER], PAGE)
        if held is None:
            return Answer(404, [HTML, SERVER], b"<title>404</title>")
        return Answer(200, [("Content-Type", "text/plain"), SERVER], held.encode())

    with servers.web(site) as server:
        yield Place(f"http://localhost:{server.port}/")


@contextmanager
def redis(folder: Path, *, address: str, options: tuple[str, ...]) -> Iterator[Place]:
    """Redis at its own port, of a loopback address of its own."""
    binary = program("redis-server", "redis-server")
    own = ["--bind", address, "--port", str(REDIS), "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(
        [binary, *own, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with tls.running(process):
        tls.await_port(REDIS, process, address)
        yield Place(f"redis://{address}:{REDIS}", configuration=" ".join(options))


@contextmanager
def redis_deaf(folder: Path, *, address: str) -> Iterator[Place]:
    """Its port takes connections and says nothing: a filter, or a server too busy to answer."""
    with servers.tcp(servers.silent, (address, REDIS)):
        yield Place(f"redis://{address}:{REDIS}")
