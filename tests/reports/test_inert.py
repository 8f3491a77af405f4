"""Whatever a stored document holds, no report carries it as anything but text."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest

from gdpr_audit import document, reports
from gdpr_audit.reports import change
from gdpr_audit.reports.inert import inert
from tests.lab import audits

FORMATS = sorted({*reports.MODULES} - reports.BINARY)
ANSI = "\x1b[31mred\x1b]0;title\x07 \u202etxt.exe\u2066 \x00\x08\u200b"
HUGE = "<script>window.owned=1</script>" + "A" * 1_000_000


@pytest.fixture(scope="module")
def hostile() -> dict[str, Any]:
    """Each kind of text in a document made hostile."""
    found = json.loads(json.dumps(audits.judged("https://127.0.0.1:1/", only=("hsts-missing",))))
    finding = found["findings"][0]
    found["findings"].append({**finding, "verdict": "fail", "fingerprint": "0"})
    found["platform"] = f"Labo {ANSI}{HUGE}"
    for one in found["findings"]:
        one["subject"] = {**one["subject"], "name": f"https://{ANSI}{HUGE}/", "file": ANSI}
        one["title"] = one["why"] = one["remedy"] = f"{ANSI}{HUGE}"
        one["sources"] = [ANSI]
        for reason in one["reasons"]:
            reason["gap"] = f"{ANSI}{HUGE}"
            reason["offending"] = [ANSI]
    for target in found["targets"]:
        target["url"] = f"https://{ANSI}{HUGE}"
        target["addresses"] = [ANSI]
    found["digest"] = document.digest(found)
    return dict(found)


def controls(text: str) -> set[str]:
    return {
        unicodedata.name(c, repr(c))
        for c in text
        if c not in "\n\r\t\u200b" and unicodedata.category(c) in ("Cc", "Cf", "Cs")
    }  # a zero-width space is our own sign in Markdown: it parts what would be a mention


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_report_holds_no_control_and_no_megabyte(
    hostile: dict[str, Any], kind: str, language: str
) -> None:
    text = reports.render(document.within(hostile, language), kind)

    assert controls(text) == set()
    assert "\\u001b" not in text
    assert "\\u202e" not in text
    assert len(text) < 2_000_000
    assert "red" in text or kind == "cnil-pia"


@pytest.mark.parametrize("form", ["console", "markdown", "html", "json"])
def test_a_comparison_holds_none_either(hostile: dict[str, Any], form: str) -> None:
    text = change.render({**hostile, "findings": []}, hostile, form)

    assert controls(text) == set()
    assert "\\u001b" not in text
    assert len(text) < 500_000


def test_a_document_of_ours_is_left_as_it_is() -> None:
    found = audits.judged("https://127.0.0.1:1/", only=("hsts-missing",))

    assert inert(found) is found
