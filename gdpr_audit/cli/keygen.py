"""`gdpr-audit keygen`: the key that signs bundles, and its public half."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gdpr_audit.errors import InputError

PASSPHRASE = "GDPR_AUDIT_SIGN_PASSPHRASE"  # noqa: S105 - the variable's name


def keygen(
    file: Annotated[
        Path, typer.Argument(metavar="[FILE]", help="Where the private key goes.")
    ] = Path("gdpr-audit.key"),
) -> None:
    """Make a private key (Ed25519), and FILE.pub to give to those who verify.

    No file is overwritten. The key is encrypted where GDPR_AUDIT_SIGN_PASSPHRASE is set.
    """
    from gdpr_audit.proof import keys

    beside = file.with_name(f"{file.name}.pub")
    private, public, key_id = keys.make(os.environ.get(PASSPHRASE))
    _create(beside, public, 0o644)
    try:
        _create(file, private, 0o600)
    except InputError:
        beside.unlink(missing_ok=True)
        raise
    typer.echo(key_id)


def _create(path: Path, content: bytes, mode: int) -> None:
    """A new file, from its first moment with this mode. Raises InputError."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise InputError(
            f"{path}: exists already, and no key is overwritten; name another file"
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot write: {error.strerror}") from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
    except OSError as error:  # half a key would stand in the way of a whole one
        path.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot write: {error.strerror}") from error
