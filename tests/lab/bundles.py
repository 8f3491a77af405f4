"""Bundles of a real, small audit, and what `verify` says of them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gdpr_audit import document as documents
from gdpr_audit.cli import bundling, rejudge
from gdpr_audit.cli.options import Format
from gdpr_audit.proof import archive, bundle, contents, keys, verify
from gdpr_audit.proof.archive import Entry
from tests.lab import audits

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
FORMATS = (Format.CSV, Format.SARIF)
_TEXT = """platform: Labo
processing: {health_data: true, article_9_basis: none, article_6_basis: contract}
storage:
  - {name: base, kind: database, contains: [health], encryption: none}
  - {name: copie, kind: backup, contains: [health]}
"""


@cache
def document() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = audits.declared(Path(folder), _TEXT)
        only = ("lawfulness", "storage")
        return audits.judged(path=path, language="fr", only=only)


@cache
def material() -> bundling.Material:
    return bundling.material(document()["tool"]["rules"], None, None, [])


def inside(
    of: dict[str, Any] | None = None, formats: Sequence[Format] = FORMATS
) -> bundle.Contents:
    found = of or document()
    files = [*contents.of(found, bundling.reports(formats)), *material().files]
    judged = sorted({finding["rule"] for finding in found["findings"]})
    return bundle.Contents(files, found["digest"], judged, [], "2026-11-24T00:00:00Z")


@cache
def signed() -> bytes:
    return bundle.make(inside(), KEY)


@cache
def unsigned() -> bytes:
    return bundle.make(inside(), None)


def entries(of: bytes) -> list[Entry]:
    """What is in a bundle, ready to be packed again."""
    return [entry._replace(at=0, crc=None) for entry in archive.by_directory(of)]


def without(of: bytes, name: str) -> bytes:
    return archive.pack([entry for entry in entries(of) if entry.name != name])


def changed(of: bytes, name: str, content: bytes) -> bytes:
    """The archive with another content, whole as an archive, its manifest untouched."""
    return archive.pack([e._replace(content=content) if e.name == name else e for e in entries(of)])


def forged(of: dict[str, Any]) -> dict[str, Any]:
    """A document with a digest that is its own again."""
    return {**of, "digest": documents.digest(of)}


def outcome(data: bytes, trust: verify.Trust | None = None) -> verify.Outcome:
    found = verify.of_bundle(
        data, trust or verify.Trust(), bundling.reports(Format), rejudge.compare
    )
    assert found is not None
    return found


def wrong(data: bytes, trust: verify.Trust | None = None) -> list[str]:
    """All that is said to have been changed."""
    return [line.said.en for line in outcome(data, trust).lines if line.state == "changed"]


def trusted() -> verify.Trust:
    return verify.Trust(keys.id_of(KEY))
