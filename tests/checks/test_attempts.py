"""Wrong passwords under the mandate: on a sign-in form that is real, and by no more than is allowed."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from gdpr_audit.checks.web import fields, page
from gdpr_audit.errors import OutOfMandate
from gdpr_audit.network import Door, Mandate, Settings
from tests.lab import pki, servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.servers import Answer

ENUMERATION, THROTTLING = "account-enumeration", "login-not-throttled"
HTML = ("Content-Type", "text/html; charset=utf-8")
USER = "audit@example.fr"
TEXT = """platform: x
{mandate}targets: [{{url: '{url}', login_page: /in{target}}}]
authentication:
  patients: {{factors: [password], password: {{{declared}}}}}
"""
MANDATE = """mandate: {authorised_by: Claire Martin, reference: "2026-11", scope: [localhost],
  not_before: 2026-11-01, not_after: 2026-12-31}
"""
ACCOUNT = f", test_account: {{username: {USER}}}"
THROTTLED = "throttling: {max_attempts: 10}"

Refuse = Callable[["Login", str, int], Answer]


@dataclass
class Login:
    """A sign-in page with a token that is good once, bound to a cookie; `refuse` says no."""

    refuse: Refuse
    form: str = (
        '<form action="/in" method="post"><input type=hidden name=csrf value="{token}">'
        "<input name=email type=email><input type=password name=secret>"
        "<input type=checkbox name=stay value=1><button name=go value=in>Entrer</button></form>"
    )
    tokens: dict[str, str] = field(default_factory=dict)
    flash: dict[str, str] = field(default_factory=dict)
    posted: list[dict[str, str]] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def __call__(self, path: str, headers: dict[str, str]) -> Answer:
        if not path.startswith("/in"):
            return Answer(headers=[HTML], body=b"<p>Bienvenue")
        sid = headers.get("cookie", "").partition("sid=")[2].partition(";")[0]
        with self.lock:
            if headers.get(":method") != "POST":
                return self.page(self.flash.pop(sid, ""))
            given = {k: v[0] for k, v in parse_qs(headers[":body"], keep_blank_values=True).items()}
            if not sid or self.tokens.pop(sid, None) != given.get("csrf"):
                return Answer(403, [HTML], b"CSRF token incorrect")
            self.posted.append(given)
            tries = sum(one["email"] == given["email"] for one in self.posted)
            return self.refuse(self, given["email"], tries)

    def page(self, message: str = "", status: int = 200) -> Answer:
        sid, token = secrets.token_hex(16), secrets.token_urlsafe(24)
        self.tokens[sid] = token
        nonce = f'<script nonce="{secrets.token_hex(8)}">let t = "{time.time_ns()}"</script>'
        body = f"<h1>Connexion</h1>{nonce}<p>{message}</p>{self.form.format(token=token)}"
        return Answer(status, [HTML, ("Set-Cookie", f"sid={sid}; HttpOnly")], body.encode())

    def later(self, message: str, to: str = "/in") -> Answer:
        """The message on the page that a redirect leads to."""
        sid = secrets.token_hex(16)
        self.flash[sid] = message
        return Answer(303, [("Location", to), ("Set-Cookie", f"sid={sid}")])


def at(site: dict[str, Answer]) -> servers.Site:
    return lambda path, _: site[path]


def same(login: Login, user: str, tries: int) -> Answer:
    return login.page(f"Identifiant ou mot de passe incorrect pour {user}")


def audit(
    login: servers.Site,
    tmp_path: Path,
    *,
    rules: tuple[str, ...] = (ENUMERATION, THROTTLING),
    mandate: str = MANDATE,
    target: str = ACCOUNT,
    policy: str = THROTTLED,
    active: bool = True,
    files: tuple[Path, Path] | None = None,
    **options: Any,
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The findings, and the headers of each POST that the server saw."""
    with servers.web(login, servers.context(files) if files else None) as server:
        scheme = "https" if files else "http"
        url = f"{scheme}://localhost:{server.port}/"
        text = TEXT.format(mandate=mandate, url=url, target=target, declared=policy)
        path = declared(tmp_path, text)
        found = judged(path=path, only=rules, active=active, **options)
    return found, [headers for _, headers in server.seen if headers.get(":method") == "POST"]


