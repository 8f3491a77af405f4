"""Real inputs that are made when they are wanted: of our own files, and so never out of date."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import tempfile
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from gdpr_audit import audit as line
from gdpr_audit import document, reports, resources
from gdpr_audit.cli import bundling
from gdpr_audit.cli.options import Format
from gdpr_audit.demo import declared
from gdpr_audit.proof import bundle, contents, keys
from gdpr_audit.rules import book, profile
from tests.lab import audits, bundles

_TEXT = """platform: Labo
controller: {name: Labo SAS, country: FR, turnover_eur: 1000}
processing: {health_data: true, article_9_basis: none, article_6_basis: contract}
storage:
  - {name: base, kind: database, contains: [health], encryption: none}
"""
_RULES = ("storage/storage-not-encrypted.yaml", "lawfulness/article-9-basis-missing.yaml")

_TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
#: What is judged of a declaration without a look at its targets.
THEMES = ("lawfulness", "governance", "storage", "resilience", "traceability", "assurance")

#: What of an artefact is the store, where its reader has to be told.
ADDRESSES: dict[str, tuple[str | None, ...]] = {
    "terraform-plan": (None, "aws_db_instance.p"),
    "cloudformation": (None, "Base"),
    "kubernetes": (None, "secrets", "chiffre"),
    "lsblk": ("/srv", "/"),
}


def declarations() -> list[bytes]:
    """The demonstration's, faulty and repaired, without the files that stand beside them."""
    found = []
    for compliant in (False, True):
        text = declared.render("http://127.0.0.1:1/", "https://127.0.0.1:2/", compliant=compliant)
        lines = text.splitlines(keepends=True)
        kept = (one for one in lines if "evidence:" not in one and "{kind: " not in one)
        found.append("".join(kept).encode())
    return found


def rules() -> list[bytes]:
    return [_rules()[name] for name in map(Path, _RULES)]


@cache
def _rules() -> dict[Path, bytes]:
    return {Path(name): (resources.folder("rules") / name).read_bytes() for name in _RULES}


def profiles() -> list[bytes]:
    text = files("gdpr_audit.rules").joinpath("profiles", "mozilla-modern.yaml").read_bytes()
    return [text.replace(b"id: mozilla-modern", b"id: mine")]


@cache
def _found() -> dict[str, Any]:
    """An audit by two rules, so that what is made of it is small."""
    with tempfile.TemporaryDirectory() as folder:
        plan = audits.plan(path=audits.declared(Path(folder), _TEXT))
        few = book.of(_rules(), plan.words)
        done = asyncio.run(line.run(replace(plan, rules=few.rules, rules_digest=few.digest)))
    # made at another time it is the same, so that an input that broke a reader does so again
    text = _TIMES.sub(
        "2026-11-24T12:00:00Z", json.dumps(document.of(done)).replace(f"{folder}/", "")
    )
    return bundles.forged(json.loads(text))


def documents() -> list[bytes]:
    return [reports.content(_found(), "json")]


def key_id() -> str:
    return keys.id_of(bundles.KEY)


@cache
def signed() -> bytes:
    """A bundle of that audit, signed."""
    found = _found()
    inside = [
        *contents.of(found, bundling.reports((Format.CSV,))),
        *((bundling.rule_name(path), content) for path, content in _rules().items()),
        (contents.PROFILE, profile.place(profile.DEFAULT).read_bytes()),
    ]
    judged = sorted({finding["rule"] for finding in found["findings"]})
    made = bundle.Contents(inside, found["digest"], judged, [], "2026-11-24T00:00:00Z")
    return bundle.make(made, bundles.KEY)


def bundles_() -> list[bytes]:
    return [signed()]


def asn_files() -> list[bytes]:
    """An MMDB as its own writer makes it, and a packed table."""
    from mmdb_writer import MMDBWriter
    from netaddr import IPSet

    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-ASN")
    record = {"autonomous_system_number": 16276, "autonomous_system_organization": "OVH SAS"}
    writer.insert_network(IPSet(["192.0.2.0/24"]), record)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "asn.mmdb"
        writer.to_db_file(str(path))
        packed = gzip.compress(b"192.0.2.0\t192.0.2.255\t16276\tFR\tOVH\n", mtime=0)
        return [path.read_bytes(), packed]


def artefacts(kind: str) -> list[bytes]:
    """Those that the demonstration brings."""
    name = {"luks-dump": "base-patients.luks.txt", "encrypted-file": "sauvegarde.age"}.get(kind)
    return (
        [] if name is None else [files("gdpr_audit.demo").joinpath("evidence", name).read_bytes()]
    )
