"""Which column of a table is what, by its header in French or English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from gdpr_audit.hds import activities
from gdpr_audit.hds.importing.shape import Table
from gdpr_audit.hds.names import plain
from gdpr_audit.hds.table import COLUMNS
from gdpr_audit.redaction import clean

ENOUGH = 2  # known columns that make a row a header; one of them the name
FIRST_ROWS = 60  # in which a header is looked for
_MOST_HEADER = 120  # characters; what is longer is a sentence

#: Field, pattern and how sure it is, in the order in which they are tried: “organisme
#: certificateur” before “organisme”, “pays de l'hébergeur” before “hébergeur”.
#: No field: known to be of no use.
_WORDS: tuple[tuple[str, str, int], ...] = (
    ("", r"\b(?:duree|nombre|contact|adresse|address|telephone|tel|phone|e ?mail|courriel|ville)\b"
         r"|\b(?:city|code postal|mise a jour|publication|surveillance|responsable"
         r"|representant)\b", 0),
    ("withdrawn", r"\b(?:retrait|suspension|resiliation|withdraw\w*|revo\w*)\b", 2),
    ("status", r"\b(?:statut|etat|status|state)\b", 2),
    ("transfers_url", r"\b(?:transferts?|transfers?|cartographies?)\b", 2),
    ("siren", r"\b(?:siren|siret|tva|vat)\b", 2),
    ("certificate_number", r"\b(?:n|no|num|numero|number|ref|reference|identifiant|id)\b"
                           r".*\bcertifica\w+|\bcertificate (?:n|no|number|id|ref\w*)\b", 2),
    ("period", r"\b(?:debut|from|du)\b.*\b(?:fin|to|until|au)\b", 2),
    ("valid_from", r"\b(?:debut|delivrance|delivre|obtention|effet|emission|attribution|from|start"
                   r"|starts|issued?|issuance|depuis)\b", 2),
    ("valid_until", r"\b(?:fin|expir\w*|echeance|jusqu\w*|until|expiry|end|ends)\b", 2),
    ("valid_until", r"\b(?:validite|valable|validity|valid)\b", 1),
    ("certification_body", r"\b(?:certificateurs?|certifier|certifying|certification body"
                           r"|organismes? de certification|certified by|certifie par)\b", 2),
    ("name", r"\b(?:organismes? certifies?|raison sociale|denomination)\b", 3),
    ("activities", r"\b(?:activites?|activity|activities|perimetres?|scope|prestations?)\b"
                   r"|\btypes? (?:de certifica\w+|d hebergeu?\w*)|\bcertifica\w+ type\b", 2),
    ("referential", r"\b(?:versions?|referentiels?|referential|standard)\b", 2),
    ("aliases", r"\b(?:alias|aliases|noms? commercia\w+|marques?|sigle|enseigne|autres? noms?"
                r"|trade names?|brands?|other names?|aka)\b", 2),
    ("country", r"\b(?:pays|country)\b", 2),
    ("name", r"\b(?:nom|hebergeurs?|societes?|entreprises?|name|hosters?|company|provider|titulaire"
             r"|prestataire|organi[sz]ation)\b", 2),
    ("certification_body", r"^organismes?$", 1),
    ("transfers_url", r"^url$", 1),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(pattern), sure) for name, pattern, sure in _WORDS)
_OWN = {column.replace("_", " "): column for column in COLUMNS}


@dataclass(slots=True)
class Layout:
    """The header of a table, and which of its columns was taken for what."""

    header: int  # index of its last row
    line: int  # of its first row
    cells: list[str]  # the titles
    fields: dict[str, list[int]]  # several columns may tell of activities
    flags: dict[int, tuple[int, ...]]  # columns of yes and no, and the activities they are of
    ignored: list[str]
    notes: list[str] = field(default_factory=list)

    def titles(self) -> dict[str, str]:
        """What each field was read from, in the header's own words."""
        cells = self.cells
        shown = {
            name: " + ".join(_shown(cells[at]) for at in ats if at < len(cells) and cells[at])
            for name, ats in self.fields.items()
        }
        if self.flags:
            shown["activities"] = " + ".join(_shown(cells[at]) for at in self.flags)
        return shown


@lru_cache(maxsize=1024)
def kind(header: str) -> tuple[str, int]:
    """The field that a header is of, and how sure that is; "" and 0 for none."""
    text = " ".join(re.findall(r"[^\W_]+", plain(header)))
    if not text or len(header) > _MOST_HEADER:
        return "", 0
    if text in _OWN:
        return _OWN[text], 4
    for name, pattern, sure in _PATTERNS:
        if pattern.search(text):
            return name, sure
    return "", 0


