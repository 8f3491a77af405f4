"""Reads files that the user names, bounded, and says in one line why one cannot be read."""

from __future__ import annotations

from pathlib import Path

from gdpr_audit.errors import InputError

PIECE = 64 * 1024  # bytes read at once; room for a whole `limit` takes longer to make than to fill


def read(path: Path, limit: int, what: str) -> bytes:
    """At most `limit` bytes of a file. Raises InputError for one that is missing or larger."""
    try:
        with path.open("rb") as stream:
            content = b""
            while len(content) <= limit and (more := stream.read(PIECE)):
                content += more
    except OSError as error:
        raise InputError(f"{path}: cannot read the {what}: {error.strerror}") from error
    if len(content) > limit:
        raise InputError(f"{path}: the {what} is larger than {limit // 1024} KiB")
    return content
