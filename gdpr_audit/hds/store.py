"""The list that the user imported, kept in their data folder until the next one or `forget`.

Two files: the list in our own form, and a JSON file that names it with its digest. The JSON is
renamed into place last, so that there is the old list or the new one, and never a mixture.
"""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from gdpr_audit import files
from gdpr_audit.errors import InputError
from gdpr_audit.files import data_folder
from gdpr_audit.hds import table
from gdpr_audit.hds.hosters import File, HosterList

_RECORD = "hds-list.json"
_LISTS = "hds-list-*.csv"
_SCHEMA = "gdpr-audit/hds-list/1"
_MOST_LIST = 4 * table.LIMIT  # bytes of a list, which several files may have given
_MOST = 256 * 1024  # bytes of the JSON
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)  # of a wrong record
_MEND = "import the list again (gdpr-audit hds import FILE), or drop it (gdpr-audit hds forget)"


def read() -> HosterList | None:
    """The stored list, or None if there is none. Raises InputError for one that is damaged."""
    at = data_folder()
    if at is None:
        return None
    path = at / _RECORD
    try:
        present = path.exists() or any(at.glob(_LISTS))
    except OSError as error:
        raise InputError(f"{at}: cannot look for a stored list: {error.strerror}") from error
    if not present:
        return None
    try:
        return _list(json.loads(files.read(path, _MOST, "stored list")), at)
    except (*_DAMAGE, InputError) as error:
        raise InputError(f"{path}: the stored list of hosters is damaged: {_MEND}") from error


def _list(record: dict[str, Any], at: Path) -> HosterList:
    """The list that a record names. Raises ValueError, KeyError, InputError for a wrong one."""
    path, because = at / str(record["list"]), record["partial_because"]
    content = files.read(path, _MOST_LIST, "stored list")
    whole = hashlib.sha256(content).hexdigest() == record["sha256"]
    if record["schema"] != _SCHEMA or path.parent != at or not whole:
        raise ValueError(path)
    return HosterList(
        entries=table.read(content.decode("utf-8"), str(path)),
        source=str(path),
        complete=record["complete"] is True and because is None,
        as_of=date.fromisoformat(record["as_of"]),
        files=tuple(
            File(str(f["name"]), str(f["sha256"]), date.fromisoformat(f["as_of"]))
            for f in record["files"]
        ),
        imported_at=str(record["imported_at"]),
        partial_because=None if because is None else str(because),
    )


def write(hosters: HosterList) -> Path:
    """Keep a list in place of the one before. Raises InputError where it cannot be written."""
    at = data_folder()
    if at is None:
        raise InputError("no folder to keep the list in: set GDPR_AUDIT_DATA_DIR")
    text = table.write(hosters.entries)
    content = text.encode("utf-8")
    digest = hashlib.sha256(content).hexdigest()
    name = f"hds-list-{digest[:12]}.csv"
    record = {
        "schema": _SCHEMA,
        "list": name,
        "sha256": digest,
        "as_of": hosters.as_of and hosters.as_of.isoformat(),
        "imported_at": hosters.imported_at,
        "complete": hosters.complete,
        "partial_because": hosters.partial_because,
        "files": [
            {"name": f.name, "sha256": f.sha256, "as_of": f.as_of.isoformat()}
            for f in hosters.files
        ],
    }
    table.read(text, name)  # what cannot be read back is not kept
    if len(content) > _MOST_LIST:
        raise InputError(f"the list is larger than {_MOST_LIST // 1024} KiB: it is not kept")
    try:
        at.mkdir(parents=True, exist_ok=True)
        _replace(at / name, content)
        _replace(at / _RECORD, (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode())
        for old in at.glob(_LISTS):
            if old.name != name:
                old.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{at}: cannot keep the list: {error.strerror}") from error
    return at / name


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def forget() -> bool:
    """Remove the stored list, damaged or not; whether there was one."""
    at = data_folder()
    if at is None or not at.is_dir():
        return False
    found = [*at.glob(_RECORD), *at.glob(_LISTS)]
    try:
        for path in found:  # the record first: without it no list is named
            path.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{at}: cannot remove the list: {error.strerror}") from error
    return bool(found)
