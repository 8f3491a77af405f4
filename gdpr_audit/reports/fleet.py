"""A fleet's page and table: what its summary and its platforms' lines say, for people."""

from __future__ import annotations

import csv
import sys
from io import StringIO
from typing import Any, NamedTuple

from gdpr_audit.model import Severity, Text
from gdpr_audit.reports import html
from gdpr_audit.reports.inert import inert
from gdpr_audit.reports.table import safe
from gdpr_audit.reports.words import grouped, word

#: Platforms that the page shows, the worst first; all are in fleet.csv.
MOST = 5000
_SEVERITIES = tuple(severity.value for severity in Severity)
_STATES = {"lost": 0, "refused": 1, "done": 2, "pending": 3}
_VERDICTS = {"non-compliant": 0, "undetermined": 1, "compliant": 2}
_LATER = 10**9

COLUMNS = (
    "platform", "folder", "where", "state", "verdict", *(f"failed_{s}" for s in _SEVERITIES),
    "unproven", "errors", "incomplete", "targets", "not_looked_at", "hosters", "failing_rules",
    "date", "reason",
)  # fmt: skip

WORDS: dict[str, Text] = {
    "title": Text("Audit d'un parc de plateformes", "Audit of a fleet of platforms"),
    "platforms": Text("Plateformes", "Platforms"),
    "platform": Text("Plateforme", "Platform"),
    "verdict": Text("Verdict", "Verdict"),
    "audited": Text("auditées", "audited"),
    "lost": Text("audit non abouti", "audit lost"),
    "refused": Text("déclaration refusée", "declaration refused"),
    "pending": Text("pas encore auditée", "not audited yet"),
    "non-compliant.many": Text("non conformes", "non-compliant"),
    "undetermined.many": Text("indéterminées", "undetermined"),
    "compliant.many": Text("conformes", "compliant"),
    "non-compliant.one": Text("non conforme", "non-compliant"),
    "undetermined.one": Text("indéterminée", "undetermined"),
    "compliant.one": Text("conforme", "compliant"),
    "lost.many": Text("audits non aboutis", "audits lost"),
    "lost.one": Text("audit non abouti", "audit lost"),
    "refused.many": Text("déclarations refusées", "declarations refused"),
    "refused.one": Text("déclaration refusée", "declaration refused"),
    "pending.many": Text("pas encore auditées", "not audited yet"),
    "pending.one": Text("pas encore auditée", "not audited yet"),
    "state": Text("État", "State"),
    "unproven": Text("Non prouvés", "Unproven"),
    "errors": Text("Erreurs", "Errors"),
    "hoster": Text("Hébergeur", "Hoster"),
    "hosters": Text("Hébergeurs", "Hosters"),
    "unknown": Text("aucun connu", "none known"),
    "by-rule": Text("Répartition par règle", "Distribution by rule"),
    "by-rule.lead": Text(
        "Nombre de plateformes, pour chaque règle qu'au moins une n'a pas montrée respectée.",
        "Number of platforms, for each rule that at least one was not shown to meet.",
    ),
    "by-hoster": Text("Répartition par hébergeur", "Distribution by hoster"),
    "by-hoster.lead": Text(
        "Hébergeurs déclarés ou vus du réseau ; une plateforme peut en avoir plusieurs.",
        "Hosters that are declared or seen from the network; a platform may have several.",
    ),
    "not-looked": Text("Ce qui n'a pas pu être examiné", "What could not be looked at"),
    "not-looked.none": Text("Toutes les cibles ont répondu.", "All targets answered."),
    "rule": Text("Règle", "Rule"),
    "severity": Text("Gravité", "Severity"),
    "fail": Text("Manquement", "Failed"),
    "error": Text("Erreur", "Error"),
    "pass": Text("Conforme", "Passed"),
    "share": Text("Part en manquement", "Share that fails"),
    "search": Text("Rechercher une plateforme", "Search for a platform"),
    "shown.one": Text("{count} ligne affichée", "{count} row shown"),
    "shown.many": Text("{count} lignes affichées", "{count} rows shown"),
    "sort": Text("trier", "sort"),
    "date": Text("Jugé à la date du", "Judged as of"),
    "reason": Text("Raison", "Reason"),
    "target": Text("Cible", "Target"),
    "all-in-csv": Text(
        "Les {shown} premières, des plus graves aux moins graves ; les {total} sont dans "
        "fleet.csv.",
        "The first {shown}, from the worst on; all {total} are in fleet.csv.",
    ),
    "skip": Text("Aller au contenu", "Skip to content"),
    "more": Text("… et {count} de plus, dans fleet.json.", "… and {count} more, in fleet.json."),
}


