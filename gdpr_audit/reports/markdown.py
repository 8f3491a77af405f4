"""Markdown for a merge request's comment: short, the gravest first, hostile text inert."""

from __future__ import annotations

import re
from typing import Any

from gdpr_audit import written
from gdpr_audit.reports import incomplete, view, waived
from gdpr_audit.reports.verdict import reason
from gdpr_audit.reports.words import colon, numbered, word

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
            _bold(numbered(summary["counts"][key], key, language))
            for key in ("fail", "unproven", "pass", "error", "waived")
            if summary["counts"][key]
        ),
        "",
        *(line for said in incomplete.lines(document) for line in (f"⚠️ {inert(said)}", "")),
    ]
    failed = view.fold(f for f in document["findings"] if f["verdict"] == "fail")
    if failed:
        heads = [say(key).capitalize() for key in ("severity", "rule", "on", "seen")]
        lines += [f"| {' | '.join(heads)} |"]
        lines += ["| --- | --- | --- | --- |"]
        lines += [_row(one, language) for one in failed[:MOST]]
        if len(failed) > MOST:
            lines.append(f"| | + {len(failed) - MOST} | | |")
    else:
        lines.append(incomplete.none_failed(document))
    lines += _waivers(document)
    open_ = view.unshown(document)
    if open_:
        names = ", ".join(f"`{one.rule}`" for one in open_)
        lines += ["", "<details>", f"<summary>{say('unshown')} ({len(open_)})</summary>", ""]
        lines += [names, "", "</details>"]
    return "\n".join([*lines, ""])


def _bold(counted: str) -> str:
    number, _, words = counted.partition(" ")
    return f"**{number}** {words}"


def _waivers(document: dict[str, Any]) -> list[str]:
    """Those that somebody has to look at; what is accepted for long yet needs nobody."""
    language = document["language"]
    told = [w for w in document.get("waivers") or [] if w["state"] != "applied" or w["expiring"]]
    lines = ["", f"**{word('waivers', language)}**", ""] if told else []
    for waiver in told[:MOST]:
        subject = f" ({inert(waiver['subject'])})" if waiver["subject"] else ""
        state = waived.state(waiver, document)
        until = f"{word('expires', language)} {waiver['expires']}"
        lines.append(f"- `{waiver['rule']}`{subject}, {until}{colon(language)}{state}")
    return [*lines, f"- + {len(told) - MOST}"] if len(told) > MOST else lines


def _row(folded: view.Folded, language: str) -> str:
    names = [
        inert(f["subject"]["name"]) + (f" ({word('known', language)})" if f.get("known") else "")
        for f in folded.findings[:_SUBJECTS]
    ]
    if (more := len(folded.findings) - _SUBJECTS) > 0:
        names.append(f"+ {more}")
    seen = _cut("; ".join(view.seen(folded.first)))
    severity = f"{_SIGNS[folded.severity]} {word(folded.severity, language)}"
    title = f"{inert(folded.first['title'])} `{folded.rule}`"
    return f"| {severity} | {title} | {', '.join(names)} | {inert(seen)} |"


def _cut(text: str) -> str:
    return text if len(text) <= _WORDS else f"{text[: _WORDS - 1].rstrip()}…"


def inert(text: str) -> str:
    """Text that is neither markup, nor a link, nor a mention, nor the end of a cell."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(r"\\\1", text.replace("&gt;", "\0")).replace("\0", "&gt;")
    return text.replace("@", "@\u200b").replace("://", ":\u200b//")
