"""SARIF 2.1.0 (OASIS), for code-scanning pages; within the limits that GitHub sets on uploads.

A failure is a result of its severity's level, what is unproven is `open`, a waived failure is
suppressed. What passed or does not apply is no result: the other formats have it.
"""

from __future__ import annotations

import json
from typing import Any

from gdpr_audit.reports import incomplete, place, view
from gdpr_audit.reports.words import colon, word

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
RESULTS = 25_000  # GitHub: more are refused; 5,000 are shown, the gravest first
_TAGS = 20  # GitHub: of one rule
_MESSAGE = 4_000  # characters

_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
#: GitHub's scale of `security-severity`: critical from 9.0, high from 7.0, medium from 4.0.
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "0.5"}
_KINDS = {"fail": "fail", "waived": "fail", "unproven": "open", "error": "open"}


def render(document: dict[str, Any]) -> str:
    shown = [f for f in document["findings"] if f["verdict"] in _KINDS]
    shown.sort(key=lambda f: (f["verdict"] != "fail", view.SEVERITIES.index(f["severity"])))
    shown = shown[:RESULTS]
    ids = list(dict.fromkeys(finding["rule"] for finding in shown))
    first = {finding["rule"]: finding for finding in reversed(shown)}
    run = {
        "tool": {
            "driver": {
                "name": document["tool"]["name"],
                "version": document["tool"]["version"],
                "semanticVersion": document["tool"]["version"],
                "rules": [_rule(first[rule_id], document) for rule_id in ids],
            }
        },
        "automationDetails": {"id": f"gdpr-audit/{document['platform']}/"},
        "language": document["language"],
        "invocations": [_invocation(document)],
        "results": [_result(finding, ids, document["language"]) for finding in shown],
    }
    found = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _invocation(document: dict[str, Any]) -> dict[str, Any]:
    """How it went: an audit that could not look at all it was to look at did not succeed."""
    notes = [{"level": "error", "message": {"text": _plain(s)}} for s in incomplete.lines(document)]
    return {
        "executionSuccessful": not notes,
        "startTimeUtc": document["started"],
        "endTimeUtc": document["finished"],
        **({"toolExecutionNotifications": notes} if notes else {}),
    }


def _rule(finding: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    language = document["language"]
    cited = ", ".join([*finding["articles"], *finding["sources"]])
    remedy, then = word("remedy", language), f"{colon(language)}{finding['remedy']}\n\n"
    text = f"{finding['why']}\n\n{remedy}{then}{cited}"
    marked = f"{finding['why']}\n\n**{remedy}**{then}*{cited}*"
    tags = ["security", "gdpr", finding["theme"], *finding["articles"]]
    return {
        "id": finding["rule"],
        "name": finding["rule"],
        "shortDescription": {"text": finding["title"]},
        "fullDescription": {"text": finding["why"]},
        "help": {"text": text, "markdown": marked},
        "defaultConfiguration": {"level": _LEVELS[finding["severity"]]},
        "properties": {
            "tags": list(dict.fromkeys(tags))[:_TAGS],
            "security-severity": _SCORES[finding["severity"]],
            "precision": "very-high",
            "problem.severity": _LEVELS[finding["severity"]].replace("note", "recommendation"),
        },
    }


def _result(finding: dict[str, Any], ids: list[str], language: str) -> dict[str, Any]:
    verdict = finding["verdict"]
    kind = _KINDS[verdict]
    result: dict[str, Any] = {
        "ruleId": finding["rule"],
        "ruleIndex": ids.index(finding["rule"]),
        "kind": kind,
        "level": _LEVELS[finding["severity"]] if kind == "fail" else "none",
        "message": {"text": _message(finding, language)},
        "locations": [_location(finding)],
        "partialFingerprints": {"gdprAudit/v1": finding["fingerprint"]},
        "properties": {"severity": finding["severity"], "strength": finding["strength"]},
    }
    if finding.get("known") is not None:
        result["baselineState"] = "unchanged" if finding["known"] else "new"
    if verdict == "waived":
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result


def _message(finding: dict[str, Any], language: str) -> str:
    said = view.seen(finding) if finding["verdict"] in ("fail", "waived") else view.gaps(finding)
    settled = finding["verdict"] in ("fail", "waived")
    lead = "" if settled else f"{word('unproven', language)}{colon(language)}"
    words = f"{lead}{finding['title']} ({finding['subject']['name']}). {' '.join(said)}".strip()
    return _plain(words)


def _plain(words: str) -> str:
    """In a SARIF message brackets and braces are links and placeholders."""
    escaped = words.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return escaped[:_MESSAGE].replace("{", "{{").replace("}", "}}")


def _location(finding: dict[str, Any]) -> dict[str, Any]:
    """The line of the declaration where there is one, else the subject itself."""
    subject = finding["subject"]
    uri = place.uri(subject["file"] or subject["name"])
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if subject["file"] and (line := place.line(finding)):
        physical["region"] = {"startLine": line}
    named = {"fullyQualifiedName": f"{subject['kind']}:{subject['name']}", "kind": "resource"}
    return {"physicalLocation": physical, "logicalLocations": [named]}
