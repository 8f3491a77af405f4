"""Loads rules, and refuses those that could not judge: better no audit than a lenient one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from importlib.metadata import entry_points
from importlib.resources import files as package_files
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from gdpr_audit import files, resources, yaml_file
from gdpr_audit.errors import InputError, PluginError
from gdpr_audit.model import (
    PLATFORM,
    Condition,
    Effort,
    Example,
    FactSpec,
    Requirement,
    Rule,
    Severity,
    Source,
    Text,
    Verdict,
    Vocabulary,
)
from gdpr_audit.rules import predicates, shape
from gdpr_audit.rules.profile import known as known_profiles
from gdpr_audit.rules.profile import names_one
from gdpr_audit.yaml_file import Document, Path_

#: The order of the report.
THEMES = (
    "lawfulness",
    "governance",
    "hosting",
    "transport",
    "storage",
    "authentication",
    "web",
    "exposure",
    "naming",
    "traceability",
    "resilience",
    "assurance",
)

LIMIT = 5000  # rule files of one pack


class RuleBook(NamedTuple):
    """The rules that were read, in the report's order, and the digest of all files.

    `names` has the id and the theme of every rule, whether it was read or only seen.
    """

    rules: tuple[Rule, ...]
    digest: str
    names: frozenset[str]

    def rule(self, rule_id: str) -> Rule:
        """Raises InputError with the nearest known ids."""
        _refuse_unknown([rule_id], self.names)
        found = next((rule for rule in self.rules if rule.id == rule_id), None)
        if found is None:
            raise InputError(f"{rule_id!r} is a theme; see `gdpr-audit rules list`")
        return found

    def of_theme(self, theme: str) -> tuple[Rule, ...]:
        """Raises InputError for a name that is neither a theme nor a rule."""
        _refuse_unknown([theme], self.names)
        return tuple(rule for rule in self.rules if theme in {rule.theme, rule.id})


def load(
    folders: Iterable[Path],
    words: Vocabulary,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
) -> RuleBook:
    """The rules of every folder that `only` and `skip` (themes, ids) leave.

    Of the others the name and the digest are taken, and they are not read. Raises InputError at
    the first rule that cannot be used, and for a name in `only` or `skip` that no rule has.
    """
    return of(gather(folders), words, only, skip)


def gather(folders: Iterable[Path]) -> dict[Path, bytes]:
    """Every rule file of the folders, in their order. Raises InputError for an id of two files."""
    places: dict[str, Path] = {}
    contents: dict[Path, bytes] = {}
    for path in (path for folder in folders for path in _files(folder)):
        if path.stem in places:
            raise InputError(f"{path}: the rule {path.stem} exists already: {places[path.stem]}")
        places[path.stem] = path
        contents[path] = files.read(path, yaml_file.LIMIT, "rule")
    return contents


def of(
    contents: Mapping[Path, bytes],
    words: Vocabulary,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
) -> RuleBook:
    """The rules of files that were read before; as `load`."""
    only, skip = frozenset(only), frozenset(skip)
    names = frozenset({*(path.stem for path in contents), *map(_theme, contents)})
    _refuse_unknown(sorted(only | skip), names)
    rules = [
        rule_of(yaml_file.parse(content, str(path), what="rule"), path, words)
        for path, content in contents.items()
        if (not only or {path.stem, _theme(path)} & only) and not {path.stem, _theme(path)} & skip
    ]
    return RuleBook(tuple(sorted(rules, key=_order)), digest(contents), names)


def digest(contents: Mapping[Path, bytes]) -> str:
    """SHA-256 over the files: `theme/id`, a zero byte, the content, a zero byte, in their order."""
    found = hashlib.sha256()
    for path, content in contents.items():
        found.update(f"{_theme(path)}/{path.stem}\0".encode() + content + b"\0")
    return f"sha256:{found.hexdigest()}"


def _theme(path: Path) -> str:
    return path.parent.name


def _refuse_unknown(given: Iterable[str], names: frozenset[str]) -> None:
    """Refuse what is neither a theme nor a rule's id, with the nearest that is."""
    for name in given:
        if name not in names:
            close = get_close_matches(name, sorted(names), n=1)
            mend = f"did you mean {close[0]}?" if close else "see `gdpr-audit rules list`"
            raise InputError(f"{name!r} is neither a rule nor a theme; {mend}")


