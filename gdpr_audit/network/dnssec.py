"""Whether a zone is signed and validates (RFC 4033 to 4035), looked at from its own keys.

The signatures of the zone's apex are verified by its DNSKEY records, and those by the DS records
that the parent holds. The parents above are left to the resolver: whether it set the AD bit is
said. The resolver is asked not to check (CD), so that a broken zone is seen and not hidden.
"""

from __future__ import annotations

from datetime import UTC, datetime
from time import time

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from gdpr_audit.errors import ResolutionFailed
from gdpr_audit.model import Text
from gdpr_audit.network.dns import message
from gdpr_audit.network.names import Signed

Servers = list[tuple[str, int]]


async def look(servers: Servers, zone: str) -> Signed:
    """Ask for the zone's keys, its apex and the parent's DS. Raises ResolutionFailed."""
    name = dns.name.from_text(zone)
    answer = await message(servers, zone, "DNSKEY", signed=True)
    keys = _of(answer, name, "DNSKEY")
    anchors, known = await _parents(servers, name)
    if keys is None:
        if anchors is None:
            unsigned = Text(f"{zone} n'a pas de clé DNSKEY", f"{zone} has no DNSKEY")
            return Signed(zone, False, None, False if known else None, unsigned)
        lost = Text(
            f"la zone parente annonce {zone} signée (DS), et elle n'a pas de clé DNSKEY",
            f"the parent says that {zone} is signed (DS), and it has no DNSKEY",
        )
        return Signed(zone, True, False, True, lost)
    broken = await _broken(servers, name, answer, keys, anchors)
    chained = anchors is not None if known else None
    if broken is not None:
        return Signed(zone, True, False, chained, broken)
    return Signed(zone, True, True, chained, _sound(zone, answer, keys, chained))


def _sound(
    zone: str, answer: dns.message.Message, keys: dns.rrset.RRset, chained: bool | None
) -> Text:
    algorithms = ", ".join(sorted({dns.dnssec.algorithm_to_text(key.algorithm) for key in keys}))
    up = {
        True: Text("DS chez le parent", "DS at the parent"),
        False: Text("sans DS chez le parent", "no DS at the parent"),
        None: Text("DS du parent non vu", "the parent's DS not seen"),
    }[chained]
    ad = " ; AD" if answer.flags & dns.flags.AD else ""
    return Text(
        f"{zone} est signée ({algorithms}) et se vérifie ; {up.fr}{ad}",
        f"{zone} is signed ({algorithms}) and validates; {up.en}{ad}",
    )


def _of(answer: dns.message.Message, name: dns.name.Name, rdtype: str) -> dns.rrset.RRset | None:
    kind = dns.rdatatype.from_text(rdtype)
    return answer.get_rrset(answer.answer, name, dns.rdataclass.IN, kind)


def _signature(
    answer: dns.message.Message, name: dns.name.Name, rdtype: str
) -> dns.rrset.RRset | None:
    kind = dns.rdatatype.from_text(rdtype)
    return answer.get_rrset(
        answer.answer, name, dns.rdataclass.IN, dns.rdatatype.RRSIG, covers=kind
    )


async def _parents(servers: Servers, name: dns.name.Name) -> tuple[dns.rrset.RRset | None, bool]:
    """The DS records, and whether the parent itself spoke of them.

    A server of the zone alone answers for itself that it holds none: that is not the parent's
    word, and its SOA record gives it away.
    """
    try:
        answer = await message(servers, name.to_text(), "DS", signed=True)
    except ResolutionFailed:
        return None, False
    found = _of(answer, name, "DS")
    if found is not None:
        return found, True
    owners = [r.name for r in answer.authority if r.rdtype == dns.rdatatype.SOA]
    return None, any(owner != name for owner in owners)


async def _broken(
    servers: Servers,
    name: dns.name.Name,
    answer: dns.message.Message,
    keys: dns.rrset.RRset,
    anchors: dns.rrset.RRset | None,
) -> Text | None:
    """Why the zone does not validate."""
    apex = await message(servers, name.to_text(), "SOA", signed=True)
    for given, rdtype in ((answer, "DNSKEY"), (apex, "SOA")):
        records = _of(given, name, rdtype)
        why = (
            Text(f"{name} n'a pas de {rdtype}", f"{name} has no {rdtype}")
            if records is None
            else _unverified(records, _signature(given, name, rdtype), name, keys)
        )
        if why is not None:
            return why
    if anchors is not None and not any(_matches(key, anchors, name) for key in keys):
        return Text(
            f"aucune clé de {name} ne correspond au DS de la zone parente",
            f"no key of {name} matches the parent's DS",
        )
    return None


def _matches(key: object, anchors: dns.rrset.RRset, name: dns.name.Name) -> bool:
    for anchor in anchors:
        try:
            made = dns.dnssec.make_ds(name, key, anchor.digest_type, validating=True)  # type: ignore[arg-type]
        except (dns.exception.DNSException, ValueError):
            continue  # a digest that this library does not know proves nothing
        if made == anchor:
            return True
    return False


def _unverified(
    records: dns.rrset.RRset,
    signature: dns.rrset.RRset | None,
    name: dns.name.Name,
    keys: dns.rrset.RRset,
) -> Text | None:
    rdtype = dns.rdatatype.to_text(records.rdtype)
    if signature is None:
        return Text(
            f"l'enregistrement {rdtype} de {name} n'est pas signé",
            f"the {rdtype} record of {name} is not signed",
        )
    try:
        dns.dnssec.validate(records, signature, {name: keys})
    except (dns.exception.DNSException, ValueError) as error:
        ends = max(one.expiration for one in signature)
        if ends < time():
            day = datetime.fromtimestamp(ends, UTC).date()
            return Text(
                f"la signature {rdtype} de {name} a expiré le {day}",
                f"the {rdtype} signature of {name} expired on {day}",
            )
        word = str(error)[:100]
        return Text(
            f"la signature {rdtype} de {name} ne se vérifie pas ({word})",
            f"the {rdtype} signature of {name} does not validate ({word})",
        )
    return None
