"""Files made to cost time or memory, or to be read as what they are not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdpr_audit.errors import InputError
from gdpr_audit.hds import activities, importing, names
from gdpr_audit.hds.importing import cards, cells, markup, plain_text
from gdpr_audit.hds.table import LIMIT, MOST_COLUMNS
from tests.hds.test_importing import TODAY, read

#: Far above what linear work on this much takes, below what the standard library's parser does.
PATIENCE = 10  # seconds of our own processor time, however busy the machine is
SIZE = 256 * 1024

FRAGMENTS = (
    "<", "<!", "<!--", "<!-- -- ", "<a ", '<a b="', "<a b='", "</", "<![CDATA[", "<?", "&", "&#", "<script>",
    "<script></script", "<td", "<td>", "<tr>", "<table>", "<table><tr><td>", "<svg>", "</svg>", "<div>",
    "<p>x", "<dt>Nom</dt><dd>x</dd>", "<h3>", "<li>Nom : x", "<td colspan=1000 rowspan=65000>",
    "<tr><td rowspan=9999>x", '<a href="x', "<br>", "<img alt=x>", "<a" + " b" * 40_000, "</table>", "<x/>",
)  # fmt: skip


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_a_page_of_one_fragment_over_and_over_ends_soon(fragment: str) -> None:
    page = "<table><tr><th>Nom<th>Fin" + fragment * (SIZE // len(fragment))
    before = time.process_time()
    try:
        cards.read(markup.read(page, "page"))
    except InputError as error:
        assert str(error).startswith("page:")  # noqa: PT017 - either end is right

    assert time.process_time() - before < PATIENCE


@pytest.mark.parametrize(
    "fragment", [";", ",", "\t", "|", '"', '"a";', "a;b\n", "a  b\n", "  a", "\n", "Nom : x\n", "x"]
)
def test_a_text_of_one_fragment_over_and_over_ends_soon(fragment: str) -> None:
    text = "Nom;Fin\n" + fragment * (SIZE // len(fragment))
    before = time.process_time()
    try:
        plain_text.read(text, "text")
        cards.read(cards.of_text(text))
    except InputError as error:
        assert str(error).startswith("text:")  # noqa: PT017 - either end is right

    assert time.process_time() - before < PATIENCE


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x" * (LIMIT + 1), "larger than"),
        (b"Nom;Fin\n" + b"A;2027-01-01\n" * (LIMIT // 12), "larger than|more than"),
        (("Nom;Fin" + ";" * 1_000_000).encode(), "columns"),
        (b"Nom;Fin\nAlpha;" + b"x" * 40_000, "a cell of more than"),
        (b"<table><tr><th>Nom<th>Fin<tr><td colspan=1000>A", "more cells than are read"),
        (b"<table>" * 60, "in one another"),
        (b"<table><tr><th>Nom<th>Fin" + b"<tr><td>A<td>1" * 30_000, "more than 20000 rows"),
        (b"<html>" + b"<a b=" * 5000, "broken tags"),
        (b"<html>" + b"<p>x" * 200_000, "more than 100000 lines"),
    ],
    ids=lambda case: "" if isinstance(case, bytes) else case,
)
def test_what_is_past_the_bounds_is_refused_in_a_line(
    tmp_path: Path, content: bytes, why: str
) -> None:
    with pytest.raises(InputError, match=why) as caught:
        read(tmp_path, content)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_wide_table_below_the_bound_is_read(tmp_path: Path) -> None:
    more = ";x" * (MOST_COLUMNS - 2)
    found = read(tmp_path, f"Nom;Fin{more}\nAlpha;31/12/2027{more}\n")

    assert [e.name for e in found.entries] == ["Alpha"]


def test_a_folder_or_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match="cannot read"):
            importing.read([path], TODAY, None, partial=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"Nom;Fin\n", b"<table><tr><th>Nom<th>Fin<tr>"])
)
def test_no_bytes_are_a_defect(tmp_path: Path, content: bytes, before: bytes) -> None:
    try:
        found = read(tmp_path, before + content)
    except InputError:
        return
    assert found.entries
    assert all(names.parse(entry.name).words for entry in found.entries)


@given(st.text(max_size=200))
def test_no_cell_is_a_defect(cell: str) -> None:
    activities.read(cell)
    cells.days(cell)
    cells.referential(cell)
    cells.country(cell)
    cells.web_address(cell, cell)
    assert not cells.tidy(cell).startswith(("=", "+", "-", "@"))
