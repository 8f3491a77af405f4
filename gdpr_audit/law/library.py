"""Loads `articles.yaml` and `precedents.yaml`. Law is data here; nothing in it judges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from gdpr_audit import yaml_file
from gdpr_audit.model import Text


class Article(NamedTuple):
    """One article, paraphrased. `checked` is False for what was not read at a source."""

    id: str
    title: Text
    paraphrase: Text
    source: str
    checked: bool
    ceiling_eur: int | None = None
    ceiling_percent: float | None = None


class Precedent(NamedTuple):
    """A decision of an authority or a court, and the rules that its faults would have failed."""

    id: str
    date: str
    authority: str
    entity: str
    summary: Text
    amount_eur: int | None
    rules: tuple[str, ...]
    source: str


def _data(name: str) -> Any:
    content = files("gdpr_audit.law").joinpath(name).read_bytes()
    return yaml_file.parse(content, name).data


@cache
def articles() -> Mapping[str, Article]:
    """By id, in the order of the report."""
    return {
        row["id"]: Article(
            id=row["id"],
            title=Text(**row["title"]),
            paraphrase=Text(**row["paraphrase"]),
            source=row["source"],
            checked=row["checked"],
            ceiling_eur=row.get("ceiling_eur"),
            ceiling_percent=row.get("ceiling_percent"),
        )
        for row in _data("articles.yaml")
    }


def article(article_id: str) -> Article | None:
    return articles().get(article_id)


def order(article_id: str) -> tuple[int, str]:
    """Where an article stands in the report; one that the library lacks, at the end."""
    ids = list(articles())
    return (ids.index(article_id) if article_id in ids else len(ids)), article_id


@cache
def precedents() -> tuple[Precedent, ...]:
    """Health first, then the latest first."""
    return tuple(
        Precedent(
            id=row["id"],
            date=str(row["date"]),
            authority=row["authority"],
            entity=row["entity"],
            summary=Text(**row["summary"]),
            amount_eur=row.get("amount_eur"),
            rules=tuple(row["rules"]),
            source=row["source"],
        )
        for row in _data("precedents.yaml")
    )


@cache
def precedents_for(rule_id: str) -> tuple[Precedent, ...]:
    return tuple(precedent for precedent in precedents() if rule_id in precedent.rules)


def fine_ceiling(failed: Iterable[str], turnover_eur: int | None) -> int | None:
    """The highest ceiling of article 83 GDPR among the articles that failed, in euros.

    A share of the worldwide turnover replaces the sum where it is more. None where nothing
    failed that article 83 covers. A ceiling is no forecast.
    """
    ceilings = []
    for article_id in failed:
        known = article(article_id)
        if known is None or known.ceiling_eur is None:
            continue
        share = (turnover_eur or 0) * (known.ceiling_percent or 0) / 100
        ceilings.append(max(known.ceiling_eur, round(share)))
    return max(ceilings, default=None)
