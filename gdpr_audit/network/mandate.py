"""Who authorised active probes, on what and when."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from gdpr_audit.model import Text


def canonical(host: str) -> str:
    """A host name as names are compared: lower case, ASCII form, no trailing dot."""
    host = host.strip().rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


class Mandate(NamedTuple):
    """The written authorisation without which no active probe is sent (penal code 323-1)."""

    authorised_by: str
    reference: str
    scope: tuple[str, ...]
    not_before: date
    not_after: date

    def refuses(self, host: str, addresses: Sequence[str], day: date) -> Text | None:
        """Why the mandate does not cover a probe of `host` on `day`; None where it does.

        `*.example.fr` covers what is below example.fr and not itself; a network covers a host
        only where every one of its addresses is inside.
        """
        if not self.not_before <= day <= self.not_after:
            return Text(
                f"le mandat vaut du {self.not_before} au {self.not_after}, pas le {day}",
                f"the mandate runs from {self.not_before} to {self.not_after}, not on {day}",
            )
        if any(_covers(entry, canonical(host), addresses) for entry in self.scope):
            return None
        return Text(
            f"le mandat ne couvre pas {host}",
            f"the mandate does not cover {host}",
        )


def _covers(entry: str, host: str, addresses: Sequence[str]) -> bool:
    try:
        network = ipaddress.ip_network(entry.strip(), strict=False)
    except ValueError:
        name = canonical(entry)
        if name.startswith("*."):
            return host.endswith(name[1:]) and host != name[2:]
        return host == name
    inside = [_in(address, network) for address in addresses]
    return bool(inside) and all(inside)


def _in(address: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    ip = ipaddress.ip_address(address)
    return ip.version == network.version and ip in network
