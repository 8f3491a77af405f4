"""How much the door lets through, and by which way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from gdpr_audit.errors import InputError


class Proxy(NamedTuple):
    """An HTTP proxy that every TCP connection is made through, by CONNECT."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str) -> Proxy:
        """Raises InputError for anything but `http://[user:password@]host:port`."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise InputError("--proxy: not a URL; expected http://host:port") from None
        if parts.scheme != "http" or not parts.hostname or port is None:
            raise InputError("--proxy: expected http://[user:password@]host:port")
        user = unquote(parts.username) if parts.username else None
        return cls(parts.hostname, port, user, unquote(parts.password or "") if user else None)


class Beside(NamedTuple):
    """What an audit in a fleet knows of those that run beside it.

    No two of them have an address in common among their targets. Any other address (an identity
    provider, a mail exchanger) may be in use by all of them: its connections are counted for all,
    and of its rate each takes its share.
    """

    known: Mapping[str, tuple[str, ...]] = {}  # its targets' names, resolved already
    audits: int = 1  # that run at once, this one included
    memory: Path | None = None  # where answers to look-ups are kept for all of them
    slots: Path | None = None  # the folder where connections are counted for all of them


class Settings(NamedTuple):
    """Bounds and ways of one audit. Times are in seconds, sizes in bytes."""

    resolver: tuple[str, int] | None = None  # None: the system's, hosts file included
    ca_file: Path | None = None  # one more trusted root; checks read it, the door does not
    proxy: Proxy | None = None
    rate: float | None = None  # connections and requests a second to one address
    at_once: int = 8  # open connections to one address
    budget: int = 1500  # connections to one host in the whole audit
    body_limit: int = 2 * 1024 * 1024  # of one response, decompressed
    stream_limit: int = 8 * 1024 * 1024  # received on one connection
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    exchange_seconds: float = 20.0  # one request with all its redirects
    journal: Path | None = None
    journal_goes_on: bool = False  # after what the journal has already
    browser: str | None = None  # "auto" for an installed Chromium, or its path; None for none
    beside: Beside | None = None  # in a fleet

    def rate_to(self, address: str) -> float | None:
        """Connections and requests a second to an address, at most; None without a bound."""
        if self.rate is None or self.beside is None:
            return self.rate
        own = any(address in addresses for addresses in self.beside.known.values())
        return self.rate if own else self.rate / self.beside.audits
