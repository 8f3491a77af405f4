"""PostgreSQL: what `SHOW ALL`, or `SELECT name, setting FROM pg_settings`, prints.

PostgreSQL itself encrypts nothing at rest. Its relatives do, and say so in a setting: EDB and
Fujitsu (`data_encryption_version`) and Cybertec (`data_encryption`) for the whole of it; Percona's
pg_tde table by table, which no setting shows.
"""

from __future__ import annotations

from collections.abc import Mapping

from gdpr_audit.evidence import settings
from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.model import Text

#: What every server prints, so that a list without them is of something else.
_KNOWN = ("server_version", "data_directory", "data_checksums", "shared_buffers", "port")


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for what are not a server's settings."""
    found = settings.read(artefact.text())
    if not any(name in found for name in _KNOWN):
        raise artefact.refuse(
            "ce ne sont pas les réglages d'un serveur PostgreSQL (SHOW ALL)",
            "these are not the settings of a PostgreSQL server (SHOW ALL)",
        )
    name = artefact.name
    version = found.get("data_encryption_version")
    if version not in (None, "", "0") or settings.is_on(found.get("data_encryption")):
        return Shown(
            Text(f"{name} : PostgreSQL, data_encryption", f"{name}: PostgreSQL, data_encryption"),
            encrypted=True,
            level="database",
        )
    if _by_table(found):
        return Shown(
            Text(
                f"{name} : des tables peuvent être chiffrées une à une, ce qu'aucun réglage ne dit",
                f"{name}: tables may be encrypted one by one, which no setting tells",
            ),
            level="database",
        )
    return Shown(
        Text(
            f"{name} : PostgreSQL sans chiffrement de ses fichiers",
            f"{name}: PostgreSQL without encryption of its files",
        ),
        encrypted=False,
        level="database",
    )


def _by_table(found: Mapping[str, str]) -> bool:
    """Whether tables may be encrypted one by one.

    Neither `default_table_access_method` nor `pg_tde.enforce_encryption` goes over the tables that
    are there: they are for new ones.
    """
    loaded = "pg_tde" in found.get("shared_preload_libraries", "")
    other = found.get("default_table_access_method", "heap") != "heap"
    return loaded or other or any(key.startswith("pg_tde.") for key in found)
