"""The shape of a rule file; what the facts in it mean is the rule book's to check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gdpr_audit.rules.shape import ID, LONGEST, VERDICTS

Words = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Block = dict[str, Any]
Day = date


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class BothLanguages(Record):
    fr: Words
    en: Words


class SourceRecord(Record):
    id: Words | BothLanguages
    clause: Words | BothLanguages | None = None


class ExampleRecord(BaseModel):
    """`{pass: {fact: value}, date: 2026-01-31, profile: ncsc}`: the verdict is the key."""

    model_config = ConfigDict(strict=True, frozen=True)

    verdict: Literal["pass", "fail", "unproven", "not_applicable"]
    facts: dict[str, Any]
    date: Day | None = None
    profile: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _by_verdict(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            raise ValueError("an example is {pass: {fact: value}}")  # noqa: TRY004 - pydantic's way
        keys = [key for key in given if key not in ("date", "profile")]
        if len(keys) != 1:
            raise ValueError("an example has one verdict, and `date` and `profile` beside it")
        facts = given[keys[0]]
        return {
            "verdict": keys[0],
            "facts": {} if facts is None else facts,
            "date": given.get("date"),
            "profile": given.get("profile"),
        }


class RuleRecord(Record):
    """One rule: when it applies, what it requires, what it cites, what to do."""

    id: Annotated[str, Field(pattern=ID)]
    severity: Literal["critical", "high", "medium", "low", "info"]
    effort: Literal["small", "medium", "large"] | None = None
    subject: Words
    when: Block = Field(default={})
    require: Annotated[Block, Field(min_length=1)]
    articles: Annotated[list[Words], Field(min_length=1)]
    sources: list[SourceRecord] = Field(default=[])
    title: BothLanguages
    why: BothLanguages
    remedy: BothLanguages
    examples: Annotated[list[ExampleRecord], Field(min_length=1)]


def json_schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of a rule file, for editors; examples as they are written."""
    schema = RuleRecord.model_json_schema()
    schema["$defs"]["ExampleRecord"] = {
        "type": "object",
        "description": "One verdict, with the facts that lead to it.",
        "properties": {
            **{verdict: {"type": ["object", "null"]} for verdict in VERDICTS},
            "date": {"type": "string", "format": "date"},
            "profile": {"type": "string"},
        },
        "additionalProperties": False,
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