def _order(rule: Rule) -> tuple[int, str, int, str]:
    place = THEMES.index(rule.theme) if rule.theme in THEMES else len(THEMES)
    return place, rule.theme, rule.severity.rank, rule.id


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise InputError(f"{folder}: there are no rules here")
    try:
        found = sorted(islice(_below(folder), LIMIT + 1))
    except OSError as error:
        raise InputError(f"{folder}: cannot look for rules: {error.strerror}") from error
    if not found:
        raise InputError(f"{folder}: there are no rules here (<theme>/<id>.yaml)")
    if len(found) > LIMIT:
        raise InputError(f"{folder}: more than {LIMIT} rules")
    return found


def _below(folder: Path) -> Iterator[Path]:
    """Every YAML file, one by one: a folder of a million is not listed before it is refused."""
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.name.endswith(".yaml"):
                    yield Path(entry.path)


def rule_of(document: Document, path: Path, words: Vocabulary) -> Rule:
    """One rule file, checked against the vocabulary. Raises InputError that names line and mend."""
    if not shape.plain(document.data):
        _refuse_misshapen(document)
    given: dict[str, Any] = document.data
    rule_id, subject = given["id"], given["subject"]
    if rule_id != path.stem:
        raise document.refuse(f"the file is named {path.name}; it must be {rule_id}.yaml", "id")
    if subject != PLATFORM and subject not in words.kinds:
        known = ", ".join(sorted({PLATFORM, *words.kinds}))
        raise document.refuse(f"no installed check knows this subject; known: {known}", "subject")
    reader = _Reader(document, subject, words)
    when = reader.requirement(given.get("when", {}), ("when",))
    require = reader.requirement(given["require"], ("require",))
    rule = Rule(
        id=rule_id,
        theme=_theme(path),
        severity=Severity(given["severity"]),
        subject=subject,
        when=when,
        require=require,
        articles=tuple(given["articles"]),
        sources=tuple(map(_source, given.get("sources", []))),
        title=Text(**given["title"]),
        why=Text(**given["why"]),
        remedy=Text(**given["remedy"]),
        examples=tuple(
            reader.example(example, ("examples", i), when.facts | require.facts)
            for i, example in enumerate(given["examples"])
        ),
        file=str(path),
        effort=Effort(given["effort"]) if given.get("effort") else None,
    )
    if not rule.sources and not names_one(rule):
        raise document.refuse("cite a source, or ask for what a TLS profile admits", "sources")
    _refuse_unshown(rule, document)
    return rule


def _source(given: dict[str, Any]) -> Source:
    """A source whose name or clause may be words, in both languages then."""
    parts = [given["id"], given.get("clause") or ""]
    texts = [Text(**part) if isinstance(part, dict) else Text.same(part) for part in parts]
    source = Source(texts[0].en, texts[1].en)
    french = " ".join(text.fr for text in texts).strip()
    return source._replace(french=french) if french != str(source) else source


def _refuse_misshapen(document: Document) -> None:
    """Ask the schema; it may find nothing wrong."""
    from gdpr_audit.rules.schema import RuleRecord  # noqa: PLC0415 - seldom, and heavy

    yaml_file.validated(document, RuleRecord)


def _refuse_unshown(rule: Rule, document: Document) -> None:
    """Each verdict that the rule can give must stand among its examples."""
    wanted = {Verdict.PASS, Verdict.FAIL, Verdict.UNPROVEN}
    if rule.when.facts:
        wanted.add(Verdict.NOT_APPLICABLE)
    missing = wanted - {example.verdict for example in rule.examples}
    if missing:
        names = ", ".join(sorted(missing))
        raise document.refuse(f"no example of: {names}", "examples")


