"""What a file is, by its bytes and not by its name; and its text."""

from __future__ import annotations

import re
from pathlib import Path

from gdpr_audit.errors import InputError

_AS_CSV = "open it and save it as CSV (File > Save as > CSV UTF-8), then import that file"
#: What cannot be read, by its first bytes.
_REFUSED = (
    (b"PK\x03\x04", f"a spreadsheet (.xlsx, .ods) or another archive: {_AS_CSV}"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"an old spreadsheet (.xls): {_AS_CSV}"),
    (
        b"%PDF",
        "a PDF: its cells cannot be told apart; save the page that it was printed from, or copy "
        "its table into a spreadsheet and save that as CSV",
    ),
    (b"{\\rtf", "a word processor's file: copy its table into a spreadsheet, saved as CSV"),
)
_UNKNOWN = "neither text nor a web page: save the list as CSV or as a web page"
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|table|dl)\b", re.IGNORECASE)
_MHTML = re.compile(r"(?:from|mime-version|snapshot-content-location):[^\n]*\n", re.IGNORECASE)


def text_of(content: bytes, path: Path) -> tuple[str, str]:
    """A file's text, and the name of its encoding. Raises InputError for what is no text."""
    start = content.lstrip(b" \t\r\n\xef\xbb\xbf")[:16]
    for magic, why in _REFUSED:
        if start.startswith(magic):
            raise InputError(f"{path}: {why}")
    text, encoding = _decoded(content, path)
    odd = sum(map(text.count, map(chr, (*range(9), *range(14, 27), *range(28, 32)))))
    if "\0" in text or odd > len(text) // 100:
        raise InputError(f"{path}: {_UNKNOWN}")
    if _MHTML.match(text) and "boundary=" in text[:4096]:
        raise InputError(
            f"{path}: a web page in one file (.mhtml): save it again as “web page, HTML only”"
        )
    if re.match(r"\s*[\[{]\s*[\"\[{]", text):
        raise InputError(f"{path}: JSON, which is not read: save the list as CSV or as a web page")
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _decoded(content: bytes, path: Path) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # a spreadsheet's “Unicode text”
        try:
            return content.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: {_UNKNOWN}") from error
    for codec, name in (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252")):
        try:
            return content.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path}: {_UNKNOWN}")


def is_html(text: str) -> bool:
    """Whether a text is a web page: it begins with a tag, or has a page's or a table's."""
    return _HTML.search(text[:65536]) is not None or re.match(r"\s*<[a-zA-Z!]", text) is not None
