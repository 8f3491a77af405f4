"""Whose a name or a network is, from a table of DNS suffixes and origin AS numbers.

An address names the lowest layer, the owner of the network; a CNAME names the product above
it. Neither proves a certificate, nor that health data lies there.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

#: Rows below this are too weak to name an organisation in a finding.
_TRUSTED = ("high", "medium")


@dataclass(frozen=True, slots=True)
class Operator:
    """An organisation that runs networks, and how it is recognised."""

    organisation: str
    asns: tuple[int, ...]
    suffixes: tuple[str, ...]
    cdn: bool
    listed_as: str | None
    parent_country: str | None


@cache
def operators() -> tuple[Operator, ...]:
    text = files("gdpr_audit.hds").joinpath("attribution.csv").read_text("utf-8")
    return tuple(
        Operator(
            organisation=row["organisation"],
            asns=tuple(int(asn.removeprefix("AS")) for asn in _split(row["asns"])),
            suffixes=_split(row["dns_suffixes"]),
            cdn=row["is_cdn"] == "true",
            listed_as=row["hds_listed"] or None,
            parent_country=row["parent_company_country"] or None,
        )
        for row in csv.DictReader(text.splitlines())
        if row["confidence"] in _TRUSTED
    )


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def by_name(name: str) -> Operator | None:
    """Whose product a host name is: the longest suffix that ends at a label's edge."""
    name = name.rstrip(".").lower()
    best: tuple[int, Operator] | None = None
    for operator in operators():
        for suffix in operator.suffixes:
            if _ends(name, suffix) and (best is None or len(suffix) > best[0]):
                best = (len(suffix), operator)
    return best[1] if best else None


def _ends(name: str, suffix: str) -> bool:
    """`.scw.cloud` is a suffix, `domain.par.example` a name, `*` digits within one label."""
    pattern = re.escape(suffix).replace(r"\*", r"\d+")
    if suffix.startswith("."):
        return re.search(rf"(^|.){pattern}$", name) is not None or name == suffix[1:]
    return re.fullmatch(pattern, name) is not None


def by_asn(asns: Iterable[int]) -> Operator | None:
    """Whose network an origin AS is; of several owners of one number, the one that is no CDN."""
    wanted = set(asns)
    found = [operator for operator in operators() if wanted & set(operator.asns)]
    return min(found, key=lambda operator: operator.cdn, default=None)


@dataclass(frozen=True, slots=True)
class OriginAs:
    """One answer of Team Cymru's origin zones."""

    asns: tuple[int, ...]
    prefix: str
    registry_country: str


def origin_query(address: str) -> str:
    """The name to ask TXT of, for the origin AS of an address (Team Cymru over DNS)."""
    ip = ipaddress.ip_address(address)
    if ip.version == 4:
        reversed_ = ".".join(reversed(address.split(".")))
        return f"{reversed_}.origin.asn.cymru.com"
    nibbles = ".".join(reversed(ip.exploded.replace(":", "")))
    return f"{nibbles}.origin6.asn.cymru.com"


def parse_origin(records: Iterable[str]) -> OriginAs | None:
    """The most specific of the answers: `207990 | 45.135.26.0/24 | NL | ripencc | 2020-06-23`."""
    found: list[tuple[int, OriginAs]] = []
    for record in records:
        fields = [part.strip() for part in record.strip('"').split("|")]
        if len(fields) < 3:
            continue
        asns = tuple(int(word) for word in fields[0].split() if word.isdigit())
        try:
            network = ipaddress.ip_network(fields[1])
        except ValueError:
            continue
        if asns:
            found.append((network.prefixlen, OriginAs(asns, fields[1], fields[2])))
    return max(found, key=lambda pair: pair[0], default=(0, None))[1]


def name_query(asn: int) -> str:
    """The name to ask TXT of, for an AS number's holder."""
    return f"AS{asn}.asn.cymru.com"


def parse_name(records: Iterable[str]) -> str | None:
    """The holder: the last field of `16276 | FR | ripencc | 2001-02-15 | OVH, FR`."""
    for record in records:
        fields = [part.strip() for part in record.strip('"').split("|")]
        if len(fields) >= 5 and fields[4]:
            return fields[4]
    return None
