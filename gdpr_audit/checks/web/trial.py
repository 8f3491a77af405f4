"""What wrong passwords at the sign-in form showed, as facts of the target and of its audiences."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from gdpr_audit.checks.address import NO_HTTP, speaks_http
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.web import attempts, visit
from gdpr_audit.checks.web.attempts import Outcome
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Statement, Subject, Text

_account = Scribe("account")
_throttling = Scribe("throttling")


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    if not speaks_http(subject.name):
        yield _account.fact("login.form_seen", False, NO_HTTP)
        return
    found = await attempts.of(subject, session)
    for name, outcome in (
        ("login.form_seen", found.form_seen),
        ("account.enumerable", found.enumerable),
    ):
        if outcome.answer is None:
            yield _account.gap(name, outcome.words)
        else:
            yield _account.fact(name, outcome.answer, outcome.words)


async def observe_throttling(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    """The worst of this audience's targets; one that was not tried says nothing against another."""
    outcomes: list[Outcome] = []
    for target in visit.of_audience(subject, session):
        why = await attempts.barred(target, session)  # asked first: the page is then not fetched
        try:
            outcome = Outcome(None, why) if why else (await attempts.of(target, session)).throttled
        except NetworkError as error:
            outcome = Outcome(None, error.reason)
        said = outcome.words
        named = Text(f"{target.name} : {said.fr}", f"{target.name}: {said.en}")
        outcomes.append(replace(outcome, words=named))
    free = [one for one in outcomes if one.answer is False]
    open_ = [one for one in outcomes if one.answer is None]
    held = [one for one in outcomes if one.answer is True]
    chosen = next(iter((*free, *(one for one in open_ if one.tried), *held, *open_)), None)
    none = Text("aucune cible web de ce public", "no web target of this audience")
    words = chosen.words if chosen else none
    answer = chosen.answer if chosen else None
    yield _throttling.fact("login.tries_conclusive", answer is not None, words)
    if answer is None:
        yield _throttling.gap("login.throttled_measured", words)
    else:
        yield _throttling.fact("login.throttled_measured", answer, words)
