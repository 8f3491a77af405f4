"""InnoDB's tablespaces as a client lists them: `SELECT NAME, ENCRYPTION FROM …INNODB_TABLESPACES`.

Every row counts, a general tablespace's too. Left out are those of the server itself that hold no
row of a table for good: the temporary one and the undo logs, the dictionary (`mysql`), the views
of `sys`. The system tablespace (`innodb_system`) cannot be encrypted, and holds tables where
`innodb_file_per_table` was off when they were made, which the list does not show.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from gdpr_audit import strict_json
from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.model import Text

_NAME, _ENCRYPTION = "NAME", "ENCRYPTION"
_VERTICAL = re.compile(r"^\s*(NAME|ENCRYPTION):[ ]?(.*)$", re.IGNORECASE)
_OTHER_TABLE = ("VARIABLE_NAME",)
_OF_THE_SERVER = re.compile(r"^(?:innodb_temporary|innodb_undo_.*|mysql|sys/.*)$")
_SYSTEM = "innodb_system"


class Space(NamedTuple):
    name: str
    encryption: str  # Y or N as printed; anything else cannot be told


_UNREAD = Space("?", "?")


def read(text: str) -> list[Space]:
    """Every row of the list, in whatever form; none where the text is no such list."""
    if text.lstrip()[:1] == "[":
        return _json(text)
    lines = [line[:2000] for line in text.splitlines()]
    found = _vertical(lines) or _table(lines) or _bare(lines)
    return [*found, _UNREAD] if found and _cut(text, lines) else found


def _cut(text: str, lines: list[str]) -> bool:
    """Whether the list ends before its end: what was cut off may be in clear.

    A table in bars ends in a line of its own. Of others only a row that is cut itself can be told.
    """
    bars = [line.strip()[:1] for line in lines if line.strip()[:1] in ("|", "+")]
    if "+" in bars:
        return bars[-1] != "+"
    last = lines[-1].strip() if lines else ""
    return not text.endswith(("\n", "\r")) and len(_cells(last, _sign(last))) == 1


def shown(artefact: Artefact, spaces: list[Space]) -> Shown:
    """What they show together. Raises Unreadable for a list of the server's own alone."""
    of_data = [one for one in spaces if not _OF_THE_SERVER.match(one.name)]
    if not of_data:
        raise artefact.refuse(
            "aucun espace de tables autre que ceux du serveur",
            "no tablespace but those of the server itself",
        )
    system = any(one.name == _SYSTEM and one.encryption != "Y" for one in of_data)
    kinds = [one.encryption for one in of_data if one.name != _SYSTEM]
    clear, count = kinds.count("N"), len(kinds)
    unknown = count - clear - kinds.count("Y")
    french = f"{count} espaces de tables, dont {clear} non chiffrés"
    english = f"{count} tablespaces, of which {clear} not encrypted"
    if unknown:
        french, english = f"{french} et {unknown} illisibles", f"{english} and {unknown} unreadable"
    if system:
        french += " ; innodb_system ne l'est pas, et la liste ne dit pas s'il tient des tables"
        english += "; innodb_system is not, and the list does not say whether it holds tables"
    encrypted = False if clear else None if unknown or system or not count else True
    return Shown(
        Text(f"{artefact.name} : {french}", f"{artefact.name}: {english}"),
        encrypted=encrypted,
        level="database",
        algorithm="AES" if encrypted else None,  # InnoDB's own encryption knows no other
    )


def _json(text: str) -> list[Space]:
    try:
        given: Any = strict_json.loads(text)
    except ValueError:
        return []
    rows = [
        {str(key).upper(): value for key, value in row.items()}
        for row in (given if isinstance(given, list) else ())
        if isinstance(row, dict)
    ]
    if not any(_NAME in row and _ENCRYPTION in row for row in rows):
        return []
    return [_space(row.get(_NAME), row.get(_ENCRYPTION)) for row in rows]


def _space(name: Any, encryption: Any) -> Space:
    return Space(str(name).strip().lower(), str(encryption).strip().upper())


def _vertical(lines: list[str]) -> list[Space]:
    """`mysql -E`: a line for each column."""
    pairs = [(m[1].upper(), m[2]) for line in lines if (m := _VERTICAL.match(line))]
    names = [value for key, value in pairs if key == _NAME]
    kinds = [value for key, value in pairs if key == _ENCRYPTION]
    if not kinds:
        return []
    rows = sum(line.lstrip().startswith("*") for line in lines)  # *** 2. row ***
    if len(names) != len(kinds) or rows > len(names):
        names, kinds = names or ["?"], [""] * max(len(names), 1)
    return [_space(*one) for one in zip(names, kinds, strict=True)]


def _table(lines: list[str]) -> list[Space]:
    """Below a line with both titles; in bars, tabs or commas."""
    found: list[Space] = []
    titles: list[str] = []
    sign = ""
    for line in lines:
        cells = _cells(line, sign) if titles else []
        own = _cells(line, _sign(line))
        upper = [cell.upper() for cell in own]
        if _NAME in upper and _ENCRYPTION in upper:
            titles, sign = upper, _sign(line)
        elif upper[:1] and upper[0] in _OTHER_TABLE:
            titles = []
        elif titles and len(cells) == len(titles):
            found.append(_space(cells[titles.index(_NAME)], cells[titles.index(_ENCRYPTION)]))
        elif len(cells) > 1:
            found.append(_UNREAD)  # a row that cannot be read is not left out
    return found


def _bare(lines: list[str]) -> list[Space]:
    """`mysql -N`: rows without titles, of the two columns."""
    rows = [cells for line in lines if len(cells := _cells(line, _sign(line))) > 1]
    if not rows or any(len(cells) != 2 or cells[1] not in ("Y", "N") for cells in rows):
        return []
    return [_space(*cells) for cells in rows]


def _sign(line: str) -> str:
    """What parts the cells of a line."""
    return next((sign for sign in "|\t," if sign in line.strip()), "\t")


def _cells(line: str, sign: str) -> list[str]:
    bare = line.strip()
    if not bare or bare.startswith("+-"):
        return []
    if sign == "|":
        bare = bare.removeprefix("|").removesuffix("|")
    return [cell.strip().strip('"') for cell in bare.split(sign)]
