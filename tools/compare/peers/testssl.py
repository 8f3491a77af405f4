"""testssl.sh, by its JSON; of its sections those that a case's questions need."""

from __future__ import annotations

import json
from pathlib import Path

from tools.compare.model import Case, Lines, questions
from tools.compare.place import Place

#: Its options by group of questions. Protocols come first whatever is asked.
SECTIONS = {
    "Versions": ("-p",),
    "Suites": ("-s", "-f", "-P"),
    "Conduct": ("-R", "-C", "-Z"),
    "Known vulnerabilities": ("-H", "-I", "-BB"),
    "Certificate": ("-S",),
    "Web": ("-h",),
}


def command(path: str, place: Place, case: Case, folder: Path) -> list[str] | None:
    groups = {questions()[q].group for q in case.questions} - {"Exposure"}
    if not groups or place.scheme == "redis":
        return None
    asked = [option for group, options in SECTIONS.items() if group in groups for option in options]
    own = ["--add-ca", str(place.root)] if place.root else []
    return [
        path, "--quiet", "--color", "0", "--warnings", "batch", "--ip", "127.0.0.1",
        "--nodns", "none", *own, *dict.fromkeys(["-p", *asked]),
        "--jsonfile", str(folder / "testssl.json"), place.at,
    ]  # fmt: skip


def read(folder: Path) -> Lines:
    text = (folder / "testssl.json").read_text("utf-8", "replace").strip()
    if not text.endswith("]"):  # it was cut
        text = text.rstrip(", \n") + "]"
    lines = []
    for one in json.loads(text, strict=False):
        lines.append((one["id"], one["finding"].strip()))
        if one["severity"] == "FATAL" or one["id"] in {"scanProblem", "optimal_proto"}:
            lines.append(("problem", one["finding"].strip()))
    return lines
