"""One rule as plain text: conditions, law, sources, precedents, examples."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date

from gdpr_audit import law
from gdpr_audit.model import Requirement, Rule, Vocabulary
from gdpr_audit.reports.words import euros, word
from gdpr_audit.rules import predicates


def render(rule: Rule, words: Vocabulary, language: str) -> str:
    """What a lawyer and an engineer want to know of a rule."""
    lines = [rule.title.within(language), "=" * len(rule.title.within(language)), ""]
    lines.append(f"{rule.id} · {rule.theme} · {word(rule.severity, language)} · {rule.subject}")
    lines.append("")
    for role, requirement in (("when", rule.when), ("require", rule.require)):
        lines += _requirement(role, requirement, words, language)
    for key, text in (("why", rule.why), ("remedy", rule.remedy)):
        lines += ["", f"{word(key, language)} :" if language == "fr" else f"{word(key, language)}:"]
        lines += textwrap.wrap(
            text.within(language), 96, initial_indent="  ", subsequent_indent="  "
        )
    lines += ["", *_law(rule, language), *_precedents(rule, language)]
    return "\n".join(lines) + "\n"


def _requirement(
    role: str, requirement: Requirement, words: Vocabulary, language: str
) -> Iterator[str]:
    if not requirement.facts:
        return
    yield f"{role}:"
    today = date.today()  # noqa: DTZ011 - only to count the rule's dates out
    for condition in requirement.conditions:
        must = predicates.must(condition.predicate, condition.operand, today)
        yield f"  {condition.fact} {word('must', language)} {must.within(language)}"
    for i, block in enumerate(requirement.alternatives):
        yield f"  {'any of' if i == 0 else 'or'}:"
        for condition in block:
            must = predicates.must(condition.predicate, condition.operand, today)
            yield f"    {condition.fact} {word('must', language)} {must.within(language)}"
    for name in sorted(requirement.facts):
        yield f"  ({name}: {words.facts[name].doc})"


def _law(rule: Rule, language: str) -> Iterator[str]:
    yield f"{word('law', language)}:"
    for article_id in rule.articles:
        article = law.article(article_id)
        if article is None:
            yield f"  {article_id}"
            continue
        mark = "" if article.checked else f" [{word('unchecked', language)}]"
        yield f"  {article.title.within(language)}{mark}"
        yield f"    {article.paraphrase.within(language)}"
        yield f"    {article.source}"
    yield f"{word('sources', language)}: {'; '.join(map(str, rule.sources))}"


def _precedents(rule: Rule, language: str) -> Iterator[str]:
    found = law.precedents_for(rule.id)
    if not found:
        return
    yield f"{word('precedents', language)}:"
    for precedent in found:
        amount = f", {euros(precedent.amount_eur, language)}" if precedent.amount_eur else ""
        yield f"  {precedent.id} ({precedent.date}, {precedent.entity}{amount})"
        yield f"    {precedent.summary.within(language)}"
