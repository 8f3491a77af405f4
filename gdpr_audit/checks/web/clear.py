"""Whether anything answers over http://, and where it leads at its first step."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import urljoin, urlsplit

from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.errors import ConnectionRefused, NetworkError
from gdpr_audit.model import Statement, Subject, Text
from gdpr_audit.redaction import fit

_scribe = Scribe("web")
_NAMES = ("web.clear_service", "web.clear_leads_to_https")
_REDIRECT = (301, 302, 303, 307, 308)


def _clear_url(url: str) -> str | None:
    """The http:// address to ask: the target's own, or port 80 beside https on 443."""
    parts = urlsplit(url)
    if parts.scheme == "http":
        return url
    if (parts.port or 443) != 443:
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return parts._replace(scheme="http", netloc=host or "").geturl()


async def clear_service(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    """Facts of one request without following it: the first step is what protects a visitor."""
    url = _clear_url(subject.name)
    if url is None:
        reason = Text(
            "https n'est pas sur le port 443 : son adresse http n'est pas connue ; déclarez-la "
            "comme cible",
            "https is not on port 443: its http address is not known; declare it as a target",
        )
        for name in _NAMES:
            yield _scribe.gap(name, reason)
        return
    try:
        answer = await session.door.get(url, purpose="what answers in clear", redirects=0)
    except ConnectionRefused as error:
        if urlsplit(subject.name).scheme == "http":
            raise  # the target itself is down: that shows nothing of it
        yield _scribe.fact(_NAMES[0], False, error.reason)
        yield _scribe.gap(_NAMES[1], error.reason)
        return
    except NetworkError as error:
        for name in _NAMES:
            yield _scribe.gap(name, error.reason)
        return
    location = answer.headers.get("location", "")
    shown = Text.same(f"{url} → {answer.status} {_bare(location)}".strip())
    yield _scribe.fact(_NAMES[0], True, shown)
    leads = answer.status in _REDIRECT and _same_host_https(url, location)
    yield _scribe.fact(_NAMES[1], leads, shown)


def _bare(location: str) -> str:
    """Where a redirect leads, without its query, which may carry personal data."""
    return fit(re.split(r"[?#]", location, maxsplit=1)[0], 200)


def _same_host_https(url: str, location: str) -> bool:
    try:
        to = urlsplit(urljoin(url, location))
        return to.scheme == "https" and to.hostname == urlsplit(url).hostname
    except ValueError:
        return False
