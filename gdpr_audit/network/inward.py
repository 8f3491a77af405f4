"""Which addresses lead inwards: to this machine, its network or a cloud's metadata."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from gdpr_audit.errors import RedirectRefused, ResolutionFailed
from gdpr_audit.model import Text

if TYPE_CHECKING:
    from gdpr_audit.network.door import Door

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: All public unicast addresses of today (RFC 4291, 2.4). Outside of it are forms that hold an IPv4
#: address (RFC 2765, 4291, 8215), on which machines differ.
_UNICAST = ipaddress.ip_network("2000::/3")


def is_inward(address: str) -> bool:
    """Whether an address is anything but a public unicast one, wrapped forms unwrapped."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_inward(str(inner))
        if ip not in _UNICAST:
            return True
    return not ip.is_global or ip.is_multicast


async def refuse(door: Door, target: str, host: str, purpose: str) -> None:
    """Raise RedirectRefused where a public target's word would lead to an inward host.

    A target without an address counts as public. Raises ResolutionFailed for a host without one.
    """
    try:
        if any(map(is_inward, await door.addresses(target, purpose=purpose))):
            return
    except ResolutionFailed:
        pass
    try:
        addresses = await door.addresses(host, purpose=purpose)
    except ResolutionFailed:
        if door.settings.proxy is not None and door.settings.resolver is None:
            return  # the proxy alone can resolve it, and connects
        raise
    if any(map(is_inward, addresses)):
        raise RedirectRefused(
            Text(
                f"une cible publique mène à {host}, une adresse privée",
                f"a public target leads to {host}, a private address",
            )
        )
