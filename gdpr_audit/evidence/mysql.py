"""MySQL and MariaDB: what `SHOW VARIABLES` prints, or the list of tablespaces with ENCRYPTION.

MySQL's `default_table_encryption` is for new tables alone: on, it says nothing of the old ones,
and off, nothing of those that were encrypted one by one; the list of tablespaces does. MariaDB's
`innodb_encrypt_tables` goes over the old ones too, as long as encryption threads run.
"""

from __future__ import annotations

from collections.abc import Mapping

from gdpr_audit.evidence import ciphers, settings, tablespaces
from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.model import Text

_KNOWN = ("version", "innodb_version", "datadir", "default_table_encryption",
          "innodb_encrypt_tables", "innodb_redo_log_encrypt")  # fmt: skip
#: Settings that the sentence on them quotes.
_TOLD = ("default_table_encryption", "innodb_encrypt_tables", "innodb_encryption_threads",
         "innodb_redo_log_encrypt", "innodb_encrypt_log")  # fmt: skip


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for what is neither of the two."""
    text = artefact.text()
    if spaces := tablespaces.read(text):
        return tablespaces.shown(artefact, spaces)
    found = settings.read(text)
    if not any(name in found for name in _KNOWN):
        raise artefact.refuse(
            "ce ne sont pas les variables d'un serveur MySQL ou MariaDB (SHOW VARIABLES)",
            "these are not the variables of a MySQL or MariaDB server (SHOW VARIABLES)",
        )
    encrypted = _goes_over_all(found) or None
    told = ", ".join(f"{key} = {found[key][:40]}" for key in _TOLD if key in found)
    french, english = told or "aucun réglage de chiffrement", told or "no setting of encryption"
    if not encrypted:
        french += " ; rien de cela ne dit ce qui vaut pour chaque table"
        english += "; none of it says what holds for each table"
    scheme = found.get("file_key_management_encryption_algorithm", "")
    algorithm = mode = None
    if encrypted and scheme.startswith("aes_"):
        algorithm, mode = ciphers.algorithm("aes"), scheme.removeprefix("aes_").upper()
    return Shown(
        Text(f"{artefact.name} : {french}", f"{artefact.name}: {english}"),
        encrypted=encrypted,
        level="database",
        algorithm=algorithm,
        mode=mode,
    )


def _goes_over_all(found: Mapping[str, str]) -> bool:
    """MariaDB's own setting, with the threads that encrypt what was there before it."""
    threads = found.get("innodb_encryption_threads", "0")
    return settings.is_on(found.get("innodb_encrypt_tables")) is True and threads.strip("0") != ""
