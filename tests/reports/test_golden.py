"""Each report to the letter, beside the file that a person has read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import document, reports
from gdpr_audit.model import PLATFORM, Census, Evidence, Fact, Origin, Subject, Text
from tests.lab import audits


def _sample() -> dict[str, Any]:
    """A document that never changes: for the console report's golden file."""
    from datetime import UTC, date, datetime

    from gdpr_audit.model import Observations
    from gdpr_audit.outcome import Audit, ProfileName, TargetRun
    from gdpr_audit.rules.judge import judge

    at = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    plan = audits.plan(
        "https://rdv.example.fr/",
        only=("hsts-missing", "dpo-missing", "csp-missing", "tls-weak-cipher"),
    )
    top = Subject(PLATFORM, "RDV Santé")
    target = Subject("target", "https://rdv.example.fr/", "platform.yaml", 3, top)

    def fact(name: str, value: Any, origin: Origin = Origin.MEASURED) -> Fact:
        return Fact(name, value, Evidence("web", origin, Text("vu : exemple", "seen: sample"), at))

    facts = {
        target: {
            f.name: f
            for f in (
                fact("web.https", True),
                fact("web.hsts.present", False),
                fact("web.html", True),
                fact("target.tls_judged", True),
                fact("tls.offered", True),
                fact("tls.encryption", ("3DES", "AES", "RC4")),
                fact("tls.macs", ("AEAD", "SHA1")),
            )
        }
    }
    held = plan.profile
    census = {(top, "target"): Census("target", top, (target,))}
    seen = Observations(top, facts, census, plan.words.kinds)
    done = Audit(
        top, at, at, date(2026, 11, 24), "fr", judge(plan.rules, seen, date(2026, 11, 24), held), seen,
        plan.checks, (TargetRun(target.name, True, ("192.0.2.7",), 1.2, 41),), "sha256:0",
        "2026-10-01 (complete)", ProfileName(held.id, held.title, held.version),
    )  # fmt: skip
    return document.of(done)


GOLDEN = Path(__file__).parent / "golden"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", sorted({"json", *reports.MODULES} - reports.BINARY))
def test_a_report_is_its_golden_file_to_the_letter(
    kind: str, language: str, request: pytest.FixtureRequest
) -> None:
    """`pytest --golden` writes them anew; what changed is then for a person to read."""
    from gdpr_audit import __version__

    text = reports.render(document.within(_sample(), language), kind)
    text = text.replace(__version__, "VERSION").replace("\r\n", "\n")
    text = UUID.sub("UUID", text)  # they follow from the digest, and that from the version
    lines = [line for line in text.split("\n") if "sha256:" not in line]
    text = "\n".join(lines)
    path = GOLDEN / f"audit.{language}.{kind}.txt"
    if request.config.getoption("--golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")

    assert text == path.read_text("utf-8")
