"""Reads response headers as browsers do. Pure functions of what came."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import httpx

_TOKEN = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")


class Hsts(NamedTuple):
    """Strict-Transport-Security (RFC 6797): the first header counts, and only if it is valid."""

    max_age: int
    include_subdomains: bool


def hsts(headers: httpx.Headers) -> Hsts | None:
    values = headers.get_list("strict-transport-security")
    if not values:
        return None
    directives: dict[str, str] = {}
    for part in values[0].split(";"):
        name, _, value = part.strip().partition("=")
        name = name.strip().lower()
        if name and name in directives:
            return None  # a directive that stands twice makes the header void (section 6.1)
        if name:
            directives[name] = value.strip().strip('"')
    age = directives.get("max-age", "")
    if not age.isdigit() or len(age) > 18:
        return None
    return Hsts(int(age), "includesubdomains" in directives)


Policy = dict[str, list[str]]


def policies(headers: httpx.Headers) -> list[Policy]:
    """The enforced Content-Security-Policies (CSP3, 2.2); the first of a directive counts."""
    found = []
    for value in headers.get_list("content-security-policy", split_commas=False):
        for serialized in value.split(","):
            policy: Policy = {}
            for directive in serialized.split(";"):
                words = directive.split()
                if words:
                    policy.setdefault(words[0].lower(), words[1:])
            if policy:
                found.append(policy)
    return found


def open_script_sources(policy: Policy) -> list[str]:
    """What lets foreign or inline scripts run under one policy, by CSP3's own fallbacks."""
    sources = next(
        (
            policy[name]
            for name in ("script-src-elem", "script-src", "default-src")
            if name in policy
        ),
        None,
    )
    if sources is None:
        return ["none-set"]
    lower = [source.lower() for source in sources]
    guarded = any(s.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for s in lower)
    dynamic = "'strict-dynamic'" in lower and guarded
    found = []
    if "'unsafe-inline'" in lower and not guarded and "'strict-dynamic'" not in lower:
        found.append("'unsafe-inline'")
    evaluated = next((policy[n] for n in ("script-src", "default-src") if n in policy), [])
    if "'unsafe-eval'" in [source.lower() for source in evaluated]:
        found.append("'unsafe-eval'")
    if not dynamic:  # strict-dynamic makes browsers ignore hosts and schemes
        found += [s for s in ("*", "data:", "http:", "https:") if s in lower]
        found += [
            s for s in lower if re.match(r"^(https?://)?\*(:\*|:\d+)?(/.*)?$", s) and s != "*"
        ]
    return found


def script_sources_open(found: list[Policy]) -> tuple[str, ...]:
    """Several policies hold together: a source is open only where none of them closes it."""
    if not found:
        return ()
    each = [set(open_script_sources(policy)) for policy in found]
    if any(not opened for opened in each):
        return ()
    common = set.intersection(*each) or min(each, key=len)
    return tuple(sorted(common))


def limits_framing(found: list[Policy]) -> bool:
    """Whether a policy says who may frame the page, and says less than everyone."""
    for policy in found:
        if "frame-ancestors" in policy:
            sources = [source.lower() for source in policy["frame-ancestors"]]
            if not {"*", "http:", "https:"} & set(sources):
                return True
    return False


def x_frame_options(headers: httpx.Headers) -> str:
    """DENY, SAMEORIGIN, absent or invalid; two that differ are invalid."""
    values = {v.strip().upper() for v in headers.get_list("x-frame-options", split_commas=True)}
    values.discard("")
    if not values:
        return "absent"
    only = values.pop() if len(values) == 1 else "?"
    return only if only in ("DENY", "SAMEORIGIN") else "invalid"


def nosniff(headers: httpx.Headers) -> bool:
    """By the Fetch standard the first value decides."""
    values = headers.get_list("x-content-type-options", split_commas=True)
    return bool(values) and values[0].strip().lower() == "nosniff"


#: Browsers' default since 2020 where nothing valid is set.
DEFAULT_REFERRER = "strict-origin-when-cross-origin"
_REFERRER = (
    "no-referrer",
    "no-referrer-when-downgrade",
    "same-origin",
    "origin",
    "strict-origin",
    "origin-when-cross-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
)


#: What the meta tag was once allowed to say (Referrer Policy, section 8).
_LEGACY_REFERRER = {
    "never": "no-referrer",
    "always": "unsafe-url",
    "default": DEFAULT_REFERRER,
    "origin-when-crossorigin": "origin-when-cross-origin",
}


