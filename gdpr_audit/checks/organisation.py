"""What the platform declares of its law, its organisation and its upkeep."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

from gdpr_audit.checks.geography import in_eea
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import (
    BOOLEAN,
    DATE,
    INTEGER,
    TEXT,
    Declared,
    Scribe,
    as_is,
    day_or_never,
    declared_check,
    months_or_never,
    not_none,
    state,
    unless_none,
)
from gdpr_audit.model import (
    PLATFORM,
    Check,
    FactSpec,
    Origin,
    Statement,
    Subject,
    Text,
    Value,
)


def _done(value: Any) -> Value:
    return bool(value != "none" and value.done)


def _purpose(value: Any) -> Value:
    return "none" if value == "none" else str(value.purpose)


def _framed(value: Any) -> Value:
    if value == "none":
        return False
    return bool({value.framework, value.authorisation} - {None, "none"})


LAWFULNESS = (
    Declared("processing.health_data", BOOLEAN, "processing.health_data",
             "Whether health data is processed."),
    Declared("processing.large_scale", BOOLEAN, "processing.large_scale",
             "Whether the processing is on a large scale."),
    Declared("processing.data_subjects", INTEGER, "processing.data_subjects",
             "How many people are concerned."),
    Declared("processing.article_6_basis", TEXT, "processing.article_6_basis",
             "The legal basis of article 6 GDPR; `none` where there is none."),
    Declared("processing.article_9_basis", TEXT, "processing.article_9_basis",
             "The exception of article 9(2) GDPR, as 9-2-h; `none` where there is none."),
    Declared("processing.consent_recorded", BOOLEAN, "processing.consent_recorded",
             "Whether proof of explicit consent is kept."),
    Declared("processing.professional_secrecy", BOOLEAN, "processing.professional_secrecy",
             "Whether those who process are bound to professional secrecy."),
    Declared("processing.reuse_purpose", TEXT, "processing.reuse",
             "What the data is reused for: none, research or statistics.", _purpose),
    Declared("processing.reuse_framed", BOOLEAN, "processing.reuse",
             "Whether the reuse has a reference methodology or an authorisation.", _framed),
    Declared("processing.pseudonymised", BOOLEAN, "processing.pseudonymised",
             "Whether health data is pseudonymised."),
)  # fmt: skip

GOVERNANCE = (
    Declared("controller.public_body", BOOLEAN, "controller.public_body",
             "Whether the controller is a public authority or body."),
    Declared("governance.record_of_processing", BOOLEAN, "governance.record_of_processing",
             "Whether a record of processing is kept."),
    Declared("governance.dpia_done", BOOLEAN, "governance.dpia",
             "Whether an impact assessment was done.", _done),
    Declared("governance.dpo", BOOLEAN, "governance.dpo",
             "Whether a data protection officer is named.", not_none),
    Declared("governance.breach_procedure", BOOLEAN, "governance.breach_procedure",
             "Whether there is a procedure to notify a breach within 72 hours."),
)  # fmt: skip

TRACEABILITY = (
    Declared("logging.health_data_access", BOOLEAN, "traceability.health_data_access",
             "Whether accesses to health data are logged."),
    Declared("logging.administrator_actions", BOOLEAN, "traceability.administrator_actions",
             "Whether administrators' actions are logged."),
    Declared("logging.retention_months", INTEGER, "traceability.retention_months",
             "Months that logs are kept; 0 where none is kept.",
             lambda value: 0 if value == "none" else as_is(value)),
    Declared("logging.tamper_protected", BOOLEAN, "traceability.tamper_protected",
             "Whether logs are safe from those whose actions they record."),
    Declared("logging.holds_sensitive_data", BOOLEAN, "traceability.holds_sensitive_data",
             "Whether logs hold passwords, NIRs or health data."),
    Declared("logging.review", TEXT, "traceability.review",
             "How logs are looked at: automatic, manual or none."),
)  # fmt: skip

RESILIENCE = (
    Declared("backups.exist", BOOLEAN, "resilience.backups",
             "Whether health data is backed up at all.", not_none),
    Declared("backups.interval_hours", INTEGER, "resilience.backups.interval_hours",
             "Hours between two backups."),
    Declared("backups.isolated_copy", BOOLEAN, "resilience.backups.isolated_copy",
             "Whether one copy is offline or immutable."),
    Declared("backups.last_restore_test", DATE, "resilience.backups.last_restore_test",
             "Day of the last restore test; the first of all days where there was none.",
             day_or_never),
    Declared("resilience.continuity_plan", BOOLEAN, "resilience.continuity_plan",
             "Whether there is a business-continuity plan."),
)  # fmt: skip

ASSURANCE = (
    Declared("assurance.last_penetration_test", DATE, "assurance.last_penetration_test",
             "Day of the last penetration test; the first of all days where there was none.",
             day_or_never),
    Declared("assurance.scan_interval_days", INTEGER, "assurance.vulnerability_scan_interval_days",
             "Days between two vulnerability scans; 9999 where there are none.", months_or_never),
    Declared("assurance.critical_patch_days", INTEGER, "assurance.critical_patch_days",
             "Days until a critical patch is applied."),
    Declared("assurance.staff_trained", BOOLEAN, "assurance.staff.trained",
             "Whether those with access are trained."),
    Declared("assurance.staff_bound", BOOLEAN, "assurance.staff.bound_to_confidentiality",
             "Whether those with access are bound to confidentiality."),
    Declared("authentication.access_review_months", INTEGER,
             "authentication.access_review_months",
             "Months between two reviews of access rights; 9999 where there are none.",
             months_or_never),
)  # fmt: skip


def _nir(value: Any) -> Value:
    return str(value).strip().lower() in ("nir", "ins")


#: `2019-341/2-1`: the decree, its article and the case in it.
_NIR_CASE = re.compile(r"^2019-341/\d+(-[\w.°]+)+$", re.IGNORECASE)


def _nir_case(value: Any) -> Value:
    return _NIR_CASE.match(str(value).strip()) is not None


PROCESSOR = (
    Declared("processor.contract", BOOLEAN, "article_28_contract",
             "Whether the processor has an article 28 contract."),
    Declared("processor.country", TEXT, "country", "The processor's country, ISO 3166-1."),
    Declared("processor.in_eea", BOOLEAN, "country",
             "Whether the processor's country is in the European Economic Area.", in_eea),
    Declared("processor.transfer_safeguard", TEXT, "transfer_safeguard",
             "What covers a transfer out of the EEA: adequacy, scc, bcr, derogation or none."),
)  # fmt: skip

CATEGORY = (
    Declared("category.name", TEXT, "name", "The category of data, as named: health, nir …"),
    Declared("category.is_nir", BOOLEAN, "name",
             "Whether the category is the NIR, or the INS that is made of it.", _nir),
    Declared("category.nir_case_named", BOOLEAN, "basis",
             "Whether the basis names a case of decree 2019-341, as 2019-341/2-1.", _nir_case),
    Declared("category.retention_months", INTEGER, "retention_months",
             "Months that the category is kept; no value where none is set.", unless_none),
    Declared("category.retention_defined", BOOLEAN, "retention_months",
             "Whether a retention period is set for the category.", not_none),
    Declared("category.basis", TEXT, "basis",
             "The legal ground named for the category, as 2019-341/2-1 for the NIR."),
)  # fmt: skip

_ROWS = LAWFULNESS + GOVERNANCE + TRACEABILITY + RESILIENCE + ASSURANCE
_REASON = "logging.retention_reason"
_scribe = Scribe("organisation", Origin.DECLARED)

FACTS = (
    *(FactSpec(row.name, row.type, PLATFORM, row.doc) for row in _ROWS),
    FactSpec(_REASON, BOOLEAN, PLATFORM, "Whether a reason is stated for how long logs are kept."),
)


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    for statement in state(_scribe, _ROWS, subject, session):
        yield statement
    yield _retention_reason(subject, session)


def _retention_reason(subject: Subject, session: Session) -> Statement:
    """A period without a reason beside it is one whose reason was not stated: that is known."""
    value, key = session.declaration.value, "traceability.retention_reason"
    if value(subject, "traceability.retention_months") is None:
        return _scribe.gap(_REASON, session.declaration.missing(subject, key))
    given = value(subject, key)
    where = session.declaration.where(subject, "traceability.retention_months")
    shown = Text(
        f"déclaré : motif de la durée « {given} » ({where})"
        if given
        else f"aucun motif déclaré pour la durée ({where})",
        f"declared: reason for the period “{given}” ({where})"
        if given
        else f"no reason declared for the period ({where})",
    )
    return _scribe.fact(_REASON, given not in (None, "none"), shown)


CHECK = Check("organisation", PLATFORM, FACTS, observe)
PROCESSORS = declared_check("processor", "processor", PROCESSOR)
CATEGORIES = declared_check("category", "category", CATEGORY)
