"""The rule book: the catalogue is whole, its examples hold, and weak rules are refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gdpr_audit import law
from gdpr_audit.checks import registry
from gdpr_audit.errors import InputError
from gdpr_audit.model import Rule, Text
from gdpr_audit.rules import book, examples

WORDS = registry.vocabulary(check for check, _ in registry.installed())
BOOK = book.load(book.installed_packs(), WORDS)

#: The public vocabulary that works so far: ids and severities stay, whatever else changes.
COUNTS = {
    "lawfulness": 7,
    "governance": 6,
    "hosting": 11,
    "transport": 42,
    "storage": 12,
    "authentication": 22,
    "web": 25,
    "exposure": 15,
    "naming": 8,
    "traceability": 4,
    "resilience": 4,
    "assurance": 4,
}


def _by_id(rule: Rule) -> str:
    return rule.id


def test_each_theme_has_its_rules() -> None:
    counts = {theme: sum(r.theme == theme for r in BOOK.rules) for theme in COUNTS}

    assert counts == COUNTS
    assert len(BOOK.rules) == sum(COUNTS.values())


@pytest.mark.parametrize("rule", BOOK.rules, ids=_by_id)
def test_a_rule_gives_on_its_examples_what_they_say(rule: Rule) -> None:
    differing = [outcome for outcome in examples.run(rule, WORDS) if not outcome.met]

    assert differing == []


@pytest.mark.parametrize("rule", BOOK.rules, ids=_by_id)
def test_a_rule_cites_law_that_the_library_has(rule: Rule) -> None:
    assert all(law.article(article_id) for article_id in rule.articles)


def test_decisions_name_rules_that_exist() -> None:
    ids = {rule.id for rule in BOOK.rules}
    named = {rule_id for precedent in law.precedents() for rule_id in precedent.rules}

    assert named <= ids


def test_francetest_is_cited_where_its_faults_are_judged() -> None:
    cited = {p.id for p in law.precedents_for("hosting-not-certified")}

    assert "MED-2021-093" in cited


GOOD = """\
id: sample
severity: low
subject: target
require:
  web.nosniff: {is: true}
articles: [GDPR-32-1-b]
sources: [{id: ASVS-5.0}]
title: {fr: t, en: t}
why: {fr: t, en: t}
remedy: {fr: t, en: t}
examples:
  - pass: {web.nosniff: true}
  - fail: {web.nosniff: false}
  - unproven: {}
