"""What a real browser stores and calls before a choice, after a refusal and after consent."""

from gdpr_audit.checks.browser.check import CHECK

__all__ = ["CHECK"]
