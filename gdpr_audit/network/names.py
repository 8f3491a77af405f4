"""Names and their addresses by the system's own rules; `dns.py` asks servers itself."""

from __future__ import annotations

import asyncio
import socket
from typing import NamedTuple

from gdpr_audit.errors import ResolutionFailed
from gdpr_audit.model import Text

SECONDS = 4.0  # for one question to one server
TRIES = 2


class Answer(NamedTuple):
    """What the DNS says of one name and type; `chain` are the CNAMEs on the way."""

    name: str
    rdtype: str
    chain: tuple[str, ...]
    records: tuple[str, ...]
    exists: bool


class Signed(NamedTuple):
    """What was seen of one zone's signatures.

    `valid` is None where the zone is not signed. `chained`: whether the parent holds a DS
    record; None where its answer was not to be had.
    """

    zone: str
    signed: bool
    valid: bool | None
    chained: bool | None
    words: Text


#: What `localhost` and the names below it are, whoever is asked (RFC 6761 section 6.3).
_LOCALHOST = {"A": ("127.0.0.1",), "AAAA": ("::1",)}
#: Where this machine's own addresses are turned into names; such questions stay here (RFC 6303).
_OWN_REVERSE = ("127.in-addr.arpa", f"1.{'0.' * 31}ip6.arpa")


def own(name: str, rdtype: str) -> Answer | None:
    """The answer for a name of this machine, which is asked of no one; None for any other."""
    if name == "localhost" or name.endswith(".localhost"):
        return Answer(name, rdtype, (), _LOCALHOST.get(rdtype, ()), exists=True)
    if any(f".{name}".endswith(f".{zone}") for zone in _OWN_REVERSE):
        return Answer(name, rdtype, (), (), exists=False)
    return None


async def system_addresses(host: str) -> tuple[str, ...]:
    """By the system's own rules, hosts file included. Raises ResolutionFailed."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(SECONDS * TRIES):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise ResolutionFailed(
            Text(f"le DNS n'a pas répondu sur {host}", f"the DNS did not answer on {host}")
        ) from error
    except (OSError, UnicodeError) as error:
        raise unknown(host) from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    return tuple(dict.fromkeys(sorted(addresses, key=lambda a: ":" in a)))


def unknown(host: str) -> ResolutionFailed:
    return ResolutionFailed(
        Text(f"le nom {host} n'a pas d'adresse", f"the name {host} has no address")
    )
