"""What became of a waiver, in words. Pure."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from gdpr_audit.model import Text
from gdpr_audit.reports import view
from gdpr_audit.reports.words import word

_MOST = 3  # subjects named
_IN_FULL = Text(
    "le sujet s'écrit en entier et sans joker, tel que «\u00a0{names}\u00a0»",
    "a subject is written in full and without wildcards, such as “{names}”",
)
_BETWEEN = Text("\u00a0», «\u00a0", "”, “")


def state(waiver: dict[str, Any], document: dict[str, Any]) -> str:
    """Its state, and of one that covers nothing the subjects that may have been meant."""
    language = document["language"]
    said = view.states(waiver, lambda key: word(key, language))
    if waiver["state"] != "unmatched" or not waiver["subject"]:
        return said
    failed = [
        finding["subject"]["name"]
        for finding in document["findings"]
        if finding["rule"] == waiver["rule"] and finding["verdict"] in ("fail", "waived")
    ]
    if not failed:
        return said
    names = _BETWEEN.within(language).join(_nearest(waiver["subject"], failed))
    return f"{said}, {_IN_FULL.within(language).format(names=names)}"


def _nearest(given: str, names: list[str]) -> list[str]:
    """Those that are like it in whatever case, with the begin before a wildcard; else the first."""
    known = {name.casefold(): name for name in names}
    meant = given.casefold()
    begin = meant.partition("*")[0]
    like = [name for name in known if "*" in meant and begin and name.startswith(begin)]
    like = like or get_close_matches(meant, known, n=_MOST) or list(known)
    return [known[name] for name in like[:_MOST]]
