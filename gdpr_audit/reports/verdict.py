"""Why an audit's verdict is what it is, in a sentence that its counts bear out. Pure."""

from __future__ import annotations

from typing import Any

from gdpr_audit.model import Text

REASONS = {
    "non-compliant": Text(
        "Au moins un manquement de gravité moyenne ou plus a été constaté.",
        "At least one failure of medium severity or above was found.",
    ),
    "light": Text(
        "Seuls des manquements faibles, ou signalés pour information, ont été constatés.",
        "Only failures of low severity, or told for information, were found.",
    ),
    "light.open": Text(
        "Seuls des manquements faibles, ou signalés pour information, ont été constatés, mais tout "
        "n'a pas pu être montré.",
        "Only failures of low severity, or told for information, were found, but not everything "
        "could be shown.",
    ),
    "open": Text(
        "Rien de ce qui a été montré n'a failli, mais tout n'a pas pu l'être.",
        "Nothing that was shown failed, but not everything could be.",
    ),
    "nothing": Text(
        "Rien n'a pu être jugé\u00a0: ni manquement ni conformité n'est établi.",
        "Nothing could be judged: neither a failure nor a pass is established.",
    ),
    "interrupted": Text(
        "Rien de ce qui a été jugé n'a failli, mais l'audit n'est pas complet.",
        "Nothing that was judged failed, but the audit is not complete.",
    ),
    "compliant": Text(
        "Tout ce qui a été demandé a été montré, et rien n'a failli.",
        "All that was asked was shown, and nothing failed.",
    ),
    "compliant.waived": Text(
        "Tout ce qui a été demandé a été montré, et rien n'a failli hormis ce qui a été accepté.",
        "All that was asked was shown, and nothing failed but what was accepted.",
    ),
    "inapplicable": Text(
        "Aucune des règles demandées ne s'applique\u00a0: rien n'a été jugé.",
        "None of the rules that were asked applies: nothing was judged.",
    ),
    "waived": Text(
        "Les manquements acceptés ne comptent pas ici.", "Accepted failures do not count here."
    ),
}


def reason(summary: dict[str, Any], language: str) -> str:
    """Why the verdict is what it is, by the counts that it rests on."""
    key = _why(summary)
    said = REASONS[key].within(language)
    if summary["counts"]["waived"] and key != "compliant.waived":
        said = f"{said} {REASONS['waived'].within(language)}"
    return said


def _why(summary: dict[str, Any]) -> str:
    counts, verdict = summary["counts"], summary["verdict"]
    opened = counts["unproven"] or counts["error"]
    settled = counts["pass"] or counts["fail"] or counts["waived"]
    if verdict == "compliant":
        held = "compliant.waived" if counts["waived"] else "compliant"
        return held if settled else "inapplicable"
    if verdict != "undetermined":
        return "non-compliant"
    if counts["fail"]:
        return "light.open" if opened else "light"
    if opened:
        return "open" if settled else "nothing"
    return "interrupted"
