"""Session identifiers: those of frameworks pass, those that can be guessed do not."""

from __future__ import annotations

import base64
import itertools
import secrets
import string
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.web import identifiers
from tests.lab import servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.servers import Answer

RULE = "session-id-weak"
HTML = ("Content-Type", "text/html; charset=utf-8")
FORM = b"<form method=post><input name=user><input type=password name=p></form>"

Make = Callable[[], str]


def _word(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))


def _signed(length: int) -> str:
    tail = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return f"s%3A{secrets.token_urlsafe(length)}.{tail.replace('+', '%2B').replace('/', '%2F')}"


#: As the frameworks write them: a cookie's name, a maker of values, the bits that are to be told.
SOUND: dict[str, tuple[str, Make, int]] = {
    "PHP": ("PHPSESSID", lambda: _word(string.digits + "abcdefghijklmnopqrstuv", 26), 130),
    "PHP hex": ("PHPSESSID", lambda: secrets.token_hex(16), 128),
    "Java": ("JSESSIONID", lambda: secrets.token_hex(16).upper(), 128),
    "Java behind a balancer": (
        "JSESSIONID",
        lambda: f"{secrets.token_hex(16).upper()}.{secrets.choice(['node1', 'lb-a22'])}",
        128,
    ),
    "Django": ("sessionid", lambda: _word(string.ascii_lowercase + string.digits, 32), 165),
    "Express": ("connect.sid", lambda: _signed(24), 192),
    "Python": ("__Host-session", lambda: secrets.token_urlsafe(32), 252),
    "128 bits in base64url": ("sid", lambda: secrets.token_urlsafe(16), 128),
    "clock and 128 bits": ("sid", lambda: f"{time.time_ns() // 10**6}-{secrets.token_hex(16)}", 131),
}  # fmt: skip
WEAK: dict[str, tuple[str, Make, str]] = {
    "ASP.NET": ("ASP.NET_SessionId", lambda: _word(string.ascii_lowercase + "012345", 24), "120 bits"),
    "UUID": ("session", lambda: str(uuid.uuid4()), "124 bits"),
    "Spring": ("SESSION", lambda: base64.b64encode(str(uuid.uuid4()).encode()).decode(), "124 bits"),
    "64 bits": ("sid", lambda: secrets.token_hex(8), "64 bits"),
    "Express, short": ("connect.sid", lambda: _signed(8), "66 bits"),
    "clock": ("sid", lambda: str(time.time_ns()), "in sequence: yes"),
    "repeated": ("sid", lambda: "5f0c8a7be21d4c9980aa41d7c63b0e12", "repeated: yes"),
    "two at a time": ("sid", iter([w for _ in range(20) for w in [secrets.token_hex(20)] * 2]).__next__,
                      "repeated: yes"),
}  # fmt: skip


def audit(
    tmp_path: Path, name: str, make: Make, *, body: bytes = FORM, target: str = "", path: str = "/"
) -> tuple[dict[str, Any], list[Any]]:
    lock = threading.Lock()

    def site(asked: str, _: dict[str, str]) -> Answer:
        with lock:
            set_cookie = [("Set-Cookie", f"{name}={make()}; HttpOnly")] if asked == path else []
        return Answer(headers=[HTML, *set_cookie], body=body)

    with servers.web(site) as server:
        text = f"platform: x\ntargets: [{{url: 'http://localhost:{server.port}/'{target}}}]\n"
        return judged(path=declared(tmp_path, text), only=(RULE,)), list(server.seen)


@pytest.mark.parametrize("family", SOUND)
def test_the_identifiers_of_frameworks_pass(family: str, tmp_path: Path) -> None:
    name, make, bits = SOUND[family]
    found, seen = audit(tmp_path, name, make)

    assert verdicts(found) == {RULE: {"pass"}}, reasons(found, RULE)
    facts = {r["fact"]: r["observed"] for f in found["findings"] for r in f["reasons"]}
    assert bits <= facts["session.id_bits"] <= bits + 10
    assert len(seen) == 12
    assert not any("cookie" in headers for _, headers in seen)


@pytest.mark.parametrize("family", WEAK)
def test_identifiers_that_can_be_guessed_fail(family: str, tmp_path: Path) -> None:
    name, make, word = WEAK[family]
    found, _ = audit(tmp_path, name, make)

    assert verdicts(found) == {RULE: {"fail"}}
    assert word in reasons(found, RULE)


