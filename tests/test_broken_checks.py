"""Every check of ours broken in every way, in a whole audit: it costs what it would have said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gdpr_audit.audit import GRACE
from gdpr_audit.checks import registry
from gdpr_audit.cli import run as command
from gdpr_audit.model import (
    About,
    Census,
    Check,
    Evidence,
    Fact,
    Finding,
    Gap,
    Origin,
    Statement,
    Subject,
    Text,
    Verdict,
    now,
)
from gdpr_audit.outcome import Audit
from tests.lab import recorded
from tests.lab.recorded import Fault, Recording

NAMES = [check.name for check, _ in registry.installed()]
TIMEOUT = 5.0


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return recorded.sample(tmp_path_factory.mktemp("sample"), compliant=True)


@pytest.fixture(scope="module")
def sound(sample: Recording) -> Audit:
    return recorded.hastily(sample.again(timeout=TIMEOUT))[0]


def _raises(error: BaseException | None) -> Fault:
    def fault(said: list[Statement]) -> Any:
        async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
            if error is not None:
                raise error
            yield said[0]  # what makes it a generator

        return observe

    return fault


def _half_then_raises(said: list[Statement]) -> Any:
    async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        for statement in said[: len(said) // 2]:
            yield statement
        raise RuntimeError("half way")

    return observe


def _half_and_silent(said: list[Statement]) -> Any:
    async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        for statement in said[::2]:
            yield statement

    return observe


def _hangs(said: list[Statement]) -> Any:
    async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        for statement in said[: len(said) // 2]:
            yield statement
        await asyncio.sleep(1e9)

    return observe


def _will_not_be_cancelled(said: list[Statement]) -> Any:
    async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        for _ in range(5):
            try:
                await asyncio.sleep(1e9)
            except asyncio.CancelledError:
                continue
        yield said[0]

    return observe


def _wrong(statement: Statement) -> Any:
    evidence = Evidence("x", Origin.MEASURED, Text.same("seen"), now())
    match statement:
        case About(subject, inner):
            return About(subject, _wrong(inner))
        case Census():
            return statement._replace(kind="store", within=statement.within)
        case _:
            return Fact(statement.name, object(), evidence)  # type: ignore[arg-type]


def _wrong_type(said: list[Statement]) -> Any:
    async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        for statement in said or (Gap("x.y", Text.same("nothing")),):
            yield _wrong(statement)

    return observe


def _counts_others(said: list[Statement]) -> Any:
    """A census whose subjects lie elsewhere: a rule on them would find none of its own."""

    async def observe(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        taken = [statement for statement in said if isinstance(statement, Census)]
        for census in taken:
            yield census._replace(subjects=(Subject(census.kind, "elsewhere"),))
        if not taken:
            yield Census("target", subject)

    return observe


def _no_statement(said: list[Statement]) -> Any:
    async def observe(subject: Subject, session: Any) -> AsyncIterator[Any]:
        yield "all is well"

    return observe


FAULTS: dict[str, tuple[Fault, bool]] = {  # and whether the check is known to be broken
    "raises": (_raises(RuntimeError("boom")), True),
    "exits": (_raises(SystemExit(0)), True),
    "as-if-cancelled": (_raises(asyncio.CancelledError()), True),
    "half-then-raises": (_half_then_raises, True),
    "half-and-silent": (_half_and_silent, False),
    "hangs": (_hangs, False),
    "will-not-be-cancelled": (_will_not_be_cancelled, False),
    "wrong-type": (_wrong_type, True),
    "counts-others": (_counts_others, True),
    "no-statement": (_no_statement, True),
}


def _asks(finding: Finding, check: Check, sample: Recording) -> bool:
    """Whether the finding's rule reads the check's facts, or is about subjects that it finds."""
    kinds = sample.plan.words.lineage(finding.rule.subject)
    return any(spec.name in finding.rule.facts for spec in check.facts) or any(
        kind.name in kinds for kind in check.discovers
    )


def _decided(found: Audit, verdict: Verdict) -> set[str]:
    return {f.fingerprint for f in found.findings if f.verdict is verdict}


def _left_open(found: Audit, facts: set[str], kinds: set[str]) -> str:
    """Why what one check looks at stayed open."""
    known = [stated for facts_ in found.observations.facts.values() for stated in facts_.values()]
    gaps = [stated.reason for stated in known if isinstance(stated, Gap) and stated.name in facts]
    cut = [c.gap for c in found.observations.census.values() if c.kind in kinds and c.gap]
    return "\n".join(text.en for text in gaps + cut)


@pytest.mark.parametrize("way", FAULTS)
@pytest.mark.parametrize("name", NAMES)
def test_a_broken_check_costs_its_own_rules_alone(
    name: str, way: str, sample: Recording, sound: Audit
) -> None:
    check = next(check for check in sample.plan.checks if check.name == name)
    looked = [subject for who, subject in sample.said if who == name]
    fault, broken = FAULTS[way]
    found, seconds = recorded.hastily(sample.again(name, fault, TIMEOUT))

    def others(audit: Audit) -> list[Finding]:
        return [f for f in audit.findings if not _asks(f, check, sample)]

    assert others(found) == others(sound)
    for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE):
        assert _decided(found, verdict) <= _decided(sound, verdict)
    assert {f.rule.id for f in found.findings} == {f.rule.id for f in sound.findings}
    assert seconds <= len(looked) * (TIMEOUT + GRACE) + 1
    if way == "half-and-silent":
        return  # some of its facts may well be none of a sound audit's: it is not known to be broken
    own = {spec.name for spec in check.facts}
    if broken and way != "half-then-raises":
        met = {r.fact for f in found.findings for r in f.reasons if r.met is not None}
        assert not met & own
        assert not any(f.subject.kind in {k.name for k in check.discovers} for f in found.findings)
    if looked and not broken:
        assert "was used up" in _left_open(found, own, {kind.name for kind in check.discovers})
    if looked:
        assert command.status(found, "never", strict=False) == command.INCOMPLETE
        assert broken or found.late
