"""Two finished audits side by side: what is new, resolved, worse, better, unchanged. Pure."""

from __future__ import annotations

from typing import Any

from gdpr_audit.model import Text
from gdpr_audit.reports import view

#: How bad a verdict is; a waived failure counts as an open point, as somebody answers for it.
_RANKS = {"pass": 0, "not_applicable": 0, "waived": 1, "unproven": 1, "error": 1, "fail": 2}
CHANGES = ("new", "worse", "open", "better", "resolved", "unchanged")

WORDS = {
    "new": Text("Nouveaux manquements", "New failures"),
    "worse": Text("Aggravés", "Worse"),
    "open": Text("Nouveaux points ouverts", "New open points"),
    "better": Text("Améliorés", "Better"),
    "resolved": Text("Résolus", "Resolved"),
    "unchanged": Text("Inchangés", "Unchanged"),
    "none": Text("rien", "nothing"),
    "was": Text("était", "was"),
    "title": Text("Ce qui a changé", "What changed"),
    "gone": Text("n'est plus jugé", "is judged no more"),
    "fresh": Text("n'était pas jugé", "was not judged"),
}

Change = dict[str, Any]


def compare(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Change]]:
    """Each finding that fails or is open in either audit, by what became of it.

    `new` fails now and did not before; `resolved` failed before, and passes, does not apply or
    is no longer there; `worse` and `better` changed in severity, or between open and settled;
    `open` is unproven and was not asked before: neither bad nor good, as a repair makes askable
    what was not.
    """
    old = {finding["fingerprint"]: finding for finding in before["findings"]}
    now = {finding["fingerprint"]: finding for finding in after["findings"]}
    found: dict[str, list[Change]] = {change: [] for change in CHANGES}
    for mark in dict.fromkeys((*now, *old)):
        was, is_ = old.get(mark), now.get(mark)
        change = _change(was, is_)
        if change is None:
            continue
        shown = is_ or was
        assert shown is not None
        found[change].append(
            {
                "rule": shown["rule"],
                "subject": shown["subject"],
                "title": shown["title"],
                "severity": shown["severity"],
                "before": was["verdict"] if was else None,
                "after": is_["verdict"] if is_ else None,
                "seen": view.seen(is_) if is_ and is_["verdict"] == "fail" else [],
            }
        )
    for changes in found.values():
        changes.sort(key=lambda one: (view.SEVERITIES.index(one["severity"]), one["rule"]))
    return found


def _change(was: dict[str, Any] | None, is_: dict[str, Any] | None) -> str | None:
    """None for what neither fails nor is open, before and now."""
    then, today = (_RANKS[f["verdict"]] if f else 0 for f in (was, is_))
    if today == 2 and then < 2:
        return "new"
    if then == 2 and today == 0:
        return "resolved"
    if today != then:
        fresh = was is None or was["verdict"] == "not_applicable"
        opened = fresh and is_ is not None and is_["verdict"] == "unproven"
        return "open" if opened else "worse" if today > then else "better"
    if not today:
        return None
    if was and is_ and was["severity"] != is_["severity"]:
        ranks = [view.SEVERITIES.index(f["severity"]) for f in (was, is_)]
        return "worse" if ranks[1] < ranks[0] else "better"
    return "unchanged"
