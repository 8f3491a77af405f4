"""Bounded DNS look-ups by the system's resolver or the one that the user names."""

from __future__ import annotations

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.resolver

from gdpr_audit.errors import ResolutionFailed
from gdpr_audit.model import Text
from gdpr_audit.network.names import SECONDS, TRIES, Answer

CHAIN = 16  # CNAMEs followed; more is a loop or a trap
RECORDS = 200  # kept of one answer


def system_servers() -> list[tuple[str, int]]:
    """The resolvers of this machine. Raises ResolutionFailed where it has none."""
    try:
        servers = dns.resolver.Resolver().nameservers
    except (dns.exception.DNSException, OSError) as error:
        raise ResolutionFailed(
            Text("cette machine n'a pas de résolveur DNS", "this machine has no DNS resolver")
        ) from error
    return [(str(server), 53) for server in servers]


async def ask(servers: list[tuple[str, int]], name: str, rdtype: str) -> Answer:
    """Ask each server in turn, over UDP and, where truncated, TCP. Raises ResolutionFailed."""
    return _parse(await message(servers, name, rdtype), name, rdtype)


async def message(
    servers: list[tuple[str, int]], name: str, rdtype: str, *, signed: bool = False
) -> dns.message.Message:
    """The whole answer; with its signatures, and unchecked by the resolver, where `signed`.

    Raises ResolutionFailed where no server answers NOERROR or NXDOMAIN.
    """
    try:
        query = dns.message.make_query(name, rdtype, want_dnssec=signed)
    except (dns.exception.DNSException, UnicodeError, ValueError) as error:
        raise ResolutionFailed(
            Text(f"« {name} » n'est pas un nom DNS", f"“{name}” is not a DNS name")
        ) from error
    if signed:
        query.flags |= dns.flags.CD
    last = "timeout"
    for host, port in [server for server in servers for _ in range(TRIES)]:
        try:
            response, _ = await dns.asyncquery.udp_with_fallback(
                query, host, timeout=SECONDS, port=port
            )
        except dns.exception.Timeout:
            last = "timeout"
            continue
        except (dns.exception.DNSException, OSError, EOFError) as error:
            last = type(error).__name__
            continue
        code = response.rcode()
        if code in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return response
        last = dns.rcode.to_text(code)
    raise ResolutionFailed(
        Text(
            f"le DNS n'a pas répondu sur {name} {rdtype} ({last})",
            f"the DNS did not answer on {name} {rdtype} ({last})",
        )
    )


def _parse(response: dns.message.Message, name: str, rdtype: str) -> Answer:
    wanted = dns.rdatatype.from_text(rdtype)
    current = dns.name.from_text(name)
    chain: list[str] = []
    seen = {current}
    while True:
        alias = response.get_rrset(response.answer, current, dns.rdataclass.IN, dns.rdatatype.CNAME)
        if alias is None or wanted == dns.rdatatype.CNAME:
            break
        current = alias[0].target
        if current in seen or len(chain) >= CHAIN:
            raise ResolutionFailed(
                Text(
                    f"les alias de {name} tournent en rond", f"the aliases of {name} go in circles"
                )
            )
        seen.add(current)
        chain.append(current.to_text(omit_final_dot=True))
    found = response.get_rrset(response.answer, current, dns.rdataclass.IN, wanted)
    records = tuple(_text(item) for item in list(found or ())[:RECORDS])
    return Answer(name, rdtype, tuple(chain), records, response.rcode() != dns.rcode.NXDOMAIN)


def _text(item: dns.rdata.Rdata) -> str:
    strings = getattr(item, "strings", None)
    if strings is not None:
        return b"".join(strings).decode("utf-8", "replace")
    return item.to_text()
