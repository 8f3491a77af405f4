"""Response headers read as browsers read them."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from gdpr_audit.checks.web import headers


def given(*pairs: tuple[str, str]) -> httpx.Headers:
    return httpx.Headers(list(pairs))


@pytest.mark.parametrize(
    ("value", "age"),
    [
        ("max-age=31536000; includeSubDomains", 31536000),
        ('MAX-AGE="300"', 300),
        ("max-age=0", 0),
        ("includeSubDomains", None),
        ("max-age=10; max-age=20", None),
        ("max-age=ten", None),
        ("", None),
    ],
)
def test_hsts(value: str, age: int | None) -> None:
    found = headers.hsts(given(("Strict-Transport-Security", value)))

    assert (found.max_age if found else None) == age


@pytest.mark.parametrize(
    ("policy", "opened"),
    [
        ("default-src 'self'", ()),
        ("default-src 'none'; script-src 'self'", ()),
        ("img-src 'self'", ("none-set",)),
        ("script-src 'self' 'unsafe-inline'", ("'unsafe-inline'",)),
        ("script-src 'nonce-abc' 'unsafe-inline'", ()),
        ("script-src 'sha256-abc' 'unsafe-inline'", ()),
        ("script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'", ()),
        ("script-src 'self' 'unsafe-eval'", ("'unsafe-eval'",)),
        ("script-src *", ("*",)),
        ("script-src data: https:", ("data:", "https:")),
        ("default-src 'unsafe-inline'", ("'unsafe-inline'",)),
        ("script-src 'self'; script-src *", ()),
        ("script-src 'self', script-src *", ()),
        ("script-src https://*", ("https://*",)),
    ],
)
def test_what_a_policy_leaves_open_to_scripts(policy: str, opened: tuple[str, ...]) -> None:
    found = headers.policies(given(("Content-Security-Policy", policy)))

    assert headers.script_sources_open(found) == opened


def test_two_policies_hold_together() -> None:
    both = given(
        ("Content-Security-Policy", "script-src *"),
        ("Content-Security-Policy", "script-src 'self'"),
    )

    assert headers.script_sources_open(headers.policies(both)) == ()


@pytest.mark.parametrize(
    ("policy", "limited"),
    [("frame-ancestors 'none'", True), ("frame-ancestors *", False), ("default-src 'none'", False)],
)
def test_framing(policy: str, limited: bool) -> None:
    found = headers.policies(given(("Content-Security-Policy", policy)))

    assert headers.limits_framing(found) is limited


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (["deny"], "DENY"), (["SAMEORIGIN", "sameorigin"], "SAMEORIGIN"), ([], "absent"),
        (["DENY", "SAMEORIGIN"], "invalid"), (["ALLOW-FROM https://x"], "invalid"),
    ],
)  # fmt: skip
def test_x_frame_options(values: list[str], word: str) -> None:
    assert headers.x_frame_options(given(*(("X-Frame-Options", v) for v in values))) == word


@pytest.mark.parametrize(
    ("values", "meta", "policy"),
    [
        ([], None, "strict-origin-when-cross-origin"),
        (["no-referrer"], None, "no-referrer"),
        (["no-referrer, nonsense"], None, "no-referrer"),
        (["no-referrer", "unsafe-url"], None, "unsafe-url"),
        (["no-referrer"], "always", "unsafe-url"),
    ],
)
def test_the_last_known_referrer_policy_counts(
    values: list[str], meta: str | None, policy: str
) -> None:
    assert headers.referrer_policy(given(*(("Referrer-Policy", v) for v in values)), meta) == policy


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Server", "Apache/2.2.15 (CentOS)", ("Apache/2.2.15",)),
        ("Server", "nginx", ()),
        ("Server", "cloudflare", ()),
        ("X-Powered-By", "PHP/5.4.16", ("PHP/5.4.16",)),
        ("X-Powered-By", "Express", ()),
        ("X-AspNet-Version", "4.0.30319", ("ASP.NET 4.0.30319",)),
    ],
)
def test_versions_that_headers_tell(name: str, value: str, found: tuple[str, ...]) -> None:
    assert headers.software_versions(given((name, value)), None) == found


def test_a_generator_tells_its_version() -> None:
    assert headers.software_versions(given(), "WordPress 6.4.1") == ("WordPress 6.4.1",)


NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "secure", "samesite", "days"),
    [
        ("a=b; Secure; HttpOnly; SameSite=Lax", True, "Lax", 0),
        ("a=b; secure; samesite=none", True, "None", 0),
        ("a=b; SameSite=weird", False, "absent", 0),
        ("a=b; Max-Age=86400", False, "absent", 1),
        ("a=b; Max-Age=94608000", False, "absent", 1095),
        ("a=b; Expires=Tue, 24 Nov 2027 00:00:00 GMT", False, "absent", 365),
        ("a=b; Expires=Wed, 24-Nov-27 00:00:00 GMT", False, "absent", 365),
        ("a=b; Expires=Wed, 24 Nov 2027 00:00:00 GMT; Max-Age=60", False, "absent", 1),
        ("a=b; Expires=rubbish", False, "absent", 0),
    ],
)
def test_cookies(header: str, secure: bool, samesite: str, days: int) -> None:
    cookie = headers.cookie(header, NOW)

    assert cookie is not None
    assert (cookie.secure, cookie.samesite, cookie.lifetime_days) == (secure, samesite, days)


def test_a_cookie_that_is_being_deleted_is_none_to_judge() -> None:
    cookie = headers.cookie("a=; Max-Age=0", NOW)

    assert cookie is not None
    assert cookie.deleted
    assert headers.cookie("no equals sign") is None


@pytest.mark.parametrize(
    ("name", "session"),
    [
        ("PHPSESSID", True), ("JSESSIONID", True), ("__Host-session", True), ("auth_token", True),
        ("connect.sid", True), ("_ga", False), ("lang", False), ("XSRF-TOKEN", False),
        ("theme", False), ("cookieconsent_status", False), ("opaque", False),
    ],
)  # fmt: skip
def test_which_cookies_look_like_a_sessions(name: str, session: bool) -> None:
    cookie = headers.cookie(f"{name}=abcdef1234567890abcd", NOW)

    assert cookie is not None
    assert headers.looks_like_session(cookie, on_login=False) is session


def test_basic_is_told_from_other_challenges() -> None:
    assert headers.asks_basic(given(("WWW-Authenticate", 'Basic realm="x"')))
    assert headers.asks_basic(given(("WWW-Authenticate", "Negotiate, Basic realm=x")))
    assert not headers.asks_basic(given(("WWW-Authenticate", "Bearer realm=basics")))
