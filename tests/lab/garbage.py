"""Services of hospitals that answer what nobody's protocol says. Real servers, on loopback."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.lab import servers
from tests.lab.hostile import HTML, MIB, NAME, Place, Target, site
from tests.lab.servers import Answer

#: An address of this machine that no other test listens at, for ports that have their number.
HOST = "127.0.77.1"
_DECLARED = """platform: x
mandate: {{authorised_by: Claire Martin, reference: "2026-11", scope: [{scope}],
  not_before: 2026-11-01, not_after: 2026-12-31}}
targets: [{{url: '{url}'{more}}}]
"""
_ACTIVE = ["-d", "platform.yaml", "--active", "--date", "2026-11-26"]
NOISE = bytes(range(7, 207)) * 50

#: What each port says first or in answer: lengths that lie, types that are none, no end.
SAYS = {
    6379: b"*2147483647\r\n$9999999999\r\n" + NOISE,
    27017: b"\xff\xff\xff\x7f" + NOISE,
    9200: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b'{"a":' * 100_000,
    5432: b"R\xff\xff\xff\xff" + NOISE,
    3306: b"\xff\xff\xff\x00" + NOISE,
    5984: b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + b"[" * MIB,
    11211: b"VALUE " + b"9" * MIB,
    3389: b"\x03\x00\xff\xff" + NOISE,
    5900: b"RFB 999.999\n" + b"\xff" * MIB,
    11112: b"\x02\x00\xff\xff\xff\xff" + NOISE,
    4242: b"\x02\x00\x00\x00\x00\x00",
    2762: NOISE,
    2575: b"\x0bMSH|" + b"\x80" * MIB,
}


def noise(says: bytes) -> Callable[[Any], None]:
    """Say it as soon as anything is heard, or where nothing comes, and go on listening."""

    def talk(connection: socket.socket) -> None:
        connection.settimeout(0.3)
        with contextlib.suppress(TimeoutError):
            connection.recv(4096)
        connection.sendall(says)
        with contextlib.suppress(TimeoutError):
            while connection.recv(65536):
                pass

    return talk


def endless(says: bytes) -> Callable[[Any], None]:
    """The same for ever."""

    def talk(connection: socket.socket) -> None:
        connection.recv(4096)
        while True:
            connection.sendall(says)

    return talk


def speaking(scheme: str, talk: Callable[[Any], None]) -> Place:
    """A target of that scheme, with a mandate to ask it what it lets anyone do."""

    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        with servers.tcp(talk) as server:
            _declare(folder, f"{scheme}://localhost:{server.port}", "localhost")
            yield Target(f"{scheme}://localhost:{server.port}", list(_ACTIVE), server.seen)

    return place


def fhir(*bodies: bytes) -> Place:
    """A FHIR server whose every answer is one of these, in turn."""
    turn = iter(range(1_000_000))

    def answers(path: str, headers: dict[str, str]) -> Answer:
        body = bodies[next(turn) % len(bodies)]
        return Answer(200, [("Content-Type", "application/fhir+json")], body)

    @contextmanager
    def place(folder: Path) -> Iterator[Target]:
        with site(answers)(folder) as target:
            target.url += "fhir"
            _declare(folder, target.url, "localhost", ", kind: fhir")
            target.options += _ACTIVE
            yield target

    return place


#: What FHIR is not: half a document, nesting, numbers without end, the wrong kind, no text.
NOT_FHIR = (
    b'{"resourceType": "CapabilityStatement", "rest": [{"security": ',
    b'{"resourceType": "Bundle", "total": ' + b"9" * 100_000 + b"}",
    b"[" * 100_000,
    b'{"resourceType": ["Bundle"], "entry": {"resource": NaN}, "total": "many"}',
    b"\xff\xfe\x00{",
    b'{"resourceType": "CapabilityStatement", "rest": 1e999}',
)


@contextmanager
def every_port(folder: Path) -> Iterator[Target]:
    """A host on which each port that is asked under a mandate answers, and says nothing true."""
    with contextlib.ExitStack() as stack:
        for port, says in SAYS.items():
            stack.enter_context(servers.tcp(noise(says), (HOST, port)))
        web = stack.enter_context(servers.tcp(noise(b"HTTP/1.1 200 OK\r\n\r\n<p>here"), (HOST, 0)))
        url = f"http://{HOST}:{web.port}/"
        _declare(folder, url, HOST)
        yield Target(url, list(_ACTIVE))


def _declare(folder: Path, url: str, scope: str, more: str = "") -> None:
    text = _DECLARED.format(url=url, scope=scope, more=more)
    (folder / "platform.yaml").write_text(text, "utf-8")


# Names that lie


def endless_aliases(name: str, rdtype: str) -> Any:
    """Each name is another name's, for ever."""
    count = int(name[1:].partition(".")[0]) if name[1:2].isdigit() else 0
    return [(name, "CNAME", f"n{count + 1}.{NAME}.")]


def spf_bomb(name: str, rdtype: str) -> Any:
    """A policy that includes four, each of which includes four, and so on; beside 50 kB of records."""
    if rdtype == "A" and name == NAME:
        return [(name, "A", "127.0.0.1")]
    if rdtype == "MX":
        return [(name, "MX", f"{n} mx{n}.{name}.") for n in range(400)]
    if rdtype == "TXT":
        policy = " ".join(f"include:n{n}.{name}"[:60] for n in range(4))
        return [
            (name, "TXT", f'"v=spf1 {policy} -all"'),
            *((name, "TXT", f'"{n} {"x" * 240}"') for n in range(200)),
        ]
    return []


def inner_name(name: str, rdtype: str) -> Any:
    """A public name, and one beside it that is this machine's."""
    addresses = {NAME: "9.9.9.9", f"inner.{NAME}": "127.0.0.1"}
    return [(name, "A", addresses[name])] if rdtype == "A" and name in addresses else []


LEADS_IN = Answer(302, [("Location", f"http://inner.{NAME}:6379/"), HTML])
