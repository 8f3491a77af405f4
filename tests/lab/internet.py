"""A network where every name has a public address, and all traffic stays on this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gdpr_audit.network import Settings
from gdpr_audit.network.settings import Proxy
from tests.lab import pki, servers
from tests.lab.servers import Answer

HOST = "rdv.example.test"
OVH, HETZNER, OUTSCALE, FREE = "51.68.0.7", "88.198.0.7", "109.232.232.7", "82.64.0.7"
UNKNOWN, CLOUDFLARE, AMAZON, VIRGINIA = "9.9.9.9", "104.16.0.7", "35.180.0.7", "35.1.0.7"
ORIGINS = {
    OVH: "16276 | 51.68.0.0/16 | FR | ripencc |",
    HETZNER: "24940 | 88.198.0.0/16 | DE | ripencc |",
    OUTSCALE: "50624 | 109.232.232.0/22 | FR | ripencc |",
    FREE: "12322 | 82.64.0.0/14 | FR | ripencc |",
    UNKNOWN: "64500 | 9.9.9.0/24 | FR | ripencc |",
    CLOUDFLARE: "13335 | 104.16.0.0/13 | US | arin |",
    AMAZON: "16509 | 35.180.0.0/16 | FR | arin |",
    VIRGINIA: "16509 | 35.0.0.0/8 | US | arin |",
}

HEADER = (
    "name,aliases,country,activities,referential,certification_body,certificate_number,"
    "valid_from,valid_until,source_url,source_date,confidence\n"
)
LIST = HEADER + (
    "OVHcloud,OVH;OVH SAS,FR,1;2;3;4;5;6,2,LNE,1,2025-01-01,2028-01-01,,2026-10-01,\n"
    "Scalingo,,FR,1;2;3;4;5;6,2,LNE,2,2025-01-01,2028-01-01,,2026-10-01,\n"
)


@dataclass
class Net:
    """What the names resolve to, what the registries know, and what the one web server answers."""

    names: Mapping[str, str] = field(default_factory=dict)  # name to address, or to CNAME
    holders: Mapping[str, str] = field(default_factory=dict)  # AS to name
    pointers: Mapping[str, str] = field(default_factory=dict)
    registered: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    pages: Mapping[str, Answer] = field(default_factory=dict)
    certified: tuple[str, ...] = (HOST, "rdap.db.ripe.net", "hoster.example.test")
    asked: list[Any] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)

    def zone(self, name: str, rdtype: str) -> Any:
        if name.endswith("asn.cymru.com") and rdtype == "TXT":
            return self._registry(name)
        if rdtype == "PTR":
            address = ".".join(reversed(name.split(".")[:4]))
            where = self.pointers.get(address)
            return [(name, "PTR", f"{where}.")] if where else 3
        if rdtype == "AAAA" and ":" in self.names.get(name, ""):
            return [(name, "AAAA", self.names[name])]
        rows: list[tuple[str, str, str]] = []
        while (to := self.names.get(name)) is not None and rdtype == "A":
            if ":" in to:
                return rows
            if to[0].isdigit():
                return [*rows, *((name, "A", one) for one in to.split())]
            rows.append((name, "CNAME", f"{to}."))
            name = to
        return rows if rows or name in self.names else 3

    def _registry(self, name: str) -> Any:
        if name.endswith(".origin6.asn.cymru.com"):
            return [(name, "TXT", '"16276 | 2001:41d0::/32 | FR | ripencc |"')]
        if name.endswith(".origin.asn.cymru.com"):
            address = ".".join(reversed(name.split(".")[:4]))
            return [(name, "TXT", f'"{ORIGINS[address]}"')] if address in ORIGINS else 3
        holder = self.holders.get(name.split(".", maxsplit=1)[0].upper())
        return [(name, "TXT", f'"64500 | FR | ripencc | | {holder}"')] if holder else 3

    def site(self, path: str, headers: dict[str, str]) -> Answer:
        host = headers["host"]
        if host == "rdap.db.ripe.net":
            kind = ("content-type", "application/rdap+json")
            return Answer(404) if self.registered is None else Answer(200, [kind], self.registered)
        if (answer := self.pages.get(f"{host}{path}")) is not None:
            return answer
        return Answer(200, list(self.headers), b"<html><title>x</title></html>")


@contextlib.contextmanager
def running(net: Net, folder: Path) -> Iterator[Settings]:
    root = pki.authority("Lab Root")
    files = pki.save(folder, "server", [pki.leaf(root, net.certified)])
    ca, _ = pki.save(folder, "root", [root])
    names = {"rdap.db.ripe.net": "193.0.6.1", "hoster.example.test": "193.0.6.2", **net.names}
    net.names = names
    with servers.web(net.site, servers.context(files)) as web, servers.dns_server(net.zone) as dns:
        with servers.proxy(remap=web.port) as proxy:
            yield Settings(
                resolver=("127.0.0.1", dns.port),
                proxy=Proxy("127.0.0.1", proxy.port),
                ca_file=ca,
            )
        net.asked += dns.seen
        net.requests += web.seen


def hosts(net: Net) -> set[str]:
    return {headers["host"] for _, headers in net.requests}
