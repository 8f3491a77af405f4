"""wapiti with its modules that look and change nothing, by its JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tools.compare.model import Case, Lines, questions
from tools.compare.place import Place

MODULES = ("http_headers", "csp", "cookieflags")


def command(path: str, place: Place, case: Case, folder: Path) -> list[str] | None:
    groups = {questions()[q].group for q in case.questions}
    if "Web" not in groups or place.scheme == "redis":
        return None
    return [
        path, "-u", place.url, "-m", ",".join(MODULES), "--scope", "domain", "--no-bugreport",
        "--max-scan-time", "60", "--flush-session", "--store-session", str(folder / "session"),
        "-f", "json", "-o", str(folder / "wapiti.json"),
    ]  # fmt: skip


def read(folder: Path) -> Lines:
    document = json.loads((folder / "wapiti.json").read_text("utf-8"))
    out = (folder / "wapiti.out").read_text("utf-8", "replace")
    lines = [(f"ran/{name}", "") for name in re.findall(r"Launching module (\w+)", out)]
    for part in ("vulnerabilities", "anomalies", "additionals"):
        for category, found in document.get(part, {}).items():
            lines += [(category, f"{one['info']} ({one['path']})") for one in found]
    return lines
