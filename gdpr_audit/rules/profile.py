"""TLS profiles: what one guide admits, as data that rules may name.

`tls.suites: {only: profile.suites}` in a rule is an operand as `audit_date` is: what it stands for
is known when the rule is judged. A profile says what its guide says and no more. An aspect of
which the guide does not speak is left out, and what only that aspect could decide is then not
applicable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from gdpr_audit import yaml_file
from gdpr_audit.errors import InputError
from gdpr_audit.model import FactType, Rule, Source, Text
from gdpr_audit.rules.schema import BothLanguages, Day, Record

DEFAULT = "anssi"
PREFIX = "profile."
_FOLDER = Path(__file__).with_name("profiles")

_Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]*$", max_length=100)]
_Clause = Annotated[str, Field(min_length=1, max_length=100)]
_Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
_Month = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
_ABSENT: Any = None
_Bound = Annotated[int, Field(ge=1, le=10**9)]


class Listed(Record):
    """What is recommended, and what is tolerated beside it: both are admitted."""

    clause: _Clause
    recommended: Annotated[list[_Word], Field(min_length=1, max_length=500)]
    tolerated: Annotated[list[_Word], Field(max_length=500)] = Field(default=[])

    @model_validator(mode="after")
    def _once(self) -> Listed:
        them = [*self.recommended, *self.tolerated]
        if double := next((item for item in them if them.count(item) > 1), None):
            raise ValueError(f"{double} stands twice")
        return self


class Most(Record):
    clause: _Clause
    at_most: _Bound


class Least(Record):
    clause: _Clause
    at_least: _Bound


class AspectsRecord(Record):
    """What a profile may speak of. An empty key is refused: it would silence rules by accident."""

    versions: Listed = _ABSENT
    suites: Listed = _ABSENT
    groups: Listed = _ABSENT
    signatures: Listed = _ABSENT
    certificate_keys: Listed = _ABSENT
    certificate_rsa_bits: Least = _ABSENT
    certificate_lifetime_days: Most = _ABSENT
    ticket_lifetime_seconds: Most = _ABSENT

    @model_validator(mode="after")
    def _whole(self) -> AspectsRecord:
        given = self.model_fields_set
        if not given:
            raise ValueError("a profile that speaks of nothing judges nothing")
        if "certificate_rsa_bits" in given and "certificate_keys" not in given:
            raise ValueError(
                "certificate_rsa_bits needs certificate_keys beside it, "
                "or every key that is not RSA would be refused"
            )
        return self


class ProfileRecord(Record):
    """One profile's file."""

    id: _Id
    source: _Word
    version: _Word
    date: Day | _Month
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=500)]
    title: BothLanguages
    aspects: AspectsRecord
    clauses: Annotated[dict[_Id, _Clause], Field(max_length=1000)] = Field(default={})


