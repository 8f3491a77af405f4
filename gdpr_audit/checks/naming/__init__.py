"""Names and mail as the DNS gives them."""

from gdpr_audit.checks.naming.domain import CHECK as DOMAIN
from gdpr_audit.checks.naming.name import CHECK as NAME

__all__ = ["DOMAIN", "NAME"]
