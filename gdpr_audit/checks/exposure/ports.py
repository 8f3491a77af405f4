"""Databases, remote access, imaging and HL7 on each host that the mandate names or covers."""

from __future__ import annotations

import asyncio
import csv
import ipaddress
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from gdpr_audit.checks.exposure import databases, facts, imaging, remote
from gdpr_audit.checks.exposure.talk import Ask, Said, SpeaksTls, Talk
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.errors import (
    ConnectionRefused,
    NetworkError,
    ProtocolFailed,
    ResolutionFailed,
    TlsFailed,
)
from gdpr_audit.model import TARGET, About, Census, Fact, Statement, Subject, Text
from gdpr_audit.network import Door
from gdpr_audit.network.mandate import canonical

_scribe = Scribe("ports")
NETWORK = 16  # addresses of the largest network that is asked one by one
ADDRESSES = 4  # of one name
HOSTS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Protocol:
    """How one protocol is asked, which fact it speaks of, and whether it may come inside TLS."""

    shown: str
    fact: str
    ask: Ask
    tls: bool = False


_OPEN, _REMOTE = "host.databases_open", "host.remote_access"
PROTOCOLS = {
    "redis": Protocol("Redis", _OPEN, databases.redis, tls=True),
    "mongodb": Protocol("MongoDB", _OPEN, databases.mongodb, tls=True),
    "elasticsearch": Protocol("Elasticsearch", _OPEN, databases.elasticsearch, tls=True),
    "postgresql": Protocol("PostgreSQL", _OPEN, databases.postgresql),
    "mysql": Protocol("MySQL", _OPEN, databases.mysql),
    "couchdb": Protocol("CouchDB", _OPEN, databases.couchdb, tls=True),
    "memcached": Protocol("memcached", _OPEN, databases.memcached, tls=True),
    "telnet": Protocol("Telnet", _REMOTE, remote.telnet),
    "ftp": Protocol("FTP", _REMOTE, remote.ftp),
    "rdp": Protocol("RDP", _REMOTE, remote.rdp),
    "vnc": Protocol("VNC", _REMOTE, remote.vnc),
    "smb": Protocol("SMB", _REMOTE, remote.smb),
    "dicom": Protocol("DICOM", "host.dicom_open", imaging.dicom, tls=True),
    "mllp": Protocol("MLLP", "host.hl7_open", imaging.mllp),
}
#: The ports of the schemes that targets are declared with, where they name none.
_DEFAULT = {"dicom": 104, "mllp": 2575, "postgresql": 5432}


@cache
def known() -> tuple[tuple[int, str], ...]:
    """The published list of ports that are asked on every host, each with its protocol."""
    text = files("gdpr_audit.checks.exposure").joinpath("ports.csv").read_text("utf-8")
    return tuple((int(row["port"]), row["protocol"]) for row in csv.DictReader(text.splitlines()))


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    hosts, gap = await _hosts(session)
    found = {Subject("host", host, within=subject): host for host in hosts}
    yield Census("host", subject, tuple(found), gap)
    gate = asyncio.Semaphore(HOSTS_AT_ONCE)

    async def look(one: Subject, host: str) -> tuple[Subject, list[Fact]]:
        async with gate:
            return one, await _host(host, session)

    tasks = [asyncio.ensure_future(look(one, host)) for one, host in found.items()]
    try:
        for task in asyncio.as_completed(tasks):
            one, stated = await task
            for fact in stated:
                yield About(one, fact)
    finally:
        for task in tasks:
            task.cancel()


async def _hosts(session: Session) -> tuple[list[str], Text | None]:
    """The hosts that may be asked, and why there may be others."""
    named = [urlsplit(target.name).hostname or "" for target in session.declaration.targets]
    mandate = session.declaration.platform.mandate
    wide: Text | None = None
    for entry in mandate.scope if mandate else ():
        more = _named(entry.strip())
        named += more
        if not more and not entry.strip().startswith("*."):
            wide = Text(
                f"{entry} : plus de {NETWORK} adresses, non énumérées ; nommez les hôtes",
                f"{entry}: more than {NETWORK} addresses, not enumerated; name the hosts",
            )
    # targets that nobody declared may be on hosts that nobody saw
    unseen = next((c.gap for c in session.declaration.census if c.kind == TARGET), None)
    allowed, gap = [], wide or unseen
    for host in dict.fromkeys(named):
        try:
            await session.door.probe(host, purpose="open ports")
        except NetworkError as error:  # outside the mandate, or a name without an address
            gap = error.reason
            continue
        allowed.append(host)
    return allowed, gap


