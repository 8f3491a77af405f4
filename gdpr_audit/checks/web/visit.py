"""The pages of a target that the web checks look at, each fetched once in an audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from gdpr_audit.checks import effort
from gdpr_audit.checks.address import speaks_http
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.web import page
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Subject, Text
from gdpr_audit.network import Response
from gdpr_audit.network.response import RedirectStopped

LINKS = 3  # links that look like a login, followed where none is declared
PURPOSE = "pages as a visitor sees them"


class Seen(NamedTuple):
    """One page of the target: the answer and, where it is HTML, what is on it."""

    path: str
    response: Response
    page: page.Page | None
    login: bool = False
    declared_sensitive: bool = False


class Visit(NamedTuple):
    """What a visit saw, and which pages could not be seen."""

    landing: Seen
    others: tuple[Seen, ...]
    missed: tuple[tuple[str, Text], ...]
    stopped: Text | None = None

    @property
    def all(self) -> tuple[Seen, ...]:
        return (self.landing, *self.others)

    @property
    def unseen(self) -> Text | None:
        """Why one of its pages could not be fetched."""
        for path, why in self.missed:
            return Text(
                f"la page {path} n'a pas été vue : {why.fr}",
                f"page {path} was not seen: {why.en}",
            )
        return None


#: Answers that keep a page from this visitor, not from all (RFC 9110, 15.5; RFC 6585, 4).
REFUSED = frozenset({401, 403, 429})


def blind(seen: Visit) -> Text | None:
    """Why the pages may hold more than was seen of them: what is absent from them is then open."""
    if (why := seen.unseen or seen.stopped) is not None:
        return why
    for one in seen.all:
        status = one.response.status
        # that a sensitive page is kept from a stranger is as it should be
        refused = status in REFUSED and (status == 429 or not one.declared_sensitive)
        if status >= 500 or refused or (one.login and status >= 400):
            return Text(f"la page {one.path} répond {status}", f"page {one.path} answers {status}")
        if one.response.body_gap is not None:
            return one.response.body_gap
    return None


async def of(subject: Subject, session: Session) -> Visit:
    """The visit of this target; the two web checks share one. Raises NetworkError."""
    visit = await session.once("visit", subject, lambda: _visit(subject, session))
    assert isinstance(visit, Visit)
    return visit


def of_audience(audience: Subject, session: Session) -> Iterator[Subject]:
    """The web targets of an audience: those that name it, and those that name none."""
    for target in session.declaration.targets:
        named = session.declaration.target(target).audience
        if speaks_http(target.name) and audience.name in (named or (audience.name,)):
            yield target


async def _visit(subject: Subject, session: Session) -> Visit:
    target = session.declaration.target(subject)
    stopped = None
    try:
        response = await session.door.get(subject.name, purpose=PURPOSE)
    except RedirectStopped as error:
        response, stopped = error.response, error.reason
    session.reached(subject)
    landing = _seen(subject.name, response)
    wanted = dict.fromkeys(target.sensitive_pages or ())
    login = [target.login_page] if target.login_page else []
    if not login and landing.page and not landing.page.forms:
        login = list(landing.page.login_links[:LINKS])
    others: list[Seen] = []
    missed: list[tuple[str, Text]] = []
    for path in dict.fromkeys((*login, *wanted)):
        url = urljoin(subject.name, path)
        if urlsplit(url).hostname != urlsplit(subject.name).hostname:
            reason = Text(
                "page d'un autre hôte, non visitée", "a page of another host, not visited"
            )
            missed.append((path, reason))
            continue
        try:
            answer = await session.door.get(url, purpose=PURPOSE)
        except NetworkError as error:
            missed.append((path, error.reason))
            continue
        others.append(_seen(path, answer, login=path in login, sensitive=path in wanted))
    return Visit(landing, tuple(others), tuple(missed), stopped)


def _seen(path: str, response: Response, *, login: bool = False, sensitive: bool = False) -> Seen:
    kind = response.headers.get("content-type", "").lower()
    html = "html" in kind or (not kind and response.body.lstrip()[:1] == b"<")
    text = response.text if html else ""
    if effort.affordable(text) < len(text):
        response = response._replace(body_gap=response.body_gap or effort.TANGLED)
    # a page of which nothing could be read is one all the same
    known = html and bool(response.body or response.body_gap)
    found = page.read(text, response.url) if known else None
    return Seen(path, response, found, login, sensitive)
