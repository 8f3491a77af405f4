"""One rule as plain text: conditions, law, sources, precedents."""

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
    if rule.effort:
        said = word(f"effort.{rule.effort}", language)
        lines.append(labelled("effort", said, language))
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
        yield from _wrapped(_condition(condition, terms, language), 2)
    for i, block in enumerate(requirement.alternatives):
        yield f"  {'any of' if i == 0 else 'or'}:"
        for condition in block:
            yield from _wrapped(_condition(condition, terms, language), 4)
    for name in sorted(requirement.facts):
        yield from _wrapped(f"({name}: {words.facts[name].doc})", 2)


def _condition(condition: Condition, terms: Terms, language: str) -> str:
    must = predicates.must(condition.predicate, condition.operand, terms)
    line = f"{condition.fact} {word('must', language)} {must.within(language)}"
    if terms.profile.lacks(condition.operand):
        line += f" ({terms.profile.silence(condition.operand).within(language)})"
    return line


def _law(rule: Rule, profile: Profile, language: str) -> Iterator[str]:
    yield labelled("law", "", language).rstrip()
    for article_id in rule.articles:
        article = law.article(article_id)
        if article is None:
            yield f"  {article_id}"
            continue
        yield from _wrapped(article.title.within(language), 2)
        yield from _wrapped(article.paraphrase.within(language), 4)
        how = word(f"read.{article.reading}", language)
        if article.note:
            how = f"{how}. {article.note.within(language)}"
        yield from _wrapped(f"[{how}]", 4)
        yield f"    {article.source}"
        if article.read_at:
            yield f"    {labelled('read.at', article.read_at, language)}"
    sources = profile.sources(rule)
    yield from _wrapped(
        labelled("sources", "; ".join(s.said.within(language) for s in sources), language), 0
    )
    if sources != rule.sources:
        named = f"{profile.title.within(language)} (version {profile.version}, {profile.date})"
        yield from _wrapped(labelled("tls-profile", named, language), 2)
        yield f"    {profile.url}"


def _precedents(rule: Rule, language: str) -> Iterator[str]:
    found = law.precedents_for(rule.id)
    asked = law.asked_for(rule.id)
    if not found and not asked:
        yield labelled("precedents", word("none-known", language), language)
        return
    yield labelled("precedents", "", language).rstrip()
    for precedent in found:
        mine = [f for f in precedent.faults if f.basis in law.TAKEN_UP and rule.id in f.rules]
        yield from _decision(precedent, [f.what.within(language) for f in mine], language)
    for precedent, fault in asked:
        what = f"{fault.what.within(language)} ({word('asked-for', language)})"
        yield from _decision(precedent, [what], language)


def _decision(precedent: law.Precedent, faults: list[str], language: str) -> Iterator[str]:
    """Who, when and what came of it; what was taken up; how it was read, and where."""
    amount = f", {euros(precedent.amount_eur, language)}" if precedent.amount_eur else ""
    head = f"{precedent.id}, {precedent.authority.within(language)}, {precedent.date}{amount}"
    yield from _wrapped(head, 2)
    colon = " : " if language == "fr" else ": "
    said = colon.join(text.within(language) for text in (precedent.entity, precedent.outcome))
    yield from _wrapped(said, 4)
    for fault in faults:
        yield from _wrapped(f"- {fault}", 4)
    how = word(f"read.{precedent.reading}", language)
    if precedent.note:
        how = f"{how}. {precedent.note.within(language)}"
    yield from _wrapped(f"[{how}]", 4)
    yield f"    {precedent.source}"


def _wrapped(text: str, indent: int) -> list[str]:
    """Lines of at most a hundred columns."""
    pad = " " * indent
    return textwrap.wrap(
        text, 100, initial_indent=pad, subsequent_indent=pad, break_on_hyphens=False
    )
