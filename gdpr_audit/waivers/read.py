"""The file of waivers: YAML, each with a reason, an approver and an end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gdpr_audit import yaml_file
from gdpr_audit.errors import InputError
from gdpr_audit.waivers.apply import Waiver

Words = Annotated[str, Field(min_length=1, max_length=2000)]


def _day(given: object) -> object:
    """In quotes YAML makes a day a string; it is the same day."""
    if not isinstance(given, str):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ValueError("expected a day, YYYY-MM-DD") from None


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    rule: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    subject: Words | None = None
    reason: Words
    approver: Words
    expires: Annotated[date, BeforeValidator(_day)]
    reference: Words | None = None


class _File(BaseModel):
    """Accepted findings."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    waivers: list[_Record]


def read(path: Path, rules: frozenset[str]) -> tuple[Waiver, ...]:
    """The waivers in a file. Raises InputError for one that is wrong or names no rule there is."""
    document = yaml_file.read(path, what="waivers")
    if isinstance(document.data, list):
        raise InputError(f"{document.file}: expected `waivers:` at the top, and the list under it")
    found = []
    for i, record in enumerate(yaml_file.validated(document, _File).waivers):
        if record.rule not in rules:
            raise document.refuse(f"no rule is called {record.rule!r}", "waivers", i, "rule")
        line = document.line("waivers", i)
        where = f"{document.file}:{line}" if line else document.file
        found.append(
            Waiver(
                record.rule,
                record.reason,
                record.approver,
                record.expires,
                record.subject,
                record.reference,
                where,
            )
        )
    return tuple(found)


def json_schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of the file, for editors."""
    schema = _File.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
