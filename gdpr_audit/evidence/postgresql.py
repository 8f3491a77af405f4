"""PostgreSQL: what `SHOW ALL`, or `SELECT name, setting FROM pg_settings`, prints.

PostgreSQL itself encrypts nothing at rest. Its relatives do, and say so in a setting: EDB and
Fujitsu (`data_encryption_version`), Cybertec (`data_encryption`), Percona's pg_tde.
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
        what = "data_encryption"
    elif _pg_tde(found):
        what = "pg_tde"
    else:
        return Shown(
            Text(
                f"{name} : PostgreSQL sans chiffrement de ses fichiers",
                f"{name}: PostgreSQL without encryption of its files",
            ),
            encrypted=False,
            level="database",
        )
    return Shown(
        Text(f"{name} : PostgreSQL, {what}", f"{name}: PostgreSQL, {what}"),
        encrypted=True,
        level="database",
    )


def _pg_tde(found: Mapping[str, str]) -> bool:
    """New tables are encrypted, and no others may be made."""
    default = found.get("default_table_access_method") == "tde_heap"
    return default or bool(settings.is_on(found.get("pg_tde.enforce_encryption")))
