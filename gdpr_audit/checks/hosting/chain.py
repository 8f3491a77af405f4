"""The chain behind a name, link by link: its aliases, its addresses and whose they are.

A name names the product, an address only the network below it: both are kept, and no more is
claimed than they show. What stands in front (a CDN) hides what lies behind.
"""

from __future__ import annotations

import asyncio
import csv
import ipaddress
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from gdpr_audit import attribution
from gdpr_audit.attribution import Operator, Zone
from gdpr_audit.checks.hosting.owners import PURPOSE, Owner, Owners
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Text

if TYPE_CHECKING:
    from gdpr_audit.network import Door, Response

MOST = 16  # addresses of one name asked after
_NAMES = 100  # of a certificate, looked at


@dataclass(frozen=True, slots=True)
class Product:
    """A name on the way, and whose product it is."""

    name: str
    operator: Operator


@dataclass(frozen=True, slots=True)
class Sign:
    """What an answer itself tells of who stands in front."""

    operator: Operator
    what: str


@dataclass
class Chain:
    """All that was found behind one name.

    `gaps` are what could not be looked up; `unseen` is why no answer of the target's own could
    be read for signs of a CDN.
    """

    host: str
    aliases: tuple[str, ...] = ()
    products: list[Product] = field(default_factory=list)
    zones: list[tuple[str, Zone]] = field(default_factory=list)
    addresses: tuple[str, ...] = ()
    owners: list[Owner] = field(default_factory=list)
    pointers: dict[str, str] = field(default_factory=dict)
    signs: list[Sign] = field(default_factory=list)
    gaps: list[Text] = field(default_factory=list)
    unseen: Text | None = None

    @property
    def public(self) -> tuple[str, ...]:
        return tuple(a for a in self.addresses if ipaddress.ip_address(a).is_global)

    @property
    def cdns(self) -> tuple[Operator, ...]:
        """Whoever stands in front, by a name, an address or the answers themselves."""
        named = [product.operator for product in self.products]
        owning = [owner.operator for owner in self.owners if owner.operator]
        telling = [sign.operator for sign in self.signs]
        return tuple(dict.fromkeys(o for o in (*named, *owning, *telling) if o.cdn))

    @property
    def hidden(self) -> bool:
        """Whether all addresses are those of whoever stands in front."""
        shown = [p.operator for p in self.products] + [s.operator for s in self.signs]
        return any(operator.cdn for operator in shown)

    @property
    def operators(self) -> tuple[str, ...]:
        """Every organisation on the way, the product's before the network's."""
        named = [product.operator.organisation for product in self.products]
        telling = [sign.operator.organisation for sign in self.signs]
        owning = [owner.name for owner in self.owners if owner.name]
        return tuple(dict.fromkeys((*named, *telling, *owning)))

    @property
    def lines(self) -> tuple[str, ...]:
        """Each link in words that are no language's."""
        whose = {product.name: product.operator.organisation for product in self.products}
        names = [self.host, *(f"CNAME {alias}" for alias in self.aliases)]
        shown = [
            f"{name} → {whose[bare]}" if (bare := name.removeprefix("CNAME ")) in whose else name
            for name in names
        ]
        shown += [owner.path for owner in self.owners]
        shown += [f"PTR {address} = {name}" for address, name in self.pointers.items()]
        shown += [f"{sign.what} → {sign.operator.organisation}" for sign in self.signs]
        return tuple(shown)

    @property
    def path(self) -> Text:
        return Text(" ; ".join(self.lines), "; ".join(self.lines))


async def follow(host: str, door: Door, owners: Owners) -> Chain:
    """The chain of one name. Raises ResolutionFailed where it has no address."""
    chain = Chain(host, addresses=await door.addresses(host, purpose=PURPOSE))
    await _names(chain, door)
    wanted = chain.public[:MOST]
    if len(chain.public) > MOST:
        chain.gaps.append(
            Text(
                f"{host} a {len(chain.public)} adresses, dont {MOST} ont été examinées",
                f"{host} has {len(chain.public)} addresses, of which {MOST} were looked at",
            )
        )
    chain.owners += await asyncio.gather(*(owners.of(address) for address in wanted))
    await asyncio.gather(*(_pointer(chain, address, door) for address in wanted))
    return chain


async def _names(chain: Chain, door: Door) -> None:
    try:
        ipaddress.ip_address(chain.host.strip("[]"))
    except ValueError:
        pass
    else:
        return  # an address has no aliases
    try:
        answer = await door.lookup(chain.host, "A", purpose=PURPOSE)
        if not answer.chain and not answer.records:
            answer = await door.lookup(chain.host, "AAAA", purpose=PURPOSE)
    except NetworkError as error:
        chain.gaps.append(error.reason)
        return
    chain.aliases = answer.chain
    for name in (chain.host, *answer.chain):
        if (operator := attribution.by_name(name)) is not None:
            chain.products.append(Product(name, operator))
        if (zone := attribution.zone_of(name)) is not None:
            chain.zones.append((name, zone))


async def _pointer(chain: Chain, address: str, door: Door) -> None:
    """PTR is whatever the tenant set: shown as a link, and weighed by nothing."""
    reverse = ipaddress.ip_address(address).reverse_pointer
    try:
        answer = await door.lookup(reverse, "PTR", purpose=PURPOSE)
    except NetworkError:
        return
    if answer.records:
        chain.pointers[address] = answer.records[0].rstrip(".")


@cache
def _headers() -> tuple[tuple[str, re.Pattern[str], Operator], ...]:
    text = files("gdpr_audit.checks.hosting").joinpath("signs.csv").read_text("utf-8")
    found = []
    for row in csv.DictReader(text.splitlines()):
        operator = attribution.named(row["operator"])
        if operator is not None:
            found.append((row["header"], re.compile(row["pattern"]), operator))
    return tuple(found)


def signs(response: Response) -> list[Sign]:
    """Whoever an answer's headers and certificate tell to stand in front."""
    found = []
    for header, pattern, operator in _headers():
        if pattern.search(response.headers.get(header, "")[:500]):
            found.append(Sign(operator, f"{header}:"))
    for name in _certified(response.certificate):
        known = attribution.by_name(name.removeprefix("*."))
        if known is not None and known.cdn:
            found.append(Sign(known, f"certificate {name}"))
            break
    return found


def _certified(der: bytes | None) -> list[str]:
    if der is None:
        return []
    from cryptography import x509  # noqa: PLC0415 - slow, and needed where a page was fetched

    try:
        certificate = x509.load_der_x509_certificate(der)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return names.value.get_values_for_type(x509.DNSName)[:_NAMES]
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return []
