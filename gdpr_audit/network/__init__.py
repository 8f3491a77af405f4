"""The one guarded door: every connection of every check goes through it."""

from gdpr_audit.network.door import Door, Traffic
from gdpr_audit.network.mandate import Mandate
from gdpr_audit.network.names import Answer, Signed
from gdpr_audit.network.relay import Relay
from gdpr_audit.network.response import Hop, Response
from gdpr_audit.network.settings import Settings
from gdpr_audit.network.stream import Stream

__all__ = [
    "Answer",
    "Door",
    "Hop",
    "Mandate",
    "Relay",
    "Response",
    "Settings",
    "Signed",
    "Stream",
    "Traffic",
]
