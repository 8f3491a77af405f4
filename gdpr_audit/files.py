"""Files that the user names, read bounded; and the folder where what they import is kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
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


def write_whole(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file whole or not at all; in parts, one of any size. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged(path, content).replace(path)


def staged(path: Path, content: bytes | Iterable[bytes]) -> Path:
    """The content in a file beside `path`, to be moved there. Raises OSError, and leaves none."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # one that was killed left it
    try:
        # made anew: a link that somebody laid here in a shared folder leads to another file
        with part.open("xb") as file:
            file.writelines((content,) if isinstance(content, bytes) else content)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def data_folder() -> Path | None:
    """Where what the user imports is kept. None where they have no folder of their own."""
    if given := os.environ.get("GDPR_AUDIT_DATA_DIR"):
        return Path(given)
    xdg = os.environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(xdg):  # noqa: PTH117 - the standard says to ignore a relative one
        return Path(xdg) / "gdpr-audit"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "gdpr-audit"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home) / "gdpr-audit"
    return home / ".local" / "share" / "gdpr-audit"
