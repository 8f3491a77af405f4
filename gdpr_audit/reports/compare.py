"""Two finished audits side by side: what is new, worse, lost from sight, better, resolved. Pure."""

from __future__ import annotations

from typing import Any

from gdpr_audit.model import PLATFORM, TARGET, Text
from gdpr_audit.reports import view

#: How bad a verdict is; a waived failure counts as an open point, as somebody answers for it.
_RANKS = {"pass": 0, "not_applicable": 0, "waived": 1, "unproven": 1, "error": 1, "fail": 2}
_FAILED = ("fail", "waived")
_OPEN = ("unproven", "error")
CHANGES = ("new", "worse", "unseen", "open", "better", "resolved", "unchanged")

WORDS = {
    "new": Text("Nouveaux manquements", "New failures"),
    "worse": Text("Aggravés", "Worse"),
    "unseen": Text("Perdus de vue\u00a0: plus examinés", "Lost from sight: no longer looked at"),
    "open": Text("Nouveaux points ouverts", "New open points"),
    "better": Text("Améliorés", "Better"),
    "resolved": Text("Résolus", "Resolved"),
    "unchanged": Text("Inchangés", "Unchanged"),
    "none": Text("rien", "nothing"),
    "was": Text("était", "was"),
    "title": Text("Ce qui a changé", "What changed"),
    "gone": Text("n'est plus jugé", "is judged no more"),
    "away": Text("n'existe plus", "exists no more"),
    "fresh": Text("n'était pas jugé", "was not judged"),
}

Change = dict[str, Any]
Finding = dict[str, Any]


def compare(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Change]]:
    """Each finding that fails or is open in either audit, by what became of it.

    `new` fails now and did not before; `resolved` failed before, and passes, does not apply or
    is no longer there; `worse` and `better` changed in severity, or between open and settled;
    `open` is unproven and was not asked before: neither bad nor good, as a repair makes askable
    what was not; `unseen` failed or was open before, and nobody looked this time.
    """
    old = {finding["fingerprint"]: finding for finding in before["findings"]}
    now = {finding["fingerprint"]: finding for finding in after["findings"]}
    sight = _Sight(before, after)
    found: dict[str, list[Change]] = {change: [] for change in CHANGES}
    for mark in dict.fromkeys((*now, *old)):
        was, is_ = old.get(mark), now.get(mark)
        change = _change(was, is_, sight)
        if change is not None:
            found[change].append(_told(was, is_, change))
    for changes in found.values():
        changes.sort(key=lambda one: (view.SEVERITIES.index(one["severity"]), one["rule"]))
    return found


def worsened(found: dict[str, list[Change]]) -> bool:
    """Whether somebody has to look: something is new or worse, or a failure was lost from sight."""
    lost = any(one["before"] == "fail" for one in found["unseen"])
    return bool(found["new"] or found["worse"] or lost)


def _told(was: Finding | None, is_: Finding | None, change: str) -> Change:
    shown = is_ or was
    assert shown is not None
    seen: list[str] = []
    if is_ and is_["verdict"] == "fail":
        seen = view.seen(is_)
    elif is_ and change == "unseen":
        seen = view.gaps(is_)
    return {
        "rule": shown["rule"],
        "subject": shown["subject"],
        "title": shown["title"],
        "severity": shown["severity"],
        "before": was["verdict"] if was else None,
        "after": is_["verdict"] if is_ else None,
        "away": is_ is None and change != "unseen",
        "seen": seen,
    }


def _change(was: Finding | None, is_: Finding | None, sight: _Sight) -> str | None:
    """None for what neither fails nor is open, before and now."""
    then, today = (_RANKS[f["verdict"]] if f else 0 for f in (was, is_))
    if was and then and sight.lost(was, is_):
        return "unseen"
    if today == 2 and then < 2:
        return "new"
    if then == 2 and today == 0:
        return "resolved"
    if today != then:
        fresh = was is None or was["verdict"] == "not_applicable"
        opened = fresh and is_ is not None and is_["verdict"] == "unproven"
        return "open" if opened else "worse" if today > then else "better"
    return _graver(was, is_) if was and is_ and today else None


def _graver(was: Finding, is_: Finding) -> str:
    """By severity alone, as the verdict is as bad as it was."""
    then, today = (view.SEVERITIES.index(f["severity"]) for f in (was, is_))
    return "unchanged" if then == today else "worse" if today < then else "better"


class _Sight:
    """What the later audit looked at. What it did not look at has not become better."""

    def __init__(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        self._rules = {finding["rule"] for finding in after["findings"]}
        self._here = {line["key"] for line in after["subjects"]}
        self._lines = {line["key"]: line for line in before["subjects"]}
        self._keys = {(one["kind"], one["name"]): key for key, one in self._lines.items()}
        self._whole = {(one["kind"], one["within"]) for one in after["census"] if not one["gap"]}
        self._kinds = {one["kind"] for one in before["census"]}

    def lost(self, was: Finding, is_: Finding | None) -> bool:
        """Whether what failed or was open is so no more for want of a look alone."""
        if is_ is None:
            return was["rule"] not in self._rules or not self._away(was)
        if is_["verdict"] == "not_applicable":
            return bool(view.gaps(is_))  # no condition was false: the TLS profile is silent on it
        return was["verdict"] in _FAILED and is_["verdict"] in _OPEN

    def _away(self, was: Finding) -> bool:
        about = was["subject"]
        key = self._keys.get((about["kind"], about["name"]))
        if key is None:
            return False
        # An open census has its finding on the place where subjects may be missing. Where the rule
        # is judged and says nothing of that place, all subjects there were found.
        counted = any(reason["gap"] and reason["fact"] in self._kinds for reason in was["reasons"])
        return (counted and key in self._here) or self._gone(key)

    def _gone(self, key: str) -> bool:
        """Whether a subject is shown to be there no more: by a whole census of its place.

        A target that was left out was not looked at. Nor is what only the network shows of a
        platform gone because it does not show this time.
        """
        line = self._lines.get(key)
        if line is None or key in self._here or line["within"] is None or line["kind"] == TARGET:
            return False
        above = self._lines.get(line["within"])
        if above is None or (above["kind"] == PLATFORM and line["file"] is None):
            return False
        return (line["kind"], above["key"]) in self._whole or self._gone(above["key"])
