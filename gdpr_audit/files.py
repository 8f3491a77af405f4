"""Files that the user names, read bounded; and the folder where what they import is kept."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from gdpr_audit.errors import InputError

PIECE = 64 * 1024  # bytes read at once; room for a whole `limit` takes longer to make than to fill
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # as the system has them
PATIENCE = 10  # seconds without a byte from a pipe, as `<(sops -d waivers.yaml)` makes one


def read(path: Path, limit: int, what: str) -> bytes:
    """At most `limit` bytes of a file. Raises InputError for one that is missing or larger.

    A pipe is read too, as long as somebody writes to it.
    """
    try:
        with opened(path) as stream:
            told = os.fstat(stream.fileno())
            content = b""
            if stat.S_ISREG(told.st_mode):  # at once, so that it is not held twice
                content = stream.read(min(told.st_size, limit) + 1)
            pipe = stat.S_ISFIFO(told.st_mode)
            rest = bytearray()
            while len(content) + len(rest) <= limit and (more := _piece(stream, pipe=pipe)):
                rest += more
            content = content + bytes(rest) if rest else content
    except OSError as error:
        raise InputError(f"{path}: cannot read the {what}: {error.strerror}") from error
    if len(content) > limit:
        raise InputError(f"{path}: the {what} is larger than {limit // 1024} KiB")
    return content


def _piece(stream: BinaryIO, *, pipe: bool) -> bytes:
    """The next bytes; none at the end. Raises OSError where a pipe stays silent."""
    if pipe and not select.select([stream], [], [], PATIENCE)[0]:
        raise TimeoutError(0, f"nothing came through the pipe for {PATIENCE} seconds")
    return os.read(stream.fileno(), PIECE)


def opened(path: Path, *, regular: bool = False) -> BinaryIO:
    """A file, opened to be read without waiting for whoever writes to a pipe. Raises OSError.

    `regular` refuses what is no plain file: such can be read from where one likes, and again.
    """
    try:
        number = os.open(path, os.O_RDONLY | _AT_ONCE)
    except ValueError as error:  # a zero byte in the name
        raise FileNotFoundError(0, str(error)) from error
    try:
        pipe = _fit(os.fstat(number).st_mode, regular=regular)
        if not pipe and _AT_ONCE:
            os.set_blocking(number, True)
        return os.fdopen(number, "rb", buffering=0 if pipe else -1)
    except BaseException:
        os.close(number)
        raise


def _fit(mode: int, *, regular: bool) -> bool:
    """Whether it is a pipe. Raises OSError for what is not to be read."""
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(0, "it is a folder")
    if regular and not stat.S_ISREG(mode):
        raise OSError(0, "not a plain file (a pipe, a device or a socket)")
    return stat.S_ISFIFO(mode)


def write_whole(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file whole or not at all; in parts, one of any size. Raises OSError.

    A device or a pipe (`/dev/null`, `>(gpg -e)`) is written to: a file must not take its place.
    """
    if _flows(path):
        with path.open("wb") as file:
            file.writelines((content,) if isinstance(content, bytes) else content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    staged(path, content).replace(path)


def _flows(path: Path) -> bool:
    """Whether it is there, and no file; under /dev it may be a link to one, as `/dev/stdout` is."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or path.is_relative_to("/dev")


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
