"""The web and login checks on a real server: what a visitor meets, and what could not be seen."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.lab import pki, servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.servers import Answer

HTML = ("Content-Type", "text/html; charset=utf-8")
GUARDED = [
    HTML,
    ("Strict-Transport-Security", "max-age=63072000"),
    ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
]
NOTICE = '<a href="/privacy">Confidentialité</a>'


def form(action: str, *, method: str = "post", field: str = "") -> bytes:
    return (
        f'<form action="{action}" method="{method}"><input name=email type=email>'
        f'<input type="password" name=p {field}></form>{NOTICE}'
    ).encode()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = pki.authority("Root")
    return pki.save(tmp_path_factory.mktemp("pki"), "leaf", [pki.leaf(root)])


def fresh(answer: Answer) -> Answer:
    """The answer with a new random word for each `{fresh}` in its headers."""
    headers = [(k, v.replace("{fresh}", secrets.token_hex(16))) for k, v in answer.headers]
    return Answer(answer.status, headers, answer.body, answer.raw)


def audit(site: dict[str, Answer], files: tuple[Path, Path] | None = None, **options: Any) -> Any:
    """The findings on a site, by path, over TLS where there are files."""
    context = servers.context(files) if files else None
    scheme = "https" if files else "http"
    with servers.web(lambda path, _: fresh(site.get(path, Answer(404))), context) as server:
        text = options.pop("text", "platform: x\n{targets}")
        target = options.pop("target", "")
        url = f"{scheme}://localhost:{server.port}/"
        targets = f"targets:\n  - {{url: '{url}', {target}}}\n"
        path = declared(options.pop("tmp_path"), text.replace("{targets}", targets))
        return judged(path=path, only=("web", "authentication"), **options)


def failed(found: Any) -> set[str]:
    return {rule for rule, seen in verdicts(found).items() if "fail" in seen}


def test_a_guarded_site_fails_nothing(tmp_path: Path, files: tuple[Path, Path]) -> None:
    site = {
        "/": Answer(headers=[*GUARDED, ("Set-Cookie", "sid={fresh}; Secure; HttpOnly; SameSite=Lax")],
                    body=form("/login", field='minlength="12" maxlength="128"')),
        "/.well-known/security.txt": Answer(
            headers=[("Content-Type", "text/plain")],
            body=b"Contact: mailto:a@example.fr\nExpires: 2027-06-01T00:00:00Z\n",
        ),
    }  # fmt: skip
    found = audit(site, files, tmp_path=tmp_path)

    assert failed(found) == set()
    assert verdicts(found)["login-not-encrypted"] == {"pass"}
    assert verdicts(found)["cookie-not-secure"] == {"pass"}
    assert verdicts(found)["https-not-enforced"] == {"unproven"}
    assert "declare it as a target" in reasons(found, "https-not-enforced")


def test_a_bare_site_fails_all_that_it_lacks(tmp_path: Path, files: tuple[Path, Path]) -> None:
    body = form("http://localhost/login", method="get") + (
        b'<img src="http://img.example.test/a.png"><script src="https://cdn.example.test/a.js">'
    )
    headers = [HTML, ("Set-Cookie", "PHPSESSID=1; Max-Age=94608000"), ("Server", "nginx/1.2.3")]
    found = audit({"/": Answer(headers=headers, body=body)}, files, tmp_path=tmp_path)

    assert failed(found) >= {
        "hsts-missing", "csp-missing", "clickjacking-allowed", "content-sniffing-allowed",
        "cookie-not-secure", "cookie-not-httponly", "cookie-no-samesite",
        "cookie-lifetime-excessive", "cache-allowed", "mixed-content",
        "subresource-integrity-missing", "software-version-disclosed", "login-not-encrypted",
        "login-credentials-in-url", "security-contact-missing",
    }  # fmt: skip


def test_a_site_in_clear_is_not_enforced_and_one_that_redirects_is(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    clear = audit({"/": Answer(headers=[HTML], body=b"hi")}, tmp_path=tmp_path)
    assert verdicts(clear)["https-not-enforced"] == {"fail"}

    with servers.web(lambda *_: Answer(headers=GUARDED, body=b"hi"), servers.context(files)) as to:
        location = ("Location", f"https://localhost:{to.port}/")
        good = audit({"/": Answer(301, [location])}, tmp_path=tmp_path)
    elsewhere = audit({"/": Answer(301, [("Location", "https://127.0.0.1:1/")])}, tmp_path=tmp_path)

    assert verdicts(good)["https-not-enforced"] == {"pass"}
    assert verdicts(good)["hsts-missing"] == {"pass"}
    assert verdicts(elsewhere)["https-not-enforced"] == {"fail"}


def test_a_site_that_leads_back_to_http_is_not_enforced(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    with servers.web(lambda *_: Answer(headers=[HTML], body=b"clear")) as clear:
        back = Answer(301, [("Location", f"http://localhost:{clear.port}/")])
        found = audit({"/": back}, files, tmp_path=tmp_path)

    assert verdicts(found)["https-not-enforced"] == {"fail"}


def test_a_target_that_speaks_no_http_has_no_headers_to_judge(tmp_path: Path) -> None:
    path = declared(tmp_path, "platform: x\ntargets: [{url: 'dicom://127.0.0.1:1'}]\n")
    found = judged(path=path, only=("web", "basic-authentication"))

    assert {v for seen in verdicts(found).values() for v in seen} == {"not_applicable"}


def test_the_login_page_is_found_by_its_link(tmp_path: Path, files: tuple[Path, Path]) -> None:
    site = {
        "/": Answer(headers=GUARDED, body=f'<a href="/in">Se connecter</a>{NOTICE}'.encode()),
        "/in": Answer(headers=GUARDED, body=form("http://localhost/in")),
    }
    found = audit(site, files, tmp_path=tmp_path)

    assert verdicts(found)["login-not-encrypted"] == {"fail"}


def test_a_declared_page_that_does_not_answer_leaves_its_rules_open(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    site = {"/": Answer(headers=GUARDED, body=b"hi"), "/in": Answer(raw=b"garbage\r\n\r\n")}
    found = audit(site, files, tmp_path=tmp_path, target="login_page: /in")

    assert "unproven" in verdicts(found)["login-not-encrypted"]
    assert "unproven" in verdicts(found)["cookie-not-secure"]
    assert "/in" in reasons(found, "login-not-encrypted")


POLICY = """platform: x
{targets}authentication:
  patients: {factors: [password], password: {min_length: 12, classes: 4}}
