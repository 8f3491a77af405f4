"""Every reader of input, fed as the command line feeds it: one table for all that fuzzes.

A target takes bytes. It returns whatever the reader makes of them, and raises for a defect alone:
the errors that a reader raises on purpose end here. Hypothesis (`test_fuzz.py`, in `make test`)
and atheris (`make fuzz`) share the table, so that what one finds the other tries for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gdpr_audit import audit as line
from gdpr_audit import declaration, document, evidence, hds, reports, stored
from gdpr_audit.attribution import asn_file, ranges
from gdpr_audit.checks import registry
from gdpr_audit.checks.web import metadata
from gdpr_audit.cli import bundling, config, rejudge, report
from gdpr_audit.cli.options import Format
from gdpr_audit.errors import InputError
from gdpr_audit.evidence import Artefact, Unreadable
from gdpr_audit.fleet import line as fleet_line
from gdpr_audit.fleet.roster import Roster
from gdpr_audit.hds import importing
from gdpr_audit.interview import draft
from gdpr_audit.model import Verdict, Vocabulary
from gdpr_audit.outcome import ProfileName
from gdpr_audit.proof import keys, verify
from gdpr_audit.rules import book, profile
from gdpr_audit.waivers import read as waivers
from tests.fuzz import samples
from tests.lab import audits

SEEDS = Path(__file__).with_name("seeds")
DAY = date(2026, 11, 24)
_ADDRESSES = ("192.0.2.1", "1.1.1.1", "2001:db8::1")
_SOME = 20  # of what a list names that are gone into


class Target(NamedTuple):
    """`samples` are real inputs that are made, and not kept, as they are large or keyed."""

    name: str
    run: Callable[[bytes], Any]
    samples: Callable[[], list[bytes]] = list
    light: bool = True  # whether an input takes milliseconds

    @property
    def folder(self) -> Path:
        """Where its seeds are kept: small real inputs, and each that once broke the reader."""
        return SEEDS / self.name

    def seeds(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*") if path.is_file())

    def corpus(self) -> list[bytes]:
        return [*(path.read_bytes() for path in self.seeds()), *self.samples()]


@cache
def _room() -> Path:
    kept = tempfile.TemporaryDirectory(prefix="gdpr-audit-fuzz-")
    _ROOMS.append(kept)  # it is removed when the process ends
    return Path(kept.name)


_ROOMS: list[tempfile.TemporaryDirectory[str]] = []


def _file(name: str, content: bytes) -> Path:
    path = _room() / name
    path.write_bytes(content)
    return path


@cache
def _words() -> Vocabulary:
    return registry.vocabulary(check for check, _ in registry.installed())


@cache
def _installed() -> book.RuleBook:
    return book.load(book.installed_packs(), _words())


def _declaration(content: bytes) -> None:
    path = _file("platform.yaml", content)
    faults = declaration.faults(path)
    try:
        found = declaration.read(path)
    except InputError:
        assert faults, "`validate` finds nothing wrong where `scan` refuses"
        return
    assert not faults, "`validate` finds fault where `scan` does not"
    for target in found.targets:
        assert found.kind(target)


def _declared(content: bytes) -> None:
    """What an accepted declaration says is judged: no check may break on it."""
    path = _file("platform.yaml", content)
    plan = audits.plan(path=path, only=samples.THEMES)
    done = asyncio.run(line.run(plan))
    for finding in done.findings:
        assert finding.verdict is not Verdict.ERROR, finding


def _rule(content: bytes) -> None:
    book.of({Path("storage/storage-not-encrypted.yaml"): content}, _words())


def _profile(content: bytes) -> None:
    profile.of(content, "tls-profile.yaml")


def _waivers(content: bytes) -> None:
    waivers.read(_file("waivers.yaml", content), _installed().names)


def _config(content: bytes) -> None:
    _file("gdpr-audit.toml", content)
    with contextlib.chdir(_room()):
        for command in sorted(config.COMMANDS):
            config.defaults(command)
    (_room() / "gdpr-audit.toml").unlink()


def _hds_list(content: bytes) -> None:
    hds.load(_file("list.csv", content))


def _hds_import(content: bytes) -> None:
    found = importing.read([_file("saved", content)], DAY, None, partial=False)
    hds.table.read(hds.table.write(found.entries), "again")  # what is kept can be read back


def _fleet(name: str) -> Callable[[bytes], None]:
    def run(content: bytes) -> None:
        slugs = set()
        for entry in itertools.islice(Roster(_file(name, content)), _SOME):
            assert entry.slug not in slugs
            slugs.add(entry.slug)
            assert "/" not in entry.slug
            assert entry.slug not in ("", ".", "..")
            with contextlib.suppress(InputError):
                entry.load()

    return run


def _fleet_line(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        fleet_line.fits(json.loads(content))


def _ranges(operator: str) -> Callable[[bytes], None]:
    def run(content: bytes) -> None:
        found = ranges.load([f"{operator}{_file('ranges', content)}"])
        for address in _ADDRESSES:
            if (row := found.find(address)) is not None:
                assert row.words

    return run


def _asn(content: bytes) -> None:
    find = asn_file.load(_file("asn", content))
    for address in _ADDRESSES:
        find(address)


def _artefact(kind: str) -> Callable[[bytes], None]:
    def run(content: bytes) -> None:
        path = _file(f"artefact-{kind}", content)
        for address in samples.ADDRESSES.get(kind, (None,)):
            artefact = Artefact(path, "artefact", address)
            with contextlib.suppress(Unreadable):
                shown = evidence.reader_of(kind)(artefact)
                assert shown.words.fr
                assert shown.words.en

    return run


def _audit(content: bytes) -> None:
    """A document with a digest of its own: rendered in each format, and judged again."""
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        given = None
    if isinstance(given, dict):
        try:
            content = json.dumps({**given, "digest": document.digest(given)}).encode()
        except (UnicodeEncodeError, RecursionError):
            return  # no file of bytes can hold it
    found = report.read(_file("audit.json", content))
    told = found["tool"]["tls_profile"]
    done = line.judge_again(
        stored.of(found, _words(), ProfileName(told["id"], profile.default().title, "1")),
        _installed().rules[:_SOME],
        "sha256:",
        DAY,
        profile.default(),
        (),
        None,
    )
    document.of(done)
    for kind in ("html", "json", "csv", "sarif", "junit", "markdown", "oscal", "article-30",
                 "cnil-pia", "breach-sheet"):  # fmt: skip
        for language in ("fr", "en"):
            reports.content(document.within(found, language), kind)


def _verify_document(content: bytes) -> None:
    verify.of_document(content, rejudge.compare)


def _verify_bundle(content: bytes) -> None:
    outcome = verify.of_bundle(
        content, verify.Trust(samples.key_id()), bundling.reports(Format), rejudge.compare
    )
    if outcome is not None and not outcome.changed:
        assert content == samples.signed(), "a bundle that nobody signed so holds"


def _key(content: bytes) -> None:
    keys.public(content, "key.pem")


def _metadata(content: bytes) -> None:
    base = "https://login.example.org"
    for name in (metadata.OPENID, metadata.SMART):
        with contextlib.suppress(metadata.Unfit):
            found = metadata.read(content, f"{base}/.well-known/{name}", base, name)
            assert isinstance(found.insecure, tuple)


def _interview(content: bytes) -> None:
    draft.load(_file("interview.json", content))


def _table() -> Iterator[Target]:
    yield Target("declaration", _declaration, samples.declarations)
    yield Target("declared", _declared, samples.declarations)
    yield Target("rule", _rule, samples.rules)
    yield Target("tls-profile", _profile, samples.profiles)
    yield Target("waivers", _waivers)
    yield Target("config", _config)
    yield Target("hds-list", _hds_list)
    yield Target("hds-import", _hds_import)
    yield Target("fleet-csv", _fleet("fleet.csv"))
    yield Target("fleet-yaml", _fleet("fleet.yaml"))
    yield Target("fleet-line", _fleet_line)
    yield Target("ranges", _ranges(""))
    yield Target("ranges-plain", _ranges("OVHcloud="))
    yield Target("asn-file", _asn, samples.asn_files)
    for kind in evidence.KINDS:
        if kind not in ("aws", "document"):  # an account is asked; paper is not opened
            yield Target(f"artefact-{kind}", _artefact(kind), lambda kind=kind: samples.artefacts(kind))  # type: ignore[misc]  # fmt: skip
    yield Target("audit", _audit, samples.documents)
    yield Target("verify-document", _verify_document, samples.documents)
    yield Target("verify-bundle", _verify_bundle, samples.bundles_, light=False)
    yield Target("key", _key)
    yield Target("oidc-metadata", _metadata)
    yield Target("interview", _interview)


TARGETS = {target.name: target for target in _table()}


def feed(name: str, content: bytes) -> None:
    """One input to one reader. Whatever is raised is a defect."""
    with contextlib.suppress(InputError):
        TARGETS[name].run(content)
