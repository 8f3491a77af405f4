"""A failure under a waiver that runs is waived; nothing else is changed by one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from gdpr_audit.model import Finding, Subject, Verdict

#: Days before its end from which a waiver is told to be renewed or mended.
EXPIRING_DAYS = 30


class Waiver(NamedTuple):
    """One accepted finding; without a subject, every subject of the rule."""

    rule: str
    reason: str
    approver: str
    expires: date
    subject: str | None = None
    reference: str | None = None
    where: str = ""  # file and line

    def covers(self, finding: Finding) -> bool:
        """Whether it is about that rule and that subject, by name or by kind and name."""
        about: Subject = finding.subject
        named = (None, about.name, about.key, f"{about.kind}:{about.name}")
        return self.rule == finding.rule.id and self.subject in named


class State(StrEnum):
    """What became of a waiver."""

    APPLIED = "applied"
    EXPIRED = "expired"  # it covers a failure, and counts no longer
    UNMATCHED = "unmatched"  # nothing fails that it covers


class Outcome(NamedTuple):
    """One waiver, what became of it, and whether it ends within `EXPIRING_DAYS`."""

    waiver: Waiver
    state: State
    expiring: bool
    waived: int  # findings

    @property
    def wanting(self) -> bool:
        """Whether somebody has to look at it: it ended, ends soon, or covers nothing."""
        return self.state is not State.APPLIED or self.expiring


def apply(
    findings: Iterable[Finding], waivers: Iterable[Waiver], day: date
) -> tuple[tuple[Finding, ...], tuple[Outcome, ...]]:
    """The findings, failures under a waiver waived, and what became of each waiver.

    A waiver holds to its last day, that day included.
    """
    judged, outcomes = list(findings), []
    for waiver in waivers:
        covered = [
            i
            for i, finding in enumerate(judged)
            if finding.verdict in (Verdict.FAIL, Verdict.WAIVED) and waiver.covers(finding)
        ]
        runs = day <= waiver.expires
        state = State.UNMATCHED if not covered else State.APPLIED if runs else State.EXPIRED
        if state is State.APPLIED:
            for i in covered:
                judged[i] = judged[i]._replace(verdict=Verdict.WAIVED)
        soon = runs and (waiver.expires - day).days <= EXPIRING_DAYS
        outcomes.append(Outcome(waiver, state, soon, len(covered) if runs else 0))
    return tuple(judged), tuple(outcomes)
