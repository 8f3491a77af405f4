"""One store: what is declared of it, what artefacts show in its place, and where they differ."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

from gdpr_audit.checks.geography import in_eea
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Declared, Scribe, months_or_never, not_none, state
from gdpr_audit.checks.storage import pieces
from gdpr_audit.checks.storage.facts import ROWS, SHOWN_AS, algorithm, mode
from gdpr_audit.checks.storage.pieces import Piece, Together
from gdpr_audit.declaration import schema
from gdpr_audit.evidence.ciphers import effective_bits, less
from gdpr_audit.model import Gap, Known, Origin, Statement, Subject, Text

_scribe = Scribe("storage", Origin.DECLARED)


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    record = session.declaration.places[subject].record
    assert isinstance(record, schema.Store)
    found = await pieces.read(record.evidence or [], session)
    level = session.declaration.value(subject, "encryption.level")
    together = Together(found, level)
    for row in ROWS:
        yield _one(row, subject, session, together)
    yield _effective(subject, session, together)
    kdf = together.worst("kdf", None)
    if kdf is None:
        none = Text("aucun artefact ne le montre", "no artefact shows it")
        yield _scribe.gap("store.encryption.kdf", none)
    else:
        yield _shown("store.encryption.kdf", kdf)
    for statement in _evidence(record, subject, session, together):
        yield statement


def _shown(name: str, found: tuple[Any, Piece], value: Any = None) -> Known:
    told, piece = found
    return _scribe.fact(name, told if value is None else value, piece.words, Origin.MEASURED)


def _one(row: Declared, subject: Subject, session: Session, together: Together) -> Known:
    """By an artefact where one shows it, else as declared."""
    attribute = SHOWN_AS.get(row.name)
    given = session.declaration.value(subject, row.key)
    declared = None if given is None else row.read(given)
    found = together.worst(attribute, declared) if attribute else None
    if found is not None:
        value = in_eea(found[0]) if row.name == "store.in_eea" else found[0]
        return _shown(row.name, found, value)
    (statement,) = state(_scribe, (row,), subject, session)
    return statement


def _effective(subject: Subject, session: Session, together: Together) -> Known:
    """XTS uses two keys: `cryptsetup` and the declaration may say 256 or 512 for AES-256."""
    name = "store.effective_key_bits"
    if (found := together.worst("key_bits", None)) is not None:
        return _shown(name, found)
    bits = session.declaration.value(subject, "encryption.key_bits")
    if bits is None:
        return _scribe.gap(name, session.declaration.missing(subject, "encryption.key_bits"))
    given = session.declaration.value(subject, "encryption.mode")
    effective = effective_bits(bits, str(mode(given)) if given else None)
    where = session.declaration.where(subject, "encryption.key_bits")
    summary = Text(
        f"déclaré : clé de {bits} bits, {effective} utiles ({where})",
        f"declared: a key of {bits} bits, {effective} of them count ({where})",
    )
    return _scribe.fact(name, effective, summary)


def _evidence(
    record: schema.Store, subject: Subject, session: Session, together: Together
) -> Iterator[Known]:
    given = bool(together.pieces)
    names = ", ".join(piece.name for piece in together.pieces) or "—"
    what = Text(f"artefacts : {names}", f"artefacts: {names}")
    yield _scribe.fact("store.evidence_given", given, what)
    telling = [p for p in together.pieces if _tells(p, together.level)]
    unread = [piece.gap for piece in together.pieces if piece.gap]
    broken = [piece.gap for piece in together.pieces if piece.gap and piece.broken]
    text = _unshown(record.name, together, what)
    if telling:
        words = telling[0].words
        yield _scribe.fact("store.evidence_shown", value=True, summary=words)
        until = max(piece.until for piece in telling)
        yield _scribe.fact("store.evidence_until", until, words)
    elif unread:
        for name in ("store.evidence_shown", "store.evidence_until"):
            yield Gap(name, (broken or unread)[0], "storage", broken=bool(broken))
    else:
        yield _scribe.fact("store.evidence_shown", value=False, summary=text)
        yield _scribe.fact("store.evidence_until", date.min, text)
    lines, differing = _contradictions(subject, session, together)
    if broken and not lines:
        yield Gap("store.evidence_contradictions", broken[0], "storage", broken=True)
        return
    if given and not unread and not any(_comparable(piece) for piece in together.pieces):
        # what says nothing at all does not agree with what is declared
        yield _scribe.gap("store.evidence_contradictions", text)
        return
    yield _scribe.fact(
        "store.evidence_contradictions",
        tuple(lines),
        differing or what,
        Origin.MEASURED,
        partial=unread[0] if unread else None,
    )


def _unshown(name: str, together: Together, what: Text) -> Text:
    """Why nothing shows it: an artefact of another level says so."""
    silent = together.pieces[0].words if together.pieces else what
    for piece in together.pieces:
        if piece.shown and piece.shown.encrypted and pieces.silent(piece, together.level):
            return Text(
                f"{piece.words.fr} : cela vaut au niveau {piece.shown.level}, et {name} est"
                f" déclaré chiffré au niveau {together.level}",
                f"{piece.words.en}: this holds at the level {piece.shown.level}, and {name} is"
                f" declared encrypted at the level {together.level}",
            )
    return Text(
        f"{silent.fr} : rien n'y montre le chiffrement de {name}",
        f"{silent.en}: nothing in it shows the encryption of {name}",
    )


def _tells(piece: Piece, level: str | None) -> bool:
    """Whether it says something of encryption: an artefact by what it shows, paper by being."""
    if piece.shown is None:
        return False
    if piece.kind == "document":
        return True
    return piece.shown.encrypted is not None and not pieces.silent(piece, level)


def _comparable(piece: Piece) -> bool:
    """Whether it says anything that a declaration says too, of whatever level; paper may."""
    if piece.kind == "document":
        return True
    return any(getattr(piece.shown, name, None) is not None for _, name, _ in _COMPARED)


def _contradictions(
    subject: Subject, session: Session, together: Together
) -> tuple[list[str], Text | None]:
    """Key by key, what is declared and what is shown where that is less; both are quoted.

    Another cipher as good as the declared one (ChaCha20 for AES) contradicts nothing: it is what
    the rules judge, and the evidence names it.
    """
    lines: list[str] = []
    said: list[Text] = []
    for key, attribute, read in _COMPARED:
        given = session.declaration.value(subject, key)
        if given is None:
            continue
        declared = read(given)
        for shown, piece in together.telling(attribute):
            if _agree(key, declared, shown, piece, subject, session):
                continue
            where = session.declaration.where(subject, key)
            lines.append(f"{key}: {_plain(declared)} ≠ {_plain(shown)}")
            said.append(
                Text(
                    f"déclaré : {key} = {_plain(declared)} ({where}) ; montré : {piece.words.fr}",
                    f"declared: {key} = {_plain(declared)} ({where}); shown: {piece.words.en}",
                )
            )
    if not said:
        return lines, None
    return lines, Text(" ; ".join(s.fr for s in said), "; ".join(s.en for s in said))


def _agree(
    key: str, declared: Any, shown: Any, piece: Piece, subject: Subject, session: Session
) -> bool:
    if key == "encryption":
        return bool(shown or not declared)
    if key == "keys.rotation_months":
        return bool(shown <= declared)
    if key == "encryption.key_bits":
        given = session.declaration.value(subject, "encryption.mode")
        effective = effective_bits(declared, str(mode(given)) if given else None)
        raw = piece.shown.raw_bits if piece.shown else None
        return bool(shown >= effective or raw == declared)
    if key in ("encryption.algorithm", "encryption.mode"):
        return not less(declared, shown)
    return bool(declared == shown)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_COMPARED: tuple[tuple[str, str, Any], ...] = (
    ("encryption", "encrypted", not_none),
    ("encryption.algorithm", "algorithm", algorithm),
    ("encryption.mode", "mode", mode),
    ("encryption.key_bits", "key_bits", int),
    ("keys.rotation_months", "rotation_months", months_or_never),
    ("country", "country", str),
)
