"""CSV as RFC 4180 has it, in every language, a finding a row; safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import Any

from gdpr_audit.reports import place, view

COLUMNS = (
    "rule", "theme", "verdict", "severity", "strength", "subject_kind", "subject", "file", "line",
    "title", "reasons", "remedy", "articles", "sources", "precedents", "fingerprint",
)  # fmt: skip
#: What a spreadsheet takes for the start of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: The same inside a cell: a French spreadsheet splits on semicolons.
_INNER = re.compile(r"([;,\t]\s*)(?=[=+\-@＝＋－＠])")


def render(document: dict[str, Any]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for finding in document["findings"]:
        writer.writerow(safe(cell) for cell in _row(finding))
    return out.getvalue()


def _row(finding: dict[str, Any]) -> list[str]:
    subject = finding["subject"]
    reasons = " | ".join(
        reason["evidence"]["summary"] if reason["evidence"] else reason["gap"]
        for reason in view.weighed(finding)
    )
    return [
        finding["rule"], finding["theme"], finding["verdict"], finding["severity"],
        finding["strength"] or "", subject["kind"], subject["name"], subject["file"] or "",
        str(place.line(finding) or ""), finding["title"], reasons, finding["remedy"],
        "; ".join(finding["articles"]), "; ".join(finding["sources"]),
        "; ".join(finding["precedents"]), finding["fingerprint"],
    ]  # fmt: skip


def safe(cell: str) -> str:
    """A formula becomes text by an apostrophe, which a spreadsheet does not show."""
    cell = _INNER.sub(r"\1'", cell)
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