def test_a_form_that_answers_alike_gives_no_account_away(tmp_path: Path) -> None:
    login = Login(same)
    found, posts = audit(login, tmp_path, rules=(ENUMERATION,))

    assert verdicts(found) == {ENUMERATION: {"pass"}}
    assert "the same answer (200)" in reasons(found, ENUMERATION)
    assert len(posts) == 2
    assert login.posted[0]["email"] == USER
    assert login.posted[1]["email"] != USER
    assert login.posted[1]["email"].endswith("@example.fr")
    assert all(one["go"] == "in" and "stay" not in one for one in login.posted)
    assert posts[0]["origin"] == posts[0]["referer"].removesuffix("/in")


def _text(login: Login, user: str, tries: int) -> Answer:
    return login.page("Mot de passe incorrect" if user == USER else "Compte inconnu")


def _status(login: Login, user: str, tries: int) -> Answer:
    return login.page("Identifiants incorrects", 401 if user == USER else 422)


def _redirect(login: Login, user: str, tries: int) -> Answer:
    return login.later("Connexion refusée", "/in" if user == USER else "/in/new-account")


def _flash(login: Login, user: str, tries: int) -> Answer:
    return login.later("Mot de passe incorrect" if user == USER else "Aucun compte, échec")


@pytest.mark.parametrize(
    ("refuse", "word"),
    [
        (_text, "different texts"),
        (_status, "different statuses (401 / 422)"),
        (_redirect, "different redirects"),
        (_flash, "different texts"),
    ],
)
def test_a_form_that_tells_unknown_accounts_fails(
    refuse: Refuse, word: str, tmp_path: Path
) -> None:
    found, posts = audit(Login(refuse), tmp_path, rules=(ENUMERATION,))

    assert verdicts(found) == {ENUMERATION: {"fail"}}
    assert word in reasons(found, ENUMERATION)
    assert len(posts) == 2


def _too_many(login: Login, user: str, tries: int) -> Answer:
    return Answer(429, [HTML], b"no") if tries > 5 else same(login, user, tries)


def _locked(login: Login, user: str, tries: int) -> Answer:
    message = "Compte verrouillé, contactez-nous" if tries > 3 else "Mot de passe incorrect"
    return login.page(message)


def _locked_later(login: Login, user: str, tries: int) -> Answer:
    return login.later("Too many attempts, failed" if tries > 6 else "Wrong password")


def _captcha(login: Login, user: str, tries: int) -> Answer:
    widget = '<div class="h-captcha" data-sitekey=x></div>' if tries > 4 else ""
    return login.page(f"Mot de passe incorrect{widget}")


def _forbidden(login: Login, user: str, tries: int) -> Answer:
    return Answer(403, [HTML], b"x") if tries > 7 else same(login, user, tries)


def _slow(login: Login, user: str, tries: int) -> Answer:
    time.sleep(1.1 if tries > 3 else 0)
    return same(login, user, tries)


@pytest.mark.parametrize(
    ("refuse", "count", "word"),
    [
        (_too_many, 6, "held back at wrong password 6 of the test account: answer 429"),
        (_locked, 4, "a message asks to wait"),
        (_locked_later, 7, "a message asks to wait"),
        (_captcha, 5, "a captcha appears"),
        (_forbidden, 8, "refusal (403)"),
        (_slow, 5, "0.0 s → 1.1 s"),
    ],
)
def test_tries_that_are_held_back_are_seen_and_stopped(
    refuse: Refuse, count: int, word: str, tmp_path: Path
) -> None:
    for policy in (THROTTLED, "min_length: 12"):
        found, posts = audit(Login(refuse), tmp_path, rules=(THROTTLING,), policy=policy)

        assert verdicts(found) == {THROTTLING: {"pass"}}
        assert word in reasons(found, THROTTLING)
        assert len(posts) == count


def test_tries_that_nothing_holds_back_fail_whatever_is_declared(tmp_path: Path) -> None:
    login = Login(same)
    found, posts = audit(login, tmp_path, rules=(THROTTLING,), policy=THROTTLED)

    assert verdicts(found) == {THROTTLING: {"fail"}}
    assert "12 wrong passwords in a row" in reasons(found, THROTTLING)
    assert len(posts) == 12
    assert {one["email"] for one in login.posted} == {USER}
    assert len({one["secret"] for one in login.posted}) == 12


