"""Declared hosters held beside the list of certified ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date
from typing import Any

from gdpr_audit.checks.geography import in_eea
from gdpr_audit.checks.hosting.facts import COVERAGE, HOSTER, SUBCONTRACTOR
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import BOOLEAN, LIST, Declared, Scribe, state
from gdpr_audit.declaration import schema
from gdpr_audit.hds import Certificate, Listed
from gdpr_audit.hds.activities import ACTIVITIES
from gdpr_audit.model import PLATFORM, Check, Origin, Statement, Subject, Text, Value

#: What a declaration writes for a controller that hosts its own data itself.
SELF = "self"

_HOSTER_ROWS = (
    Declared("hoster.secnumcloud", BOOLEAN, "secnumcloud", ""),
    Declared("hoster.contract_clauses", BOOLEAN, "contract_clauses", ""),
    Declared("hoster.serves", LIST, "serves", ""),
)


def entry_of(record: schema.Hoster, session: Session) -> Listed | None:
    return session.hosters.find(record.provider)


def held(listed: Listed, day: date) -> tuple[Certificate, ...]:
    """The certificates that count on a day: those that may be in force, else the last to end."""
    return listed.in_force(day) or listed.certificates[:1]


def _record(subject: Subject, session: Session) -> schema.Hoster:
    record = session.declaration.places[subject].record
    assert isinstance(record, schema.Hoster)
    return record


class _Teller:
    """States the facts of one hoster, under its kind's prefix."""

    def __init__(self, subject: Subject, session: Session) -> None:
        self.subject, self.session = subject, session
        self.record = _record(subject, session)
        self.entry = entry_of(self.record, session)
        self.certificate = held(self.entry, session.day)[0] if self.entry else None
        self.scribe = Scribe("hosting" if subject.kind == "hoster" else "subcontractor")

    def fact(self, name: str, value: Value, text: Text, origin: Origin) -> Statement:
        return self.scribe.fact(f"{self.subject.kind}.{name}", value, text, origin)

    def gap(self, name: str, reason: Text) -> Statement:
        return self.scribe.gap(f"{self.subject.kind}.{name}", reason)

    def declared(self, key: str, shown: Any) -> Text:
        where = self.session.declaration.where(self.subject, key)
        return Text(f"déclaré : {key} = {shown} ({where})", f"declared: {key} = {shown} ({where})")

    def statements(self) -> Iterator[Statement]:
        own = self.record.provider.strip().lower() == SELF
        named = self.declared("provider", self.record.provider)
        yield self.fact("self_hosted", own, named, Origin.DECLARED)
        yield self.fact("certificate_needed", not own, named, Origin.DECLARED)
        yield self._listed()
        yield from self._certificate()
        yield self._countries()
        yield self._parent()

    def _listed(self) -> Statement:
        hosters = self.session.hosters
        name = self.record.provider
        if self.entry is not None and self.certificate is not None:
            known, source = self.entry.name, _source(self.certificate)
            text = Text(
                f"« {name} » figure sur la liste HDS ({hosters.label}) sous le nom « {known} »"
                f"{source}",
                f"“{name}” is on the HDS list ({hosters.label}) as “{known}”{source}",
            )
            return self.fact("listed", True, text, Origin.PUBLISHED)
        near = ", ".join(entry.name for entry in hosters.near(name))
        hint = (
            Text(f" ; noms proches : {near}", f"; similar names: {near}") if near else Text("", "")
        )
        if hosters.complete:
            text = Text(
                f"« {name} » n'est pas sur la liste HDS ({hosters.label}){hint.fr}",
                f"“{name}” is not on the HDS list ({hosters.label}){hint.en}",
            )
            return self.fact("listed", False, text, Origin.PUBLISHED)
        return self.gap(
            "listed",
            Text(
                f"« {name} » n'est pas sur la liste partielle ({hosters.label}), ce qui ne prouve "
                f"rien : demandez-lui une copie de son certificat HDS (exigence 12) ou utilisez la "
                f"liste officielle avec --hds-list{hint.fr}",
                f"“{name}” is not on the partial list ({hosters.label}), which shows nothing: ask "
                f"it for a copy of its HDS certificate (requirement 12), or use the official list "
                f"with --hds-list{hint.en}",
            ),
        )

    def _certificate(self) -> Iterator[Statement]:
        given = self.record.certificate
        denied = given == "none" and self.entry is None
        shown = "none" if given == "none" else _shown(given) if given else "—"
        text = self.declared("certificate", shown)
        yield self.fact("certificate_denied", denied, text, Origin.DECLARED)
        declared = given if isinstance(given, schema.Certificate) else None
        for name, key in (
            ("certificate_valid_until", "valid_until"),
            ("certificate_valid_from", "valid_from"),
            ("referential", "referential"),
        ):
            listed = getattr(self.certificate, key) if self.certificate else None
            said = getattr(declared, key) if declared else None
            yield self._either(name, f"certificate.{key}", listed, said)

    def _either(
        self, name: str, key: str, listed: date | int | None, said: date | int | None
    ) -> Statement:
        """The list's word before the declaration's: it is the one that others can check."""
        if listed is not None and self.certificate is not None:
            source = _source(self.certificate)
            text = Text(
                f"liste HDS ({self.session.hosters.label}) : {listed}{source}",
                f"HDS list ({self.session.hosters.label}): {listed}{source}",
            )
            return self.fact(name, listed, text, Origin.PUBLISHED)
        if said is not None:
            return self.fact(name, said, self.declared(key, said), Origin.DECLARED)
        missing = self.session.declaration.missing(self.subject, key)
        return self.gap(
            name,
            Text(
                f"la liste HDS ne le dit pas, et {missing.fr}",
                f"the HDS list does not say, and {missing.en}",
            ),
        )

    def _countries(self) -> Statement:
        countries = self.record.countries
        if not countries:
            return self.gap("in_eea", self.session.declaration.missing(self.subject, "countries"))
        text = self.declared("countries", ", ".join(countries))
        return self.fact("in_eea", all(map(in_eea, countries)), text, Origin.DECLARED)

    def _parent(self) -> Statement:
        country = self.record.parent_company_country
        if country is None:
            key = "parent_company_country"
            return self.gap("parent_in_eea", self.session.declaration.missing(self.subject, key))
        text = self.declared("parent_company_country", country)
        return self.fact("parent_in_eea", in_eea(country), text, Origin.DECLARED)


