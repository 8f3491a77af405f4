"""TLS as the target speaks it.

Versions, suites and groups by our own hellos, certificates and named vulnerabilities by sslyze;
both through the door.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.tls import facts
from gdpr_audit.checks.tls.enumerate import Asker, NoTls
from gdpr_audit.checks.tls.survey import Survey, survey
from gdpr_audit.errors import ConnectionRefused
from gdpr_audit.model import TARGET, Census, Check, Statement, Subject, Text

#: The usual port of each scheme; where TLS begins inside the protocol, that protocol's.
PORTS = {
    "https": 443,
    "smtps": 465,
    "imaps": 993,
    "ldaps": 636,
    "dicom": 104,
    "mllp": 2575,
    "smtp": 25,
    "imap": 143,
    "ldap": 389,
    "postgresql": 5432,
}

_scribe = Scribe("tls")


def place(url: str) -> tuple[str, int]:
    """Host and port whose TLS is looked at; beside http on 80 it is 443."""
    parts = urlsplit(url)
    port = parts.port or PORTS.get(parts.scheme, 443)
    if parts.scheme == "http" and port == 80:
        port = 443
    return parts.hostname or "", port


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    scheme = urlsplit(subject.name).scheme
    host, port = place(subject.name)
    asker = Asker(session.door, host, port, scheme)
    try:
        found = await survey(asker)
    except NoTls as error:
        session.reached(subject)
        yield _scribe.fact("tls.offered", False, error.reason)
        yield Census("certificate", subject)
        return
    except ConnectionRefused as error:
        if scheme != "http":
            raise
        # An http target stands on its own; nothing listens where its TLS would be.
        yield _scribe.fact("tls.offered", False, error.reason)
        yield Census("certificate", subject)
        return
    if found.offered is None:
        for statement in _nothing(subject, found.reason):
            yield statement
        return
    session.reached(subject)
    for statement in _facts(found, f"{host}:{port}"):
        yield statement
    from gdpr_audit.checks.tls import sslyze_scan  # noqa: PLC0415 - sslyze is slow to import

    async for statement in sslyze_scan.observe(subject, session, host, port, found):
        yield statement


def _nothing(subject: Subject, reason: Text) -> Iterator[Statement]:
    for spec in facts.TLS:
        yield _scribe.gap(spec.name, reason)
    yield Census("certificate", subject, gap=reason)


def _facts(found: Survey, where: str) -> Iterator[Statement]:
    offered = Text(f"{where} parle {found.newest}", f"{where} speaks {found.newest}")
    yield _scribe.fact("tls.offered", True, offered)
    for answer in found.answers:
        name = f"tls.{answer.name}"
        if answer.value is None:
            yield _scribe.gap(name, answer.reason)
        else:
            seen = Text(f"{where} : {answer.reason.fr}", f"{where}: {answer.reason.en}")
            yield _scribe.fact(name, answer.value, seen)


CHECK = Check("tls", TARGET, facts.FACTS, observe, facts.KINDS, reaches=True)