def referrer_policy(headers: httpx.Headers, meta: str | None) -> str:
    """The effective policy: the last known word of the header, then the page's meta tag."""
    words = [
        word.strip().lower() for word in headers.get_list("referrer-policy", split_commas=True)
    ]
    if meta:
        words.append(_LEGACY_REFERRER.get(meta, meta))
    known = [word for word in words if word in _REFERRER]
    return known[-1] if known else DEFAULT_REFERRER


_VERSION = re.compile(
    r"[A-Za-z][\w .+-]{0,40}?[/ ]v?\d+(\.\d+)+[\w.-]*|[A-Za-z][\w.+-]{1,40}/v?\d+[\w.-]*"
)


def software_versions(headers: httpx.Headers, generator: str | None) -> tuple[str, ...]:
    """Products that headers or the generator tag name with a version."""
    found: list[str] = []
    for name in ("server", "x-powered-by", "x-generator"):
        for value in headers.get_list(name):
            found += [match[0].strip() for match in _VERSION.finditer(value[:500])]
    for name in ("x-aspnet-version", "x-aspnetmvc-version"):
        found += [f"ASP.NET {v}" for v in headers.get_list(name) if re.match(r"^\d", v)]
    if generator:
        found += [match[0].strip() for match in _VERSION.finditer(generator[:500])]
    return tuple(dict.fromkeys(found))


def asks_basic(headers: httpx.Headers) -> bool:
    """Whether one of the challenges is Basic (RFC 7617)."""
    return any(
        re.search(r"(^|,)\s*basic(\s|$|,)", value, re.IGNORECASE)
        for value in headers.get_list("www-authenticate", split_commas=False)
    )


def no_store(headers: httpx.Headers) -> bool:
    words = headers.get_list("cache-control", split_commas=True)
    return any(word.strip().lower() == "no-store" for word in words)


class Cookie(NamedTuple):
    """One Set-Cookie header, without its value: that may be a secret."""

    name: str
    secure: bool
    httponly: bool
    samesite: str
    lifetime_days: int
    deleted: bool
    value_length: int
    value_varied: bool


def cookie(header: str, now: datetime | None = None) -> Cookie | None:
    """As RFC 6265bis reads it; None for a header without a name that could be one."""
    pair, *attributes = header.split(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(), value.strip().strip('"')
    if not equals or not _TOKEN.match(name):
        return None
    given: dict[str, str] = {}
    for attribute in attributes:
        key, _, content = attribute.partition("=")
        given[key.strip().lower()] = content.strip()  # the last of a kind counts
    days = _lifetime(given, now or datetime.now(UTC))
    samesite = {"strict": "Strict", "lax": "Lax", "none": "None"}
    return Cookie(
        name=name,
        secure="secure" in given,
        httponly="httponly" in given,
        samesite=samesite.get(given.get("samesite", "").lower(), "absent"),
        lifetime_days=max(days, 0) if days is not None else 0,
        deleted=days is not None and days < 0,
        value_length=len(value),
        value_varied=len(set(value)) > 4,
    )


def _lifetime(given: dict[str, str], now: datetime) -> int | None:
    """Days until it expires, rounded up; negative for one that is being deleted."""
    age = given.get("max-age", "")
    if re.fullmatch(r"-?\d{1,15}", age):
        seconds = int(age)
        return -(-seconds // 86400) if seconds > 0 else -1
    if "expires" not in given:
        return None
    words = re.sub(r"(\d{1,2})-([A-Za-z]{3})-(\d{2,4})", r"\1 \2 \3", given["expires"])
    try:
        until = parsedate_to_datetime(words)
    except (TypeError, ValueError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    seconds = int((until - now).total_seconds())
    return -(-seconds // 86400) if seconds > 0 else -1


_SESSION_NAMES = re.compile(
    r"sess|^sid$|[._-]sid$|^sid[._-]|jsessionid|phpsessid|asp\.net_sessionid|aspxauth|auth|token|"
    r"jwt|login|remember|^connect\.|csrftoken|identity",
    re.IGNORECASE,
)
#: Cookies whose names look alike, and that are no session's.
_NO_SESSION = re.compile(r"csrf|xsrf|consent|lang|locale|theme|^_ga|^_gid|^_fbp|utm", re.IGNORECASE)


def looks_like_session(found: Cookie, *, on_login: bool) -> bool:
    """By its name; or set on a login page, for the session, with a value long enough to be one."""
    if _NO_SESSION.search(found.name):
        return False
    if _SESSION_NAMES.search(found.name):
        return True
    return on_login and found.lifetime_days == 0 and found.value_length >= 16 and found.value_varied
