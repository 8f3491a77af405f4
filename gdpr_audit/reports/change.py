"""What changed between two audits: on a terminal, in Markdown, in HTML, in JSON."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text as Styled

from gdpr_audit.reports import compare as compare_
from gdpr_audit.reports import markdown
from gdpr_audit.reports.compare import CHANGES, WORDS, compare
from gdpr_audit.reports.inert import inert
from gdpr_audit.reports.since import became
from gdpr_audit.reports.words import colon, labelled_text, word

_STYLES = {
    "new": "bold red", "worse": "red", "unseen": "magenta", "open": "yellow", "better": "green",
    "resolved": "bold green", "unchanged": "dim",
}  # fmt: skip


def worsened(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Whether the difference is a reason for status 1."""
    return compare_.worsened(compare(before, after))


def render(before: dict[str, Any], after: dict[str, Any], form: str) -> str:
    """As text in one of the forms."""
    before, after = inert(before), inert(after)
    if form == "json":
        found = compare(before, after)
        return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    if form == "markdown":
        return _markdown(before, after)
    if form == "html":
        from gdpr_audit.reports import html  # noqa: PLC0415 - Jinja comes with it

        language = after["language"]
        return html.environment().get_template("diff.html.j2").render(
            before=before,
            after=after,
            changes=compare(before, after),
            kinds=CHANGES,
            language=language,
            name=lambda key: WORDS[key].within(language),
            say=lambda key: word(key, language),
            became=lambda one: became(one, language),
            colon=colon(language),
        )  # fmt: skip
    out = StringIO()
    show(before, after, Console(file=out, width=100, no_color=True, highlight=False))
    return out.getvalue()


def show(before: dict[str, Any], after: dict[str, Any], out: Console) -> None:
    """Print it."""
    before, after = inert(before), inert(after)
    language = after["language"]
    found = compare(before, after)
    out.print(Styled(_head(before, after), style="bold"))
    for change in CHANGES:
        changes = found[change]
        title = f"{WORDS[change].within(language)} ({len(changes)})"
        out.print(Styled(title, style=_STYLES[change]))
        for one in changes if change != "unchanged" else ():
            line = Styled(f"{word(one['severity'], language).upper()} ")
            line.append(f"{one['title']} ({one['subject']['name']})")
            way = labelled_text(one["rule"], became(one, language), language)
            line.append(f"  {way}", style="dim")
            out.print(Padding(line, (0, 0, 0, 3)))
            for seen in one["seen"]:
                out.print(Padding(Styled(seen, style="dim"), (0, 0, 0, 5)))


def _head(before: dict[str, Any], after: dict[str, Any]) -> str:
    language = after["language"]
    title = WORDS["title"].within(language)
    names = dict.fromkeys((before["platform"], after["platform"]))
    verdicts = [word(d["summary"]["verdict"], language) for d in (before, after)]
    return (
        f"{title} · {' / '.join(names)} · {before['date']} → {after['date']} · "
        f"{' → '.join(verdicts)}"
    )


def _markdown(before: dict[str, Any], after: dict[str, Any]) -> str:
    language = after["language"]
    found = compare(before, after)
    lines = [f"### {markdown.inert(_head(before, after))}", ""]
    for change in CHANGES:
        changes = found[change]
        lines += [f"**{WORDS[change].within(language)}** ({len(changes)})", ""]
        for one in changes[: markdown.MOST] if change != "unchanged" else ():
            subject = markdown.inert(one["subject"]["name"])
            title = markdown.inert(one["title"])
            way = became(one, language)
            severity = word(one["severity"], language)
            told = f"{title} ({subject}) `{one['rule']}`, {way}"
            lines.append(f"- {labelled_text(severity, told, language)}")
        if len(changes) > markdown.MOST and change != "unchanged":
            lines.append(f"- + {len(changes) - markdown.MOST}")
        if changes and change != "unchanged":
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"
