"""Headers, cookies, redirects and pages of a web target."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from gdpr_audit.checks.address import NO_HTTP, speaks_http
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.web import facts
from gdpr_audit.checks.web.clear import clear_service
from gdpr_audit.model import (
    Census,
    Statement,
    Subject,
)

_scribe = Scribe("web")
#: What the rules of transport ask, of http targets alone.
_OF_HTTP_ALONE = {"web.clear_leads_to_https"}


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    if not speaks_http(subject.name):
        for statement in _no_http(subject):
            yield statement
        return
    wanted = {spec.name for spec in facts.FACTS if session.wants(spec.name)}
    if wanted <= _OF_HTTP_ALONE and urlsplit(subject.name).scheme == "https":
        return  # nothing that a chosen rule asks of an https target
    async for statement in clear_service(subject, session):
        yield statement
    if wanted <= _OF_HTTP_ALONE:
        return
    from gdpr_audit.checks.web import pages  # noqa: PLC0415 - much, and seldom for TLS alone

    async for statement in pages.state(subject, session):
        yield statement


def _no_http(subject: Subject) -> Iterator[Statement]:
    """What rules ask first is settled, so that they do not apply; the rest is not known."""
    settled = ("web.html", "web.https", "web.collects_data")
    for spec in facts.WEB:
        if spec.name in settled:
            yield _scribe.fact(spec.name, False, NO_HTTP)
        else:
            yield _scribe.gap(spec.name, NO_HTTP)
    for kind in facts.KINDS:
        yield Census(kind.name, subject)
