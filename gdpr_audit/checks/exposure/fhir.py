"""What a FHIR server says of its own security: two requests that anyone may send."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from gdpr_audit.checks.exposure import facts
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Fact, Gap, Statement, Subject, Text

_scribe = Scribe("fhir")
PURPOSE = "what a FHIR server says of its security"
_ABSENT = (404, 410)


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    if session.declaration.kind(subject) != "fhir":
        reason = Text("cette cible n'est pas un serveur FHIR", "this target is no FHIR server")
        for spec in facts.FHIR:
            yield _scribe.gap(spec.name, reason)
        return
    base = subject.name.partition("?")[0].rstrip("/")
    yield await _capability(f"{base}/metadata", subject, session)
    yield await _smart(f"{base}/.well-known/smart-configuration", session)


async def _ask(url: str, accepts: str, session: Session) -> tuple[int, Any]:
    """The status, and the JSON object of the answer; None for what is none."""
    answer = await session.door.get(url, purpose=PURPOSE, headers={"Accept": accepts})
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    return answer.status, found if isinstance(found, dict) else None


async def _capability(url: str, subject: Subject, session: Session) -> Fact | Gap:
    name = "fhir.rest_security"
    try:
        status, found = await _ask(url, "application/fhir+json", session)
    except NetworkError as error:
        return _scribe.gap(name, error.reason)
    session.reached(subject)
    rest = found.get("rest", []) if found else None
    named = found is not None and found.get("resourceType") == "CapabilityStatement"
    if status != 200 or not named or not isinstance(rest, list):
        return _scribe.gap(
            name,
            Text(
                f"{url} : pas de CapabilityStatement en JSON ({status})",
                f"{url}: no CapabilityStatement in JSON ({status})",
            ),
        )
    blocks = [block for block in rest if isinstance(block, dict)]
    said = sorted({key for block in blocks for key in _security(block)})
    words = ", ".join(said) or "—"
    return _scribe.fact(
        name, bool(said), Text.same(f"{url}: CapabilityStatement.rest.security: {words}")
    )


def _security(block: dict[str, Any]) -> list[str]:
    """The keys of rest.security that say something; `cors` alone is no word on who may ask."""
    security = block.get("security")
    if not isinstance(security, dict):
        return []
    return [key for key, value in security.items() if value and key != "cors"]


async def _smart(url: str, session: Session) -> Fact | Gap:
    name = "fhir.smart_configuration"
    try:
        status, found = await _ask(url, "application/json", session)
    except NetworkError as error:
        return _scribe.gap(name, error.reason)
    present = status == 200 and found is not None and bool(found.get("token_endpoint"))
    if not present and status != 200 and status not in _ABSENT:
        return _scribe.gap(name, Text(f"{url} : réponse {status}", f"{url}: answer {status}"))
    return _scribe.fact(name, present, Text.same(f"{url}: {status}"))
