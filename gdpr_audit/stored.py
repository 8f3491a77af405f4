"""A finished audit read back: its document to the observations that were judged.

Nothing is looked at again: what was a gap stays one, and a rule that reads what no check stated
at the time is unproven.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from gdpr_audit.errors import InputError
from gdpr_audit.model import (
    PLATFORM,
    Census,
    Check,
    Evidence,
    Fact,
    FactSpec,
    FactType,
    Gap,
    Observations,
    Origin,
    Subject,
    Text,
    Value,
    Vocabulary,
)
from gdpr_audit.outcome import Audit, ProfileName, Standing, TargetRun

Document = Mapping[str, Any]


def of(document: Document, words: Vocabulary, profile: ProfileName) -> Audit:
    """The audit without its findings; `words` give each fact its type.

    Raises InputError for a fact whose value is not of that type.
    """
    reader = _Reader(document, words)
    return Audit(
        platform=reader.platform,
        started=_time(document["started"]),
        finished=_time(document["finished"]),
        date=date.fromisoformat(document["date"]),
        language=document["language"],
        findings=(),
        observations=reader.observations(),
        checks=reader.checks(),
        targets=tuple(_target(run) for run in document["targets"]),
        rules_digest=document["tool"]["rules"],
        hds_list=document["tool"]["hds_list"],
        tls_profile=profile,
        mandate=_mandate(document["mandate"]),
        standing=Standing(**(document.get("standing") or {})),
        interrupted=document["summary"]["interrupted"],
        late=tuple(reader.named(key) for key in document["summary"].get("late", ())),
    )


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _target(run: Mapping[str, Any]) -> TargetRun:
    return TargetRun(
        run["url"], run["reached"], tuple(run["addresses"]), run["seconds"], run["connections"]
    )


def _mandate(given: Mapping[str, str] | None) -> tuple[str, str] | None:
    return (given["authorised_by"], given["reference"]) if given else None


class _Reader:
    """Subjects by their key, then all that is about them."""

    def __init__(self, document: Document, words: Vocabulary) -> None:
        self._document, self._words = document, words
        self._lines = {line["key"]: line for line in document["subjects"]}
        self._subjects: dict[str, Subject] = {}
        language = document["language"]
        other = "en" if language == "fr" else "fr"
        self._french = language == "fr"
        self._other: Mapping[str, str] = document["translations"].get(other, {})

    @property
    def platform(self) -> Subject:
        key = next(k for k, line in self._lines.items() if line["kind"] == PLATFORM)
        return self._subject(key)

    def named(self, key: str) -> Subject:
        """The subject of that key. Raises KeyError."""
        return self._subject(key)

    def _subject(self, key: str) -> Subject:
        if key not in self._subjects:
            line = self._lines[key]
            within = self._subject(line["within"]) if line["within"] else None
            self._subjects[key] = Subject(
                line["kind"], line["name"], line["file"], line["line"], within
            )
        return self._subjects[key]

    def _text(self, said: str) -> Text:
        there = self._other.get(said, said)
        return Text(said, there) if self._french else Text(there, said)

    def observations(self) -> Observations:
        facts: dict[Subject, dict[str, Fact | Gap]] = {}
        for key, groups in self._document["facts"].items():
            about = facts.setdefault(self._subject(key), {})
            for check, known in groups.items():
                for name, row in known.items():
                    about[name] = self._known(check, name, row)
        census = {}
        for line in self._document["census"]:
            within = self._subject(line["within"])
            found = tuple(self._subject(key) for key in self._inside(line))
            gap = self._text(line["gap"]) if line["gap"] else None
            broken = bool(line.get("broken"))
            census[within, line["kind"]] = Census(line["kind"], within, found, gap, broken)
        return Observations(self.platform, facts, census, self._kinds())

    def _inside(self, line: Mapping[str, Any]) -> list[str]:
        """The keys of the subjects of one census, in its order."""
        if line.get("subjects") is not None:
            return list(line["subjects"])
        place = (line["kind"], line["within"])
        return [k for k, one in self._lines.items() if (one["kind"], one["within"]) == place]

    def _kinds(self) -> Mapping[str, str]:
        """What each kind lies within: as installed, and as this audit had it."""
        seen = {
            line["kind"]: self._lines[line["within"]]["kind"]
            for line in self._lines.values()
            if line["within"]
        }
        return {**seen, **self._words.kinds}

    def _known(self, check: str, name: str, row: Mapping[str, Any]) -> Fact | Gap:
        if row.get("gap") is not None:
            return Gap(name, self._text(row["gap"]), check, bool(row.get("broken")))
        evidence = Evidence(
            check, Origin(row["origin"]), self._text(row["summary"]), _time(row["at"])
        )
        partial = self._text(row["partial"]) if row.get("partial") else None
        try:
            return Fact(name, self._value(name, row["value"]), evidence, partial)
        except (ValueError, TypeError) as error:
            raise InputError(f"not an audit document: facts: {name}: {error}") from None

    def _value(self, name: str, value: Any) -> Value:
        """Raises ValueError or TypeError for what is none of that name's."""
        spec = self._words.facts.get(name)
        made: Value = tuple(value) if isinstance(value, list) else value
        if spec is not None and spec.type is FactType.DATE and isinstance(value, str):
            made = date.fromisoformat(value)
        if spec is not None and not spec.type.admits(made):
            raise TypeError(f"a value of type {spec.type.value} is expected")
        return made

    def checks(self) -> tuple[Check, ...]:
        """Which check stated which facts, for the document that is written again."""
        stated: dict[str, set[tuple[str, str]]] = {}
        for key, groups in self._document["facts"].items():
            kind = self._lines[key]["kind"]
            for check, known in groups.items():
                stated.setdefault(check, set()).update((name, kind) for name in known)
        return tuple(_check(name, facts) for name, facts in stated.items())


def _check(name: str, facts: Iterable[tuple[str, str]]) -> Check:
    specs = tuple(FactSpec(fact, FactType.TEXT, kind, "as stored") for fact, kind in sorted(facts))
    return Check(name, PLATFORM, specs, _looks_at_nothing)


def _looks_at_nothing(_subject: Subject, _session: Any) -> Any:
    raise NotImplementedError("a stored check looks at nothing")
