"""MySQL and MariaDB: what `SHOW VARIABLES` prints, or the list of tablespaces with ENCRYPTION.

A default for new tables says nothing of the old ones, where tablespaces are not listed: it shows
encryption where it is on, and its absence where it is off. MariaDB's `innodb_encrypt_tables` goes
over the old ones too, as long as encryption threads run.
"""

from __future__ import annotations

import re

from gdpr_audit.evidence import ciphers, settings
from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.model import Text

_KNOWN = ("version", "innodb_version", "datadir", "default_table_encryption",
          "innodb_encrypt_tables", "innodb_redo_log_encrypt")  # fmt: skip
#: Settings that the sentence on them quotes.
_TOLD = ("default_table_encryption", "innodb_encrypt_tables", "innodb_encryption_threads",
         "innodb_redo_log_encrypt", "innodb_encrypt_log")  # fmt: skip
#: A row of INNODB_TABLESPACES: its name, and Y or N at the end or beside it.
_SPACE = re.compile(r"^[\s|]*([\w$#./@-]+/[\w$#./@-]+)\s*[|\t,]\s*(?:.*[|\t,]\s*)?([YN])\s*\|?\s*$")


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for what is neither of the two."""
    text = artefact.text()
    spaces = [m[2] for line in text.splitlines() if (m := _SPACE.match(line[:2000]))]
    found = settings.read(text)
    if spaces:
        return _spaces(artefact, spaces)
    if not any(name in found for name in _KNOWN):
        raise artefact.refuse(
            "ce ne sont pas les variables d'un serveur MySQL ou MariaDB (SHOW VARIABLES)",
            "these are not the variables of a MySQL or MariaDB server (SHOW VARIABLES)",
        )
    maria = settings.is_on(found.get("innodb_encrypt_tables"))
    threads = found.get("innodb_encryption_threads")
    default = settings.is_on(found.get("default_table_encryption"))
    encrypted = bool(default) or (bool(maria) and threads != "0")
    shown = ", ".join(
        f"{key} = {found[key][:40]}"
        for key in _TOLD
        if key in found
    )  # fmt: skip
    words = shown or "aucun réglage de chiffrement"
    english = shown or "no setting of encryption"
    scheme = found.get("file_key_management_encryption_algorithm", "")
    algorithm = mode = None
    if encrypted and scheme.startswith("aes_"):
        algorithm, mode = ciphers.algorithm("aes"), scheme.removeprefix("aes_").upper()
    elif encrypted and default:
        algorithm = "AES"  # InnoDB's own encryption knows no other
    return Shown(
        Text(f"{artefact.name} : {words}", f"{artefact.name}: {english}"),
        encrypted=encrypted,
        level="database",
        algorithm=algorithm,
        mode=mode,
    )


def _spaces(artefact: Artefact, spaces: list[str]) -> Shown:
    clear, count = spaces.count("N"), len(spaces)
    return Shown(
        Text(
            f"{artefact.name} : {count} espaces de tables, dont {clear} non chiffrés",
            f"{artefact.name}: {count} tablespaces, of which {clear} not encrypted",
        ),
        encrypted=not clear,
        level="database",
        algorithm=None if clear else "AES",
    )
