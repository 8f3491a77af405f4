"""What travels between the coordinator of a fleet and those who audit for it."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

from gdpr_audit.attribution import Atlas
from gdpr_audit.declaration import Declaration
from gdpr_audit.hds import HosterList
from gdpr_audit.model import Language, Rule, Text
from gdpr_audit.network import Settings
from gdpr_audit.rules.profile import Profile


class Kit(NamedTuple):
    """What all audits of a fleet have in common; it goes to each process once."""

    version: str  # of gdpr-audit: whoever audits must have the same
    rules: tuple[Rule, ...]
    rules_digest: str
    hosters: HosterList
    profile: Profile
    atlas: Atlas
    settings: Settings
    day: date
    language: Language | None  # None: the declaration's own
    timeout: float  # seconds for one target
    ca_certificates: bytes | None = None  # settings.ca_file's content, for other machines
    memory: Path | None = None  # where look-ups are kept; None: where the process is

    @property
    def basis(self) -> str:
        """What audits rest on: the tool, the rules chosen, the list of hosters, the TLS profile."""
        chosen = sorted(rule.id for rule in self.rules)
        told = [self.version, self.rules_digest, chosen, repr(self.hosters), repr(self.profile)]
        return f"sha256:{hashlib.sha256(json.dumps(told).encode()).hexdigest()}"


class Task(NamedTuple):
    """One platform to audit."""

    slug: str
    declaration: Declaration
    known: dict[str, tuple[str, ...]]  # its targets' names and their addresses
    seconds: float  # after which its process is ended
    audits: int  # that run at once, for its share of what all of them use


class Done(NamedTuple):
    """A finished audit: its document, its report, and its line in the fleet's."""

    document: bytes
    report: bytes
    line: dict[str, Any]


class Lost(NamedTuple):
    """An audit that never came to its end, and why."""

    reason: Text


class EngineLost(Exception):
    """Those who audit are out of reach, and stay so; the message says which and for how long."""


class Engine(Protocol):
    """Where audits run. An async context manager; leaving it ends what still runs."""

    @property
    def slots(self) -> int:
        """Audits that may run at once, now."""

    async def run(self, task: Task) -> Done | Lost:
        """One audit. Raises EngineLost."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *failure: object) -> None: ...
