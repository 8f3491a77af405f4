"""A hoster that the network shows and the declaration does not name: what is published of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gdpr_audit import attribution
from gdpr_audit.checks.geography import in_eea
from gdpr_audit.checks.hosting.listed import Company, Held, Row, on_list
from gdpr_audit.checks.hosting.owners import Owner
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.model import Known, Origin, Text


@dataclass
class Seen:
    """What the network shows of one organisation: the paths that lead to it, and its regions."""

    name: str
    paths: list[Text] = field(default_factory=list)
    owners: list[Owner] = field(default_factory=list)

    @property
    def words(self) -> Text:
        return Text(*(" ; ".join(p.within(tongue) for p in self.paths) for tongue in ("fr", "en")))

    @property
    def outside(self) -> list[Owner]:
        """Addresses of its in a published region outside the European Economic Area."""
        return [owner for owner in self.owners if owner.country and not in_eea(owner.country)]


def statements(one: Seen, session: Session) -> Iterator[Known]:
    """The facts of a hoster that only the network shows."""
    scribe = Scribe("hosting", Origin.PUBLISHED)
    operator = attribution.named(one.name)
    company = Company.of(
        (operator.listed_as if operator else None) or one.name, None, session.hosters
    )
    seen = one.words
    silent = Text(f"{one.name} n'est pas déclaré", f"{one.name} is not declared")

    def row(row: Row) -> Known:
        if len(row) == 2:
            return scribe.gap(f"hoster.{row[0]}", row[1])
        name, value, text, origin = row
        return scribe.fact(f"hoster.{name}", value, text, origin)

    yield row(("declared", False, seen, Origin.PUBLISHED))
    yield row(("self_hosted", False, seen, Origin.PUBLISHED))
    if operator is not None and not operator.access:
        yield row(("certificate_needed", True, seen, Origin.PUBLISHED))
    else:
        unclear = Text(
            f"rien ne dit si {one.name} héberge la plateforme ou ne fait que l'acheminer : "
            f"demandez à qui sont ces machines ({seen.fr})",
            f"nothing says whether {one.name} hosts the platform or only carries its traffic: ask "
            f"whose machines these are ({seen.en})",
        )
        yield row(("certificate_needed", unclear))
    yield row(on_list(company, session.hosters))
    yield row(("certificate_denied", False, silent, Origin.PUBLISHED))
    held = Held(
        company,
        None,
        session.hosters,
        session.day,
        lambda _key, _shown: silent,
        lambda _key: silent,
    )
    yield from map(row, held.rows())
    yield row(_placed(one, silent))
    parent = operator.parent_country if operator else None
    if parent:
        text = Text(
            f"maison mère de {one.name} : {parent}, d'après la table des exploitants",
            f"parent company of {one.name}: {parent}, by the table of operators",
        )
        yield row(("parent_in_eea", in_eea(parent), text, Origin.PUBLISHED))
    else:
        yield row(("parent_in_eea", silent))
    page = company.listed.transfers_url if company.listed else None
    if page:
        unread = Text(
            f"{silent.fr}, et la page que la liste donne n'a pas été lue : {page}",
            f"{silent.en}, and the page that the list gives was not read: {page}",
        )
        yield row(("guarantee_stated", unread))
    else:
        yield row(("guarantee_stated", False, silent, Origin.PUBLISHED))


def _placed(one: Seen, silent: Text) -> Row:
    if one.outside:
        return "in_eea", False, one.words, Origin.PUBLISHED
    if one.owners and all(owner.country for owner in one.owners):
        return "in_eea", True, one.words, Origin.PUBLISHED
    return (
        "in_eea",
        Text(
            f"{silent.fr}, et aucune région publiée ne dit où sont ses machines",
            f"{silent.en}, and no published region says where its machines are",
        ),
    )
