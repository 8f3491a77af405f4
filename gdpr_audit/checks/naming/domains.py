"""Which registrable domains a platform's targets are in."""

from __future__ import annotations

from urllib.parse import urlsplit

from gdpr_audit.checks.domains import domain_of
from gdpr_audit.checks.session import Session


def domains(session: Session) -> dict[str, str]:
    """Each registrable domain among the targets, and the first host of it."""
    found: dict[str, str] = {}
    for target in session.declaration.targets:
        host = urlsplit(target.name).hostname or ""
        domain = domain_of(host)
        if domain is not None:
            found.setdefault(domain, host)
    return found
