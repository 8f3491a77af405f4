"""Who hosts: as declared and listed, and as the network shows."""

from gdpr_audit.checks.deferred import Deferred
from gdpr_audit.checks.hosting import facts
from gdpr_audit.model import PLATFORM, TARGET, Check, KindSpec

HOSTER = Check(
    "hosting",
    PLATFORM,
    facts.HOSTER,
    Deferred(f"{__name__}.hosters:observe"),
    discovers=(KindSpec("hoster", PLATFORM),),
)
SUBCONTRACTOR = Check(
    "subcontractor",
    "subcontractor",
    facts.SUBCONTRACTOR,
    Deferred(f"{__name__}.hosters:observe_subcontractor"),
)
COVERAGE = Check(
    "hosting-coverage", PLATFORM, facts.COVERAGE, Deferred(f"{__name__}.coverage:observe")
)
NETWORK = Check("network", TARGET, facts.NETWORK, Deferred(f"{__name__}.network:observe"))
