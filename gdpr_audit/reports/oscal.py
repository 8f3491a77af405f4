"""NIST OSCAL assessment results (1.1 and later), for tools of governance and compliance.

A rule is an objective, a finding its state, what was seen an observation, a failure a risk. OSCAL
knows two states: what is unproven is therefore *not satisfied*, and says so; never satisfied.
What does not apply is left out. Identifiers follow from the document: the same, for the same one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from gdpr_audit.reports import view
from gdpr_audit.reports.verdict import reason
from gdpr_audit.reports.words import word

VERSION = "1.1.3"
NAMESPACE = "urn:gdpr-audit:oscal"
_METHODS = {"measured": "TEST", "published": "EXAMINE", "declared": "INTERVIEW"}
_STATES = {
    "pass": ("satisfied", "pass"),
    "fail": ("not-satisfied", "fail"),
    "waived": ("not-satisfied", "fail"),
    "unproven": ("not-satisfied", "other"),
    "error": ("not-satisfied", "other"),
}


def render(document: dict[str, Any]) -> str:
    return json.dumps(_Writer(document).results(), indent=2, ensure_ascii=False) + "\n"


class _Writer:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._language: str = document["language"]
        self._observations: dict[str, dict[str, Any]] = {}
        self._shown = [f for f in document["findings"] if f["verdict"] in _STATES]

    def results(self) -> dict[str, Any]:
        document = self._document
        tool = document["tool"]
        plan = self._id("plan")
        title = f"{word('report', self._language)} – {_line(document['platform'])}"
        return {
            "assessment-results": {
                "uuid": self._id("results"),
                "metadata": {
                    "title": title,
                    "last-modified": document["finished"],
                    "version": document["date"],
                    "oscal-version": VERSION,
                    "props": [
                        _prop("tool", f"{tool['name']} {tool['version']}"),
                        _prop("digest", document["digest"]),
                        _prop("verdict", document["summary"]["verdict"]),
                    ],
                },
                "import-ap": {"href": f"#{plan}"},
                "results": [self._result(title)],
                "back-matter": {
                    "resources": [
                        {
                            "uuid": plan,
                            "title": word("rules", self._language),
                            "description": f"{tool['name']} {tool['version']}, {tool['rules']}",
                        }
                    ]
                },
            }
        }

    def _result(self, title: str) -> dict[str, Any]:
        document = self._document
        findings = [self._finding(finding) for finding in self._shown]
        articles = dict.fromkeys(a for f in self._shown for a in f["articles"])
        controls: dict[str, Any] = {
            "include-controls": [{"control-id": _token(a)} for a in articles]
        }
        objectives = dict.fromkeys(f["rule"] for f in self._shown)
        result: dict[str, Any] = {
            "uuid": self._id("result"),
            "title": title,
            "description": reason(document["summary"], self._language),
            "start": document["started"],
            "end": document["finished"],
            "local-definitions": {"components": list(self._components())},
            "reviewed-controls": {
                "control-selections": [controls if articles else {"include-all": {}}],
                "control-objective-selections": [
                    {"include-objectives": [{"objective-id": _token(rule)} for rule in objectives]}
                    if objectives
                    else {"include-all": {}}
                ],
            },
            "observations": list(self._observations.values()),
            "risks": [self._risk(f) for f in self._shown if f["verdict"] in ("fail", "waived")],
            "findings": findings,
        }
        empty = [key for key in ("observations", "risks", "findings") if not result[key]]
        for key in (*empty, *(() if self._shown else ("local-definitions",))):
            del result[key]  # OSCAL has no empty lists
        return result

    def _components(self) -> Iterator[dict[str, Any]]:
        """Each subject that was judged."""
        subjects = {(f["subject"]["kind"], f["subject"]["name"]): None for f in self._shown}
        for kind, name in subjects:
            yield {
                "uuid": self._id("subject", kind, name),
                "type": kind,
                "title": _line(name),
                "description": f"{kind}: {_line(name)}",
                "status": {"state": "operational"},
            }

    def _finding(self, finding: dict[str, Any]) -> dict[str, Any]:
        state, reason = _STATES[finding["verdict"]]
        subject = _line(finding["subject"]["name"])
        gaps = view.gaps(finding)
        status: dict[str, Any] = {"state": state, "reason": reason}
        said = [word(finding["verdict"], self._language), *gaps]
        status["remarks"] = ". ".join(said)
        found: dict[str, Any] = {
            "uuid": self._id("finding", finding["fingerprint"]),
            "title": finding["title"],
            "description": f"{finding['title']} ({subject}). {finding['why']}",
            "props": [
                _prop("verdict", finding["verdict"]),
                _prop("severity", finding["severity"]),
                _prop("theme", finding["theme"]),
                *([_prop("strength", finding["strength"])] if finding["strength"] else []),
                _prop("fingerprint", finding["fingerprint"]),
            ],
            "target": {
                "type": "objective-id",
                "target-id": _token(finding["rule"]),
                "status": status,
            },
        }
        seen = [self._observe(finding, reason) for reason in view.weighed(finding)]
        related = [{"observation-uuid": one} for one in dict.fromkeys(filter(None, seen))]
        if related:
            found["related-observations"] = related
        if finding["verdict"] in ("fail", "waived"):
            found["related-risks"] = [{"risk-uuid": self._id("risk", finding["fingerprint"])}]
        return found

    def _observe(self, finding: dict[str, Any], reason: dict[str, Any]) -> str | None:
        """The observation that a reason rests on; one that several share is stated once."""
        evidence = reason["evidence"]
        if evidence is None:
            return None
        subject = finding["subject"]
        key = (subject["kind"], subject["name"], evidence["check"], evidence["summary"])
        identity = self._id("observation", *key, evidence["at"])
        self._observations[identity] = {
            "uuid": identity,
            "description": evidence["summary"] or reason["fact"],
            "props": [_prop("check", evidence["check"]), _prop("origin", evidence["origin"])],
            "methods": [_METHODS[evidence["origin"]]],
            "subjects": [
                {"subject-uuid": self._id("subject", *key[:2]), "type": "component"},
            ],
            "collected": evidence["at"],
        }
        return identity

    def _risk(self, finding: dict[str, Any]) -> dict[str, Any]:
        mark = finding["fingerprint"]
        return {
            "uuid": self._id("risk", mark),
            "title": finding["title"],
            "description": f"{finding['title']} ({_line(finding['subject']['name'])})",
            "statement": finding["why"],
            "props": [_prop("severity", finding["severity"])],
            "status": "deviation-approved" if finding["verdict"] == "waived" else "open",
            "remediations": [
                {
                    "uuid": self._id("remedy", mark),
                    "lifecycle": "recommendation",
                    "title": word("remedy", self._language),
                    "description": finding["remedy"],
                }
            ],
        }

    def _id(self, *parts: str) -> str:
        """A UUID (version 5) of a part of this document."""
        return str(uuid5(NAMESPACE_URL, "/".join((NAMESPACE, self._document["digest"], *parts))))


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": _line(value) or "-"}


def _token(name: str) -> str:
    """An id as OSCAL has them; a rule of one's own may cite an article by any words."""
    plain = re.sub(r"[^\w.-]", "-", name)
    return plain if plain[:1].isalpha() or plain[:1] == "_" else f"_{plain}"


def _line(text: str) -> str:
    """A text on one line with nothing before or after it, as OSCAL's strings are."""
    return " ".join(text.split())
