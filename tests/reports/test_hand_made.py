"""A document that is none of ours is refused in one line, and never half-way through a report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import reports
from gdpr_audit.cli import report
from gdpr_audit.errors import InputError
from gdpr_audit.reports.drafts.known import Known
from gdpr_audit.written import digest
from tests.cli.test_cli import run
from tests.lab import audits

Document = dict[str, Any]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Document:
    text = (
        "platform: x\nprocessing: {health_data: true, article_9_basis: none}\n"
        "assurance: {last_penetration_test: 2026-03-02}\n"
        "storage:\n  - {name: a, kind: database, contains: [health], encryption: none}\n"
    )
    only = ("storage-not-encrypted", "article-9-basis-missing", "penetration-test-overdue")
    folder = tmp_path_factory.mktemp("made")
    return audits.judged(path=audits.declared(folder, text), only=only)


def made(audited: Document, folder: Path, change: Callable[[Document], object]) -> Path:
    """The document with a change, and a digest that is right."""
    copy = json.loads(json.dumps(audited))
    change(copy)
    copy["digest"] = digest(copy)
    path = folder / "made.json"
    path.write_text(json.dumps(copy), "utf-8")
    return path


def basis(document: Document) -> Document:
    return fact(document, "processing.article_9_basis")


def fact(document: Document, name: str) -> Document:
    """One of the platform's."""
    groups: dict[str, Document] = document["facts"]["platform:x"]
    (row,) = (group[name] for group in groups.values() if name in group)
    found: Document = row
    return found


def store(document: Document) -> Document:
    (line,) = (one for one in document["subjects"] if one["kind"] == "store")
    found: Document = line
    return found


WRONG: dict[str, tuple[Callable[[Document], object], str]] = {
    "no critical": (lambda d: d["summary"]["failed"].pop("critical"), "summary.failed.critical"),
    "no value": (lambda d: basis(d).pop("value"), "needs `value`"),
    "no summary": (lambda d: basis(d).pop("summary"), "needs `summary`"),
    "null summary": (lambda d: basis(d).update(summary=None), "needs `summary`"),
    "null time": (lambda d: basis(d).update(at=None), "needs `at`"),
    "no zone": (lambda d: basis(d).update(at="2026-11-24T12:00:00"), "at: expected a time"),
    "no day": (lambda d: d.update(date="2026-13-45"), "date: "),
    "other key": (lambda d: store(d).update(key="store:b"), "not the key"),
    "within nobody": (lambda d: store(d).update(within="platform:y"), "no subject has the key"),
    "within itself": (lambda d: store(d).update(within="store:a"), "lies within itself"),
    "no platform": (lambda d: d.update(subjects=[]), "one platform is expected"),
    "twice": (lambda d: d["subjects"].append(store(d)), "each subject once"),
    "census": (lambda d: d["census"][0].update(within="platform:y"), "census: no subject"),
    "facts": (lambda d: d["facts"].update({"store:b": {}}), "facts: no subject"),
    "one language": (lambda d: d.update(translations={}), "translations"),
    "rule": (lambda d: d["findings"][0].update(rule="`x`"), "findings.0.rule"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_it_is_refused_with_what_is_wrong(audited: Document, tmp_path: Path, name: str) -> None:
    change, said = WRONG[name]
    path = made(audited, tmp_path, change)

    with pytest.raises(InputError) as refused:
        report.read(path)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_of_itself_it_is_read(audited: Document, tmp_path: Path) -> None:
    assert report.read(made(audited, tmp_path, dict))["findings"]


@pytest.mark.parametrize("value", ["no day", 5, [], True])
def test_a_fact_of_another_type_is_not_judged(
    audited: Document, tmp_path: Path, value: object
) -> None:
    def change(document: Document) -> None:
        fact(document, "assurance.last_penetration_test")["value"] = value

    done = run("judge", str(made(audited, tmp_path, change)), cwd=tmp_path)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "assurance.last_penetration_test" in done.stderr


def _rows(document: Document) -> list[Document]:
    groups = [group for one in document["facts"].values() for group in one.values()]
    return [row for group in groups for row in group.values() if row.get("gap") is None]


@pytest.mark.parametrize("value", ["x", 5, [], ["a"], True])
def test_every_format_shows_a_fact_of_any_type(
    audited: Document, tmp_path: Path, value: object
) -> None:
    """A check that is not installed has no types to hold its facts to."""

    def change(document: Document) -> None:
        for row in _rows(document):
            row["value"] = value
        document.pop("waivers")
        row = {**_rows(document)[0], "value": value}
        document["facts"]["platform:x"]["network"] = {"network.told_outside": row}
        document["facts"]["platform:x"]["hosting"] = {"hoster.countries": row}

    found = report.read(made(audited, tmp_path, change))
    for kind in sorted(reports.MODULES.keys() - reports.BINARY):
        assert reports.render(found, kind)
    assert isinstance(Known(found).basis_9(), str)


def test_in_oscal_every_id_is_one(audited: Document, tmp_path: Path) -> None:
    path = made(audited, tmp_path, lambda d: d["findings"][0].update(articles=["<b>", "9 § 1"]))
    found = json.loads(reports.render(report.read(path), "oscal"))
    reviewed = found["assessment-results"]["results"][0]["reviewed-controls"]
    (selection,) = reviewed["control-selections"]
    ids = {one["control-id"] for one in selection["include-controls"]}

    assert {"_-b-", "_9---1"} <= ids
