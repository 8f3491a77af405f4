"""Named vulnerabilities, by sslyze, through a relay of the door.

Only what the survey could not rule out, and only what a chosen rule needs: on a server of
today that is nothing, and sslyze is not even imported.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.point import Point, said
from gdpr_audit.model import Text

if TYPE_CHECKING:
    from gdpr_audit.network.relay import Relay

PURPOSE = "known vulnerabilities (sslyze)"
AT_ONCE = 4  # connections; sslyze's default of five is hard on small servers


class _Reading(NamedTuple):
    """One sslyze command, the fact that it answers, and where the answer stands."""

    fact: str
    command: str
    attribute: str
    read: str


READINGS = (
    _Reading(
        "ccs_injection", "OPENSSL_CCS_INJECTION", "openssl_ccs_injection",
        "is_vulnerable_to_ccs_injection",
    ),
    _Reading("robot", "ROBOT", "robot", "robot_result"),
)  # fmt: skip


async def vulnerabilities(asker: Asker, names: Sequence[str]) -> list[Point]:
    """The facts named, among those of `READINGS`."""
    asked = [reading for reading in READINGS if reading.fact in names]
    if not asked:
        return []
    greets = asker.scheme in ("smtp", "imap")
    async with asker.door.relay(
        asker.host, asker.port, purpose=PURPOSE, address=asker.address, server_first=greets
    ) as relay:
        result = await asyncio.to_thread(_scan, asker, relay, asked)
        failure = relay.failure
    if isinstance(result, str):
        reason = Text(
            f"sslyze n'a pas pu se connecter : {result}", f"sslyze could not connect: {result}"
        )
        return [Point(r.fact, None, failure.reason if failure else reason) for r in asked]
    return [_point(reading, getattr(result, reading.attribute)) for reading in asked]


def _scan(asker: Asker, relay: Relay, asked: list[_Reading]) -> Any:
    """Blocking. The scan's results, or why sslyze could not connect."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cryptography on old roots of sslyze's trust stores
        import sslyze  # noqa: PLC0415 - slow, and seldom needed

        scanner = sslyze.Scanner(
            per_server_concurrent_connections_limit=AT_ONCE, concurrent_server_scans_limit=1
        )
        scanner.queue_scans([_request(sslyze, asker, relay, asked)])
        result = next(iter(scanner.get_results()))
    if result.scan_result is None:
        trace = result.connectivity_error_trace
        return trace.exc_type.__name__ if trace and trace.exc_type else "connection failed"
    return result.scan_result


def _request(sslyze: Any, asker: Asker, relay: Relay, asked: list[_Reading]) -> Any:
    location = sslyze.ServerNetworkLocation(
        # the relay knows where to; sslyze fails on an IPv6 address in the place of a name
        hostname="ipv6.invalid" if ":" in asker.host else asker.host,
        port=asker.port,
        http_proxy_settings=sslyze.HttpProxySettings(
            relay.host, relay.port, relay.user, relay.password
        ),
    )
    protocol = sslyze.ProtocolWithOpportunisticTlsEnum
    upgrades = {
        "smtp": protocol.SMTP,
        "imap": protocol.IMAP,
        "ldap": protocol.LDAP,
        "postgresql": protocol.POSTGRES,
    }
    return sslyze.ServerScanRequest(
        server_location=location,
        network_configuration=sslyze.ServerNetworkConfiguration(
            tls_server_name_indication=location.hostname,
            tls_opportunistic_encryption=upgrades.get(asker.scheme),
        ),
        scan_commands={getattr(sslyze.ScanCommand, reading.command) for reading in asked},
    )


def _point(reading: _Reading, attempt: Any) -> Point:
    if attempt.status.name != "COMPLETED":
        word = attempt.error_reason.name if attempt.error_reason else attempt.status.name
        why = Text(f"sslyze n'a pas conclu ({word})", f"sslyze did not conclude ({word})")
        return Point(reading.fact, None, why)
    value = getattr(attempt.result, reading.read)
    word = said(value) if isinstance(value, bool) else Text.same(value.name)
    asked = f"sslyze {reading.command}"
    shown = Text(f"{asked} : {word.fr}", f"{asked}: {word.en}")
    if reading.fact != "robot":
        return Point(reading.fact, bool(value), shown)
    if value.name == "UNKNOWN_INCONSISTENT_RESULTS":
        return Point("robot", None, Text("réponses incohérentes", "inconsistent answers"))
    return Point("robot", value.name.startswith("VULNERABLE_"), shown)
