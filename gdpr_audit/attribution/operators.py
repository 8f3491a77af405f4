"""Whose a name or a network is, from a table of DNS suffixes and origin AS numbers.

An address names the lowest layer, the owner of the network; a CNAME names the product above
it. Neither proves a certificate, nor that health data lies there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

#: Rows below this are too weak to name an organisation in a finding.
_TRUSTED = ("high", "medium")


@dataclass(frozen=True, slots=True)
class Operator:
    """An organisation that runs networks, and how it is recognised.

    `access`: it sells access, so that an address of its may be the platform's own premises.
    `runs_on`: whose machines its product is known to run on, by its own documentation.
    `listed_as`: its name on the list of certified hosters, where that was sourced.
    """

    organisation: str
    asns: tuple[int, ...] = ()
    suffixes: tuple[str, ...] = ()
    cdn: bool = False
    access: bool = False
    runs_on: tuple[str, ...] = ()
    listed_as: str | None = None
    parent_country: str | None = None


@cache
def operators() -> tuple[Operator, ...]:
    return tuple(
        Operator(
            organisation=row["organisation"],
            asns=tuple(int(asn.removeprefix("AS")) for asn in _split(row["asns"])),
            suffixes=_split(row["dns_suffixes"]),
            cdn=row["is_cdn"] == "true",
            access=row["is_access"] == "true",
            runs_on=_split(row["runs_on"]),
            listed_as=row["hds_listed"] or None,
            parent_country=row["parent_company_country"] or None,
        )
        for row in _rows("operators.csv")
        if row["confidence"] in _TRUSTED
    )


def _rows(file: str) -> Iterator[dict[str, str]]:
    text = files("gdpr_audit.attribution").joinpath(file).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


@cache
def _by_organisation() -> Mapping[str, Operator]:
    return MappingProxyType({operator.organisation: operator for operator in operators()})


def named(organisation: str) -> Operator | None:
    """The operator of exactly that name in the table."""
    return _by_organisation().get(organisation)


@cache
def _by_suffix() -> Mapping[str, Operator]:
    """Plain suffixes, with their leading dot, and whole names, without."""
    return {s: o for o in operators() for s in o.suffixes if "*" not in s}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Operator], ...]:
    """Suffixes in which `*` stands for digits within one label."""
    starred = [(s, o) for o in operators() for s in o.suffixes if "*" in s]
    return tuple(
        (re.compile(".*" + re.escape(suffix).replace(r"\*", "[0-9]+")), operator)
        for suffix, operator in starred
    )


def by_name(name: str) -> Operator | None:
    """Whose product a host name is: the longest suffix that ends at a label's edge."""
    name = name.rstrip(".").lower()
    known = _by_suffix()
    if (whole := known.get(name) or known.get(f".{name}")) is not None:
        return whole
    at = name.find(".")
    while at >= 0:  # from the longest suffix to the shortest
        if (found := known.get(name[at:])) is not None:
            return found
        at = name.find(".", at + 1)
    return next((o for pattern, o in _patterns() if pattern.fullmatch(name)), None)


def by_asn(asns: Iterable[int]) -> Operator | None:
    """Whose network an origin AS is; each number stands in one row alone."""
    wanted = set(asns)
    return next((o for o in operators() if wanted & set(o.asns)), None)


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of an operator's names, and whether it offers that part for health data."""

    operator: str
    suffix: str
    hds: bool
    source: str


@cache
def _zones() -> tuple[Zone, ...]:
    return tuple(
        Zone(row["operator"], row["suffix"], row["hds"] == "true", row["source"])
        for row in _rows("zones.csv")
    )


def has_zones(organisation: str) -> bool:
    """Whether an operator says of its zones which are for health data."""
    return any(zone.operator == organisation for zone in _zones())


def zone_of(name: str) -> Zone | None:
    """The zone that a host name lies in, where its operator says which are for health data."""
    name = f".{name.rstrip('.').lower()}"
    return next((zone for zone in _zones() if name.endswith(zone.suffix)), None)
