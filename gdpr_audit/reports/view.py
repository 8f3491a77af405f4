"""The document as reports lay it out: by article, the gravest first. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from gdpr_audit import law
from gdpr_audit.model import Severity
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
    """The reasons that made the verdict, each once: of a failure, not what was in order besides.

    A failure's alternatives are left to `alternatives`; of a pass only what was seen is told.
    """
    shown = [r for r in finding["reasons"] if r["evidence"] or r["gap"]]
    if finding["verdict"] == "pass":
        return list({_said(r): r for r in shown}.values())
    if finding["verdict"] in ("fail", "waived"):
        shown = [r for r in shown if r["met"] is False] or shown
        shown = [r for r in shown if not _alternative(r)]
    return list({(r["fact"], r["must"], _said(r)): r for r in shown}.values())


def alternatives(finding: Finding, either: str) -> list[dict[str, Any]]:
    """What a failed finding asks for in several ways, none of which is there.

    One for each fact; its `must` says all that it may be, with `either` between.
    """
    if finding["verdict"] not in ("fail", "waived"):
        return []
    shown = [r for r in finding["reasons"] if _alternative(r) and (r["evidence"] or r["gap"])]
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for reason in shown:
        groups.setdefault((reason["fact"], _said(reason)), []).append(reason)
    return [
        {**found[0], "must": _one_of([r["must"] for r in found], either)}
        for found in groups.values()
    ]


def weighed(finding: Finding) -> list[dict[str, Any]]:
    """All that made the verdict, alternatives with it, each thing that was seen once."""
    shown = [*telling(finding), *alternatives(finding, "")]
    return list({_said(reason): reason for reason in reversed(shown)}.values())[::-1]


def _one_of(musts: list[str], either: str) -> str:
    """`be a or b`, of `be a` and `be b`."""
    once = list(dict.fromkeys(musts))
    verb = once[0].partition(" ")[0] + " "
    if all(must.startswith(verb) for must in once):
        return verb + either.join(must.removeprefix(verb) for must in once)
    return either.join(once)


def _alternative(reason: dict[str, Any]) -> bool:
    return reason["met"] is False and reason["role"] == "require-any"


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


def article_short(article_id: str, language: str) -> str:
    """`GDPR art. 9(1)`: its title without what it is about."""
    return article_title(article_id, language).partition(" – ")[0]


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
