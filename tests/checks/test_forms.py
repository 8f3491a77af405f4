"""Forms: read as a browser reads them, and sent by the door to the target alone."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.web import fields, page
from gdpr_audit.errors import OutOfMandate
from gdpr_audit.network import Door, Mandate, Settings
from tests.lab import pki, servers
from tests.lab.audits import reasons, verdicts
from tests.lab.login import (
    ENUMERATION,
    MANDATE,
    Login,
    audit,
    same,
)
from tests.lab.servers import Answer


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
