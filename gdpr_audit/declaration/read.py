"""platform.yaml to subjects, each with its file and line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gdpr_audit import yaml_file
from gdpr_audit.declaration.address import NAME_LIMIT, URL_LIMIT, USUAL, host_of, normal
from gdpr_audit.errors import InputError
from gdpr_audit.model import PLATFORM, TARGET, Census, KindSpec, Subject, Text
from gdpr_audit.yaml_file import Document, Path_

if TYPE_CHECKING:
    from pydantic import BaseModel

    from gdpr_audit.declaration import schema

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


class Place(NamedTuple):
    """Where in the file a subject stands, and its record there; None where no file speaks of it."""

    path: Path_ = ()
    record: BaseModel | None = None


@dataclass(frozen=True)
class Declaration:
    """A platform's declaration, checked; `document` knows the lines.

    `written` is what the file says, None where there is none and targets alone were named.
    """

    written: schema.Platform | None
    document: Document
    places: Mapping[Subject, Place] = field(default_factory=dict)
    census: tuple[Census, ...] = ()
    folder: Path = Path()  # what the file's relative paths start from
    papers: Mapping[str, str] = field(default_factory=dict)  # by key: the document that shows it

    @cached_property
    def platform(self) -> schema.Platform:
        """What was written; without a file, a record with nothing in it."""
        if self.written is not None:
            return self.written
        from gdpr_audit.declaration import schema

        return schema.Platform.model_construct(platform=self.subject.name)

    @cached_property
    def subject(self) -> Subject:
        return next(s for s in self.places if s.kind == PLATFORM)

    @cached_property
    def targets(self) -> tuple[Subject, ...]:
        return tuple(s for s in self.places if s.kind == TARGET)

    def target(self, subject: Subject) -> schema.Target:
        """Its record; for one that the command line alone names, a record with nothing in it."""
        from gdpr_audit.declaration import schema

        record = self.places[subject].record
        if record is None:
            return schema.Target.model_construct(url=subject.name)
        assert isinstance(record, schema.Target)
        return record

    def kind(self, target: Subject) -> str:
        """What the target is, as its record says."""
        return USUAL if self.places[target].record is None else self.target(target).kind

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
        """`platform.yaml:34`, the line that declares `key` or what is nearest around it.

        With the document that shows it, where one does.
        """
        path = (*self.places[subject].path, *key.split("."))
        line = self.document.line(*path)
        place = f"{self.document.file}:{line}" if line else self.document.file
        around = (yaml_file.spell(path[:end]) for end in range(len(path), 0, -1))
        paper = next((self.papers[one] for one in around if one in self.papers), None)
        return f"{place}, {paper}" if paper else place


def read(path: Path, urls: Sequence[str] = (), within: Sequence[Path] = ()) -> Declaration:
    """The declaration in `path`, its targets followed by `urls`. Raises InputError.

    The files that it names lie below its own folder, or below one of those `within`: who writes
    a declaration is not free to have any file of the auditor's opened.
    """
    return of(yaml_file.read(path, what="declaration"), path.parent, urls, within)


def of(
    document: Document, folder: Path, urls: Sequence[str] = (), within: Sequence[Path] = ()
) -> Declaration:
    """As `read`, of a document at hand; relative paths in it start from `folder`."""
    from gdpr_audit.declaration import schema

    platform = yaml_file.validated(document, schema.Platform)
    for fault in _lost_files(platform, document, folder, within):
        raise fault
    top = Subject(PLATFORM, platform.platform, document.file, document.line("platform"))
    found = _assemble(platform, top, document, urls)
    return replace(found, folder=folder, papers=_papers(platform, document, folder, within))


def faults(path: Path, within: Sequence[Path] = ()) -> list[InputError]:
    """All that is wrong with the declaration in `path`, in the order of its lines.

    A file that is no YAML has one fault; of files that lie beside it and of names that stand twice
    is spoken where its shape is right.
    """
    from gdpr_audit.declaration import schema

    try:
        document = yaml_file.read(path, what="declaration")
        if found := yaml_file.faults(document, schema.Platform):
            return found
        platform = yaml_file.validated(document, schema.Platform)
        if found := list(_lost_files(platform, document, path.parent, within)):
            return found
        of(document, path.parent, (), within)
    except InputError as error:
        return [error]
    return []


def bare(urls: Sequence[str], name: str | None = None) -> Declaration:
    """No declaration: only targets, from the command line. All else is then unproven.

    The platform is called `name`, or by the first target's host.
    """
    if not urls:
        raise InputError("nothing to audit: name a URL, or a declaration with --declaration")
    called = _within(name or _host(urls[0]), NAME_LIMIT)
    document = Document("(no declaration)", {})
    return _assemble(None, Subject(PLATFORM, called), document, urls)


def _host(url: str) -> str:
    """The URL's host. Raises InputError, which names it, where it is not a usable one."""
    try:
        return host_of(url)
    except ValueError as error:
        raise InputError(f"{url!r}: {error}") from error


def _within(given: str, limit: int) -> str:
    if len(given) > limit:
        raise InputError(f"{given[:60]!r}…: longer than {limit} characters")
    return given


