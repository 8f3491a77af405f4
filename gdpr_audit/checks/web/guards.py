"""The headers that guard pages, on every page of the visit: the worst of them counts.

A page that answers with an error is not one that a visitor reads, and is left aside; one that could
not be seen leaves open whatever the others have right, and so does a landing page that answers with
an error of the server (5xx): a balancer or a maintenance page says nothing of the site behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.web import headers
from gdpr_audit.checks.web.page import bare
from gdpr_audit.checks.web.visit import REFUSED, Seen, Visit
from gdpr_audit.model import Statement, Text, Value
from gdpr_audit.redaction import fit, without_names

_scribe = Scribe("web")
#: Referrer policies from the one that tells others the least; the last two tell any site of https
#: the whole address.
_REFERRER = (
    "no-referrer", "same-origin", "strict-origin", "origin", "strict-origin-when-cross-origin",
    "origin-when-cross-origin", "no-referrer-when-downgrade", "unsafe-url",
)  # fmt: skip
#: Browsers ignore a word that they do not know.
_FRAMES = ("DENY", "SAMEORIGIN", "invalid", "absent")


class Guard(NamedTuple):
    """One fact of a page, the header that says it, and how bad a value is.

    Of a word or a truth, badness is from 0 to 1, and 1 means that no other can be worse.
    """

    fact: str
    header: str
    read: Callable[[Seen], Value | None]
    badness: Callable[[Value], float]


def _lacking(value: Value) -> float:
    return 0 if value else 1


def _length(value: Value) -> float:
    return len(value) if isinstance(value, tuple) else 0


def _shortness(value: Value) -> float:
    """A shorter age is worse."""
    return 1 / (1 + value) if isinstance(value, int | float) else 0


def _rank(order: Sequence[str]) -> Callable[[Value], float]:
    """By the place in an order whose last two are as bad as each other."""
    last = len(order) - 2
    return lambda value: min(order.index(value), last) / last if value in order else 1


def _hsts(seen: Seen) -> headers.Hsts | None:
    return headers.hsts(seen.response.headers)


def _age(seen: Seen) -> Value | None:
    policy = _hsts(seen)
    return policy.max_age if policy is not None else None


def _below(seen: Seen) -> Value | None:
    policy = _hsts(seen)
    return policy.include_subdomains if policy is not None else None


def _referrer(seen: Seen) -> Value:
    meta = seen.page.referrer if seen.page else None
    return headers.referrer_policy(seen.response.headers, meta)


_HSTS, _CSP = "strict-transport-security", "content-security-policy"
_OF_HTTPS = (
    Guard("web.hsts.present", _HSTS, lambda seen: _hsts(seen) is not None, _lacking),
    Guard("web.hsts.max_age", _HSTS, _age, _shortness),
    Guard("web.hsts.include_subdomains", _HSTS, _below, _lacking),
)
_OF_ALL = (
    Guard("web.csp.present", _CSP, lambda seen: bool(_policies(seen)), _lacking),
    Guard(
        "web.csp.script_sources_open",
        _CSP,
        lambda seen: headers.script_sources_open(_policies(seen)),
        _length,
    ),
    Guard(
        "web.csp.frame_ancestors",
        _CSP,
        lambda seen: headers.limits_framing(_policies(seen)),
        _lacking,
    ),
    Guard(
        "web.nosniff",
        "x-content-type-options",
        lambda seen: headers.nosniff(seen.response.headers),
        _lacking,
    ),
    Guard("web.referrer_policy", "referrer-policy", _referrer, _rank(_REFERRER)),
)
_FRAME = Guard(
    "web.x_frame_options",
    "x-frame-options",
    lambda seen: headers.x_frame_options(seen.response.headers),
    _rank(_FRAMES),
)


def _policies(seen: Seen) -> list[headers.Policy]:
    return headers.policies(seen.response.headers)


def state(found: Visit, unseen: Text | None) -> Iterator[Statement]:
    """The facts of all guards; `unseen` says why there may be worse pages."""
    away = down(found.landing)
    unseen = unseen or away
    others = [s for s in found.others if s.page is not None and s.response.status < 400]
    pages = others if away else [found.landing, *others]
    if not pages and away:
        https = urlsplit(found.landing.response.url).scheme == "https"
        guards = (*(_OF_HTTPS if https else ()), *_OF_ALL, _FRAME)
        yield from (_scribe.gap(guard.fact, away) for guard in guards)
        return
    secure = [seen for seen in pages if urlsplit(seen.response.url).scheme == "https"]
    if urlsplit(found.landing.response.url).scheme == "https":
        for guard in _OF_HTTPS:
            yield from _worst(guard, secure, unseen)
    for guard in _OF_ALL:
        yield from _worst(guard, pages, unseen)
    # where a policy limits framing, X-Frame-Options has nothing to add
    open_ = [seen for seen in pages if not headers.limits_framing(_policies(seen))]
    yield from _worst(_FRAME, open_ or pages[:1], unseen)


def down(landing: Seen) -> Text | None:
    """Why the answer is none that a visitor reads: an error, or a refusal by what stands before."""
    status = landing.response.status
    if status < 500 and status not in REFUSED:
        return None
    return error(landing)


def error(landing: Seen) -> Text | None:
    """Why the landing page's content is not the site's."""
    status = landing.response.status
    if status < 400:
        return None
    return Text(f"la page d'accueil répond {status}", f"the landing page answers {status}")


def _worst(guard: Guard, pages: Sequence[Seen], unseen: Text | None) -> Iterator[Statement]:
    told = [(value, seen) for seen in pages if (value := guard.read(seen)) is not None]
    if not told:
        return
    value, seen = max(told, key=lambda one: guard.badness(one[0]))
    shown = header_of(seen, guard.header)
    if not isinstance(value, bool | str):
        yield _scribe.fact(guard.fact, value, shown, partial=unseen)
    elif unseen is not None and guard.badness(value) < 1:
        yield _scribe.gap(guard.fact, unseen)
    else:
        yield _scribe.fact(guard.fact, value, shown)


def header_of(seen: Seen, name: str) -> Text:
    """A page, and what it says in one header."""
    where = f"{bare(seen.response.url)} ({seen.response.status})"
    value = seen.response.headers.get(name)
    given = f"{name}: {fit(without_names(value), 200)}" if value is not None else f"{name} absent"
    return Text(f"{where} : {given}", f"{where}: {given}")
