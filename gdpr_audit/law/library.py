"""Loads the articles and the decisions. Law is data here; nothing in it judges.

`articles.json` paraphrases the articles, `faults.json` names the faults that authorities took up
and the rules of ours that find them, `precedents.json` holds the decisions with their faults. All
in our own words; each says where it was read and how: as the text itself, in a summary by others,
or not at all. They are JSON because every audit reads them, and YAML takes ten times as long.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

from gdpr_audit.model import Text

#: How a text was read: itself, in a summary by others, or not: known in general and to be checked.
Reading = Literal["text", "summary", "none"]
#: Who says that something was a fault: the decision itself (an authority's, a court's); a measure
#: that it asked for; or, as a control, what was found to be in order.
Basis = Literal["authority", "court", "remedy", "negative-control"]

TAKEN_UP = ("authority", "court")

#: The two paragraphs of article 83 GDPR: a sum in euros, or a share of the worldwide turnover of
#: the year before in percent, whichever is more.
CEILINGS: Mapping[str, tuple[int, float]] = {
    "GDPR-83-4": (10_000_000, 2.0),
    "GDPR-83-5": (20_000_000, 4.0),
}


class Article(NamedTuple):
    """One article, paraphrased."""

    id: str
    title: Text
    paraphrase: Text
    source: str  # where the official text stands
    reading: Reading
    read_at: str | None = None  # the page that was read, where it was another
    fined_under: str | None = None  # the paragraph of article 83 that lists it
    note: Text | None = None

    @property
    def checked(self) -> bool:
        """False for what was not read at a source."""
        return self.reading != "none"

    @property
    def ceiling_eur(self) -> int | None:
        return CEILINGS[self.fined_under][0] if self.fined_under else None

    @property
    def ceiling_percent(self) -> float | None:
        return CEILINGS[self.fined_under][1] if self.fined_under else None


class Fault(NamedTuple):
    """What one decision took up. A fault without rules says why they do not look for it."""

    code: str
    title: Text  # of all faults with this code
    what: Text  # of this one
    basis: Basis
    channels: tuple[str, ...]  # where it shows: passive, mandated, declaration, document, code
    rules: tuple[str, ...]
    unseen: Text | None


class Precedent(NamedTuple):
    """A decision of an authority or a court.

    Amounts are in euros, after appeal where its outcome is known.
    """

    id: str
    date: str
    authority: Text
    entity: Text
    health: bool
    outcome: Text
    amount_eur: int | None
    persons: int | None  # people affected
    summary: Text
    reading: Reading
    faults: tuple[Fault, ...]
    sources: tuple[str, ...]
    note: Text | None = None

    @property
    def source(self) -> str:
        return self.sources[0]

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that find what the decision itself took up."""
        found = (rule for f in self.faults if f.basis in TAKEN_UP for rule in f.rules)
        return tuple(dict.fromkeys(found))


def _data(name: str) -> Any:
    return json.loads(files("gdpr_audit.law").joinpath(name).read_bytes())


def _text(given: dict[str, str] | None) -> Text | None:
    return Text(given["fr"], given["en"]) if given else None


@cache
def articles() -> Mapping[str, Article]:
    """By id, in the order of the report."""
    return {
        row["id"]: Article(
            id=row["id"],
            title=Text(**row["title"]),
            paraphrase=Text(**row["paraphrase"]),
            source=row["source"],
            reading=row["reading"],
            read_at=row.get("read_at"),
            fined_under=row.get("fined_under"),
            note=_text(row.get("note")),
        )
        for row in _data("articles.json")
    }


def article(article_id: str) -> Article | None:
    return articles().get(article_id)


@cache
def _places() -> Mapping[str, int]:
    return {article_id: place for place, article_id in enumerate(articles())}


def order(article_id: str) -> tuple[int, str]:
    """Where an article stands in the report; one that the library lacks, at the end."""
    places = _places()
    return places.get(article_id, len(places)), article_id


@cache
def precedents() -> tuple[Precedent, ...]:
    """Health first, then the latest first."""
    codes = _data("faults.json")
    return tuple(
        Precedent(
            id=row["id"],
            date=row["date"],
            authority=Text(**row["authority"]),
            entity=Text(**row["entity"]),
            health=row["health"],
            outcome=Text(**row["outcome"]),
            amount_eur=row["amount_eur"],
            persons=row["persons"],
            summary=Text(**row["summary"]),
            reading=row["reading"],
            faults=tuple(_fault(fault, codes[fault["code"]]) for fault in row["faults"]),
            sources=tuple(row["sources"]),
            note=_text(row.get("note")),
        )
        for row in _data("precedents.json")
    )


def _fault(row: dict[str, Any], of_its_kind: dict[str, Any]) -> Fault:
    """The rules stand with the code, or with this one fault where the decision says more."""
    rules = tuple(row.get("rules") or of_its_kind.get("rules") or ())
    return Fault(
        code=row["code"],
        title=Text(**of_its_kind["title"]),
        what=Text(**row["what"]),
        basis=row["basis"],
        channels=tuple(row["channels"]),
        rules=rules,
        unseen=None if rules else _text(of_its_kind["unseen"]),
    )


@cache
def _by_rule() -> Mapping[str, tuple[Precedent, ...]]:
    found: dict[str, list[Precedent]] = {}
    for precedent in precedents():
        for rule_id in precedent.rules:
            found.setdefault(rule_id, []).append(precedent)
    return {rule_id: tuple(mine) for rule_id, mine in found.items()}


def precedents_for(rule_id: str) -> tuple[Precedent, ...]:
    """The decisions that took up what this rule finds."""
    return _by_rule().get(rule_id, ())


@cache
def asked_for(rule_id: str) -> tuple[tuple[Precedent, Fault], ...]:
    """The measures asked for, with no fault taken up, that this rule looks at."""
    return tuple(
        (precedent, fault)
        for precedent in precedents()
        for fault in precedent.faults
        if fault.basis == "remedy" and rule_id in fault.rules
    )


def ceiling_of(paragraph: str, turnover_eur: int | None) -> int:
    """The ceiling of one paragraph of article 83, in euros: the sum, or the share if more."""
    amount, percent = CEILINGS[paragraph]
    return max(amount, round((turnover_eur or 0) * percent / 100))


def fine_ceiling(failed: Iterable[str], turnover_eur: int | None) -> int | None:
    """The highest ceiling of article 83 GDPR among the articles that failed, in euros.

    None where nothing failed that article 83 covers. A ceiling is no forecast.
    """
    known = (article(article_id) for article_id in failed)
    paragraphs = {one.fined_under for one in known if one and one.fined_under}
    return max((ceiling_of(one, turnover_eur) for one in paragraphs), default=None)
