"""Accepted failures: who accepted what, why, and until when. Pure, after the judge."""

from gdpr_audit.waivers.apply import EXPIRING_DAYS, Outcome, State, Waiver, apply

__all__ = ["EXPIRING_DAYS", "Outcome", "State", "Waiver", "apply"]
