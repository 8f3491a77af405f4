"""The facts about hosters: as declared and listed, and as the network shows them."""

from __future__ import annotations

from gdpr_audit.checks.stating import BOOLEAN, DATE, INTEGER, LIST, TEXT, specs
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
        "Whether it hosts for others, so that L.1111-8 asks for a certificate: neither who hosts "
        "its own data nor, under its three conditions, a group of public hospitals (GHT).",
    ),
    (
        "certificate_denied",
        BOOLEAN,
        "Whether the declaration itself says `certificate: none`, and no list says otherwise.",
    ),
    (
        "certificate_valid_until",
        DATE,
        "Last day of its HDS certificate, of several that which counts on the audit's day, or ends "
        "last: by the list, else as declared.",
    ),
    ("certificate_valid_from", DATE, "First day of that certificate, where it is stated."),
    (
        "certificate_start_stated",
        BOOLEAN,
        "Whether the first day of that certificate is stated at all.",
    ),
    (
        "referential",
        INTEGER,
        "Version of the referential of that certificate: by the list, else as declared.",
    ),
    (
        "referential_accepted_until",
        DATE,
        "Last day on which a certificate of that version counts; 9999-12-31 for the one in force.",
    ),
    (
        "in_eea",
        BOOLEAN,
        "Whether all countries declared for it, and for its subcontractors that do more than "
        "operate (activity 5), are in the European Economic Area, and no region outside it was "
        "seen.",
    ),
    (
        "parent_in_eea",
        BOOLEAN,
        "Whether its parent company's country and those of its subcontractors' parents are in the "
        "European Economic Area, as declared unless they are known to be elsewhere, and all "
        "countries of its subcontractors are.",
    ),
)

HOSTER = specs(
    "hoster",
    *((f"hoster.{name}", kind, doc) for name, kind, doc in _SHARED),
    ("hoster.declared", BOOLEAN, "Whether the declaration names it, or the network alone."),
    ("hoster.secnumcloud", BOOLEAN, "Whether a SecNumCloud qualification is declared."),
    (
        "hoster.guarantee_stated",
        BOOLEAN,
        "Whether a guarantee against extra-European law is stated: SecNumCloud as declared, or "
        "what requirement 31 asks for, read on the hoster's public page.",
    ),
    (
        "hoster.transfers_statement",
        TEXT,
        "What requirement 31 asks for, as read on the hoster's public page: `no-third-country-risk`"
        ", `no-transfer`, `table` or `none`.",
    ),
    ("hoster.transfers", LIST, "The rows of the table of requirement 31 on that page."),
    (
        "hoster.contract_clauses_missing",
        LIST,
        "The clauses of R.1111-11 CSP, 1 to 14, that the contract is declared to lack.",
    ),
    ("hoster.countries", LIST, "The countries declared of it, where it keeps or reads the data."),
    ("hoster.serves", LIST, "What it serves: production, backups, operations …"),
)

SUBCONTRACTOR = specs(
    "subcontractor",
    *((f"subcontractor.{name}", kind, doc) for name, kind, doc in _SHARED),
    (
        "subcontractor.activities_uncovered",
        LIST,
        "The activities declared for it that no certificate of its covers, of those that count on "
        "the audit's day.",
    ),
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
        "Those of them that no certificate of the hosters and subcontractors covers, of those that "
        "count on the audit's day.",
    ),
    (
        "hosting.coverage_until",
        DATE,
        "Last day on which those certificates together cover all of them; a gap where nobody "
        "states it of one.",
    ),
    (
        "hosting.self_only",
        BOOLEAN,
        "Whether all is hosted by those who need no certificate: itself, or under an exemption.",
    ),
)

NETWORK = specs(
    TARGET,
    (
        "network.chain",
        LIST,
        "Each link behind the name: aliases, addresses with range, AS or registration, PTR, "
        "signs of a CDN.",
    ),
    (
        "network.operators",
        LIST,
        "Organisations that the name's CNAMEs and its addresses belong to.",
    ),
    (
        "network.operator_declared",
        BOOLEAN,
        "Whether each of them is a declared hoster or subcontractor of one, aliases included.",
    ),
    (
        "network.country_contradicted",
        BOOLEAN,
        "Whether a published region of an address lies in a country that no hoster or "
        "subcontractor declares.",
    ),
    ("network.cdn", BOOLEAN, "Whether a content-delivery network answers for the target."),
    (
        "network.cdn_listed",
        BOOLEAN,
        "Whether each such network's operator is on the list of certified hosters, with a "
        "certificate that counts on the audit's day.",
    ),
    (
        "network.zones_without_hds",
        LIST,
        "Names on the way that lie in a zone which its operator does not offer for health data; "
        "partial where a CDN or a bare address hides the zone.",
    ),
    ("network.address_public", BOOLEAN, "Whether the target's addresses are public ones."),
    (
        "network.told_outside",
        LIST,
        "Outside services that were told an address of the target, and which addresses.",
    ),
)
