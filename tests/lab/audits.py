"""Audits run in a test, without the command line."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from gdpr_audit import audit as line
from gdpr_audit import declaration, document, hds
from gdpr_audit.checks import registry
from gdpr_audit.hds import HosterList
from gdpr_audit.model import Check
from gdpr_audit.network import Settings
from gdpr_audit.outcome import Audit
from gdpr_audit.rules import book, profile

DAY = date(2026, 11, 24)


def plan(
    *urls: str,
    path: Path | None = None,
    only: tuple[str, ...] = (),
    settings: Settings | None = None,
    hosters: HosterList | None = None,
    extra: tuple[Check, ...] = (),
    packs: tuple[Path, ...] = (),
    **options: Any,
) -> line.Plan:
    """A plan as the command line would make it."""
    declared = declaration.read(path, urls) if path else declaration.bare(urls)
    checks = (*(check for check, _ in registry.installed()), *extra)
    words = registry.vocabulary(checks)
    rules = book.load([*book.installed_packs(), *packs], words, only)
    return line.Plan(
        declaration=declared,
        rules=rules.rules,
        checks=checks,
        words=words,
        settings=settings or Settings(),
        hosters=hosters or hds.embedded(),
        day=options.pop("day", DAY),
        language=options.pop("language", "en"),
        rules_digest=rules.digest,
        profile=options.pop("profile", None) or profile.default(),
        **options,
    )


def run(*urls: str, **options: Any) -> Audit:
    # in a thread of its own: a test may have a browser's event loop in this one
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(line.run(plan(*urls, **options)))).result()


def judged(*urls: str, **options: Any) -> dict[str, Any]:
    """The audit document."""
    return document.of(run(*urls, **options))


def verdicts(found: dict[str, Any]) -> dict[str, set[str]]:
    """Each rule's verdicts."""
    result: dict[str, set[str]] = {}
    for finding in found["findings"]:
        result.setdefault(finding["rule"], set()).add(finding["verdict"])
    return result


def reasons(found: dict[str, Any], rule: str) -> str:
    """All that is said of one rule's findings, to look for a word in it."""
    said = []
    for finding in found["findings"]:
        if finding["rule"] == rule:
            for reason in finding["reasons"]:
                evidence = reason["evidence"]
                said.append(f"{reason['gap']} {evidence['summary'] if evidence else ''}")
    return "\n".join(said)


def declared(tmp_path: Path, text: str) -> Path:
    """A declaration in a file."""
    path = tmp_path / "platform.yaml"
    path.write_text(text, "utf-8")
    return path
