"""The session identifiers that a sign-in page hands out: how many bits, and whether they repeat."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from gdpr_audit.checks.address import NO_HTTP, speaks_http
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.web import headers, identifiers, visit
from gdpr_audit.checks.web.identifiers import Measure
from gdpr_audit.checks.web.page import bare
from gdpr_audit.checks.web.visit import Seen, Visit
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Statement, Subject, Text
from gdpr_audit.network import Response
from gdpr_audit.network.response import RedirectStopped

_scribe = Scribe("session")
SAMPLES = 12  # the visit's own among them
ENOUGH = 10  # below that many, chance alone may leave a place of the identifier unchanged

#: What balancers and firewalls set: it names a machine or a visitor to them, and opens no session.
_INFRASTRUCTURE = re.compile(
    r"^(bigipserver|ts[0-9a-f]{6,}|incap_|visid_|nlbi_|awsalb|arraffinity|serverid|routeid|nsc_|"
    r"citrix_|ak_bmsc|bm_s[vz]|__cf|cf_|datadome)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"sess|(^|[._-])sid($|[._-])", re.IGNORECASE)
#: Names that frameworks give their identifiers: judged whatever they hold. Others that look like
#: a session's and never change are settings, not identifiers.
_KNOWN = re.compile(
    r"^(__Host-|__Secure-)?(phpsessid|jsessionid|asp\.net_sessionid|connect\.sid|session_?id|"
    r"session|sid|s?sess[0-9a-f]{16,})$",
    re.IGNORECASE,
)

_MEASURED = (
    "session.ids_sampled",
    "session.id_bits",
    "session.ids_repeat",
    "session.ids_sequential",
)


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    if not speaks_http(subject.name):
        yield _scribe.fact("session.seen", False, NO_HTTP)
        return
    seen = await visit.of(subject, session)
    page = _page(seen)
    if page is None:
        yield _without(seen)
        return
    answers, failure = await _sample(page, session)
    for statement in _facts(page, answers, failure):
        yield statement


def _page(seen: Visit) -> Seen | None:
    """The page that sets a session's cookie: a sign-in page before any other."""
    order = sorted(seen.all, key=lambda one: not (one.login or bool(one.page and one.page.forms)))
    return next((one for one in order if _cookies(one.response, one)), None)


def _without(seen: Visit) -> Statement:
    if (why := visit.blind(seen)) is not None:
        return _scribe.gap("session.seen", why)
    pages = ", ".join(one.path for one in seen.all)
    none = Text(f"aucun cookie de session ({pages})", f"no session cookie ({pages})")
    return _scribe.fact("session.seen", False, none)


def _cookies(answer: Response, page: Seen) -> dict[str, str]:
    """The session's cookies of one answer, by name; values stay in this module."""
    on_login = page.login or bool(page.page and page.page.forms)
    own = urlsplit(page.response.url).hostname
    found = {}
    for url, header in answer.set_cookies:
        cookie = headers.cookie(header)
        if cookie is None or cookie.deleted or urlsplit(url).hostname != own:
            continue
        if _INFRASTRUCTURE.match(cookie.name):
            continue
        if headers.looks_like_session(cookie, on_login=on_login):
            found[cookie.name] = header.partition(";")[0].partition("=")[2].strip().strip('"')
    return found


async def _sample(page: Seen, session: Session) -> tuple[list[Response], Text | None]:
    """The page as as many new visitors get it, one after the other."""
    answers, failure = [page.response], None
    first = page.response.hops[0].url if page.response.hops else page.response.url
    for _ in range(SAMPLES - 1):
        try:
            answers.append(await session.door.get(first, purpose="session identifiers"))
        except RedirectStopped as error:
            answers.append(error.response)
        except NetworkError as error:
            failure = error.reason
    return answers, failure


def _facts(page: Seen, answers: list[Response], failure: Text | None) -> Iterator[Statement]:
    samples: dict[str, list[str]] = {}
    for answer in answers:
        for name, value in _cookies(answer, page).items():
            samples.setdefault(name, []).append(value)
    where = bare(page.response.url)
    tokens = [name for name, values in samples.items() if all(map(identifiers.is_token, values))]
    settings = [n for n, v in samples.items() if n not in tokens and _is_setting(n, v)]
    left = {n: v for n, v in samples.items() if n not in (*tokens, *settings)}
    if not left:
        names = ", ".join((*tokens, *settings))
        fr, en = ("jetons signés", "signed tokens") if tokens else ("réglages", "settings")
        aside = Text(
            f"{where} : {names}, {fr}, sans identifiant", f"{where}: {names}, {en}, no identifier"
        )
        yield _scribe.fact("session.seen", False, aside)
        return
    names = ", ".join(left)
    yield _scribe.fact("session.seen", True, Text(f"{where} : {names}", f"{where}: {names}"))
    fewest = min(len(values) for values in left.values())
    if fewest < ENOUGH:
        yield from _too_few(fewest, failure)
        return
    measured = {name: identifiers.measure(values) for name, values in left.items()}
    weakest = min(measured, key=lambda name: measured[name].bits)
    shown = {name: _shown(where, name, one) for name, one in measured.items()}
    yield _scribe.fact("session.ids_sampled", fewest, shown[weakest])
    yield _scribe.fact("session.id_bits", measured[weakest].bits, shown[weakest])
    for fact, bad in (
        ("session.ids_repeat", [n for n, one in measured.items() if one.repeat]),
        ("session.ids_sequential", [n for n, one in measured.items() if one.sequential]),
    ):
        yield _scribe.fact(fact, bool(bad), shown[bad[0] if bad else weakest])


def _is_setting(name: str, values: list[str]) -> bool:
    """Whether a cookie that only looks like a session's is given alike to several visitors."""
    if _KNOWN.match(name):
        return False
    return len(set(values)) == 1 or (len(set(values)) < len(values) and not _NAMED.search(name))


def _too_few(count: int, failure: Text | None) -> Iterator[Statement]:
    why = failure or Text("le cookie n'est pas toujours posé", "the cookie is not always set")
    reason = Text(
        f"{count} identifiants, il en faut {ENOUGH} : {why.fr}",
        f"{count} identifiers, {ENOUGH} are needed: {why.en}",
    )
    for name in _MEASURED:
        yield _scribe.gap(name, reason)


def _shown(where: str, name: str, one: Measure) -> Text:
    return Text(
        f"{where}, cookie {name} : {one.count} valeurs de {one.length} caractères, {one.varying} "
        f"qui varient ({one.alphabet}), {one.bits} bits au plus ; entropie observée {one.shannon} "
        f"bits ; répétées : {'oui' if one.repeat else 'non'} ; en suite : "
        f"{'oui' if one.sequential else 'non'}",
        f"{where}, cookie {name}: {one.count} values of {one.length} characters, {one.varying} "
        f"that vary ({one.alphabet}), {one.bits} bits at most; observed entropy {one.shannon} "
        f"bits; repeated: {'yes' if one.repeat else 'no'}; in sequence: "
        f"{'yes' if one.sequential else 'no'}",
    )
