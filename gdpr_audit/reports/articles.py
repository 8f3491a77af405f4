"""The document article by article: each with what counts under it, as the summary counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gdpr_audit import law
from gdpr_audit.model import Text
from gdpr_audit.reports import view
from gdpr_audit.reports.drafts import measures
from gdpr_audit.reports.words import word

COUNTED = ("fail", "waived", "unproven", "pass")


@dataclass(frozen=True, slots=True)
class Section:
    """One article. A finding counts under all of its articles, and is told under the first."""

    id: str
    title: str
    paraphrase: str
    reading: str  # how the article was read: text, summary, none
    failed: tuple[view.Folded, ...]
    passed: tuple[view.Folded, ...]
    failed_elsewhere: tuple[view.Folded, ...]
    passed_elsewhere: dict[str, int]  # how many, by the article under which they are told
    counts: dict[str, int]  # by verdict, those told elsewhere among them


def sections(document: dict[str, Any]) -> tuple[Section, ...]:
    """One for each article under which something was judged, in the law's order."""
    by_article: dict[str, list[view.Finding]] = {}
    for finding in document["findings"]:
        if finding["verdict"] in COUNTED:
            for article_id in finding["articles"]:
                by_article.setdefault(article_id, []).append(finding)
    return tuple(
        _section(article_id, by_article[article_id], document["language"])
        for article_id in sorted(by_article, key=law.order)
    )


def _section(article_id: str, findings: list[view.Finding], language: str) -> Section:
    article = law.article(article_id)
    here = [f for f in findings if f["articles"][0] == article_id]
    elsewhere = [f for f in findings if f["articles"][0] != article_id]
    said = article.paraphrase if article else Text.same("")
    return Section(
        article_id,
        view.article_title(article_id, language),
        said.within(language),
        article.reading if article else "none",
        failed=_failed(here),
        passed=view.fold(f for f in here if f["verdict"] == "pass"),
        failed_elsewhere=_failed(elsewhere),
        passed_elsewhere=_places(f for f in elsewhere if f["verdict"] == "pass"),
        counts={v: sum(f["verdict"] == v for f in findings) for v in COUNTED},
    )


def _failed(findings: Iterable[view.Finding]) -> tuple[view.Folded, ...]:
    return view.fold(f for f in findings if f["verdict"] in ("fail", "waived"))


def _places(findings: Iterable[view.Finding]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in findings:
        first = finding["articles"][0]
        counts[first] = counts.get(first, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: law.order(item[0])))


def anchor(folded: view.Folded) -> str:
    """The id of a failure's place on the page: a rule may have failed and been accepted."""
    return f"f-{folded.rule}{'-waived' if folded.verdict == 'waived' else ''}"


def kept(folded: view.Folded, language: str) -> str:
    """What a pass shows, in a sentence: a rule's title names the fault, which is not there."""
    named = measures.names().get(folded.rule)
    if named:
        return named[language != "fr"]
    return word("kept", language).format(fault=folded.first["title"])
