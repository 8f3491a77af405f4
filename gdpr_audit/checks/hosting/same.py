"""Whether an organisation that the network names is one that the declaration names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from gdpr_audit import attribution
from gdpr_audit.attribution.operators import operators
from gdpr_audit.declaration import schema
from gdpr_audit.hds import HosterList, embedded
from gdpr_audit.hds.hosters import key

#: What a declaration writes for a controller that hosts its own data itself.
SELF = "self"

#: Words of a network's name that name nobody.
_WORDS = """
as asn net network networks cloud hosting hebergement sante health data telecom services france
europe internet the
"""
_COMMON = frozenset(_WORDS.split())


@cache
def _embedded() -> HosterList:
    return embedded()


def is_self(provider: str) -> bool:
    return provider.strip().lower() == SELF


def all_of(hosters: Iterable[schema.Hoster]) -> Iterator[schema.Hoster]:
    """Hosters and, to any depth, their subcontractors."""
    for hoster in hosters:
        yield hoster
        yield from all_of(hoster.subcontractors or ())


@dataclass(frozen=True)
class Declared:
    """The organisations that a declaration names as hosters, and how to know one of them."""

    providers: tuple[str, ...]
    own: bool
    controller: str | None
    hosters: HosterList

    @classmethod
    def of(cls, platform: schema.Platform, hosters: HosterList) -> Declared:
        named = list(all_of(platform.hosting or ()))
        others = tuple(h.provider for h in named if not is_self(h.provider))
        controller = platform.controller.name if platform.controller else None
        own = any(is_self(h.provider) for h in named)
        return cls(others, own, controller, hosters)

    @classmethod
    def one(cls, provider: str, hosters: HosterList) -> Declared:
        """A single provider, to ask whether an organisation is this one."""
        return cls((provider,), own=False, controller=None, hosters=hosters)

    def names(self, organisation: str) -> bool:
        """Whether it is declared: by name, by an alias, or as who hosts its own data."""
        if self.own and self.controller and _alike(organisation, self.controller):
            return True
        return any(self._same(organisation, provider) for provider in self.providers)

    def _same(self, organisation: str, provider: str) -> bool:
        operator = attribution.named(organisation)
        ours = [organisation, *([operator.listed_as] if operator and operator.listed_as else [])]
        if any(_alike(one, provider) for one in ours):
            return True
        for known in (self.hosters, _embedded()):  # either may know an alias of the other's name
            theirs = known.find(provider)
            if theirs is not None and any(known.find(one) == theirs for one in ours):
                return True
        return False

    def carries(self, organisation: str) -> bool:
        """Whether a declared product is documented to run on this organisation's machines."""
        return any(
            self._same(base, organisation) or base == organisation
            for operator in operators()
            if operator.runs_on and self.names(operator.organisation)
            for base in operator.runs_on
        )

    def near(self, organisation: str) -> str | None:
        """A declared hoster that it may be, by a word that both names have: a hint, no match."""
        words = _telling(organisation)
        return next((p for p in self.providers if words & _telling(p)), None)


def _alike(one: str, other: str) -> bool:
    """One name but for case, accents and legal form; names of no letter are nobody's."""
    return bool(key(one)) and key(one) == key(other)


def operator_of(provider: str, hosters: HosterList) -> attribution.Operator | None:
    """The operator of the table that a declared provider is."""
    lone = Declared.one(provider, hosters)
    return next((o for o in operators() if lone.names(o.organisation)), None)


def _telling(name: str) -> set[str]:
    return {word for word in key(name) if len(word) > 2 and word not in _COMMON}
