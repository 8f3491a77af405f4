"""The report on a terminal: summary by article, then findings by severity."""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Styled

from gdpr_audit import written
from gdpr_audit.reports import change, incomplete, view, waived
from gdpr_audit.reports.inert import inert
from gdpr_audit.reports.verdict import reason
from gdpr_audit.reports.words import (
    decimal,
    euros,
    grouped,
    labelled,
    labelled_text,
    list_label,
    numbered,
    old_list,
    word,
)

_STYLE = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "info": "blue",
    "pass": "green",
    "unproven": "magenta",
    "error": "bold magenta",
    "non-compliant": "bold red",
    "undetermined": "bold magenta",
    "compliant": "bold green",
}
MOST = 6  # subjects named of one folded finding


def render(document: dict[str, Any], since: dict[str, Any] | None = None) -> str:
    """The same as plain text, for a file or a pipe."""
    out = StringIO()
    plain = Console(file=out, width=100, no_color=True, highlight=False, force_terminal=False)
    show(document, plain, since=since)
    return out.getvalue()


def show(
    document: dict[str, Any],
    out: Console,
    *,
    verbose: bool = False,
    since: dict[str, Any] | None = None,
) -> None:
    """Print the report; `since`: an earlier audit, to say what became of it."""
    document = inert(document)
    language = document["language"]
    _head(document, out, language)
    _articles(document, out, language)
    failed = view.fold(f for f in document["findings"] if f["verdict"] in ("fail", "waived"))
    for folded in failed:
        _finding(folded, out, language)
    _unshown(document, out, language)
    _waivers(document, out, language)
    _exposure(document, out, language)
    if verbose:
        _passed(document, out, language)
    if since is not None:
        change.show(written.within(since, language), document, out)
    _foot(document, out, language)


def _head(document: dict[str, Any], out: Console, language: str) -> None:
    summary = document["summary"]
    verdict = summary["verdict"]
    text = Styled(word(verdict, language), style=_STYLE[verdict])
    text.append(f"\n{reason(summary, language)}", style="default")
    counts = [
        numbered(summary["counts"][key], key, language)
        for key in ("fail", "unproven", "pass", "not_applicable", "error")
        if summary["counts"][key] or key != "error"
    ]
    text.append(f"\n{', '.join(counts)}", style="default")
    for line in incomplete.lines(document):
        text.append(f"\n{line}", style="bold magenta")
    title = f"{document['platform']} · {document['date']}"
    out.print(Panel(text, title=Styled(title), title_align="left"))


def _articles(document: dict[str, Any], out: Console, language: str) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column(word("article", language), ratio=1)
    for key in ("fail", "unproven", "pass"):
        table.add_column(word(key, language), justify="right")
    for article, counts in document["summary"]["articles"].items():
        cells = [
            Styled(str(counts[key] or "·"), style=style if counts[key] else "dim")
            for key, style in (("fail", "red"), ("unproven", "magenta"), ("pass", "green"))
        ]
        table.add_row(Styled(view.article_title(article, language)), *cells)
    out.print(Padding(table, (1, 1)))


def _finding(folded: view.Folded, out: Console, language: str) -> None:
    head = Styled()
    head.append(f" {word(folded.severity, language).upper()} ", style=_STYLE[folded.severity])
    head.append(f" {folded.first['title']}", style="bold")
    head.append(f"  {folded.rule}", style="dim")
    out.print(head)
    for finding in folded.findings[:MOST]:
        notes = ", ".join(view.notes(finding, lambda key: word(key, language)))
        known = f" ({notes})" if notes else ""
        out.print(Padding(Styled(f"{finding['subject']['name']}{known}"), (0, 0, 0, 3)))
        for summary in view.seen(finding):
            out.print(Padding(Styled(summary, style="dim"), (0, 0, 0, 5)))
        if offending := view.offending(finding):
            listed = labelled("offending", ", ".join(offending), language)
            out.print(Padding(Styled(listed), (0, 0, 0, 5)))
    if (more := len(folded.findings) - MOST) > 0:
        out.print(Padding(Styled(f"+ {more}", style="dim"), (0, 0, 0, 3)))
    remedy = Styled(f"→ {folded.first['remedy']}")
    out.print(Padding(remedy, (0, 0, 1, 3)))