def _papers(
    platform: schema.Platform, document: Document, folder: Path, within: Sequence[Path]
) -> dict[str, str]:
    """Each document by the keys that it shows. Raises InputError for a file or key that is lost."""
    if not platform.documents:
        return {}
    from gdpr_audit.evidence import Artefact

    found: dict[str, str] = {}
    for i, paper in enumerate(platform.documents):
        at = ("documents", i)
        if (why := _unfit(paper.file, folder, within)) is not None:
            raise document.refuse(why, *at, "file")
        digest = Artefact(folder / paper.file, paper.file).digest()
        days = " → ".join(str(day) for day in (paper.date, paper.expires) if day)
        words = ", ".join(part for part in (f"SHA-256 {digest[:16]}…", days) if part)
        for key in paper.shows:
            if not _declares(document.data, key):
                raise document.refuse(f"nothing is declared at {key!r}", *at, "shows")
            found[key] = f"document {paper.file} ({words})"
    return found


def _declares(data: Any, key: str) -> bool:
    """Whether the file says something at `governance.dpia` or `hosting[0].certificate`."""
    for name, index in re.findall(r"([A-Za-z_][\w]*)|\[(\d{1,4})\]", key):
        try:
            data = data[name] if name else data[int(index)]
        except (KeyError, IndexError, TypeError):
            return False
    return data is not None


def _unfit(name: str, folder: Path, within: Sequence[Path]) -> str | None:
    """Why a file that the declaration names is not read; None where it is."""
    place = folder / name
    if not os.path.isfile(place):  # noqa: PTH113 - Path's own raises for a name that is too long
        return f"there is no file {name!r} beside the declaration"
    real = Path(os.path.realpath(place))
    if any(real.is_relative_to(os.path.realpath(root)) for root in (folder, *within)):
        return None
    return (
        f"{name!r} is {str(real)!r}, outside the declaration's folder: copy it there, or allow the "
        "folder that it lies in with --artefacts-in"
    )


def _lost_files(
    platform: schema.Platform, document: Document, folder: Path, within: Sequence[Path]
) -> Iterator[InputError]:
    from gdpr_audit.evidence import KINDS

    for i, store in enumerate(platform.storage or ()):
        for j, evidence in enumerate(store.evidence or ()):
            at = ("storage", i, "evidence", j)
            if evidence.kind not in KINDS:
                known = ", ".join(KINDS)
                yield document.refuse(f"no kind of artefact {evidence.kind!r}; known: {known}", *at)
            elif evidence.file is None and evidence.kind != "aws":
                yield document.refuse(f"`file` is missing: {evidence.kind} is read from one", *at)
            elif (
                evidence.file is not None
                and (why := _unfit(evidence.file, folder, within)) is not None
            ):
                yield document.refuse(why, *at, "file")


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


def _assemble(
    written: schema.Platform | None,
    top: Subject,
    document: Document,
    urls: Sequence[str],
) -> Declaration:
    builder = _Builder(document)
    builder.places[top] = Place((), written)
    targets = _targets(builder, written, top, urls)
    declared = bool(urls) or (written is not None and written.targets is not None)
    builder.section(TARGET, top, targets, ("targets",), declared=declared)
    _hosters(builder, written, top)
    _audiences(builder, written, top)
    governance, processing = (written.governance, written.processing) if written else (None, None)
    lists: tuple[tuple[str, Sequence[Any] | None, Path_], ...] = (
        ("store", written.storage if written else None, ("storage",)),
        ("processor", governance.processors if governance else None, ("governance", "processors")),
        ("category", processing.categories if processing else None, ("processing", "categories")),
    )
    for kind, records, path in lists:
        found = [
            builder.add(kind, record.name, (*path, i), record, top)
            for i, record in enumerate(records or ())
        ]
        builder.section(kind, top, found, path, declared=records is not None)
    return Declaration(written, document, builder.places, tuple(builder.census))


def _targets(
    builder: _Builder, written: schema.Platform | None, top: Subject, urls: Sequence[str]
) -> list[Subject]:
    declared = (written.targets if written else None) or ()
    found = [
        builder.add(TARGET, normal(target.url), ("targets", i), target, top)
        for i, target in enumerate(declared)
    ]
    for url in dict.fromkeys(normal(u) for u in urls if _host(u)):
        if any(subject.name == url for subject in found):
            continue
        subject = Subject(TARGET, _within(url, URL_LIMIT), within=top)
        builder.places[subject] = Place()
        found.append(subject)
    return found


def _hosters(builder: _Builder, written: schema.Platform | None, top: Subject) -> None:
    hosting = written.hosting if written else None
    found = []
    for i, hoster in enumerate(hosting or ()):
        path: Path_ = ("hosting", i)
        subject = builder.add("hoster", hoster.provider, path, hoster, top)
        found.append(subject)
        inner = list(_subcontractors(builder, hoster, (*path, "subcontractors"), subject))
        declared = hoster.subcontractors is not None
        builder.section(
            "subcontractor", subject, inner, (*path, "subcontractors"), declared=declared
        )
    builder.section("hoster", top, found, ("hosting",), declared=hosting is not None)


def _subcontractors(
    builder: _Builder, hoster: schema.Hoster, path: Path_, within: Subject
) -> Iterator[Subject]:
    """Those of a hoster and, to any depth, those of theirs: each stands under the hoster."""
    for j, sub in enumerate(hoster.subcontractors or ()):
        yield builder.add("subcontractor", sub.provider, (*path, j), sub, within)
        yield from _subcontractors(builder, sub, (*path, j, "subcontractors"), within)


def _audiences(builder: _Builder, written: schema.Platform | None, top: Subject) -> None:
    section = written.authentication if written else None
    found = []
    for name in _AUDIENCES:
        record = getattr(section, name) if section else None
        if record is not None:
            found.append(builder.add("audience", name, ("authentication", name), record, top))
    # An audience that is not declared may yet exist: only the targets' own words settle it.
    targets = (written.targets if written else None) or ()
    named = {a for t in targets for a in t.audience or ()}
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
