"""What requirement 31 of the HDS referential puts on a hoster's public page.

One of two fixed sentences (no risk of access imposed by a third country, for a SecNumCloud
offer; no transfer outside the EEA), or the table of chapter 8 with its seven columns, which
states who acts, where and under what (requirements 29 and 30). Such a page does not prove a
certificate.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

RISK_FREE, NO_TRANSFER, TABLE, NONE = "no-third-country-risk", "no-transfer", "table", "none"

_SENTENCES = (
    (
        RISK_FREE,
        "aucun risque d acces impose par la legislation d un pays tiers en violation du droit de "
        "l union",
    ),
    (
        NO_TRANSFER,
        "aucun transfert de donnees de sante a caractere personnel vers un pays tiers a l espace "
        "economique europeen",
    ),
)
#: One word of each column's heading, in order; hosters shorten, misspell and translate them.
_COLUMNS = (
    re.compile(r"\b(raison sociale|denomination|acteur|company|corporate|name|actor|entity)\b"),
    re.compile(r"\brole\b"),
    re.compile(r"\bhds\b"),
    re.compile(r"\b(secnumcloud|snc)\b"),
    re.compile(r"\bactivit"),
    re.compile(r"\b29\b"),
    re.compile(r"\b30\b"),
)
_TABLES = 50  # looked at
_ROWS = 1000  # of a table, looked at
_MOST = 100  # rows kept
_CELL = 120  # characters kept of a cell


@dataclass(frozen=True, slots=True)
class Stated:
    """What was recognised: the first of the sentences, else the table and its rows."""

    form: str
    rows: tuple[str, ...] = ()


def recognise(html: str) -> Stated:
    """What a page states. Bounded by the body that was read; never raises."""
    tree = LexborHTMLParser(html)
    for junk in tree.css("script, style, noscript, template"):
        junk.decompose()
    text = _plain(tree.text(separator=" ") or "")
    for form, sentence in _SENTENCES:
        if sentence in text:
            return Stated(form)
    for table in tree.css("table")[:_TABLES]:
        rows = list(_rows(table))
        for at, cells in enumerate(rows):
            if _is_heading(cells):
                kept = [" | ".join(row) for row in rows[at + 1 :] if len(row) == len(cells)]
                return Stated(TABLE, tuple(kept[:_MOST])) if kept else Stated(NONE)
    return Stated(NONE)


def _rows(table: LexborNode) -> Iterator[list[str]]:
    for row in table.css("tr")[:_ROWS]:
        cells = [c.text(separator=" ", strip=True) or "" for c in row.css("td, th")[:50]]
        yield [" ".join(cell.split())[:_CELL] for cell in cells]


def _is_heading(cells: list[str]) -> bool:
    if len(cells) != len(_COLUMNS):
        return False
    pairs = zip(_COLUMNS, cells, strict=True)
    return all(pattern.search(_plain(cell)) for pattern, cell in pairs)


def _plain(text: str) -> str:
    """Lower case, without accents, punctuation and runs of spaces."""
    bare = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in bare if not unicodedata.combining(c)).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", bare))
