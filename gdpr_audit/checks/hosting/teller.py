"""States what is known of one declared hoster or subcontractor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gdpr_audit.checks.geography import in_eea
from gdpr_audit.checks.hosting import contract
from gdpr_audit.checks.hosting.exempt import needed
from gdpr_audit.checks.hosting.force import scope_of
from gdpr_audit.checks.hosting.listed import Company, Held, Row, on_list
from gdpr_audit.checks.hosting.same import all_of, is_self, operator_of
from gdpr_audit.checks.hosting.seen import Seen
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.declaration import schema
from gdpr_audit.hds.activities import ACTIVITIES
from gdpr_audit.model import Known, Origin, Subject, Text


def activities(numbers: Iterable[int]) -> Text:
    """`3 (virtual infrastructure), 5 (administration and operation)`."""
    numbers = tuple(numbers)
    return Text(
        *(
            ", ".join(f"{n} ({ACTIVITIES[n].within(tongue)})" for n in numbers)
            for tongue in ("fr", "en")
        )
    )


class Teller:
    """States the facts of one declared hoster or subcontractor, under its kind's prefix."""

    def __init__(self, subject: Subject, session: Session, scribe: Scribe, kind: str) -> None:
        self.subject, self.session, self.scribe, self.kind = subject, session, scribe, kind
        record = session.declaration.places[subject].record
        assert isinstance(record, schema.Hoster)
        self.record = record
        self.company = Company.of(record.provider, record.siren, session.hosters)

    def row(self, row: Row) -> Known:
        if len(row) == 2:
            return self.scribe.gap(f"{self.kind}.{row[0]}", row[1])
        name, value, text, origin = row
        return self.scribe.fact(f"{self.kind}.{name}", value, text, origin)

    def quote(self, key: str, shown: object) -> Text:
        where = self.session.declaration.where(self.subject, key)
        return Text(f"déclaré : {key} = {shown} ({where})", f"declared: {key} = {shown} ({where})")

    def missing(self, key: str) -> Text:
        return self.session.declaration.missing(self.subject, key)

    def statements(self, seen: list[Seen]) -> Iterator[Known]:
        own = is_self(self.record.provider)
        named = self.quote("provider", self.record.provider)
        if self.kind == "hoster":
            yield self.row(("declared", True, named, Origin.DECLARED))
        yield self.row(("self_hosted", own, named, Origin.DECLARED))
        yield self.row(needed(self.record, self.session.hosters, named, self.missing, self.quote))
        yield self.row(on_list(self.company, self.session.hosters))
        given = self.record.certificate
        denied = given == "none" and self.company.listed is None
        yield self.row(("certificate_denied", denied, self._certificate(), Origin.DECLARED))
        declared = given if isinstance(given, schema.Certificate) else None
        hosters, day = self.session.hosters, self.session.day
        held = Held(self.company, declared, hosters, day, self.quote, self.missing)
        yield from map(self.row, held.rows())
        yield self.row(self._countries(seen))
        yield self.row(self._parent())

    def _certificate(self) -> Text:
        given = self.record.certificate
        if given is not None:
            return self.quote("certificate", "none" if given == "none" else _shown(given))
        missing = self.missing("certificate")
        return Text(
            f"rien ne dit qu'il n'en a pas : {missing.fr}",
            f"nothing says that it has none: {missing.en}",
        )

    def _countries(self, seen: list[Seen]) -> Row:
        for one in seen:
            if one.outside:
                where = ", ".join(f"{owner.path} ({owner.country})" for owner in one.outside)
                text = Text(
                    f"région publiée hors de l'EEE : {where}",
                    f"published region outside the EEA: {where}",
                )
                return "in_eea", False, text, Origin.PUBLISHED
        silent = None
        for record in all_of([self.record]):
            if record is not self.record and record.activities == [5]:
                continue  # it operates from there, and stores nothing: see `_parent`
            if not record.countries:
                silent = silent or record
            elif not all(map(in_eea, record.countries)):
                return "in_eea", False, self._abroad(record), Origin.DECLARED
        if silent is not None:
            return "in_eea", self._silent(silent, "countries")
        shown = ", ".join(self.record.countries or ())
        return "in_eea", True, self.quote("countries", shown), Origin.DECLARED

    def _abroad(self, record: schema.Hoster) -> Text:
        shown = ", ".join(record.countries or ())
        if record is self.record:
            return self.quote("countries", shown)
        return Text(
            f"déclaré pour {record.provider} : countries = {shown}",
            f"declared of {record.provider}: countries = {shown}",
        )

    def _silent(self, record: schema.Hoster, key: str) -> Text:
        if record is self.record:
            return self.missing(key)
        return Text(
            f"« {key} » n'est pas déclaré pour le sous-traitant {record.provider}",
            f"`{key}` is not declared of the subcontractor {record.provider}",
        )

    def _parent(self) -> Row:
        """Whose law may reach the data: that of parents, and of whoever operates from abroad."""
        subs = [r for r in all_of(self.record.subcontractors or ()) if not is_self(r.provider)]
        for record in subs:
            if record.countries and not all(map(in_eea, record.countries)):
                return "parent_in_eea", False, self._abroad(record), Origin.DECLARED
        for record in (self.record, *subs):
            if (foreign := self._foreign(record)) is not None:
                return "parent_in_eea", False, *foreign
        for record in (self.record, *subs):
            if record.parent_company_country is None:
                return "parent_in_eea", self._silent(record, "parent_company_country")
            if record is not self.record and not record.countries:
                return "parent_in_eea", self._silent(record, "countries")
        text = self.quote("parent_company_country", self.record.parent_company_country)
        return "parent_in_eea", True, text, Origin.DECLARED

    def _foreign(self, record: schema.Hoster) -> tuple[Text, Origin] | None:
        """A parent outside the EEA: as is known, whatever is declared, else as declared."""
        country = record.parent_company_country
        operator = operator_of(record, self.session.hosters)
        known = operator.parent_country if operator else None
        if operator and known and not in_eea(known):
            also = f" ; déclaré : {country}" if country and country != known else ""
            also_en = f"; declared: {country}" if country and country != known else ""
            text = Text(
                f"maison mère de {operator.organisation} : {known}, d'après la table des "
                f"exploitants{also}",
                f"parent company of {operator.organisation}: {known}, by the table of "
                f"operators{also_en}",
            )
            return text, Origin.PUBLISHED
        if country is None or in_eea(country):
            return None
        if record is self.record:
            return self.quote("parent_company_country", country), Origin.DECLARED
        text = Text(
            f"déclaré pour {record.provider} : parent_company_country = {country}",
            f"declared of {record.provider}: parent_company_country = {country}",
        )
        return text, Origin.DECLARED

    def contract(self) -> Iterator[Known]:
        given = self.record.contract_clauses
        name = "hoster.contract_clauses_missing"
        if given is None:
            yield self.scribe.gap(name, self.missing("contract_clauses"))
        else:
            lacking = contract.missing(given)
            words = contract.words(lacking)
            shown = str(given).lower() if isinstance(given, bool) else f"{14 - len(lacking)} / 14"
            quote = self.quote("contract_clauses", shown)
            lack = Text(f" ; manquent : {words.fr}", f"; missing: {words.en}")
            text = Text(quote.fr + lack.fr, quote.en + lack.en) if lacking else quote
            yield self.scribe.fact(name, tuple(map(str, lacking)), text)
        yield self._listed("serves", self.record.serves)
        yield self._listed("countries", self.record.countries or None)

    def _listed(self, key: str, given: Sequence[str] | None) -> Known:
        name = f"hoster.{key}"
        if given is None:
            return self.scribe.gap(name, self.missing(key))
        return self.scribe.fact(name, tuple(given), self.quote(key, ", ".join(given)))

    def uncovered(self) -> Known:
        """Of a subcontractor: what it does and its certificates do not cover."""
        name = f"{self.kind}.activities_uncovered"
        used = self.record.activities
        if not used:
            return self.scribe.gap(name, self.missing("activities"))
        given, company = self.record.certificate, self.company
        scope = scope_of(
            company.listed,
            given,
            self.session.hosters,
            self.session.day,
            doubted=company.doubt is not None,
        )
        held = {a for part in scope.parts for a in part.activities}
        left = sorted(set(used) - held)
        if left and scope.open:
            return self.scribe.gap(name, _unscoped(self.record.provider, self.session))
        held_by = self.session.hosters.words
        text = Text(
            f"{self.record.provider} fait {activities(used).fr} ; non couvert "
            f"({held_by.fr}) : {activities(left).fr or 'rien'}",
            f"{self.record.provider} does {activities(used).en}; not covered "
            f"({held_by.en}): {activities(left).en or 'nothing'}",
        )
        origin = Origin.PUBLISHED if scope.published else Origin.DECLARED
        return self.scribe.fact(name, tuple(map(str, left)), text, origin)


def _unscoped(provider: str, session: Session) -> Text:
    held_by = session.hosters.words
    return Text(
        f"la {held_by.fr} ne dit pas ce que couvre le certificat de {provider} : "
        "demandez-en une copie (exigence 12) et déclarez certificate.activities",
        f"the {held_by.en} does not say what the certificate of {provider} covers: ask for "
        "a copy (requirement 12) and declare certificate.activities",
    )


def _shown(given: schema.Certificate) -> str:
    parts = (given.number, given.referential and f"v{given.referential}", given.valid_until)
    return ", ".join(str(part) for part in parts if part) or "?"
