"""The law's data holds together: complete, in both languages, honest about how it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from gdpr_audit import law
from gdpr_audit.law import library
from gdpr_audit.model import Text
from tests.rules.test_book import BOOK

RULES = {rule.id for rule in BOOK.rules}
#: What article 83 lists; article 24 is in neither paragraph.
LOWER = {8, 11, *range(25, 40), 42, 43}
HIGHER = {5, 6, 7, 9, *range(12, 23), *range(44, 50)}


def _texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)


def test_the_library_is_whole() -> None:
    assert len(law.articles()) == 69
    assert len(law.precedents()) == 46
    assert len({precedent.id for precedent in law.precedents()}) == 46


@pytest.mark.parametrize("article", law.articles().values(), ids=lambda one: one.id)
def test_an_article_is_said_in_both_languages_with_its_source(article: law.Article) -> None:
    assert article.paraphrase.fr != article.paraphrase.en
    assert article.title.fr != article.title.en
    assert article.source.startswith("https://")
    assert article.reading in get_args(library.Reading)
    if article.read_at is not None:
        assert article.reading != "none"


@pytest.mark.parametrize("article", law.articles().values(), ids=lambda one: one.id)
def test_an_article_stands_under_the_paragraph_that_lists_it(article: law.Article) -> None:
    number = re.match(r"GDPR-(\d+)", article.id)
    listed = int(number[1]) if number else 0
    wanted = "GDPR-83-4" if listed in LOWER else "GDPR-83-5" if listed in HIGHER else None

    assert article.fined_under == wanted


@pytest.mark.parametrize("precedent", law.precedents(), ids=lambda one: one.id)
def test_a_decision_is_whole(precedent: law.Precedent) -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", precedent.date)
    assert precedent.faults
    assert all(source.startswith("http") and " " not in source for source in precedent.sources)
    assert precedent.reading == "summary"  # none was read in full
    assert len({fault.code for fault in precedent.faults}) == len(precedent.faults)
    for fault in precedent.faults:
        assert fault.basis in get_args(library.Basis)
        assert set(fault.rules) <= RULES, fault.code
        assert bool(fault.rules) != bool(fault.unseen), fault.code
        assert fault.channels


def test_every_sentence_comes_in_both_languages() -> None:
    for text in _texts((*law.precedents(), *law.articles().values())):
        assert text.fr.strip()
        assert text.en.strip()
    for precedent in law.precedents():
        for fault in precedent.faults:
            assert fault.what.fr != fault.what.en, (precedent.id, fault.code)
        assert precedent.summary.fr != precedent.summary.en


def test_what_the_decision_did_not_take_up_finds_no_rule() -> None:
    """A measure asked for and a control are no faults."""
    [notices] = [one for one in law.precedents() if one.id == "CNIL-MED-DPI-2024"]
    assert notices.rules == ()
    assert "CNIL-MED-DPI-2024" not in {p.id for p in law.precedents_for("shared-accounts")}
    assert [p.id for p, _ in law.asked_for("shared-accounts")] == ["CNIL-MED-DPI-2024"]
    [control] = [one for one in law.precedents() if one.id == "CE-450163"]
    assert control.rules == ()


def test_an_investigation_without_decision_is_no_precedent() -> None:
    assert not [one for one in law.precedents() if "VIAMEDIS" in one.entity.fr]


def test_san_2022_009_is_dedalus() -> None:
    """Public files give this number to other cases."""
    [one] = [one for one in law.precedents() if one.id == "SAN-2022-009"]

    assert one.entity.fr == "DEDALUS BIOLOGIE"
    assert (one.amount_eur, one.persons) == (1_500_000, 491_840)
    assert one.note is not None


def test_health_comes_first_and_then_the_latest() -> None:
    rows = [(not one.health, one.date) for one in law.precedents()]

    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    for health in (False, True):
        dates = [date for other, date in rows if other == health]
        assert dates == sorted(dates, reverse=True)


@pytest.mark.parametrize(
    ("failed", "turnover", "ceiling"),
    [
        (["GDPR-32-1-a"], None, 10_000_000),
        (["GDPR-32-1-a"], 400_000_000, 10_000_000),
        (["GDPR-32-1-a"], 1_000_000_000, 20_000_000),
        (["GDPR-32-1-a", "GDPR-9-1"], None, 20_000_000),
        (["GDPR-9-1"], 1_000_000_000, 40_000_000),
        (["CSP-L1111-8"], 1_000_000_000, None),
        (["GDPR-24"], None, None),
        (["GDPR-83-4", "nowhere"], None, None),
        ([], 1_000_000_000, None),
    ],
)
def test_the_ceiling_is_the_higher_of_sum_and_share(
    failed: list[str], turnover: int | None, ceiling: int | None
) -> None:
    assert law.fine_ceiling(failed, turnover) == ceiling
