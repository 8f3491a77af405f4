"""A breach sheet: what article 33(3) GDPR asks a notification to say, begun from an audit."""

from __future__ import annotations

from typing import Any

from gdpr_audit.reports import view
from gdpr_audit.reports.drafts import page, risks
from gdpr_audit.reports.drafts.article30 import categories
from gdpr_audit.reports.drafts.known import Known
from gdpr_audit.reports.drafts.page import Listed, Section
from gdpr_audit.reports.drafts.words import say
from gdpr_audit.reports.words import colon, grouped, labelled_text, moment, word

_GRAVE = ("critical", "high")  # lighter failures open no way by themselves


def render(document: dict[str, Any]) -> str:
    known = Known(document)
    sections = [
        _when(document, known),
        _nature(document, known),
        _numbers(document, known),
        _contact(known),
        _consequences(document, known),
        _measures(document, known),
    ]
    intro = f"{say('intro', known.language)} {say('breach.intro', known.language)}"
    return page.render(document, say("breach", known.language), intro, sections)


def _grave(document: dict[str, Any], risk: str) -> tuple[view.Folded, ...]:
    return tuple(f for f in risks.failures(document, risk) if f.severity in _GRAVE)


def _line(key: str, value: str, known: Known) -> str:
    return labelled_text(say(key, known.language), value, known.language)


def _when(document: dict[str, Any], known: Known) -> Section:
    seen = say("seen-at", known.language)
    return Section(
        "when",
        say("when", known.language),
        "art. 33(1)",
        (
            _line("aware", known.blank, known),
            _line("began", known.blank, known),
            seen.format(
                started=moment(document["started"], known.language),
                finished=moment(document["finished"], known.language),
            ),
        ),
    )


def _nature(document: dict[str, Any], known: Known) -> Section:
    lists = []
    for risk in risks.RISKS:
        items = [
            f"{f.first['title']} ({word(f.severity, known.language)}){_where(f, known)}"
            for f in _grave(document, risk)
        ]
        nothing = say("nothing-seen", known.language)
        lists.append(Listed(say(risk, known.language), tuple(items) or (nothing,)))
    sentence = _line("kind", known.blank, known)
    title = say("nature", known.language)
    return Section("nature", title, "art. 33(3)(a)", (sentence,), tuple(lists))


def _where(folded: view.Folded, known: Known) -> str:
    names = list(dict.fromkeys(f["subject"]["name"] for f in folded.findings))
    more = f" + {len(names) - 3}" if len(names) > 3 else ""
    return f"{colon(known.language)}{', '.join(names[:3])}{more}"


def _numbers(document: dict[str, Any], known: Known) -> Section:
    people = (document.get("standing") or {}).get("data_subjects")
    shown = grouped(people, known.language) if people is not None else known.blank
    who = [known.named(name) for name, _ in known.subjects("audience")]
    return Section(
        "numbers",
        say("categories", known.language),
        "art. 33(3)(a)",
        (
            _line("who", ", ".join(dict.fromkeys(who)) or known.blank, known),
            _line("number", f"{shown} {known.blank if people is not None else ''}".strip(), known),
            _line("category", ", ".join(categories(known)) or known.blank, known),
            _line("records", known.blank, known),
        ),
    )


def _contact(known: Known) -> Section:
    title = say("contact", known.language)
    return Section("contact", title, "art. 33(3)(b)", (_line("dpo", known.blank, known),))


def _consequences(document: dict[str, Any], known: Known) -> Section:
    items = [
        f"{_line(risk, say(f'consequences.{risk}', known.language), known)} {known.blank}"
        for risk in risks.RISKS
        if _grave(document, risk)
    ]
    title = say("consequences", known.language)
    return Section("consequences", title, "art. 33(3)(c)", tuple(items) or (known.blank,))


def _measures(document: dict[str, Any], known: Known) -> Section:
    remedies = [f.first["remedy"] for risk in risks.RISKS for f in _grave(document, risk)]
    lists = (
        Listed(say("done", known.language), (known.blank,)),
        Listed(say("proposed", known.language), (*dict.fromkeys(remedies), known.blank)),
    )
    sentences = (say("inform", known.language), say("keep", known.language))
    return Section("taken", say("taken", known.language), "art. 33(3)(d)", sentences, lists)
