"""A platform's line in the fleet's reports: what of its audit document is counted and shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from gdpr_audit.model import Severity, Text
from gdpr_audit.redaction import clean, redact

#: From bad to good: a rule that failed once in a platform failed there.
_ORDER = ("fail", "error", "unproven", "waived", "pass")

SCHEMA = "gdpr-audit/fleet-line/1"
DONE, LOST, REFUSED, PENDING = "done", "lost", "refused", "pending"


#: What a line must hold to be read: one of another form counts as none.
_FORM: dict[str, type | tuple[type, ...]] = {
    "slug": str, "platform": str, "where": str, "input": str, "state": str,
    "reason": (dict, type(None)), "verdict": (str, type(None)), "counts": dict, "failed": dict,
    "unproven": dict, "rules": dict, "hosters": list, "targets": (int, type(None)),
    "not_looked": list, "incomplete": bool, "sizes": dict,
}  # fmt: skip


def fits(found: object) -> bool:
    """Whether that is a line, of this version's form."""
    return (
        isinstance(found, dict)
        and found.get("schema") == SCHEMA
        and found.get("state") in (DONE, LOST, REFUSED)
        and all(isinstance(found.get(key, _FORM), kind) for key, kind in _FORM.items())
    )


def of(document: dict[str, Any], *, incomplete: bool, basis: str) -> dict[str, Any]:
    """The line of a finished audit; `basis` is its kit's."""
    rules = _rules(document)
    return {
        "state": DONE,
        "reason": None,
        "verdict": document["summary"]["verdict"],
        "counts": document["summary"]["counts"],
        "failed": document["summary"]["failed"],
        "unproven": _by_severity(document, "unproven"),
        "rules": {verdict: sorted(rules[verdict]) for verdict in _ORDER},
        "hosters": _hosters(document),
        "targets": len(document["targets"]),
        "not_looked": list(_not_looked(document)),
        "incomplete": incomplete,
        "basis": basis,
        "date": document["date"],
        "language": document["language"],
        "digest": document["digest"],
        "started": document["started"],
        "finished": document["finished"],
    }


def without(state: str, reason: Text | None) -> dict[str, Any]:
    """The line of a platform that there is no audit of, and why."""
    return {
        "state": state,
        "reason": _both(reason) if reason else None,
        "sizes": {},
        "verdict": None,
        "counts": {},
        "failed": {},
        "unproven": {},
        "rules": {},
        "hosters": [],
        "targets": None,
        "not_looked": [],
        "incomplete": True,
    }


def _both(text: Text) -> dict[str, str]:
    """As evidence is kept: a refused address may carry a password."""
    return {"fr": redact(clean(text.fr, 1000)), "en": redact(clean(text.en, 1000))}


def _rules(document: dict[str, Any]) -> dict[str, set[str]]:
    """The rules by the worst verdict that each came to."""
    found: dict[str, set[str]] = {}
    for finding in document["findings"]:
        found.setdefault(finding["rule"], set()).add(finding["verdict"])
    worst: dict[str, set[str]] = {verdict: set() for verdict in _ORDER}
    for rule, verdicts in found.items():
        first = next((verdict for verdict in _ORDER if verdict in verdicts), None)
        if first:
            worst[first].add(rule)
    return worst


def _by_severity(document: dict[str, Any], verdict: str) -> dict[str, int]:
    counts = Counter(f["severity"] for f in document["findings"] if f["verdict"] == verdict)
    return {severity.value: counts[severity.value] for severity in Severity}


def _hosters(document: dict[str, Any]) -> list[str]:
    """Those declared and those that the network shows alike, as both are judged."""
    return sorted({s["name"] for s in document["subjects"] if s["kind"] == "hoster"})


def _not_looked(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The targets that did not answer, with the reason that most of what was asked shares."""
    other = "en" if document["language"] == "fr" else "fr"
    table = document["translations"][other]
    for target in document["targets"]:
        if target["reached"] is not False:
            continue
        groups = document["facts"].get(target["url"], {}).values()
        gaps = Counter(
            known["gap"] for group in groups for known in group.values() if "gap" in known
        )
        reason = gaps.most_common(1)[0][0] if gaps else ""
        yield {
            "url": target["url"],
            "reason": {document["language"]: reason, other: table.get(reason, reason)},
        }
