"""A real browser, and an audit to show in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.conftest import program
from tests.lab import audits

HOSTILE = "<script>window.owned=1</script>\u202e\x1b[31m<img src=x onerror=window.owned=2>"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = program("chromium", "chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An audit with every verdict, and a hostile name."""
    folder = tmp_path_factory.mktemp("audit")
    name = json.dumps(f"Labo {HOSTILE}")
    text = (
        f"platform: {name}\nprocessing: {{health_data: true, article_9_basis: none}}\n"
        "traceability: {health_data_access: true, administrator_actions: true}\n"
        "hosting: [{provider: Nulle Part SARL, serves: [production], certificate: none}]\n"
        "controller: {public_body: true}\n"
        "assurance: {last_penetration_test: none, critical_patch_days: 90}\n"
        "storage:\n  - {name: base, kind: database, contains: [health], encryption: none}\n"
        "targets: [{url: 'https://127.0.0.1:1/'}]\n"
    )
    return audits.judged(path=audits.declared(folder, text), language="fr")
