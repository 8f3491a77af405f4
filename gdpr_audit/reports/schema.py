"""The shape of the audit document, as checked when one is read back and printed by `schema`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from gdpr_audit.model import PLATFORM, TARGET

Scalar = bool | int | float | str | None
VerdictWord = Literal["pass", "fail", "unproven", "not_applicable", "waived", "error"]
SeverityWord = Literal["critical", "high", "medium", "low", "info"]
OriginWord = Literal["declared", "published", "measured"]


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _a_day(given: str) -> str:
    if date.fromisoformat(given).isoformat() != given:  # a week's day is one to it as well
        raise ValueError("expected YYYY-MM-DD")
    return given


def _a_moment(given: str) -> str:
    if not _MOMENT.fullmatch(given):
        raise ValueError("expected a time as RFC 3339 has it, 2026-11-24T12:00:00Z")
    datetime.fromisoformat(given)
    return given


Day = Annotated[str, AfterValidator(_a_day)]
Moment = Annotated[str, AfterValidator(_a_moment)]
#: A rule's or a theme's: it stands in reports as it is.
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TlsProfilePart(Part):
    id: str
    title: str
    version: str


class Tool(Part):
    name: str
    version: str
    rules: str
    hds_list: str
    tls_profile: TlsProfilePart


class MandatePart(Part):
    authorised_by: str
    reference: str


class Counts(Part):
    passed: int = Field(alias="pass")
    fail: int
    unproven: int
    not_applicable: int
    waived: int
    error: int


class ArticleCounts(Part):
    passed: int = Field(alias="pass")
    fail: int
    unproven: int


class Failed(Part):
    critical: int
    high: int
    medium: int
    low: int
    info: int


class Summary(Part):
    verdict: Literal["compliant", "non-compliant", "undetermined"]
    counts: Counts
    failed: Failed
    articles: dict[str, ArticleCounts]
    fine_ceiling_eur: int | None
    interrupted: bool
    late: list[str] = []  # keys of subjects whose time ran out


class CeilingPart(Part):
    paragraph: str
    articles: list[str]
    sum_eur: int
    percent: float
    share_eur: int | None
    ceiling_eur: int
    source: str | None
    note: str | None


class PenalPart(Part):
    article: str
    title: str
    applies_to: str
    prison_years: int
    fine_eur: int
    legal_person_fine_eur: int
    rules: list[str]
    source: str
    note: str | None


class ComparablePart(Part):
    id: str
    date: str
    authority: str
    entity: str
    health: bool
    outcome: str
    amount_eur: int | None
    people: int | None
    rules: list[str] = Field(min_length=1)
    faults: list[str]
    source: str
    note: str | None


class Exposure(Part):
    """What the failures expose to. Ceilings are no forecast."""

    ceilings: list[CeilingPart]
    without_ceiling: list[str]
    turnover_eur: int | None
    public_body: bool | None
    people: int | None
    penal: list[PenalPart]
    comparable: list[ComparablePart]
    cautions: list[str]


class TargetPart(Part):
    url: str
    reached: bool | None
    addresses: list[str]
    seconds: float
    connections: int


class SubjectPart(Part):
    kind: str
    name: str
    file: str | None
    line: int | None


class EvidencePart(Part):
    check: str
    origin: OriginWord
    summary: str
    at: Moment


class ReasonPart(Part):
    fact: str
    must: str
    observed: Scalar | list[str]
    met: bool | None
    evidence: EvidencePart | None
    gap: str | None
    role: str
    offending: list[str]


class FindingPart(Part):
    rule: Id
    theme: Id
    verdict: VerdictWord
    severity: SeverityWord
    subject: SubjectPart
    strength: OriginWord | None
    title: str
    why: str
    remedy: str
    reasons: list[ReasonPart]
    articles: list[str] = Field(min_length=1)
    sources: list[str]
    precedents: list[str]
    fingerprint: str
    known: bool | None = None
    effort: Literal["small", "medium", "large"] | None = None


class WaiverPart(Part):
    rule: Id
    subject: str | None
    reason: str
    approver: str
    expires: Day
    reference: str | None
    state: Literal["applied", "expired", "unmatched"]
    expiring: bool
    waived: int


class StandingPart(Part):
    turnover_eur: int | None
    public_body: bool | None
    country: str | None
    data_subjects: int | None


class BaselinePart(Part):
    digest: str
    date: Day
    platform: str | None = None  # documents of earlier versions have none


class FactPart(Part):
    value: Scalar | list[str] = None
    origin: OriginWord | None = None
    summary: str | None = None
    at: Moment | None = None
    partial: str | None = None
    gap: str | None = None
    broken: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> FactPart:
        if self.gap is None:
            for name in ("value", "origin", "summary", "at"):
                if getattr(self, name) is None:
                    raise ValueError(f"a fact without a gap needs `{name}`")
        return self


class SubjectLine(SubjectPart):
    key: str
    within: str | None


class CensusLine(Part):
    kind: str
    within: str
    found: int
    subjects: list[str] | None = None  # in order; documents of earlier versions have none
    gap: str | None
    broken: bool = False


class AuditDocument(Part):
    """One finished audit."""

    schema_: Literal["gdpr-audit/audit/1"] = Field(alias="schema")
    tool: Tool
    platform: str
    started: Moment
    finished: Moment
    date: Day
    language: Literal["fr", "en"]
    mandate: MandatePart | None
    summary: Summary
    exposure: Exposure | None = None  # documents of earlier versions have none
    targets: list[TargetPart]
    findings: list[FindingPart]
    facts: dict[str, dict[str, dict[str, FactPart]]]
    subjects: list[SubjectLine]
    census: list[CensusLine]
    waivers: list[WaiverPart] = Field(default=[])
    baseline: BaselinePart | None = None
    standing: StandingPart | None = None
    translations: dict[Literal["fr", "en"], dict[str, str]]
    digest: str

    @model_validator(mode="after")
    def _holds_together(self) -> AuditDocument:
        if {*self.translations} != {"fr", "en"} - {self.language}:
            raise ValueError("translations: that of the other language is expected, and it alone")
        lines = {line.key: line for line in self.subjects}
        _subjects(self.subjects, lines)
        _known("summary.late", self.summary.late, lines)
        _known("facts", self.facts, lines)
        for census in self.census:
            _known("census", (census.within, *(census.subjects or ())), lines)
        return self


def _subjects(given: list[SubjectLine], lines: Mapping[str, SubjectLine]) -> None:
    """Raises ValueError where a key is not its subject's, or not all lies within one platform."""
    for line in given:
        if line.key != (line.name if line.kind == TARGET else f"{line.kind}:{line.name}"):
            raise ValueError(f"subjects: {line.key!r} is not the key of that subject")
        if (line.within is None) != (line.kind == PLATFORM):
            raise ValueError(f"subjects: {line.key!r} lies within nothing, or a platform does")
        _known("subjects", () if line.within is None else (line.within,), lines)
        above, seen = line, {line.key}
        while above.within is not None:
            above = lines[above.within]
            if above.key in seen:
                raise ValueError(f"subjects: {line.key!r} lies within itself")
            seen.add(above.key)
            _known("subjects", () if above.within is None else (above.within,), lines)
    if len(lines) != len(given) or sum(one.kind == PLATFORM for one in given) != 1:
        raise ValueError("subjects: one platform is expected, and each subject once")


def _known(where: str, keys: Iterable[str], lines: Mapping[str, SubjectLine]) -> None:
    for key in keys:
        if key not in lines:
            raise ValueError(f"{where}: no subject has the key {key!r}")


def json_schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of the audit document."""
    schema = AuditDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