def _shown(given: schema.Certificate) -> str:
    parts = (given.number, given.referential and f"v{given.referential}", given.valid_until)
    return ", ".join(str(part) for part in parts if part) or "?"


def _source(entry: Certificate) -> str:
    day = f", {entry.source_date}" if entry.source_date else ""
    return f" [{entry.source_url}{day}]" if entry.source_url else ""


async def observe_hoster(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    for statement in _Teller(subject, session).statements():
        yield statement
    for statement in state(Scribe("hosting", Origin.DECLARED), _HOSTER_ROWS, subject, session):
        yield statement


async def observe_subcontractor(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    for statement in _Teller(subject, session).statements():
        yield statement


async def observe_coverage(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    """What the hosters' certificates cover, of the activities that the platform gives them."""
    scribe = Scribe("hosting-coverage", Origin.DECLARED)
    hosters = session.declaration.platform.hosting
    if hosters is None:
        missing = session.declaration.missing(subject, "hosting")
        for spec in COVERAGE:
            yield scribe.gap(spec.name, missing)
        return
    outside = [h for h in hosters if h.provider.strip().lower() != SELF]
    shown = ", ".join(h.provider for h in hosters) or "—"
    who = Text(f"déclaré : hébergeurs {shown}", f"declared: hosters {shown}")
    yield scribe.fact("hosting.self_only", bool(hosters) and not outside, who)
    silent = [h.provider for h in outside if h.activities is None]
    if silent:
        names = ", ".join(silent)
        reason = Text(
            f"les activités confiées à {names} ne sont pas déclarées",
            f"the activities given to {names} are not declared",
        )
        yield scribe.gap("hosting.activities_used", reason)
        yield scribe.gap("hosting.activities_uncovered", reason)
        return
    used = sorted({a for h in outside for a in h.activities or ()})
    yield scribe.fact("hosting.activities_used", tuple(map(str, used)), who)
    yield _coverage(scribe, outside, session)


def _coverage(scribe: Scribe, hosters: list[schema.Hoster], session: Session) -> Statement:
    """Uncovered where a listed certificate leaves an activity out; open where none is known.

    An activity may be done by one hoster and covered by another's certificate: what counts is
    that together they cover all.
    """
    name = "hosting.activities_uncovered"
    used = {a for h in hosters for a in h.activities or ()}
    covered: set[int] = set()
    unknown: list[str] = []
    for hoster in hosters:
        entry = entry_of(hoster, session)
        if entry is not None:
            certificates = held(entry, session.day)
            covered |= {activity for c in certificates for activity in c.activities}
            if not all(c.activities for c in certificates):
                unknown.append(hoster.provider)
        elif session.hosters.complete:
            continue  # on no list: its certificate covers nothing
        else:
            unknown.append(hoster.provider)
    left = sorted(used - covered)
    said = Text(
        *(
            ", ".join(f"{a} ({ACTIVITIES[a].within(tongue)})" for a in left)
            for tongue in ("fr", "en")
        )
    )
    label = session.hosters.label
    if left and unknown:
        names = ", ".join(unknown)
        return scribe.gap(
            name,
            Text(
                f"activités {said.fr} : la liste HDS ({label}) ne dit pas ce que couvre le "
                f"certificat de {names} ; demandez-en une copie (exigence 12)",
                f"activities {said.en}: the HDS list ({label}) does not say what the certificate "
                f"of {names} covers; ask for a copy (requirement 12)",
            ),
        )
    text = Text(
        f"non couvertes par la liste HDS ({label}) : {said.fr or 'aucune'}",
        f"not covered by the HDS list ({label}): {said.en or 'none'}",
    )
    return scribe.fact(name, tuple(map(str, left)), text, Origin.PUBLISHED)


CHECK = Check("hosting", "hoster", HOSTER, observe_hoster)
SUBCONTRACTORS = Check("subcontractor", "subcontractor", SUBCONTRACTOR, observe_subcontractor)
COVERAGE_CHECK = Check("hosting-coverage", PLATFORM, COVERAGE, observe_coverage)
