"""platform.yaml to subjects, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from gdpr_audit import yaml_file
from gdpr_audit.declaration import schema
from gdpr_audit.errors import InputError
from gdpr_audit.model import PLATFORM, TARGET, Census, KindSpec, Subject, Text
from gdpr_audit.yaml_file import Document, Path_

#: The kinds of subject that a declaration gives, and what each lies within.
KINDS = (
    KindSpec(TARGET, PLATFORM),
    KindSpec("hoster", PLATFORM),
    KindSpec("subcontractor", "hoster"),
    KindSpec("audience", PLATFORM),
    KindSpec("store", PLATFORM),
    KindSpec("processor", PLATFORM),
    KindSpec("category", PLATFORM),
)

_AUDIENCES = ("patients", "professionals", "administrators")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file a subject stands, and its record there."""

    path: Path_
    record: BaseModel


@dataclass(frozen=True)
class Declaration:
    """A platform's declaration, checked; `document` knows the lines."""

    platform: schema.Platform
    document: Document
    places: Mapping[Subject, Place] = field(default_factory=dict)
    census: tuple[Census, ...] = ()

    @cached_property
    def subject(self) -> Subject:
        return next(s for s in self.places if s.kind == PLATFORM)

    @cached_property
    def targets(self) -> tuple[Subject, ...]:
        return tuple(s for s in self.places if s.kind == TARGET)

    def target(self, subject: Subject) -> schema.Target:
        record = self.places[subject].record
        assert isinstance(record, schema.Target)
        return record

    def value(self, subject: Subject, key: str) -> Any:
        """The value at the dotted `key` of the subject's record; None where it is not declared."""
        value: Any = self.places[subject].record
        for part in key.split("."):
            if value is None or isinstance(value, str):
                return None
            value = getattr(value, part)
        return value

    def missing(self, subject: Subject, key: str) -> Text:
        """Why the value at `key` is not known, for a gap."""
        path = self.places[subject].path
        parts = key.split(".")
        for end in range(1, len(parts) + 1):
            if self.value(subject, ".".join(parts[:end])) is None:
                absent = yaml_file.spell((*path, *parts[:end]))
                break
        else:
            absent = yaml_file.spell((*path, *parts))
        where = self.document.file
        return Text(
            f"« {absent} » n'est pas déclaré dans {where}", f"`{absent}` is not declared in {where}"
        )

    def where(self, subject: Subject, key: str) -> str:
        """`platform.yaml:34`, the line that declares `key` or what is nearest around it."""
        line = self.document.line(*self.places[subject].path, *key.split("."))
        return f"{self.document.file}:{line}" if line else self.document.file


def normal(url: str) -> str:
    """The URL as the audit names it: scheme and host in lower case, at least `/` for http."""
    parts = urlsplit(url)
    path = parts.path or ("/" if parts.scheme.lower() in ("http", "https") else "")
    return parts._replace(
        scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=path, fragment=""
    ).geturl()


def read(path: Path, urls: Sequence[str] = ()) -> Declaration:
    """The declaration in `path`, its targets followed by `urls`. Raises InputError."""
    document = yaml_file.read(path, what="declaration")
    platform = yaml_file.validated(document, schema.Platform)
    _refuse_lost_files(platform, document, path.parent)
    return _assemble(platform, document, urls)


def bare(urls: Sequence[str]) -> Declaration:
    """No declaration: only targets, from the command line. All else is then unproven."""
    if not urls:
        raise InputError("nothing to audit: name a URL, or a declaration with --declaration")
    host = schema.host_of(urls[0]) if _usable(urls[0]) else urls[0]
    platform = schema.Platform.model_construct(platform=_within(host, schema.NAME_LIMIT))
    return _assemble(platform, Document("(no declaration)", {}), urls)


def _usable(url: str) -> bool:
    """Whether the URL is one; raises InputError, which names it, where it is not."""
    try:
        schema.host_of(url)
    except ValueError as error:
        raise InputError(f"{url!r}: {error}") from error
    return True


def _target(url: str) -> schema.Target:
    """A target from the command line, held to the bounds of one in the file.

    By hand, as pydantic's validators take longer to build than the rest of an audit to start.
    """
    _usable(url)
    return schema.Target.model_construct(url=_within(url, schema.URL_LIMIT))


def _within(given: str, limit: int) -> str:
    if len(given) > limit:
        raise InputError(f"{given[:60]!r}…: longer than {limit} characters")
    return given


def _refuse_lost_files(platform: schema.Platform, document: Document, folder: Path) -> None:
    for i, store in enumerate(platform.storage or ()):
        for j, evidence in enumerate(store.evidence or ()):
            if not (folder / evidence.file).is_file():
                raise document.refuse(
                    f"there is no file {evidence.file!r} beside the declaration",
                    *("storage", i, "evidence", j, "file"),
                )


