"""What a cloud's resource shows of its encryption at rest, by the table of stores.

An attribute that is unknown until the plan is applied, or marked sensitive, or that the provider
does not document, shows nothing; only what is written is a yes or a no. A provider's default that
encrypts always counts as encrypted, and the words say that it is the provider's, with its key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files as resources
from typing import Any

from gdpr_audit.attribution.ranges import country_of
from gdpr_audit.evidence import keys
from gdpr_audit.evidence.artefact import Shown
from gdpr_audit.evidence.resources import Book, Resource, Sight, look, truth, words_at
from gdpr_audit.model import Text

HOPS = 3  # from a snapshot to its volume, from a replica to its source


@dataclass(frozen=True, slots=True)
class Row:
    """One type of resource; the fields are those that stores.toml explains."""

    provider: str
    kind: str
    level: str
    source: str
    switch: str | None = None
    default: bool | None = None
    unless: tuple[str, ...] = ()
    always: bool = False
    like: str | None = None
    key: tuple[str, ...] = ()
    computed: bool = False
    manager: str | None = None
    algorithm: str | None = None
    mode: str | None = None
    bits: int | None = None
    raw_bits: int | None = None
    region: tuple[str, ...] = ()
    odd: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """What was found of one resource; `own_key`: whether a key of the customer is named."""

    encrypted: bool | None
    why: Text
    row: Row
    own_key: bool | None = None
    manager: str | None = None
    rotation: int | None = None


@cache
def table() -> Mapping[str, Row]:
    """Type to row."""
    text = resources("gdpr_audit.evidence").joinpath("stores.toml").read_text("utf-8")
    return {name: _row(row) for name, row in tomllib.loads(text).items()}


def _row(given: dict[str, Any]) -> Row:
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    return Row(**fields)


def same(words: str) -> Text:
    return Text(words, words)


DEFAULT = Text("par défaut chez ce fournisseur", "by this provider's default")
UNDOCUMENTED = Text("rien n'y montre son chiffrement", "nothing in it shows its encryption")
_UNKNOWN = Text("« {} » n'est connu qu'à l'application", "`{}` is known only once applied")
_HIDDEN = Text("« {} » est marqué sensible", "`{}` is marked sensitive")
_SOURCE = Text(
    "« {} » absent : il suit ce dont il est la copie", "no `{}`: it follows what it is a copy of"
)


def about(text: Text, what: str) -> Text:
    return Text(text.fr.format(what), text.en.format(what))


def state(resource: Resource, book: Book, hops: int = HOPS) -> State:
    """What the resource shows, whatever its type."""
    row = table()[resource.type]
    if row.odd is not None:
        from gdpr_audit.evidence import odd  # noqa: PLC0415 - it builds on this module

        return odd.BY_NAME[row.odd](resource, book, row, hops)
    return plain(resource, book, row, hops)


def plain(resource: Resource, book: Book, row: Row, hops: int = HOPS) -> State:
    """As the table says."""
    if row.always:
        return keyed(State(encrypted=True, why=DEFAULT, row=row), resource, book)
    if row.switch is None:
        return keyed(State(encrypted=None, why=UNDOCUMENTED, row=row), resource, book)
    found, why = switched(resource, row.switch, row.default)
    if found is None or look(resource, row.switch)[0] is Sight.ABSENT:
        parents = book.follow(resource, row.like, tuple(table())) if row.like and hops else ()
        if len(parents) == 1:
            parent = state(parents[0], book, hops - 1)
            address = parents[0].address
            whose = Text(f"comme {address} : {parent.why.fr}", f"as {address}: {parent.why.en}")
            return replace(parent, why=whose, row=replace(parent.row, kind=row.kind))
        if any(_set(resource, path, book) for path in row.unless):
            found, why = None, about(_SOURCE, row.switch)
    return keyed(State(encrypted=found, why=why, row=row), resource, book)


def switched(resource: Resource, path: str, default: bool | None) -> tuple[bool | None, Text]:
    """A switch that may stand in several blocks: one that is off is enough for a no."""
    seen = look(resource, path)
    values = [truth(value) if not isinstance(value, Sight) else None for value in seen]
    values = [
        default if sight is Sight.ABSENT else value
        for sight, value in zip(seen, values, strict=True)
    ]
    if False in values:
        at = seen[values.index(False)]
        if at is Sight.ABSENT:
            return False, Text(f"« {path} » absent", f"no `{path}`")
        return False, same(f"{path} = false")
    if None not in values:
        return True, DEFAULT if Sight.ABSENT in seen else same(f"{path} = true")
    for sight, words in ((Sight.UNKNOWN, _UNKNOWN), (Sight.HIDDEN, _HIDDEN)):
        if sight in seen:
            return None, about(words, path)
    return None, Text(f"« {path} » ne dit rien", f"`{path}` says nothing")


def _set(resource: Resource, path: str, book: Book) -> bool:
    """Whether an attribute says anything; one that the provider fills in says nothing."""
    path, _, wanted = path.partition("=")
    seen = look(resource, path)
    if wanted:
        return wanted in seen
    if any(sight is not Sight.ABSENT and sight is not Sight.UNKNOWN for sight in seen):
        return True
    return Sight.UNKNOWN in seen and book.named(resource, path) is not False


def keyed(found: State, resource: Resource, book: Book) -> State:
    """With whose key it is, and how often that is rotated."""
    row = found.row
    if found.encrypted is False:
        return found
    own: bool | None = False
    holders: list[Resource] = []
    for path in row.key:
        holders += book.follow(resource, path, keys.KEY_TYPES)
        own = _either(own, _own(resource, path, book, computed=row.computed))
    if holders:
        own = True
    manager = "kms" if own else row.manager
    return replace(
        found, own_key=own, manager=manager, rotation=keys.rotation(holders, book) or found.rotation
    )


def _either(left: bool | None, right: bool | None) -> bool | None:
    if left or right:
        return True
    return None if left is None or right is None else False


def _own(resource: Resource, path: str, book: Book, *, computed: bool) -> bool | None:
    """Whether a key of the customer is named at `path`; None where that cannot be told."""
    seen = [sight for sight in look(resource, path) if sight is not Sight.ABSENT]
    if not seen:
        return False
    named = book.named(resource, path)
    if named is not None:
        return named
    return None if computed or Sight.UNKNOWN in seen else True


def shown(resource: Resource, book: Book, name: str) -> Shown:
    """The state as evidence, in words."""
    found = state(resource, book)
    row = found.row
    where = country(resource, book, table()[resource.type])
    fr, en = _verdict(found)
    extras = [_key_words(found)] if found.encrypted else []
    if found.rotation is not None and found.encrypted:
        extras.append(_rotation_words(found.rotation))
    fr += "".join(f", {extra.fr}" for extra in extras)
    en += "".join(f", {extra.en}" for extra in extras)
    words = Text(f"{name} : {resource.address}{fr}", f"{name}: {resource.address}{en}")
    if not found.encrypted:
        level = None if found.encrypted is None else row.level
        manager = found.manager if found.encrypted is None and found.own_key else None
        rotation = found.rotation if manager else None
        return Shown(
            words, encrypted=found.encrypted, level=level, manager=manager,
            rotation_months=rotation, country=where,
        )  # fmt: skip
    return Shown(
        words,
        encrypted=True,
        level=row.level,
        algorithm=row.algorithm,
        mode=row.mode,
        key_bits=row.bits,
        raw_bits=row.raw_bits or row.bits,
        manager=found.manager,
        rotation_months=found.rotation,
        country=where,
    )


def _verdict(found: State) -> tuple[str, str]:
    row, why = found.row, found.why
    if found.encrypted is None:
        return f" : chiffrement non montré ({why.fr})", f": encryption not shown ({why.en})"
    if not found.encrypted:
        return f" non chiffré ({why.fr})", f" not encrypted ({why.en})"
    bits = f"-{row.bits}" if row.bits else ""
    cipher = f", {row.algorithm}{bits}" if row.algorithm else ""
    return f" chiffré ({why.fr}){cipher}", f" encrypted ({why.en}){cipher}"


def _key_words(found: State) -> Text:
    if found.own_key:
        return Text("avec une clé du client", "with a key of the customer")
    if found.own_key is None:
        return Text("avec une clé du service de clés", "with a key of the key service")
    return Text("avec la clé du fournisseur", "with the provider's key")


def _rotation_words(months: int) -> Text:
    if months == keys.NEVER:
        return Text("jamais renouvelée d'elle-même", "never rotated by itself")
    return Text(f"renouvelée tous les {months} mois", f"rotated every {months} months")


_ZONE = re.compile(r"^([a-z]{2}(?:-[a-z]+)+-\d+)[a-z]$")
_GOOGLE_ZONE = re.compile(r"^([a-z]+-[a-z]+\d+)-[a-z]$")


def country(resource: Resource, book: Book, row: Row) -> str | None:
    """Where it lies, by its region or that of its provider; None where that is not known."""
    written = (words for path in row.region if (words := words_at(resource, path)))
    inherited = book.region(resource)
    places = next(written, [inherited] if inherited else [])
    found = {country_of(row.provider, region(word)) for word in places}
    return found.pop() if len(found) == 1 else None


def region(word: str) -> str:
    """The region in what names one: a zone, an ARN, a name for people."""
    plain_word = word.strip().lower().replace(" ", "")[:200]
    if plain_word.startswith("arn:"):
        plain_word = (plain_word.split(":") + [""] * 4)[3]
    for pattern in (_ZONE, _GOOGLE_ZONE):
        if match := pattern.match(plain_word):
            return match[1]
    return plain_word
