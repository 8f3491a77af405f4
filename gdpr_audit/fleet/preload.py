"""What every process of a fleet needs, imported once before they are forked."""

import gc

from gdpr_audit import reports
from gdpr_audit.checks import registry
from gdpr_audit.declaration import schema
from gdpr_audit.fleet import work
from gdpr_audit.network import dns, dnssec, http
from gdpr_audit.reports import html

__all__ = ["dns", "dnssec", "html", "http", "registry", "reports", "schema", "work"]

registry.installed()
gc.collect()
gc.freeze()  # what is imported is never garbage, and stays shared where nobody looks through it
