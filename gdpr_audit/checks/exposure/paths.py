"""The known paths, from `paths.csv`, and what must be in an answer for it to be the file itself.

`{host}` stands for the host's name. A signature is a pattern of bytes; the kinds without one are
recognised by their form (an index, personal data, a FHIR bundle, DICOM studies).
"""

from __future__ import annotations

import csv
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from posixpath import basename, splitext

from gdpr_audit.checks.exposure import listing, personal
from gdpr_audit.checks.exposure.site import Answer
from gdpr_audit.model import Text

#: Bytes of a body that are read, by kind: as much as recognises it, or counts what is in it.
SIZES = {
    "listing": 4096,
    "backup": 4096,
    "log": 4096,
    "data": 4096,
    "debug": 4096,  # such pages begin with a style sheet
    "console": 4096,
    "study": 2048,
}
SIZE = 1024
_MARKUP = re.compile(rb"\s*<(?:!doctype html|html|head|body|script)\b", re.IGNORECASE)
_PAGES = frozenset({"debug", "console"})  # kinds that are HTML
_SOURCE = re.compile(rb"\s*<\?php\b")  # a program that is served, not run


@dataclass(frozen=True, slots=True)
class Known:
    """One path of one kind."""

    kind: str
    path: str
    signature: re.Pattern[bytes] | None = None

    @property
    def size(self) -> int:
        return SIZES.get(self.kind, SIZE)

    @property
    def accepts(self) -> str:
        own = {"study": "application/dicom+json", "patient": "application/fhir+json"}
        return own.get(self.kind, "*/*")

    @property
    def shape(self) -> tuple[bool, str, bool]:
        """What a server may treat alike: hidden, the extension, a folder."""
        path = self.path.partition("?")[0]
        folder = path.endswith("/")
        last = basename(path.rstrip("/"))
        return "/." in path, "" if folder else splitext(last.lstrip("."))[1], folder


def stranger(shape: tuple[bool, str, bool]) -> str:
    """A path of that shape that nobody made."""
    hidden, extension, folder = shape
    return f"/{'.' * hidden}{secrets.token_hex(8)}{extension}{'/' * folder}"


@cache
def _table() -> tuple[tuple[str, str, str], ...]:
    text = files("gdpr_audit.checks.exposure").joinpath("paths.csv").read_text("utf-8")
    return tuple((r["kind"], r["path"], r["signature"]) for r in csv.DictReader(text.splitlines()))


def known(kind: str, host: str) -> tuple[Known, ...]:
    """The known paths of one kind, on one host."""
    return tuple(
        Known(kind, path.replace("{host}", host), re.compile(words.encode()) if words else None)
        for of, path, words in _table()
        if of == kind and not ("{host}" in path and ":" in host)  # an IPv6 address names no file
    )


def recognised(known: Known, answer: Answer) -> str | None:
    """What shows that the answer is the thing itself, in a few words; None where it is not."""
    if known.kind in _FORMS:
        return _FORMS[known.kind](answer)
    page = known.kind in _PAGES
    if not answer.served or (_SOURCE if page else _MARKUP).match(answer.body):
        return None
    found = known.signature is not None and known.signature.search(answer.body)
    return str(answer.status) if found else None


def _index(answer: Answer) -> str | None:
    names = listing.entries(answer.text) if answer.served else None
    if names is None:
        return None
    return f"names: {len(names)}" if names else "index"


def _people(answer: Answer) -> str | None:
    counted = personal.count(answer.text) if answer.served else personal.Counted()
    return str(counted) if counted.proven else None


def _studies(answer: Answer) -> str | None:
    """Studies, or the statement that none matches (204, or an empty list)."""
    if answer.served and b'"0020000D"' in answer.body:
        return "a study"
    none = answer.status == 204 or (answer.served and "dicom+json" in answer.type)
    return "no study" if none else None


def _patients(answer: Answer) -> str | None:
    return _bundle(answer.body) if answer.served else None


_FORMS: dict[str, Callable[[Answer], str | None]] = {
    "listing": _index,
    "data": _people,
    "study": _studies,
    "patient": _patients,
}


def unread(known: Known, answer: Answer) -> Text | None:
    """Why an answer that calls itself JSON says nothing of patients: it could not be read."""
    if known.kind != "patient" or not answer.served or "json" not in answer.type:
        return None
    path = known.path.partition("?")[0]
    try:
        json.loads(answer.body)
    except (ValueError, RecursionError):
        return Text(f"{path} : JSON illisible", f"{path}: JSON that cannot be read")
    return None


def _bundle(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("resourceType") != "Bundle":
        return None
    total = found.get("total")
    return f"total {total}" if isinstance(total, int) else "bundle"


_TRACES = re.compile(
    rb"You're seeing this error because you have <code>DEBUG = True|Traceback \(most recent call"
    rb" last\)|Werkzeug Debugger|<title>Whoops!|<!-- .{0,80}Exception|Symfony\\Component\\\w+\\Exc"
    rb"|\bat (?:java|javax|org\.apache|org\.springframework)\.[\w.$]+\(|\bat System\.Web\.",
)


def shows_trace(answer: Answer) -> bool:
    """Whether it holds a stack trace or a framework's debug page."""
    return _TRACES.search(answer.body) is not None
