"""The address ranges that large clouds publish, each with its region.

The files are the vendors' own, fetched or saved by the user: none may be passed on with the
tool. Read by their shape:

    AWS `ip-ranges.json` · Azure Service Tags · Google `cloud.json` and `goog.json` · Oracle
    `public_ip_ranges.json` · Cloudflare's and Fastly's lists · geofeeds (RFC 8805) and plain
    lists of prefixes, for which the user says whose they are

Services that answer from everywhere (CloudFront, Front Door, Cloudflare) say nothing about the
place of the data: they have no region here.
"""

from __future__ import annotations

import csv
import io
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from gdpr_audit import files, strict_json
from gdpr_audit.attribution.operators import named
from gdpr_audit.errors import InputError

LIMIT = 16 * 1024 * 1024  # bytes of one file; Azure's is the largest, about 4 MiB
MOST = 250_000  # ranges of one file; Azure's has about 80 000
_WHAT = "published ranges"

AWS, CLOUDFRONT = "Amazon Web Services", "Amazon CloudFront"
AZURE, FRONT_DOOR = "Microsoft Azure", "Azure Front Door and CDN"
GOOGLE, ORACLE = "Google Cloud", "Oracle Cloud"
CLOUDFLARE, FASTLY = "Cloudflare", "Fastly"


@dataclass(frozen=True, slots=True)
class Range:
    """One published prefix. `country`: of the region, where that is known."""

    prefix: str
    operator: str
    region: str | None = None
    service: str | None = None
    country: str | None = None

    @property
    def words(self) -> str:
        """`35.180.0.0/16 (Amazon Web Services, eu-west-3, FR)`."""
        parts = (self.operator, self.region, self.country)
        return f"{self.prefix} ({', '.join(part for part in parts if part)})"


#: A region's name where a vendor's file has one for all of them.
_NO_REGION = frozenset({"", "global", "GLOBAL"})

_Key = tuple[int, int]  # IP version, length of the prefix
_Rows = dict[int, list[Range]]  # by the network's address


@dataclass(frozen=True)
class Ranges:
    """All rows of the files named, to be asked of by address."""

    count: int = 0
    _table: Mapping[_Key, _Rows] = field(default_factory=dict, repr=False)

    def find(self, address: str) -> Range | None:
        """The most specific range around an address.

        Of several rows for one prefix the one of a service that answers from everywhere wins,
        as the others say only whose block it is; then one that names its region.
        """
        ip = ipaddress.ip_address(address)
        number, bits = int(ip), ip.max_prefixlen
        for length in range(bits, -1, -1):
            rows = self._table.get((ip.version, length))
            found = rows.get(number >> (bits - length)) if rows else None
            if found:
                return max(found, key=_weight)
        return None


def _weight(row: Range) -> tuple[bool, bool, bool]:
    operator = named(row.operator)
    return bool(operator and operator.cdn), row.region is not None, row.service != "AMAZON"


def load(given: Iterable[str | Path], called: str | None = None) -> Ranges:
    """The files that the user names, each as FILE or OPERATOR=FILE.

    Raises InputError, which names the file as it is `called`, or by its path.
    """
    table: dict[_Key, _Rows] = {}
    total = 0
    for one in given:
        operator, path = _split(str(one))
        content = files.read(path, LIMIT, _WHAT)
        shown = Path(called) if called else path
        count = 0
        for row in _read(content, shown, operator):
            network = ipaddress.ip_network(row.prefix)
            key = (network.version, network.prefixlen)
            at = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
            table.setdefault(key, {}).setdefault(at, []).append(row)
            count += 1
            if count > MOST:
                raise InputError(f"{shown}: more than {MOST} ranges")
        if not count:
            raise InputError(f"{shown}: no published range in it")
        total += count
    return Ranges(total, table)


def _split(given: str) -> tuple[str | None, Path]:
    operator, found, path = given.partition("=")
    if not found or Path(given).exists():
        return None, Path(given)
    if named(operator) is None:
        raise InputError(f"--cloud-ranges {given}: no operator is called {operator!r}")
    return operator, Path(path)


def _read(content: bytes, path: Path, operator: str | None) -> Iterator[Range]:
    text = content.decode("utf-8-sig", "replace")
    if text.lstrip()[:1] in ("{", "["):
        try:
            found = strict_json.loads(text, containers=2 * MOST)
        except ValueError as error:
            raise InputError(f"{path}: not a JSON file of {_WHAT}: {error}") from error
        yield from _json(found, path)
    elif operator is None:
        raise InputError(
            f"{path}: a plain list does not say whose ranges they are: OPERATOR={path.name}"
        )
    else:
        yield from _plain(text, path, operator)


def _json(found: Any, path: Path) -> Iterator[Range]:
    for shape in (_aws_or_google, _azure, _oracle, _cloudflare, _fastly):
        rows = shape(found) if isinstance(found, dict) else None
        if rows is not None:
            for prefix, operator, region, service in rows:
                yield _row(prefix, operator, region, service, path)
            return
    raise InputError(f"{path}: not a file of {_WHAT} that is known")


