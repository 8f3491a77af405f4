"""The web as a visitor meets it: headers, cookies, redirects, pages and forms."""

from gdpr_audit.checks.web.check import CHECK

__all__ = ["CHECK"]
