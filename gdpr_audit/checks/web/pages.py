"""What the pages of a target tell: headers, cookies, content, and what is asked beside them."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from urllib.parse import urljoin, urlsplit

from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.trackers import tracker_of
from gdpr_audit.checks.web import guards, headers, support, visit
from gdpr_audit.checks.web.page import bare
from gdpr_audit.checks.web.visit import Seen, Visit
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import (
    About,
    Census,
    Origin,
    Statement,
    Subject,
    Text,
    Value,
)
from gdpr_audit.network import Response
from gdpr_audit.redaction import fit, without_names

_scribe = Scribe("web")
CONTACT_LIMIT = 100  # lines of a security.txt


async def state(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    seen = await visit.of(subject, session)
    parts = (_downgrade, _landing, _cookies, _pages, _content)
    for statement in chain.from_iterable(part(subject, seen) for part in parts):
        yield statement
    async for statement in _cors(seen, session):
        yield statement
    yield await _security_txt(subject, session)


def _shown(seen: Seen, fr: str, en: str) -> Text:
    where = f"{bare(seen.response.url)} ({seen.response.status})"
    return Text(f"{where} : {fr}", f"{where}: {en}")


def _landing(_: Subject, found: Visit) -> Iterator[Statement]:
    seen, given = found.landing, found.landing.response.headers
    away = guards.down(seen)
    stopped = found.stopped or away
    if stopped is not None:
        yield _scribe.gap("web.html", stopped)
    else:
        html = seen.page is not None
        yield _scribe.fact("web.html", html, guards.header_of(seen, "content-type"))
    https = urlsplit(seen.response.url).scheme == "https"
    yield _scribe.fact("web.https", https, _shown(seen, "page finale", "final page"))
    yield from guards.state(found, stopped or found.unseen)
    generator = seen.page.generator if seen.page else None
    versions = headers.software_versions(given, generator)
    if away is not None and not versions:
        names = ("web.software_versions", "web.software_named", "web.software_support_until")
        yield from (_scribe.gap(name, away) for name in names)
    else:
        yield _scribe.fact("web.software_versions", versions, guards.header_of(seen, "server"))
        yield from _support(seen, versions)
    basic = headers.asks_basic(given)
    if away is not None and not basic and seen.response.status != 401:  # which says what it asks
        yield _scribe.gap("web.basic_auth", away)
        return
    yield _scribe.fact("web.basic_auth", basic, guards.header_of(seen, "www-authenticate"))


def _support(seen: Seen, versions: tuple[str, ...]) -> Iterator[Statement]:
    """When the support of what is named with its version ends, by dated data."""
    yield _scribe.fact("web.software_named", bool(versions), guards.header_of(seen, "server"))
    found = support.earliest(versions)
    if found is None:
        words = ", ".join(versions) or "—"
        unknown = Text(f"fin de support inconnue : {words}", f"no known end of support: {words}")
        yield _scribe.gap("web.software_support_until", unknown)
        return
    software, end = found
    shown = Text(
        f"{software} : support jusqu'au {end.day} ({end.source}, au {end.source_date})",
        f"{software}: supported until {end.day} ({end.source}, as of {end.source_date})",
    )
    yield _scribe.fact("web.software_support_until", end.day, shown, Origin.PUBLISHED)


def _downgrade(subject: Subject, found: Visit) -> Iterator[Statement]:
    """An https target that ends in clear serves in clear, whatever port 80 does."""
    final = bare(found.landing.response.url)
    if urlsplit(subject.name).scheme == "https" and urlsplit(final).scheme == "http":
        shown = Text(f"{subject.name} mène à {final}", f"{subject.name} leads to {final}")
        yield _scribe.fact("web.clear_service", True, shown)
        yield _scribe.fact("web.clear_leads_to_https", False, shown)


def _cookies(subject: Subject, found: Visit) -> Iterator[Statement]:
    cookies: dict[str, tuple[headers.Cookie, Seen]] = {}
    for seen in found.all:
        for _, header in seen.response.set_cookies:
            cookie = headers.cookie(header)
            if cookie is None or cookie.deleted:
                continue
            known = cookies.get(cookie.name)
            if known is None or _laxer(cookie, known[0]):
                cookies[cookie.name] = (cookie, seen)
    subjects = []
    for name in sorted(cookies):
        cookie, seen = cookies[name]
        one = Subject("cookie", f"{name} @ {subject.name}", subject.file, subject.line, subject)
        subjects.append(one)
        login = seen.login or bool(seen.page and seen.page.forms)
        values: dict[str, Value] = {
            "cookie.secure": cookie.secure,
            "cookie.httponly": cookie.httponly,
            "cookie.samesite": cookie.samesite,
            "cookie.lifetime_days": cookie.lifetime_days,
            "cookie.session": headers.looks_like_session(cookie, on_login=login),
        }
        flags = _flags(cookie)
        days = cookie.lifetime_days
        lasts = Text(f"; {days} jours", f"; {days} days") if days else Text.same("")
        told = f"Set-Cookie {name}{flags}"
        for fact, value in values.items():
            shown = _shown(seen, told + lasts.fr, told + lasts.en)
            yield About(one, _scribe.fact(fact, value, shown))
    yield Census("cookie", subject, tuple(subjects), found.unseen)


def _laxer(cookie: headers.Cookie, known: headers.Cookie) -> bool:
    """Whether the same cookie, set again, has fewer guards: the weakest setting is the one kept."""
    return (cookie.secure, cookie.httponly) < (known.secure, known.httponly)


def _flags(cookie: headers.Cookie) -> str:
    words = ["Secure"] * cookie.secure + ["HttpOnly"] * cookie.httponly
    if cookie.samesite != "absent":
        words.append(f"SameSite={cookie.samesite}")
    return "".join(f"; {word}" for word in words)


def _pages(subject: Subject, found: Visit) -> Iterator[Statement]:
    """Pages that caches must not keep; only an answer that is one says how it may be cached."""
    subjects = []
    for seen in found.all:
        sensitive = seen.login or seen.declared_sensitive or bool(seen.page and seen.page.forms)
        one = Subject(
            "page",
            f"{urlsplit(seen.response.url).path or '/'} @ {subject.name}",
            subject.file,
            subject.line,
            subject,
        )
        if one in subjects:
            continue
        subjects.append(one)
        yield About(
            one,
            _scribe.fact("page.sensitive", sensitive, _shown(seen, "page visitée", "page visited")),
        )
        stored = headers.no_store(seen.response.headers)
        if seen.response.status >= 400 and not stored:
            status = seen.response.status
            reason = Text(f"la page répond {status}", f"the page answers {status}")
            yield About(one, _scribe.gap("page.no_store", reason))
            continue
        yield About(
            one, _scribe.fact("page.no_store", stored, guards.header_of(seen, "cache-control"))
        )
    yield Census("page", subject, tuple(subjects), found.unseen)


def _content(_: Subject, found: Visit) -> Iterator[Statement]:
    """What the pages' HTML holds, all pages together; a page cut short leaves it open."""
    pages = [seen for seen in found.all if seen.page is not None]
    names = (
        "web.mixed_content",
        "web.unverified_scripts",
        "web.trackers",
        "web.personal_data_in_addresses",
    )
    gap = visit.blind(found) or guards.error(found.landing)
    if not pages:
        none = Text("aucune page HTML", "no HTML page")
        for name in (*names, "web.collects_data", "web.privacy_notice_linked"):
            yield _scribe.gap(name, gap or none)
        return
    held = [s.page for s in pages if s.page]
    mixed = [url for page in held for url in page.mixed]
    foreign = [url for page in held for url in page.unverified]
    hosts = [tracker_of(host) for page in held for host in page.others]
    trackers = sorted({str(tracker) for tracker in hosts if tracker is not None})
    personal = [word for page in held for word in page.in_addresses]
    for name, urls in zip(names, (mixed, foreign, trackers, personal), strict=True):
        if gap is not None and not urls:
            yield _scribe.gap(name, gap)
        else:
            kept = tuple(dict.fromkeys(urls))
            yield _scribe.fact(name, kept, _shown(found.landing, *[", ".join(kept) or "—"] * 2))
    collecting = [s for s in pages if s.page and s.page.collects]
    without_link = [s for s in collecting if s.page and not s.page.notice]
    lacking = [s.path for s in without_link if s.response.body_gap is None]
    shown = ", ".join(s.path for s in collecting) or "—"
    text = Text(f"pages qui collectent : {shown}", f"pages that collect: {shown}")
    if gap is not None and not collecting:
        yield _scribe.gap("web.collects_data", gap)
    else:
        yield _scribe.fact("web.collects_data", bool(collecting), text)
    without = ", ".join(lacking) or "—"
    text = Text(f"sans lien d'information : {without}", f"without a link to a notice: {without}")
    if without_link and not lacking and gap is not None:  # it may come after where a page was cut
        yield _scribe.gap("web.privacy_notice_linked", gap)
        return
    yield _scribe.fact("web.privacy_notice_linked", not lacking, text)