"""


def _load(tmp_path: Path, text: str, name: str = "sample.yaml") -> None:
    (tmp_path / "web").mkdir(exist_ok=True)
    (tmp_path / "web" / name).write_text(text, "utf-8")
    book.load([tmp_path], WORDS)


def test_a_good_rule_is_taken(tmp_path: Path) -> None:
    _load(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (
            "web.nosniff: {is: true}\narticles",
            "web.nosnif: {is: true}\narticles",
            "no installed check",
        ),
        ("{is: true}\narticles", "{equals: true}\narticles", "unknown predicate"),
        ("{is: true}\narticles", "{is: 1}\narticles", "not a boolean"),
        ("{is: true}\narticles", "{}\narticles", "expected a predicate"),
        ("require:\n  web.nosniff: {is: true}", "require: {}", "at least 1 item"),
        ("require:\n  web.nosniff: {is: true}", "require: {any: [{}, {}]}", "asks for nothing"),
        ("require:\n  web.nosniff: {is: true}", "require: {any: []}", "two blocks"),
        ("id: sample", "id: other", "must be other.yaml"),
        ("severity: low", "severity: low\nseverity: low", "stands twice"),
        ("title: {fr: t, en: t}", "title: {fr: t}", "`en` is missing"),
        ("  - unproven: {}\n", "", "no example of: unproven"),
        ("subject: target", "subject: cow", "no installed check knows"),
        ("subject: target", "subject: store", "is about a target"),
        ("articles: [GDPR-32-1-b]", "articles: []", "at least 1 item"),
        ("severity: low", "severity: awful", "input should be"),
        ("severity: low", "severty: low", "did you mean `severity`"),
        ("- pass: {web.nosniff: true}", "- pass: {web.nosniff: 1}", "is a boolean"),
        ("- pass: {web.nosniff: true}", "- pass: {web.https: true}", "does not read"),
    ],
)
def test_a_rule_that_could_not_judge_is_refused(
    tmp_path: Path, old: str, new: str, word: str
) -> None:
    assert old in GOOD

    with pytest.raises(InputError, match=word.replace("[", r"\[")) as caught:
        _load(tmp_path, GOOD.replace(old, new))

    assert "\n" not in str(caught.value)
    assert "sample.yaml" in str(caught.value)


def test_two_rules_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="exists already"):
        (tmp_path / "web").mkdir()
        (tmp_path / "web" / "sample.yaml").write_text(GOOD)
        book.load([tmp_path, tmp_path], WORDS)


def test_a_breach_of_an_example_is_seen(tmp_path: Path) -> None:
    wrong = GOOD.replace("- pass: {web.nosniff: true}", "- pass: {web.nosniff: false}")
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "sample.yaml").write_text(wrong)
    (rule,) = book.load([tmp_path], WORDS).rules

    outcomes = [outcome.met for outcome in examples.run(rule, WORDS)]

    assert outcomes == [False, True, True]


def test_an_unknown_name_in_only_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean hsts-missing"):
        book.load(book.installed_packs(), WORDS, only=["hsts-misssing"])


def test_only_and_skip_take_themes_and_ids() -> None:
    chosen = book.load(book.installed_packs(), WORDS, ["web"], ["hsts-short"]).rules

    assert {rule.theme for rule in chosen} == {"web"}
    assert {rule.id for rule in BOOK.rules if rule.theme == "web"} == {
        "hsts-short",
        *(rule.id for rule in chosen),
    }


def test_what_is_not_asked_for_is_not_read_and_counts_in_the_digest(tmp_path: Path) -> None:
    for theme, text in (("web", GOOD), ("storage", "not: a rule")):
        (tmp_path / theme).mkdir()
        (tmp_path / theme / f"{'sample' if theme == 'web' else 'other'}.yaml").write_text(text)

    first = book.load([tmp_path], WORDS, only=["sample"])
    (tmp_path / "storage" / "other.yaml").write_text("not: one either")
    second = book.load([tmp_path], WORDS, skip=["storage"])

    assert [rule.id for rule in first.rules] == ["sample"]
    assert second.rules == first.rules
    assert second.digest != first.digest
    with pytest.raises(InputError, match="other.yaml"):
        book.load([tmp_path], WORDS)
    with pytest.raises(InputError, match="did you mean other"):
        book.load([tmp_path], WORDS, only=["othr"])


def test_a_theme_is_no_rule_to_show() -> None:
    with pytest.raises(InputError, match="is a theme"):
        BOOK.rule("web")


ENGLISH = re.compile(
    r"\b(and|to|requirements?|cases?|copy|sheet|appendix|keys?|logs|decree|order|GDPR)\b"
)


def test_a_source_is_cited_in_the_language_of_the_report() -> None:
    """Names of works stay as they are; the words around them do not."""
    said = {source.said for rule in BOOK.rules for source in rule.sources}
    names = re.compile("[A-Z][a-z]+ ([A-Z][a-z]+ )?Cheat Sheet|Pro Santé Connect")

    assert Text("HDS-v2 exigences 5 et 30", "HDS-v2 requirements 5 and 30") in said
    assert Text("RGPD 9(1) et 9(2)", "GDPR 9(1) and 9(2)") in said
    assert [text.fr for text in said if ENGLISH.search(names.sub("", text.fr))] == []
    assert [text.en for text in said if not names.sub("", text.en).isascii()] == []
