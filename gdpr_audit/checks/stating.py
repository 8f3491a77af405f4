"""Short ways for a check to say what it saw: its facts as a table, its evidence in one call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from gdpr_audit.checks.session import Session
from gdpr_audit.model import (
    Check,
    Evidence,
    Fact,
    FactSpec,
    FactType,
    Gap,
    Known,
    Origin,
    Statement,
    Subject,
    Text,
    Value,
    now,
)
from gdpr_audit.redaction import fit

BOOLEAN, INTEGER, NUMBER = FactType.BOOLEAN, FactType.INTEGER, FactType.NUMBER
TEXT, DATE, LIST = FactType.TEXT, FactType.DATE, FactType.LIST


def specs(subject: str, *rows: tuple[str, FactType, str]) -> tuple[FactSpec, ...]:
    """Rows of name, type, description, as the facts of one kind of subject."""
    return tuple(FactSpec(name, kind, subject, doc) for name, kind, doc in rows)


class Scribe(NamedTuple):
    """Writes facts and gaps in the name of one check."""

    check: str
    origin: Origin = Origin.MEASURED

    def fact(
        self,
        name: str,
        value: Value,
        summary: Text,
        origin: Origin | None = None,
        partial: Text | None = None,
    ) -> Fact:
        seen = Evidence(self.check, origin or self.origin, summary, now())
        return Fact(name, value, seen, partial)

    def gap(self, name: str, reason: Text) -> Gap:
        return Gap(name, reason, self.check)


def as_is(value: Any) -> Value:
    """A declared value in the type that facts have."""
    return tuple(str(item) for item in value) if isinstance(value, list) else value


class Declared(NamedTuple):
    """One fact that the declaration answers: the key, and how its value reads as a fact.

    `read` gets what stands at the key and gives the fact's value; None leaves a gap.
    """

    name: str
    type: FactType
    key: str
    doc: str
    read: Callable[[Any], Value | None] = as_is


def not_none(value: Any) -> bool:
    """`none` is the answer that there is none; anything else that there is one."""
    return bool(value != "none")


def unless_none(value: Any) -> Value | None:
    """The value itself; `none` leaves nothing to compare."""
    return None if value == "none" else as_is(value)


def months_or_never(value: Any) -> Value:
    """A period in months; `none` (never) as a period longer than any."""
    return 9999 if value == "none" else int(value)


def day_or_never(value: Any) -> Value:
    """A date; `none` (never) as a day before all others."""
    return date.min if value == "none" else value


def state(
    scribe: Scribe, rows: tuple[Declared, ...], subject: Subject, session: Session
) -> Iterator[Known]:
    """The facts of `rows` about `subject`, or why they are not known."""
    declaration = session.declaration
    for row in rows:
        given = declaration.value(subject, row.key)
        value = None if given is None else row.read(given)
        if value is None:
            yield scribe.gap(row.name, declaration.missing(subject, row.key))
            continue
        where = declaration.where(subject, row.key)
        shown = _short(given)
        summary = Text(
            f"déclaré : {row.key} = {shown} ({where})", f"declared: {row.key} = {shown} ({where})"
        )
        yield scribe.fact(row.name, value, summary, Origin.DECLARED)


def _short(value: Any) -> str:
    """The value as the declaration writes it, cut at 200 characters."""
    return fit(_written(value), 200)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "model_dump"):
        value = value.model_dump(exclude_unset=True)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_written(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return ", ".join(map(_written, value))
    return str(value)


def declared_check(name: str, subject: str, rows: tuple[Declared, ...]) -> Check:
    """A check that only reads the declaration."""
    scribe = Scribe(name, Origin.DECLARED)

    async def observe(of: Subject, session: Session) -> AsyncIterator[Statement]:
        for statement in state(scribe, rows, of, session):
            yield statement

    facts = tuple(FactSpec(row.name, row.type, subject, row.doc) for row in rows)
    return Check(name, subject, facts, observe)
