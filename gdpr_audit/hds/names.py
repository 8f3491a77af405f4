"""When two names are one company's: exactly, but for what a company's name may be written with.

Case, accents, punctuation and a legal form do not count. Nothing here is fuzzy: one letter more is
another company.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from gdpr_audit.siren import checks as _luhn

#: Legal forms, each with the class in which forms are one: a company that turns from a SAS into a
#: SASU stays itself, a SAS and a GmbH of one name are two.
_FRENCH = {
    "sas": "sas", "sasu": "sas", "sa": "sa", "sarl": "sarl", "eurl": "sarl", "sca": "sca",
    "scs": "scs", "snc": "snc", "sci": "sci", "scop": "scop", "scic": "scic", "gip": "gip",
    "gcs": "gcs", "gie": "gie", "selas": "selas", "selarl": "selarl", "association": "association",
    "asso": "association",
}  # fmt: skip
#: Foreign forms are short, and words or initials elsewhere: they count at a name's end alone.
_FOREIGN = {
    "gmbh": "gmbh", "ug": "ug", "ag": "ag", "kg": "kg", "ohg": "ohg", "se": "se", "inc": "inc",
    "incorporated": "inc", "corp": "inc", "corporation": "inc", "llc": "llc", "llp": "llp",
    "lp": "lp", "ltd": "ltd", "limited": "ltd", "plc": "plc", "pty": "ltd", "bv": "bv", "nv": "nv",
    "spa": "spa", "srl": "srl", "sl": "sl", "slu": "sl", "ab": "ab", "as": "as", "aps": "aps",
    "oy": "oy", "oyj": "oy", "sprl": "srl", "doo": "doo", "kk": "kk", "spzoo": "spzoo", "co": "",
}  # fmt: skip
#: Words that say that it is a company, and not which kind.
_GENERIC = {"societe": "", "groupe": "", "group": "", "company": "", "compagnie": "", "ste": ""}
_LEADING = {**_FRENCH, **_GENERIC}
_TRAILING = {**_FRENCH, **_FOREIGN, **_GENERIC}
_SPELLED = (
    ("societe par actions simplifiee unipersonnelle", "sasu"),
    ("societe par actions simplifiee a associe unique", "sasu"),
    ("sas a associe unique", "sasu"),
    ("societe par actions simplifiee", "sas"),
    ("societe a responsabilite limitee", "sarl"),
    ("societe en nom collectif", "snc"),
    ("societe en commandite par actions", "sca"),
    ("societe anonyme", "sa"),
    ("groupement d interet public", "gip"),
    ("groupement d interet economique", "gie"),
    ("groupement de cooperation sanitaire", "gcs"),
    ("gmbh et co kg", "kg"),
    ("sp z o o", "spzoo"),
    ("sp z oo", "spzoo"),
)  # fmt: skip
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})


def plain(text: str) -> str:
    """Without case, accents and characters that are not seen."""
    text = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return "".join(
        c for c in text if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    )


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart."""

    full: tuple[str, ...]  # all its words
    words: tuple[str, ...]  # without legal form; empty for a name of legal forms alone
    forms: frozenset[str]  # the classes of its legal forms
    joined: str | None  # the words without spaces, where no other company could read the same


def parse(name: str) -> Name:
    text = plain(name).replace("&", " et ").replace("+", " plus ")
    text = re.sub(r"\b(?:[^\W\d_]\.\s?)+(?:[^\W\d_]\b\.?)", _undotted, text)
    text = re.sub(r"\ba/s\b", "as", text)
    chunks = [_words(chunk) for chunk in text.split()]
    full = tuple("et" if word == "and" else word for chunk in chunks for word in chunk)
    words, forms = _without_form(full)
    return Name(full, words, forms, _joined(words, chunks))


def key(name: str) -> tuple[str, ...]:
    """A name's words to compare, without legal form unless it is made of nothing else."""
    parsed = parse(name)
    return parsed.words or parsed.full


def _undotted(match: re.Match[str]) -> str:
    letters = re.sub(r"[.\s]", "", match[0])
    return letters + " " if match[0][-1].isspace() else letters


def _words(chunk: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:@[^\W_]+)*@?", chunk)


def _without_form(full: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    text = f" {' '.join(full)} "
    for spelled, form in _SPELLED:
        text = text.replace(f" {spelled} ", f" {form} ")
    words, forms = text.split(), set[str]()
    for letters in ("s a r l", "s a s u", "s a s", "s a"):
        parts = letters.split()
        if words[-len(parts) :] == parts and len(words) > len(parts):
            words[-len(parts) :] = ["".join(parts)]
    while words and words[-1] in _TRAILING:
        forms.add(_TRAILING[words.pop()])
    while words and words[0] in _LEADING:
        forms.add(_LEADING[words.pop(0)])
    return tuple(words), frozenset(forms - {""})


def _joined(words: tuple[str, ...], chunks: list[list[str]]) -> str | None:
    """“OVH cloud” as “ovhcloud”. None where a join could make another company's name.

    A lone letter is an initial that tells companies apart (“Alpha S”, “Alphas”), but for one that a
    hyphen ties to what follows (“e-santé”); two numbers side by side are not one.
    """
    tied = {chunk[0] for chunk in chunks if len(chunk) > 1}
    alone = [word for word in words if len(word) == 1 and word.isalpha()]
    if len(alone) == len(words) and len(words) > 1:
        return "".join(words)
    if any(word not in tied for word in alone):
        return None
    for left, right in pairwise(words):
        if left[-1].isdigit() and right[0].isdigit():
            return None
    return "".join(words) or None


def number(text: str) -> str | None:
    """The SIREN in a SIREN, a SIRET or a French VAT number. None for what cannot be one."""
    digits = re.sub(r"[\s.\u00a0\u202f-]", "", text).upper()
    if match := re.fullmatch(r"FR([0-9A-HJ-NP-Z]{2})([0-9]{9})", digits):
        siren = match[2]
        if match[1].isdigit() and int(match[1]) != (12 + 3 * (int(siren) % 97)) % 97:
            return None
        return siren if _luhn(siren) else None
    if not re.fullmatch(r"[0-9]{9}|[0-9]{14}", digits):
        return None
    siren = digits[:9]
    # La Poste numbers its many sites by a rule of its own
    if len(digits) == 14 and siren != "356000000" and not _luhn(digits):
        return None
    return siren if _luhn(siren) else None


def looks_like_number(text: str) -> bool:
    """Whether this is written as a SIREN, SIRET or French VAT number, right or wrong."""
    digits = re.sub(r"[\s.\u00a0\u202f-]", "", text).upper()
    return re.fullmatch(r"[0-9]{9}|[0-9]{14}|FR[0-9A-Z]{2}[0-9]{9}", digits) is not None
