"""A merge request's comment by GitLab's API: one of ours, renewed with each push.

By the standard library alone. The token goes to the one host that the job names: no redirect is
followed. What the server answers is bounded and never quoted, as it may echo what it was sent.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from gdpr_audit.errors import InputError

TOKEN = "GDPR_AUDIT_COMMENT_TOKEN"  # noqa: S105 - the variable's name
LONGEST = 900_000  # characters; GitLab takes a million

_PAGE = 100  # notes
_PAGES = 100
_ANSWER = 16 * 1024 * 1024  # bytes
_SECONDS = 30.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Place(NamedTuple):
    """The merge request and the way there."""

    api: str  # https://gitlab.example.org/api/v4
    project: str
    merge_request: str
    token: str
    ca_file: str | None = None
    job: str = ""  # two jobs of one pipeline have a comment each

    @property
    def marker(self) -> str:
        """The first line, which no page shows: by it we know our comment again."""
        return f"<!-- gdpr-audit {quote(self.job, safe='')} -->"


def place(environment: Mapping[str, str]) -> Place | str:
    """What GitLab's variables name; a sentence where there is nothing to comment on.

    Raises InputError for one that is not what GitLab would have written.
    """
    if not (number := environment.get("CI_MERGE_REQUEST_IID")):
        return "this is no merge request's pipeline (CI_MERGE_REQUEST_IID is not set)"
    if not (token := environment.get(TOKEN, "").strip()):
        return f"{TOKEN} is not set"
    if not re.fullmatch(r"[\x21-\x7e]{1,1000}", token):
        raise InputError(f"{TOKEN}: holds a character that no token has; set it again")
    if not re.fullmatch(r"\d{1,18}", number):
        raise InputError("CI_MERGE_REQUEST_IID: expected a number")
    api, project = (environment.get(name, "") for name in ("CI_API_V4_URL", "CI_PROJECT_ID"))
    if not api or not project:
        raise InputError("CI_API_V4_URL and CI_PROJECT_ID: both are needed; GitLab sets them")
    parts = urlsplit(api)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise InputError("CI_API_V4_URL: expected https://, as the token must not go in clear")
    return Place(
        api.rstrip("/"), quote(project, safe=""), number, token,
        environment.get("CI_SERVER_TLS_CA_FILE") or None, environment.get("CI_JOB_NAME", ""),
    )  # fmt: skip


def put(where: Place, text: str) -> bool:
    """Write the comment: True where it is new, False where ours was renewed. Raises InputError."""
    body = f"{where.marker}\n{_without_commands(text)}"
    if len(body) > LONGEST:
        raise InputError(f"the comment is longer than {LONGEST} characters")
    ask = _Asked(where)
    author = ask("GET", "/user", "read who the token is")[0]
    notes = f"/projects/{where.project}/merge_requests/{where.merge_request}/notes"
    ours = _ours(ask, notes, _number(author), where.marker)
    if ours is None:
        ask("POST", notes, "comment", {"body": body})
        return True
    ask("PUT", f"{notes}/{ours}", "renew the comment", {"body": body})
    return False


def _without_commands(text: str) -> str:
    """GitLab would do what a line says that begins with a slash: `/merge`, `/approve`."""
    return re.sub(r"(?m)^([\s>]*)/", r"\1\\/", text.replace("\r", "\n"))


def _ours(ask: _Asked, notes: str, author: int, marker: str) -> int | None:
    """The first comment with our mark, by the token's own user: anyone can write a mark."""
    for note in _notes(ask, notes):
        writer = note.get("author")
        by = writer.get("id") if isinstance(writer, dict) else None
        words = note.get("body")
        if by == author and isinstance(words, str) and words.startswith(marker):
            return _number(note)
    return None


def _notes(ask: _Asked, notes: str) -> Iterator[dict[str, Any]]:
    page = 1
    while page <= _PAGES:
        query = f"?per_page={_PAGE}&page={page}&sort=asc&order_by=created_at"
        found, headers = ask("GET", notes + query, "read the comments")
        if not isinstance(found, list):
            raise InputError("GitLab: read the comments: the answer is no list")
        yield from (note for note in found if isinstance(note, dict))
        if not headers.get("X-Next-Page", "").strip():
            return
        page += 1
    raise InputError(f"GitLab: read the comments: more than {_PAGE * _PAGES} of them")


def _number(found: Any) -> int:
    number = found.get("id") if isinstance(found, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise InputError("GitLab: the answer has no id")
    return number


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        return None


class _Asked:
    """One question after the other."""

    def __init__(self, where: Place) -> None:
        self._where = where
        context = ssl.create_default_context()
        if where.ca_file:
            try:
                context.load_verify_locations(where.ca_file)
            except OSError as error:  # ssl.SSLError is one
                raise InputError("CI_SERVER_TLS_CA_FILE: not a PEM file of certificates") from error
        self._opener = urllib.request.build_opener(
            _NoRedirect, urllib.request.HTTPSHandler(context=context)
        )

    def __call__(
        self, method: str, path: str, purpose: str, data: dict[str, str] | None = None
    ) -> tuple[Any, Mapping[str, str]]:
        """The answer's JSON and its headers. Raises InputError, which names the purpose alone."""
        request = urllib.request.Request(  # noqa: S310 - http(s), see `place`
            self._where.api + path,
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={"PRIVATE-TOKEN": self._where.token, "Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return json.loads(_body(answer)), answer.headers
        except urllib.error.HTTPError as error:
            error.close()
            raise InputError(f"GitLab: {purpose}: {_meaning(error.code)}") from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            kind = type(reason if isinstance(reason, BaseException) else error).__name__
            raise InputError(f"GitLab: {purpose}: no answer ({kind})") from None
        except (ValueError, RecursionError):
            raise InputError(f"GitLab: {purpose}: the answer is no JSON") from None


def _body(answer: http.client.HTTPResponse) -> bytes:
    """At most so much, and within the time: a server may send a byte every ten seconds."""
    end = time.monotonic() + _SECONDS
    found = b""
    while piece := answer.read1(65536):
        found += piece
        if len(found) > _ANSWER or time.monotonic() > end:
            raise TimeoutError
    return found


def _meaning(status: int) -> str:
    """What to mend, by the status."""
    if status == 401:
        return f"status 401: {TOKEN} is not valid, or has ended"
    if status in (403, 404):
        return f"status {status}: {TOKEN} needs the scope api and the role Reporter or above here"
    if 300 <= status < 400:
        return f"status {status}: redirected; CI_API_V4_URL must be where the API is"
    return f"status {status}"
