"""Markdown for a merge request's comment: short, the gravest first, hostile text inert."""

from __future__ import annotations

import re
from typing import Any

from gdpr_audit import written
from gdpr_audit.reports import view
from gdpr_audit.reports.verdict import reason
from gdpr_audit.reports.words import word

MOST = 20  # failures named; the rest is counted
_SUBJECTS = 3  # of one rule
_WORDS = 200  # characters of what was seen
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+.!|~>-])")
_SIGNS = {
    "critical": "🟥", "high": "🟧", "medium": "🟨", "low": "🟦", "info": "⬜",
}  # fmt: skip


def render(document: dict[str, Any], since: dict[str, Any] | None = None) -> str:
    """The comment; `since`: an earlier audit, to say what became of it."""
    if since is not None:
        from gdpr_audit.reports import change  # noqa: PLC0415 - it shows itself by this module

        changed = change.render(written.within(since, document["language"]), document, "markdown")
        return f"{render(document)}\n{changed}"
    language = document["language"]
    summary = document["summary"]

    def say(key: str) -> str:
        return word(key, language)

    lines = [
        f"### {inert(document['platform'])} · {say(summary['verdict'])}",
        "",
        reason(summary, language),
        "",
        ", ".join(
            f"**{summary['counts'][key]}** {say(f'{key}.many')}"
            for key in ("fail", "unproven", "pass", "error", "waived")
            if summary["counts"][key]
        ),
        "",
    ]
    failed = view.fold(f for f in document["findings"] if f["verdict"] == "fail")
    if failed:
        lines += [f"| {say('severity')} | {say('rule')} | {say('on')} | {say('seen')} |"]
        lines += ["| --- | --- | --- | --- |"]
        lines += [_row(one, language) for one in failed[:MOST]]
        if len(failed) > MOST:
            lines.append(f"| | + {len(failed) - MOST} | | |")
    else:
        lines.append(say("none-failed"))
    open_ = view.unshown(document)
    if open_:
        names = ", ".join(f"`{one.rule}`" for one in open_)
        lines += ["", "<details>", f"<summary>{say('unshown')} ({len(open_)})</summary>", ""]
        lines += [names, "", "</details>"]
    return "\n".join([*lines, ""])


def _row(folded: view.Folded, language: str) -> str:
    names = [
        inert(f["subject"]["name"]) + (f" ({word('known', language)})" if f.get("known") else "")
        for f in folded.findings[:_SUBJECTS]
    ]
    if (more := len(folded.findings) - _SUBJECTS) > 0:
        names.append(f"+ {more}")
    seen = "; ".join(view.seen(folded.first))[:_WORDS]
    severity = f"{_SIGNS[folded.severity]} {word(folded.severity, language)}"
    title = f"{inert(folded.first['title'])} `{folded.rule}`"
    return f"| {severity} | {title} | {', '.join(names)} | {inert(seen)} |"


def inert(text: str) -> str:
    """Text that is neither markup, nor a link, nor a mention, nor the end of a cell."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(r"\\\1", text.replace("&gt;", "\0")).replace("\0", "&gt;")
    return text.replace("@", "@\u200b").replace("://", ":\u200b//")
