"""What a check is handed beside its subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from gdpr_audit.declaration import Declaration
from gdpr_audit.hds import HosterList
from gdpr_audit.model import Subject
from gdpr_audit.network import Door, Settings


@dataclass(frozen=True)
class Session:
    """One audit's means: the declaration, the network door, the list of certified hosters."""

    declaration: Declaration
    door: Door
    settings: Settings
    hosters: HosterList
    day: date
    active: bool = False
    answered: set[Subject] = field(default_factory=set)

    def reached(self, target: Subject) -> None:
        """Note that the target spoke its protocol with us: it counts as looked at."""
        self.answered.add(target)
