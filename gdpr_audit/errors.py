"""Every exception that this package raises on purpose.

    GdprAuditError
    ├── InputError            the user's input is wrong: one line, exit status 2, nothing written
    ├── PluginError           an installed check cannot be used; also exit status 2
    └── NetworkError          something could not be looked at; becomes a Gap, never a verdict
        ├── ResolutionFailed  the name has no address, or the DNS server did not answer
        ├── ConnectFailed     refused, unreachable, reset or timed out before a byte came
        │   ├── ConnectionRefused   the peer itself said no (a TCP reset): a positive sign
        │   └── NoRoute             this machine has no way there (no IPv6): nothing was sent
        ├── TlsFailed         the TLS handshake did not end
        ├── ProtocolFailed    the peer's answer is not of the protocol
        ├── BoundExceeded     the peer sent more, or for longer, than is read
        ├── RedirectRefused   too many redirects, or one from a public to a private address
        ├── Unasked           a browser's own errand, that no page asked for; nothing was sent
        ├── Unrecorded        the journal that was asked for is full; nothing more is sent
        ├── BudgetSpent       the connections allowed to one host are used up
        ├── DeadlineExceeded  the time for this target is used up
        └── OutOfMandate      an active probe without a mandate that covers it; nothing was sent

Whatever else is raised inside a check is a defect, and becomes an `error` finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gdpr_audit.model import Text


class GdprAuditError(Exception):
    """Base of all deliberate exceptions."""


class InputError(GdprAuditError):
    """The user's input is wrong; the message is one line that names place and mend.

    A password in an address that is quoted is not: the line ends up in logs and in a fleet's pages.
    """

    def __init__(self, message: str) -> None:
        if "://" in message:
            from gdpr_audit.redaction import without_credentials  # noqa: PLC0415 - slow to import

            message = without_credentials(message)
        super().__init__(message)


class PluginError(InputError):
    """An installed check breaks the contract of checks, so that no audit can be trusted with it."""


class NetworkError(GdprAuditError):
    """Something could not be looked at. `reason` says why, in both languages."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


class ResolutionFailed(NetworkError):
    """The name has no address, or no DNS server answered."""


class ConnectFailed(NetworkError):
    """No connection: unreachable, reset or timed out."""


class ConnectionRefused(ConnectFailed):
    """The peer answered that nothing listens on this port."""


class NoRoute(ConnectFailed):
    """This machine has no way to that family of addresses; the peer is not to blame."""


class TlsFailed(NetworkError):
    """A connection, but no TLS session."""


class ProtocolFailed(NetworkError):
    """The peer's answer does not follow the protocol that was spoken to it."""


class BoundExceeded(NetworkError):
    """The peer sent more bytes, or took longer, than is read."""


class RedirectRefused(NetworkError):
    """Too many redirects, or one that leads inwards."""


class Unasked(NetworkError):
    """A browser's connection that no page asked for; no packet was sent."""


class Unrecorded(NetworkError):
    """The journal can no longer be written, so that nothing more is sent."""


class BudgetSpent(NetworkError):
    """No more connections to this host are allowed in this audit."""


class DeadlineExceeded(NetworkError):
    """The time for this target is used up."""


class OutOfMandate(NetworkError):
    """An active probe that no mandate covers; no packet was sent."""
