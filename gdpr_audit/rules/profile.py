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
from typing import Any, NamedTuple

from gdpr_audit import yaml_file
from gdpr_audit.errors import InputError
from gdpr_audit.model import FactType, Rule, Source, Text
from gdpr_audit.yaml_file import Document

DEFAULT = "anssi"
PREFIX = "profile."
_FOLDER = Path(__file__).with_name("profiles")


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


class Aspect(NamedTuple):
    """What the guide admits of one thing, a list or a bound, and the clause that says so."""

    clause: str
    admitted: tuple[str, ...] | int


class Profile(NamedTuple):
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


@cache
def known() -> tuple[str, ...]:
    """The built-in profiles."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def default() -> Profile:
    """The built-in profile that is in force where none is named."""
    return load(DEFAULT)


def load(given: str) -> Profile:
    """A built-in profile by its name, else a file. Raises InputError with place and mend."""
    path = place(given)
    if given in known():
        return _profile(yaml_file.read(path, what="TLS profile").data)
    return _checked(yaml_file.read(path, what="TLS profile"))


def place(given: str) -> Path:
    """The file of a built-in profile by its name, else the file named. Raises InputError."""
    names = known()
    if given in names:
        return _FOLDER / f"{given}.yaml"
    path = Path(given)
    if not path.exists():
        raise InputError(f"{given}: neither a TLS profile ({', '.join(names)}) nor a file")
    return path


def of(content: bytes, file: str) -> Profile:
    """A profile's content, a built-in one's too where it is that to the byte. Raises InputError."""
    document = yaml_file.parse(content, file, what="TLS profile")
    if any(content == place(name).read_bytes() for name in known()):
        return _profile(document.data)
    return _checked(document)


def _checked(document: Document) -> Profile:
    _refuse_misshapen(document, known())
    return _profile(document.data)


def _refuse_misshapen(document: Document, taken: tuple[str, ...]) -> None:
    """Hold a user's file to the schema, as the tests hold the built-in ones."""
    from gdpr_audit.rules.profile_schema import ProfileRecord  # noqa: PLC0415 - seldom, and heavy

    record = yaml_file.validated(document, ProfileRecord)
    if record.id in taken:
        raise document.refuse(f"{record.id} is a built-in profile; take another id", "id")


def _profile(given: Mapping[str, Any]) -> Profile:
    day = given["date"]
    return Profile(
        id=given["id"],
        title=Text(**given["title"]),
        source=given["source"],
        version=given["version"],
        date=day.isoformat() if isinstance(day, date) else day,
        url=given["url"],
        aspects={
            name: _aspect(given["aspects"][name]) for name in ASPECTS if name in given["aspects"]
        },
        clauses=given.get("clauses", {}),
    )


def _aspect(given: Mapping[str, Any]) -> Aspect:
    if "recommended" in given:
        return Aspect(given["clause"], (*given["recommended"], *given.get("tolerated", ())))
    return Aspect(given["clause"], given["at_most" if "at_most" in given else "at_least"])
