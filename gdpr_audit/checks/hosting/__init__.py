"""Who hosts: as declared and listed, and as the network shows."""

from gdpr_audit.checks.deferred import Deferred
from gdpr_audit.checks.hosting import facts
from gdpr_audit.model import PLATFORM, TARGET, Check

HOSTER = Check("hosting", "hoster", facts.HOSTER, Deferred(f"{__name__}.declared:observe_hoster"))
SUBCONTRACTOR = Check(
    "subcontractor",
    "subcontractor",
    facts.SUBCONTRACTOR,
    Deferred(f"{__name__}.declared:observe_subcontractor"),
)
COVERAGE = Check(
    "hosting-coverage", PLATFORM, facts.COVERAGE, Deferred(f"{__name__}.declared:observe_coverage")
)
NETWORK = Check("network", TARGET, facts.NETWORK, Deferred(f"{__name__}.network:observe"))
