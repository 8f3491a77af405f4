"""The law's side: articles in our own words, decisions with the rules they would have failed."""

from gdpr_audit.law.library import (
    Article,
    Precedent,
    article,
    articles,
    fine_ceiling,
    order,
    precedents,
    precedents_for,
)

__all__ = [
    "Article",
    "Precedent",
    "article",
    "articles",
    "fine_ceiling",
    "order",
    "precedents",
    "precedents_for",
]
