"""The document as reports lay it out: by article, the gravest first. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from gdpr_audit import law
from gdpr_audit.model import Severity, Text
from gdpr_audit.reports.words import euros, word

Finding = dict[str, Any]

SEVERITIES = [severity.value for severity in Severity]
UNSHOWN = ("unproven", "error")


@dataclass(frozen=True, slots=True)
class Folded:
    """One rule's findings with one verdict: every cookie without Secure is one row of a report."""

    rule: str
    verdict: str
    severity: str
    first: Finding
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One article, its failures and its passes. A finding stands under its first article."""

    id: str
    title: str
    paraphrase: str
    reading: str  # how the article was read: text, summary, none
    source: str
    failed: tuple[Folded, ...]
    passed: tuple[Folded, ...]
    counts: dict[str, int]


def fold(findings: Iterable[Finding]) -> tuple[Folded, ...]:
    """Findings of one rule and verdict together, the gravest first."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding["rule"], finding["verdict"]), []).append(finding)
    folded = [
        Folded(rule, verdict, found[0]["severity"], found[0], tuple(found))
        for (rule, verdict), found in groups.items()
    ]
    return tuple(sorted(folded, key=lambda f: (SEVERITIES.index(f.severity), f.rule)))


def sections(document: dict[str, Any]) -> tuple[Section, ...]:
    """One for each article that a finding cites first, in the law's order."""
    language = document["language"]
    by_article: dict[str, list[Finding]] = {}
    for finding in document["findings"]:
        by_article.setdefault(finding["articles"][0], []).append(finding)
    found = []
    for article_id in sorted(by_article, key=law.order):
        article = law.article(article_id)
        title = article.title if article else Text.same(article_id)
        said = article.paraphrase if article else Text.same("")
        mine = by_article[article_id]
        failed = fold(f for f in mine if f["verdict"] in ("fail", "waived"))
        passed = fold(f for f in mine if f["verdict"] == "pass")
        counts = {v: sum(f["verdict"] == v for f in mine) for v in ("fail", "unproven", "pass")}
        if not any(counts.values()):
            continue  # nothing but rules that do not apply
        found.append(
            Section(
                article_id,
                title.within(language),
                said.within(language),
                article.reading if article else "none",
                article.source if article else "",
                failed,
                passed,
                counts,
            )
        )
    return tuple(found)


def unshown(document: dict[str, Any]) -> tuple[Folded, ...]:
    return fold(f for f in document["findings"] if f["verdict"] in UNSHOWN)


def seen(finding: Finding) -> list[str]:
    """What was seen that fails, each thing once."""
    failed = [r["evidence"] for r in finding["reasons"] if r["met"] is False and r["evidence"]]
    return list(dict.fromkeys(evidence["summary"] for evidence in failed))


def offending(finding: Finding) -> list[str]:
    """The items of what was seen that must not be there, each once."""
    failed = [r for r in finding["reasons"] if r["met"] is False]
    return list(dict.fromkeys(item for reason in failed for item in reason["offending"]))


def telling(finding: Finding) -> list[dict[str, Any]]:
    """The reasons that made the verdict, each once: of a failure, not what was in order besides."""
    shown = [r for r in finding["reasons"] if r["evidence"] or r["gap"]]
    if finding["verdict"] in ("fail", "waived"):
        shown = [r for r in shown if r["met"] is False] or shown
    return list({(r["fact"], r["must"], _said(r)): r for r in shown}.values())


def _said(reason: dict[str, Any]) -> str:
    return str(reason["evidence"]["summary"] if reason["evidence"] else reason["gap"])


def gaps(finding: Finding) -> list[str]:
    """Why a finding is open, each reason once."""
    return list(dict.fromkeys(r["gap"] for r in finding["reasons"] if r["gap"]))


#: Days from which the list of certified hosters is worth a new look.
LIST_AGE = 90
_DAY = re.compile(r"^(\d{4}-\d{2}-\d{2}) ")


def list_age(document: dict[str, Any]) -> int | None:
    """Days from the list of hosters to the audit's date, where that is more than `LIST_AGE`."""
    found = _DAY.match(document["tool"]["hds_list"])
    if found is None:
        return None
    age = (date.fromisoformat(document["date"]) - date.fromisoformat(found[1])).days
    return age if age > LIST_AGE else None


def told_outside(document: dict[str, Any]) -> list[str]:
    """Outside services that were told addresses, and which: each line once."""
    lines: list[str] = []
    for groups in document["facts"].values():
        told = groups.get("network", {}).get("network.told_outside", {}).get("value")
        lines += [line for line in told if line not in lines] if isinstance(told, list) else []
    return lines


def notes(finding: Finding, say: Callable[[str], str]) -> list[str]:
    """What a finding's line says beside its subject: how it is known, accepted, known before."""
    found = [say(finding["strength"])] if finding["strength"] else []
    if finding["verdict"] == "waived":
        found.append(say("waived"))
    if finding.get("known"):
        found.append(say("known"))
    return found


def states(waiver: dict[str, Any], say: Callable[[str], str]) -> str:
    """What became of a waiver."""
    words = [say(waiver["state"])]
    if waiver["expiring"] and waiver["state"] == "applied":
        words.append(say("expiring"))
    return ", ".join(words)


def article_title(article_id: str, language: str) -> str:
    article = law.article(article_id)
    return article.title.within(language) if article else article_id


def cited(comparable: dict[str, Any], language: str) -> str:
    """One comparable decision in a few words, with its amount where there was one."""
    amount = comparable["amount_eur"]
    return f"{comparable['id']} ({euros(amount, language)})" if amount else str(comparable["id"])


def penalty(row: dict[str, Any], language: str) -> str:
    """One penal risk in words."""
    return word("exposure.prison", language).format(
        years=row["prison_years"],
        fine=euros(row["fine_eur"], language),
        company=euros(row["legal_person_fine_eur"], language),
    )
