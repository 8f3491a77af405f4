"""The fleet summed up: from the lines in its folder to fleet.json, fleet.csv and index.html.

Lines are read one by one and twice, so that a fleet of any size takes no more memory than what
is counted: the rules, the hosters, and the platforms that the page shows.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gdpr_audit import files
from gdpr_audit.fleet import line
from gdpr_audit.fleet.folder import Folder
from gdpr_audit.fleet.roster import Roster
from gdpr_audit.fleet.task import Kit
from gdpr_audit.model import Rule, Severity
from gdpr_audit.reports import fleet as page

SCHEMA = "gdpr-audit/fleet/1"
_RULES = ("fail", "error", "unproven", "waived", "pass")
_SHOWN = (
    "slug", "platform", "where", "state", "reason", "verdict", "counts", "failed", "unproven",
    "hosters", "targets", "not_looked", "incomplete", "date", "digest", "started", "finished",
)  # fmt: skip


@dataclass
class Tally:
    """What the lines come to."""

    platforms: int = 0
    states: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    incomplete: int = 0
    failed: Counter[str] = field(default_factory=Counter)  # platforms, by severity
    unproven: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    hosters: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    not_looked: int = 0  # targets

    def add(self, row: dict[str, Any]) -> None:
        self.platforms += 1
        self.states[row["state"]] += 1
        self.incomplete += bool(row["incomplete"])
        self.not_looked += len(row["not_looked"])
        if row["verdict"]:
            self.verdicts[row["verdict"]] += 1
        for severity in Severity:
            self.failed[severity.value] += bool(row["failed"].get(severity.value))
            self.unproven[severity.value] += bool(row["unproven"].get(severity.value))
        for verdict, rules in row["rules"].items():
            for rule in rules:
                self.rules[rule][verdict] += 1
        for hoster in row["hosters"]:
            self.hosters[hoster][row["verdict"] or ""] += 1
        if row["state"] == line.DONE and not row["hosters"]:
            self.hosters[""][row["verdict"] or ""] += 1


def lines(roster: Roster, folder: Folder) -> Iterator[dict[str, Any]]:
    """The line of each platform of the list, in its order; of those not audited yet, too."""
    for entry in roster:
        found = folder.line(entry)
        if found is None:
            named = {"slug": entry.slug, "platform": entry.name, "where": entry.where}
            found = {**named, **line.without(line.PENDING, None)}
        yield found


def tally(rows: Iterable[dict[str, Any]]) -> Tally:
    found = Tally()
    for row in rows:
        found.add(row)
    return found


def write(roster: Roster, folder: Folder, kit: Kit, language: str) -> Tally:
    """Sum up, into the three files. Raises OSError."""
    counted = tally(lines(roster, folder))
    head = _head(roster, kit, counted)
    _write_json(folder.path / "fleet.json", head, lines(roster, folder))
    _write_csv(folder.path / "fleet.csv", lines(roster, folder))
    worst = heapq.nsmallest(page.MOST, map(page.row, lines(roster, folder)), key=page.badness)
    shown = page.render(head, worst, language)
    files.write_whole(folder.path / "index.html", shown.encode())
    return counted


def _head(roster: Roster, kit: Kit, counted: Tally) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "tool": {
            "name": "gdpr-audit",
            "version": kit.version,
            "rules": kit.rules_digest,
            "hds_list": kit.hosters.label,
        },
        "date": kit.day.isoformat(),
        "fleet": roster.path.name,
        "summary": {
            "platforms": counted.platforms,
            "states": {
                state: counted.states[state]
                for state in (line.DONE, line.LOST, line.REFUSED, line.PENDING)
            },
            "verdicts": {
                verdict: counted.verdicts[verdict]
                for verdict in ("non-compliant", "undetermined", "compliant")
            },
            "failed": {s.value: counted.failed[s.value] for s in Severity},
            "unproven": {s.value: counted.unproven[s.value] for s in Severity},
            "incomplete": counted.incomplete,
            "targets_not_looked_at": counted.not_looked,
        },
        "rules": [_rule(rule, counted.rules[rule.id]) for rule in kit.rules],
        "hosters": [
            {"hoster": name or None, "platforms": counts.total(), **_verdicts(counts)}
            for name, counts in sorted(
                counted.hosters.items(), key=lambda item: (-item[1].total(), item[0])
            )
        ],
    }


def _rule(rule: Rule, counts: Counter[str]) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "theme": rule.theme,
        "severity": rule.severity.value,
        "title": {"fr": rule.title.fr, "en": rule.title.en},
        **{verdict: counts[verdict] for verdict in _RULES},
    }


def _verdicts(counts: Counter[str]) -> dict[str, int]:
    return {v: counts[v] for v in ("non-compliant", "undetermined", "compliant")}


def _write_json(path: Path, head: dict[str, Any], rows: Iterable[dict[str, Any]]) -> None:
    """A row a line, written as it is read."""

    def parts() -> Iterator[str]:
        yield json.dumps(head, indent=2, ensure_ascii=False)[:-2] + ',\n  "platforms": ['
        separator = "\n    "
        for row in rows:
            shown = {key: row[key] for key in _SHOWN if key in row}
            shown["failing"] = row["rules"].get("fail", [])
            yield separator + json.dumps(shown, ensure_ascii=False)
            separator = ",\n    "
        yield "\n  ]\n}\n"

    files.write_whole(path, (part.encode() for part in parts()))


def _write_csv(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    def parts() -> Iterator[str]:
        yield page.csv_line(page.COLUMNS)
        for row in rows:
            yield page.csv_line(page.cells(row))

    files.write_whole(path, (part.encode() for part in parts()))
