"""Where data lies and how it is encrypted there, as declared."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from gdpr_audit.checks.geography import in_eea
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import (
    BOOLEAN,
    INTEGER,
    LIST,
    TEXT,
    Declared,
    Scribe,
    as_is,
    months_or_never,
    not_none,
    specs,
    state,
)
from gdpr_audit.model import Check, FactSpec, Origin, Statement, Subject, Text, Value

#: Categories that name a person by themselves.
IDENTIFIERS = frozenset({"identity", "nir", "contact", "ins"})

_ALGORITHMS = (
    (r"^(3des|triple-?des|des-?ede3?|tdea)", "3DES"),
    (r"^des", "DES"),
    (r"^aes", "AES"),
    (r"^(x?chacha20)", "CHACHA20"),
    (r"^camellia", "CAMELLIA"),
    (r"^(rc4|arc4|arcfour)", "RC4"),
    (r"^rc2", "RC2"),
    (r"^blowfish|^bf\b", "BLOWFISH"),
    (r"^serpent", "SERPENT"),
    (r"^twofish", "TWOFISH"),
    (r"^aria", "ARIA"),
    (r"^rsa", "RSA"),
    (r"^seed", "SEED"),
    (r"^idea", "IDEA"),
)


def algorithm(declared: Any) -> Value:
    """The declared cipher in the spelling of the rules; AES-256-GCM is AES."""
    word = re.sub(r"[\s_]+", "-", str(declared).strip().lower())
    return next((name for pattern, name in _ALGORITHMS if re.match(pattern, word)), word.upper())


def _upper(value: Any) -> Value:
    return str(value).strip().upper()


def _health(value: Any) -> Value:
    return "health" in value


def _mixed(value: Any) -> Value:
    return "health" in value and bool(IDENTIFIERS & set(value))


_ROWS = (
    Declared("store.kind", TEXT, "kind",
             "database, volume, object-store, file, backup or portable."),
    Declared("store.contains", LIST, "contains", "The categories of data in the store."),
    Declared("store.holds_health_data", BOOLEAN, "contains",
             "Whether health data lies in the store.", _health),
    Declared("store.mixes_identity_and_health", BOOLEAN, "contains",
             "Whether health data and what names a person lie in one store.", _mixed),
    Declared("store.encrypted", BOOLEAN, "encryption",
             "Whether the store is encrypted at rest.", not_none),
    Declared("store.encryption.level", TEXT, "encryption.level",
             "volume, database, column, object or file."),
    Declared("store.encryption.algorithm", TEXT, "encryption.algorithm",
             "The cipher: AES, CHACHA20, CAMELLIA, 3DES, DES, RC4, BLOWFISH …", algorithm),
    Declared("store.encryption.mode", TEXT, "encryption.mode",
             "The mode of operation: XTS, GCM, CBC, CTR, ECB …", _upper),
    Declared("store.encryption.key_bits", INTEGER, "encryption.key_bits",
             "Bits of the data key, as declared."),
    Declared("store.keys.manager", TEXT, "keys.manager", "hsm, kms, vault, file or none."),
    Declared("store.keys.apart_from_data", BOOLEAN, "keys.apart_from_data",
             "Whether keys are kept apart from the data they protect."),
    Declared("store.keys.rotation_months", INTEGER, "keys.rotation_months",
             "Months between two key rotations; 9999 for never.", months_or_never),
    Declared("store.keys.holder_country", TEXT, "keys.holder_country",
             "Country whose law the keys' holder is subject to, ISO 3166-1."),
    Declared("store.keys.holder_in_eea", BOOLEAN, "keys.holder_country",
             "Whether that country is in the European Economic Area.", in_eea),
    Declared("store.country", TEXT, "country", "Country where the store lies, ISO 3166-1.", as_is),
    Declared("store.in_eea", BOOLEAN, "country",
             "Whether the store lies in the European Economic Area.", in_eea),
)  # fmt: skip

FACTS = (
    *(FactSpec(row.name, row.type, "store", row.doc) for row in _ROWS),
    *specs("store", ("store.effective_key_bits", INTEGER,
                     "Bits of the data key that count: half of 512 in XTS, which has two keys.")),
)  # fmt: skip

_scribe = Scribe("storage", Origin.DECLARED)


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    for statement in state(_scribe, _ROWS, subject, session):
        yield statement
    for statement in _effective(subject, session):
        yield statement


def _effective(subject: Subject, session: Session) -> Iterator[Statement]:
    """XTS uses two keys: `cryptsetup` and the declaration may say 256 or 512 for AES-256."""
    name = "store.effective_key_bits"
    bits = session.declaration.value(subject, "encryption.key_bits")
    if bits is None:
        yield _scribe.gap(name, session.declaration.missing(subject, "encryption.key_bits"))
        return
    mode = session.declaration.value(subject, "encryption.mode")
    two_keys = mode is not None and _upper(mode) == "XTS" and bits > 256
    where = session.declaration.where(subject, "encryption.key_bits")
    effective = bits // 2 if two_keys else bits
    summary = Text(
        f"déclaré : clé de {bits} bits, {effective} utiles ({where})",
        f"declared: a key of {bits} bits, {effective} of them count ({where})",
    )
    yield _scribe.fact(name, effective, summary)


CHECK = Check("storage", "store", FACTS, observe)