def test_both_questions_together_send_one_try_more(tmp_path: Path) -> None:
    found, posts = audit(Login(same), tmp_path)

    assert verdicts(found) == {ENUMERATION: {"pass"}, THROTTLING: {"fail"}}
    assert len(posts) == 13


def test_neither_passwords_nor_the_accounts_name_are_kept(tmp_path: Path) -> None:
    login = Login(_text)
    journal = tmp_path / "journal.jsonl"
    found, _ = audit(login, tmp_path, settings=Settings(journal=journal))

    kept = f"{found}{journal.read_text()}"
    assert '"method": "POST"' in kept
    assert not any(one["secret"] in kept or one["email"] in kept for one in login.posted)


OTHERS = MANDATE.replace("localhost", "other.example.fr")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"active": False}, "--active"),
        ({"mandate": ""}, "no mandate allows active probes"),
        ({"mandate": OTHERS}, "does not cover localhost"),
        ({"day": date(2027, 1, 5)}, "not on 2027-01-05"),
        ({"target": ""}, "test_account` is not declared"),
    ],
)
def test_without_leave_nothing_is_sent_and_the_declaration_stands(
    options: dict[str, Any], word: str, tmp_path: Path
) -> None:
    for policy, verdict in (
        (THROTTLED, "pass"),
        ("throttling: none", "fail"),
        ("min_length: 12", "unproven"),
    ):
        found, posts = audit(Login(same), tmp_path, policy=policy, **options)

        assert posts == []
        assert verdicts(found) == {ENUMERATION: {"unproven"}, THROTTLING: {verdict}}
        assert word in reasons(found, ENUMERATION)
        assert word in reasons(found, THROTTLING)


def test_where_there_is_no_sign_in_form_the_rule_does_not_apply(tmp_path: Path) -> None:
    with servers.web(lambda *_: Answer(headers=[HTML], body=b"hi")) as server:
        text = f"platform: x\ntargets: [{{url: 'http://localhost:{server.port}/'}}]\n"
        found = judged(path=declared(tmp_path, text), only=(ENUMERATION,))

    assert verdicts(found) == {ENUMERATION: {"not_applicable"}}
    assert "no sign-in form" in reasons(found, ENUMERATION)


def test_a_declared_page_whose_form_scripts_make_is_unproven(tmp_path: Path) -> None:
    found, posts = audit(lambda *_: Answer(headers=[HTML], body=b"<div id=app>"), tmp_path)

    assert verdicts(found) == {ENUMERATION: {"unproven"}, THROTTLING: {"pass"}}
    assert "no form without scripts" in reasons(found, ENUMERATION)
    assert posts == []


def test_without_a_mandate_the_declared_rule_asks_nothing_of_the_network(tmp_path: Path) -> None:
    with servers.web(Login(same)) as server:
        text = TEXT.format(
            mandate="", url=f"http://localhost:{server.port}/", target=ACCOUNT, declared=THROTTLED
        )
        judged(path=declared(tmp_path, text), only=(THROTTLING,), active=True)

    assert server.seen == []


@pytest.mark.parametrize("limits", ["maxlength=6", "minlength=30", "minlength=4 maxlength=12", ""])
def test_the_wrong_password_is_one_that_the_field_takes(limits: str, tmp_path: Path) -> None:
    login = Login(same)
    login.form = login.form.replace("type=password", f"type=password {limits}")
    audit(login, tmp_path, rules=(ENUMERATION,))

    bounds = {"maxlength=6": 6, "minlength=30": 30, "minlength=4 maxlength=12": 12, "": 20}
    assert {len(one["secret"]) for one in login.posted} == {bounds[limits]}


def test_a_sign_in_page_that_was_not_seen_leaves_it_unproven(tmp_path: Path) -> None:
    for answer, word in (
        (Answer(raw=b"garbage\r\n\r\n"), "page /in not seen"),
        (Answer(503, [HTML]), "page /in answers 503"),
        (Answer(404, [HTML]), "page /in answers 404"),
    ):
        site = {"/": Answer(headers=[HTML], body=b"hi"), "/in": answer}
        found, posts = audit(at(site), tmp_path)

        assert verdicts(found)[ENUMERATION] == {"unproven"}
        assert word in reasons(found, ENUMERATION)
        assert posts == []


