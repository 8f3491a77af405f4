"""What a real Chromium stores and calls, on pages of the lab."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.browser import drive, kinds
from gdpr_audit.network import Settings
from tests.conftest import program
from tests.lab import servers
from tests.lab.audits import judged, reasons, verdicts

RULES = ("tracking-before-consent", "consent-refusal-harder", "tracking-after-refusal")

SET = "document.cookie='_ga=GA1.2.3; max-age=9999; path=/'; localStorage.setItem('_hjid','1');"
CALL = "new Image().src='http://www.google-analytics.com/collect?v=1';"
ASK = """
<div id=b><p>Nous utilisons des cookies</p><button onclick="choose('yes')">Tout accepter</button>
{refuse}</div><script>
function choose(c) {{ document.cookie='consent='+c+'; max-age=9999; path=/'; location.reload(); }}
const said = (document.cookie.match(/consent=(\\w+)/) || [])[1];
if (said) document.getElementById('b').remove();
if ({when}) {{ {does} }}
</script>"""
REFUSE = "<button onclick=\"choose('no')\">Tout refuser</button>"
HTML = [("Content-Type", "text/html; charset=utf-8")]


@pytest.fixture(scope="module")
def browser() -> str:
    return program("chromium", "chromium")


@contextmanager
def _site(body: str, headers: list[tuple[str, str]] | None = None) -> Iterator[int]:
    page = f"<html><body><h1>RDV</h1>{body}</body></html>".encode()
    given = [*HTML, *(headers or [])]
    with servers.web(lambda *_: servers.Answer(headers=given, body=page)) as server:
        yield server.port


def _audit(port: int, browser: str, **options: Any) -> dict[str, Any]:
    with servers.dns_server(lambda *_: 3) as dns:  # no name leads anywhere from here
        settings = Settings(browser=browser, resolver=("127.0.0.1", dns.port), **options)
        return judged(f"http://127.0.0.1:{port}/", only=RULES, settings=settings)


def _asking(when: str, *, refuse: str = REFUSE, does: str = SET + CALL) -> str:
    return ASK.format(refuse=refuse, when=when, does=does)


def test_trackers_before_any_choice_are_found(browser: str) -> None:
    with _site(f"<script>{SET}{CALL}</script>") as port:
        found = _audit(port, browser)

    seen = verdicts(found)
    assert seen["tracking-before-consent"] == {"fail"}
    assert seen["consent-refusal-harder"] == {"not_applicable"}
    said = reasons(found, "tracking-before-consent")
    assert "_ga" in said
    assert "_hjid" in said
    assert "google-analytics.com (Google, US)" in said
    assert "GA1.2.3" not in json.dumps(found)


def test_a_dialog_that_waits_for_the_choice_passes(browser: str) -> None:
    with _site(_asking("said === 'yes'"), [("Set-Cookie", "PHPSESSID=abc")]) as port:
        found = _audit(port, browser)

    assert set().union(*verdicts(found).values()) == {"pass"}
    assert "Tout accepter / Tout refuser" in reasons(found, "consent-refusal-harder")


def test_a_refusal_without_effect_is_found(browser: str) -> None:
    with _site(_asking("said")) as port:
        found = _audit(port, browser)

    seen = verdicts(found)
    assert seen["tracking-before-consent"] == {"pass"}
    assert seen["tracking-after-refusal"] == {"fail"}
    assert "_ga" in reasons(found, "tracking-after-refusal")


@pytest.mark.parametrize(
    "refuse", ["", "<a href='/choix'>Paramétrer</a>", "<button hidden>Refuser</button>"]
)
def test_a_first_layer_without_a_refusal_is_found(browser: str, refuse: str) -> None:
    with _site(_asking("said === 'yes'", refuse=refuse)) as port:
        found = _audit(port, browser)

    seen = verdicts(found)
    assert seen["consent-refusal-harder"] == {"fail"}
    assert seen["tracking-after-refusal"] == {"not_applicable"}


def test_names_that_tell_nothing_are_said_and_not_judged(browser: str) -> None:
    script = (
        "<script>document.cookie='zz1=1; max-age=99'; localStorage.setItem('csrf','1')</script>"
    )
    with _site(script) as port:
        found = _audit(port, browser)

    assert verdicts(found)["tracking-before-consent"] == {"pass"}
    assert "names that tell nothing: zz1" in reasons(found, "tracking-before-consent")


def test_everything_goes_through_the_door(browser: str, tmp_path: Any) -> None:
    """A page of a public site cannot lead the auditor's browser inwards."""
    journal = tmp_path / "journal.jsonl"
    seen: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        seen.append(connection.recv(4096))

    with servers.tcp(talk) as inside, servers.proxy() as unused:
        del unused
        body = f"<img src='http://127.0.0.1:{inside.port}/latest/meta-data'>"
        with _site(body) as port, servers.dns_server(_zone) as dns, _public(port) as proxy:
            from gdpr_audit.network.settings import Proxy

            settings = Settings(
                browser=browser,
                journal=journal,
                resolver=("127.0.0.1", dns.port),
                proxy=Proxy("127.0.0.1", proxy.port),
            )
            judged("http://rdv.example.test/", only=RULES[:1], settings=settings)

    rows = [json.loads(line) for line in journal.read_text().splitlines()]
    assert any("real browser" in row["purpose"] and row["kind"] == "tcp" for row in rows)
    assert seen == []