def _unshown(document: dict[str, Any], out: Console, language: str) -> None:
    folded = view.unshown(document)
    if not folded:
        return
    out.print(Styled(word("unshown", language), style="bold magenta"))
    reasons: dict[str, list[str]] = {}
    for one in folded:
        for finding in one.findings:
            for gap in view.gaps(finding)[:1]:
                rules = reasons.setdefault(gap, [])
                if one.rule not in rules:
                    rules.append(one.rule)
    for gap, rules in reasons.items():
        out.print(Padding(Styled(gap), (0, 0, 0, 3)))
        out.print(Padding(Styled(", ".join(rules), style="dim"), (0, 0, 0, 5)))
    out.print()


def _exposure(document: dict[str, Any], out: Console, language: str) -> None:
    exposure = document.get("exposure")
    if exposure is None:
        return
    out.print(Styled(word("exposure", language), style="bold"))
    for row in exposure["ceilings"]:
        paragraph = view.article_short(row["paragraph"], language)
        law = paragraph.partition(" ")[0]  # the paragraph has said which
        shorts = (view.article_short(one, language) for one in row["articles"])
        stake = ", ".join(short.removeprefix(f"{law} ") for short in shorts)
        amount = euros(row["ceiling_eur"], language)
        line = f"{amount}, {paragraph} ({stake})"
        line = labelled("exposure.ceiling", line, language)
        out.print(Padding(Styled(line), (0, 0, 0, 3)))
    for row in exposure["penal"]:
        penalty, article = view.penalty(row, language), view.article_short(row["article"], language)
        line = f"{penalty} ({article}). {row['applies_to']}"
        out.print(Padding(Styled(labelled("exposure.penal", line, language)), (0, 0, 0, 3)))
    if exposure["people"] is not None:
        people = grouped(exposure["people"], language)
        out.print(Padding(Styled(labelled("exposure.people", people, language)), (0, 0, 0, 3)))
    if exposure["comparable"]:
        cited = ", ".join(view.cited(row, language) for row in exposure["comparable"])
        out.print(Padding(Styled(labelled("exposure.comparable", cited, language)), (0, 0, 0, 3)))
    for caution in exposure["cautions"]:
        out.print(Padding(Styled(caution, style="dim"), (0, 0, 0, 3)))
    out.print()


def _passed(document: dict[str, Any], out: Console, language: str) -> None:
    out.print(Styled(word("passed", language), style="bold green"))
    for folded in view.fold(f for f in document["findings"] if f["verdict"] == "pass"):
        names = ", ".join(f["subject"]["name"] for f in folded.findings[:MOST])
        strength = word(folded.first["strength"] or "declared", language)
        out.print(Padding(Styled(f"{folded.rule} ({strength}) {names}"), (0, 0, 0, 3)))
    out.print()


def _waivers(document: dict[str, Any], out: Console, language: str) -> None:
    waivers = document.get("waivers") or []
    if not waivers:
        return
    out.print(Styled(word("waivers", language), style="bold"))
    for waiver in waivers:
        subject = f" ({waiver['subject']})" if waiver["subject"] else ""
        state = waived.state(waiver, document)
        until = f"{word('expires', language)} {waiver['expires']}"
        line = Styled(labelled_text(f"{waiver['rule']}{subject}", waiver["reason"], language))
        line.append(f" ({waiver['approver']}, {until}; {state})", style="dim")
        out.print(Padding(line, (0, 0, 0, 3)))
    out.print()


def _foot(document: dict[str, Any], out: Console, language: str) -> None:
    for target in document["targets"]:
        reached = target["reached"]
        state = "not-looked" if reached is None else "yes" if reached else "no"
        line = Styled(f"{target['url']}  ", style="dim")
        style = "red" if reached is False else "dim"
        line.append(labelled("reached", word(state, language), language), style=style)
        line.append(
            f", {target['connections']} {word('connections', language).lower()}", style="dim"
        )
        line.append(f", {decimal(target['seconds'], language)} s", style="dim")
        out.print(line)
    hds_list = list_label(document["tool"]["hds_list"], language)
    age = view.list_age(document)
    line = Styled(labelled("hds-list", hds_list, language), style="dim")
    if age is not None:
        between = "\u00a0; " if language == "fr" else "; "
        line.append(f"{between}{old_list(age, language)}", style="magenta")
    out.print(line)
    for told in view.told_outside(document):
        out.print(Styled(labelled("told-outside", told, language), style="dim"))
    profile = document["tool"]["tls_profile"]
    named = f"{profile['title']} (version {profile['version']})"
    out.print(Styled(labelled("tls-profile", named, language), style="dim"))
