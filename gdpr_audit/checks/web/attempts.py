"""Tries the sign-in form with wrong passwords, under the mandate, on the declared test account.

Two submissions tell whether unknown accounts are given away, at most twelve whether tries are
slowed or locked. Passwords are drawn afresh and kept nowhere; neither they nor the account's name
are in what is said.
"""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from gdpr_audit.checks.address import origin_of
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.web import answers, fields, page, visit
from gdpr_audit.checks.web.answers import Answer
from gdpr_audit.checks.web.page import LoginForm
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Subject, Text
from gdpr_audit.network import Response

TRIES = 12  # wrong passwords on the test account, at most
NUMBER = 12  # digits from which a number drawn by chance is nobody's
PURPOSE = "wrong password on the test account"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question came to: an answer with its words, or None with the reason.

    `tried` says whether anything was submitted for it.
    """

    answer: bool | None
    words: Text
    tried: bool = False


@dataclass(frozen=True, slots=True)
class Attempts:
    """`form_seen`: whether there is a sign-in form at all; None where pages were not seen."""

    form_seen: Outcome
    enumerable: Outcome
    throttled: Outcome


async def of(subject: Subject, session: Session) -> Attempts:
    """The tries on this target, made once in an audit. Raises NetworkError of the visit."""
    found = await session.once("attempts", subject, lambda: _attempts(subject, session))
    assert isinstance(found, Attempts)
    return found


async def _attempts(subject: Subject, session: Session) -> Attempts:
    form, seen = await _form(subject, session)
    if form is None:
        return Attempts(seen, Outcome(None, seen.words), Outcome(None, seen.words))
    why = await barred(subject, session)
    if why is None and form.method != "POST":
        why = Text("le formulaire n'est pas envoyé par POST", "the form is not sent by POST")
    if why is not None:
        return Attempts(seen, Outcome(None, why), Outcome(None, why))
    account = session.declaration.target(subject).test_account
    assert account is not None
    trial = _Trial(session, subject, form, account.username)
    unasked = Text("aucune règle choisie ne le demande", "no chosen rule asks for it")
    enumerable = throttled = Outcome(None, unasked)
    if session.wants("account.enumerable"):
        enumerable = await trial.enumerable()
    if session.wants("login.throttled_measured", "login.tries_conclusive"):
        throttled = await trial.throttled()
    return Attempts(seen, enumerable, throttled)


async def _form(subject: Subject, session: Session) -> tuple[LoginForm | None, Outcome]:
    seen = await visit.of(subject, session)
    order = sorted(seen.all, key=lambda one: not one.login)
    forms = [form for one in order if one.page for form in one.page.forms]
    usable = [one for one in forms if fields.sign_in(one.fields) is not None]
    others = {origin_of(other.name) for other in session.declaration.targets}
    others.discard(origin_of(subject.name))
    form = next((one for one in usable if origin_of(one.page) not in others), None)
    if form is None and usable:
        at = page.bare(usable[0].page)
        elsewhere = Text(
            f"le formulaire est celui d'une autre cible ({at})",
            f"the form is that of another target ({at})",
        )
        return None, Outcome(False, elsewhere)
    if form is not None:
        shown = f"{page.bare(form.page)} → {page.bare(form.action)}"
        return form, Outcome(True, Text.same(shown))
    target = session.declaration.target(subject)
    if (why := visit.blind(seen)) is not None:
        return None, Outcome(None, why)
    if target.login_page is not None or target.test_account is not None:
        return None, Outcome(None, _NO_FORM)  # there is one, by the platform's own word
    pages = ", ".join(one.path for one in seen.all)
    none = Text(f"aucun formulaire de connexion ({pages})", f"no sign-in form ({pages})")
    return None, Outcome(False, none)


async def barred(subject: Subject, session: Session) -> Text | None:
    """Why nothing may be tried on this target; the mandate is asked before anything else."""
    try:
        await session.door.probe(urlsplit(subject.name).hostname or "", purpose=PURPOSE)
    except NetworkError as error:
        return error.reason
    if session.declaration.target(subject).test_account is None:
        return session.declaration.missing(subject, "test_account")
    return None


@dataclass
class _Trial:
    session: Session
    subject: Subject
    form: LoginForm
    username: str
    first: Answer | None = None  # of the test account
    before: str = ""  # the words of the form's page
    count: int = 0  # wrong passwords in a row on the test account

    async def enumerable(self) -> Outcome:
        """One try on the test account, one on an account that nobody has."""
        try:
            nobody = self._nobody()
            if nobody is None:
                return Outcome(None, _NO_NOBODY)
            known = await self._first()
            if (lack := answers.refused(known, self.before)) is not None:
                return Outcome(None, lack, tried=True)
            unknown = await self._try(nobody)
        except NetworkError as error:
            return Outcome(None, error.reason, tried=self.first is not None)
        if (sign := answers.guarded(known, unknown)) is not None:
            reason = Text(
                f"le deuxième essai est freiné ({sign.fr}) : les réponses ne se comparent pas",
                f"the second try is held back ({sign.en}): the answers cannot be compared",
            )
            return Outcome(None, reason, tried=True)
        told = answers.difference(known, unknown)
        if told is None:
            same = Text(
                f"compte de test et compte inconnu : même réponse ({known.status})",
                f"test account and unknown account: the same answer ({known.status})",
            )
            return Outcome(False, same, tried=True)
        words = Text(
            f"compte de test et compte inconnu : {told.fr}",
            f"test account and unknown account: {told.en}",
        )
        return Outcome(True, words, tried=True)

    async def throttled(self) -> Outcome:
        """Wrong passwords on the test account until something holds them back."""
        try:
            first = await self._first()
            self.count = 1
            lack = answers.refused(first, self.before)
            if lack is None and answers.locks(first.text) > answers.locks(self.before):
                lack = _LOCKED_BEFORE
            return await self._more(first) if lack is None else Outcome(None, lack, tried=True)
        except NetworkError as error:
            after = Text(
                f"après {self.count} essais : {error.reason.fr}",
                f"after {self.count} tries: {error.reason.en}",
            )
            return Outcome(None, after, tried=self.count > 0)

    async def _more(self, first: Answer) -> Outcome:
        """The tries after the first."""
        late, now = 0, first
        while self.count < TRIES:
            now = await self._try(self.username)
            self.count += 1
            if (sign := answers.guarded(first, now)) is not None:
                return _held(self.count, sign)
            late = late + 1 if answers.slowed(first, now) else 0
            if late == 2:  # one slow answer may be the network's
                shown = f"{first.seconds:.1f} s → {now.seconds:.1f} s"
                return _held(self.count, Text(shown.replace(".", ","), shown))
            if (lack := answers.refused(now, self.before)) is not None:
                return Outcome(None, lack, tried=True)
        if late or now.text != first.text:
            return Outcome(None, _CHANGED, tried=True)
        free = Text(
            f"{TRIES} mots de passe faux de suite sur le compte de test, ni freinés ni refusés",
            f"{TRIES} wrong passwords in a row on the test account, neither slowed nor refused",
        )
        return Outcome(False, free, tried=True)

    def _nobody(self) -> str | None:
        """An account that nobody has, of the same make as the test account.

        None where it could be someone's: short numbers are taken, and a person would be locked out.
        """
        name, at, domain = self.username.partition("@")
        if name.isdigit():
            word = "".join(secrets.choice(string.digits) for _ in name)
            return f"{word}{at}{domain}" if len(name) >= NUMBER else None
        word = "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))
        return f"{word}{at}{domain}"

    async def _first(self) -> Answer:
        if self.first is None:
            self.first = await self._try(self.username)
        return self.first

    async def _try(self, user: str) -> Answer:
        """A fresh form, as a new visitor gets it; one submission; the page that it leads to."""
        door = self.session.door
        fresh = await door.get(self.form.page, purpose="a fresh sign-in form")
        form = _same(fresh, self.form)
        names = fields.sign_in(form.fields)
        assert names is not None
        password = _password(form)
        typed = (user, password)
        self.before = answers.plain(fresh.text, typed)
        jar = _Jar(fresh)
        origin = urlsplit(form.page)
        sent = await door.post(
            form.action,
            fields.filled(form.fields, names, user, password),
            target=self.subject.name,
            purpose=PURPOSE,
            headers={
                "Origin": f"{origin.scheme}://{origin.netloc}",
                "Referer": page.bare(form.page),
                **jar.header,
            },
        )
        jar.keep(sent)
        location = sent.headers.get("location", "") if 300 <= sent.status < 400 else ""
        shown = sent
        if location:
            led = urljoin(sent.url, location)
            if urlsplit(led).netloc == urlsplit(sent.url).netloc:
                shown = await door.get(
                    led, purpose="what the form answers", headers=jar.header, redirects=0
                )
        return Answer(
            status=sent.status,
            location=answers.place(location, typed),
            text=answers.plain(shown.text, typed),
            raw=answers.markup(shown.text, typed),
            seconds=sent.seconds,
            retry_after="retry-after" in sent.headers,
            form_again=answers.has_form(shown.text, shown.url),
        )


_NO_FORM = Text(
    "la page de connexion ne montre pas de formulaire sans scripts",
    "the sign-in page shows no form without scripts",
)
_NO_NOBODY = Text(
    "le compte de test est un numéro court : un autre tiré au hasard serait peut-être à quelqu'un",
    "the test account is a short number: another one drawn by chance may be someone's",
)
_LOCKED_BEFORE = Text(
    "le premier refus parle déjà d'attente ou de blocage : le compte était peut-être bloqué",
    "the first refusal speaks of a wait or a lock already: the account may have been locked",
)
_CHANGED = Text(
    "le refus a changé d'un essai à l'autre, sans signe connu de blocage",
    "the refusal changed from one try to another, with no known sign of a lock",
)


def _password(form: LoginForm) -> str:
    """A wrong password that the field itself would take, so that it is not refused for its form."""
    length = max(20, form.minlength or 0)
    if form.maxlength:
        length = min(length, form.maxlength)
    word = secrets.token_urlsafe(max(length, 16))
    return word[:length] if length < 10 else f"{word[: length - 4]}aA1!"


def _held(count: int, sign: Text) -> Outcome:
    words = Text(
        f"freiné au {count}e mot de passe faux du compte de test : {sign.fr}",
        f"held back at wrong password {count} of the test account: {sign.en}",
    )
    return Outcome(True, words, tried=True)


def _same(fresh: Response, form: LoginForm) -> LoginForm:
    """The form on the fresh page, with its new token; the one known where it is not found."""
    found = page.read(fresh.text, fresh.url).forms
    path = urlsplit(form.action).path
    usable = [one for one in found if fields.sign_in(one.fields) is not None]
    return next((one for one in usable if urlsplit(one.action).path == path), form)


class _Jar:
    """The cookies of one exchange: names to values, of the host that the form is on."""

    def __init__(self, answer: Response) -> None:
        self._host = urlsplit(answer.url).hostname
        self._values: dict[str, str] = {}
        self.keep(answer)

    def keep(self, answer: Response) -> None:
        for url, header in answer.set_cookies:
            name, equals, value = header.partition(";")[0].partition("=")
            if equals and urlsplit(url).hostname == self._host:
                self._values[name.strip()] = value.strip()

    @property
    def header(self) -> dict[str, str]:
        return (
            {"Cookie": "; ".join(f"{k}={v}" for k, v in self._values.items())}
            if self._values
            else {}
        )
