"""What a platform shows of its encryption at rest, read from real artefacts, offline.

Each kind of artefact is one module with one function, `read(artefact) -> Shown`. Artefacts hold
secrets: nothing of them is kept but the facts, and no error quotes their content.
"""

from __future__ import annotations

from gdpr_audit.evidence.artefact import Artefact, Reader, Shown, Unreadable
from gdpr_audit.evidence.kinds import KINDS, reader_of

__all__ = ["KINDS", "Artefact", "Reader", "Shown", "Unreadable", "reader_of"]
