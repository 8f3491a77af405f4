"""The facts of names and domains."""

from __future__ import annotations

from gdpr_audit.checks.stating import BOOLEAN, INTEGER, TEXT, specs
from gdpr_audit.model import PLATFORM, TARGET, KindSpec

DOMAIN_KIND = KindSpec("domain", PLATFORM)

NAME = specs(
    TARGET,
    ("name.in_dns", BOOLEAN, "Whether the target is a name of the public DNS, and no address."),
    ("name.caa", BOOLEAN, "Whether a CAA record stands at the name or above it (RFC 8659)."),
    ("name.dangling", BOOLEAN, "Whether its CNAME leads to a name that does not exist."),
)

DOMAIN = specs(
    "domain",
    ("zone.signed", BOOLEAN, "Whether the zone is signed (DNSSEC)."),
    ("zone.valid", BOOLEAN, "Whether the zone's signatures validate, where it is signed."),
    (
        "zone.transfer_open",
        BOOLEAN,
        "Whether a name server gives the whole zone to anyone. Asked under a mandate only.",
    ),
    ("spf.records", INTEGER, "How many SPF records the domain has."),
    (
        "spf.all",
        TEXT,
        "What becomes of everybody else: -all, ~all, ?all or +all; ?all where nothing is said.",
    ),
    ("spf.lookups", INTEGER, "DNS look-ups that the record costs, those of its includes counted."),
    ("dmarc.policy", TEXT, "The DMARC policy: reject, quarantine or none; missing without one."),
    ("mail.received", BOOLEAN, "Whether the domain receives mail (MX other than the null one)."),
    ("mail.mta_sts", BOOLEAN, "Whether MTA-STS is in enforce mode and covers every mail server."),
    ("mail.dane", BOOLEAN, "Whether every mail server has a TLSA record in a zone that validates."),
)
