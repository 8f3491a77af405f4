"""What an audit ends in: its findings, and how it went. A noun as those of `model.py` are."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from gdpr_audit.model import Check, Finding, Language, Observations, Subject, Text, Verdict
from gdpr_audit.waivers import Outcome


class TargetRun(NamedTuple):
    """How the look at one target went. `reached` is None where no check had to look."""

    url: str
    reached: bool | None
    addresses: tuple[str, ...] = ()
    seconds: float = 0.0
    connections: int = 0


class ProfileName(NamedTuple):
    """The TLS profile that was in force."""

    id: str
    title: Text
    version: str


class Baseline(NamedTuple):
    """An earlier audit that this one is held beside: by fingerprint, what failed or was open."""

    digest: str
    date: date
    failed: frozenset[str]  # waived failures included
    unproven: frozenset[str]
    platform: str  # marks tell the subjects of two platforms apart by name alone

    def knows(self, finding: Finding) -> bool:
        """Whether the finding failed before, or was open before and still is."""
        mark = finding.fingerprint
        return mark in self.failed or (
            finding.verdict is Verdict.UNPROVEN and mark in self.unproven
        )


class Standing(NamedTuple):
    """What is declared of the controller and the processing that a sanction depends on."""

    turnover_eur: int | None = None  # worldwide, of the year before
    public_body: bool | None = None
    country: str | None = None  # ISO 3166-1
    data_subjects: int | None = None  # people concerned


class Audit(NamedTuple):
    """One finished audit, as `document.py` writes it and every report shows it."""

    platform: Subject
    started: datetime
    finished: datetime
    date: date
    language: Language
    findings: tuple[Finding, ...]
    observations: Observations
    checks: tuple[Check, ...]
    targets: tuple[TargetRun, ...]
    rules_digest: str
    hds_list: str
    tls_profile: ProfileName
    mandate: tuple[str, str] | None = None
    fine_ceiling_eur: int | None = None
    standing: Standing = Standing()
    interrupted: bool = False
    waivers: tuple[Outcome, ...] = ()
    baseline: Baseline | None = None
    late: tuple[Subject, ...] = ()  # whose time ran out before all was looked at
    unrecorded: str | None = None  # why the journal broke off, after which nothing was sent
