"""The line as a whole: what a check that breaks, lies or hangs costs, and what stays."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gdpr_audit import audit as line
from gdpr_audit import document
from gdpr_audit.checks import registry
from gdpr_audit.checks.deferred import Deferred
from gdpr_audit.errors import PluginError
from gdpr_audit.model import (
    PLATFORM,
    TARGET,
    Check,
    Evidence,
    Fact,
    FactSpec,
    FactType,
    Origin,
    Statement,
    Subject,
    Text,
    now,
)
from gdpr_audit.reports.schema import json_schema
from tests.lab import audits, servers
from tests.lab.audits import judged, reasons, verdicts

SPECS = (
    FactSpec("odd.first", FactType.BOOLEAN, TARGET, "First."),
    FactSpec("odd.second", FactType.BOOLEAN, TARGET, "Second."),
)

RULE = """\
id: odd
severity: high
subject: target
require:
  odd.second: {is: true}
articles: [GDPR-32-1]
sources: [{id: x}]
title: {fr: bizarre, en: odd}
why: {fr: parce que, en: because}
remedy: {fr: réparer, en: mend}
examples:
  - pass: {odd.second: true}
  - fail: {odd.second: false}
  - unproven: {}
"""


def _pack(tmp_path: Path) -> Path:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "odd.yaml").write_text(RULE, "utf-8")
    return tmp_path


def _fact(name: str, value: Any) -> Fact:
    return Fact(name, value, Evidence("odd", Origin.MEASURED, Text.same("seen"), now()))


def _check(observe: Any) -> Check:
    return Check("odd", TARGET, SPECS, observe)


def _run(tmp_path: Path, observe: Any, **options: Any) -> dict[str, Any]:
    plan = audits.plan(
        "https://127.0.0.1:1/",
        only=("odd",),
        extra=(_check(observe),),
        packs=(_pack(tmp_path),),
        **options,
    )
    return document.of(asyncio.run(line.run(plan)))


async def _crashes(subject: Subject, session: Any) -> AsyncIterator[Statement]:
    yield _fact("odd.first", True)
    raise RuntimeError("boom at alix@example.fr")


async def _forgets(subject: Subject, session: Any) -> AsyncIterator[Statement]:
    yield _fact("odd.first", True)


async def _lies(subject: Subject, session: Any) -> AsyncIterator[Statement]:
    yield _fact("odd.second", "true")


async def _strays(subject: Subject, session: Any) -> AsyncIterator[Statement]:
    yield _fact("tls.accepts_1_0", False)


async def _hangs(subject: Subject, session: Any) -> AsyncIterator[Statement]:
    yield _fact("odd.first", True)
    await asyncio.sleep(3600)
    yield _fact("odd.second", True)


@pytest.mark.parametrize(
    ("observe", "verdict", "word"),
    [
        (_crashes, "error", "RuntimeError: boom"),
        (_forgets, "unproven", "established nothing"),
        (_lies, "error", "wrong type"),
        (_strays, "error", "not promised"),
    ],
)
def test_what_a_check_does_not_establish_is_a_gap(
    tmp_path: Path, observe: Any, verdict: str, word: str
) -> None:
    found = _run(tmp_path, observe)

    assert verdicts(found) == {"odd": {verdict}}
    assert word in reasons(found, "odd")
    assert "alix@" not in json.dumps(found)


@pytest.mark.parametrize("place", ["gdpr_audit.checks.nowhere:observe", "gdpr_audit.model:observe"])
def test_a_check_whose_observer_cannot_be_imported_is_broken(tmp_path: Path, place: str) -> None:
    found = _run(tmp_path, Deferred(place))

    assert verdicts(found) == {"odd": {"error"}}
    assert place.partition(":")[0] in reasons(found, "odd")


def test_every_observer_that_a_check_names_is_there() -> None:
    named = [c.observe for c, _ in registry.installed() if isinstance(c.observe, Deferred)]

    assert len(named) > 10
    assert all(inspect.isasyncgenfunction(observe.load()) for observe in named)


def test_a_deadline_keeps_what_was_stated_and_says_so(tmp_path: Path) -> None:
    found = _run(tmp_path, _hangs, timeout=0.2)

    assert verdicts(found) == {"odd": {"unproven"}}
    assert "0.2 s" in reasons(found, "odd")
    assert found["facts"]["https://127.0.0.1:1/"]["odd"]["odd.first"]["value"] is True


def test_a_platform_and_its_targets_are_looked_at_within_one_deadline(tmp_path: Path) -> None:
    """Each waits for the other, so that one after the other would wait for ever."""
    targets, whole = asyncio.Event(), asyncio.Event()

    async def of_target(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        targets.set()
        await whole.wait()
        yield _fact("odd.second", True)

    async def of_platform(subject: Subject, session: Any) -> AsyncIterator[Statement]:
        whole.set()
        await targets.wait()
        yield _fact("whole.second", True)

    rule = RULE.replace("odd", "whole").replace("subject: target", "subject: platform")
    pack = _pack(tmp_path)
    (pack / "web" / "whole.yaml").write_text(rule, "utf-8")
    specs = (FactSpec("whole.second", FactType.BOOLEAN, PLATFORM, "Of all."),)
    check = Check("whole", PLATFORM, specs, of_platform)
    plan = audits.plan(
        "https://127.0.0.1:1/",
        only=("odd", "whole"),
        extra=(_check(of_target), check),
        packs=(pack,),
        timeout=5,
    )

    found = document.of(asyncio.run(line.run(plan)))

    assert verdicts(found) == {"odd": {"pass"}, "whole": {"pass"}}


def test_an_interrupt_judges_what_there_is(tmp_path: Path) -> None:
    plan = audits.plan(
        "https://127.0.0.1:1/", only=("odd",), extra=(_check(_hangs),), packs=(_pack(tmp_path),)
    )

    async def interrupted() -> Any:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.1, stop.set)
        return await line.run(plan, stop)

    done = asyncio.run(interrupted())
    found = document.of(done)

    assert done.interrupted
    assert line.incomplete(done)
    assert found["summary"]["interrupted"] is True
    assert "interrupted" in reasons(found, "odd")


def test_two_checks_that_state_one_fact_refuse_to_start() -> None:
    checks = [check for check, _ in registry.installed()]
    double = Check("double", TARGET, (checks[-1].facts[0],), _forgets)

    with pytest.raises(PluginError, match="both state"):
        registry.vocabulary([*checks, double])


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        (FactSpec("Odd", FactType.BOOLEAN, TARGET, "x"), "not a fact's name"),
        (FactSpec("odd.x", FactType.BOOLEAN, "cow", "x"), "unknown kind"),
        (FactSpec("odd.x", FactType.BOOLEAN, "store", "x"), "not its own subject"),
        (FactSpec("odd.x", FactType.BOOLEAN, TARGET, ""), "no description"),
    ],
)
def test_a_check_with_a_misfit_fact_is_refused(spec: FactSpec, word: str) -> None:
    with pytest.raises(PluginError, match=word):
        registry.vocabulary([Check("odd", TARGET, (spec,), _forgets)])


def test_a_check_that_no_chosen_rule_needs_is_not_run() -> None:
    with servers.tcp(servers.silent) as server:
        url = f"https://127.0.0.1:{server.port}/"
        found = judged(url, only=("lawfulness",))

        assert server.seen == []
    assert found["targets"][0]["reached"] is None


def test_the_document_is_of_its_schema_and_its_digest_its_own() -> None:
    found = judged("https://127.0.0.1:1/", only=("web",))
    plain = json.loads(json.dumps(found))

    jsonschema.Draft202012Validator(json_schema()).validate(plain)
    assert document.digest(plain) == found["digest"]
    plain["platform"] = "another"
    assert document.digest(plain) != found["digest"]


def test_the_document_says_the_same_in_both_languages() -> None:
    def audit(language: str) -> dict[str, Any]:
        return judged("https://127.0.0.1:1/", only=("web", "storage"), language=language)

    english, french = audit("en"), audit("fr")
    turned = document.within(french, "en")

    def prints(found: dict[str, Any]) -> list[str]:
        return [finding["fingerprint"] for finding in found["findings"]]

    assert prints(english) == prints(french)
    for ours, theirs in zip(turned["findings"], english["findings"], strict=True):
        assert ours["title"] == theirs["title"]
        assert [r["gap"] for r in ours["reasons"]] == [r["gap"] for r in theirs["reasons"]]
    assert document.within(turned, "fr")["findings"] == french["findings"]
    assert turned["language"] == "en"
    assert turned["tool"] == english["tool"] != french["tool"]
    assert list(turned) == list(french)


def test_two_runs_find_the_same_in_the_same_order() -> None:
    def run() -> list[tuple[str, str, str]]:
        found = judged("https://127.0.0.1:1/")
        return [(f["rule"], f["verdict"], f["fingerprint"]) for f in found["findings"]]

    assert run() == run()


def test_what_was_declared_is_quoted_as_it_is_written(tmp_path: Path) -> None:
    text = (
        "platform: x\nprocessing: {health_data: true, large_scale: true}\n"
        "governance: {dpia: {done: true, date: 2026-01-15}}\n"
        "resilience: {backups: {interval_hours: 24, isolated_copy: true}}\n"
    )
    found = audits.judged(path=audits.declared(tmp_path, text), language="en")

    assert "governance.dpia = {done: true, date: 2026-01-15} (" in audits.reasons(
        found, "dpia-missing"
    )
    assert "{interval_hours: 24, isolated_copy: true}" in audits.reasons(found, "backup-missing")