def test_a_page_that_never_rests_keeps_no_browser_alive(browser: str) -> None:
    busy = "<script>for (;;) history.pushState(1, '', '/' + Math.random())</script>"
    before = _browsers()
    with _site(busy) as port:
        settings = Settings(browser=browser)
        url = f"http://127.0.0.1:{port}/"
        found = judged(url, only=RULES[:1], settings=settings, timeout=4)
        after = _browsers()

    assert verdicts(found)["tracking-before-consent"] == {"unproven"}
    assert after - before == set()


def _browsers() -> set[str]:
    """Browsers that a driver leads, by process id; one that has ended has no command line."""
    found = set()
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if b"--remote-debugging-pipe" in line.read_bytes():
                found.add(line.parent.name)
    return found


def _zone(name: str, rdtype: str) -> list[tuple[str, str, str]] | int:
    return [(name, "A", "93.184.216.34")] if rdtype == "A" else []


@contextmanager
def _public(port: int) -> Iterator[servers.Running]:
    """A proxy that leads a public address to our page: no packet leaves this machine."""
    with servers.proxy(remap=port) as running:
        yield running


def test_without_a_browser_it_is_unproven_and_says_how_to_get_one() -> None:
    with _site("x") as port:
        none = judged(f"http://127.0.0.1:{port}/", only=RULES)
        lost = _audit(port, "/nonexistent/chromium")

    assert verdicts(none)["tracking-before-consent"] == {"unproven"}
    assert "--browser none" in reasons(none, "tracking-before-consent")
    assert "apt-get install chromium" in reasons(lost, "tracking-before-consent")


def test_a_page_that_never_loads_is_unproven(browser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "LOAD", 1500)
    with servers.tcp(servers.silent) as server:
        found = _audit(server.port, browser, read_seconds=2.0)

    assert verdicts(found)["tracking-before-consent"] == {"unproven"}


@pytest.mark.parametrize(
    ("name", "third", "needs"),
    [
        ("_ga", False, True),
        ("_ga_ABC123", False, True),
        ("_fbp", False, True),
        ("IDE", False, True),
        ("anything", True, True),
        ("PHPSESSID", False, False),
        ("XSRF-TOKEN", False, False),
        ("tarteaucitron", False, False),
        ("lang", False, False),
        ("zz1", False, None),
        ("frodo", False, None),
    ],
)
def test_what_a_name_tells(name: str, third: bool, needs: bool | None) -> None:
    assert kinds.needs_consent(name, third_party=third) is needs


def test_a_browser_is_given_no_secret_of_the_environment(
    browser: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, wrapper = tmp_path / "given", tmp_path / "chromium"
    wrapper.write_text(f'#!/bin/sh\nenv > {given}\nexec {browser} "$@"\n')
    wrapper.chmod(0o755)
    for name in ("GDPR_AUDIT_SIGN_KEY", "AWS_SECRET_ACCESS_KEY", "AUDIT_PASSWORD"):
        monkeypatch.setenv(name, "hunter2")
    with _site("<p>calm</p>") as port:
        found = _audit(port, str(wrapper))
    assert verdicts(found)["tracking-before-consent"] == {"pass"}
    assert "PATH=" in given.read_text()
    assert "hunter2" not in given.read_text()
