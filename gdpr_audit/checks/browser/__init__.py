"""What a real browser stores and calls before a choice, after a refusal and after consent."""

from gdpr_audit.checks.browser.facts import FACTS
from gdpr_audit.checks.deferred import Deferred
from gdpr_audit.model import TARGET, Check

CHECK = Check("browser", TARGET, FACTS, Deferred(f"{__name__}.check:observe"))
