"""What every process of a fleet needs, made ready once before they are forked.

Each would otherwise take a quarter of a second to import and compile it by its first audit.
"""

import gc
import pkgutil
from importlib import import_module

from gdpr_audit import checks
from gdpr_audit.checks.tls import path
from gdpr_audit.declaration import schema
from gdpr_audit.fleet import work
from gdpr_audit.network import dns, dnssec, http
from gdpr_audit.reports import glossary, html

__all__ = ["dns", "dnssec", "schema", "work"]

for module in pkgutil.walk_packages(checks.__path__, f"{checks.__name__}."):
    import_module(module.name)
for template in html.environment().list_templates(extensions=["j2"]):
    html.environment().get_template(template)
for late in ("anyio._backends._asyncio", "sslyze"):  # which their users import when first needed
    import_module(late)
path.roots(path.mozilla())
http.lenient_context()
glossary.terms()
gc.collect()
gc.freeze()  # what is here is never garbage, and stays shared where nobody looks through it