@lru_cache(maxsize=1024)
def flag(header: str) -> activities.Reading:
    """The activities that a column of yes and no is of: one, or those of a type of 2018."""
    if len(header) > 4 * _MOST_HEADER or re.search(r"\bactivit[eé]s\b", header, re.IGNORECASE):
        return activities.Reading()
    reading = activities.read(header)
    several = len(reading.activities) > 1 and re.search("h[eé]berge", header, re.IGNORECASE)
    return reading if len(reading.activities) == 1 or several else activities.Reading()


def known(cells: Sequence[str]) -> int:
    """How many fields a row's cells are headers of. 0 where none of them is the name."""
    found = {kind(cell)[0] for cell in cells if not flag(cell).activities} - {""}
    flags = any(flag(cell).activities for cell in cells)
    return len(found) + flags if "name" in found else 0


def score(table: Table) -> int:
    """How many fields the best header of a table knows; 0 where it has no header."""
    best = max((known(row.cells) for row in table.rows[:FIRST_ROWS]), default=0)
    return best if best >= ENOUGH else 0


def layout(table: Table) -> Layout | None:
    """The table's header: the first row that knows most fields. None where there is none."""
    best = score(table)
    if not best:
        return None
    first = next(i for i, row in enumerate(table.rows) if known(row.cells) == best)
    last, cells = _two_lines(table, first)
    found = Layout(last, table.rows[first].line, cells, {}, {}, [])
    sure: dict[str, int] = {}
    for column, cell in enumerate(cells):
        reading = flag(cell)
        if reading.activities:
            found.flags[column] = reading.activities
            found.notes += reading.notes
            continue
        name, strength = kind(cell)
        if not name:
            continue
        if name == "activities" and strength == sure.get(name):
            found.fields[name].append(column)
        elif strength > sure.get(name, 0):
            found.fields[name], sure[name] = [column], strength
    _settle(found)
    _stretch(found, table)
    taken = {column for columns in found.fields.values() for column in columns} | set(found.flags)
    found.ignored = [
        _shown(cell) for column, cell in enumerate(cells) if column not in taken and cell.strip()
    ]
    return found


def _two_lines(table: Table, first: int) -> tuple[int, list[str]]:
    """The last row of a header and its titles: “Validité” may stand above “Début” and “Fin”."""
    above = [" ".join(cell.split()) for cell in table.rows[first].cells]
    after = [at for at in range(first + 1, len(table.rows)) if not table.rows[at].blank]
    if not after:
        return first, above
    below = [" ".join(cell.split()) for cell in table.rows[after[0]].cells[: len(above)]]
    below += [""] * (len(above) - len(below))
    own = [at for at, cell in enumerate(below) if cell and cell != above[at]]
    spanned = all("" in above[at : at + 2] for at in own)  # it, or the next, stands under a title
    known_all = all(kind(below[at])[0] or flag(below[at]).activities for at in own)
    name = next(at for at, cell in enumerate(above) if kind(cell)[0] == "name")
    if not own or not spanned or not known_all or below[name] not in ("", above[name]):
        return first, above
    titles, over = [], ""
    for title, cell in zip(above, below, strict=True):
        over = title or over  # a title stretches over the empty ones to its right
        if not cell or cell == title:
            titles.append(title)
        else:
            titles.append(cell if flag(cell).activities else f"{over} {cell}")
    return after[0], titles


def _stretch(found: Layout, table: Table) -> None:
    """Give days and activities the columns without a title to their right that have cells.

    A title over two columns of days is of a period, and its first day is no end.
    """
    for name in ("valid_from", "valid_until", "activities"):
        columns = found.fields.get(name, [])
        at = columns[-1] + 1 if columns else len(found.cells)
        while at < len(found.cells) and not found.cells[at]:
            if any(row.cells[at : at + 1] > [""] for row in table.rows[found.header + 1 :]):
                columns.append(at)
            at += 1


def _settle(found: Layout) -> None:
    """Drop what cannot be used: columns of yes and no that leave activities out, or a number each.

    An activity without a column is neither held nor not held.
    """
    covered = {activity for activities_ in found.flags.values() for activity in activities_}
    if found.flags and "activities" in found.fields:
        found.notes.append("columns of single activities are left out beside a column of them all")
        found.flags = {}
    elif found.flags and covered != set(activities.ALL):
        missing = ", ".join(str(a) for a in activities.ALL if a not in covered)
        found.notes.append(f"activities left empty: there is no column for {missing}")
        found.flags = {}
    if "period" in found.fields:
        period = found.fields.pop("period")
        found.fields.setdefault("valid_until", period)


def _shown(cell: str) -> str:
    return clean(cell, 60)