async def _cors(found: Visit, session: Session) -> AsyncIterator[Statement]:
    """Two requests as another site's script would send them."""
    url = found.landing.response.url
    for name, origin in (
        ("web.cors.echoes_origin", f"https://{secrets.token_hex(6)}.invalid"),
        ("web.cors.allows_null", "null"),
    ):
        try:
            answer = await session.door.get(
                url, purpose="cross-origin access", headers={"Origin": origin}, redirects=0
            )
        except NetworkError as error:
            yield _scribe.gap(name, error.reason)
            continue
        allowed = answer.headers.get("access-control-allow-origin", "").strip()
        credentials = answer.headers.get("access-control-allow-credentials", "").strip().lower()
        kind = origin.rpartition(".")[2]
        origin_told = fit(without_names(allowed), 80) or "—"
        shown = f"Origin: {kind} → {origin_told}, credentials {credentials or '—'}"
        yield _scribe.fact(name, allowed == origin and credentials == "true", Text.same(shown))


async def _security_txt(subject: Subject, session: Session) -> Statement:
    name, url = "web.security_txt", urljoin(subject.name, "/.well-known/security.txt")
    try:
        answer = await session.door.get(url, purpose="security contact (RFC 9116)")
    except NetworkError as error:
        return _scribe.gap(name, error.reason)
    fault = contact_fault(answer, datetime.now(UTC))
    shown = Text(f"{url} : {fault.fr}", f"{url}: {fault.en}")
    return _scribe.fact(name, fault.en == "valid", shown)


def contact_fault(answer: Response, now: datetime) -> Text:
    """What is wrong with a security.txt by RFC 9116; `valid` where nothing is."""
    if answer.status != 200 or "html" in answer.headers.get("content-type", ""):
        return Text(f"absent ({answer.status})", f"absent ({answer.status})")
    fields: dict[str, list[str]] = {}
    for line in answer.text.splitlines()[:CONTACT_LIMIT]:
        key, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            fields.setdefault(key.strip().lower(), []).append(value.strip())
    if not any(v.startswith(("https://", "mailto:", "tel:")) for v in fields.get("contact", [])):
        return Text("sans Contact", "without Contact")
    return _expiry_fault(fields.get("expires", []), now)


def _expiry_fault(given: list[str], now: datetime) -> Text:
    if len(given) != 1:
        return Text("sans Expires, ou deux fois", "without Expires, or twice")
    try:
        expires = datetime.fromisoformat(given[0].replace("z", "Z"))
    except ValueError:
        return Text("Expires illisible", "Expires unreadable")
    if expires.tzinfo is None or expires < now:
        return Text("échu", "expired")
    if expires > now + timedelta(days=366):
        return Text("Expires à plus d'un an", "Expires over a year ahead")
    return Text("valide", "valid")
