"""The French set a space before a colon; the English do not."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

import gdpr_audit
from gdpr_audit.evidence import Artefact, kinds
from gdpr_audit.model import Text
from gdpr_audit.reports import hosting, sarif
from tests.evidence.plans import Plan

_FRENCH = re.compile(r"\S[ \u00a0\u202f][:;](?:\s|$)")
CALLS = ("Text", "refuse")


def english(tree: ast.AST) -> list[str]:
    """The second of two, where a text is given in both languages."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > 1)
    return [
        part.value
        for call in calls
        if (call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")) in CALLS
        for part in ast.walk(call.args[1])
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]  # fmt: skip


def test_no_english_text_has_a_french_colon() -> None:
    root = Path(gdpr_audit.__file__).parent
    texts = [t for path in root.rglob("*.py") for t in english(ast.parse(path.read_text("utf-8")))]
    assert len(texts) > 500
    assert [text for text in texts if _FRENCH.search(text)] == []


def test_what_is_put_together_has_none_either(tmp_path: Path) -> None:
    plan = Plan().add("openstack_blockstorage_volume_v3.v", {}).add("aws_ebs_volume.v", {"encrypted": True})  # fmt: skip
    plan.add("aws_ebs_volume.w", {"encrypted": False}).save(tmp_path)
    for address in ("openstack_blockstorage_volume_v3.v", "aws_ebs_volume.v", "aws_ebs_volume.w"):
        artefact = Artefact(tmp_path / "plan.json", "plan.json", address)
        words = kinds.reader_of("terraform-plan")(artefact).words
        assert not _FRENCH.search(words.en), words.en
        assert "  " not in words.en + words.fr
        assert f"{address} " in words.fr


@pytest.mark.parametrize(("language", "colon"), [("fr", "\u00a0: "), ("en", ": ")])
def test_a_sarif_message_sets_it_as_its_language_does(language: str, colon: str) -> None:
    finding: dict[str, Any] = {
        "verdict": "unproven", "title": "t", "subject": {"name": "s"}, "reasons": [], "gaps": [],
    }  # fmt: skip
    said = sarif._message(finding, language)

    assert colon in said[:20]
    assert language == "fr" or not _FRENCH.search(said)
    assert hosting._WORDS["colon"] == Text(" : ", ": ")
