"""A sign-in page that is real enough to be tried, and audits of it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.lab import servers
from tests.lab.audits import declared, judged
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
