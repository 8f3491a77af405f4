"""The login form as a visitor sees it, held beside the declared password policy."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

from gdpr_audit.checks.address import speaks_http
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.web import visit
from gdpr_audit.checks.web.page import LoginForm, bare
from gdpr_audit.declaration import schema
from gdpr_audit.model import About, Census, Statement, Subject, Text

_scribe = Scribe("login")
PATTERN_LIMIT = 200  # characters of a pattern that is tried; a longer one is left open
SAMPLE_LIMIT = 128  # characters of the password that it is tried with
REPETITIONS = 3  # in a row, in a pattern that is tried

_NONE_SEEN = Text(
    "aucun formulaire dans le HTML de la page de connexion déclarée (construite par script ?)",
    "no form in the HTML of the declared login page (built by script?)",
)
_UNTRIED = Text(
    "le motif du champ n'a pas pu être essayé sans risque",
    "the field's pattern could not be tried safely",
)

#: Passwords of each number of classes, to try a form's pattern with; of `n` characters.
_SAMPLES = {1: "abcdefgh", 2: "abcdef12", 3: "Abcdef12", 4: "Abcd-f12"}


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    if not speaks_http(subject.name):
        yield Census("login_form", subject)
        return
    seen = await visit.of(subject, session)
    forms: dict[str, LoginForm] = {}
    for one in seen.all:
        for form in one.page.forms if one.page else ():
            forms.setdefault(f"{bare(form.page)} → {bare(form.action)}", form)
    subjects = []
    for name, form in forms.items():
        about = Subject(
            "login_form", f"{name} @ {subject.name}", subject.file, subject.line, subject
        )
        subjects.append(about)
        for statement in _facts(form, subject, session):
            yield About(about, statement)  # type: ignore[arg-type]  # facts and gaps alone
    gap = visit.blind(seen)
    if gap is None and not forms and session.declaration.target(subject).login_page is not None:
        gap = _NONE_SEEN
    yield Census("login_form", subject, tuple(subjects), gap)


def _facts(form: LoginForm, target: Subject, session: Session) -> Iterator[Statement]:
    shown = Text(
        f"formulaire de {bare(form.page)} vers {bare(form.action)} ({form.method})",
        f"form of {bare(form.page)} to {bare(form.action)} ({form.method})",
    )
    served, sent = urlsplit(form.page).scheme, urlsplit(form.action).scheme
    yield _scribe.fact("form.served_over_https", served == "https", shown)
    yield _scribe.fact("form.submitted_over_https", sent == "https", shown)
    yield _scribe.fact("form.method", form.method, shown)
    yield _scribe.fact("form.has_maxlength", form.maxlength is not None, shown)
    if form.maxlength is None:
        none = Text("le champ n'a pas de maxlength", "the field has no maxlength")
        yield _scribe.gap("form.maxlength", none)
    else:
        yield _scribe.fact("form.maxlength", form.maxlength, shown)
    yield _policy(form, target, session)


def _policy(form: LoginForm, target: Subject, session: Session) -> Statement:
    name = "form.meets_declared_policy"
    policies = list(_declared(target, session))
    if not policies:
        return _scribe.gap(
            name,
            Text(
                "aucune politique de mots de passe n'est déclarée pour cette cible",
                "no password policy is declared for this target",
            ),
        )
    faults = [fault for policy in policies if (fault := _fault(form, policy))]
    if faults:
        return _scribe.fact(name, False, faults[0])
    if form.pattern and not all(_may_try(form.pattern, _sample(one)) for one in policies):
        return _scribe.gap(name, _UNTRIED)
    tried = [policy.min_length for policy in policies]
    words = ", ".join(map(str, tried))
    return _scribe.fact(
        name,
        True,
        Text(
            f"le champ admet {words} caractères (minlength {form.minlength}, maxlength "
            f"{form.maxlength})",
            f"the field takes {words} characters (minlength {form.minlength}, maxlength "
            f"{form.maxlength})",
        ),
    )


def _declared(target: Subject, session: Session) -> Iterator[schema.Password]:
    """The password policies of the target's audiences; of all, where it names none."""
    section = session.declaration.platform.authentication
    audiences = session.declaration.target(target).audience
    for name in audiences or ("patients", "professionals", "administrators"):
        audience = getattr(section, name, None) if section else None
        if audience and audience.password and audience.password.min_length is not None:
            yield audience.password


def _fault(form: LoginForm, policy: schema.Password) -> Text | None:
    length = policy.min_length or 0
    if form.maxlength is not None and form.maxlength < length:
        return Text(
            f"maxlength {form.maxlength} est sous les {length} caractères déclarés",
            f"maxlength {form.maxlength} is below the {length} characters declared",
        )
    if form.minlength is not None and form.minlength < length:
        return Text(
            f"minlength {form.minlength} est sous les {length} caractères déclarés",
            f"minlength {form.minlength} is below the {length} characters declared",
        )
    sample = _sample(policy)
    if form.pattern and _may_try(form.pattern, sample) and not _could_match(form.pattern, sample):
        return Text(
            "le motif du champ refuse un mot de passe conforme à la politique déclarée",
            "the field's pattern refuses a password of the declared policy",
        )
    return None


def _sample(policy: schema.Password) -> str:
    """A password that just meets the policy."""
    length = policy.min_length or 0
    return (_SAMPLES[max(policy.classes or 1, 1)] * (length // 8 + 1))[: max(length, 1)]


#: What may stand for one character, and a look-ahead without a group of its own.
_ONE = re.compile(r"\\.|\[\^?\]?[^\]]*\]")
_AHEAD = re.compile(r"\(\?[=!][^()]*\)")
_QUANTIFIER = re.compile(r"(?<!\()[*+?{]")


def _may_try(pattern: str, sample: str) -> bool:
    """Whether the match surely ends soon: no repeated group, at most three repetitions in a row.

    Python's matching goes back over every way to share a text among repetitions, so a page could
    hold an audit up with a pattern; three over 128 characters are less than a million steps.
    """
    if len(pattern) > PATTERN_LIMIT or len(sample) > SAMPLE_LIMIT:
        return False
    plain = _ONE.sub("x", pattern)
    aheads = _AHEAD.findall(plain)
    rest = _AHEAD.sub("", plain)
    if re.search(r"\)[*+?{]", rest) or re.search(r"\\\d", pattern):
        return False
    return all(len(_QUANTIFIER.findall(part)) <= REPETITIONS for part in (*aheads, rest))


def _could_match(pattern: str, sample: str) -> bool:
    """Whether the pattern lets the sample through; browsers ignore one that does not compile."""
    try:
        return re.fullmatch(pattern, sample) is not None
    except (re.error, RecursionError):
        return True
