"""The whole line on one page: subjects, checks, facts, rules, findings.

    declaration  ->  subjects
    subjects     ->  check.observe()  ->  facts and gaps
    facts, rules ->  judge()          ->  findings

Read this file first. It knows of no network, no rule and no report by name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from gdpr_audit import waivers, watchdog
from gdpr_audit.attribution import Atlas
from gdpr_audit.checks import registry
from gdpr_audit.checks.session import Session
from gdpr_audit.declaration import Declaration
from gdpr_audit.errors import NetworkError
from gdpr_audit.hds import HosterList
from gdpr_audit.law import fine_ceiling
from gdpr_audit.model import (
    PLATFORM,
    TARGET,
    About,
    Census,
    Check,
    Fact,
    Gap,
    Observations,
    Rule,
    Statement,
    Subject,
    Text,
    Verdict,
    Vocabulary,
    now,
)
from gdpr_audit.network import Door, Mandate, Settings
from gdpr_audit.outcome import Audit, Baseline, ProfileName, Standing, TargetRun
from gdpr_audit.rules.judge import judge
from gdpr_audit.rules.profile import Profile
from gdpr_audit.waivers import Waiver

#: Targets looked at side by side; each host has its own bounds beside this.
TARGETS_AT_ONCE = 4
#: Seconds that a cancelled check gets to give up its sockets and threads.
GRACE = 1.5
_PORTS = {"http": 80, "https": 443, "smtp": 25, "smtps": 465, "imap": 143, "imaps": 993}

Progress = Callable[[str, Subject, bool], None]


@dataclass(frozen=True)
class Plan:
    """What to audit, by which rules, with which means."""

    declaration: Declaration
    rules: tuple[Rule, ...]
    checks: tuple[Check, ...]
    words: Vocabulary
    settings: Settings
    hosters: HosterList
    day: date
    language: str
    rules_digest: str
    profile: Profile
    atlas: Atlas = field(default_factory=Atlas)
    waivers: tuple[Waiver, ...] = ()
    baseline: Baseline | None = None
    timeout: float = 120.0  # seconds for one target
    active: bool = False
    progress: Progress = field(default=lambda _check, _subject, _done: None)


async def run(plan: Plan, stop: asyncio.Event | None = None) -> Audit:
    """Audit, to the end or until `stop` is set; what was found by then is judged all the same."""
    started = now()
    stop = stop or asyncio.Event()
    notes = _Notes()
    mandate = _mandate(plan.declaration)
    async with Door(plan.settings, mandate=mandate, active=plan.active, day=plan.day) as door:
        session = Session(
            plan.declaration,
            door,
            plan.settings,
            plan.hosters,
            plan.day,
            plan.atlas,
            plan.active,
            frozenset().union(*(rule.facts for rule in plan.rules)),
        )
        with watchdog.watching(plan.timeout):
            runs = await _observe(plan, session, notes, stop)
        await session.close()
    bare = Audit(
        platform=plan.declaration.subject,
        started=started,
        finished=max(started, now()),  # the clock may have been set back meanwhile
        date=plan.day,
        language=plan.language,
        findings=(),
        observations=notes.observations(plan),
        checks=plan.checks,
        targets=runs,
        rules_digest=plan.rules_digest,
        hds_list=plan.hosters.label,
        tls_profile=ProfileName(plan.profile.id, plan.profile.title, plan.profile.version),
        mandate=(mandate.authorised_by, mandate.reference) if mandate else None,
        standing=_standing(plan.declaration),
        interrupted=stop.is_set(),
        late=tuple(notes.late),
        unrecorded=door.journal.broken,
    )
    return judge_again(
        bare, plan.rules, plan.rules_digest, plan.day, plan.profile, plan.waivers, plan.baseline
    )


def judge_again(
    observed: Audit,
    rules: tuple[Rule, ...],
    digest: str,
    day: date,
    profile: Profile,
    waived: tuple[Waiver, ...],
    baseline: Baseline | None,
) -> Audit:
    """What was observed, judged by these rules as of this day; findings of before are dropped."""
    judged = judge(rules, observed.observations, day, profile)
    findings, outcomes = waivers.apply(judged, waived, day)
    failed = {a for f in findings if f.verdict is Verdict.FAIL for a in f.rule.articles}
    return observed._replace(
        date=day,
        findings=findings,
        rules_digest=digest,
        waivers=outcomes,
        baseline=baseline,
        fine_ceiling_eur=fine_ceiling(failed, observed.standing.turnover_eur),
    )


def _standing(declaration: Declaration) -> Standing:
    written = declaration.written
    controller = written.controller if written else None
    processing = written.processing if written else None
    return Standing(
        turnover_eur=controller.turnover_eur if controller else None,
        public_body=controller.public_body if controller else None,
        country=controller.country if controller else None,
        data_subjects=processing.data_subjects if processing else None,
    )


def _mandate(declaration: Declaration) -> Mandate | None:
    given = declaration.written.mandate if declaration.written else None
    if given is None:
        return None
    return Mandate(
        given.authorised_by,
        given.reference,
        tuple(given.scope),
        given.not_before,
        given.not_after,
    )


@dataclass
class _Notes:
    """What the checks stated so far. Kept as it comes, so that a deadline loses only the rest."""

    facts: dict[Subject, dict[str, Fact | Gap]] = field(default_factory=dict)
    census: dict[tuple[Subject, str], Census] = field(default_factory=dict)
    late: list[Subject] = field(default_factory=list)

    def add(self, check: Check, subject: Subject, statement: Statement) -> None:
        match statement:
            case About(about, inner):
                self._put(check, about, inner)
            case Census():
                self._count(check, statement)
            case _:
                self._put(check, subject, statement)

    def _put(self, check: Check, subject: Subject, statement: Fact | Gap) -> None:
        spec = next((s for s in check.facts if s.name == statement.name), None)
        if spec is None or spec.subject != subject.kind:
            raise TypeError(
                f"{check.name} stated {statement.name} of a {subject.kind}: not promised"
            )
        if isinstance(statement, Fact) and not spec.type.admits(statement.value):
            raise TypeError(f"{check.name}: {statement.name} is {statement.value!r}: wrong type")
        self.facts.setdefault(subject, {})[statement.name] = statement

    def _count(self, check: Check, census: Census) -> None:
        spec = next((kind for kind in check.discovers if kind.name == census.kind), None)
        if spec is None or spec.within != census.within.kind:
            raise TypeError(f"{check.name} took a census of {census.kind}: not promised there")
        if any((s.kind, s.within) != (census.kind, census.within) for s in census.subjects):
            raise TypeError(f"{check.name}: the census of {census.kind} has others among them")
        self.census[census.within, census.kind] = census

    def close(self, check: Check, subject: Subject, reason: Text, *, broken: bool) -> None:
        """What the check promised and did not state is a gap."""
        for kind in check.discovers:
            at = (subject, kind.name)
            if at not in self.census:
                self.census[at] = Census(kind.name, subject, gap=reason, broken=broken)
        found = [s for kind in check.discovers for s in self.census[subject, kind.name].subjects]
        for spec in check.facts:
            for about in (subject, *found):
                if about.kind == spec.subject:
                    gap = Gap(spec.name, reason, check.name, broken)
                    self.facts.setdefault(about, {}).setdefault(spec.name, gap)

    def give_up(self, check: Check, subject: Subject, reason: Text) -> None:
        """No more is waited for: its time was up, or the audit was interrupted."""
        if subject not in self.late:
            self.late.append(subject)
        self.close(check, subject, reason, broken=False)

    def observations(self, plan: Plan) -> Observations:
        census = {(c.within, c.kind): c for c in plan.declaration.census} | self.census
        return Observations(plan.declaration.subject, self.facts, census, plan.words.kinds)


async def _observe(
    plan: Plan, session: Session, notes: _Notes, stop: asyncio.Event
) -> tuple[TargetRun, ...]:
    kinds = frozenset(k for rule in plan.rules for k in plan.words.lineage(rule.subject))
    checks = registry.needed(plan.checks, session.wanted or frozenset(), kinds)
    for subject in session.declaration.places:
        if subject.kind not in (PLATFORM, TARGET):
            own = [check for check in checks if check.subject == subject.kind]
            await _look(plan, session, notes, stop, subject, own)
    whole = [check for check in checks if check.subject == PLATFORM]
    own = [check for check in checks if check.subject == TARGET]
    gate = asyncio.Semaphore(TARGETS_AT_ONCE)

    async def one(target: Subject) -> TargetRun:
        async with gate:
            began = time.monotonic()
            await _look(plan, session, notes, stop, target, own)
            return _run_of(target, session, own, time.monotonic() - began)

    # The platform's own names and hosts beside its targets: no slow name costs the time twice.
    _, runs = await asyncio.gather(
        _look(plan, session, notes, stop, session.declaration.subject, whole),
        asyncio.gather(*(one(target) for target in session.declaration.targets)),
    )
    return tuple(runs)


def _run_of(
    target: Subject, session: Session, checks: Sequence[Check], seconds: float
) -> TargetRun:
    looked = any(check.reaches for check in checks)
    parts = urlsplit(target.name)
    traffic = session.door.traffic(parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0))
    return TargetRun(
        url=target.name,
        reached=True if target in session.answered else False if looked else None,
        addresses=tuple(traffic.addresses),
        seconds=round(seconds, 1),
        connections=traffic.connections,
    )


async def _look(
    plan: Plan,
    session: Session,
    notes: _Notes,
    stop: asyncio.Event,
    subject: Subject,
    checks: Iterable[Check],
) -> None:
    """All checks on one subject, side by side, within its deadline."""
    tasks = {
        asyncio.create_task(_watch(plan, session, notes, subject, check)): check for check in checks
    }
    if not tasks:
        return
    stopped = asyncio.create_task(stop.wait())
    deadline = asyncio.get_running_loop().time() + plan.timeout
    pending: set[asyncio.Task[None]] = set(tasks)
    while pending and not stop.is_set():
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            break
        done, _ = await asyncio.wait(
            {*pending, stopped}, timeout=left, return_when=asyncio.FIRST_COMPLETED
        )
        pending -= done
    stopped.cancel()
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending, timeout=GRACE)
    reason = _interrupted() if stop.is_set() else _too_late(plan.timeout)
    for task in pending:
        notes.give_up(tasks[task], subject, reason)
    for task in set(tasks) - pending:
        # it ended as if cancelled, though nobody cancelled it, and told nobody what it leaves open
        if task.cancelled() or task.exception() is not None:
            notes.close(tasks[task], subject, _ended(tasks[task]), broken=True)


def _ended(check: Check) -> Text:
    return Text(
        f"le contrôle {check.name} s'est interrompu de lui-même",
        f"the check {check.name} ended of itself",
    )


def _interrupted() -> Text:
    return Text("l'audit a été interrompu", "the audit was interrupted")


def _too_late(seconds: float) -> Text:
    return Text(
        f"le temps accordé à cette cible ({seconds:g} s) était écoulé",
        f"the time for this target ({seconds:g} s) was used up",
    )


async def _watch(
    plan: Plan, session: Session, notes: _Notes, subject: Subject, check: Check
) -> None:
    """Run one check. Whatever it raises costs only what it had not stated yet."""
    watchdog.until(time.monotonic() + plan.timeout)
    plan.progress(check.name, subject, False)
    unsaid = Text(
        f"le contrôle {check.name} n'a rien établi à ce sujet",
        f"the check {check.name} established nothing on this",
    )
    broken = False
    try:
        async for statement in check.observe(subject, session):
            notes.add(check, subject, statement)
    except NetworkError as error:
        unsaid = error.reason
    except watchdog.Overrun:
        notes.give_up(check, subject, _too_late(plan.timeout))
        return
    except (Exception, SystemExit) as raised:  # noqa: BLE001 - a third party's may raise anything
        broken = True
        inner = _innermost(raised)
        name = type(inner).__name__
        unsaid = Text(
            f"le contrôle {check.name} a échoué : {name} : {inner}",
            f"the check {check.name} broke: {name}: {inner}",
        )
    notes.close(check, subject, unsaid, broken=broken)
    plan.progress(check.name, subject, True)


def _innermost(error: BaseException) -> BaseException:
    """The one error that a group of tasks raised, without the group around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def incomplete(audit: Audit) -> bool:
    """Whether a target could not be looked at, a check broke, or the audit was cut short."""
    return (
        audit.interrupted
        or bool(audit.late)
        or audit.unrecorded is not None
        or any(run.reached is False for run in audit.targets)
        or _broke(audit.observations)
    )


def _broke(seen: Observations) -> bool:
    """Whether a check broke, though no finding may hang on what it would have said."""
    known = (stated for facts in seen.facts.values() for stated in facts.values())
    return any(isinstance(stated, Gap) and stated.broken for stated in known) or any(
        census.broken for census in seen.census.values()
    )
