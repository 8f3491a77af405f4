"""The shape of `platform.yaml`. Every key but `platform` may be left out, and is then unproven.

`none` is an answer ("there is none") wherever the types below allow it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from gdpr_audit import siren
from gdpr_audit.declaration.address import NAME_LIMIT, URL_LIMIT, USUAL, host_of

NoneWord = Literal["none"]
Day = date  # a class with a field named `date` cannot name the type


def _country(value: Any) -> Any:
    if value is False:
        raise ValueError('YAML reads NO as "false": write "NO" in quotes')
    return value


Country = Annotated[str, BeforeValidator(_country), Field(pattern="^[A-Z]{2}$")]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]
Count = Annotated[int, Field(ge=0)]
Months = Annotated[int, Field(ge=0, le=2400)]
Activity = Annotated[int, Field(ge=1, le=6)]


def _url(value: Any) -> Any:
    if isinstance(value, str):
        host_of(value)
    return value


Url = Annotated[str, BeforeValidator(_url), Field(max_length=URL_LIMIT)]


def _https(value: Any) -> Any:
    if isinstance(value, str):
        host_of(value)
        if not value.lower().startswith("https://"):
            raise ValueError("a hoster's page is an https:// address")
    return value


HttpsUrl = Annotated[str, BeforeValidator(_https), Field(max_length=URL_LIMIT)]


class Record(BaseModel):
    """A mapping of the file: no key beyond those named, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Controller(Record):
    name: Name | None = None
    country: Country | None = None
    turnover_eur: Count | None = None
    public_body: bool | None = None


class TestAccount(Record):
    username: Name
    password_env: Name | None = None


AudienceName = Literal["patients", "professionals", "administrators"]


class Target(Record):
    url: Url
    kind: Literal["web", "api", "fhir", "dicomweb"] = USUAL
    audience: list[AudienceName] | None = None
    sensitive_pages: list[Name] | None = None
    login_page: Name | None = None
    test_account: TestAccount | None = None


class MandateRecord(Record):
    authorised_by: Name
    reference: Name
    scope: Annotated[list[Name], Field(min_length=1)]
    not_before: date
    not_after: date

    @model_validator(mode="after")
    def _in_order(self) -> MandateRecord:
        if self.not_after < self.not_before:
            raise ValueError("not_after is before not_before")
        return self


class Category(Record):
    name: Name
    retention_months: Months | NoneWord | None = None
    basis: Name | None = None


class Reuse(Record):
    purpose: Literal["none", "research", "statistics"]
    framework: Name | None = None
    authorisation: Name | None = None


class Processing(Record):
    health_data: bool | None = None
    large_scale: bool | None = None
    data_subjects: Count | None = None
    purposes: list[Name] | None = None
    categories: list[Category] | None = None
    article_6_basis: (
        Literal[
            "none",
            "consent",
            "contract",
            "legal-obligation",
            "vital-interests",
            "public-task",
            "legitimate-interests",
        ]
        | None
    ) = None
    article_9_basis: (
        Literal[
            "none", "9-2-a", "9-2-b", "9-2-c", "9-2-d", "9-2-e", "9-2-f", "9-2-g", "9-2-h",
            "9-2-i", "9-2-j",
        ]
        | None
    ) = None  # fmt: skip
    consent_recorded: bool | None = None
    professional_secrecy: bool | None = None
    reuse: Reuse | NoneWord | None = None
    pseudonymised: bool | None = None


class Certificate(Record):
    number: Name | None = None
    activities: list[Activity] | None = None
    referential: Annotated[int, Field(ge=1, le=2)] | None = None
    valid_from: date | None = None
    valid_until: date | None = None


#: The clauses of R.1111-11 CSP by short names, in its order: 1 to 14.
ClauseName = Literal[
    "certificate", "services", "places", "data-subject-rights", "incident-contact", "quality",
    "providers", "access", "changes", "default", "no-other-use", "reversibility", "return",
    "destruction",
]  # fmt: skip
CLAUSES: tuple[str, ...] = get_args(ClauseName)
Clause = Annotated[int, Field(ge=1, le=14)] | ClauseName


class Exemption(Record):
    """Why L.1111-8 asks for no certificate, with the conditions under which it does not."""

    kind: Literal["self-hosting", "ght"]
    own_data: bool | None = None  # self-hosting: of its own patients alone
    own_premises: bool | None = None
    convention: bool | None = None  # GHT: the convention delegates the hosting
    joint_controllers: bool | None = None  # an agreement of article 26 GDPR
    security_measures: bool | None = None


def _siren(value: Any) -> Any:
    """YAML reads nine digits as a number."""
    return f"{value:09d}" if isinstance(value, int) and not isinstance(value, bool) else value


def _checked(value: str) -> str:
    if not siren.checks(value.replace(" ", "")):
        raise ValueError(
            f"{value} is no SIREN: its check digit does not fit the others; copy the nine digits "
            "from the company's legal notice (mentions légales) or its invoice"
        )
    return value


Siren = Annotated[
    str,
    BeforeValidator(_siren),
    Field(pattern=r"^\d{3} ?\d{3} ?\d{3}$"),
    AfterValidator(_checked),
]


