"""The facts about hosters: as declared and listed, and as the network shows them."""

from __future__ import annotations

from gdpr_audit.checks.stating import BOOLEAN, DATE, INTEGER, LIST, specs
from gdpr_audit.model import PLATFORM, TARGET

#: Stated of a hoster and of a subcontractor alike, under two prefixes.
_SHARED = (
    (
        "listed",
        BOOLEAN,
        "Whether it is on the list of certified hosters; a partial list can only say yes.",
    ),
    ("self_hosted", BOOLEAN, "Whether the controller hosts its own data in its own premises."),
    (
        "certificate_needed",
        BOOLEAN,
        "Whether it hosts for others, so that L.1111-8 asks for a certificate.",
    ),
    (
        "certificate_denied",
        BOOLEAN,
        "Whether the declaration itself says `certificate: none`, and no list says otherwise.",
    ),
    (
        "certificate_valid_until",
        DATE,
        "Last day of its HDS certificate: by the list, else as declared.",
    ),
    (
        "certificate_valid_from",
        DATE,
        "First day of its HDS certificate: by the list, else as declared.",
    ),
    (
        "referential",
        INTEGER,
        "Version of the referential that it is certified under: by the list, else as declared.",
    ),
    ("in_eea", BOOLEAN, "Whether all countries declared for it are in the European Economic Area."),
    (
        "parent_in_eea",
        BOOLEAN,
        "Whether its parent company's country is in the European Economic Area.",
    ),
)

HOSTER = specs(
    "hoster",
    *((f"hoster.{name}", kind, doc) for name, kind, doc in _SHARED),
    ("hoster.secnumcloud", BOOLEAN, "Whether a SecNumCloud qualification is declared."),
    ("hoster.contract_clauses", BOOLEAN, "Whether the contract has the clauses of R.1111-11 CSP."),
    ("hoster.serves", LIST, "What it serves: production, backups, operations …"),
)

SUBCONTRACTOR = specs(
    "subcontractor", *((f"subcontractor.{name}", kind, doc) for name, kind, doc in _SHARED)
)

COVERAGE = specs(
    PLATFORM,
    (
        "hosting.activities_used",
        LIST,
        "The activities 1 to 6 of R.1111-9 CSP that the declaration gives to hosters.",
    ),
    (
        "hosting.activities_uncovered",
        LIST,
        "Those of them that no certificate of the hoster that does them covers.",
    ),
    ("hosting.self_only", BOOLEAN, "Whether the controller hosts everything itself."),
)

NETWORK = specs(
    TARGET,
    (
        "network.operators",
        LIST,
        "Organisations that the name's CNAMEs, PTR and origin AS point to.",
    ),
    (
        "network.operator_declared",
        BOOLEAN,
        "Whether one of them is a declared hoster or subcontractor of one, aliases included.",
    ),
    ("network.cdn", BOOLEAN, "Whether a content-delivery network answers for the target."),
    (
        "network.cdn_listed",
        BOOLEAN,
        "Whether that network's operator is on the list of certified hosters.",
    ),
    ("network.address_public", BOOLEAN, "Whether the target's addresses are public ones."),
)
