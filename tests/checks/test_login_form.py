"""The sign-in form as a visitor sees it: what could not be seen of it stays open."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.audits import reasons, verdicts
from tests.lab.login import HTML, at, audit
from tests.lab.servers import Answer

ENCRYPTED, POLICY = "login-not-encrypted", "password-policy-contradicted"
FORM = "<form action=/in method=post><input name=u><input type=password name=p {}></form>"
BARE = "<title>x</title>"


def _verdicts(
    path: Path, login: Answer, *, landing: Answer | None = None, policy: str = "min_length: 12"
) -> tuple[dict[str, set[str]], str]:
    site = at({"/": landing or _page(), "/in": login})
    rules = (ENCRYPTED, POLICY)
    found, _ = audit(site, path, rules=rules, active=False, target="", policy=policy)
    return verdicts(found), reasons(found, ENCRYPTED) + reasons(found, POLICY)


def _page(text: str = BARE, status: int = 200) -> Answer:
    return Answer(status, [HTML], text.encode())


@pytest.mark.parametrize(
    ("login", "word"),
    [
        (_page(status=503), "answers 503"),
        (_page(status=404), "answers 404"),
        (_page(status=403), "answers 403"),
        (_page(), "built by script"),
    ],
)
def test_a_login_page_that_shows_no_form_leaves_its_rules_unproven(
    login: Answer, word: str, tmp_path: Path
) -> None:
    found, said = _verdicts(tmp_path, login)

    assert found == {ENCRYPTED: {"unproven"}, POLICY: {"unproven"}}
    assert word in said


def test_a_landing_page_that_is_refused_hides_its_forms(tmp_path: Path) -> None:
    found, _ = _verdicts(tmp_path, _page(FORM), landing=_page(status=403))

    assert found[ENCRYPTED] == {"fail", "unproven"}


def test_a_sensitive_page_that_is_kept_from_strangers_hides_no_sign_in_form(tmp_path: Path) -> None:
    site = at({"/": _page(), "/in": _page(FORM), "/results": _page(status=401)})
    target = ", sensitive_pages: [/results]"
    found, _ = audit(site, tmp_path, rules=(ENCRYPTED,), active=False, target=target)

    assert verdicts(found)[ENCRYPTED] == {"fail"}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (".{12,}", "pass"),
        (r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,}", "pass"),
        ("[A-Za-z0-9!?*+]{12,64}", "pass"),
        ("[0-9]{6}", "fail"),
        ("(a|a)*b", "unproven"),
        ("((a)+)+b", "unproven"),
        (".*.*.*.*.*.*b", "unproven"),
        ("x?" * 40, "unproven"),
        (r"(.*)\1b", "unproven"),
        ("." * 201, "unproven"),
    ],
)
def test_a_pattern_is_tried_where_it_surely_ends(
    pattern: str, expected: str, tmp_path: Path
) -> None:
    login = _page(FORM.format(f'pattern="{pattern}"'))
    found, _ = _verdicts(tmp_path, login, policy="min_length: 12, classes: 3")

    assert found[POLICY] == {expected}
