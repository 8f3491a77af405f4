"""Four ways to a false "compliant", each met once in a trial: none of them may pass again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.errors import InputError
from gdpr_audit.model import FactType
from gdpr_audit.network import Settings
from gdpr_audit.rules import profile
from gdpr_audit.rules.predicates import Terms, holds, parse_operand
from tests.lab import pki, servers
from tests.lab.audits import DAY, declared, judged, reasons, verdicts


def test_1_what_was_never_offered_was_not_refused(tmp_path: Path) -> None:
    """The budget ends before TLS 1.0 is asked about: "only 1.2 and 1.3" is not what was seen."""
    files = pki.save(tmp_path, "leaf", [pki.leaf(pki.authority("Root"))])
    with servers.web(lambda *_: servers.Answer(), servers.context(files)) as server:
        url = f"https://localhost:{server.port}/"
        found = judged(url, only=("tls-deprecated-version",), settings=Settings(budget=4))

    assert verdicts(found) == {"tls-deprecated-version": {"unproven"}}
    assert "used up" in reasons(found, "tls-deprecated-version")


@pytest.mark.parametrize("talk", [servers.reset, servers.hang_up, servers.silent])
def test_2_silence_or_a_cut_line_is_no_refusal(talk: Any) -> None:
    with servers.tcp(talk) as server:
        url = f"https://localhost:{server.port}/"
        settings = Settings(read_seconds=0.2)
        found = judged(url, only=("tls-deprecated-version",), settings=settings)

    assert verdicts(found) == {"tls-deprecated-version": {"unproven"}}


def test_3_a_missing_section_does_not_make_its_rules_vanish(tmp_path: Path) -> None:
    found = judged(path=declared(tmp_path, "platform: x\n"))
    seen = verdicts(found)

    assert seen["storage-not-encrypted"] == {"unproven"}
    assert seen["hosting-not-certified"] == {"unproven"}
    assert seen["cookie-not-secure"] == {"unproven"}
    assert len(seen) == len(list((Path(__file__).parents[1] / "rules").rglob("*.yaml")))
    assert found["summary"]["verdict"] == "undetermined"


def test_4_an_empty_requirement_or_list_passes_nothing() -> None:
    assert holds("only", (), ("AES",), Terms(DAY, profile.default())) is False
    with pytest.raises(ValueError, match="not empty"):
        parse_operand([], FactType.LIST, "only")
    with pytest.raises(InputError):
        judged(path=Path("/nonexistent.yaml"))
