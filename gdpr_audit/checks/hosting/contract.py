"""The clauses that R.1111-11 CSP asks of a hosting contract, each by name.

As mapped by requirements 17 to 27 of the HDS referential. Decree 2026-209 adds what transfers
there are; its numbering was not found, so that it is no clause of its own here.
"""

from __future__ import annotations

from collections.abc import Iterable

from gdpr_audit.declaration.schema import CLAUSES
from gdpr_audit.model import Text

#: By number: what the clause is about. The short names are those of the declaration.
WORDS = (
    Text("périmètre et dates du certificat", "scope and dates of the certificate"),
    Text("prestations et résultats attendus", "services and expected results"),
    Text("lieux d'hébergement", "hosting places"),
    Text(
        "droits des personnes, notification des violations, audits du délégué",
        "data subjects' rights, breach notice, audits by the DPO",
    ),
    Text("interlocuteur en cas d'incident", "contact for incidents"),
    Text("indicateurs de qualité et niveau garanti", "quality indicators and guaranteed level"),
    Text("recours à des prestataires externes", "use of external providers"),
    Text("encadrement des accès aux données", "control of access to the data"),
    Text("évolutions techniques", "technical changes"),
    Text("garanties en cas de défaillance", "guarantees in case of default"),
    Text("interdiction de tout autre usage", "ban on any other use"),
    Text("réversibilité : coût, délai, formats", "reversibility: cost, delay, formats"),
    Text("restitution de toutes les données", "return of all the data"),
    Text("destruction des copies", "destruction of the copies"),
)
assert len(WORDS) == len(CLAUSES)


def missing(given: bool | Iterable[int | str]) -> tuple[int, ...]:
    """The numbers of the clauses that are not in the contract; all for one that has none."""
    if isinstance(given, bool):
        return () if given else tuple(range(1, len(CLAUSES) + 1))
    held = {CLAUSES.index(one) + 1 if isinstance(one, str) else one for one in given}
    return tuple(number for number in range(1, len(CLAUSES) + 1) if number not in held)


def words(numbers: Iterable[int]) -> Text:
    """`4 (data subjects' rights …), 11 (ban on any other use)`."""
    numbers = tuple(numbers)
    return Text(
        *(
            ", ".join(f"{n} ({WORDS[n - 1].within(tongue)})" for n in numbers)
            for tongue in ("fr", "en")
        )
    )
