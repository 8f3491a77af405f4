"""Which registrable domains a platform's targets are in."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from gdpr_audit.checks.session import Session

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


def domains(session: Session) -> dict[str, str]:
    """Each registrable domain among the targets, and the first host of it."""
    found: dict[str, str] = {}
    for target in session.declaration.targets:
        host = urlsplit(target.name).hostname or ""
        domain = domain_of(host)
        if domain is not None:
            found.setdefault(domain, host)
    return found
