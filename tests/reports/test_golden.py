"""Each report to the letter, beside the file that a person has read."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from gdpr_audit import __version__, document, reports
from gdpr_audit.model import PLATFORM, Census, Evidence, Fact, Origin, Subject, Text
from gdpr_audit.reports import change, html
from tests.lab import audits
from tests.reports.pages import bare
from tests.reports.test_pdf import usable


def _sample(*, month: int = 11, hsts: bool = False) -> dict[str, Any]:
    """A document that never changes."""
    from datetime import UTC, date, datetime

    from gdpr_audit.model import Observations
    from gdpr_audit.outcome import Audit, ProfileName, TargetRun
    from gdpr_audit.rules.judge import judge

    day = date(2026, month, 24)
    at = datetime(2026, month, 24, 12, 0, tzinfo=UTC)
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
                fact("web.hsts.present", hsts),
                fact("web.html", True),
                fact("target.tls_judged", True),
                fact("tls.offered", True),
                fact("tls.encryption", ("3DES", "AES", "RC4")),
                fact("tls.macs", ("AEAD", "SHA1")),
                *((fact("web.hsts.max_age", 31536000),) if hsts else ()),
            )
        }
    }
    held = plan.profile
    census = {(top, "target"): Census("target", top, (target,))}
    seen = Observations(top, facts, census, plan.words.kinds)
    done = Audit(
        top, at, at, day, "fr", judge(plan.rules, seen, day, held), seen,
        plan.checks, (TargetRun(target.name, True, ("192.0.2.7",), 1.2, 41),), "sha256:0",
        "2026-10-01 (complete)", ProfileName(held.id, held.title, held.version),
    )  # fmt: skip
    return document.of(done)


A4, ENDLESS = "size: A4", "size: 210mm 4000mm"
GOLDEN = Path(__file__).parent / "golden"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _two(language: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An audit and a later one: one fault is mended, another is new."""
    before = document.within(_sample(month=10), language)
    after = document.within(_sample(hsts=True), language)
    cipher = next(f for f in before["findings"] if f["rule"] == "tls-weak-cipher")
    cipher["verdict"] = "pass"
    before["summary"]["failed"][cipher["severity"]] -= 1
    return before, after


def _held(name: str, text: str, request: pytest.FixtureRequest) -> tuple[str, str]:
    """What was made and what the golden file has, without what differs from run to run."""
    text = text.replace(__version__, "VERSION").replace("\r\n", "\n")
    text = UUID.sub("UUID", text)  # they follow from the digest, and that from the version
    text = "\n".join(line for line in text.split("\n") if "sha256:" not in line)
    path = GOLDEN / f"{name}.txt"
    if request.config.getoption("--golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return text, path.read_text("utf-8")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", sorted({"json", *reports.MODULES} - reports.BINARY))
def test_a_report_is_its_golden_file_to_the_letter(
    kind: str, language: str, request: pytest.FixtureRequest
) -> None:
    """`pytest --golden` writes them anew; what changed is then for a person to read."""
    text = reports.render(document.within(_sample(), language), kind)
    made, held = _held(f"audit.{language}.{kind}", text, request)

    assert made == held


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("form", ["console", "html", "json", "markdown"])
def test_what_changed_is_its_golden_file(
    form: str, language: str, request: pytest.FixtureRequest
) -> None:
    text = change.render(*_two(language), form)
    made, held = _held(f"diff.{language}.{form}", _without_style(text), request)

    assert made == held


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", sorted(reports.COMPARING - reports.BINARY))
def test_what_became_of_an_earlier_audit_is_its_golden_file(
    kind: str, language: str, request: pytest.FixtureRequest
) -> None:
    before, after = _two(language)
    text = reports.render(after, kind, before)
    if kind == "html":
        start = text.index('<section aria-labelledby="since">')
        text = text[start : text.index("</section>", start)]
    made, held = _held(f"since.{language}.{kind}", text, request)

    assert made == held


@pytest.mark.xdist_group("pdf")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_pdf_says_what_its_golden_file_says(
    language: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one endless page, and letter by letter: where lines break depends on a machine's fonts."""
    usable()
    printable = html.printable
    monkeypatch.setattr(html, "printable", lambda *given: printable(*given).replace(A4, ENDLESS))
    before, after = _two(language)
    (page,) = PdfReader(io.BytesIO(reports.content(after, "pdf", before))).pages
    text = re.sub(r"sha256:\s*[0-9a-f\s]+", "DIGEST\n", page.extract_text())
    made, held = _held(f"audit.{language}.pdf", text, request)

    assert bare(made) == bare(held)


def _without_style(text: str) -> str:
    return re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL)
