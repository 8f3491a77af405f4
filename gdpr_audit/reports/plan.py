"""What is to be done about what failed: the gravest first, then what takes the least. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gdpr_audit.reports import view

EFFORTS = ("small", "medium", "large", None)
SUBJECTS = 3  # named of one action; the rest is counted


@dataclass(frozen=True, slots=True)
class Action:
    """One rule's repair, on all that fails it."""

    number: int
    rule: str
    severity: str
    effort: str | None
    title: str
    remedy: str
    subjects: tuple[str, ...]
    more: int  # subjects that are not named
    articles: tuple[str, ...]
    known: bool


def actions(document: dict[str, Any]) -> tuple[Action, ...]:
    """One for each rule that fails and is not waived."""
    failed = view.fold(f for f in document["findings"] if f["verdict"] == "fail")
    ordered = sorted(failed, key=_urgency)
    return tuple(_action(number, folded) for number, folded in enumerate(ordered, 1))


def _urgency(folded: view.Folded) -> tuple[int, int, int, str]:
    """Grave before light; of equals the short work first, then what concerns most subjects."""
    effort = EFFORTS.index(folded.first.get("effort"))
    severity = view.SEVERITIES.index(folded.severity)
    return severity, effort, -len(folded.findings), folded.rule


def _action(number: int, folded: view.Folded) -> Action:
    names = list(dict.fromkeys(_brief(f["subject"]["name"]) for f in folded.findings))
    return Action(
        number,
        folded.rule,
        folded.severity,
        folded.first.get("effort"),
        folded.first["title"],
        folded.first["remedy"],
        tuple(names[:SUBJECTS]),
        max(0, len(names) - SUBJECTS),
        tuple(folded.first["articles"]),
        all(bool(f.get("known")) for f in folded.findings),
    )


def _brief(name: str) -> str:
    """A form's name, which ends in its target, without it where it begins with it as well."""
    left, at, target = name.rpartition(" @ ")
    return left if at and left.startswith(target) else name