def _row(prefix: Any, operator: str, region: Any, service: Any, path: Path) -> Range:
    try:
        network = str(ipaddress.ip_network(str(prefix), strict=False))
    except ValueError:
        raise InputError(f"{path}: {str(prefix)[:60]!r} is not a prefix of addresses") from None
    where = str(region) if region and str(region) not in _NO_REGION else None
    known = named(operator)
    if known is not None and known.cdn:
        where = None
    country = country_of(operator, where) if where else None
    return Range(network, operator, where, str(service) if service else None, country)


_Raw = tuple[Any, str, Any, Any]  # prefix, operator, region, service


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _dicts(given: Any) -> list[dict[str, Any]]:
    return [one for one in _list(given) if isinstance(one, dict)]


def _aws_or_google(found: dict[str, Any]) -> Iterator[_Raw] | None:
    rows = _dicts(found.get("prefixes"))
    if "syncToken" not in found or not rows:
        return None
    if any("ip_prefix" in row for row in rows):
        return _aws([*rows, *_dicts(found.get("ipv6_prefixes"))])
    return _google(rows)


def _aws(rows: list[dict[str, Any]]) -> Iterator[_Raw]:
    for row in rows:
        service = row.get("service")
        operator = CLOUDFRONT if service == "CLOUDFRONT" else AWS
        yield row.get("ip_prefix") or row.get("ipv6_prefix"), operator, row.get("region"), service


def _google(rows: list[dict[str, Any]]) -> Iterator[_Raw]:
    for row in rows:
        prefix = row.get("ipv4Prefix") or row.get("ipv6Prefix")
        yield prefix, GOOGLE, row.get("scope"), row.get("service")


def _azure(found: dict[str, Any]) -> Iterator[_Raw] | None:
    if not isinstance(found.get("values"), list) or "cloud" not in found:
        return None
    return _azure_rows(_dicts(found["values"]))


def _azure_rows(values: list[dict[str, Any]]) -> Iterator[_Raw]:
    for value in values:
        properties = value.get("properties")
        if not isinstance(properties, dict):
            continue
        service = str(properties.get("systemService") or "")
        operator = FRONT_DOOR if service == "AzureFrontDoor" else AZURE
        prefixes = properties.get("addressPrefixes")
        for prefix in _list(prefixes):
            # by the region's own field: the tags' names spell regions in two ways
            yield prefix, operator, properties.get("region"), service or None


def _oracle(found: dict[str, Any]) -> Iterator[_Raw] | None:
    regions = _dicts(found.get("regions"))
    if not regions or "last_updated_timestamp" not in found:
        return None
    return (
        (block.get("cidr"), ORACLE, region.get("region"), None)
        for region in regions
        for block in _dicts(region.get("cidrs"))
    )


def _cloudflare(found: dict[str, Any]) -> Iterator[_Raw] | None:
    result = found.get("result")
    if not isinstance(result, dict) or not isinstance(result.get("ipv4_cidrs"), list):
        return None
    both = [*result["ipv4_cidrs"], *_list(result.get("ipv6_cidrs"))]
    return ((prefix, CLOUDFLARE, None, None) for prefix in both)


def _fastly(found: dict[str, Any]) -> Iterator[_Raw] | None:
    if not isinstance(found.get("addresses"), list) or "ipv6_addresses" not in found:
        return None
    both = [*found["addresses"], *_list(found["ipv6_addresses"])]
    return ((prefix, FASTLY, None, None) for prefix in both)


def _plain(text: str, path: Path, operator: str) -> Iterator[Range]:
    """One prefix a line; a geofeed's second column is a country, and its fourth a town."""
    lines = (line for line in io.StringIO(text) if line.strip() and not line.startswith("#"))
    for cells in _rows(lines, path):
        country = cells[1].strip().upper() if len(cells) > 1 else ""
        row = _row(cells[0].strip(), operator, None, None, path)
        if len(country) == 2 and country.isalpha():
            town = cells[3].strip() if len(cells) > 3 else ""
            row = Range(row.prefix, operator, town or None, None, country)
        yield row


def _rows(lines: Iterable[str], path: Path) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, strict=True)
    except csv.Error as error:
        raise InputError(f"{path}: not a list of prefixes: {error}") from error


@cache
def _regions() -> tuple[tuple[str, str, str], ...]:
    text = resources("gdpr_audit.attribution").joinpath("regions.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple((row["operator"], row["region"], row["country"]) for row in rows)


def country_of(operator: str, region: str) -> str | None:
    """The country of a cloud's region, ISO 3166-1 alpha-2; None for one that is not known."""
    region = region.lower()
    return next(
        (
            country
            for whose, pattern, country in _regions()
            if whose == operator and fnmatchcase(region, pattern)
        ),
        None,
    )
