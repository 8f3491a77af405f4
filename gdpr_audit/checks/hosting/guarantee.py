"""What is stated against the reach of extra-European law: SecNumCloud, requirements 29 to 31."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from gdpr_audit.checks import effort
from gdpr_audit.checks.hosting import transfers
from gdpr_audit.checks.hosting.transfers import NO_TRANSFER, NONE, RISK_FREE, TABLE, Stated
from gdpr_audit.checks.session import Session
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Known, Origin, Text

if TYPE_CHECKING:
    from gdpr_audit.checks.hosting.teller import Teller
    from gdpr_audit.network import Response

_PURPOSE = "the hoster's public page on transfers (HDS requirement 31)"
_FACTS = ("hoster.guarantee_stated", "hoster.transfers_statement", "hoster.transfers")
_READABLE = ("", "text/html", "text/plain", "application/xhtml+xml")
_LEAST = 200  # characters below which a page says nothing, not even that it states nothing
_FORMS = {
    RISK_FREE: Text(
        "aucun risque d'accès imposé par un pays tiers (offre SecNumCloud)",
        "no risk of access imposed by a third country (a SecNumCloud offer)",
    ),
    NO_TRANSFER: Text("aucun transfert hors de l'EEE", "no transfer outside the EEA"),
    TABLE: Text("le tableau des accès et transferts", "the table of accesses and transfers"),
    NONE: Text(
        "ni l'une des deux phrases fixées, ni le tableau à sept colonnes",
        "neither of the two fixed sentences, nor the table of seven columns",
    ),
}


async def guarantees(teller: Teller, session: Session) -> AsyncIterator[Known]:
    """The facts on what one declared hoster states, its public page read where one is named."""
    scribe, record = teller.scribe, teller.record
    qualified = record.secnumcloud
    if qualified is None:
        yield scribe.gap("hoster.secnumcloud", teller.missing("secnumcloud"))
    else:
        text = teller.quote("secnumcloud", str(qualified).lower())
        yield scribe.fact("hoster.secnumcloud", qualified, text)
    listed = teller.company.listed
    address = record.transfers_page or (listed.transfers_url if listed else None)
    stated, unread = await _read(address, session)
    if stated is None or address is None:
        missing = unread or teller.missing("transfers_page")
        yield scribe.gap("hoster.transfers_statement", missing)
        yield scribe.gap("hoster.transfers", missing)
    else:
        words = stated_words(address, stated)
        yield scribe.fact("hoster.transfers_statement", stated.form, words, Origin.PUBLISHED)
        yield scribe.fact("hoster.transfers", stated.rows, words, Origin.PUBLISHED)
    name = "hoster.guarantee_stated"
    if stated is not None and address is not None:
        words = stated_words(address, stated)
        told = stated.form != NONE
        if told or not qualified:
            yield scribe.fact(name, value=told, summary=words, origin=Origin.PUBLISHED)
            return
    if qualified:
        yield scribe.fact(name, value=True, summary=teller.quote("secnumcloud", "true"))
    elif unread is not None:
        yield scribe.gap(name, unread)  # a page is named, and could not be read
    else:
        neither = Text(
            "ni qualification SecNumCloud, ni page publique de l'exigence 31 n'est déclarée",
            "neither a SecNumCloud qualification nor a public page of requirement 31 is declared",
        )
        yield scribe.fact(name, value=False, summary=neither)


def stated_words(address: str, stated: Stated) -> Text:
    form = _FORMS[stated.form]
    return Text(f"{address} : {form.fr}", f"{address}: {form.en}")


async def _read(address: str | None, session: Session) -> tuple[Stated | None, Text | None]:
    """What a page states; None where none is named, and with the reason where it was not read."""
    if address is None or not session.wants(*_FACTS):
        return None, None
    if session.atlas.offline:
        return None, Text(
            f"{address} n'a pas été lue (--offline)", f"{address} was not read (--offline)"
        )
    try:
        answer = await session.door.get(address, purpose=_PURPOSE, verified=True)
    except NetworkError as error:
        return None, Text(
            f"{address} n'a pas pu être lue : {error.reason.fr}",
            f"{address} could not be read: {error.reason.en}",
        )
    if answer.status != 200:
        return None, Text(f"{address} répond {answer.status}", f"{address} answers {answer.status}")
    return _stated(address, answer)


def _stated(address: str, answer: Response) -> tuple[Stated | None, Text | None]:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _READABLE:
        return None, Text(
            f"{address} est de type {kind[:100]}, qui n'est pas lu : ouvrez-la vous-même",
            f"{address} is of the type {kind[:100]}, which is not read: open it yourself",
        )
    text = answer.text
    readable = effort.affordable(text)
    stated = transfers.recognise(text[:readable])
    if stated.form != NONE:
        return stated, None
    if answer.body_gap is not None:
        return None, answer.body_gap
    if readable < len(text):
        return None, effort.TANGLED
    if stated.visible < _LEAST:
        return None, Text(
            f"{address} ne contient presque pas de texte ({stated.visible} caractères) : une page "
            "faite par des scripts n'est pas exécutée ; ouvrez-la vous-même",
            f"{address} has hardly any text ({stated.visible} characters): a page that scripts "
            "make is not run; open it yourself",
        )
    return stated, None
