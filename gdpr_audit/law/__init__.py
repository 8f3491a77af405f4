"""The law's side: articles in our own words, decisions with the rules that find their faults."""

from gdpr_audit.law.library import (
    CEILINGS,
    TAKEN_UP,
    Article,
    Fault,
    Precedent,
    article,
    articles,
    asked_for,
    ceiling_of,
    fine_ceiling,
    order,
    precedents,
    precedents_for,
)

__all__ = [
    "CEILINGS",
    "TAKEN_UP",
    "Article",
    "Fault",
    "Precedent",
    "article",
    "articles",
    "asked_for",
    "ceiling_of",
    "fine_ceiling",
    "order",
    "precedents",
    "precedents_for",
]
