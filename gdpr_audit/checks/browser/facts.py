"""The facts of the browser check: what a real one stores and calls."""

from __future__ import annotations

from gdpr_audit.checks.stating import BOOLEAN, LIST, specs
from gdpr_audit.model import TARGET

FACTS = specs(
    TARGET,
    (
        "browser.cookies_before_choice",
        LIST,
        "Cookies that need consent and are set before any choice (names).",
    ),
    (
        "browser.storage_before_choice",
        LIST,
        "Storage entries that need consent and are written before any choice (names).",
    ),
    (
        "browser.trackers_before_choice",
        LIST,
        "Known trackers that are called before any choice.",
    ),
    ("browser.asks_consent", BOOLEAN, "Whether a dialog asks for consent."),
    (
        "browser.refusal_as_easy",
        BOOLEAN,
        "Whether that dialog's first layer has a refusal beside the acceptance.",
    ),
    (
        "browser.trackers_after_refusal",
        LIST,
        "Trackers called, and cookies that need consent, after a refusal.",
    ),
)
