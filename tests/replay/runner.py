"""Composes each decision's declaration and servers, audits them, and compares.

A decision is audited twice: with the faults that it took up, and repaired. With them, each rule
that a play names must fail. Repaired, each must pass, and no other may fail of the decision's
rules, nor of those in their themes that are judged on the declaration alone.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml

from gdpr_audit import audit as line
from gdpr_audit import declaration, hds, law
from gdpr_audit.checks import registry
from gdpr_audit.checks.exposure import ports
from gdpr_audit.demo import declared as sample
from gdpr_audit.hds import HosterList
from gdpr_audit.law import Fault, Precedent
from gdpr_audit.model import Rule, Verdict, Vocabulary
from gdpr_audit.network import Settings
from gdpr_audit.rules import book, profile
from tests.lab.audits import DAY
from tests.replay import sites

HERE = Path(__file__).parent
AT_ONCE = 6  # decisions replayed side by side
SHOWN = "shown.txt"  # what a repaired store shows, as the plays name it
#: What a declaration alone speaks of; of these, a repaired twin may have no failure at all.
DECLARED = frozenset({"platform", "audience", "store", "hoster", "processor", "category"})
MANDATE = {
    "authorised_by": "Claire Martin, RSSI",
    "reference": "Rejeu",
    "scope": ["127.0.0.1", "localhost"],
    "not_before": DAY.replace(day=1),
    "not_after": DAY.replace(month=12),
}

#: The ports that this decision's audit asks: a published list would meet others' servers here.
_ports: ContextVar[tuple[tuple[int, str], ...]] = ContextVar("ports", default=())


@dataclass(frozen=True, eq=False)
class Play:
    """How a fault is shown, as `plays.yaml` has it."""

    name: str
    finds: tuple[str, ...]
    clears: tuple[str, ...]  # of a control: the rules that must pass
    faulty: dict[str, Any]
    repaired: dict[str, Any]
    site: str | None
    embedded: bool  # whether the embedded list of hosters is asked, not the sample's


@dataclass(frozen=True)
class Shown:
    """One fault of one decision, and how it is played; `plays` is empty where no rule looks."""

    fault: Fault
    plays: tuple[Play, ...]

    @property
    def expected(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule for play in self.plays for rule in play.finds))


@dataclass
class Outcome:
    """What came of one decision's replay."""

    precedent: Precedent
    shown: tuple[Shown, ...]
    failed: frozenset[str] = frozenset()  # the rules that failed on the faulty platform
    passed: frozenset[str] = frozenset()
    unclean: tuple[str, ...] = ()  # the rules that failed on the repaired twin
    left_out: str = ""  # why it was not replayed at all

    def found(self, shown: Shown) -> tuple[str, ...]:
        return tuple(rule for rule in shown.expected if rule in self.failed)

    @property
    def missed(self) -> dict[str, list[str]]:
        """Each fault's rules that did not find it; of a control, those that did not pass."""
        result = {}
        for shown in self.shown:
            clears = [rule for play in shown.plays for rule in play.clears]
            wrong = [rule for rule in shown.expected if rule not in self.failed]
            wrong += [rule for rule in clears if rule not in self.passed]
            if wrong:
                result[shown.fault.code] = wrong
        return result

    @property
    def good(self) -> bool:
        return not (self.missed or self.unclean or self.left_out)


@cache
def plays() -> Mapping[str, Play]:
    rows = yaml.safe_load((HERE / "plays.yaml").read_text("utf-8"))
    return {
        name: Play(
            name,
            tuple(row.get("finds", ())),
            tuple(row.get("clears", ())),
            row.get("faulty", {}),
            row.get("repaired", {}),
            row.get("site"),
            row.get("hosters") == "embedded",
        )
        for name, row in rows.items()
    }


@cache
def records() -> Mapping[str, Mapping[str, list[str]]]:
    """By decision: the plays of each fault."""
    found: dict[str, dict[str, list[str]]] = yaml.safe_load(
        (HERE / "decisions.yaml").read_text("utf-8")
    )
    return found


def shown(precedent: Precedent) -> tuple[Shown, ...]:
    """What the decision itself took up, or found in order; measures asked for are no faults."""
    mine = records()[precedent.id]
    return tuple(
        Shown(fault, tuple(plays()[name] for name in mine.get(fault.code, ())))
        for fault in precedent.faults
        if fault.basis != "remedy"
    )


