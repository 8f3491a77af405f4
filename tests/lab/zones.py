"""Zones on a real name server (Knot), signed or not, by dnspython."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.dnssec
import dns.name
import dns.query
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.dnssectypes import Algorithm
from dns.rdtypes.dnskeybase import Flag

from tests.conftest import program
from tests.lab.tls import running

_HEAD = """$TTL 60
@ IN SOA ns.{zone}. root.{zone}. 1 3600 600 86400 60
@ IN NS ns.{zone}.
ns IN A 127.0.0.1
"""

Key = ec.EllipticCurvePrivateKey


def text(zone: str, rows: str) -> str:
    """A zone file: the usual head, then `rows`."""
    return _HEAD.format(zone=zone) + rows


def signed(zone: str, rows: str, *, days: int = 30, key: Key | None = None) -> tuple[str, str]:
    """The same, signed until `days` from now (negative: expired), and the DS for its parent."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    dnskey = dns.dnssec.make_dnskey(
        own.public_key(), Algorithm.ECDSAP256SHA256, flags=Flag.ZONE | Flag.SEP
    )
    made = dns.zone.from_text(text(zone, rows), origin=zone, relativize=False)
    now = datetime.now(UTC)
    dns.dnssec.sign_zone(
        made,
        keys=[(own, dnskey)],
        inception=now - timedelta(days=60),
        expiration=now + timedelta(days=days),
        add_dnskey=True,
    )
    anchor = dns.dnssec.make_ds(dns.name.from_text(zone), dnskey, "SHA256")
    digest: str = anchor.to_text()  # type: ignore[no-untyped-call]  # dnspython's own gap
    return made.to_text(), f"{zone}. IN DS {digest}\n"


@contextmanager
def knot(
    folder: Path, zones: dict[str, str], *, open_to_all: tuple[str, ...] = ()
) -> Iterator[int]:
    """One Knot for all zones; those in `open_to_all` are given to anyone."""
    binary = program("knotd", "knot")
    port = _free_port()
    blocks = []
    for zone, content in zones.items():
        Path(folder, f"{zone}.zone").write_text(content)
        acl = "    acl: anyone\n" if zone in open_to_all else ""
        blocks.append(f"  - domain: {zone}\n    file: {zone}.zone\n{acl}")
    Path(folder, "db").mkdir()
    config = (
        f'server:\n    rundir: "{folder}"\n    listen: 127.0.0.1@{port}\n'
        f'database:\n    storage: "{folder}/db"\n'
        "acl:\n  - id: anyone\n    address: 127.0.0.0/8\n    action: transfer\n"
        f'template:\n  - id: default\n    storage: "{folder}"\n    semantic-checks: off\n'
        f"zone:\n{''.join(blocks)}"
    )
    Path(folder, "knot.conf").write_text(config)
    process = subprocess.Popen(
        [binary, "-c", str(folder / "knot.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with running(process):
        _await(port, next(iter(zones)), process)
        yield port


def _free_port() -> int:
    """A port that is free for UDP and for TCP: a name server listens on both."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
            stream.bind(("127.0.0.1", 0))
            port = int(stream.getsockname()[1])
            try:
                packets.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _await(port: int, zone: str, process: subprocess.Popen[bytes]) -> None:
    query = dns.message.make_query(zone, "SOA")
    for _ in range(200):
        if process.poll() is not None:
            raise AssertionError(f"knotd ended with {process.returncode}")
        try:
            if dns.query.udp(query, "127.0.0.1", port=port, timeout=0.2).answer:
                return
        except (OSError, dns.exception.Timeout):
            time.sleep(0.02)
    raise AssertionError("knotd did not come up")
