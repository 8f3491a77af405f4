"""The web as a visitor meets it: headers, cookies, redirects, pages, forms, sign-in."""

from gdpr_audit.checks.deferred import Deferred
from gdpr_audit.checks.web import facts
from gdpr_audit.model import TARGET, Check

CHECK = Check(
    "web", TARGET, facts.FACTS, Deferred(f"{__name__}.check:observe"), facts.KINDS, reaches=True
)
LOGIN = Check(
    "login",
    TARGET,
    facts.FORM,
    Deferred(f"{__name__}.login:observe"),
    facts.FORM_KINDS,
    reaches=True,
)
OIDC = Check(
    "oidc",
    TARGET,
    facts.OIDC,
    Deferred(f"{__name__}.oidc:observe"),
    (facts.OIDC_KIND,),
    reaches=True,
)
IDENTITY = Check(
    "identity", "audience", facts.IDENTITY, Deferred(f"{__name__}.oidc:observe_identity")
)
SESSION = Check(
    "session", TARGET, facts.SESSION, Deferred(f"{__name__}.session_id:observe"), reaches=True
)
ACCOUNT = Check(
    "account", TARGET, facts.ACCOUNT, Deferred(f"{__name__}.trial:observe"), reaches=True
)
THROTTLING = Check(
    "throttling", "audience", facts.THROTTLING, Deferred(f"{__name__}.trial:observe_throttling")
)