class _Reader(NamedTuple):
    document: Document
    subject: str
    words: Vocabulary

    def requirement(self, block: Mapping[str, Any], path: Path_) -> Requirement:
        conditions: list[Condition] = []
        alternatives: list[tuple[Condition, ...]] = []
        for name, body in block.items():
            if name == "any":
                alternatives = self._alternatives(body, (*path, "any"))
            else:
                conditions += self._conditions(name, body, (*path, name))
        return Requirement(tuple(conditions), tuple(alternatives))

    def _alternatives(self, body: Any, path: Path_) -> list[tuple[Condition, ...]]:
        if not isinstance(body, list) or len(body) < 2:
            raise self.document.refuse("`any` takes a list of two blocks or more", *path)
        found = []
        for i, block in enumerate(body):
            if not isinstance(block, dict) or not block:
                raise self.document.refuse("a block that asks for nothing always holds", *path, i)
            inner = [
                c
                for name, it in block.items()
                for c in self._conditions(name, it, (*path, i, name))
            ]
            found.append(tuple(inner))
        return found

    def _conditions(self, name: str, body: Any, path: Path_) -> list[Condition]:
        spec = self.fact(name, path)
        if not isinstance(body, dict) or not body:
            raise self.document.refuse("expected a predicate, as in {is: true}", *path)
        found = []
        for predicate, operand in body.items():
            if predicate not in predicates.PREDICATES:
                known = ", ".join(predicates.PREDICATES)
                raise self.document.refuse(
                    f"unknown predicate {predicate!r}; known: {known}", *path
                )
            try:
                parsed = predicates.parse_operand(operand, spec.type, predicate)
            except ValueError as error:
                raise self.document.refuse(str(error), *path) from None
            found.append(Condition(name, predicate, parsed))
        return found

    def fact(self, name: str, path: Path_) -> FactSpec:
        spec = self.words.facts.get(name)
        if spec is None:
            raise self.document.refuse(f"no installed check states the fact {name!r}", *path)
        if spec.subject not in self.words.lineage(self.subject):
            raise self.document.refuse(
                f"{name} is about a {spec.subject}; this rule is about a {self.subject}", *path
            )
        return spec

    def example(self, given: dict[str, Any], path: Path_, used: frozenset[str]) -> Example:
        word = next(key for key in given if key not in ("date", "profile"))
        verdict, profile = Verdict(word), given.get("profile")
        facts: dict[str, Any] = {}
        for name, shown in (given[word] or {}).items():
            spec = self.fact(name, (*path, verdict))
            if name not in used:
                raise self.document.refuse(f"the rule does not read {name}", *path, verdict)
            value = tuple(shown) if isinstance(shown, list) else shown
            if not spec.type.admits(value):
                raise self.document.refuse(f"{name} is a {spec.type.value}", *path, verdict)
            facts[name] = value
        if profile not in (None, *known_profiles()):
            known = ", ".join(known_profiles())
            raise self.document.refuse(f"no built-in TLS profile; known: {known}", *path, "profile")
        return Example(verdict, facts, given.get("date") or date(2026, 11, 24), profile)


def installed_packs() -> list[Path]:
    """Our own rules, and those that installed packages bring (entry points `gdpr_audit.rules`).

    Such an entry point names a package whose folder holds `<theme>/<id>.yaml`.
    """
    packs = [resources.folder("rules")]
    for point in sorted(entry_points(group="gdpr_audit.rules"), key=lambda p: p.name):
        try:
            packs.append(Path(str(package_files(point.value))))
        except (ImportError, TypeError) as error:
            raise PluginError(f"the rules {point.name} do not load: {error}") from error
    return packs
