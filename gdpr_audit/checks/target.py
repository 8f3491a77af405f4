"""The address under audit, as it was given: what rules ask before they ask anything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from gdpr_audit.checks.address import speaks_http
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import BOOLEAN, TEXT, Scribe, specs
from gdpr_audit.model import TARGET, Check, Statement, Subject, Text

FACTS = specs(
    TARGET,
    ("target.scheme", TEXT, "The scheme of the target's address."),
    ("target.speaks_http", BOOLEAN, "Whether the target is a web address (http or https)."),
    ("target.kind", TEXT, "What the declaration says it serves: web, api, fhir or dicomweb."),
    (
        "target.tls_judged",
        BOOLEAN,
        "Whether this target's TLS is judged here: not that of an http target whose https twin is "
        "audited too.",
    ),
    (
        "target.http_declared_beside",
        BOOLEAN,
        "For an https target: whether an http target of the same host is audited too.",
    ),
)

_scribe = Scribe("target")


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    parts = urlsplit(subject.name)
    given = Text(f"adresse auditée : {subject.name}", f"address under audit: {subject.name}")
    yield _scribe.fact("target.scheme", parts.scheme, given)
    yield _scribe.fact("target.speaks_http", speaks_http(subject.name), given)
    yield _scribe.fact("target.kind", session.declaration.kind(subject), given)
    others = [urlsplit(other.name) for other in session.declaration.targets]
    beside = {other.scheme for other in others if other.hostname == parts.hostname}
    judged = parts.scheme != "http" or "https" not in beside
    yield _scribe.fact("target.tls_judged", judged, given)
    yield _scribe.fact("target.http_declared_beside", "http" in beside, given)


CHECK = Check("target", TARGET, FACTS, observe)
