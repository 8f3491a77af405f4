"""Recognises personal data in the beginning of a file, by kind and count. Keeps none of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

ROWS = 2  # rows about people that prove it; one address with its telephone may be the imprint

_NIR = re.compile(
    r"(?<!\d)([1-478])[ .]?(\d{2})[ .]?(\d{2})[ .]?(\d{2}|2[AB])"
    r"[ .]?(\d{3})[ .]?(\d{3})[ .]?(\d{2})(?!\d)"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[a-zA-Z]{2,24}\b")
_PHONE = re.compile(r"(?<![\d.])(?:\+33[ .]?|0033[ .]?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)")
_DATE = re.compile(r"\b(?:19|20)\d\d-\d\d-\d\d\b|\b\d\d[/.]\d\d[/.](?:19|20)\d\d\b")
_OUTCOME = re.compile(r"\b(?:posi?ti(?:f|ve|v)|n[ée]gati(?:f|ve|v)|pos|neg)\b", re.IGNORECASE)
#: What a file calls its columns or keys.
_NAMES = re.compile(
    r"\b_?(?:nom|pr[ée]nom|last_?name|first_?name|surname|family|given|patient(?:_?name)?|name)_?\b",
    re.IGNORECASE,
)
_BIRTH = re.compile(r"naiss|birth|\bdob\b|\bddn\b|\bn[ée]e? le\b", re.IGNORECASE)
_RESULTS = re.compile(r"r[ée]sult|analys|diagnos|serolog|s[ée]rolog|\bpcr\b|\btest", re.IGNORECASE)
_MONTHS = frozenset((*range(1, 13), *range(20, 43), *range(50, 100)))


@dataclass(frozen=True, slots=True)
class Counted:
    """How many of each kind; `rows` are those that say something of one person."""

    nirs: int = 0
    emails: int = 0
    phones: int = 0
    births: int = 0
    results: int = 0
    rows: int = 0

    @property
    def proven(self) -> bool:
        return self.nirs > 0 or self.rows >= ROWS

    def __str__(self) -> str:
        """`NIR x 3, e-mail x 12`, as the value of the fact has it."""
        named = (
            ("NIR", self.nirs),
            ("e-mail", self.emails),
            ("tel", self.phones),
            ("date of birth", self.births),
            ("result", self.results),
        )
        return ", ".join(f"{name} x {count}" for name, count in named if count)


def is_nir(match: re.Match[str]) -> bool:
    """Whether month and check key (97 - n mod 97, with 2A as 19 and 2B as 18) are right."""
    sex, year, month, department, commune, order, key = match.groups()
    if int(month) not in _MONTHS:
        return False
    number = sex + year + month + {"2A": "19", "2B": "18"}.get(department, department)
    return 97 - int(number + commune + order) % 97 == int(key)


def count(text: str) -> Counted:
    """What is in `text`. A row needs a NIR, e-mail and telephone, or a name and one thing more."""
    named, births, results = (bool(words.search(text)) for words in (_NAMES, _BIRTH, _RESULTS))
    total = dict.fromkeys(("nirs", "emails", "phones", "births", "results", "rows"), 0)
    for row in _rows(text):
        seen = {
            "nirs": sum(is_nir(match) for match in _NIR.finditer(row)),
            "emails": len(_EMAIL.findall(row)),
            "phones": len(_PHONE.findall(row)),
            "births": len(_DATE.findall(row)) if births else 0,
            "results": len(_OUTCOME.findall(row)) if results else 0,
        }
        about = any(seen.values())
        one = bool(seen["nirs"] or (seen["emails"] and seen["phones"]) or (named and about))
        for kind, number in (*seen.items(), ("rows", one)):
            total[kind] += number
    return Counted(**total)


def _rows(text: str) -> list[str]:
    """One row a person, as far as the form of the file tells: CSV, SQL, JSON, XML, HTML."""
    start = text.lstrip()[:1]
    if start in ("{", "["):
        return text.split("}")
    if start == "<":
        if re.search(r"<(?:tr|li)\b", text, re.IGNORECASE):
            parts = re.split(r"</(?:tr|li)>", text, flags=re.IGNORECASE)
        else:
            parts = re.split(r"</[\w:.-]+>\s*</[\w:.-]+>", text)
        return [re.sub(r"<[^>]*>", " ", part) for part in parts]
    return [row for line in text.splitlines() for row in re.split(r"\)\s*,\s*\(", line)]
