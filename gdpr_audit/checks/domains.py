"""The registrable domain of a host name, by the public suffix list."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Any

#: Names that no public DNS knows (RFC 6761, RFC 6762, RFC 7686).
_OUTSIDE = ("localhost", "local", "onion", "invalid", "internal", "home.arpa")


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - slow, and needed here alone

    return PublicSuffixList()


def domain_of(host: str) -> str | None:
    """The registrable domain of a host name; None for an address or a name outside the DNS."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        pass
    else:
        return None
    if "." not in name or any(name == end or name.endswith(f".{end}") for end in _OUTSIDE):
        return None
    found = _suffixes().privatesuffix(name)
    return str(found) if found else None
