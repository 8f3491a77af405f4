"""Whether an organisation that the network names is one that the declaration names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from gdpr_audit import attribution
from gdpr_audit.attribution.operators import operators
from gdpr_audit.declaration import schema
from gdpr_audit.hds import HosterList, embedded
from gdpr_audit.hds.hosters import key
from gdpr_audit.hds.names import parse
from gdpr_audit.model import Text

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


class Named(NamedTuple):
    """A hoster as declared: its name, and its number where one is given."""

    provider: str
    siren: str | None = None


@dataclass(frozen=True)
class Declared:
    """The organisations that a declaration names as hosters, and how to know one of them."""

    named: tuple[Named, ...]
    own: bool
    controller: str | None
    hosters: HosterList

    @classmethod
    def of(cls, platform: schema.Platform, hosters: HosterList) -> Declared:
        records = list(all_of(platform.hosting or ()))
        controller = platform.controller.name if platform.controller else None
        own = any(is_self(h.provider) for h in records)
        return cls(_named(records), own, controller, hosters)

    @classmethod
    def only(cls, records: Iterable[schema.Hoster], hosters: HosterList) -> Declared:
        """These records alone, to ask whether an organisation is one of them."""
        return cls(_named(records), own=False, controller=None, hosters=hosters)

    @property
    def providers(self) -> tuple[str, ...]:
        return tuple(one.provider for one in self.named)

    def match(self, organisation: str) -> bool | None:
        """Whether it is declared: by name, alias or number, or as who hosts its own data.

        None where it may be: a name of the same words and another legal form, or another number.
        """
        outcomes = [self._same(organisation, one) for one in self.named]
        if self.own and self.controller:
            outcomes.append(_alike(organisation, self.controller))
        return True if True in outcomes else None if None in outcomes else False

    def names(self, organisation: str) -> bool:
        return self.match(organisation) is True

    def doubt(self, organisation: str) -> Text | None:
        """Why neither a match nor a difference can be said."""
        if self.match(organisation) is not None:
            return None
        near = [one.provider for one in self.named if self._same(organisation, one) is None]
        who = near[0] if near else self.controller
        return Text(
            f"« {organisation} » a les mots de « {who} » et une autre forme juridique ou un autre "
            "SIREN : demandez si c'est la même société",
            f"“{organisation}” has the words of “{who}” and another legal form or SIREN: ask "
            "whether it is the same company",
        )

    def _same(self, organisation: str, one: Named) -> bool | None:
        operator = attribution.named(organisation)
        ours = [organisation, *([operator.listed_as] if operator and operator.listed_as else [])]
        lists = (self.hosters, _embedded())  # either may know an alias of the other's name
        if one.siren and any(_meets(known, one.siren, ours) for known in lists):
            return True
        alike = [_alike(ours_, one.provider) for ours_ in ours]
        if True in alike or any(_meets(known, one.provider, ours) for known in lists):
            return None if one.siren and self._numbered_otherwise(one.siren, ours) else True
        return None if None in alike else False

    def _numbered_otherwise(self, siren: str, ours: Iterable[str]) -> bool:
        found = [listed for one in ours if (listed := self.hosters.find(one)) is not None]
        return any(listed.sirens and digits(siren) not in listed.sirens for listed in found)

    def carries(self, organisation: str) -> bool:
        """Whether a declared product is documented to run on this organisation's machines."""
        return any(
            base == organisation or self._same(base, Named(organisation)) is True
            for operator in operators()
            if operator.runs_on and self.names(operator.organisation)
            for base in operator.runs_on
        )

    def near(self, organisation: str) -> str | None:
        """A declared hoster that it may be, by a word that both names have: a hint, no match."""
        words = _telling(organisation)
        return next((p for p in self.providers if words & _telling(p)), None)


def digits(siren: str) -> str:
    return siren.replace(" ", "")


def _named(records: Iterable[schema.Hoster]) -> tuple[Named, ...]:
    return tuple(Named(h.provider, h.siren) for h in records if not is_self(h.provider))


def _meets(known: HosterList, asked: str, ours: Iterable[str]) -> bool:
    """Whether a list knows one company by what is asked and by one of our names."""
    theirs = known.find(asked)
    return theirs is not None and any(known.find(one) == theirs for one in ours)


def _alike(one: str, other: str) -> bool | None:
    """One name but for case, accents and legal form; names of no letter are nobody's.

    None where both have a legal form and it is not the same: a SAS and a GmbH of one name may be
    a company and its sister.
    """
    if not key(one) or key(one) != key(other):
        return False
    forms, others = parse(one).forms, parse(other).forms
    return None if forms and others and not forms & others else True


def operator_of(record: schema.Hoster, hosters: HosterList) -> attribution.Operator | None:
    """The operator of the table that a declared hoster is."""
    lone = Declared.only([record], hosters)
    return next((o for o in operators() if lone.names(o.organisation)), None)


def _telling(name: str) -> set[str]:
    return {word for word in key(name) if len(word) > 2 and word not in _COMMON}
