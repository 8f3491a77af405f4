"""The replay as a table: plain text for a terminal, Markdown for the documentation."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from gdpr_audit.reports.words import euros
from tests.replay.runner import Outcome, Shown

WIDTH = 100
HEAD = """# Real decisions, replayed

Each decision of the [library](../gdpr_audit/law/precedents.json) is replayed: a declaration and,
where a fault shows from outside, a server on loopback have the faults that the authority or the
court took up. Each fault must be found by a rule, and the repaired twin must be clean: the same
rules pass, and no other of the decision's rules fails. `make replay` does it anew, prints the
table, renews this page, and ends with status 1 where a fault is missed.

- Decisions were read in summary. Only what the decision itself took up is replayed; what the press
  reported, or what a measure asked for, is not. Amounts are those after appeal, where its outcome
  is known.
- A decision is replayed as if a health platform had had its faults. Where it gives no figure, the
  replay takes one that is plainly wrong (`tests/replay/plays.yaml`). A fault of organisation is
  found where the platform declares it: the tool shows what is declared and seen, not what is hidden.
- An authority's general words (“weak cryptography”, “basic rules not followed”) are found where one
  of the faults they cover is.
- A fault that no rule looks for is listed with the reason, and never counts as found.
- CE-450163 is a control: guarantees that a court held to be enough. Nothing may be found there.

"""
CONTROL = "negative-control"


def counts(outcomes: Sequence[Outcome]) -> str:
    """How many faults were taken up, looked for and found."""
    faults = [(o, s) for o in outcomes for s in o.shown if s.fault.basis != CONTROL]
    looked = [(o, s) for o, s in faults if s.plays]
    found = [(o, s) for o, s in looked if o.found(s) == s.expected]
    played = [o for o in outcomes if any(s.plays for s in o.shown)]
    clean = [o for o in played if not o.unclean and not o.left_out]
    return (
        f"{len(outcomes)} decisions, {len(faults)} faults taken up: {len(looked)} looked for and "
        f"{len(found)} found, {len(faults) - len(looked)} not looked for. "
        f"{len(clean)} of {len(played)} replayed platforms are clean once repaired."
    )


def text(outcomes: Sequence[Outcome]) -> str:
    """Decision by decision, for a terminal."""
    lines: list[str] = []
    for outcome in outcomes:
        one = outcome.precedent
        amount = euros(one.amount_eur, "en") if one.amount_eur else "no amount"
        head = f"{one.id}  {one.authority.en}  {one.date}  {amount}  {one.entity.en}"
        lines += textwrap.wrap(head, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
        for shown in outcome.shown:
            lines += _line(outcome, shown)
        if outcome.unclean:
            lines.append(f"  TWIN NOT CLEAN  {', '.join(outcome.unclean)}")
        if outcome.left_out:
            lines.append(f"  NOT REPLAYED  {outcome.left_out}")
        lines.append("")
    return "\n".join([*lines, *textwrap.wrap(counts(outcomes), WIDTH)]) + "\n"


def _line(outcome: Outcome, shown: Shown) -> list[str]:
    code = shown.fault.code
    if not shown.plays:
        assert shown.fault.unseen is not None
        said = f"  not looked for  {code}: {shown.fault.unseen.en}"
    elif code in outcome.missed or outcome.left_out:
        wrong = outcome.missed.get(code, [])
        said = f"  MISSED          {code}: {', '.join(wrong)}"
    elif shown.fault.basis == CONTROL:
        said = f"  nothing found   {code}: {', '.join(r for p in shown.plays for r in p.clears)}"
    else:
        said = f"  found           {code}: {', '.join(outcome.found(shown))}"
    return textwrap.wrap(said, WIDTH, subsequent_indent=" " * 18, break_on_hyphens=False)


def markdown(outcomes: Sequence[Outcome]) -> str:
    """The page of the documentation."""
    rows = ["| decision | authority, date | amount | found | not looked for |", "| --- " * 5 + "|"]
    rows += [_row(outcome) for outcome in outcomes]
    reasons = {
        s.fault.code: s.fault for o in outcomes for s in o.shown if s.fault.unseen and not s.plays
    }
    why = [
        f"| {code} | {fault.title.en} | {fault.unseen.en} |"
        for code, fault in sorted(reasons.items())
        if fault.unseen
    ]
    return "".join(
        [
            HEAD,
            "\n".join(textwrap.wrap(counts(outcomes), WIDTH)),
            "\n\n",
            "\n".join(rows),
            "\n\n## Not looked for, and why\n\n| fault | | reason |\n| --- | --- | --- |\n",
            "\n".join(why),
            "\n",
        ]
    )


def _row(outcome: Outcome) -> str:
    one = outcome.precedent
    amount = euros(one.amount_eur, "en") if one.amount_eur else "–"
    found = "<br>".join(_found(outcome)) or "–"
    unseen = "<br>".join(s.fault.code for s in outcome.shown if not s.plays) or "–"
    who = f"**{one.id}**<br>{one.entity.en}"
    return f"| {who} | {one.authority.en}, {one.date} | {amount} | {found} | {unseen} |"


def _found(outcome: Outcome) -> Iterator[str]:
    for shown in outcome.shown:
        if not shown.plays:
            continue
        if shown.fault.basis == CONTROL:
            yield f"{shown.fault.code}: nothing, as it must be"
            continue
        found = outcome.found(shown)
        rules = ", ".join(f"`{rule}`" for rule in found)
        yield f"{shown.fault.code}: {rules or '**missed**'}"
