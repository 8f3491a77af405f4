"""Holds a sign-in form's answers side by side: what of them tells more than that it was refused.

Pure functions. What differs from one request to the next without meaning (tokens, nonces, times,
the user's own name) is taken away first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, quote_plus, urlsplit

from gdpr_audit.checks.web import page
from gdpr_audit.model import Text

TEXT_LIMIT = 200_000  # characters of a page that are compared

_SCRIPT = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\S*\d\S*")  # what has digits: times, counts, tokens
_HIDDEN = re.compile(r"<input\b[^>]*\btype\s*=\s*[\"']?hidden[^>]*>", re.IGNORECASE)

#: A refusal that asks to wait, or says that the account or source is locked.
_LOCKED = re.compile(
    r"trop\s+de\s+(tentatives|essais|connexions)|verrouill|bloqu[ée]|suspendu|patient(ez|er)|"
    r"r[ée]essay(ez|er)\s+(dans|plus tard)|temporairement|"
    r"too\s+many|locked|throttl|rate.?limit|temporarily|try\s+again\s+(in|later)|suspended",
    re.IGNORECASE,
)
_CAPTCHA = re.compile(r"captcha|turnstile|friendly-challenge|altcha", re.IGNORECASE)
#: How pages say that a sign-in was refused.
_REFUSED = re.compile(
    r"incorrect|invalid|erron|erreur|[ée]chec|[ée]chou|inconnu|introuvable|impossible|refus|"
    r"wrong|fail|unknown|not\s+(found|match|recogni)|mismatch|denied|error|try\s+again|r[ée]essay|"
    r"mauvais|correspond|unable|inexistant|n.existe\s+pas|does\s+not\s+exist|no\s+(such|account)",
    re.IGNORECASE,
)

SLOW_SECONDS = 1.0
SLOW_TIMES = 3
#: A refused sign-in may answer so; others say that the form itself was not taken.
PROCESSED = (200, 302, 303, 401, 422)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one submission came to, with everything that was typed taken out."""

    status: int
    location: str
    text: str
    raw: str  # the same with its markup, for what is shown by scripts
    seconds: float
    retry_after: bool
    form_again: bool


def plain(html: str, typed: tuple[str, ...]) -> str:
    """The words of a page, without what was typed and without what changes at each request."""
    return " ".join(_WORD.sub("#", _TAG.sub(" ", _SCRIPT.sub(" ", _without(html, typed)))).split())


def markup(html: str, typed: tuple[str, ...]) -> str:
    """The same with its tags, hidden fields left out."""
    return " ".join(_HIDDEN.sub(" ", _without(html, typed)).split())


def _without(html: str, typed: tuple[str, ...]) -> str:
    html = html[:TEXT_LIMIT]
    for word in typed:
        for spelt in (word, escape(word), quote(word), quote_plus(word)):
            html = html.replace(spelt, "…")
    return html


def place(location: str, typed: tuple[str, ...]) -> str:
    """Where a redirect leads: its path and query, without what changes."""
    parts = urlsplit(_without(location, typed))
    path = re.sub(r"(?<=/)[^/]*\d[^/]*", "#", parts.path)
    query = re.sub(r"=[^&]*\d[^&]*", "=#", parts.query)
    return f"{path}?{query}"[:500] if query else path[:500]


def refused(answer: Answer, before: str) -> Text | None:
    """None where the answer shows that the sign-in was tried and refused; else what it lacks.

    `before` are the words of the page before: a server that only shows it again did not look.
    """
    if answer.status not in PROCESSED:
        return Text(
            f"le formulaire répond {answer.status} : rien ne dit que l'essai a été traité",
            f"the form answers {answer.status}: nothing says that the try was processed",
        )
    said = _refusals(answer.text) > _refusals(before)
    marked = "?" in answer.location and _REFUSED.search(answer.location) is not None
    if answer.status == 401 or said or marked:
        return None
    return Text(
        "rien dans la réponse ne dit que la connexion a été refusée",
        "nothing in the answer says that the sign-in was refused",
    )


def _refusals(words: str) -> int:
    """How often the words speak of a refusal; a help text may do so all the time."""
    return len(_REFUSED.findall(words)) + locks(words)


def difference(known: Answer, unknown: Answer) -> Text | None:
    """What tells the answer for a known account from that for an unknown one."""
    if known.status != unknown.status:
        shown = f"{known.status} / {unknown.status}"
        return Text(f"statuts différents ({shown})", f"different statuses ({shown})")
    if known.location != unknown.location:
        return Text("redirections différentes", "different redirects")
    if known.text != unknown.text:
        return Text("textes différents", "different texts")
    if known.form_again != unknown.form_again:
        return Text("formulaires différents", "different forms")
    return None


def guarded(first: Answer, now: Answer) -> Text | None:
    """The sign that tries are slowed or locked, beside the first answer; not by time."""
    if now.status in (423, 429) or now.retry_after:
        return Text(f"réponse {now.status}", f"answer {now.status}")
    if now.status == 403 and first.status != 403:
        return Text("refus (403)", "refusal (403)")
    if _CAPTCHA.search(now.raw) and not _CAPTCHA.search(first.raw):
        return Text("un captcha apparaît", "a captcha appears")
    for words, before in ((now.text, first.text), (now.location, first.location)):
        if locks(words) > locks(before):
            return Text("un message demande d'attendre", "a message asks to wait")
    return None


def locks(words: str) -> int:
    """How often the words speak of waiting or of a lock; a help text may do so all the time."""
    return len(_LOCKED.findall(words))


def slowed(first: Answer, now: Answer) -> bool:
    return now.seconds > SLOW_SECONDS and now.seconds > SLOW_TIMES * first.seconds


def has_form(html: str, url: str) -> bool:
    return bool(page.read(html, url).forms)
