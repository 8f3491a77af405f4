"""What single cells say: days, versions, numbers. None where that is not clear, never a guess."""

from __future__ import annotations

import re
from datetime import date

from gdpr_audit.hds.names import plain
from gdpr_audit.redaction import clean

_MONTH_NAMES = """
janvier january janv jan|fevrier february fevr fev feb|mars march mar|avril april avr apr|mai may|
juin june jun|juillet july juil jul|aout august aug|septembre september sept sep|
octobre october oct|novembre november nov|decembre december dec
"""
_NAMED = enumerate(_MONTH_NAMES.split("|"), start=1)
_MONTHS = {word: month for month, words in _NAMED for word in words.split()}
_ISO = r"(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?:[t ]\d\d:\d\d\S*)?"
_DAY_FIRST = r"(?P<d2>\d{1,2})\s?[/.-]\s?(?P<m2>\d{1,2})\s?[/.-]\s?(?P<y2>20\d\d)"
_WORDED = r"(?P<d3>\d{1,2})(?:er|st|nd|rd|th)?\s+(?:of\s+)?(?P<m3>[a-z]{3,9})\.?,?\s+(?P<y3>20\d\d)"
_MONTH_FIRST = r"(?P<m4>[a-z]{3,9})\.?\s+(?P<d4>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y4>20\d\d)"
_DATES = re.compile(rf"(?<!\d)(?:{_ISO}|{_DAY_FIRST}|{_WORDED}|{_MONTH_FIRST})(?!\d)")
_WORDS_ABOUT = """
le du au des de la jusqu a until valable valid from to date fin debut validite depuis expire expires
issued on the et and
"""
_ABOUT = frozenset(_WORDS_ABOUT.split())
_COUNTRIES = {
    "AT": "autriche austria", "BE": "belgique belgium", "CA": "canada",
    "CH": "suisse switzerland", "CZ": "tchequie czechia", "DE": "allemagne germany",
    "DK": "danemark denmark", "ES": "espagne spain", "FI": "finlande finland", "FR": "france",
    "GB": "royaume-uni united-kingdom uk", "IE": "irlande ireland", "IN": "inde india",
    "IS": "islande iceland", "IT": "italie italy", "JP": "japon japan", "LU": "luxembourg",
    "MA": "maroc morocco", "MC": "monaco", "NL": "pays-bas netherlands", "NO": "norvege norway",
    "PL": "pologne poland", "PT": "portugal", "RO": "roumanie romania", "SE": "suede sweden",
    "TN": "tunisie tunisia", "US": "etats-unis united-states usa",
}  # fmt: skip
_CODES = {name.replace("-", " "): code for code, w in _COUNTRIES.items() for name in w.split()}
_NOTHING = frozenset({"", "n/a", "na", "nc", "n.c.", "n.c", "n.a.", "-", "--", "?", "neant", "/"})
_YES = frozenset({"oui", "yes", "x", "o", "y", "vrai", "true", "1", "ok", "✓", "✔", "☑", "✅"})
_NO = frozenset(
    {"non", "no", "n", "faux", "false", "0", "☐", "❌"}
)  # ✗ and ☒ are either, by who writes them


def tidy(cell: str, limit: int = 1000) -> str:
    """One line of inert text, without what a spreadsheet would take for a formula."""
    text = clean(cell, limit)
    if match := re.fullmatch(r'="([^"]*)"', text):  # how a spreadsheet keeps a number as text
        text = match[1]
    text = re.sub(r"^[=+@\s-]+", "", text)
    return "" if plain(text) in _NOTHING else text


def days(cell: str, *, american: bool = False) -> tuple[date, ...] | None:
    """The days that a cell names: none, one, or two for a period. None for what is unclear.

    `american`: the column has the month first somewhere, so that 03/04/2027 is unclear in it.
    """
    text = plain(" ".join(cell.split())).replace("'", " ")
    if text in _NOTHING or not re.search(r"\w", text):
        return ()
    found = []
    for match in _DATES.finditer(text):
        day = _day(match, american=american)
        if day is None:
            return None
        found.append(day)
    rest = re.findall(r"[^\W_]+", _DATES.sub(" ", text))
    if not 1 <= len(found) <= 2 or any(word not in _ABOUT for word in rest):
        return None
    return tuple(found)


def _day(match: re.Match[str], *, american: bool) -> date | None:
    parts = match.groupdict()
    year = next(int(parts[k]) for k in ("y", "y2", "y3", "y4") if parts[k])
    day = next(int(parts[k]) for k in ("d", "d2", "d3", "d4") if parts[k])
    month = parts["m"] or parts["m2"] or parts["m3"] or parts["m4"]
    number = int(month) if month.isdigit() else _MONTHS.get(month)
    if number is None or (american and parts["m2"] and day <= 12 and day != number):
        return None
    try:
        return date(year, number, day)
    except ValueError:
        return None


def month_first(cell: str) -> bool:
    """Whether a cell is a date with numbers that can only have the month first: 10/31/2027."""
    match = re.fullmatch(r"\s*(\d{1,2})/(\d{1,2})/20\d\d\s*", cell)
    return match is not None and int(match[1]) <= 12 < int(match[2]) <= 31


def referential(cell: str) -> int | None:
    """1 for the référentiel of 2018, 2 for that of 2024. None where neither or both are named."""
    text = re.sub(r"iso\W*(?:iec)?\W*\d+(?:\W+\d{4})?", " ", plain(cell))
    found: set[int] = set()
    for word in re.findall(r"\d+(?:\.\d+)*", text):
        if word == "2018" or re.fullmatch(r"1(?:\.\d)*", word):
            found.add(1)
        elif word in ("2023", "2024") or re.fullmatch(r"2(?:\.\d)*", word):
            found.add(2)
        else:
            return None
    return found.pop() if len(found) == 1 else None


def country(cell: str) -> str | None:
    """The two letters of a country that is given by them or by its name. None for another text."""
    if re.fullmatch("[A-Z]{2}", cell):
        return "GB" if cell == "UK" else cell
    return _CODES.get(" ".join(re.findall(r"[a-z]+", plain(cell))))


def yes_or_no(cell: str) -> bool | None:
    """True, False, or None where a cell says neither. An empty one is not asked about here."""
    text = plain(cell).strip(" .")
    if text in _YES:
        return True
    return False if text in _NO or text in _NOTHING - {"?"} or text in ("—", "–") else None


def web_address(text: str, link: str | None) -> str | None:
    """The web address that a cell shows, else the one that it links to."""
    for given in (text, link or ""):
        if match := re.search(r"https?://[^\s<>\"']{3,2000}", given):
            return match[0].rstrip(".,;)")
    return None
