"""How each audience signs in, as declared."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from itertools import chain
from typing import Any

from gdpr_audit.checks import passwords
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import (
    BOOLEAN,
    INTEGER,
    LIST,
    NUMBER,
    TEXT,
    Declared,
    Scribe,
    not_none,
    specs,
    state,
)
from gdpr_audit.model import Check, FactSpec, Origin, Statement, Subject, Text

#: What each declared means proves. Pro Santé Connect and the CPS card are two factors by design,
#: as is WebAuthn with the user verification that its registration asks for. A code by e-mail is
#: no second factor (CNIL recommendation on multi-factor authentication).
FACTORS: dict[str, frozenset[str]] = {
    "password": frozenset({"knowledge"}),
    "sms-otp": frozenset({"possession"}),
    "email-otp": frozenset(),
    "totp": frozenset({"possession"}),
    "push": frozenset({"possession"}),
    "certificate": frozenset({"possession"}),
    "webauthn": frozenset({"possession", "knowledge"}),
    "pro-sante-connect": frozenset({"possession", "knowledge"}),
    "cps": frozenset({"possession", "knowledge"}),
}

#: Ways in which declarations spell the hash functions, in the names that rules use.
_SPELLINGS = (
    (r"^argon2id", "argon2id"),
    (r"^argon2(i|d)?$", "argon2-other"),
    (r"^scrypt", "scrypt"),
    (r"^(bcrypt|blowfish-?crypt|\$2[aby]\$)", "bcrypt"),
    (r"^pbkdf2.*sha-?512", "pbkdf2-sha512"),
    (r"^pbkdf2.*sha-?256", "pbkdf2-sha256"),
    (r"^pbkdf2.*sha-?1\b|^pbkdf2(-hmac)?$", "pbkdf2-sha1"),
    (r"^(none|clear|clear-?text|plain|plain-?text|en-?clair)$", "clear"),
    (r"^(aes|des|3des|rsa|rc4|encrypt|chiffr|reversible)", "encrypted"),
)

_WHOLE = (
    Declared("audience.factors", LIST, "factors", "The declared means of signing in.",
             lambda value: () if value == "none" else tuple(value)),
    Declared("audience.shared_accounts", BOOLEAN, "shared_accounts",
             "Whether accounts are shared."),
    Declared("session.idle_minutes", INTEGER, "session.idle_minutes",
             "Minutes that an idle session lives."),
    Declared("password.blocklist", BOOLEAN, "password.blocklist",
             "Whether common passwords are refused."),
    Declared("password.throttled", BOOLEAN, "password.throttling",
             "Whether repeated wrong tries are slowed or locked out.", not_none),
    Declared("password.sent_in_clear", BOOLEAN, "password.sent_in_clear",
             "Whether a permanent password is sent by e-mail or post."),
    Declared("password.storage.iterations", INTEGER, "password.storage.iterations",
             "Iterations of Argon2 or PBKDF2."),
    Declared("password.storage.memory_kib", INTEGER, "password.storage.memory_kib",
             "Memory of Argon2, in KiB."),
    Declared("password.storage.cost", INTEGER, "password.storage.cost",
             "Cost of bcrypt, the binary logarithm of its rounds."),
    Declared("password.storage.n", INTEGER, "password.storage.n", "N of scrypt."),
    Declared("password.storage.r", INTEGER, "password.storage.r", "r of scrypt."),
    Declared("password.storage.p", INTEGER, "password.storage.p", "p of scrypt."),
)  # fmt: skip

FACTS: tuple[FactSpec, ...] = (
    *(FactSpec(row.name, row.type, "audience", row.doc) for row in _WHOLE),
    *specs(
        "audience",
        ("audience.name", TEXT, "patients, professionals or administrators."),
        (
            "audience.multi_factor",
            BOOLEAN,
            "Whether signing in takes two factors of different kinds.",
        ),
        (
            "audience.professional_identity",
            BOOLEAN,
            "Whether Pro Santé Connect or a CPS means is among the factors.",
        ),
        ("audience.uses_password", BOOLEAN, "Whether a password is among the factors."),
        (
            "password.entropy_bits",
            NUMBER,
            "Bits of the weakest password that the policy lets through (CNIL 2022-100).",
        ),
        (
            "password.equivalent_alone",
            BOOLEAN,
            "Whether the policy is among those that CNIL 2022-100 publishes for a password alone.",
        ),
        (
            "password.equivalent_restricted",
            BOOLEAN,
            "Whether the policy is among those that CNIL 2022-100 publishes for a password with a "
            "restriction of access.",
        ),
        (
            "password.storage.algorithm",
            TEXT,
            "How passwords are kept: argon2id, argon2-other, scrypt, bcrypt, pbkdf2-sha512, "
            "pbkdf2-sha256, pbkdf2-sha1, clear, encrypted, or the name declared.",
        ),
        (
            "password.storage.reversible",
            BOOLEAN,
            "Whether passwords are kept in clear or encrypted, so that they can be read back.",
        ),
        (
            "password.storage.salted",
            BOOLEAN,
            "Whether each hash has its own salt: by the function's own design, else as declared.",
        ),
    ),
)

_scribe = Scribe("authentication", Origin.DECLARED)


def algorithm(declared: str) -> str:
    """The declared name of a hash function, in the spelling of the rules."""
    word = re.sub(r"[\s_]+", "-", declared.strip().lower())
    return next((name for pattern, name in _SPELLINGS if re.match(pattern, word)), word)


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    declared = Text(f"déclaré : {subject.name}", f"declared: {subject.name}")
    yield _scribe.fact("audience.name", subject.name, declared)
    whole = state(_scribe, _WHOLE, subject, session)
    parts = (_factors(subject, session), _policy(subject, session), _storage(subject, session))
    for statement in chain(whole, *parts):
        yield statement


def _where(session: Session, subject: Subject, key: str, fr: str, en: str) -> Text:
    where = session.declaration.where(subject, key)
    return Text(f"déclaré : {fr} ({where})", f"declared: {en} ({where})")


def _factors(subject: Subject, session: Session) -> Iterator[Statement]:
    names = ("audience.multi_factor", "audience.professional_identity", "audience.uses_password")
    given = session.declaration.value(subject, "factors")
    if given is None:
        missing = session.declaration.missing(subject, "factors")
        yield from (_scribe.gap(name, missing) for name in names)
        return
    factors = [] if given == "none" else list(given)
    shown = ", ".join(factors) or "none"
    proof = _where(session, subject, "factors", f"facteurs {shown}", f"factors {shown}")
    kinds = frozenset().union(*(FACTORS.get(f, frozenset()) for f in factors))
    if len(kinds) < 2 and "franceconnect" in factors:
        # FranceConnect federates accounts of several levels; the declaration does not say which.
        yield _scribe.gap(
            names[0],
            Text(
                "le niveau de garantie exigé de FranceConnect n'est pas déclaré",
                "the assurance level asked of FranceConnect is not declared",
            ),
        )
    else:
        yield _scribe.fact(names[0], len(kinds) >= 2, proof)
    identity = bool({"pro-sante-connect", "cps"} & set(factors))
    yield _scribe.fact(names[1], identity, proof)
    yield _scribe.fact(names[2], "password" in factors, proof)


def _policy(subject: Subject, session: Session) -> Iterator[Statement]:
    names = ("password.entropy_bits", "password.equivalent_alone", "password.equivalent_restricted")
    value = session.declaration.value
    length, classes = value(subject, "password.min_length"), value(subject, "password.classes")
    words = value(subject, "password.words")
    if words is None and (length is None or classes is None):
        key = "password.min_length" if length is None else "password.classes"
        missing = session.declaration.missing(subject, key)
        yield from (_scribe.gap(name, missing) for name in names)
        return
    policy = passwords.Policy(length or 0, classes or 0, words)
    shown = passwords.working(policy)
    proof = _where(session, subject, "password.min_length", shown.fr, shown.en)
    bits = passwords.entropy_bits(policy)
    if bits is None:
        unsized = Text(
            "la taille de la liste de mots n'est pas déclarée",
            "the size of the list of words is not declared",
        )
        yield _scribe.gap(names[0], unsized)
    else:
        yield _scribe.fact(names[0], round(bits, 1), proof)
    for name, case in zip(names[1:], (passwords.ALONE, passwords.RESTRICTED), strict=True):
        yield _scribe.fact(name, passwords.equivalent(policy, case), proof)


#: Functions whose own output carries a salt.
_SALTED = ("argon2", "scrypt", "bcrypt", "pbkdf2")


def _storage(subject: Subject, session: Session) -> Iterator[Statement]:
    names = [f"password.storage.{name}" for name in ("algorithm", "reversible", "salted")]
    given: Any = session.declaration.value(subject, "password.storage")
    if given is None or given == "none":
        missing = session.declaration.missing(subject, "password.storage.algorithm")
        yield from (_scribe.gap(name, missing) for name in names)
        return
    shown = f"storage.algorithm = {given.algorithm}"
    proof = _where(session, subject, "password.storage", shown, shown)
    known = algorithm(given.algorithm)
    yield _scribe.fact(names[0], known, proof)
    yield _scribe.fact(names[1], known in ("clear", "encrypted"), proof)
    salted = given.salted if given.salted is not None else known.startswith(_SALTED) or None
    if salted is None:
        yield _scribe.gap(names[2], session.declaration.missing(subject, "password.storage.salted"))
    else:
        yield _scribe.fact(names[2], salted, proof)


CHECK = Check("authentication", "audience", FACTS, observe)
