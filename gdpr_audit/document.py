"""The audit document: the one JSON from which every report is rendered.

It speaks one language and carries, under `translations`, what its sentences are in the other,
so that a finished audit can be shown in either without the rules or the target at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from gdpr_audit import __version__, law, sanction
from gdpr_audit.model import (
    Evidence,
    Fact,
    Finding,
    Gap,
    Reason,
    Severity,
    Subject,
    Text,
    Value,
    Verdict,
)
from gdpr_audit.outcome import Audit, Baseline, ProfileName, TargetRun
from gdpr_audit.waivers import Outcome
from gdpr_audit.written import Document, digest, within

SCHEMA = "gdpr-audit/audit/1"

__all__ = ["SCHEMA", "Document", "digest", "of", "plain", "stamp", "within"]

#: What was found to be wrong, from here on, makes a platform non-compliant.
_GRAVE = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)


@dataclass
class _Tongue:
    """Says texts in one language, and remembers what they are in the other."""

    language: str
    table: dict[str, str] = field(default_factory=dict)

    @property
    def other(self) -> str:
        return "en" if self.language == "fr" else "fr"

    def say(self, text: Text) -> str:
        here, there = text.within(self.language), text.within(self.other)
        if here != there:
            self.table.setdefault(here, there)
        return here


def of(audit: Audit) -> Document:
    """The document of one audit, its digest last."""
    tongue = _Tongue(audit.language)
    findings = [_finding(finding, tongue, audit.baseline) for finding in audit.findings]
    document: Document = {
        "schema": SCHEMA,
        "tool": {
            "name": "gdpr-audit",
            "version": __version__,
            "rules": audit.rules_digest,
            "hds_list": audit.hds_list,
            "tls_profile": _profile(audit.tls_profile, tongue),
        },
        "platform": audit.platform.name,
        "started": stamp(audit.started),
        "finished": stamp(audit.finished),
        "date": audit.date.isoformat(),
        "language": audit.language,
        "mandate": _mandate(audit),
        "summary": _summary(audit),
        "exposure": sanction.of(audit, tongue.say),
        "targets": [_target(run) for run in audit.targets],
        "findings": findings,
        "facts": _facts(audit, tongue),
        "subjects": [_subject_line(s) for s in _all_subjects(audit)],
        "census": _census(audit, tongue),
        "waivers": [_waiver(outcome) for outcome in audit.waivers],
        "baseline": _baseline(audit),
        "standing": audit.standing._asdict(),
        "translations": {tongue.other: tongue.table},
    }
    document["digest"] = digest(document)
    return document


def stamp(time: datetime) -> str:
    """RFC 3339, UTC, whole seconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _profile(profile: ProfileName, tongue: _Tongue) -> dict[str, str]:
    return {"id": profile.id, "title": tongue.say(profile.title), "version": profile.version}


def _mandate(audit: Audit) -> dict[str, str] | None:
    if audit.mandate is None:
        return None
    by, reference = audit.mandate
    return {"authorised_by": by, "reference": reference}


def _summary(audit: Audit) -> dict[str, Any]:
    counts = {verdict.value: 0 for verdict in Verdict}
    failed = {severity.value: 0 for severity in Severity}
    articles: dict[str, dict[str, int]] = {}
    for finding in audit.findings:
        counts[finding.verdict] += 1
        if finding.verdict is Verdict.FAIL:
            failed[finding.rule.severity] += 1
        if finding.verdict in (Verdict.PASS, Verdict.FAIL, Verdict.UNPROVEN):
            for article in finding.rule.articles:
                row = articles.setdefault(article, {"pass": 0, "fail": 0, "unproven": 0})
                row[finding.verdict] += 1
    if any(failed[severity] for severity in _GRAVE):
        verdict = "non-compliant"
    elif counts["fail"] or counts["unproven"] or counts["error"] or audit.interrupted:
        verdict = "undetermined"
    else:
        verdict = "compliant"
    return {
        "verdict": verdict,
        "counts": counts,
        "failed": failed,
        "articles": dict(sorted(articles.items(), key=lambda item: law.order(item[0]))),
        "fine_ceiling_eur": audit.fine_ceiling_eur,
        "interrupted": audit.interrupted,
        "late": [subject.key for subject in audit.late],
    }


def _target(run: TargetRun) -> dict[str, Any]:
    return {
        "url": run.url,
        "reached": run.reached,
        "addresses": list(run.addresses),
        "seconds": run.seconds,
        "connections": run.connections,
    }


