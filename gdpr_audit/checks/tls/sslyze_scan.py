"""Certificates and named vulnerabilities, by sslyze, through a relay of the door.

sslyze's own suites and curves are left to our hellos: they are nearly all of its connections.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.tls import chain, facts
from gdpr_audit.checks.tls.survey import Survey
from gdpr_audit.model import About, Census, Statement, Subject, Text

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # cryptography on old roots of the trust stores
    import sslyze

_scribe = Scribe("tls")
_PURPOSE = "certificate and known vulnerabilities (sslyze)"
AT_ONCE = 4  # connections; sslyze's default of five is hard on small servers


@dataclass(frozen=True, slots=True)
class _Reading:
    """One sslyze command, the fact that it answers, and how."""

    fact: str
    command: str
    attribute: str
    read: str
    below_1_3: bool = True


_READINGS = (
    _Reading("tls.heartbleed", "HEARTBLEED", "heartbleed", "is_vulnerable_to_heartbleed"),
    _Reading(
        "tls.ccs_injection", "OPENSSL_CCS_INJECTION", "openssl_ccs_injection",
        "is_vulnerable_to_ccs_injection",
    ),
    _Reading("tls.robot", "ROBOT", "robot", "robot_result"),
    _Reading(
        "tls.client_renegotiation", "SESSION_RENEGOTIATION", "session_renegotiation",
        "is_vulnerable_to_client_renegotiation_dos",
    ),
    _Reading(
        "tls.early_data", "TLS_1_3_EARLY_DATA", "tls_1_3_early_data", "supports_early_data",
        below_1_3=False,
    ),
)  # fmt: skip


async def observe(
    subject: Subject, session: Session, host: str, port: int, found: Survey
) -> AsyncIterator[Statement]:
    """Run sslyze on what applies to the accepted versions, and state what it saw."""
    has_old = any(number < 0x0304 for number in found.accepted)
    asked = [r for r in _READINGS if (has_old if r.below_1_3 else 0x0304 in found.accepted)]
    for reading in _READINGS:
        if reading not in asked:
            yield _scribe.fact(reading.fact, False, _moot(reading, found))
    scheme = urlsplit(subject.name).scheme
    greets = scheme in ("smtp", "imap")
    async with session.door.relay(host, port, purpose=_PURPOSE, server_first=greets) as relay:
        scan = asyncio.to_thread(_scan, host, port, scheme, relay, session.settings.ca_file, asked)
        result = await scan
        failure = relay.failure
    if isinstance(result, str):
        reason = (
            failure.reason
            if failure
            else Text(
                f"sslyze n'a pas pu se connecter : {result}", f"sslyze could not connect: {result}"
            )
        )
        for reading in asked:
            yield _scribe.gap(reading.fact, reason)
        yield Census("certificate", subject, gap=reason)
        return
    for reading in asked:
        yield _statement(reading, getattr(result, reading.attribute))
    for statement in _certificates(subject, host, port, result.certificate_info, session, found):
        yield statement


def _moot(reading: _Reading, found: Survey) -> Text:
    spoken = found.newest
    if reading.below_1_3:
        return Text(
            f"seul {spoken} est accepté, où cela n'existe pas",
            f"only {spoken} is accepted, where this does not exist",
        )
    return Text("TLS 1.3 est refusé", "TLS 1.3 is refused")


def _scan(
    host: str, port: int, scheme: str, relay: Any, ca_file: Any, asked: list[_Reading]
) -> Any:
    """Blocking. The scan's results, or why sslyze could not connect."""
    commands = {sslyze.ScanCommand.CERTIFICATE_INFO}
    commands |= {getattr(sslyze.ScanCommand, reading.command) for reading in asked}
    roots = sslyze.CertificateInfoExtraArgument(custom_ca_file=ca_file) if ca_file else None
    extra = sslyze.ScanCommandsExtraArguments(certificate_info=roots)
    location = sslyze.ServerNetworkLocation(
        # the relay knows where to; sslyze fails on an IPv6 address in the place of a name
        hostname="ipv6.invalid" if ":" in host else host,
        port=port,
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
    network = sslyze.ServerNetworkConfiguration(
        tls_server_name_indication=location.hostname,
        tls_opportunistic_encryption=upgrades.get(scheme),
    )
    scanner = sslyze.Scanner(
        per_server_concurrent_connections_limit=AT_ONCE, concurrent_server_scans_limit=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scanner.queue_scans(
            [
                sslyze.ServerScanRequest(
                    server_location=location,
                    network_configuration=network,
                    scan_commands=commands,
                    scan_commands_extra_arguments=extra,
                )
            ]
        )
        result = next(iter(scanner.get_results()))
    if result.scan_result is None:
        trace = result.connectivity_error_trace
        return trace.exc_type.__name__ if trace and trace.exc_type else "connection failed"
    return result.scan_result


def _done(attempt: Any) -> Any | None:
    completed = sslyze.ScanCommandAttemptStatusEnum.COMPLETED
    return attempt.result if attempt.status == completed else None


def _why(attempt: Any) -> Text:
    word = attempt.error_reason.name if attempt.error_reason else attempt.status.name
    return Text(f"sslyze n'a pas conclu ({word})", f"sslyze did not conclude ({word})")


def _statement(reading: _Reading, attempt: Any) -> Statement:
    result = _done(attempt)
    if result is None:
        return _scribe.gap(reading.fact, _why(attempt))
    value = getattr(result, reading.read)
    shown = Text.same(f"sslyze {reading.command}: {getattr(value, 'name', value)}")
    if reading.fact != "tls.robot":
        return _scribe.fact(reading.fact, bool(value), shown)
    if value.name == "UNKNOWN_INCONSISTENT_RESULTS":
        return _scribe.gap(reading.fact, Text("réponses incohérentes", "inconsistent answers"))
    return _scribe.fact(reading.fact, value.name.startswith("VULNERABLE_"), shown)


def _certificates(
    target: Subject, host: str, port: int, attempt: Any, session: Session, found: Survey
) -> Iterator[Statement]:
    """One subject for each leaf that the server shows; an RSA and an EC one side by side."""
    result = _done(attempt)
    if result is None:
        yield Census("certificate", target, gap=_why(attempt))
        return
    subjects: list[Subject] = []
    for deployment in result.certificate_deployments:
        deployed = chain.Chain.of(deployment, session.settings.ca_file)
        kind = deployed.leaf_type
        name = f"{host}:{port}" if not subjects else f"{host}:{port} ({kind})"
        subject = Subject(
            "certificate", f"{name} @ {target.name}", target.file, target.line, target
        )
        subjects.append(subject)
        for point in chain.points(deployed, host, found):
            fact = f"certificate.{point.name}"
            if point.value is None:
                yield About(subject, _scribe.gap(fact, point.reason))
            else:
                yield About(subject, _scribe.fact(fact, point.value, point.reason))
    yield Census("certificate", target, tuple(subjects))


assert {r.fact for r in _READINGS} <= {spec.name for spec in facts.TLS}
