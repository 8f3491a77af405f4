"""The shape of the audit document, as checked when one is read back and printed by `schema`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Scalar = bool | int | float | str | None
VerdictWord = Literal["pass", "fail", "unproven", "not_applicable", "waived", "error"]
SeverityWord = Literal["critical", "high", "medium", "low", "info"]
OriginWord = Literal["declared", "published", "measured"]


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


class Summary(Part):
    verdict: Literal["compliant", "non-compliant", "undetermined"]
    counts: Counts
    failed: dict[SeverityWord, int]
    articles: dict[str, ArticleCounts]
    fine_ceiling_eur: int | None
    interrupted: bool


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
    at: str


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
    rule: str
    theme: str
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
    rule: str
    subject: str | None
    reason: str
    approver: str
    expires: str
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
    date: str
    platform: str | None = None  # documents of earlier versions have none


class FactPart(Part):
    value: Scalar | list[str] = None
    origin: OriginWord | None = None
    summary: str | None = None
    at: str | None = None
    partial: str | None = None
    gap: str | None = None
    broken: bool = False


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
    started: str
    finished: str
    date: str
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


def json_schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of the audit document."""
    schema = AuditDocument.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
