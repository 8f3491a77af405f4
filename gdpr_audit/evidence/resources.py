"""Resources of a plan or a template, and how to look at what may not be known of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, Protocol

from gdpr_audit.evidence.artefact import Artefact, Unreadable
from gdpr_audit.model import Text

_LISTED = 10  # addresses that a message names
_BLOCKS = 1000  # blocks of one resource that are looked at


class Sight(Enum):
    """What stands in the place of a value."""

    ABSENT = "absent"
    UNKNOWN = "unknown"  # until the plan is applied, or the template is given its parameters
    HIDDEN = "hidden"  # marked sensitive: it is not read


class Later(NamedTuple):
    """A value that a template leaves open, and the resources that it refers to."""

    refers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource. `unknown` and `hidden` have the shape of `values`, with True for what is so."""

    address: str
    type: str
    values: Mapping[str, Any] = field(repr=False)
    unknown: Any = field(default=None, repr=False)
    hidden: Any = field(default=None, repr=False)
    module: str = ""  # the address of its module, "" for the root
    name: str = ""
    index: str | int | None = None


class Book(Protocol):
    """All resources of one artefact, and who refers to whom."""

    def follow(
        self, resource: Resource, path: str, types: Sequence[str] = ()
    ) -> Sequence[Resource]:
        """The resources, of these types where such are given, that an attribute refers to."""

    def referring(self, target: Resource, kind: str, path: str) -> Sequence[Resource]:
        """The resources of a type whose attribute refers to `target`."""

    def named(self, resource: Resource, path: str) -> bool | None:
        """Whether whoever wrote it set the attribute; None where the artefact does not tell."""

    def siblings(self, resource: Resource, kind: str) -> Sequence[Resource]:
        """The resources of a type with the same provider: account and region."""

    def region(self, resource: Resource) -> str | None:
        """The region of its provider, for a resource that does not name its own."""


def look(resource: Resource, path: str) -> list[Any]:
    """Every value at a dotted path, through all blocks on it; a `Sight` where there is none."""
    found = _look(resource.values, resource.unknown, resource.hidden, path.split("."))
    return list(found)[:_BLOCKS]


def _look(value: Any, unknown: Any, hidden: Any, parts: list[str]) -> Iterator[Any]:
    if hidden is True:
        yield Sight.HIDDEN
    elif unknown is True or isinstance(value, Later):
        yield Sight.UNKNOWN
    elif isinstance(value, Sight):
        yield value
    elif isinstance(value, list) or (value is None and isinstance(unknown, list)):
        count = max(len(value or ()), len(unknown) if isinstance(unknown, list) else 0)
        for index in range(min(count, _BLOCKS)):
            yield from _look(_at(value, index), _at(unknown, index), _at(hidden, index), parts)
        if not count:
            yield Sight.ABSENT
    elif parts:
        part, rest = parts[0], parts[1:]
        yield from _look(_of(value, part), _of(unknown, part), _of(hidden, part), rest)
    else:
        yield Sight.ABSENT if value is None or value == "" else value


def _at(value: Any, index: int) -> Any:
    return value[index] if isinstance(value, list) and index < len(value) else None


def _of(value: Any, part: str) -> Any:
    return value.get(part) if isinstance(value, dict) else None


def words_at(resource: Resource, path: str) -> list[str]:
    """The texts at a path, without what is unknown or hidden."""
    return [value for value in look(resource, path) if isinstance(value, str)]


def truth(value: Any) -> bool | None:
    """A switch, as providers write it; None for what is none."""
    if isinstance(value, str):
        return {"true": True, "false": False, "1": True, "0": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def chosen(artefact: Artefact, stores: Sequence[Resource], everything: Collection[str]) -> Resource:
    """The resource that `address` names, or the only store there is. Raises Unreadable."""
    if artefact.address is None:
        if len(stores) == 1:
            return stores[0]
        raise Unreadable(_which(artefact.name, [store.address for store in stores]))
    for store in stores:
        if store.address == artefact.address:
            return store
    wanted = artefact.address[:200]
    if artefact.address in everything:
        raise artefact.refuse(
            f"{wanted} n'est pas un stockage d'un type connu",
            f"{wanted} is no store of a known type",
        )
    other = _which(artefact.name, [store.address for store in stores])
    raise Unreadable(
        Text(
            f"{artefact.name} : {wanted} n'y est pas ; {other.fr}",
            f"{artefact.name}: {wanted} is not in it; {other.en}",
        )
    )


def _which(name: str, addresses: list[str]) -> Text:
    if not addresses:
        return Text(
            f"{name} ne contient aucun stockage d'un type connu",
            f"{name} holds no store of a known type",
        )
    listed = ", ".join(address[:200] for address in sorted(addresses)[:_LISTED])
    more = len(addresses) - _LISTED
    fr, en = (f" et {more} autres", f" and {more} more") if more > 0 else ("", "")
    return Text(
        f"« address » doit nommer l'un des stockages de {name} : {listed}{fr}",
        f"`address` has to name one of the stores of {name}: {listed}{en}",
    )
