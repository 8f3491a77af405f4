"""What a bundle holds, by SHA-256; and, of a file that differs, which byte does.

Beside each file's SHA-256 stand those of its blocks, cut short: they say in which block a
difference lies. Of that block every change of one byte is tried until one gives the hash that
it had. Only the whole SHA-256 decides whether a file is the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gdpr_audit import strict_json

SCHEMA = "gdpr-audit/bundle/1"
NAME = "manifest.json"
BLOCK = 512  # bytes; to try 512 x 255 changes takes a fifth of a second
_KEPT = 32  # hexadecimal digits of a block's SHA-256: 16 bytes

_Words = Annotated[str, Field(max_length=2000)]
_Count = Annotated[int, Field(ge=0)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Row(_Record):
    """One file: its size in bytes, its SHA-256, and those of its blocks one after the other."""

    path: _Words
    bytes: _Count
    sha256: _Sha256
    blocks: Annotated[str, Field(pattern=r"^([0-9a-f]{32})*$")]


class Input(_Record):
    """A file that the audit read and the bundle does not hold."""

    role: _Words
    name: _Words
    bytes: _Count
    sha256: _Sha256


class Tool(_Record):
    name: _Words
    version: _Words


class Seal(_Record):
    """The signature that belongs to the manifest."""

    algorithm: Literal["Ed25519"]
    key_id: _Words


class Stamp(_Record):
    """The time stamp that belongs to the manifest, and who was asked for it."""

    protocol: Literal["RFC 3161"]
    authority: _Words


class Manifest(_Record):
    """`digest` is that of the manifest without it, as an audit document's is."""

    schema_: Annotated[Literal["gdpr-audit/bundle/1"], Field(alias="schema")]
    tool: Tool
    created: _Words
    audit: _Digest
    signature: Seal | None
    stamp: Stamp | None
    inputs: list[Input]
    judged: list[_Words]
    files: list[Row]
    digest: _Digest


def row(path: str, content: bytes) -> dict[str, Any]:
    """What is written of a file."""
    blocks = (content[i : i + BLOCK] for i in range(0, len(content), BLOCK))
    return {
        "path": path,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "blocks": "".join(_short(block) for block in blocks),
    }


def write(fields: Mapping[str, Any]) -> bytes:
    """The manifest as a file; the same fields always give the same bytes."""
    return dumps({**fields, "digest": digest(fields)})


def dumps(value: Any) -> bytes:
    """JSON as all files of a bundle have it."""
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def digest(fields: Mapping[str, Any]) -> str:
    """SHA-256 of a manifest without its digest: keys sorted, no spaces, UTF-8."""
    bare = {key: value for key, value in fields.items() if key != "digest"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


def read(content: bytes) -> Manifest:
    """Raises ValueError for what is no manifest, or not one as this tool writes it."""
    try:
        fields = strict_json.loads(content)
        found = Manifest.model_validate(fields)
    except ValidationError as error:
        fault = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
    if dumps(fields) != content:
        raise ValueError("not as it was written")
    return found


def _short(block: bytes) -> str:
    return hashlib.sha256(block).hexdigest()[:_KEPT]


class Change(NamedTuple):
    """One byte: where it is, what it was, what it is."""

    at: int
    was: int
    now: int


class Difference(NamedTuple):
    """The bytes `first` to before `end` of a file within which the first that differs is.

    `change` where it is but one byte and known. `size` is what the file is to have in bytes, where
    it has not. `others` counts the further blocks that differ.
    """

    first: int
    end: int
    change: Change | None = None
    size: int | None = None
    others: int = 0


def differs(wanted: Row, content: bytes, *, search: bool = True) -> Difference | None:
    """The first difference between a file and what was written of it; None where it is the same.

    Without `search` the block is named, and the byte within it is not looked for.
    """
    if len(content) == wanted.bytes and hashlib.sha256(content).hexdigest() == wanted.sha256:
        return None
    size = wanted.bytes if len(content) != wanted.bytes else None
    kept = [wanted.blocks[i : i + _KEPT] for i in range(0, len(wanted.blocks), _KEPT)]
    wrong = [
        i for i, short in enumerate(kept) if _short(content[i * BLOCK : (i + 1) * BLOCK]) != short
    ]
    if hashlib.sha256(content[: wanted.bytes]).hexdigest() == wanted.sha256:  # and more after it
        return Difference(wanted.bytes, len(content), size=size)
    if not wrong:  # these are not the hashes of one file
        return Difference(0, len(content), size=size)
    first = wrong[0] * BLOCK
    block = content[first : first + BLOCK]
    alone = search and size is None
    change = _one_byte(block, kept[wrong[0]], first) if alone else None
    return Difference(first, first + len(block), change, size, len(wrong) - 1)


def _one_byte(block: bytes, short: str, first: int) -> Change | None:
    """The change of one byte that undoes the difference, if one does."""
    start = hashlib.sha256()
    for i, now in enumerate(block):
        rest = block[i + 1 :]
        for was in range(256):
            tried = start.copy()
            tried.update(bytes((was,)) + rest)
            if was != now and tried.hexdigest()[:_KEPT] == short:
                return Change(first + i, was, now)
        start.update(bytes((now,)))
    return None


def healed(content: bytes, change: Change) -> bytes:
    """The file as it was before that one byte changed."""
    return content[: change.at] + bytes((change.was,)) + content[change.at + 1 :]
