"""What the list of certified hosters, and the declaration beside it, say of one company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from gdpr_audit.checks.hosting.force import ACCEPTED_UNTIL, governing
from gdpr_audit.declaration import schema
from gdpr_audit.hds import HosterList
from gdpr_audit.hds.companies import Certificate, Listed
from gdpr_audit.model import Origin, Text, Value

_NAMES = {
    "valid_until": Text("valable jusqu'au", "valid until"),
    "valid_from": Text("valable à partir du", "valid from"),
    "referential": Text("du référentiel, version", "of the referential, version"),
}

Row = tuple[str, Value, Text, Origin] | tuple[str, Text]  # a fact, or a name and its gap


@dataclass(frozen=True)
class Company:
    """One company, as the list has it, and what tells it from others of its name."""

    name: str
    listed: Listed | None
    doubt: Text | None  # why neither “listed” nor “not listed” can be said
    other: Listed | None = None  # of its name, and of another number than is declared
    siren: str | None = None

    @classmethod
    def of(cls, name: str, siren: str | None, hosters: HosterList) -> Company:
        by_number = hosters.find(siren) if siren else None
        if by_number is not None:
            return cls(name, by_number, None)
        by_name = hosters.find(name)
        if by_name is not None and siren and by_name.sirens:
            # a company of that name and another number is another company
            return cls(name, None, None, by_name, siren)
        if by_name is None and (several := hosters.ambiguous(name)):
            names = ", ".join(_called(one) for one in several)
            doubt = Text(
                f"« {name} » peut être l'une de ces sociétés de la {hosters.words.fr} : "
                f"{names} ; déclarez son « siren »",
                f"“{name}” may be one of these companies of the {hosters.words.en}: "
                f"{names}; declare its `siren`",
            )
            return cls(name, None, doubt)
        return cls(name, by_name, None)


def _called(listed: Listed) -> str:
    return f"{listed.name} ({listed.siren})" if listed.siren else listed.name


def on_list(company: Company, hosters: HosterList) -> Row:
    """Whether it is listed: on a partial list absence shows nothing."""
    name, found = company.name, company.listed
    if found is not None:
        source = source_of(found.latest)
        return (
            "listed",
            True,
            Text(
                f"« {name} » figure sur la {hosters.words.fr}, sous le nom "
                f"« {_called(found)} »{source}",
                f"“{name}” is on the {hosters.words.en} as “{_called(found)}”{source}",
            ),
            Origin.PUBLISHED,
        )
    if company.doubt is not None:
        return "listed", company.doubt
    if company.other is not None:
        said = _numbered(company, company.other, hosters)
        return ("listed", False, said, Origin.PUBLISHED) if hosters.complete else ("listed", said)
    near = ", ".join(one.name for one in hosters.near(name))
    hint = (
        Text(
            f" ; noms proches, sans être le sien : {near}", f"; similar names, not its own: {near}"
        )
        if near
        else Text("", "")
    )
    if hosters.complete:
        return (
            "listed",
            False,
            Text(
                f"« {name} » n'est pas sur la {hosters.words.fr} : demandez-lui une copie de son "
                f"certificat HDS (exigence 12), s'il en a un sous un autre nom{hint.fr}",
                f"“{name}” is not on the {hosters.words.en}: ask it for a copy of its HDS "
                f"certificate (requirement 12), if it has one under another name{hint.en}",
            ),
            Origin.PUBLISHED,
        )
    return (
        "listed",
        Text(
            f"« {name} » n'est pas sur la {hosters.words.fr}, ce qui ne prouve "
            "rien : demandez-lui une copie de son certificat HDS (exigence 12), ou importez la "
            f"liste officielle (hds import){hint.fr}",
            f"“{name}” is not on the {hosters.words.en}, which shows nothing: ask "
            "it for a copy of its HDS certificate (requirement 12), or import the official list "
            f"(hds import){hint.en}",
        ),
    )


def _numbered(company: Company, other: Listed, hosters: HosterList) -> Text:
    """Why a company of the name does not count: its number is not the one declared."""
    name, listed = company.name, ", ".join(other.sirens)
    return Text(
        f"« {name} » figure sous un autre SIREN sur la {hosters.words.fr} : {listed}, déclaré : "
        f"{company.siren} ; vérifiez le numéro, ou demandez-lui une copie de son certificat HDS "
        "(exigence 12)",
        f"“{name}” is listed under another SIREN on the {hosters.words.en}: {listed}, declared: "
        f"{company.siren}; check the number, or ask it for a copy of its HDS certificate "
        "(requirement 12)",
    )


def identity(certificate: Certificate) -> str:
    """` A-1 (LNE)`: by what a client asks for a certificate."""
    body = certificate.certification_body
    parts = [certificate.certificate_number, f"({body})" if body else None]
    return "".join(f" {part}" for part in parts if part)


def source_of(certificate: Certificate) -> str:
    day = f", {certificate.source_date}" if certificate.source_date else ""
    return f" [{certificate.source_url}{day}]" if certificate.source_url else ""


@dataclass(frozen=True)
class Held:
    """The certificate of one company that governs on a day: by the list, else as declared."""

    company: Company
    declared: schema.Certificate | None
    hosters: HosterList
    day: date
    quote: Callable[[str, object], Text]  # how the declaration says a key
    missing: Callable[[str], Text]  # that it does not say it

    def rows(self) -> Iterator[Row]:
        until = self._either("certificate_valid_until", "valid_until")
        yield until
        start = self._either("certificate_valid_from", "valid_from")
        yield start
        known = len(start) == 4
        said = start[2] if len(start) == 4 else start[1]
        yield "certificate_start_stated", known, said, Origin.DECLARED
        version = self._either("referential", "referential")
        yield version
        if len(version) == 4:
            ends = ACCEPTED_UNTIL[int(str(version[1]))]
            yield "referential_accepted_until", ends, version[2], version[3]
        else:
            yield "referential_accepted_until", version[1]

    def _either(self, name: str, key: str) -> Row:
        """The list's word before the declaration's: it is the one that others can check."""
        said: date | int | None = getattr(self.declared, key) if self.declared else None
        found = self.company.listed
        best = governing(found, self.declared, self.day) if found else None
        listed: date | int | None = getattr(best, key) if best else None
        if listed is not None and best is not None:
            held, which, source = self.hosters.words, identity(best), source_of(best)
            differs = said is not None and said != listed
            also = Text(f" ; déclaré : {said}", f"; declared: {said}") if differs else Text("", "")
            text = Text(
                f"{held.fr} : certificat{which} {_NAMES[key].fr} {listed}{source}{also.fr}",
                f"{held.en}: certificate{which} {_NAMES[key].en} {listed}{source}{also.en}",
            )
            return name, listed, text, Origin.PUBLISHED
        if said is not None:
            return name, said, self.quote(f"certificate.{key}", said), Origin.DECLARED
        missing = self.missing(f"certificate.{key}")
        return (
            name,
            Text(
                f"la {self.hosters.words.fr} ne le dit pas, et {missing.fr} : demandez à "
                f"{self.company.name} une copie de son certificat (exigence 12)",
                f"the {self.hosters.words.en} does not say, and {missing.en}: ask "
                f"{self.company.name} for a copy of its certificate (requirement 12)",
            ),
        )
