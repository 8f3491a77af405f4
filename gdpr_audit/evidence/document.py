"""A document: what only paper shows. Its digest is kept; what it says is the declarer's word."""

from __future__ import annotations

from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.model import Text


def read(artefact: Artefact) -> Shown:
    """Shows that there is such a file, and nothing of its content. Raises Unreadable."""
    size = artefact.size()
    if not size:
        raise artefact.refuse("le fichier est vide", "the file is empty")
    return Shown(
        Text(
            f"{artefact.name} : document ({size} octets)",
            f"{artefact.name}: document ({size} bytes)",
        )
    )
