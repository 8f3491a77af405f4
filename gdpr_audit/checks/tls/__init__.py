"""TLS as the target speaks it."""

from gdpr_audit.checks.deferred import Deferred
from gdpr_audit.checks.tls.facts import FACTS, KINDS
from gdpr_audit.model import TARGET, Check

CHECK = Check("tls", TARGET, FACTS, Deferred(f"{__name__}.check:observe"), KINDS, reaches=True)