"""


@pytest.mark.parametrize(
    ("field", "verdict"),
    [
        ('maxlength="8"', "fail"),
        ('minlength="6" maxlength="64"', "fail"),
        ('minlength="12" maxlength="64"', "pass"),
        ('pattern="[0-9]{4}"', "fail"),
        ('pattern="(a+)+$"', "unproven"),
        ("", "pass"),
    ],
)
def test_the_forms_limits_against_the_declared_policy(
    tmp_path: Path, files: tuple[Path, Path], field: str, verdict: str
) -> None:
    site = {"/": Answer(headers=GUARDED, body=form("/login", field=field))}
    found = audit(site, files, tmp_path=tmp_path, text=POLICY)

    assert verdicts(found)["password-policy-contradicted"] == {verdict}


def test_a_site_that_echoes_any_origin_is_found(tmp_path: Path, files: tuple[Path, Path]) -> None:
    def site(path: str, headers: dict[str, str]) -> Answer:
        allow = [("Access-Control-Allow-Origin", headers.get("origin", "")),
                 ("Access-Control-Allow-Credentials", "true")]  # fmt: skip
        return Answer(headers=[*GUARDED, *allow], body=b"hi")

    with servers.web(site, servers.context(files)) as server:
        found = judged(f"https://localhost:{server.port}/", only=("cors-any-origin",))

    assert verdicts(found) == {"cors-any-origin": {"fail"}}


def test_basic_authentication_is_seen(tmp_path: Path, files: tuple[Path, Path]) -> None:
    site = {"/": Answer(401, [HTML, ("WWW-Authenticate", "Basic realm=x")], b"no")}
    found = audit(site, files, tmp_path=tmp_path)

    assert verdicts(found)["basic-authentication"] == {"fail"}


def test_a_redirect_that_was_not_followed_leaves_the_page_open(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    found = audit({"/": Answer(302, [("Location", "gopher://x/")])}, files, tmp_path=tmp_path)

    assert verdicts(found)["csp-missing"] == {"unproven"}
    assert verdicts(found)["content-sniffing-allowed"] == {"fail"}


def test_a_page_cut_short_shows_no_absence(tmp_path: Path, files: tuple[Path, Path]) -> None:
    body = b"<p>" + b"x" * (3 * 1024 * 1024)
    found = audit({"/": Answer(headers=GUARDED, body=body)}, files, tmp_path=tmp_path)

    assert verdicts(found)["mixed-content"] == {"unproven"}
    assert verdicts(found)["login-not-encrypted"] == {"unproven"}


def test_hostile_html_is_only_text(tmp_path: Path, files: tuple[Path, Path]) -> None:
    body = b"<form><input type=password></form>" * 100 + b"<div>" * 20000 + b"\xff\xfe\x00"
    title = b"<title>\x1b[31m" + b"A" * 1_000_000 + b"</title>"
    found = audit({"/": Answer(headers=GUARDED, body=title + body)}, files, tmp_path=tmp_path)

    assert found["targets"][0]["reached"] is True
    assert "error" not in {v for seen in verdicts(found).values() for v in seen}