class Row(NamedTuple):
    """What the page shows of a platform, and no more: thousands of them are held at once."""

    slug: str
    platform: str
    state: str
    reason: dict[str, str] | None
    verdict: str | None
    failed: tuple[int | None, ...]  # by severity, the worst first
    unproven: int | None
    errors: int | None
    hosters: tuple[str, ...]
    missed: tuple[dict[str, Any], ...]  # targets that were not looked at


def row(given: dict[str, Any]) -> Row:
    """A platform's line as the page shows it: inert, and its repeated words held once."""
    line = inert(given)
    counts, failed = line["counts"], line["failed"]
    verdict = line["verdict"]
    return Row(
        line["slug"],
        line["platform"],
        sys.intern(line["state"]),
        line["reason"],
        sys.intern(verdict) if verdict else None,
        tuple(failed.get(severity) for severity in _SEVERITIES),
        counts.get("unproven"),
        counts.get("error"),
        tuple(map(sys.intern, line["hosters"])),
        tuple(line["not_looked"]),
    )


def badness(shown: Row) -> tuple[Any, ...]:
    """The worst first: by verdict, then by what failed, then by name."""
    return (
        _VERDICTS.get(shown.verdict or "", 0 if shown.state in ("lost", "refused") else _LATER),
        _STATES[shown.state],
        *(-(count or 0) for count in shown.failed),
        shown.platform,
        shown.slug,
    )


def cells(line: dict[str, Any]) -> list[str]:
    """A platform as a row of the table."""
    counts = line["counts"]
    numbers = [line["failed"].get(severity, "") for severity in _SEVERITIES]
    known = [counts.get("unproven", ""), counts.get("error", "")]
    reason = line["reason"]["en"] if line["reason"] else ""
    lost = "; ".join(one["url"] for one in line["not_looked"])
    found = [
        line["platform"], line["slug"], line["where"], line["state"], line["verdict"] or "",
        *numbers, *known, str(line["incomplete"]).lower(), line["targets"], lost,
        "; ".join(line["hosters"]), "; ".join(line["rules"].get("fail", [])),
        line.get("date", ""), reason,
    ]  # fmt: skip
    return ["" if cell is None else str(cell) for cell in found]


def csv_line(row: tuple[str, ...] | list[str]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(map(safe, row))
    return out.getvalue()


def render(head: dict[str, Any], rows: list[Row], language: str) -> str:
    """The page of a fleet; `rows` are those that it shows, in their order."""
    head = inert(head)
    style = html.verbatim("audit.css") + html.verbatim("fleet.css")
    script = html.verbatim("fleet.js")
    missed = [(shown, one) for shown in rows for one in _missed(shown)]
    states = head["summary"]["states"]
    unseen = head["summary"]["targets_not_looked_at"] + states["lost"] + states["refused"]

    def say(key: str, **values: object) -> str:
        text = WORDS[key].within(language) if key in WORDS else word(key, language)
        return text.format(**values) if values else text

    return (
        html.environment()
        .get_template("fleet.html.j2")
        .render(
            fleet=head,
            rows=rows,
            language=language,
            say=say,
            severities=_SEVERITIES,
            rules=_troubled(head["rules"]),
            missed=missed[:MOST],
            unseen=unseen,
            number=lambda count: grouped(count, language),
            counted=lambda kind, count: say(f"{kind}.{'one' if count == 1 else 'many'}"),
            within=lambda both: both[language] if both else "",
            link=lambda shown: f"{shown.slug}/audit.html" if shown.state == "done" else None,
            style=style,
            style_hash=html.hashed(style),
            script=script,
            script_hash=html.hashed(script),
        )
    )


def _missed(shown: Row) -> list[dict[str, Any]]:
    """What of a platform was not looked at: targets of an audit, or all of it."""
    if shown.state in ("lost", "refused"):
        return [{"url": "—", "reason": shown.reason}]
    return list(shown.missed)


def _troubled(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules that were not met everywhere, the most often failed first."""
    order = {severity: i for i, severity in enumerate(_SEVERITIES)}
    found = [rule for rule in rules if rule["fail"] or rule["error"] or rule["unproven"]]
    return sorted(
        found, key=lambda rule: (-rule["fail"], order[rule["severity"]], -rule["unproven"])
    )
