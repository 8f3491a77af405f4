"""The shape of a TLS profile's file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from gdpr_audit.rules.schema import BothLanguages, Day, Record
from gdpr_audit.rules.shape import ID

_Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]*$", max_length=100)]
_Clause = Annotated[str, Field(min_length=1, max_length=100)]
_Id = Annotated[str, Field(pattern=ID, max_length=100)]
_Month = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
_ABSENT: Any = None
_Bound = Annotated[int, Field(ge=1, le=10**9)]


class Listed(Record):
    """What is recommended, and what is tolerated beside it: both are admitted."""

    clause: _Clause
    recommended: Annotated[list[_Word], Field(min_length=1, max_length=500)]
    tolerated: Annotated[list[_Word], Field(max_length=500)] = Field(default=[])

    @model_validator(mode="after")
    def _once(self) -> Listed:
        them = [*self.recommended, *self.tolerated]
        if double := next((item for item in them if them.count(item) > 1), None):
            raise ValueError(f"{double} stands twice")
        return self


class Most(Record):
    clause: _Clause
    at_most: _Bound


class Least(Record):
    clause: _Clause
    at_least: _Bound


class AspectsRecord(Record):
    """What a profile may speak of. An empty key is refused: it would silence rules by accident."""

    versions: Listed = _ABSENT
    suites: Listed = _ABSENT
    groups: Listed = _ABSENT
    signatures: Listed = _ABSENT
    certificate_keys: Listed = _ABSENT
    certificate_rsa_bits: Least = _ABSENT
    certificate_lifetime_days: Most = _ABSENT
    ticket_lifetime_seconds: Most = _ABSENT

    @model_validator(mode="after")
    def _whole(self) -> AspectsRecord:
        given = self.model_fields_set
        if not given:
            raise ValueError("a profile that speaks of nothing judges nothing")
        if "certificate_rsa_bits" in given and "certificate_keys" not in given:
            raise ValueError(
                "certificate_rsa_bits needs certificate_keys beside it, "
                "or every key that is not RSA would be refused"
            )
        return self


class ProfileRecord(Record):
    """One profile's file."""

    id: _Id
    source: _Word
    version: _Word
    date: Day | _Month
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=500)]
    title: BothLanguages
    aspects: AspectsRecord
    clauses: Annotated[dict[_Id, _Clause], Field(max_length=1000)] = Field(default={})