def _waiver(outcome: Outcome) -> dict[str, Any]:
    waiver = outcome.waiver
    return {
        "rule": waiver.rule,
        "subject": waiver.subject,
        "reason": waiver.reason,
        "approver": waiver.approver,
        "expires": waiver.expires.isoformat(),
        "reference": waiver.reference,
        "state": outcome.state.value,
        "expiring": outcome.expiring,
        "waived": outcome.waived,
    }


def _baseline(audit: Audit) -> dict[str, str] | None:
    """The earlier audit beside which this one was held."""
    held = audit.baseline
    if held is None:
        return None
    return {"digest": held.digest, "date": held.date.isoformat(), "platform": held.platform}


def _finding(finding: Finding, tongue: _Tongue, baseline: Baseline | None) -> dict[str, Any]:
    rule = finding.rule
    return {
        "rule": rule.id,
        "theme": rule.theme,
        "verdict": finding.verdict.value,
        "severity": rule.severity.value,
        "subject": _subject(finding.subject),
        "strength": finding.strength.value if finding.strength else None,
        "title": tongue.say(rule.title),
        "why": tongue.say(rule.why),
        "remedy": tongue.say(rule.remedy),
        "reasons": [_reason(reason, tongue) for reason in finding.reasons],
        "articles": list(rule.articles),
        "sources": [tongue.say(source.said) for source in finding.sources],
        "precedents": [precedent.id for precedent in law.precedents_for(rule.id)],
        "fingerprint": finding.fingerprint,
        "known": baseline.knows(finding) if baseline else None,
        "effort": rule.effort.value if rule.effort else None,
    }


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "kind": subject.kind,
        "name": subject.name,
        "file": subject.file,
        "line": subject.line,
    }


def _reason(reason: Reason, tongue: _Tongue) -> dict[str, Any]:
    return {
        "fact": reason.fact,
        "must": tongue.say(reason.must),
        "observed": plain(reason.observed),
        "met": reason.met,
        "evidence": _evidence(reason.evidence, tongue),
        "gap": tongue.say(reason.gap) if reason.gap else None,
        "role": reason.role,
        "offending": list(reason.offending),
    }


def _evidence(evidence: Evidence | None, tongue: _Tongue) -> dict[str, Any] | None:
    if evidence is None:
        return None
    return {
        "check": evidence.check,
        "origin": evidence.origin.value,
        "summary": tongue.say(evidence.summary),
        "at": stamp(evidence.at),
    }


def plain(value: Value | None) -> Any:
    """A fact's value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _facts(audit: Audit, tongue: _Tongue) -> dict[str, Any]:
    owner = {spec.name: check.name for check in audit.checks for spec in check.facts}
    known = audit.observations.facts
    result: dict[str, Any] = {}
    for subject in sorted(known, key=lambda s: s.key):
        groups: dict[str, Any] = {}
        for name in sorted(known[subject]):
            groups.setdefault(owner[name], {})[name] = _fact(known[subject][name], tongue)
        result[subject.key] = dict(sorted(groups.items()))
    return result


def _fact(known: Fact | Gap, tongue: _Tongue) -> dict[str, Any]:
    if isinstance(known, Gap):
        return {"gap": tongue.say(known.reason), **({"broken": True} if known.broken else {})}
    evidence = _evidence(known.evidence, tongue)
    assert evidence is not None
    del evidence["check"]
    partial = {"partial": tongue.say(known.partial)} if known.partial else {}
    return {"value": plain(known.value), **evidence, **partial}


def _all_subjects(audit: Audit) -> list[Subject]:
    seen = audit.observations
    found = {seen.platform, *seen.facts}
    for census in seen.census.values():
        found |= {census.within, *census.subjects}
    return sorted(found, key=lambda subject: (subject.kind, subject.key))


def _subject_line(subject: Subject) -> dict[str, Any]:
    within_key = subject.within.key if subject.within else None
    return {"key": subject.key, **_subject(subject), "within": within_key}


def _census(audit: Audit, tongue: _Tongue) -> list[dict[str, Any]]:
    rows = sorted(
        audit.observations.census.values(), key=lambda census: (census.kind, census.within.key)
    )
    return [
        {
            "kind": census.kind,
            "within": census.within.key,
            "found": len(census.subjects),
            "subjects": [subject.key for subject in census.subjects],
            "gap": tongue.say(census.gap) if census.gap else None,
            **({"broken": True} if census.broken else {}),
        }
        for census in rows
    ]
