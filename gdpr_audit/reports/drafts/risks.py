"""Which of the three feared events a failure opens the way to, as the CNIL's PIA method has them.

Illegitimate access, unwanted change, loss. A theme leads to one; some rules lead to others too.
"""

from __future__ import annotations

from typing import Any

from gdpr_audit.reports import view

RISKS = ("access", "change", "loss")

#: Themes whose failures let somebody read; organisation alone (governance, lawfulness) opens none.
_ACCESS = ("transport", "web", "authentication", "exposure", "storage", "hosting", "naming")
_ALSO: dict[str, tuple[str, ...]] = {
    "change": (
        "access-rights-unreviewed", "cors-any-origin", "csp-missing", "csp-unsafe",
        "dangling-name", "dnssec-broken", "exposed-administration", "exposed-database",
        "exposed-dicom", "exposed-hl7", "exposed-remote-access", "logging-unprotected",
        "patch-delay-excessive", "session-id-weak", "shared-accounts", "software-end-of-life",
        "storage-unauthenticated-mode", "subresource-integrity-missing", "tls-ccs-injection",
        "tls-cbc-cipher", "tls-insecure-renegotiation", "vulnerability-management-missing",
    ),
    "loss": (
        "exposed-administration", "exposed-database", "exposed-remote-access",
        "patch-delay-excessive", "software-end-of-life", "vulnerability-management-missing",
    ),
    "access": (
        "logging-missing", "logging-unprotected", "logging-unreviewed", "patch-delay-excessive",
        "staff-commitment-missing", "vulnerability-management-missing",
    ),
}  # fmt: skip
_DIGEST = ("storage-evidence-missing",)  # says that something is not shown, not that it is open


def failures(document: dict[str, Any], risk: str) -> tuple[view.Folded, ...]:
    """What failed that opens the way to `risk`, the gravest first; waived failures stay open."""
    return view.fold(
        f for f in document["findings"] if f["verdict"] in ("fail", "waived") and _opens(f, risk)
    )


def _opens(finding: dict[str, Any], risk: str) -> bool:
    rule, theme = finding["rule"], finding["theme"]
    if rule in _DIGEST:
        return False
    if rule in _ALSO[risk]:
        return True
    return (risk == "access" and theme in _ACCESS) or (risk == "loss" and theme == "resilience")