def _named(entry: str) -> list[str]:
    """The hosts that one entry of the scope names."""
    try:
        network = ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return [] if entry.startswith("*.") else [canonical(entry)]
    if network.num_addresses > NETWORK:
        return []
    return [str(address) for address in network]


@dataclass
class _Heard:
    """What came of one fact's ports."""

    open: list[str] = field(default_factory=list)
    words: list[Text] = field(default_factory=list)
    gaps: list[Text] = field(default_factory=list)


async def _host(host: str, session: Session) -> list[Fact]:
    """Every wanted port of every address of one host."""
    heard = {spec.name: _Heard() for spec in facts.HOST if session.wants(spec.name)}
    places = [
        (port, PROTOCOLS[name])
        for port, name in dict.fromkeys((*known(), *_declared(host, session)))
        if PROTOCOLS[name].fact in heard
    ]
    try:
        addresses: Iterable[str | None] = await session.door.addresses(host, purpose="open ports")
    except ResolutionFailed as error:
        if session.settings.proxy is None:
            for one in heard.values():
                one.gaps.append(error.reason)
            addresses = ()
        else:
            addresses = (None,)
    every = list(addresses)
    if len(every) > ADDRESSES:
        for one in heard.values():
            one.gaps.append(
                Text(f"plus de {ADDRESSES} adresses", f"more than {ADDRESSES} addresses")
            )
    await asyncio.gather(
        *(
            _port(session.door, host, address, port, protocol, heard[protocol.fact])
            for address in every[:ADDRESSES]
            for port, protocol in places
        )
    )
    return [_fact(name, one) for name, one in heard.items()]


def _declared(host: str, session: Session) -> list[tuple[int, str]]:
    """The ports that targets of this host are declared with, each for its own protocol."""
    parts = [urlsplit(target.name) for target in session.declaration.targets]
    return [
        (one.port or _DEFAULT[one.scheme], one.scheme)
        for one in parts
        if one.scheme in _DEFAULT and one.hostname == host
    ]


async def _port(
    door: Door, host: str, address: str | None, port: int, protocol: Protocol, heard: _Heard
) -> None:
    name = f"{protocol.shown} {port}"
    try:
        said = await _asked(door, host, address, port, protocol)
    except NetworkError as error:
        heard.gaps.append(Text(f"{name} : {error.reason.fr}", f"{name}: {error.reason.en}"))
        return
    if said.open:
        heard.open.append(name)
    heard.words.append(Text(f"{name} : {said.words.fr}", f"{name}: {said.words.en}"))


async def _asked(door: Door, host: str, address: str | None, port: int, protocol: Protocol) -> Said:
    """The port's answer, in TLS where it speaks that. Raises NetworkError."""
    try:
        return await _in_clear_or_tls(door, host, address, port, protocol)
    except ConnectionRefused:
        return Said(False, Text("fermé", "closed"))
    except TlsFailed as error:
        if "certificate" not in error.reason.en:
            raise
        return Said(False, Text("exige un certificat client", "asks for a client certificate"))


async def _in_clear_or_tls(
    door: Door, host: str, address: str | None, port: int, protocol: Protocol
) -> Said:
    why: NetworkError
    try:
        return await _once(door, host, address, port, protocol, tls=False)
    except SpeaksTls as error:
        if not protocol.tls:
            return Said(False, Text("parle TLS", "speaks TLS"))
        why = error
    except ProtocolFailed as error:
        if not protocol.tls:
            raise
        why = error
    try:
        return await _once(door, host, address, port, protocol, tls=True)
    except NetworkError as error:
        if isinstance(why, SpeaksTls) or "certificate" in error.reason.en:
            raise
        raise why from error  # it was no TLS that it waited for


async def _once(
    door: Door, host: str, address: str | None, port: int, protocol: Protocol, *, tls: bool
) -> Said:
    purpose = f"whether {protocol.shown} is open to anyone (mandate)"
    stream = await door.connect(host, port, purpose=purpose, address=address)
    talk = Talk(door, stream, host)
    try:
        if tls:
            await talk.start_tls()
            await talk.heed()
        return await protocol.ask(talk)
    finally:
        await stream.aclose()


def _fact(name: str, heard: _Heard) -> Fact:
    """What is open, with its words; what is closed by its name."""
    found = heard.open
    words = [w for w in heard.words if not found or any(w.en.startswith(f"{n}:") for n in found)]
    fr = "; ".join(word.fr for word in words) or "—"
    en = "; ".join(word.en for word in words) or "—"
    partial = next(iter(heard.gaps), None)
    return _scribe.fact(name, tuple(sorted(set(found))), Text(fr, en), partial=partial)