class Hoster(Record):
    provider: Name
    siren: Siren | None = None
    exemption: Exemption | None = None
    serves: list[Name] | None = None
    activities: list[Activity] | None = None
    countries: list[Country] | None = None
    certificate: Certificate | NoneWord | None = None
    parent_company_country: Country | None = None
    secnumcloud: bool | None = None
    contract_clauses: bool | list[Clause] | None = None
    transfers_page: HttpsUrl | None = None
    subcontractors: list[Hoster] | None = None


class Throttling(Record):
    max_attempts: Count | None = None
    lockout_minutes: Count | None = None
    delay_seconds: Count | None = None
    captcha: bool | None = None


class PasswordStorage(Record):
    algorithm: Name
    memory_kib: Count | None = None
    iterations: Count | None = None
    parallelism: Count | None = None
    cost: Count | None = None  # bcrypt: the binary logarithm of its rounds
    n: Count | None = None  # scrypt
    r: Count | None = None
    p: Count | None = None
    salted: bool | None = None
    peppered: bool | None = None


class Password(Record):
    min_length: Count | None = None
    classes: Annotated[int, Field(ge=0, le=4)] | None = None
    words: Count | None = None
    blocklist: bool | None = None
    throttling: Throttling | NoneWord | None = None
    storage: PasswordStorage | NoneWord | None = None
    sent_in_clear: bool | None = None


class Session(Record):
    idle_minutes: Count | None = None
    absolute_hours: Count | None = None


Factor = Literal[
    "password", "sms-otp", "email-otp", "totp", "push", "webauthn", "pro-sante-connect", "cps",
    "franceconnect", "certificate",
]  # fmt: skip


class Audience(Record):
    factors: list[Factor] | NoneWord | None = None
    password: Password | None = None
    session: Session | None = None
    shared_accounts: bool | None = None


class Authentication(Record):
    patients: Audience | None = None
    professionals: Audience | None = None
    administrators: Audience | None = None
    access_review_months: Months | NoneWord | None = None


class Encryption(Record):
    level: Literal["volume", "database", "column", "object", "file"] | None = None
    algorithm: Name | None = None
    mode: Name | None = None
    key_bits: Count | None = None


class Keys(Record):
    manager: Literal["hsm", "kms", "vault", "file", "none"] | None = None
    held_by: Name | None = None
    holder_country: Country | None = None
    apart_from_data: bool | None = None
    rotation_months: Months | NoneWord | None = None


class EvidenceFile(Record):
    """An artefact beside the declaration; `aws` has an address and no file."""

    kind: Name
    file: Name | None = None
    address: Name | None = None
    date: Day | None = None  # of a document
    expires: Day | None = None


class Store(Record):
    name: Name
    kind: Literal["database", "volume", "object-store", "file", "backup", "portable"]
    contains: list[Name] | None = None
    provider: Name | None = None
    country: Country | None = None
    encryption: Encryption | NoneWord | None = None
    keys: Keys | None = None
    evidence: list[EvidenceFile] | None = None


class Traceability(Record):
    health_data_access: bool | None = None
    administrator_actions: bool | None = None
    retention_months: Months | NoneWord | None = None
    retention_reason: Name | None = None
    tamper_protected: bool | None = None
    holds_sensitive_data: bool | None = None
    review: Literal["automatic", "manual", "none"] | None = None


class Backups(Record):
    interval_hours: Count | None = None
    isolated_copy: bool | None = None
    last_restore_test: date | NoneWord | None = None


class Resilience(Record):
    backups: Backups | NoneWord | None = None
    continuity_plan: bool | None = None


class Staff(Record):
    trained: bool | None = None
    bound_to_confidentiality: bool | None = None


class Assurance(Record):
    last_penetration_test: date | NoneWord | None = None
    vulnerability_scan_interval_days: Count | NoneWord | None = None
    critical_patch_days: Count | None = None
    staff: Staff | None = None


class Dpia(Record):
    done: bool
    date: Day | None = None


class Processor(Record):
    name: Name
    country: Country | None = None
    purpose: Name | None = None
    article_28_contract: bool | None = None
    transfer_safeguard: Literal["adequacy", "scc", "bcr", "derogation", "none"] | None = None


class Governance(Record):
    record_of_processing: bool | None = None
    dpia: Dpia | NoneWord | None = None
    dpo: Name | None = None
    breach_procedure: bool | None = None
    processors: list[Processor] | None = None


class Paper(Record):
    """A document that shows what is declared elsewhere in the file, at the keys it names."""

    shows: Annotated[list[Name], Field(min_length=1)]
    file: Name
    date: Day | None = None
    expires: Day | None = None


class Platform(Record):
    """One platform's declaration of itself."""

    platform: Name
    language: Literal["fr", "en"] | None = None
    controller: Controller | None = None
    targets: list[Target] | None = None
    mandate: MandateRecord | None = None
    processing: Processing | None = None
    hosting: list[Hoster] | None = None
    authentication: Authentication | None = None
    storage: list[Store] | None = None
    traceability: Traceability | None = None
    resilience: Resilience | None = None
    assurance: Assurance | None = None
    governance: Governance | None = None
    documents: list[Paper] | None = None


def json_schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of the declaration, for editors."""
    schema = Platform.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
