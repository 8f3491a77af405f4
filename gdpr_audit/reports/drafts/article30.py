"""A page of the record of processing (article 30(1) GDPR), with the security measures of (g)."""

from __future__ import annotations

from typing import Any

from gdpr_audit.reports.drafts import measures, page
from gdpr_audit.reports.drafts.known import Known
from gdpr_audit.reports.drafts.page import Listed, Section, Table
from gdpr_audit.reports.drafts.words import say
from gdpr_audit.reports.words import grouped, labelled_text

_CLAUSES = 14  # of R.1111-11 CSP


def render(document: dict[str, Any]) -> str:
    known = Known(document)
    sections = [
        _controller(document, known),
        _purposes(known),
        _people(document, known),
        _recipients(known),
        _transfers(known),
        _erasure(known),
        *_measures(document),
    ]
    title = say("article-30", known.language)
    return page.render(document, title, say("intro", known.language), sections)


def _line(key: str, value: str, known: Known) -> str:
    return labelled_text(say(key, known.language), value, known.language)


def _controller(document: dict[str, Any], known: Known) -> Section:
    standing = document.get("standing") or {}
    officer = known.platform().get("governance.dpo")
    dpo = say("named", known.language) if officer else known.no() if officer is False else ""
    return Section(
        "controller",
        say("controller", known.language),
        "art. 30(1)(a)",
        (
            _line("controller", known.blank, known),
            _line("country", standing.get("country") or known.blank, known),
            _line("dpo", f"{dpo} {known.blank}" if officer is not False else dpo, known),
        ),
    )


def _purposes(known: Known) -> Section:
    facts = known.platform()
    lines = [
        _line("purpose", known.blank, known),
        _line("basis-6", known.named(facts.get("processing.article_6_basis")), known),
        _line("basis-9", known.basis_9(), known),
    ]
    if facts.get("processing.reuse_purpose") not in (None, "none"):
        lines.append(_line("reuse", known.named(facts["processing.reuse_purpose"]), known))
    return Section("purposes", say("purposes", known.language), "art. 30(1)(b)", tuple(lines))


def _people(document: dict[str, Any], known: Known) -> Section:
    people = [known.named(name) for name, _ in known.subjects("audience")]
    number = (document.get("standing") or {}).get("data_subjects")
    shown = grouped(number, known.language) if number is not None else known.blank
    return Section(
        "people",
        say("people", known.language),
        "art. 30(1)(c)",
        (
            _line("who", ", ".join(dict.fromkeys(people)) or known.blank, known),
            _line("number", shown, known),
            _line("category", ", ".join(categories(known)) or known.blank, known),
        ),
    )


def categories(known: Known) -> list[str]:
    """The declared categories of data, in words."""
    named = (facts.get("category.name") or name for name, facts in known.subjects("category"))
    return list(dict.fromkeys(known.named(name) for name in named))


def _recipients(known: Known) -> Section:
    rows = [
        (
            name,
            say("processor", known.language),
            known.named(facts.get("processor.country")),
            known.named(facts.get("processor.contract")),
        )
        for name, facts in known.subjects("processor")
    ]
    rows += [
        (name, say("hoster", known.language), _countries(facts, known), _clauses(facts, known))
        for name, facts in known.subjects("hoster")
        if not facts.get("hoster.self_hosted")
    ]
    heads = tuple(say(key, known.language) for key in ("party", "role", "country", "contract"))
    table = Table(heads, tuple(rows)) if rows else None
    sentences = () if rows else (known.blank,)
    title = say("recipients", known.language)
    return Section("recipients", title, "art. 30(1)(d)", sentences, table=table)


def _countries(facts: dict[str, Any], known: Known) -> str:
    return ", ".join(known.items(facts.get("hoster.countries"))) or known.blank


def _clauses(facts: dict[str, Any], known: Known) -> str:
    """Which clauses of R.1111-11 CSP the contract is declared to have; the rest is to be said."""
    lacking = facts.get("hoster.contract_clauses_missing")
    if not isinstance(lacking, list):
        return known.blank
    key = "all" if not lacking else "none" if len(lacking) == _CLAUSES else "but"
    said = say(f"clauses.{key}", known.language).format(lacking=", ".join(lacking))
    return _line("clauses", said, known)


def _transfers(known: Known) -> Section:
    lines = []
    for name, facts in known.subjects("processor"):
        if facts.get("processor.in_eea") is not True:
            given = known.named(facts.get("processor.transfer_safeguard"))
            country = known.named(facts.get("processor.country"))
            lines.append(_transfer(name, country, facts.get("processor.in_eea"), given, known))
    for name, facts in known.subjects("hoster"):
        rows = known.items(facts.get("hoster.transfers"))
        if not facts.get("hoster.self_hosted") and (rows or facts.get("hoster.in_eea") is not True):
            country, inside = _countries(facts, known), facts.get("hoster.in_eea")
            line = _transfer(name, country, inside, known.blank, known)
            table = _line("transfer-table", " ; ".join(rows), known) if rows else ""
            lines.append(f"{line}, {table}" if rows else line)
    return Section(
        "transfers",
        say("transfers", known.language),
        "art. 30(1)(e)",
        tuple(lines) or (say("no-transfer", known.language),),
    )


def _transfer(name: str, country: str, inside: Any, safeguard: str, known: Known) -> str:
    """One party outside the Union; one of which that is not known is to be completed as well."""
    if inside is None:
        return f"{name} ({country}), {_line('unknown-place', known.blank, known)}"
    return f"{name} ({country}), {_line('safeguard', safeguard, known)}"


def _erasure(known: Known) -> Section:
    rows = tuple(
        (known.named(facts.get("category.name") or name), _months(facts, known))
        for name, facts in known.subjects("category")
    )
    heads = (say("category", known.language), say("retention", known.language))
    title = say("erasure", known.language)
    if not rows:
        return Section("erasure", title, "art. 30(1)(f)", (known.blank,))
    return Section("erasure", title, "art. 30(1)(f)", table=Table(heads, rows))


def _months(facts: dict[str, Any], known: Known) -> str:
    if facts.get("category.retention_months") is not None:
        return str(facts["category.retention_months"])
    if facts.get("category.retention_defined") is False:
        return say("undefined", known.language)
    return known.blank


def _measures(document: dict[str, Any]) -> list[Section]:
    language = document["language"]
    title = say("measures", language)
    found = []
    for theme in measures.themes(document):
        said = measures.lines(theme, language)
        lists = tuple(
            Listed(say(key, language), tuple(items)) for key, items in said.items() if items
        )
        head = labelled_text(title, theme.name, language)
        found.append(Section(f"m-{theme.id}", head, "art. 30(1)(g), 32(1)", lists=lists))
    return found
