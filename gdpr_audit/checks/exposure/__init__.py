"""What is open to anyone and should not be: served paths, ports, imaging, FHIR."""

from gdpr_audit.checks.deferred import Deferred
from gdpr_audit.checks.exposure import facts
from gdpr_audit.model import PLATFORM, TARGET, Check

SITE = Check("exposure", TARGET, facts.SITE, Deferred(f"{__name__}.check:observe"))
FHIR = Check("fhir", TARGET, facts.FHIR, Deferred(f"{__name__}.fhir:observe"))
PORTS = Check(
    "ports", PLATFORM, facts.HOST, Deferred(f"{__name__}.ports:observe"), (facts.HOST_KIND,)
)
