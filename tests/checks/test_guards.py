"""Headers on every page of the visit: the worst counts, and it is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.lab import servers
from tests.lab.audits import declared, judged, reasons, verdicts

GOOD = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
RULES = (
    "csp-missing", "csp-unsafe", "clickjacking-allowed", "content-sniffing-allowed", "referrer-leaks",
)  # fmt: skip


CONTENT = ("personal-data-in-url", "third-party-tracker")


def _audit(
    tmp_path: Path, pages: dict[str, dict[str, str] | int | None], *more: str
) -> dict[str, Any]:
    def site(path: str, _: dict[str, str]) -> servers.Answer:
        given = pages.get(path, GOOD)
        if given is None:
            return servers.Answer(raw=b"garbage\r\n\r\n")
        if isinstance(given, int):
            return servers.Answer(given, [("Content-Type", "text/html"), *GOOD.items()], b"<p>no")
        headers = [("Content-Type", "text/html"), *given.items()]
        return servers.Answer(headers=headers, body=b"<html><body>x</body></html>")

    with servers.web(site) as server:
        text = f"""platform: x
targets:
  - url: http://127.0.0.1:{server.port}/
    login_page: /connexion
    sensitive_pages: [/resultats]
"""
        return judged(path=declared(tmp_path, text), only=(*RULES, *more))


def test_all_pages_guarded_pass(tmp_path: Path) -> None:
    assert set().union(*verdicts(_audit(tmp_path, {})).values()) == {"pass"}


@pytest.mark.parametrize("path", ["/", "/connexion", "/resultats"])
@pytest.mark.parametrize(
    ("header", "value", "rule"),
    [
        ("Content-Security-Policy", None, "csp-missing"),
        ("Content-Security-Policy", "script-src * ; frame-ancestors 'none'", "csp-unsafe"),
        ("X-Content-Type-Options", None, "content-sniffing-allowed"),
        ("Referrer-Policy", "unsafe-url", "referrer-leaks"),
    ],
)
def test_one_page_without_its_guard_fails_and_is_named(
    tmp_path: Path, path: str, header: str, value: str | None, rule: str
) -> None:
    page = {k: v for k, v in GOOD.items() if k != header} | ({header: value} if value else {})
    found = _audit(tmp_path, {path: page})

    assert verdicts(found)[rule] == {"fail"}
    assert f"{path} (200): {header.lower()}" in reasons(found, rule)


def test_either_header_guards_a_page_against_framing(tmp_path: Path) -> None:
    other = {**GOOD, "Content-Security-Policy": "default-src 'self'", "X-Frame-Options": "DENY"}

    assert verdicts(_audit(tmp_path, {"/connexion": other}))["clickjacking-allowed"] == {"pass"}

    bare = {**GOOD, "Content-Security-Policy": "default-src 'self'"}
    found = _audit(tmp_path, {"/connexion": bare})
    assert verdicts(found)["clickjacking-allowed"] == {"fail"}
    assert "/connexion (200): x-frame-options absent" in reasons(found, "clickjacking-allowed")


def test_an_error_page_is_not_one_that_a_visitor_reads(tmp_path: Path) -> None:
    found = _audit(tmp_path, {"/resultats": 403})

    assert verdicts(found)["csp-missing"] == {"pass"}


def test_an_error_of_the_server_says_nothing_of_the_site(tmp_path: Path) -> None:
    found = _audit(tmp_path, dict.fromkeys(("/", "/connexion", "/resultats"), 503))

    for rule in ("csp-missing", "clickjacking-allowed", "content-sniffing-allowed"):
        assert verdicts(found)[rule] == {"unproven"}
        assert "landing page answers 503" in reasons(found, rule)


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_what_a_refusal_or_an_error_holds_is_not_the_site_s(tmp_path: Path, status: int) -> None:
    """As a wall before the site answers those whom it takes for a machine."""
    found = verdicts(_audit(tmp_path, {"/": status}, *CONTENT, "basic-authentication"))

    assert {rule: found[rule] for rule in CONTENT} == {rule: {"unproven"} for rule in CONTENT}
    headers = {"csp-missing", "clickjacking-allowed", "content-sniffing-allowed"}
    barred = {rule for rule in headers if found[rule] == {"unproven"}}
    assert barred == (headers if status != 404 else set())
    asked = {"pass"} if status in (401, 404) else {"unproven"}
    assert found["basic-authentication"] == asked


@pytest.mark.parametrize(
    ("header", "value", "rule", "verdict"),
    [
        ("Referrer-Policy", "strict-origin-when-cross-origin", "referrer-leaks", "unproven"),
        ("Referrer-Policy", "no-referrer-when-downgrade", "referrer-leaks", "fail"),
        ("X-Frame-Options", "SAMEORIGIN", "clickjacking-allowed", "unproven"),
        ("X-Content-Type-Options", None, "content-sniffing-allowed", "fail"),
        ("Content-Security-Policy", "script-src 'self'", "csp-unsafe", "unproven"),
    ],
)
def test_a_page_that_was_not_seen_may_be_worse(
    tmp_path: Path, header: str, value: str | None, rule: str, verdict: str
) -> None:
    page = {k: v for k, v in GOOD.items() if k != header} | ({header: value} if value else {})
    if header == "X-Frame-Options":
        page["Content-Security-Policy"] = "default-src 'self'"
    found = _audit(tmp_path, {"/": page, "/connexion": None, "/resultats": page})

    assert verdicts(found)[rule] == {verdict}


def test_a_notice_may_come_after_the_end_of_what_is_read() -> None:
    form = b"<form method=post><input type=email name=email></form>"
    for body, verdict in ((form + b" " * 3_000_000, "unproven"), (form, "fail")):
        page = servers.Answer(headers=[("Content-Type", "text/html")], body=body)
        with servers.web(lambda *_, page=page: page) as server:
            found = judged(f"http://127.0.0.1:{server.port}/", only=("privacy-notice-missing",))

        assert verdicts(found)["privacy-notice-missing"] == {verdict}