def _only_help(login: Login, user: str, tries: int) -> Answer:
    return login.page(f"Il est {time.time():.0f} h")


def _changing(login: Login, user: str, tries: int) -> Answer:
    return login.page("Mot de passe incorrect" if tries < 9 else "Connexion impossible")


def _broken(login: Login, user: str, tries: int) -> Answer:
    return Answer(500, [HTML], b"x") if tries > 2 else same(login, user, tries)


def _locked_before(login: Login, user: str, tries: int) -> Answer:
    return login.page("Échec : compte verrouillé")


def _cut(login: Login, user: str, tries: int) -> Answer:
    return Answer(raw=b"") if tries > 2 else same(login, user, tries)


@pytest.mark.parametrize(
    ("refuse", "word"),
    [
        (lambda login, *_: login.page(), "nothing in the answer says"),
        (lambda login, *_: login.page("Bonjour"), "nothing in the answer says"),
        (_only_help, "nothing in the answer says"),
        (lambda *_: Answer(405, [HTML]), "the form answers 405"),
        (_changing, "the refusal changed"),
        (_broken, "the form answers 500"),
        (_locked_before, "may have been locked"),
        (_cut, "after 2 tries"),
    ],
)
def test_tries_that_settle_nothing_leave_the_declaration_as_it_is(
    refuse: Refuse, word: str, tmp_path: Path
) -> None:
    for policy, verdict in ((THROTTLED, "pass"), ("min_length: 12", "unproven")):
        login = Login(refuse)
        if refuse is _only_help:
            login.form = f"<p>En cas d'erreur ou de compte bloqué, appelez-nous{login.form}"
        found, _ = audit(login, tmp_path, rules=(THROTTLING,), policy=policy)

        assert verdicts(found) == {THROTTLING: {verdict}}
        assert word in reasons(found, THROTTLING)


@pytest.mark.parametrize("refuse", [lambda login, *_: login.page(), lambda *_: Answer(405, [HTML])])
def test_a_form_that_nobody_reads_shows_nothing_of_accounts(refuse: Refuse, tmp_path: Path) -> None:
    found, posts = audit(Login(refuse), tmp_path, rules=(ENUMERATION,))

    assert verdicts(found) == {ENUMERATION: {"unproven"}}
    assert len(posts) == 1


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ('<form action="http://other.example.fr/in" method=post>', "outside the target"),
        ('<form action="/in" method=get>', "not sent by POST"),
    ],
)
def test_a_form_that_leads_elsewhere_is_not_sent(form: str, word: str, tmp_path: Path) -> None:
    page = f"{form}<input name=user><input type=password name=p></form>"
    both = MANDATE.replace("[localhost]", "[localhost, other.example.fr]")
    found, posts = audit(Login(same, page), tmp_path, mandate=both)

    assert verdicts(found)[ENUMERATION] == {"unproven"}
    assert word in reasons(found, ENUMERATION)
    assert posts == []


def test_an_https_form_is_not_sent_in_clear(tmp_path: Path) -> None:
    files = pki.save(tmp_path, "leaf", [pki.leaf(pki.authority("Root"))])
    page = (
        '<form action="http://localhost/in" method=post><input name=u><input type=password name=p>'
    )
    found, posts = audit(Login(same, page), tmp_path, rules=(ENUMERATION,), files=files)

    assert verdicts(found) == {ENUMERATION: {"unproven"}}
    assert "in clear" in reasons(found, ENUMERATION)
    assert posts == []


def test_over_https_the_form_is_tried_alike(tmp_path: Path) -> None:
    files = pki.save(tmp_path, "leaf", [pki.leaf(pki.authority("Root"))])
    found, posts = audit(Login(_text), tmp_path, rules=(ENUMERATION,), files=files)

    assert verdicts(found) == {ENUMERATION: {"fail"}}
    assert len(posts) == 2


