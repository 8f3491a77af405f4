"""Wrong passwords under the mandate: on a sign-in form that is real, and by no more than is allowed."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.network import Settings
from tests.lab import pki, servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.login import (
    ACCOUNT,
    ENUMERATION,
    HTML,
    MANDATE,
    TEXT,
    THROTTLED,
    THROTTLING,
    USER,
    Login,
    Refuse,
    at,
    audit,
    same,
)
from tests.lab.servers import Answer


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


def test_a_lock_is_seen_beside_a_help_text_that_speaks_of_locks(tmp_path: Path) -> None:
    login = Login(_locked)
    login.form = f"<p>Compte bloqué ? Appelez-nous</p>{login.form}"
    found, posts = audit(login, tmp_path, rules=(THROTTLING,))

    assert verdicts(found) == {THROTTLING: {"pass"}}
    assert len(posts) == 4


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
        (Answer(raw=b"garbage\r\n\r\n"), "page /in was not seen"),
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


def test_over_https_the_form_is_tried_alike(tmp_path: Path) -> None:
    files = pki.save(tmp_path, "leaf", [pki.leaf(pki.authority("Root"))])
    found, posts = audit(Login(_text), tmp_path, rules=(ENUMERATION,), files=files)

    assert verdicts(found) == {ENUMERATION: {"fail"}}
    assert len(posts) == 2


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
