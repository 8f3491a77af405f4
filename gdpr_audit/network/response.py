"""What an exchange over HTTP came to; apart from `http.py`, which brings httpx with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gdpr_audit.errors import RedirectRefused
from gdpr_audit.model import Text

if TYPE_CHECKING:
    import httpx

REDIRECTS = 5


class Hop(NamedTuple):
    """One redirect: who sent it, and where to."""

    url: str
    status: int
    location: str


class Response(NamedTuple):
    """The last answer of an exchange, and the way to it.

    `body_gap` says why the body is not known in full; the headers are, all the same.
    `certificate` is the server's, in DER, trusted or not.
    """

    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    body_gap: Text | None
    hops: tuple[Hop, ...]
    set_cookies: tuple[tuple[str, str], ...]
    address: str
    tls: tuple[str, str] | None
    certificate: bytes | None
    seconds: float

    @property
    def text(self) -> str:
        """The body as text, by its declared charset or UTF-8; never fails."""
        words = self.headers.get("content-type", "").lower().partition("charset=")[2]
        charset = words.strip(" \"'").partition(";")[0] or "utf-8"
        try:
            return self.body.decode(charset, "replace")
        except (LookupError, UnicodeError):
            return self.body.decode("utf-8", "replace")


class RedirectStopped(RedirectRefused):
    """A redirect that was not followed; `response` is the answer that asked for it."""

    def __init__(self, reason: Text, response: Response) -> None:
        super().__init__(reason)
        self.response = response
