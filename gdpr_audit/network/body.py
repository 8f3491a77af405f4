"""Reads a response's body, bounded before and after decompression."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import httpcore

from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Text

if TYPE_CHECKING:
    import httpx


async def read(response: httpx.Response, limit: int) -> tuple[bytes, Text | None]:
    """At most `limit` bytes, decompressed by at most that much at a time."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        return b"", Text(
            f"le corps est codé en {encoding}, que nous n'avons pas demandé",
            f"the body comes in {encoding}, which was not asked for",
        )
    unfold = _Unfolder(encoding)
    body = b""
    too_long = Text(
        f"le corps dépasse {limit // 1024} Kio ; le reste n'a pas été lu",
        f"the body is over {limit // 1024} KiB; the rest was not read",
    )
    try:
        async for part in response.aiter_raw():
            body += unfold(part, limit + 1 - len(body))
            if len(body) > limit:
                return body[:limit], too_long
    except zlib.error:
        return body, Text("le corps compressé est illisible", "the compressed body is unreadable")
    except httpcore.RemoteProtocolError:
        return body, Text(
            "le corps est plus court qu'annoncé", "the body is shorter than announced"
        )
    except NetworkError as error:
        return body, error.reason
    return body, None


class _Unfolder:
    """Decompresses step by step; what a bomb would unfold to beyond the room is never made."""

    def __init__(self, encoding: str) -> None:
        self.kind = encoding
        self._inner: Any = None

    def __call__(self, data: bytes, room: int) -> bytes:
        if self.kind in ("", "identity"):
            return data[:room]
        if self._inner is None:
            # "deflate" is zlib by the standard, and raw by some servers' habit.
            raw = self.kind == "deflate" and data[:1] and data[0] & 0x0F != 8
            self._inner = zlib.decompressobj(31 if "gzip" in self.kind else -15 if raw else 15)
        return bytes(self._inner.decompress(data, max(room, 1)))
