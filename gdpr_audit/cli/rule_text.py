"""One rule as plain text: conditions, law, sources, precedents, examples."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date

from gdpr_audit import law
from gdpr_audit.model import Condition, Requirement, Rule, Vocabulary
from gdpr_audit.reports.words import euros, labelled, word
from gdpr_audit.rules import predicates
from gdpr_audit.rules.predicates import Terms
from gdpr_audit.rules.profile import Profile


def render(rule: Rule, words: Vocabulary, profile: Profile, language: str) -> str:
    """What a lawyer and an engineer want to know of a rule, `profile` being in force."""
    lines = [rule.title.within(language), "=" * len(rule.title.within(language)), ""]
    lines.append(f"{rule.id} · {rule.theme} · {word(rule.severity, language)} · {rule.subject}")
    lines.append("")
    terms = Terms(date.today(), profile)  # noqa: DTZ011 - only to count the rule's dates out
    for role, requirement in (("when", rule.when), ("require", rule.require)):
        lines += _requirement(role, requirement, words, terms, language)
    for key, text in (("why", rule.why), ("remedy", rule.remedy)):
        lines += ["", f"{word(key, language)} :" if language == "fr" else f"{word(key, language)}:"]
        lines += textwrap.wrap(
            text.within(language), 96, initial_indent="  ", subsequent_indent="  "
        )
    lines += ["", *_law(rule, profile, language), *_precedents(rule, language)]
    return "\n".join(lines) + "\n"


def _requirement(
    role: str, requirement: Requirement, words: Vocabulary, terms: Terms, language: str
) -> Iterator[str]:
    if not requirement.facts:
        return
    yield f"{role}:"
    for condition in requirement.conditions:
        yield f"  {_condition(condition, terms, language)}"
    for i, block in enumerate(requirement.alternatives):
        yield f"  {'any of' if i == 0 else 'or'}:"
        for condition in block:
            yield f"    {_condition(condition, terms, language)}"
    for name in sorted(requirement.facts):
        yield f"  ({name}: {words.facts[name].doc})"


def _condition(condition: Condition, terms: Terms, language: str) -> str:
    must = predicates.must(condition.predicate, condition.operand, terms)
    line = f"{condition.fact} {word('must', language)} {must.within(language)}"
    if terms.profile.lacks(condition.operand):
        line += f" ({terms.profile.silence(condition.operand).within(language)})"
    return line


def _law(rule: Rule, profile: Profile, language: str) -> Iterator[str]:
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
    sources = profile.sources(rule)
    yield f"{word('sources', language)}: {'; '.join(map(str, sources))}"
    if sources != rule.sources:
        named = f"{profile.title.within(language)} (version {profile.version}, {profile.date})"
        yield f"  {labelled('tls-profile', named, language)}"
        yield f"    {profile.url}"


def _precedents(rule: Rule, language: str) -> Iterator[str]:
    found = law.precedents_for(rule.id)
    if not found:
        return
    yield f"{word('precedents', language)}:"
    for precedent in found:
        amount = f", {euros(precedent.amount_eur, language)}" if precedent.amount_eur else ""
        yield f"  {precedent.id} ({precedent.date}, {precedent.entity}{amount})"
        yield f"    {precedent.summary.within(language)}"
