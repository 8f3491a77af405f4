"""The files of a bundle that follow from an audit document: its reports, facts and evidence."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from gdpr_audit import reports
from gdpr_audit.proof import manifest
from gdpr_audit.reports.table import safe

AUDIT, FACTS, EVIDENCE, README = "audit.json", "facts.json", "evidence.csv", "README.txt"
RULES = "rules/"
PROFILE, HOSTERS, JOURNAL = "tls-profile.yaml", "hds-list.csv", "journal.jsonl"
#: Formats that another machine may write otherwise, by its fonts or its terminal.
_UNEVEN = frozenset({"console", "pdf"})
_COLUMNS = ("subject", "check", "fact", "value", "gap", "origin", "at", "summary", "partial")

_README = """\
FR

Cette archive contient un audit de gdpr-audit et de quoi montrer qu'il n'a pas été modifié.

  audit.json        l'audit, dont tout le reste est tiré
  audit.html        le rapport ; d'autres formats sont à côté si on les a demandés
  facts.json        ce qui a été constaté, par sujet
  evidence.csv      les éléments de preuve, un par ligne
  rules/            les règles, telles qu'elles étaient ce jour-là
  tls-profile.yaml  le guide auquel TLS a été confronté
  hds-list.csv      la liste des hébergeurs certifiés, si l'audit l'a consultée
  journal.jsonl     tout ce qui a été envoyé, si un journal a été tenu
  manifest.json     le SHA-256 de chaque fichier
  manifest.sig      la signature du manifeste (Ed25519), s'il est signé
  manifest.tsr      son horodatage (RFC 3161), s'il est horodaté
  blocks.json       aide à situer une différence dans les trois précédents

Pour vérifier, sur une autre machine et sans réseau :

  gdpr-audit verify audit.zip --key auditeur.pub --lang fr

Sans gdpr-audit : comparer le sha256sum de chaque fichier à manifest.json.

EN

This archive holds an audit by gdpr-audit, and what shows that it was not changed.

  audit.json        the audit, from which all else follows
  audit.html        the report; other formats are beside it where they were asked for
  facts.json        what was found, by subject
  evidence.csv      the evidence, one piece a line
  rules/            the rules as they were on that day
  tls-profile.yaml  the guide that TLS was held against
  hds-list.csv      the list of certified hosters, where the audit consulted it
  journal.jsonl     everything that was sent, where a journal was kept
  manifest.json     the SHA-256 of each file
  manifest.sig      the manifest's signature (Ed25519), where it is signed
  manifest.tsr      its time stamp (RFC 3161), where it is stamped
  blocks.json       helps to find a difference in the three before it

To verify, on another machine and without a network:

  gdpr-audit verify audit.zip --key auditor.pub --lang en

Without gdpr-audit: compare each file's sha256sum with manifest.json.
"""


def of(document: dict[str, Any], kinds: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """The files of a document; `kinds` are the formats of the reports by their files' names.

    Raises InputError for a report that cannot be made here.
    """
    names = dict.fromkeys((README, AUDIT, *kinds, FACTS, EVIDENCE))
    made = {name: reports.content(document, kind) for name, kind in kinds.items()}
    return [(name, made[name] if name in made else _again(document, name)) for name in names]


def again(document: dict[str, Any], name: str, kinds: Mapping[str, str]) -> bytes | None:
    """The file of that name as it follows from the document. None for one that does not."""
    if name in (README, AUDIT, FACTS, EVIDENCE):
        return _again(document, name)
    kind = kinds.get(name)
    if kind is None or kind in _UNEVEN:
        return None
    return reports.content(document, kind)


def _again(document: dict[str, Any], name: str) -> bytes:
    if name == README:
        return _README.encode()
    if name == FACTS:
        return manifest.dumps(document["facts"])
    if name == EVIDENCE:
        return _evidence(document).encode()
    return reports.content(document, "json")


def _evidence(document: dict[str, Any]) -> str:
    """A fact or gap a row, with what it rests on; safe to open in a spreadsheet."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # RFC 4180
    writer.writerow(_COLUMNS)
    for row in _rows(document):
        writer.writerow(safe(cell) for cell in row)
    return out.getvalue()


def _rows(document: dict[str, Any]) -> Iterator[list[str]]:
    for subject, groups in document["facts"].items():
        for check, known in groups.items():
            for fact, one in known.items():
                rest = (one.get(key) or "" for key in ("gap", "origin", "at", "summary", "partial"))
                value = _value(one["value"]) if "value" in one else ""
                yield [subject, check, fact, value, *map(str, rest)]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