@pytest.mark.parametrize("first", [7, 95, 1001, 10**20])
def test_a_counter_is_found_wherever_it_stands(first: int, tmp_path: Path) -> None:
    count = itertools.count(first)
    found, _ = audit(tmp_path, "PHPSESSID", lambda: f"u-{next(count)}")

    assert verdicts(found) == {RULE: {"fail"}}
    assert "in sequence: yes" in reasons(found, RULE)


def test_no_value_is_kept(tmp_path: Path) -> None:
    given: list[str] = []

    def make() -> str:
        given.append(secrets.token_hex(16))
        return given[-1]

    found, _ = audit(tmp_path, "sid", make)

    assert len(given) == 12
    assert not any(value in str(found) for value in given)


@pytest.mark.parametrize(
    ("name", "make", "word"),
    [
        ("language", lambda: "fr", "no session cookie"),
        (
            "auth_token",
            lambda: f"eyJhbGciOiJIUzI1NiJ9.{secrets.token_urlsafe(20)}.x",
            "signed tokens",
        ),
        (
            "_rdv_session",
            lambda: f"{secrets.token_hex(40)}--{secrets.token_hex(20)}",
            "signed tokens",
        ),
        ("auth_provider", lambda: "franceconnect", "settings"),
        (
            "variant",
            lambda: secrets.choice(["aB3dE5gH7jK9mN1pQ3", "zY8xW6vU4tS2rQ0pO9"]),
            "settings",
        ),
        ("BIGipServer~web", lambda: f"{secrets.randbelow(10**9)}.20480.0000", "no session cookie"),
    ],
)
def test_where_there_is_no_identifier_the_rule_does_not_apply(
    name: str, make: Make, word: str, tmp_path: Path
) -> None:
    found, _ = audit(tmp_path, name, make)

    assert verdicts(found) == {RULE: {"not_applicable"}}
    assert word in reasons(found, RULE)


def test_a_site_without_a_session_is_asked_but_once(tmp_path: Path) -> None:
    _, seen = audit(tmp_path, "language", lambda: "fr")

    assert len(seen) == 1


def test_a_cookie_that_is_not_always_set_is_unproven(tmp_path: Path) -> None:
    count = itertools.count()
    found, _ = audit(
        tmp_path, "sid", lambda: secrets.token_hex(16) if next(count) < 5 else "; Max-Age=0"
    )

    assert verdicts(found) == {RULE: {"unproven"}}
    assert "5 identifiers, 10 are needed" in reasons(found, RULE)


def test_the_declared_sign_in_page_is_the_one_that_is_sampled(tmp_path: Path) -> None:
    found, seen = audit(
        tmp_path, "sid", lambda: secrets.token_hex(8), target=", login_page: /in", path="/in"
    )

    assert verdicts(found) == {RULE: {"fail"}}
    assert [path for path, _ in seen] == ["/", *["/in"] * 12]


def test_a_sign_in_page_that_was_not_seen_leaves_it_unproven(tmp_path: Path) -> None:
    site = {"/": Answer(headers=[HTML], body=b"hi"), "/in": Answer(raw=b"garbage\r\n\r\n")}
    with servers.web(lambda path, _: site.get(path, Answer(404))) as server:
        text = (
            f"platform: x\ntargets: [{{url: 'http://localhost:{server.port}/', login_page: /in}}]\n"
        )
        found = judged(path=declared(tmp_path, text), only=(RULE,))

    assert verdicts(found) == {RULE: {"unproven"}}
    assert "page /in was not seen" in reasons(found, RULE)


def test_a_target_that_speaks_no_http_has_no_session() -> None:
    found = judged("dicom://127.0.0.1:1", only=(RULE,))

    assert verdicts(found) == {RULE: {"not_applicable"}}


def test_frameworks_are_not_accused_by_chance() -> None:
    """Two hundred audits of each: an alarm that is false once in a hundred would show here."""
    for family, (_, make, _) in SOUND.items():
        if "clock" in family:
            continue
        for _ in range(200):
            one = identifiers.measure([make() for _ in range(12)])
            assert one.bits >= 128, (family, one)
            assert not one.repeat
            assert not one.sequential