def test_the_door_posts_under_the_mandate_alone_and_follows_no_redirect() -> None:
    mandate = Mandate("x", "y", ("localhost",), date(2026, 11, 1), date(2026, 12, 31))

    async def post(url: str, target: str, **options: Any) -> int:
        async with Door(Settings(), day=date(2026, 11, 24), **options) as door:
            answer = await door.post(url, [("a", "é&")], target=target, purpose="test")
            return answer.status

    with servers.web(lambda *_: Answer(303, [("Location", "/next")])) as server:
        own = f"http://localhost:{server.port}/"
        allowed = {"mandate": mandate, "active": True}
        assert asyncio.run(post(own, own, **allowed)) == 303
        for url, target, options in (
            (own, own, {"active": True}),
            (own, own, {"mandate": mandate}),
            (own, "http://localhost:1/", allowed),
            (own, "https://localhost/", allowed),
            (own, "http://127.0.0.1/", allowed),
        ):
            with pytest.raises(OutOfMandate):
                asyncio.run(post(url, target, **options))

    assert [(path, headers[":body"]) for path, headers in server.seen] == [("/", "a=%C3%A9%26")]


def test_a_form_of_another_target_is_tried_there_alone(tmp_path: Path) -> None:
    files = pki.save(tmp_path, "leaf", [pki.leaf(pki.authority("Root"))])
    with servers.web(Login(same), servers.context(files)) as secure:
        to = Answer(308, [("Location", f"https://localhost:{secure.port}/in")])
        with servers.web(lambda *_: to) as clear:
            urls = (f"https://localhost:{secure.port}/", f"http://localhost:{clear.port}/")
            rows = "".join(f"  - {{url: '{u}', login_page: /in{ACCOUNT}}}\n" for u in urls)
            path = declared(tmp_path, f"platform: x\n{MANDATE}targets:\n{rows}")
            found = judged(path=path, only=(ENUMERATION,), active=True)

    assert verdicts(found) == {ENUMERATION: {"pass", "not_applicable"}}
    assert "that of another target" in reasons(found, ENUMERATION)
    assert sum(headers.get(":method") == "POST" for _, headers in secure.seen) == 2


def test_what_no_chosen_rule_asks_is_not_tried(tmp_path: Path) -> None:
    rules = ("session-id-weak", "oidc-pkce-missing", "password-policy-weak")
    _, posts = audit(Login(same), tmp_path, rules=rules)

    assert posts == []


@pytest.mark.parametrize(("user", "verdict"), [("10001", "unproven"), ("1" * 13, "pass")])
def test_no_number_is_tried_that_may_be_someones(user: str, verdict: str, tmp_path: Path) -> None:
    login = Login(same)
    target = f", test_account: {{username: '{user}'}}"
    found, posts = audit(login, tmp_path, rules=(ENUMERATION,), target=target)

    assert verdicts(found) == {ENUMERATION: {verdict}}
    assert len(posts) == (0 if verdict == "unproven" else 2)
    assert all(one["email"].isdigit() and len(one["email"]) == 13 for one in login.posted)


def test_a_forms_fields_are_sent_as_a_browser_would() -> None:
    html = """<form method=post action=/x><input type=hidden name=t value=1><input name=site>
    <input name=mail autocomplete="section-a username"><input type=password name=p>
    <input type=checkbox name=a checked><input type=radio name=r value=2><input disabled name=d>
    <select name=s><option value=1>one<option value=2 selected>two</select><select name=e></select>
    <textarea name=n>note</textarea><input type=file name=f><button name=b value=1>Go</button>
    <button name=c value=2>Other</button></form>"""
    (form,) = page.read(html, "http://localhost/").forms
    names = fields.sign_in(form.fields)

    assert names == ("mail", "p")
    assert dict(fields.filled(form.fields, names, "me", "secret")) == {
        "t": "1", "site": "", "mail": "me", "p": "secret", "a": "on", "s": "2", "e": "", "n": "note", "b": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "inner",
    [
        "<input name=mail><input type=password name=p><input type=password name=again>",
        "<input type=password name=p>",
    ],
)
def test_a_registration_or_a_lone_password_is_no_sign_in(inner: str) -> None:
    (form,) = page.read(f"<form method=post>{inner}</form>", "http://localhost/").forms

    assert fields.sign_in(form.fields) is None
