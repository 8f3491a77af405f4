"""The PDF: tagged, in the report's language, the whole of it, made without asking the network."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from gdpr_audit import document, reports
from gdpr_audit.errors import InputError
from gdpr_audit.reports import pdf
from tests.cli.test_cli import run
from tests.conftest import leave_out
from tests.lab import audits

pytestmark = pytest.mark.xdist_group("pdf")  # one worker: the report is made once


def usable() -> None:
    """Skip, or fail where CI says that all parts must be there, without Pango."""
    try:
        pdf.library()
    except InputError as missing:
        leave_out(str(missing))


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    usable()
    folder = tmp_path_factory.mktemp("pdf")
    text = (
        'platform: "Labo <img src=http://127.0.0.1:1/x> é }\'\\""\n'
        "processing: {health_data: true, article_9_basis: none}\n"
        "storage:\n  - {name: base, kind: database, contains: [health], encryption: none}\n"
    )
    return audits.judged(path=audits.declared(folder, text), language="fr")


@pytest.fixture(scope="module")
def made(audited: dict[str, Any]) -> bytes:
    return reports.content(audited, "pdf")


def test_it_is_tagged_titled_and_says_its_language(made: bytes, audited: dict[str, Any]) -> None:
    reader = PdfReader(io.BytesIO(made))
    root: Any = reader.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "fr"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert audited["platform"] in str(reader.metadata and reader.metadata.title)
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    top, under = reader.outline[:2]
    assert isinstance(top, dict)
    assert isinstance(under, list)
    assert len(under) > 5


def test_it_says_all_that_failed_and_every_page_says_whose_report_it_is(
    made: bytes, audited: dict[str, Any]
) -> None:
    reader = PdfReader(io.BytesIO(made))
    pages = [" ".join(page.extract_text().split()) for page in reader.pages]
    text = " ".join(pages)

    for finding in audited["findings"]:
        if finding["verdict"] == "fail":
            assert finding["title"].split(",")[0] in text
    assert all("Labo <img" in page for page in pages)
    assert f"1 / {len(pages)}" in pages[0]


def test_the_same_document_gives_the_same_bytes(made: bytes, audited: dict[str, Any]) -> None:
    assert reports.content(audited, "pdf") == made
    assert reports.content(document.within(audited, "en"), "pdf") != made


def test_what_a_hostile_text_names_is_not_fetched() -> None:
    with pytest.raises(ValueError, match="not fetched"):
        pdf._refused("http://127.0.0.1:1/x")
    with pytest.raises(ValueError, match="not fetched"):
        pdf._refused("file:///etc/passwd")


def test_without_the_library_it_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    (nothing / "weasyprint.py").write_text("raise ModuleNotFoundError(__name__)\n")
    words = ["http://127.0.0.1:1/", "-f", "pdf", "-o", "a.pdf", "--journal", "j.jsonl"]
    place = f"{nothing}:{Path(__file__).parents[2]}"
    done = run("scan", *words, cwd=tmp_path, PYTHONPATH=place)

    assert done.returncode == 2
    assert 'pip install "gdpr-audit[pdf]"' in done.stderr
    assert not (tmp_path / "j.jsonl").exists()
    assert not (tmp_path / "a.pdf").exists()


def test_a_scan_writes_it(tmp_path: Path) -> None:
    usable()
    words = ["http://127.0.0.1:1/", "--only", "hsts-missing", "-f", "pdf", "-f", "html", "-o", "o"]
    done = run("scan", *words, cwd=tmp_path)

    assert done.returncode == 3, done.stderr
    assert (tmp_path / "o" / "audit.pdf").read_bytes().startswith(b"%PDF-1.7")
