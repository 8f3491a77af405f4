"""The companies behind a list's rows, and which of them a name or number means.

Two companies of one name are kept apart by legal form, SIREN and country; where what is asked does
not say which is meant, none is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain

from gdpr_audit.hds import names
from gdpr_audit.hds.names import Name
from gdpr_audit.hds.table import Entry


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate as a list gives it. What its source leaves out is None, or ()."""

    activities: tuple[int, ...]
    referential: int | None
    certification_body: str | None
    certificate_number: str | None
    valid_from: date | None
    valid_until: date | None
    source_url: str | None
    source_date: date | None
    confidence: str | None

    def valid_on(self, day: date) -> bool | None:
        """Whether it is in force on `day`, both ends included. None where its end is not known."""
        if self.valid_from is not None and day < self.valid_from:
            return False
        return None if self.valid_until is None else day <= self.valid_until


@dataclass(frozen=True)
class Listed:
    """One company on the list, with all the certificates that the list gives it."""

    name: str
    aliases: tuple[str, ...]  # other names, without numbers; in the list's order
    sirens: tuple[str, ...]
    country: str | None
    certificates: tuple[Certificate, ...]  # the one that ends last first
    transfers_url: str | None  # the public page of HDS requirement 31
    names: tuple[Name, ...] = field(repr=False, compare=False, default=())

    @property
    def siren(self) -> str | None:
        return self.sirens[0] if self.sirens else None

    @property
    def latest(self) -> Certificate:
        """The certificate that ends last; one without an end comes behind those with one."""
        return self.certificates[0]

    def in_force(self, day: date) -> tuple[Certificate, ...]:
        """The certificates that are not known to be out of force on `day`."""
        return tuple(c for c in self.certificates if c.valid_on(day) is not False)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Its names as compared, without legal form."""
        return tuple(dict.fromkeys(" ".join(name.words or name.full) for name in self.names))

    @cached_property
    def full_names(self) -> tuple[str, ...]:
        """Its names as compared, with legal form."""
        return tuple(dict.fromkeys(" ".join(name.full) for name in self.names))

    def called(self, name: str) -> str | None:
        """Its name or alias that `name` was matched by. None for a number."""
        wanted = names.parse(name)
        known_as = [(known, names.parse(known)) for known in (self.name, *self.aliases)]
        for known, parsed in known_as:
            if parsed.full == wanted.full:
                return known
        for known, parsed in known_as:
            if parsed.words == wanted.words or (wanted.joined and parsed.joined == wanted.joined):
                return known
        return None


class Companies:
    """An index of a list's companies by number, by words, and by words without spaces."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.listed = tuple(_listed(rows) for rows in _grouped(entries))
        self._numbers: dict[str, list[Listed]] = defaultdict(list)
        self._words: dict[tuple[str, ...], list[Listed]] = defaultdict(list)
        self._joined: dict[str, list[Listed]] = defaultdict(list)
        self._full: dict[tuple[str, ...], list[Listed]] = defaultdict(list)
        self._named: dict[tuple[str, ...], list[Listed]] = defaultdict(list)
        self._bare: dict[tuple[str, ...], list[Listed]] = defaultdict(list)
        for listed in self.listed:
            self._add(listed)

    def _add(self, listed: Listed) -> None:
        def put(where: list[Listed]) -> None:
            if not any(listed is known for known in where):
                where.append(listed)

        for siren in listed.sirens:
            put(self._numbers[siren])
        put(self._named[names.parse(listed.name).full])
        for name in listed.names:
            put(self._full[name.full])
            if name.words:
                put(self._words[name.words])
            if name.joined:
                put(self._joined[name.joined])
        for written in (listed.name, *listed.aliases):
            if bare := names.parse(_without_parentheses(written)).words:
                put(self._bare[bare])

    def find(self, text: str) -> Listed | None:
        if names.looks_like_number(text):
            return _only(self._numbers.get(names.number(text) or "", []))
        name = names.parse(text)
        if not name.full:
            return None
        for exact in (self._named, self._full):  # a company's own name before another's alias
            if same := exact.get(name.full):
                return _only(same)
        if not name.words:
            return None
        known = self._words.get(name.words) or self._joined.get(name.joined or "", [])
        return _only(_of_form(known, name))

    def ambiguous(self, text: str) -> tuple[Listed, ...]:
        if self.find(text) is not None or names.looks_like_number(text):
            return ()
        name, bare = names.parse(text), names.parse(_without_parentheses(text))
        if not name.words:
            return ()
        found = [
            *self._words.get(name.words, ()),
            *self._joined.get(name.joined or "", ()),
            *(self._bare.get(bare.words, ()) if bare.words else ()),
        ]
        return tuple({id(listed): listed for listed in found}.values())


