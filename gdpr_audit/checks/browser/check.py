"""What a visitor's browser stores and calls, by a real one.

Without Playwright (an extra) or an installed Chromium the facts are gaps that say how to get them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from importlib.util import find_spec
from urllib.parse import urlsplit

from gdpr_audit.checks.address import speaks_http
from gdpr_audit.checks.browser import drive
from gdpr_audit.checks.browser.drive import Seen, Visit
from gdpr_audit.checks.browser.facts import FACTS
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.model import Statement, Subject, Text

_scribe = Scribe("browser")
PURPOSE = "what a real browser stores and calls"


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    parts = urlsplit(subject.name)
    missing = _missing(session)
    if not speaks_http(subject.name):
        missing = Text("cette cible n'est pas une page", "this target is no page")
    if missing is not None:
        for spec in FACTS:
            yield _scribe.gap(spec.name, missing)
        return
    port = parts.port or (443 if parts.scheme == "https" else 80)
    path = drive.executable(session.settings.browser or "")
    assert path is not None
    async with session.door.browse(parts.hostname or "", port, purpose=PURPOSE) as relay:
        proxy = {
            "server": f"http://{relay.host}:{relay.port}",
            "username": relay.user,
            "password": relay.password,
        }
        try:
            seen = await drive.look(subject.name, proxy, path, relay.asks_for)
        except drive.failures() as error:
            reason = relay.failure.reason if relay.failure else _failed(error)
            for spec in FACTS:
                yield _scribe.gap(spec.name, reason)
            return
    for statement in _facts(seen):
        yield statement


def _missing(session: Session) -> Text | None:
    given = session.settings.browser
    if given is None:
        return Text(
            "aucun navigateur n'est lancé (--browser none)",
            "no browser is started (--browser none)",
        )
    if find_spec("playwright") is None:
        return Text(
            "il faut un vrai navigateur : pip install 'gdpr-audit[browser]'",
            "this takes a real browser: pip install 'gdpr-audit[browser]'",
        )
    if drive.executable(given) is None:
        return Text(
            "aucun Chromium n'est installé (par exemple : apt-get install chromium)",
            "no Chromium is installed (for example: apt-get install chromium)",
        )
    return None


def _failed(error: Exception) -> Text:
    word = str(error).strip().splitlines()[0][:150] if str(error).strip() else type(error).__name__
    return Text(f"le navigateur n'a pas abouti ({word})", f"the browser did not get there ({word})")


def _facts(seen: Seen) -> Iterator[Statement]:
    before = seen.before
    rows = {
        "browser.cookies_before_choice": before.cookies,
        "browser.storage_before_choice": before.storage,
        "browser.trackers_before_choice": before.trackers,
    }
    unclear = ", ".join(before.unclear[:10])
    for name, values in rows.items():
        shown = ", ".join(values) or "—"
        also = f" ; nom qui ne dit rien : {unclear}" if unclear else ""
        plus = f"; names that tell nothing: {unclear}" if unclear else ""
        words = Text(f"avant tout choix : {shown}{also}", f"before any choice: {shown}{plus}")
        yield _scribe.fact(name, tuple(values), words)
    asked = seen.accept is not None
    dialog = Text(
        f"boutons du premier niveau : {seen.accept or '—'} / {seen.refuse or '—'}",
        f"controls of the first layer: {seen.accept or '—'} / {seen.refuse or '—'}",
    )
    yield _scribe.fact("browser.asks_consent", asked, dialog)
    if asked:
        yield _scribe.fact("browser.refusal_as_easy", seen.refuse is not None, dialog)
    else:
        yield _scribe.gap("browser.refusal_as_easy", dialog)
    yield _refused(seen.refused)


def _refused(visit: Visit | None) -> Statement:
    name = "browser.trackers_after_refusal"
    if visit is None:
        none = Text("aucun refus n'était offert", "no refusal was offered")
        return _scribe.gap(name, none)
    left = (*visit.trackers, *visit.cookies, *visit.storage)
    shown = ", ".join(left) or "—"
    words = Text(f"après « {visit.pressed} » : {shown}", f"after “{visit.pressed}”: {shown}")
    return _scribe.fact(name, left, words)
