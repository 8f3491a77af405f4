"""What requirement 31 of the HDS referential puts on a hoster's public page.

One of two fixed sentences (no risk of access imposed by a third country, for a SecNumCloud
offer; no transfer outside the EEA), or the table of chapter 8 with its seven columns, which
states who acts, where and under what (requirements 29 and 30). The sentences are fixed in French
alone. Such a page does not prove a certificate.
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
#: What may stand between "ne" and a sentence without denying it: "ne comporte aucun transfert".
_VERBS = """
comporte comportent presente presentent implique impliquent entraine entrainent induit induisent
engendre engendrent donne donnent lieu a fait font objet l d de effectue effectuent effectuons
opere operent operons realise realisent realisons procede procedent procedons est sont existe y
soumis soumise soumises expose exposee exposees en jamais plus donc ainsi
"""
_HARMLESS = re.compile(rf"\b(?:ne|n)(?: (?:{'|'.join(_VERBS.split())}))+(?= |$)")
#: Words around a sentence that deny it, limit it or only hope for it.
_LIMITS = re.compile(
    r"\b(?:pas|ne|n(?! [0-9])|non|ni|si|mais|toutefois|cependant|neanmoins|sauf|hormis"
    r"|garanti\w*|except\w*|sous reserve|exclu(?:e|s|es|re|t|ons|ent)?"
    r"|hors(?! (?:de |d |l |ue\b|eee\b|union\b))"
    r"|objectifs?|vis(?:e|er|ent|ons) a|autres? que|faux|inexacte?)\b"
)
_OPENERS = re.compile(
    r"(?:sauf|hormis|hors|except\w*|toutefois|cependant|neanmoins|mais|sous reserve)\b"
)
_ENDS = re.compile("[.!?\u2029]+")
_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|dl|dd|dt|t[dhr]|table|h[1-6]|section|article|header|footer|main|nav|aside"
    r"|blockquote|figure|form)\b[^<>]*>",
    re.IGNORECASE,
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
    visible: int = 0  # characters of text that a reader is shown


def recognise(html: str) -> Stated:
    """What a page states. Bounded by the body that was read; never raises."""
    tree = _parsed(html)
    visible = len(" ".join((tree.text(separator=" ") or "").split()))
    # blocks end sentences that no full stop ends
    marked = _parsed(_BLOCK.sub("\u2029\\g<0>", html)).text(separator=" ") or ""
    units = [unit for part in _ENDS.split(marked) if (unit := _plain(part))]
    for form, sentence in _SENTENCES:
        if _states(sentence, units):
            return Stated(form, visible=visible)
    for table in tree.css("table")[:_TABLES]:
        rows = list(_rows(table))
        for at, cells in enumerate(rows):
            if _is_heading(cells):
                full = [row for row in rows[at + 1 :] if len(row) == len(cells) and all(row)]
                kept = tuple(" | ".join(row) for row in full[:_MOST])
                return Stated(TABLE if kept else NONE, kept, visible)
    return Stated(NONE, visible=visible)


def _parsed(html: str) -> LexborHTMLParser:
    tree = LexborHTMLParser(html)
    for junk in tree.css("script, style, noscript, template"):
        junk.decompose()
    return tree


def _states(sentence: str, units: list[str]) -> bool:
    """Whether the page says it, and nowhere with words that deny or limit it.

    Where it is said both ways nobody tells of which offer. The words that follow in a sentence of
    their own count where they open it: "Sauf pour le support."
    """
    found = False
    for at, unit in enumerate(units):
        if sentence not in unit:
            continue
        before, *rest = unit.split(sentence)
        following = units[at + 1] if at + 1 < len(units) else ""
        around = [_HARMLESS.sub(" ", part) for part in (before, *rest)]
        if any(map(_LIMITS.search, around)) or _OPENERS.match(following):
            return False
        found = True
    return found


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
