"""What one address of a port told of its TLS, before it is written down as facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.behaviour import Extras
from gdpr_audit.checks.tls.handshake import Ended
from gdpr_audit.checks.tls.point import Point
from gdpr_audit.checks.tls.sweep import OLD_VERSIONS
from gdpr_audit.checks.tls.version import UNFINISHED, Shown, Version
from gdpr_audit.model import Text

T = TypeVar("T")

NEW, OLD = hello.TLS_1_3, OLD_VERSIONS
UNASKED = Text(
    "non demandé (aucune règle choisie n'en a besoin, ou le temps a manqué)",
    "not asked (no chosen rule needs it, or time ran out)",
)


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """An answer, or why there is none."""

    value: T | None = None
    gap: Text | None = None


@dataclass
class Survey:
    """The answers of one address. `doubt` says why its refusals cannot be relied on."""

    address: str | None
    versions: dict[int, Version] = field(
        default_factory=lambda: {number: Version(number) for number in (NEW, *OLD)}
    )
    ssl_2: Answered[tuple[bool, str]] = field(default_factory=lambda: Answered(gap=UNASKED))
    extras: Answered[Extras] = field(default_factory=lambda: Answered(gap=UNASKED))
    order: dict[int, Answered[bool]] = field(default_factory=dict)
    fallback: Answered[bool] = field(default_factory=lambda: Answered(gap=UNASKED))
    encrypt_then_mac: Answered[bool] = field(default_factory=lambda: Answered(gap=UNASKED))
    ended: dict[int, Ended] = field(default_factory=dict)
    others: list[Ended] = field(default_factory=list)
    leaves_gap: Text | None = None  # why there may be certificates that were not shown
    faults: list[Point] = field(default_factory=list)  # known vulnerabilities that were tried
    doubt: Text | None = UNFINISHED
    reason: Text | None = None  # why nothing was accepted, or nothing is known

    @property
    def accepted(self) -> list[int]:
        """The accepted versions, the newest first."""
        return sorted((n for n, v in self.versions.items() if v.accepted), reverse=True)

    @property
    def below(self) -> list[int]:
        return [n for n in self.accepted if n < NEW]

    @property
    def newest(self) -> str:
        if self.accepted:
            return hello.NAMES[self.accepted[0]]
        return "SSL 2" if self.speaks_ssl_2 else "TLS"

    @property
    def speaks_ssl_2(self) -> bool:
        return self.ssl_2.value is not None and self.ssl_2.value[0]

    @property
    def shown(self) -> list[Shown]:
        """Every chain that was shown, in whichever version; each once."""
        found: dict[tuple[bytes, ...], Shown] = {}
        for version in self.versions.values():
            for chain, shown in version.shown.items():
                found.setdefault(chain, shown)
        for ended in (*self.ended.values(), *self.others):
            if ended.certificates:
                later = Shown(ended.certificates, ended.ocsp, None)
                found.setdefault(ended.certificates, later)
        return list(found.values())