def merged(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The declarations of several plays in one. Raises ValueError where two contradict."""
    result: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            result[key] = _both(result[key], value, key) if key in result else value
    return result


def _both(one: Any, other: Any, key: str) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return merged((one, other))
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(item for item in other if item not in one)]
    if one != other:
        raise ValueError(f"{key}: {one!r} and {other!r}")
    return one


@dataclass
class Theatre:
    """What all replays share: rules, checks, keys, the sample's list of hosters."""

    folder: Path
    rules: dict[str, Rule]
    checks: tuple[Any, ...]
    words: Vocabulary
    keys: sites.Keys
    hosters: HosterList
    digest: str = ""

    @classmethod
    def open(cls, folder: Path) -> Theatre:
        checks = tuple(check for check, _ in registry.installed())
        words = registry.vocabulary(checks)
        found = book.load(book.installed_packs(), words)
        listed = folder / "hosters.csv"
        listed.write_text(sample.HOSTERS, "utf-8")
        by_id = {rule.id: rule for rule in found.rules}
        return cls(folder, by_id, checks, words, sites.keys(folder), hds.load(listed), found.digest)

    def audit(
        self, name: str, acts: tuple[Play, ...], rules: Iterable[str], *, faulty: bool
    ) -> dict[str, set[Verdict]]:
        """Each rule's verdicts on the platform of these plays."""
        with ExitStack() as stack:
            stage = sites.Stage(stack, faulty, self.keys)
            for site in dict.fromkeys(play.site for play in acts if play.site):
                sites.SITES[site](stage)
            text = merged(play.faulty if faulty else play.repaired for play in acts)
            text |= {"platform": name, "targets": stage.targets}
            if stage.targets or stage.ports:
                text["mandate"] = MANDATE
            (self.folder / SHOWN).write_text("key ceremony of 12 June 2026\n")
            path = self.folder / f"{name}-{'faulty' if faulty else 'repaired'}.yaml"
            path.write_text(yaml.safe_dump(text, allow_unicode=True), "utf-8")
            plan = line.Plan(
                declaration=declaration.read(path, ()),
                rules=tuple(self.rules[rule] for rule in sorted(set(rules))),
                checks=self.checks,
                words=self.words,
                settings=Settings(ca_file=self.keys.root, browser=stage.browser),
                hosters=hds.embedded() if any(p.embedded for p in acts) else self.hosters,
                day=DAY,
                language="en",
                rules_digest=self.digest,
                profile=profile.default(),
                active=bool(stage.targets or stage.ports),
            )
            _ports.set(tuple(stage.ports))
            audited = asyncio.run(line.run(plan))
        verdicts: dict[str, set[Verdict]] = {}
        for finding in audited.findings:
            verdicts.setdefault(finding.rule.id, set()).add(finding.verdict)
        return verdicts

    def twins_rules(self, precedent: Precedent, acts: tuple[Play, ...]) -> set[str]:
        """The decision's own rules, and all that the declaration alone decides in their themes."""
        played = {rule for play in acts for rule in play.finds}
        themes = {self.rules[rule].theme for rule in played}
        beside = {r.id for r in self.rules.values() if r.theme in themes and r.subject in DECLARED}
        return {*precedent.rules, *beside}


def replay(precedent: Precedent, theatre: Theatre) -> Outcome:
    """Audit the decision's platform and its repaired twin."""
    faults = shown(precedent)
    outcome = Outcome(precedent, faults)
    acts = tuple(dict.fromkeys(play for one in faults for play in one.plays))
    if not acts:
        return outcome
    wanted = [rule for play in acts for rule in (*play.finds, *play.clears)]
    try:
        seen = theatre.audit(precedent.id, acts, wanted, faulty=True)
        outcome.failed = frozenset(rule for rule in seen if Verdict.FAIL in seen[rule])
        outcome.passed = frozenset(rule for rule in seen if seen[rule] == {Verdict.PASS})
        if any(play.finds for play in acts):
            rules = theatre.twins_rules(precedent, acts)
            twin = theatre.audit(precedent.id, acts, rules, faulty=False)
            outcome.unclean = _unclean(twin, {rule for play in acts for rule in play.finds})
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        outcome.left_out = str(missing)
    return outcome


def _unclean(twin: Mapping[str, set[Verdict]], played: set[str]) -> tuple[str, ...]:
    """The rules that speak against the repaired twin: those that fail, and, of those played, those
    that pass on none of its subjects (another audience may be left undeclared).
    """
    wrong = {rule for rule in twin if twin[rule] & {Verdict.FAIL, Verdict.ERROR}}
    wrong |= {rule for rule in played if Verdict.PASS not in twin.get(rule, ())}
    return tuple(sorted(wrong))


def replay_all(only: Iterable[str] = ()) -> list[Outcome]:
    """Every decision, side by side, in the order of the law's data."""
    chosen = [one for one in law.precedents() if not only or one.id in set(only)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(mock.patch.object(ports, "known", _ports.get))
        stack.enter_context(mock.patch.dict(os.environ, {"GDPR_AUDIT_DATA_DIR": str(folder)}))
        theatre = Theatre.open(folder)
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        return list(pool.map(lambda one: replay(one, theatre), chosen))
