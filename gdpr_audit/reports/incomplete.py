"""What an audit could not do, in lines that stand at the head of a report. Pure."""

from __future__ import annotations

from typing import Any

from gdpr_audit.model import Text
from gdpr_audit.reports.words import word

MOST = 10  # targets named
_UNREACHED = Text(
    "Audit incomplet\u00a0: {target} n'a pas répondu.",
    "Incomplete audit: {target} did not answer.",
)
_LATE = Text(
    "Audit incomplet\u00a0: le temps accordé à {target} s'est écoulé avant la fin.",
    "Incomplete audit: the time for {target} ran out before the end.",
)
_BROKEN = Text(
    "Audit incomplet\u00a0: un contrôle au moins a échoué.",
    "Incomplete audit: at least one check broke.",
)
_NONE_FAILED = Text(
    "Aucun manquement parmi ce qui a pu être examiné.",
    "No failure among what could be looked at.",
)


def lines(document: dict[str, Any]) -> list[str]:
    """Each thing that could not be looked at; none for an audit that is whole."""
    language = document["language"]
    said = [word("interrupted", language)] if document["summary"]["interrupted"] else []
    unreached = [run["url"] for run in document["targets"] if run["reached"] is False]
    for sentence, names in ((_UNREACHED, unreached), (_LATE, late(document))):
        said += [sentence.within(language).format(target=name) for name in names[:MOST]]
        if (more := len(names) - MOST) > 0:
            said.append(f"+ {more}")
    if document["summary"]["counts"]["error"]:
        said.append(_BROKEN.within(language))
    return said


def late(document: dict[str, Any]) -> list[str]:
    """The subjects whose time ran out, by name."""
    names = {line["key"]: line["name"] for line in document["subjects"]}
    return [names[key] for key in document["summary"].get("late", ())]


def none_failed(document: dict[str, Any]) -> str:
    """That nothing failed, and of how much that is said."""
    language = document["language"]
    counts = document["summary"]["counts"]
    whole = not (counts["unproven"] or lines(document))
    return word("none-failed", language) if whole else _NONE_FAILED.within(language)
