"""Run by `test_wire.py` in a network namespace without a way out: a world, a tap, and one command.

The kernel takes every address for its own here: names have public ones, and what is sent to any
other is refused, and seen.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.lab import pki, servers
from tests.lab.servers import Answer, Running
from tests.wire.tap import Begun, tapped

RESOLVER = "80.67.169.12"
SITE, OTHER, REGISTRY = "51.68.0.7", "88.198.0.7", "193.0.6.1"
METADATA = "169.254.169.254"
NAMES = {
    "rdv.example.test": SITE,
    "cdn.other.test": OTHER,
    "rdap.db.ripe.net": REGISTRY,
}
#: A mail policy whose host is this machine's own.
LEADS_IN = {
    ("example.test", "MX"): "10 rdv.example.test.",
    ("_mta-sts.example.test", "TXT"): '"v=STSv1; id=1"',
    ("mta-sts.example.test", "A"): "127.0.0.1",
}
#: Where a page, a certificate and a header send whoever follows them.
NOWHERE = "45.33.32.156"
PAGE = f"""<!doctype html><html lang=fr><head><title>RDV</title>
<link rel=dns-prefetch href=//prefetched.bait.test><link rel=preconnect href=//connected.bait.test>
<link rel=prefetch href=https://fetched.bait.test/next><link rel=prerender href=//next.bait.test/>
<link rel=icon href=http://icon.bait.test/i.ico><script src=https://cdn.other.test/a.js></script>
</head><body><a href=https://linked.bait.test/>ailleurs</a>
<a href=http://127.0.0.1:6379/>base</a><img src=http://{METADATA}/latest/meta-data/>
<form action=https://posted.bait.test/login method=post><input name=user>
<input type=password name=password></form><script>
const go = f => {{ try {{ f() }} catch (e) {{}} }};
for (const urls of ['stun:{NOWHERE}:3478', 'stun:stun.bait.test', 'stun:{METADATA}:3478'])
  go(() => {{ const p = new RTCPeerConnection({{iceServers: [{{urls}}]}});
    p.createDataChannel('x'); p.createOffer().then(o => p.setLocalDescription(o)) }});
go(() => new WebTransport('https://{NOWHERE}:4433/'));
go(() => new WebSocket('ws://{METADATA}/'));
go(() => navigator.sendBeacon('http://127.0.0.1:6379/', 'x'));
go(() => fetch('http://[fd00:ec2::254]/latest/'));
</script></body></html>""".encode()
HTML = ("Content-Type", "text/html; charset=utf-8")
LURES = (
    ("Link", "<https://hinted.bait.test/x.js>; rel=preload"),
    ("Report-To", '{"endpoints":[{"url":"https://report.bait.test/"}],"max_age":9}'),
    ("NEL", '{"report_to":"default","max_age":9,"success_fraction":1}'),
    ("Alt-Svc", f'h3="{NOWHERE}:443"; ma=86400'),
    (
        "Content-Security-Policy",
        "default-src *; style-src * 'unsafe-inline'; script-src * 'unsafe-inline'; report-uri https://csp.bait.test/",
    ),
)
REGISTERED = b'{"name": "OVH", "handle": "OVH", "country": "FR", "entities": []}'


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def alone() -> None:
    """Every address is this machine: what is sent to any of them is seen on its one interface."""
    _ip("link", "set", "lo", "up")
    # browsers look for ways out (WebRTC) on interfaces with an address, and not on loopback
    _ip("link", "add", "card", "type", "veth", "peer", "name", "wall")
    _ip("address", "add", "198.51.100.2/24", "dev", "card")
    for end in ("wall", "card"):
        _ip("link", "set", end, "addrgenmode", "none")  # an address that comes later is a change
        _ip("link", "set", end, "up")
    _ip("route", "add", "default", "dev", "card")
    _ip("route", "add", "local", "0.0.0.0/0", "dev", "lo")
    with contextlib.suppress(subprocess.CalledProcessError):  # a kernel without IPv6
        _ip("-6", "route", "add", "local", "::/0", "dev", "lo")


def zone(name: str, rdtype: str) -> Any:
    if name.endswith(".origin.asn.cymru.com"):
        return [(name, rdtype, '"16276 | 51.68.0.0/16 | FR | ripencc |"')]
    if name.endswith(".asn.cymru.com"):
        return [(name, rdtype, '"16276 | FR | ripencc | | OVH, FR"')]
    if (name, rdtype) in LEADS_IN:
        return [(name, rdtype, LEADS_IN[name, rdtype])]
    if rdtype == "A" and (address := NAMES.get(name)) is not None:
        return [(name, rdtype, address)]
    return [] if name in NAMES or name == "example.test" else 3


def page(path: str, headers: dict[str, str]) -> Answer:
    if headers.get("host") == "rdap.db.ripe.net":
        return Answer(200, [("Content-Type", "application/rdap+json")], REGISTERED)
    if path == "/away":
        return Answer(302, [("Location", "https://redirected.bait.test/")])
    return Answer(200 if path == "/" else 404, [HTML, *LURES], PAGE if path == "/" else b"")


@contextlib.contextmanager
def world(folder: Path) -> Iterator[tuple[Running, Running]]:
    """Everything up: the name server, and what is beside what a command may speak to."""
    root = pki.authority("Lab Root")
    made = pki.leaf(root, tuple(NAMES), wears=(pki.names_issuer(), pki.names_responder()))
    files = pki.save(folder, "server", [made])
    pki.save(folder, "root", [root])
    context = servers.context(files)
    with contextlib.ExitStack() as stack:
        for address in NAMES.values():
            stack.enter_context(servers.web(page, context, (address, 443)))
            stack.enter_context(servers.web(page, None, (address, 80)))
        decoy = stack.enter_context(servers.tcp(servers.hang_up, ("127.0.0.1", 6379)))
        stack.enter_context(servers.tcp(servers.hang_up, (METADATA, 80)))
        yield stack.enter_context(servers.dns_server(zone, (RESOLVER, 53))), decoy


def main(folder: Path, words: list[str]) -> None:
    alone()
    begun: list[Begun] = []
    with world(folder) as (names, decoy), tapped(begun):
        done = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, check=False, timeout=120,
            stdin=subprocess.DEVNULL, env=dict(os.environ),
        )  # fmt: skip
    journal = folder / "journal.jsonl"
    told = {
        "status": done.returncode, "stdout": done.stdout, "stderr": done.stderr, "begun": begun,
        "asked": names.seen, "decoy": len(decoy.seen),
        "journal": journal.read_text("utf-8") if journal.exists() else "",
    }  # fmt: skip
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
