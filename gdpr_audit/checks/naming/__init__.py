"""Names and mail as the DNS gives them."""

from gdpr_audit.checks.deferred import Deferred
from gdpr_audit.checks.naming import facts
from gdpr_audit.model import PLATFORM, TARGET, Check

DOMAIN = Check(
    "domain", PLATFORM, facts.DOMAIN, Deferred(f"{__name__}.domain:observe"), (facts.DOMAIN_KIND,)
)
NAME = Check("name", TARGET, facts.NAME, Deferred(f"{__name__}.name:observe"))
