"""One rule as plain text: law, sources and precedents, in both languages, for a terminal."""

from __future__ import annotations

import pytest

from gdpr_audit import law
from gdpr_audit.cli import rule_text
from gdpr_audit.model import Rule
from gdpr_audit.rules import profile
from tests.rules.test_book import BOOK, WORDS


def shown(rule: Rule, language: str) -> str:
    return rule_text.render(rule, WORDS, profile.default(), language)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_a_rule_fits_a_terminal_and_says_its_law_and_precedents(rule: Rule, language: str) -> None:
    text = shown(rule, language)
    joined = " ".join(text.split())

    long = [line for line in text.split("\n") if len(line) > 100 and "http" not in line]
    assert long == []
    for article_id in rule.articles:
        article = law.article(article_id)
        assert article is not None
        assert article.paraphrase.within(language) in joined
        assert article.source in text
    for precedent in law.precedents_for(rule.id):
        assert f"{precedent.id}, {precedent.authority.within(language)}, {precedent.date}" in joined
        assert precedent.outcome.within(language) in joined
        assert precedent.source in text


def test_what_was_not_read_says_so_and_what_was_says_where() -> None:
    text = shown(BOOK.rule("hosting-not-certified"), "en")

    assert "[to be checked: not read]" in text  # article 28(1)
    assert "[the text was read" in text
    assert "read at: https://french-business-law.com" in text
    assert "[read in summary]" in text


def test_a_rule_without_precedents_says_so() -> None:
    assert "Precedents: none in this library" in shown(BOOK.rule("security-contact-missing"), "en")


def test_each_precedent_says_what_was_taken_up() -> None:
    text = " ".join(shown(BOOK.rule("mfa-missing-professionals"), "fr").split())

    assert "AP-HAGA-2019, AP (NL), 2019-06-18, 350 000 €" in text
    assert "- Le dossier patient s'ouvrait avec un seul facteur." in text
    assert "(mesure demandée, sans faute relevée)" in text
    assert "LOG" not in text  # no other fault of the decision
