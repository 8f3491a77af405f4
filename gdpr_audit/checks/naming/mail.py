"""What a domain says of its mail: SPF, DMARC, MTA-STS, DANE."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from gdpr_audit.checks.naming import records
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Fact, Gap, Origin, Text

_scribe = Scribe("domain", Origin.PUBLISHED)
PURPOSE = "mail: SPF, DMARC, MTA-STS, DANE"
#: RFC 7208 section 4.6.4; what lies beyond is not followed.
MOST = 10
SERVERS = 10  # mail servers looked at


@dataclass
class _Walk:
    """An SPF record with those that it includes, as far as look-ups are allowed."""

    session: Session
    lookups: int = 0
    seen: set[str] = field(default_factory=set)

    async def all_of(self, record: str) -> str:
        """The qualifier of `all`, that of a redirect's record included. Raises NetworkError."""
        parsed = records.spf(record)
        self.lookups += parsed.lookups
        for name in parsed.includes:
            await self._follow(name)
        if parsed.redirect is not None:
            return await self._follow(parsed.redirect) or "?all"
        return parsed.all or "?all"

    async def _follow(self, name: str) -> str | None:
        if self.lookups > MOST or "%" in name or name.lower() in self.seen:
            return None  # enough is known, or a macro that depends on the message
        self.seen.add(name.lower())
        answer = await self.session.door.lookup(name, "TXT", purpose=PURPOSE)
        found = records.spf_records(answer.records)
        return await self.all_of(found[0]) if len(found) == 1 else None


async def spf(domain: str, session: Session) -> AsyncIterator[Fact | Gap]:
    names = ("spf.records", "spf.all", "spf.lookups")
    try:
        answer = await session.door.lookup(domain, "TXT", purpose=PURPOSE)
    except NetworkError as error:
        for name in names:
            yield _scribe.gap(name, error.reason)
        return
    found = records.spf_records(answer.records)
    shown = Text.same(f"{domain} TXT {' | '.join(found)}")
    none = Text(f"{domain} n'a pas d'enregistrement SPF", f"{domain} has no SPF record")
    yield _scribe.fact("spf.records", len(found), shown if found else none)
    if len(found) != 1:
        for name in names[1:]:
            yield _scribe.gap(name, shown if found else none)
        return
    walk = _Walk(session, seen={domain})
    try:
        all_ = await walk.all_of(found[0])
    except NetworkError as error:
        for name in names[1:]:
            yield _scribe.gap(name, error.reason)
        return
    yield _scribe.fact("spf.all", all_, shown)
    number = str(walk.lookups) if walk.lookups <= MOST else f"> {MOST}"
    count = Text(f"{number} recherches DNS (10 au plus)", f"{number} DNS look-ups (10 at most)")
    yield _scribe.fact("spf.lookups", walk.lookups, count)


async def dmarc(domain: str, session: Session) -> AsyncIterator[Fact | Gap]:
    """The policy at the registrable domain."""
    yield await _dmarc(domain, session)


async def _dmarc(domain: str, session: Session) -> Fact | Gap:
    name = f"_dmarc.{domain}"
    try:
        answer = await session.door.lookup(name, "TXT", purpose=PURPOSE)
    except NetworkError as error:
        return _scribe.gap("dmarc.policy", error.reason)
    found = records.dmarc_records(answer.records)
    if len(found) != 1:
        count = len(found)
        words = Text(
            f"{name} : {count} enregistrements DMARC valides",
            f"{name}: {count} valid DMARC records",
        )
        return _scribe.fact("dmarc.policy", "missing", words)
    policy = found[0]["p"].lower()
    return _scribe.fact("dmarc.policy", policy, Text.same(f"{name} TXT p={policy}"))


async def transport(domain: str, session: Session) -> AsyncIterator[Fact | Gap]:
    names = ("mail.mta_sts", "mail.dane")
    try:
        answer = await session.door.lookup(domain, "MX", purpose=PURPOSE)
    except NetworkError as error:
        for name in ("mail.received", *names):
            yield _scribe.gap(name, error.reason)
        return
    servers = [record.split()[-1].rstrip(".").lower() for record in answer.records]
    servers = [server for server in servers if server][:SERVERS]
    if not servers:
        none = Text(f"{domain} ne reçoit pas de courrier", f"{domain} receives no mail")
        yield _scribe.fact("mail.received", False, none)
        for name in names:
            yield _scribe.gap(name, none)
        return
    shown = Text.same(f"{domain} MX {', '.join(servers)}")
    yield _scribe.fact("mail.received", True, shown)
    yield await _mta_sts(domain, servers, session)
    yield await _dane(servers, session)


async def _mta_sts(domain: str, servers: list[str], session: Session) -> Fact | Gap:
    name = "mail.mta_sts"
    try:
        answer = await session.door.lookup(f"_mta-sts.{domain}", "TXT", purpose=PURPOSE)
        if not any(records.tags(text).get("v") == "STSv1" for text in answer.records):
            none = Text(f"_mta-sts.{domain} n'annonce rien", f"_mta-sts.{domain} announces nothing")
            return _scribe.fact(name, False, none)
        url = f"https://mta-sts.{domain}/.well-known/mta-sts.txt"
        response = await session.door.get(url, purpose=PURPOSE, redirects=0, led_by=domain)
    except NetworkError as error:
        return _scribe.gap(name, error.reason)
    policy = records.sts_policy(response.text) if response.status == 200 else None
    if policy is None:
        lost = Text(
            f"{url} ({response.status}) n'est pas une politique MTA-STS",
            f"{url} ({response.status}) is no MTA-STS policy",
        )
        return _scribe.fact(name, False, lost)
    missed = [server for server in servers if not policy.covers(server)]
    words = f"{url}: mode {policy.mode}"
    if missed:
        words += f"; {', '.join(missed)} ?"
    return _scribe.fact(name, policy.mode == "enforce" and not missed, Text.same(words))


async def _dane(servers: list[str], session: Session) -> Fact | Gap:
    name = "mail.dane"
    for server in servers:
        at = f"_25._tcp.{server}"
        try:
            answer = await session.door.lookup(at, "TLSA", purpose=PURPOSE)
            if not answer.records:
                none = Text(f"{at} n'a pas de TLSA", f"{at} has no TLSA")
                return _scribe.fact(name, False, none)
            zone = await _zone_of(server, session)
            signed = await session.door.signatures(zone, purpose="DANE")
        except NetworkError as error:
            return _scribe.gap(name, error.reason)
        if not signed.valid:
            return _scribe.fact(name, False, signed.words)
    shown = ", ".join(f"_25._tcp.{server}" for server in servers)
    return _scribe.fact(name, True, Text.same(f"TLSA {shown}"))


async def _zone_of(host: str, session: Session) -> str:
    """The zone that a name is in: the nearest one above it with an SOA. Raises NetworkError."""
    labels = host.split(".")
    for start in range(len(labels) - 1):
        name = ".".join(labels[start:])
        if (await session.door.lookup(name, "SOA", purpose=PURPOSE)).records:
            return name
    return host
