"""Where data lies and how it is encrypted there: as declared, and as artefacts show."""

from gdpr_audit.checks.deferred import Deferred
from gdpr_audit.checks.storage.facts import FACTS
from gdpr_audit.model import Check

CHECK = Check("storage", "store", FACTS, Deferred(f"{__name__}.observe:observe"))
