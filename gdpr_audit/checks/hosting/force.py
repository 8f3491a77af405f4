"""On which days a certificate counts, and what a company's certificates cover on one.

A certificate counts from its first day to its last, and one of the 2018 referential no longer
than to the end of the transition. Where the list leaves a day out the declared one stands in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from gdpr_audit.declaration import schema
from gdpr_audit.hds import HosterList
from gdpr_audit.hds.companies import Certificate, Listed

#: Last day of the transition from the referential of 2018 (order of 26 April 2024).
ACCEPTED_UNTIL = {1: date(2026, 5, 16), 2: date.max}


@dataclass(frozen=True, slots=True)
class Term:
    """When one certificate counts, as far as anyone states it."""

    start: date | None
    end: date | None
    referential: int | None

    @classmethod
    def of(cls, listed: Certificate | None, declared: schema.Certificate | None) -> Term:
        """By the list's word, and where it is silent by the declaration's."""

        def either(key: str) -> date | int | None:
            said = getattr(listed, key) if listed else None
            return said if said is not None or declared is None else getattr(declared, key)

        start, end, version = (either(k) for k in ("valid_from", "valid_until", "referential"))
        assert start is None or isinstance(start, date)
        assert end is None or isinstance(end, date)
        assert version is None or isinstance(version, int)
        return cls(start, end, version)

    @property
    def last(self) -> date:
        """The last day on which it may count."""
        accepted = ACCEPTED_UNTIL[self.referential] if self.referential else date.max
        return min(self.end or date.max, accepted)

    def lapsed(self, day: date) -> bool:
        """Whether it is known not to count on `day`."""
        return day > self.last or (self.start is not None and day < self.start)

    def until(self, day: date) -> date | None:
        """The last day on which it is known to count; None where nobody says that it counts."""
        if self.end is None or self.lapsed(day):
            return None
        if self.referential is None:  # it may be that of 2018
            known = min(self.end, ACCEPTED_UNTIL[1])
            return known if day <= known else None
        return self.last

    def standing(self, day: date) -> int:
        """2: it counts on `day`; 1: nobody says whether; 0: it does not."""
        return 0 if self.lapsed(day) else 1 if self.until(day) is None else 2


@dataclass(frozen=True, slots=True)
class Part:
    """What one certificate covers, and when it counts."""

    activities: tuple[int, ...]
    term: Term


@dataclass(frozen=True)
class Scope:
    """What a company's certificates cover on a day.

    `open`: a certificate may count of which nobody says what it covers. `published`: no part
    rests on the declaration's word on activities.
    """

    parts: tuple[Part, ...]  # known to count on the day, or not known not to
    lapsed: tuple[Part, ...]
    open: bool
    published: bool


def governing(listed: Listed, declared: schema.Certificate | None, day: date) -> Certificate:
    """Of several certificates the one that a client would rely on, on `day`."""

    def rank(one: Certificate) -> tuple[int, int, date]:
        term = Term.of(one, declared)
        return term.standing(day), term.referential or 0, term.end or date.min

    return max(listed.certificates, key=rank)


def scope_of(
    listed: Listed | None,
    given: schema.Certificate | str | None,
    hosters: HosterList,
    day: date,
    *,
    doubted: bool = False,
) -> Scope:
    """By the list; by the declaration where the list does not say what a certificate covers.

    `doubted`: it is not known which company of the list is meant.
    """
    declared = given if isinstance(given, schema.Certificate) else None
    if listed is None and hosters.complete and not doubted:
        return Scope((), (), open=False, published=True)  # on no list: it covers nothing
    found = list(_parts(listed, declared))
    unscoped = [part for part in found if not part.activities and not part.term.lapsed(day)]
    scoped = [part for part in found if part.activities]
    return Scope(
        tuple(part for part in scoped if not part.term.lapsed(day)),
        tuple(part for part in scoped if part.term.lapsed(day)),
        open=bool(unscoped) and not (listed is None and given == "none"),
        published=listed is not None and all(c.activities for c in listed.certificates),
    )


def _parts(listed: Listed | None, declared: schema.Certificate | None) -> Iterator[Part]:
    own = tuple((declared.activities if declared else None) or ())
    if listed is None:
        yield Part(own, Term.of(None, declared))
        return
    for one in listed.certificates:
        yield Part(one.activities or own, Term.of(one, declared))
