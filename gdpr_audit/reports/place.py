"""Where a finding lies: the line of the declaration at fault, else the subject's own. Pure."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def line(finding: dict[str, Any]) -> int | None:
    """The line to mend, from 1; None where the declaration says nothing of it.

    What is declared says its line at its end, as `(platform.yaml:37)`. Only what is declared is
    read for one: what a target says of itself is no line of ours.
    """
    subject = finding["subject"]
    if subject["file"]:
        named = re.compile(rf"\({re.escape(subject['file'])}:(\d{{1,7}})\)")
        for reason in finding["reasons"]:
            evidence = reason["evidence"]
            told = reason["met"] is False and evidence and evidence["origin"] == "declared"
            if told and (found := named.search(evidence["summary"])):
                return int(found[1])
    own: int | None = subject["line"]
    return own


def uri(name: str) -> str:
    """A file's name or a subject's as a reference without a scheme.

    GitHub refuses a whole upload for one `https:`. A colon of any kind would be read as the end of
    a scheme (`localhost:8443`), so that none is left.
    """
    bare = _SCHEME.sub("", name)
    return quote(re.sub("^//+", "/", bare), safe="/") or "-"
