"""What was found of one version of TLS."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import NamedTuple

from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.answer import Accepted
from gdpr_audit.checks.tls.suites import CURVES, GROUPS
from gdpr_audit.model import Text

SCT_EXTENSION = 18
#: Why there may be more, until a question has come to its end. What is cut short stays so.
UNFINISHED = Text("l'examen a été coupé avant sa fin", "the look was cut short")


class Shown(NamedTuple):
    """One certificate chain as a server sent it. `scts`: in the TLS extension, where seen."""

    certificates: tuple[bytes, ...]
    ocsp: bytes | None
    scts: bool | None


@dataclass
class Version:
    """What was found of one version. With a gap, there may be more than this."""

    number: int
    accepted: bool | None = None
    suites: list[int] = field(default_factory=list)
    order: list[int] = field(default_factory=list)  # those picked one after the other
    heard: asyncio.Event = field(default_factory=asyncio.Event)  # set at the first answer, or gap
    ordered: asyncio.Event = field(default_factory=asyncio.Event)  # set when `order` is complete
    first: Accepted | None = None
    dh_bits: set[int] = field(default_factory=set)
    groups: set[int] = field(default_factory=set)
    signatures: set[int] = field(default_factory=set)
    shown: dict[tuple[bytes, ...], Shown] = field(default_factory=dict)
    why: str = ""
    doubtful: bool = False  # refused at once, by an alert that may speak of the hello's length
    gap: Text | None = UNFINISHED
    groups_gap: Text | None = UNFINISHED
    signatures_gap: Text | None = UNFINISHED

    @property
    def bears_long_lists(self) -> bool:
        """Whether it has answered a hello with every suite in it."""
        return bool(self.order)

    @property
    def name(self) -> str:
        return hello.NAMES[self.number]

    def note(self, answer: Accepted) -> None:
        self.accepted = True
        self.first = self.first or answer
        if answer.suite not in self.suites:
            self.suites.append(answer.suite)
        if answer.dh_bits:
            self.dh_bits.add(answer.dh_bits)
        if answer.group in GROUPS:
            self.groups.add(answer.group)
        if answer.signature is not None:
            self.signatures.add(answer.signature)
        if answer.certificates:
            chain = Shown(answer.certificates, answer.ocsp, SCT_EXTENSION in answer.extensions)
            known = self.shown.get(answer.certificates)
            if known is None or known.ocsp is None:  # some staple only once they are warm
                self.shown[answer.certificates] = chain

    @property
    def leaf_curves(self) -> tuple[int, ...]:
        """The curves of the leaves' keys: TLS 1.2 uses such a leaf only where they are offered."""
        from cryptography import x509  # noqa: PLC0415 - slow to import, and often not needed
        from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - as above

        found = []
        for chain in self.shown:
            try:
                key = x509.load_der_x509_certificate(chain[0]).public_key()
            except ValueError:
                continue  # what cannot be read is told by the certificate's own facts
            if isinstance(key, ec.EllipticCurvePublicKey):
                found += [c for c in CURVES if GROUPS[c].name.lower() == key.curve.name.lower()]
        return tuple(found)
