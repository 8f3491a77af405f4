"""The facts about a store: which key of the declaration, and what of an artefact, gives each."""

from __future__ import annotations

from typing import Any

from gdpr_audit.checks.geography import in_eea
from gdpr_audit.checks.stating import (
    BOOLEAN,
    DATE,
    INTEGER,
    LIST,
    TEXT,
    Declared,
    as_is,
    months_or_never,
    not_none,
    specs,
)
from gdpr_audit.evidence import ciphers
from gdpr_audit.model import FactSpec, Value

#: Categories that name a person by themselves.
IDENTIFIERS = frozenset({"identity", "nir", "contact", "ins"})


def algorithm(declared: Any) -> Value:
    """The declared cipher in the spelling of the rules; AES-256-GCM is AES."""
    return ciphers.algorithm(str(declared))


def mode(declared: Any) -> Value:
    return ciphers.mode(str(declared))


def _health(value: Any) -> Value:
    return "health" in value


def _mixed(value: Any) -> Value:
    return "health" in value and bool(IDENTIFIERS & set(value))


ROWS = (
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
             "The mode of operation: XTS, GCM, CBC, CTR, ECB …", mode),
    Declared("store.encryption.key_bits", INTEGER, "encryption.key_bits",
             "Bits of the data key, as declared or printed."),
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

#: What of an artefact gives the fact in place of the declaration.
SHOWN_AS = {
    "store.encrypted": "encrypted",
    "store.encryption.algorithm": "algorithm",
    "store.encryption.mode": "mode",
    "store.encryption.key_bits": "raw_bits",
    "store.keys.manager": "manager",
    "store.keys.rotation_months": "rotation_months",
    "store.country": "country",
    "store.in_eea": "country",
}

FACTS = (
    *(FactSpec(row.name, row.type, "store", row.doc) for row in ROWS),
    *specs(
        "store",
        ("store.effective_key_bits", INTEGER,
         "Bits of the data key that count: half of 512 in XTS, which has two keys."),
        ("store.encryption.kdf", TEXT,
         "What an artefact shows to derive the key from a password: argon2id, pbkdf2 …"),
        ("store.evidence_given", BOOLEAN, "Whether the declaration names an artefact."),
        ("store.evidence_shown", BOOLEAN,
         "Whether an artefact, or a document, shows how the store is encrypted."),
        ("store.evidence_until", DATE,
         "Last day on which one of them does: a document's expiry; 9999-12-31 for an artefact."),
        ("store.evidence_contradictions", LIST,
         "Where an artefact shows less than is declared: key, declared, shown."),
    ),
)  # fmt: skip
