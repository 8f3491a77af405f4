"""The nouns, all frozen. Everything else in the package speaks in these.

A *check* looks at a *subject* and states *facts*, each with the *evidence* for it, or
*gaps* where it could not. A *rule* compares facts with what the law asks, and ends in a
*finding*. What was not established is a gap, and no gap can become a pass.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from gdpr_audit.redaction import fit

Language = str  # "fr" or "en"

#: What a fact may be worth. Lists are tuples of strings, so that facts stay hashable.
Value = bool | int | float | str | date | tuple[str, ...]


class Text(NamedTuple):
    """One sentence in both languages of the reports."""

    fr: str
    en: str

    def within(self, language: Language) -> str:
        return self.fr if language == "fr" else self.en

    @classmethod
    def same(cls, words: str) -> Text:
        """For what is not language: a name, a number, a protocol's own word."""
        return cls(words, words)


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


class Effort(StrEnum):
    """What a repair takes, as the rule's author estimates it: hours, days, weeks."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict, no secret
    FAIL = "fail"
    UNPROVEN = "unproven"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"
    ERROR = "error"


class Origin(StrEnum):
    """How a thing is known, the weakest first."""

    DECLARED = "declared"
    PUBLISHED = "published"
    MEASURED = "measured"

    @property
    def rank(self) -> int:
        return list(Origin).index(self)


LIST_LIMIT = 500  # items kept of one list


class FactType(Enum):
    """The types that a fact may have; the predicates know which of them they can compare."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    LIST = "list"

    def admits(self, value: object) -> bool:
        if self is FactType.BOOLEAN:
            return isinstance(value, bool)
        if self is FactType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        if self is FactType.NUMBER:
            # no infinity, which is above each bound, nor what is no number at all
            return type(value) is int or (isinstance(value, float) and math.isfinite(value))
        if self is FactType.TEXT:
            return isinstance(value, str)
        if self is FactType.DATE:
            return isinstance(value, date) and not isinstance(value, datetime)
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


#: The kinds of subject that the declaration gives, and whose child each is. Checks may add more.
PLATFORM = "platform"
TARGET = "target"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fact is about. `name` is unique among the subjects of its kind.

    `file` and `line` (from 1) say where the declaration speaks of it. `within` is the subject
    that it belongs to: a cookie's target, a target's platform.
    """

    kind: str
    name: str
    file: str | None = None
    line: int | None = None
    within: Subject | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", fit(self.name, 300))

    @property
    def key(self) -> str:
        """The subject's name in the audit document's `facts`."""
        return self.name if self.kind == TARGET else f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen, when, and how it is known. Cleaned and redacted here, once."""

    check: str
    origin: Origin
    summary: Text
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("evidence needs an aware time")
        object.__setattr__(self, "summary", _cleaned(self.summary))


@lru_cache(maxsize=128)  # one reason stands for many facts; few, as they may hold secrets
def _cleaned(text: Text) -> Text:
    return Text(*(fit(words, 1000) for words in text))


def now() -> datetime:
    """The present second, in UTC."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing established about a subject.

    `partial` says why there may be more: a list may have further items, a number may be smaller.
    What was seen stands, and settles no more than it can.
    """

    name: str
    value: Value
    evidence: Evidence
    partial: Text | None = None

    def __post_init__(self) -> None:
        if self.partial is not None:
            if not isinstance(self.value, tuple | int | float) or isinstance(self.value, bool):
                raise TypeError(f"{self.name}: only lists and numbers can be partial")
            object.__setattr__(self, "partial", _cleaned(self.partial))
        if isinstance(self.value, str):
            object.__setattr__(self, "value", fit(self.value, 1000))
        elif isinstance(self.value, tuple):
            if len(self.value) > LIST_LIMIT and self.partial is None:
                cut = Text(f"plus de {LIST_LIMIT} éléments", f"more than {LIST_LIMIT} items")
                object.__setattr__(self, "partial", cut)
            kept = tuple(fit(item, 300) for item in self.value[:LIST_LIMIT])
            object.__setattr__(self, "value", kept)


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that could not be established, and why. `broken`: the check itself broke."""

    name: str
    reason: Text
    check: str = ""
    broken: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", _cleaned(self.reason))


#: What is known of one name: established, or why it is not.
Known = Fact | Gap


class About(NamedTuple):
    """A statement on a subject that the check found inside its own: one cookie's flag."""

    subject: Subject
    statement: Known


