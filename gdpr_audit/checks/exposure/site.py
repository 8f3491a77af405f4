"""One web address under a mandate: small requests without redirects, and what they came to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from gdpr_audit.model import Text
from gdpr_audit.network import Door

AT_ONCE = 4  # requests side by side to one site
PURPOSE = "known paths that nobody should be served (mandate)"
#: Statuses that say "not now" and nothing of the path.
_NOT_NOW = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Answer:
    """The beginning of one answer; held while it is looked at, and no longer.

    `unclear`: why it says nothing of the path, where it does not.
    """

    status: int
    body: bytes
    type: str
    location: str
    whole: bool
    unclear: Text | None = None

    @property
    def served(self) -> bool:
        return self.status in (200, 206)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Site:
    """An origin, without a path, and the door to it."""

    def __init__(self, door: Door, origin: str) -> None:
        self._door, self.origin = door, origin
        self._gate = asyncio.Semaphore(AT_ONCE)

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    async def ask(self, path: str, size: int, accepts: str = "*/*") -> Answer:
        """One request, of whose body at most `size` bytes are read. Raises NetworkError."""
        headers = {"Accept": accepts, "Accept-Encoding": "identity"}
        if accepts == "*/*":  # an API need not know ranges
            headers["Range"] = f"bytes=0-{size - 1}"
        async with self._gate:
            found = await self._door.get(
                self.origin + path, purpose=PURPOSE, headers=headers, redirects=0, limit=size
            )
        unclear = None
        if found.status >= 500 or found.status in _NOT_NOW:
            unclear = _said(path, Text.same(str(found.status)))
        elif found.body_gap is not None and len(found.body) < size:
            unclear = _said(path, found.body_gap)
        return Answer(
            found.status,
            found.body,
            found.headers.get("content-type", "").lower(),
            urljoin(found.url, found.headers.get("location", "")[:2000]),
            found.body_gap is None and _is_whole(found.headers.get("content-range", ""), size),
            unclear,
        )


def _is_whole(content_range: str, size: int) -> bool:
    """Whether `bytes 0-1023/5000` is all there is."""
    total = content_range.rpartition("/")[2]
    return not content_range or (total.isdigit() and int(total) <= size)


def _said(path: str, what: Text) -> Text:
    shown = path.partition("?")[0]
    return Text(f"{shown} : réponse {what.fr}", f"{shown}: answer {what.en}")
