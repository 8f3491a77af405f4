"""The list of certified hosters of health data, and whose an address or a name is."""

from gdpr_audit.hds.hosters import Entry, HosterList, embedded, load

__all__ = ["Entry", "HosterList", "embedded", "load"]
