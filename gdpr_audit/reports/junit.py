"""JUnit XML, as GitLab, Jenkins and their like read it: a suite a theme, a case a finding."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from gdpr_audit.reports import place, view
from gdpr_audit.reports.words import word

_FAILED = ("fail",)
_SKIPPED = ("unproven", "not_applicable", "waived")


def render(document: dict[str, Any]) -> str:
    findings = document["findings"]
    themes = list(dict.fromkeys(finding["theme"] for finding in findings))
    top = ET.Element("testsuites", _counts(findings, "gdpr-audit"))
    for theme in themes:
        mine = [finding for finding in findings if finding["theme"] == theme]
        suite = ET.SubElement(top, "testsuite", _counts(mine, theme))
        suite.set("timestamp", document["started"].removesuffix("Z"))
        suite.set("hostname", "localhost")
        for finding in mine:
            _case(suite, finding, document["language"])
    ET.indent(top)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(top, encoding="unicode")}\n'


def _counts(findings: list[dict[str, Any]], name: str) -> dict[str, str]:
    verdicts = [finding["verdict"] for finding in findings]
    return {
        "name": name,
        "tests": str(len(verdicts)),
        "failures": str(sum(verdict in _FAILED for verdict in verdicts)),
        "errors": str(verdicts.count("error")),
        "skipped": str(sum(verdict in _SKIPPED for verdict in verdicts)),
        "time": "0",
    }


def _case(suite: ET.Element, finding: dict[str, Any], language: str) -> None:
    subject = finding["subject"]
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": f"{finding['theme']}.{finding['rule']}",
            "name": _plain(f"{finding['title']} ({subject['name']})"),
            "time": "0",
        },
    )
    if subject["file"]:
        case.set("file", _plain(subject["file"]))
        if line := place.line(finding):
            case.set("line", str(line))
    verdict = finding["verdict"]
    if verdict == "pass":
        return
    said = view.seen(finding) if verdict in _FAILED else view.gaps(finding)
    if verdict in _FAILED or verdict == "error":
        tag = "failure" if verdict in _FAILED else "error"
        part = ET.SubElement(case, tag, {"type": finding["severity"]})
        part.set("message", _plain("; ".join(said) or finding["title"]))
        part.text = _plain("\n".join((finding["why"], "", f"→ {finding['remedy']}")))
        return
    reason = "; ".join((word(verdict, language), *said))
    ET.SubElement(case, "skipped", {"message": _plain(reason)})


def _plain(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return "".join(
        c for c in text if c in "\t\n\r" or 0x20 <= ord(c) <= 0xD7FF or 0xE000 <= ord(c) != 0xFFFE
    ).replace("\uffff", "")
