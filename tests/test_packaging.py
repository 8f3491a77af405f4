"""The wheel in an empty environment, and a stranger's check and rule beside ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ACME = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "acme-audit"
version = "1.0"
[project.entry-points."gdpr_audit.checks"]
acme = "acme_audit:CHECK"
[project.entry-points."gdpr_audit.rules"]
acme = "acme_audit.pack"
[tool.hatch.build.targets.wheel]
packages = ["acme_audit"]
""",
    "acme_audit/__init__.py": '''\
"""A stranger's check: whether the platform is called what Acme likes."""
from gdpr_audit.model import (
    PLATFORM, Check, Evidence, Fact, FactSpec, FactType, Origin, Text, now
)

async def observe(subject, session):
    seen = Evidence("acme", Origin.DECLARED, Text.same(subject.name), now())
    yield Fact("acme.short_name", len(subject.name) < 20, seen)

CHECK = Check(
    "acme", PLATFORM,
    (FactSpec("acme.short_name", FactType.BOOLEAN, PLATFORM, "Whether the name is short."),),
    observe,
)
''',
    "acme_audit/pack/__init__.py": "",
    "acme_audit/pack/acme/acme-name.yaml": """\
id: acme-name
severity: low
subject: platform
require:
  acme.short_name: {is: true}
articles: [GDPR-32-1]
sources: [{id: ACME-1}]
title: {fr: nom trop long, en: name too long}
why: {fr: parce que, en: because}
remedy: {fr: abréger, en: shorten}
examples:
  - pass: {acme.short_name: true}
  - fail: {acme.short_name: false}
  - unproven: {}
""",
}


def _run(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(w) for w in words], cwd=cwd, capture_output=True, text=True, check=False, env=env,
        timeout=180,
    )  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with our wheel, and our dependencies borrowed from the one that tests."""
    folder = tmp_path_factory.mktemp("elsewhere")
    build = _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    assert build.returncode == 0, build.stderr
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    site = _run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    borrowed = Path(site.stdout.strip()) / "borrowed.pth"
    borrowed.write_text(sysconfig.get_path("purelib") + "\n")
    done = _run(python, "-m", "pip", "install", "-q", "--no-deps", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_wheel_finds_its_rules_and_templates(place: Path) -> None:
    command = place / "venv" / "bin" / "gdpr-audit"
    where = _run(
        place / "venv" / "bin" / "python", "-c", "import gdpr_audit; print(gdpr_audit.__file__)",
        cwd=place,
    )  # fmt: skip
    assert str(place) in where.stdout

    listed = _run(command, "rules", "list", cwd=place)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.count("\n") >= 60

    (place / "p.yaml").write_text("platform: x\nprocessing: {article_6_basis: none}\n")
    done = _run(command, "scan", "-d", "p.yaml", "-f", "html", "-f", "json", "-o", "out", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "article-6-basis-missing" in (place / "out" / "audit.html").read_text("utf-8")


def test_a_strangers_rule_is_refused_without_its_check_and_works_with_it(
    place: Path, tmp_path: Path
) -> None:
    for name, text in ACME.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    command, python = place / "venv" / "bin" / "gdpr-audit", place / "venv" / "bin" / "python"
    (tmp_path / "p.yaml").write_text(f"platform: {'x' * 30}\n")
    pack = tmp_path / "acme_audit" / "pack"

    before = _run(command, "scan", "-d", "p.yaml", "--rules", pack, cwd=tmp_path)
    assert before.returncode == 2
    assert "no installed check states the fact 'acme.short_name'" in before.stderr

    install = ("-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", tmp_path)
    done = _run(python, *install, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    try:
        words = ("-f", "json", "-o", "-", "--only", "acme-name", "--fail-on", "low")
        after = _run(command, "scan", "-d", "p.yaml", *words, cwd=tmp_path)
        listed = _run(command, "checks", "list", cwd=tmp_path)
    finally:
        _run(python, "-m", "pip", "uninstall", "-q", "-y", "acme-audit", cwd=tmp_path)

    assert after.returncode == 1, after.stderr
    (finding,) = json.loads(after.stdout)["findings"]
    assert (finding["rule"], finding["verdict"]) == ("acme-name", "fail")
    assert "acme-audit" in listed.stdout
