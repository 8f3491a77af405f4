"""Whether a name server begins a zone transfer (AXFR, RFC 5936): the first message, no more."""

from __future__ import annotations

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype

from gdpr_audit.errors import ProtocolFailed
from gdpr_audit.model import Text
from gdpr_audit.network.stream import Stream


async def begins(stream: Stream, zone: str) -> tuple[int, str]:
    """How many records the first message holds beside the SOA, and the response code.

    Nothing of them is kept. Raises NetworkError.
    """
    query = dns.message.make_query(zone, "AXFR")
    wire = query.to_wire()
    await stream.write(len(wire).to_bytes(2, "big") + wire)
    length = int.from_bytes(await stream.read_exactly(2), "big")
    content = await stream.read_exactly(length)
    try:
        answer = dns.message.from_wire(content, ignore_trailing=True, one_rr_per_rrset=True)
    except (dns.exception.DNSException, ValueError, IndexError) as error:
        raise ProtocolFailed(
            Text("la réponse DNS est malformée", "the DNS answer is malformed")
        ) from error
    others = [r for r in answer.answer if r.rdtype != dns.rdatatype.SOA]
    return len(others), dns.rcode.to_text(answer.rcode())
