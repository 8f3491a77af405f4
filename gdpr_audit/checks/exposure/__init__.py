"""What is open to anyone and should not be: served paths, ports, imaging, FHIR."""

from gdpr_audit.checks.exposure.check import CHECK as SITE
from gdpr_audit.checks.exposure.fhir import CHECK as FHIR
from gdpr_audit.checks.exposure.ports import CHECK as PORTS

__all__ = ["FHIR", "PORTS", "SITE"]