def _only(known: list[Listed]) -> Listed | None:
    return known[0] if len(known) == 1 else None


def _of_form(known: list[Listed], name: Name) -> list[Listed]:
    """Those with the same legal form as asked for, else those that do not have another."""
    forms = {id(listed): _forms(listed, name) for listed in known}
    if name.forms:
        same = [listed for listed in known if forms[id(listed)] & name.forms]
        return same or [listed for listed in known if not forms[id(listed)]]
    return known


def _forms(listed: Listed, name: Name) -> frozenset[str]:
    """The legal forms that a company's names of these words are written with."""
    same = (n.forms for n in listed.names if n.words == name.words or n.joined == name.joined)
    return frozenset(chain.from_iterable(same))


def _without_parentheses(text: str) -> str:
    return re.sub(r"\([^()]*\)", " ", text)


def _grouped(entries: Sequence[Entry]) -> list[list[Entry]]:
    """The rows by company, in the order of their first rows."""
    of_name: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, entry in enumerate(entries):
        of_name[names.key(entry.name)].append(at)

    def form(at: int) -> frozenset[str] | None:
        return names.parse(entries[at].name).forms or None

    def siren(at: int) -> str | None:
        return entries[at].siren

    def country(at: int) -> str | None:
        return (entries[at].country or "").casefold() or None

    groups: list[list[int]] = []
    by_siren: dict[str, list[int]] = {}
    for rows in of_name.values():
        for group in _apart(rows, (siren, form, country)):
            sirens = {entries[at].siren for at in group} - {None}
            known = by_siren.get(next(iter(sirens)) or "") if sirens else None
            if known is not None:
                known.extend(group)  # one number is one company, whatever it is called
                continue
            groups.append(group)
            for number in sirens:
                by_siren[number or ""] = group
    return [[entries[at] for at in sorted(group)] for group in sorted(groups, key=min)]


def _apart(rows: list[int], marks: Sequence[Callable[[int], object | None]]) -> Iterable[list[int]]:
    """Rows of one name, apart where a mark differs; one without the mark goes with none then."""
    if not marks:
        return [rows]
    mark, *others = marks
    if len({mark(at) for at in rows} - {None}) <= 1:
        return _apart(rows, others)
    parts: dict[object, list[int]] = defaultdict(list)
    for at in rows:
        parts[mark(at)].append(at)
    return chain.from_iterable(_apart(part, others) for part in parts.values())


def _listed(rows: list[Entry]) -> Listed:
    ordered = sorted(rows, key=_end, reverse=True)
    written = dict.fromkeys(chain((r.name for r in rows), *(r.aliases for r in rows)))
    numbers = [row.siren for row in rows]
    numbers += [names.number(text) for text in written if names.looks_like_number(text)]
    name, *others = (t for t in written if t == rows[0].name or not names.looks_like_number(t))
    return Listed(
        name=name,
        aliases=tuple(others),
        sirens=tuple(dict.fromkeys(number for number in numbers if number)),
        country=next((row.country for row in rows if row.country), None),
        certificates=tuple(dict.fromkeys(map(_certificate, ordered))),
        transfers_url=next((row.transfers_url for row in ordered if row.transfers_url), None),
        names=tuple(dict.fromkeys(map(names.parse, (name, *others)))),
    )


def _certificate(row: Entry) -> Certificate:
    return Certificate(
        row.activities, row.referential, row.certification_body, row.certificate_number,
        row.valid_from, row.valid_until, row.source_url, row.source_date, row.confidence,
    )  # fmt: skip


def _end(certificate: Entry) -> tuple[date, date, int]:
    first = date.min
    return (
        certificate.valid_until or first,
        certificate.valid_from or first,
        certificate.referential or 0,
    )
