"""Which cookies and storage entries need consent, as far as their names tell.

Exempt are those without which the service asked for does not work (session, sign-in, basket,
language, load balancing, the choice itself): article 82 of the French Data Protection Act, CNIL
guidelines 2020-091. A name that tells nothing is neither.
"""

from __future__ import annotations

import re

_TRACKING = re.compile(
    r"^(_ga|_gid$|_gat|_gcl_|_fbp$|_fbc$|_hj|_uet|_clck$|_clsk$|_pin_|_tt|_scid|_rdt_|_lfa|_li|"
    r"li_(fat|sugr)|bcookie$|ide$|nid$|muid$|fr$|test_cookie$|amcv_|amcvs_|s_(vi|cc|sq|nr)$|"
    r"mp_.+_mixpanel$|amplitude|ajs_|hubspotutk$|__hs|__qca$|__gads$|__gpi$|cto_|_kmpid|"
    r"kameleoon|optimizely|abtasty|xtvrn$|atuserid$|_pc(id|tx|us)|pa_(user|privacy)|uid$|uuid2$|"
    r"anj$|tuuid|_cs_(id|s|c)$|mf_|vuid$|__utm)",
    re.IGNORECASE,
)
_EXEMPT = re.compile(
    r"sess|^sid$|csrf|xsrf|^auth|token|lang|locale|consent|cookie|tarteaucitron|didomi|axeptio|"
    r"euconsent|sdd|cmp|optanon|lb|route|awsalb|server|basket|cart|panier|theme",
    re.IGNORECASE,
)


def needs_consent(name: str, *, third_party: bool) -> bool | None:
    """None where the name tells neither."""
    if _TRACKING.match(name) or third_party:
        return True
    return False if _EXEMPT.search(name) else None
