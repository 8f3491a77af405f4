"""gdpr-audit, as a user calls it; under a mandate where the question needs one."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tools.compare.model import Case, Lines, Mapping, questions
from tools.compare.place import Place

MANDATE = """platform: lab
mandate: {{authorised_by: The lab, reference: compare, scope: ["{host}"],
  not_before: {first}, not_after: {last}}}
targets: {targets}
"""


def program() -> str | None:
    path = Path(sys.executable).parent / "gdpr-audit"
    return str(path) if path.exists() else None


def version(path: str) -> list[str]:
    return [path, "--version"]


def command(path: str, place: Place, case: Case, folder: Path) -> list[str]:
    asked = [
        path, "scan", "--fail-on", "never", "--browser", "none", "--offline", "--lang", "en",
        "-f", "json", "-o", str(folder / "ours.json"),
    ]  # fmt: skip
    if place.root is not None:
        asked += ["--ca-file", str(place.root)]
    if not any(questions()[q].group == "Exposure" for q in case.questions):
        return [*asked, place.url]
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=1), today + timedelta(days=1)
    web = place.scheme in {"http", "https"}
    text = MANDATE.format(
        host=place.host,
        first=first,
        last=last,
        targets=f"[{{url: '{place.url}'}}]" if web else "[]",
    )
    (folder / "platform.yaml").write_text(text, "utf-8")
    return [*asked, "--active", "-d", "platform.yaml"]


def read(folder: Path) -> Lines:
    """(rule, verdict and the first reason) for each finding."""
    document = json.loads((folder / "ours.json").read_text("utf-8"))
    return [(f["rule"], f"{f['verdict']}{_why(f)}") for f in document["findings"]]


def _why(finding: dict[str, object]) -> str:
    reasons = finding["reasons"]
    assert isinstance(reasons, list)
    for reason in reasons:
        evidence = reason["evidence"]
        word = reason["gap"] if finding["verdict"] == "unproven" else None
        word = word or (evidence["summary"] if evidence else None)
        if word:
            return f", {word}"
    return ""


def mappings() -> dict[str, Mapping]:
    """Fail is yes. Pass and not applicable are no; unproven is neither."""
    return {
        id_: Mapping(
            f"^{one.rule}$",
            yes="^fail",
            no="^(pass|not_applicable)",
            unless=f"^{one.rule}: (unproven|error)",
        )
        for id_, one in questions().items()
    }
