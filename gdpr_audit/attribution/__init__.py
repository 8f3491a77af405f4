"""Whose a name or an address is: tables that come with the tool, and files that the user names.

Pure data and parsing. Who asks the network (Team Cymru, a registry) is the check; what is asked
and how the answer reads is said here.
"""

from __future__ import annotations

from gdpr_audit.attribution.atlas import Atlas
from gdpr_audit.attribution.operators import (
    Operator,
    Zone,
    by_asn,
    by_name,
    has_zones,
    named,
    zone_of,
)
from gdpr_audit.attribution.ranges import Range

__all__ = [
    "Atlas",
    "Operator",
    "Range",
    "Zone",
    "by_asn",
    "by_name",
    "has_zones",
    "named",
    "zone_of",
]
