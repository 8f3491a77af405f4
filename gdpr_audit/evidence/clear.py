"""What is in clear, whatever it is said to be."""

from __future__ import annotations

import re

from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.model import Text

_SAMPLE = 4096  # bytes that are judged readable or not
_FEWEST = 8  # bytes below which nothing can be told


def clear(artefact: Artefact, fr: str, en: str | None = None) -> Shown:
    """A file in clear, of a form that is recognised."""
    name = artefact.name
    return Shown(
        Text(f"{name} : {fr}, non chiffré", f"{name}: {en or fr}, not encrypted"),
        encrypted=False,
        level="file",
    )


def readable(sample: bytes) -> bool:
    """Whether bytes are plainly text. Of cipher text more than half falls outside of it."""
    sample = sample[:_SAMPLE]
    if len(sample) < _FEWEST:
        return False
    try:
        text = sample.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:  # a character that the sample cuts is no fault
            text = sample.decode("latin-1")
            if not all(32 <= byte < 127 or byte in b"\r\n\t" or byte >= 0xA0 for byte in sample):
                return False
            return sum(byte < 127 for byte in sample) > len(sample) * 3 // 4
        text = sample[: error.start].decode("utf-8")
    odd = sum(not (c.isprintable() or c in "\r\n\t\f") for c in text)
    return odd <= len(text) // 50


def coded(sample: bytes) -> bool:
    """Whether text is letters and digits in long lines, as base64 and hexadecimal are."""
    words = sample[:_SAMPLE].split()
    return len(words) > 1 and all(
        len(word) >= 40 and re.fullmatch(rb"[A-Za-z0-9+/_=-]+", word) for word in words[:-1]
    )


def refuse_readable(artefact: Artefact, payload: bytes, form: str) -> Shown | None:
    """What stands behind a header and can be read is not encrypted, whatever the header says."""
    if not readable(payload):
        return None
    name = artefact.name
    return Shown(
        Text(
            f"{name} : en-tête {form}, mais ce qui suit se lit en clair",
            f"{name}: a header of {form}, but what follows can be read",
        ),
        encrypted=False,
        level="file",
    )
