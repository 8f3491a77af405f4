"""The list of certified hosters of health data, and whose an address or a name is."""

from gdpr_audit.hds.hosters import (
    STALE_DAYS,
    Certificate,
    Entry,
    HosterList,
    Listed,
    embedded,
    load,
)

__all__ = ["STALE_DAYS", "Certificate", "Entry", "HosterList", "Listed", "embedded", "load"]
