"""Team Cymru's mapping of addresses to origin AS numbers, asked over DNS.

Not a geolocation service: the country is that of the registry. Free of charge; the addresses
asked about leave this machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

SERVICE = "Team Cymru (origin.asn.cymru.com)"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the origin zones; `registry` is `ripencc`, `arin`, `apnic` and so on."""

    asns: tuple[int, ...]
    prefix: str
    registry: str


def origin_query(address: str) -> str:
    """The name to ask TXT of, for the origin AS of an address."""
    ip = ipaddress.ip_address(address)
    if ip.version == 4:
        reversed_ = ".".join(reversed(address.split(".")))
        return f"{reversed_}.origin.asn.cymru.com"
    nibbles = ".".join(reversed(ip.exploded.replace(":", "")))
    return f"{nibbles}.origin6.asn.cymru.com"


def parse_origin(records: Iterable[str]) -> Answer | None:
    """The most specific of the answers: `207990 | 45.135.26.0/24 | NL | ripencc | 2020-06-23`.

    Several networks may announce one prefix, in one record or in several: all are kept.
    """
    found: list[tuple[int, Answer]] = []
    for record in records:
        fields = [part.strip() for part in record.strip('"').split("|")]
        if len(fields) < 3:
            continue
        asns = tuple(int(word) for word in fields[0].split() if word.isdigit() and len(word) < 11)
        try:
            network = ipaddress.ip_network(fields[1])
        except ValueError:
            continue
        if asns:
            registry = fields[3].lower() if len(fields) > 3 else ""
            found.append((network.prefixlen, Answer(asns, fields[1], registry)))
    if not found:
        return None
    longest = max(length for length, _ in found)
    answers = [answer for length, answer in found if length == longest]
    asns = tuple(dict.fromkeys(asn for answer in answers for asn in answer.asns))
    return Answer(asns, answers[0].prefix, answers[0].registry)


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
