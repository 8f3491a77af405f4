"""The artefacts of one store, each read once, and what they show together.

Several may speak of one store, each at its own level: that the database engine encrypts nothing
is no word on the volume below it, and an encrypted volume none on the columns above.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from gdpr_audit import evidence
from gdpr_audit.checks.session import Session
from gdpr_audit.declaration import schema
from gdpr_audit.evidence import Artefact, Shown, Unreadable
from gdpr_audit.model import Text

#: Whose addresses say that what boto3 asks for lies outside this machine's own network.
_AWS = "s3.amazonaws.com"
_PURPOSE = "how an AWS account describes a store"

#: Those whose word that nothing is encrypted counts for every level that the store itself has.
_OF_THE_STORE = ("terraform-plan", "cloudformation", "aws", "kubernetes", "encrypted-file")
#: Encryption that is done before the store sees the data.
_BEFORE = ("column", "file")


@dataclass(frozen=True, slots=True)
class Piece:
    """One artefact: what it shows, or why it shows nothing. `until`: a document's last day."""

    kind: str
    name: str
    shown: Shown | None
    gap: Text | None = None
    until: date = date.max
    broken: bool = False  # its reader broke, which is a fault of ours

    @property
    def words(self) -> Text:
        if self.shown is not None:
            return self.shown.words
        return self.gap or Text.same(self.name)


async def read(records: list[schema.EvidenceFile], session: Session) -> list[Piece]:
    """All artefacts that a store names, in their order."""
    return [await _piece(record, session) for record in records]


async def _piece(record: schema.EvidenceFile, session: Session) -> Piece:
    name = record.file or record.kind
    artefact = Artefact(session.declaration.folder / (record.file or ""), name, record.address)
    try:
        if record.kind == "aws":
            shown, digest = await _ask_aws(artefact, session), ""
        else:
            shown, digest = await asyncio.to_thread(_read, record.kind, artefact)
    except Unreadable as error:
        return Piece(record.kind, name, None, error.reason)
    except Exception as error:  # noqa: BLE001 - whatever an artefact makes of its reader
        word = type(error).__name__
        broken = Text(
            f"{name} : son lecteur a échoué ({word})", f"{name}: its reader broke ({word})"
        )
        return Piece(record.kind, name, None, broken, broken=True)
    days = " → ".join(str(day) for day in (record.date, record.expires) if day)
    mark = f" (SHA-256 {digest[:16]}…{', ' if days else ''}{days})" if digest else ""
    words = Text(f"{shown.words.fr}{mark}", f"{shown.words.en}{mark}")
    until = record.expires or date.max
    return Piece(record.kind, name, _with(shown, words), None, until)


async def _ask_aws(artefact: Artefact, session: Session) -> Shown:
    """The one artefact that is asked for: boto3's sockets lead through the door."""
    if session.atlas.offline:
        raise artefact.refuse("pas demandé (--offline)", "not asked for (--offline)")
    from gdpr_audit.evidence import aws  # noqa: PLC0415 - when an account is to be asked

    own = urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).hostname
    async with session.door.browse(own or _AWS, 443, purpose=_PURPOSE) as relay:
        proxy = f"http://{relay.user}:{relay.password}@{relay.host}:{relay.port}"
        return await asyncio.to_thread(aws.read, artefact, proxy)


def _with(shown: Shown, words: Text) -> Shown:
    from dataclasses import replace  # noqa: PLC0415 - here alone

    return replace(shown, words=words)


def _read(kind: str, artefact: Artefact) -> tuple[Shown, str]:
    return evidence.reader_of(kind)(artefact), artefact.digest()


def silent(piece: Piece, level: str | None) -> bool:
    """Whether its word on encryption says nothing of the level that is declared."""
    shown = piece.shown
    if shown is None or shown.encrypted is None:
        return False
    if shown.encrypted:
        # that the volume is encrypted is no word on the column, nor a file on the database
        # (a file that is itself a LUKS volume is both)
        own = {shown.level, "file"} if piece.kind == "encrypted-file" else {shown.level}
        return None not in (level, shown.level) and level not in own
    if level is None:
        # a database's own settings still say nothing of the volume below
        return shown.level == "database" and piece.kind not in _OF_THE_STORE
    if piece.kind in _OF_THE_STORE:
        return level in _BEFORE and piece.kind != "encrypted-file"
    return shown.level != level


@dataclass(frozen=True)
class Together:
    """What the artefacts of one store show, the worst of them first where they differ."""

    pieces: list[Piece]
    level: str | None  # as declared

    def telling(self, attribute: str) -> list[tuple[Any, Piece]]:
        """Each value that is shown of an attribute, and by which artefact."""
        found = []
        for piece in self.pieces:
            if piece.shown is None:
                continue
            # where a store lies is the same at each level
            if attribute != "country" and silent(piece, self.level):
                continue
            value = getattr(piece.shown, attribute)
            if value is not None:
                found.append((value, piece))
        return found

    def worst(self, attribute: str, declared: Any) -> tuple[Any, Piece] | None:
        """The value that the rules judge: of several, the one that is worse than declared."""
        found = self.telling(attribute)
        if not found:
            return None
        order = _ORDER.get(attribute)
        if order is not None:
            return order(found)
        return next((one for one in found if one[0] != declared), found[0])


def _least(found: list[tuple[Any, Piece]]) -> tuple[Any, Piece]:
    return min(found, key=lambda one: one[0])


def _most(found: list[tuple[Any, Piece]]) -> tuple[Any, Piece]:
    return max(found, key=lambda one: one[0])


_ORDER: dict[str, Callable[[list[tuple[Any, Piece]]], tuple[Any, Piece]]] = {
    "encrypted": _least,
    "key_bits": _least,
    "raw_bits": _least,
    "rotation_months": _most,
}