#: Each aspect with its name for people, and how a rule may ask for it: predicate, type of fact.
_LISTED = (("only", FactType.LIST), ("one_of", FactType.TEXT))
_MOST = (("at_most", FactType.INTEGER), ("at_most", FactType.NUMBER))
_LEAST = (("at_least", FactType.INTEGER), ("at_least", FactType.NUMBER))
ASPECTS: Mapping[str, tuple[Text, tuple[tuple[str, FactType], ...]]] = {
    "versions": (Text("les versions de TLS", "TLS versions"), _LISTED),
    "suites": (Text("les suites", "cipher suites"), _LISTED),
    "groups": (Text("les groupes d'échange de clés", "key exchange groups"), _LISTED),
    "signatures": (Text("les algorithmes de signature", "signature algorithms"), _LISTED),
    "certificate_keys": (Text("les clés de certificat", "certificate keys"), _LISTED),
    "certificate_rsa_bits": (Text("la taille des clés RSA", "the size of RSA keys"), _LEAST),
    "certificate_lifetime_days": (
        Text("la durée des certificats", "the lifetime of certificates"),
        _MOST,
    ),
    "ticket_lifetime_seconds": (
        Text("la durée de vie des tickets", "the lifetime of session tickets"),
        _MOST,
    ),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """An operand that the profile in force gives: `profile.suites`."""

    aspect: str


def reference(operand: str, kind: FactType, predicate: str) -> Reference:
    """`profile.<aspect>`. Raises ValueError where there is no such aspect, or it does not fit."""
    aspect = operand.removeprefix(PREFIX)
    if aspect not in ASPECTS:
        raise ValueError(f"a profile has no aspect {aspect!r}; known: {', '.join(ASPECTS)}")
    fits = ASPECTS[aspect][1]
    if (predicate, kind) not in fits:
        words = " or ".join(f"`{name}` on a fact that is a {fit.value}" for name, fit in fits)
        raise ValueError(f"{operand} is for {words}; not for `{predicate}` on a {kind.value}")
    return Reference(aspect)


@dataclass(frozen=True, slots=True)
class Aspect:
    """What the guide admits of one thing, a list or a bound, and the clause that says so."""

    clause: str
    admitted: tuple[str, ...] | int


@dataclass(frozen=True, slots=True)
class Profile:
    """One guide in one version. `clauses` says, by rule, on which clause of it a finding rests."""

    id: str
    title: Text
    source: str
    version: str
    date: str
    url: str
    aspects: Mapping[str, Aspect]
    clauses: Mapping[str, str]

    @property
    def name(self) -> str:
        """As it is cited: `ANSSI-TLS 1.2`."""
        return f"{self.source} {self.version}"

    def lacks(self, operand: Any) -> bool:
        """Whether a rule's operand asks for something of which the guide does not speak."""
        return isinstance(operand, Reference) and operand.aspect not in self.aspects

    def silence(self, reference: Reference) -> Text:
        what = ASPECTS[reference.aspect][0]
        return Text(
            f"{self.name} ne se prononce pas sur {what.fr}",
            f"{self.name} says nothing of {what.en}",
        )

    def sources(self, rule: Rule) -> tuple[Source, ...]:
        """What a finding of `rule` rests on: its own sources and the guide's clause, each once."""
        named = list(dict.fromkeys(_aspects(rule)))
        clause = self.clauses.get(rule.id) or ", ".join(
            dict.fromkeys(self.aspects[name].clause for name in named if name in self.aspects)
        )
        told = Source(self.source, clause) in rule.sources
        if told or not (clause or (named and not rule.sources)):
            return rule.sources
        return (*rule.sources, Source(self.name, clause))


def _aspects(rule: Rule) -> Iterator[str]:
    for condition in (*rule.when.every, *rule.require.every):
        if isinstance(condition.operand, Reference):
            yield condition.operand.aspect


def names_one(rule: Rule) -> bool:
    """Whether the rule rests on what the profile in force admits."""
    return any(_aspects(rule))


def known() -> tuple[str, ...]:
    """The built-in profiles."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def default() -> Profile:
    """The built-in profile that is in force where none is named."""
    return load(DEFAULT)


def load(given: str) -> Profile:
    """A built-in profile by its name, else a file. Raises InputError with place and mend."""
    names = known()
    if given in names:
        return _read(_FOLDER / f"{given}.yaml")
    path = Path(given)
    if not path.exists():
        raise InputError(f"{given}: neither a TLS profile ({', '.join(names)}) nor a file")
    return _read(path, taken=names)


def _read(path: Path, taken: tuple[str, ...] = ()) -> Profile:
    document = yaml_file.read(path, what="TLS profile")
    record = yaml_file.validated(document, ProfileRecord)
    if record.id in taken:
        raise document.refuse(f"{record.id} is a built-in profile; take another id", "id")
    return Profile(
        id=record.id,
        title=Text(record.title.fr, record.title.en),
        source=record.source,
        version=record.version,
        date=record.date.isoformat() if isinstance(record.date, date) else record.date,
        url=record.url,
        aspects={
            name: _aspect(getattr(record.aspects, name))
            for name in ASPECTS
            if name in record.aspects.model_fields_set
        },
        clauses=record.clauses,
    )


def _aspect(record: Listed | Most | Least) -> Aspect:
    if isinstance(record, Listed):
        return Aspect(record.clause, (*record.recommended, *record.tolerated))
    return Aspect(record.clause, record.at_most if isinstance(record, Most) else record.at_least)
