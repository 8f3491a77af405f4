"""TLS as the target speaks it."""

from gdpr_audit.checks.tls.check import CHECK

__all__ = ["CHECK"]
