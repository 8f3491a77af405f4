"""Audits a health platform's security against GDPR articles 32 and 9."""

__version__ = "0.1.0"
