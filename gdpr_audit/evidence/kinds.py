"""The kinds of artefacts, and who reads each; a reader is imported when its kind is met."""

from __future__ import annotations

from importlib import import_module

from gdpr_audit.evidence.artefact import Reader

#: By the `kind` that a declaration names.
KINDS = {
    "aws": "aws",
    "cloudformation": "cloudformation",
    "document": "document",
    "encrypted-file": "encrypted_file",
    "kubernetes": "kubernetes",
    "lsblk": "lsblk",
    "luks-dump": "luks",
    "mysql": "mysql",
    "postgresql": "postgresql",
    "terraform-plan": "terraform",
}


def reader_of(kind: str) -> Reader:
    """The reader of a kind. Raises KeyError for one that there is not."""
    module = import_module(f"gdpr_audit.evidence.{KINDS[kind]}")
    reader: Reader = module.read
    return reader