class Census(NamedTuple):
    """All subjects of one kind inside `within`. With a gap, there may be more than these."""

    kind: str
    within: Subject
    subjects: tuple[Subject, ...] = ()
    gap: Text | None = None
    broken: bool = False


Statement = Fact | Gap | About | Census


class FactSpec(NamedTuple):
    """One name in the public vocabulary of facts."""

    name: str
    type: FactType
    subject: str
    doc: str


class KindSpec(NamedTuple):
    """A kind of subject, and the kind that it lives in."""

    name: str
    within: str


class Vocabulary(NamedTuple):
    """Every fact that an installed check may state, and every kind of subject."""

    facts: Mapping[str, FactSpec]
    kinds: Mapping[str, str]
    owners: Mapping[str, str]  # the fact's check

    def lineage(self, kind: str) -> tuple[str, ...]:
        """The kind and all that it lies within: the kinds whose facts a rule on it may name."""
        found = [kind]
        while found[-1] != PLATFORM:
            found.append(self.kinds[found[-1]])
        return tuple(found)


Observe = Callable[[Subject, Any], AsyncIterator[Statement]]


@dataclass(frozen=True, slots=True)
class Check:
    """A plug-in that observes. A value: the last line of its module, named by an entry point.

    `facts` are all that it may state, of its own subject's kind and of the kinds that it
    discovers. What it promises and does not state becomes a gap. `reaches` says that it
    speaks to the target itself, so that one that never answered counts as not audited.
    """

    name: str
    subject: str
    facts: tuple[FactSpec, ...]
    observe: Observe
    discovers: tuple[KindSpec, ...] = ()
    reaches: bool = False


class Source(NamedTuple):
    """A norm and the clause of it that a rule rests on."""

    id: str
    clause: str = ""
    french: str = ""  # both as the French have it, where that differs

    def __str__(self) -> str:
        return f"{self.id} {self.clause}".strip()

    @property
    def said(self) -> Text:
        return Text(self.french or str(self), str(self))


class Condition(NamedTuple):
    """*fact, must be, value*; `predicate` is one of the seven."""

    fact: str
    predicate: str
    operand: Any


class Requirement(NamedTuple):
    """All of `conditions`, and one of `alternatives` (each again: all of) where there are any."""

    conditions: tuple[Condition, ...] = ()
    alternatives: tuple[tuple[Condition, ...], ...] = ()

    @property
    def every(self) -> tuple[Condition, ...]:
        """The conditions, those of the alternatives with them."""
        return (*self.conditions, *(c for block in self.alternatives for c in block))

    @property
    def facts(self) -> frozenset[str]:
        return frozenset(condition.fact for condition in self.every)


class Example(NamedTuple):
    """Facts, and the verdict that the rule must give on them.

    `date` is the audit's, `profile` the built-in TLS profile in force; None is the default one.
    """

    verdict: Verdict
    facts: Mapping[str, Value]
    date: date | None = None
    profile: str | None = None


class Rule(NamedTuple):
    """One record of `rules/<theme>/<id>.yaml`."""

    id: str
    theme: str
    severity: Severity
    subject: str
    when: Requirement
    require: Requirement
    articles: tuple[str, ...]
    sources: tuple[Source, ...]
    title: Text
    why: Text
    remedy: Text
    examples: tuple[Example, ...]
    file: str = ""
    effort: Effort | None = None

    @property
    def facts(self) -> frozenset[str]:
        return self.when.facts | self.require.facts


class Reason(NamedTuple):
    """One condition of a rule, held against what was established.

    `offending` are the items of the observed list that broke it, where it has such.
    """

    fact: str
    must: Text
    observed: Value | None
    met: bool | None
    evidence: Evidence | None
    gap: Text | None = None
    broken: bool = False
    role: str = "require"
    offending: tuple[str, ...] = ()


class Finding(NamedTuple):
    """One rule's verdict on one subject; `sources` are those it rests on."""

    rule: Rule
    verdict: Verdict
    subject: Subject
    strength: Origin | None
    reasons: tuple[Reason, ...]
    sources: tuple[Source, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Equal from audit to audit, and in every language, for the same rule and subject."""
        parts = f"{self.rule.id}\x1f{self.subject.kind}\x1f{self.subject.name}"
        return hashlib.sha256(parts.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Observations:
    """All that the checks established: the judge's only input beside the rules.

    `facts` is keyed by subject, then by name of the fact; `kinds` says what each kind of
    subject lies within.
    """

    platform: Subject
    facts: Mapping[Subject, Mapping[str, Fact | Gap]] = field(default_factory=dict)
    census: Mapping[tuple[Subject, str], Census] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