@dataclass
class _Builder:
    document: Document
    places: dict[Subject, Place] = field(default_factory=dict)
    census: list[Census] = field(default_factory=list)

    def add(self, kind: str, name: str, path: Path_, record: BaseModel, within: Subject) -> Subject:
        file = self.document.file if self.document.lines else None
        line = self.document.line(*path) if file else None
        subject = Subject(kind, name, file, line, within)
        if any(s.kind == kind and s.name == subject.name for s in self.places):
            if kind not in ("hoster", "subcontractor"):
                raise self.document.refuse(f"{name!r} stands twice", *path)
            # One provider may stand twice, with two contracts: both are judged.
            return self.add(kind, f"{name} (2)", path, record, within)
        self.places[subject] = Place(path, record)
        return subject

    def section(
        self, kind: str, within: Subject, found: Iterable[Subject], path: Path_, *, declared: bool
    ) -> None:
        """Take the census of one kind: a section that is left out leaves it open."""
        key = yaml_file.spell(path)
        file = self.document.file
        gap = Text(f"la section « {key} » manque dans {file}", f"{file} has no section `{key}`")
        self.census.append(Census(kind, within, tuple(found), None if declared else gap))


def _assemble(platform: schema.Platform, document: Document, urls: Sequence[str]) -> Declaration:
    builder = _Builder(document)
    top = Subject(
        PLATFORM,
        platform.platform,
        document.file if document.lines else None,
        document.line("platform") if document.lines else None,
    )
    builder.places[top] = Place((), platform)
    targets = _targets(builder, platform, top, urls)
    declared = platform.targets is not None or bool(urls)
    builder.section(TARGET, top, targets, ("targets",), declared=declared)
    _hosters(builder, platform, top)
    _audiences(builder, platform, top)
    lists: tuple[tuple[str, Sequence[Any] | None, Path_], ...] = (
        ("store", platform.storage, ("storage",)),
        ("processor", platform.governance.processors if platform.governance else None,
         ("governance", "processors")),
        ("category", platform.processing.categories if platform.processing else None,
         ("processing", "categories")),
    )  # fmt: skip
    for kind, records, path in lists:
        found = [
            builder.add(kind, record.name, (*path, i), record, top)
            for i, record in enumerate(records or ())
        ]
        builder.section(kind, top, found, path, declared=records is not None)
    return Declaration(platform, document, builder.places, tuple(builder.census))


def _targets(
    builder: _Builder, platform: schema.Platform, top: Subject, urls: Sequence[str]
) -> list[Subject]:
    found = [
        builder.add(TARGET, normal(target.url), ("targets", i), target, top)
        for i, target in enumerate(platform.targets or ())
    ]
    for url in dict.fromkeys(normal(u) for u in urls if _usable(u)):
        if any(subject.name == url for subject in found):
            continue
        subject = Subject(TARGET, url, within=top)
        builder.places[subject] = Place((), _target(url))
        found.append(subject)
    return found


def _hosters(builder: _Builder, platform: schema.Platform, top: Subject) -> None:
    found = []
    for i, hoster in enumerate(platform.hosting or ()):
        path: Path_ = ("hosting", i)
        subject = builder.add("hoster", hoster.provider, path, hoster, top)
        found.append(subject)
        inner = [
            builder.add("subcontractor", sub.provider, (*path, "subcontractors", j), sub, subject)
            for j, sub in enumerate(hoster.subcontractors or ())
        ]
        declared = hoster.subcontractors is not None
        builder.section(
            "subcontractor", subject, inner, (*path, "subcontractors"), declared=declared
        )
    builder.section("hoster", top, found, ("hosting",), declared=platform.hosting is not None)


def _audiences(builder: _Builder, platform: schema.Platform, top: Subject) -> None:
    section = platform.authentication
    found = []
    for name in _AUDIENCES:
        record = getattr(section, name) if section else None
        if record is not None:
            found.append(builder.add("audience", name, ("authentication", name), record, top))
    # An audience that is not declared may yet exist: only the targets' own words settle it.
    named = {a for t in platform.targets or () for a in t.audience or ()}
    lost = sorted(named - {subject.name for subject in found})
    if section is not None and lost:
        words = ", ".join(lost)
        gap = Text(
            f"« targets » nomme {words}, mais « authentication » ne le déclare pas",
            f"`targets` names {words}, which `authentication` does not declare",
        )
        builder.census.append(Census("audience", top, tuple(found), gap))
        return
    builder.section("audience", top, found, ("authentication",), declared=section is not None)
