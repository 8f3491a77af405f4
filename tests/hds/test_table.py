"""Our own form: strict, named by line, and read back as it was written."""

from __future__ import annotations

import string
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdpr_audit import hds
from gdpr_audit.errors import InputError
from gdpr_audit.hds import table
from gdpr_audit.hds.table import COLUMNS, Entry
from tests.hds import files

FULL = files.OURS.replace("confidence", "confidence,siren,transfers_url")
ROW = "Alpha,A,FR,1;2,2,LNE,A-1,2025-01-01,2028-01-01,,2026-02-03,high"


def test_the_twelve_columns_are_enough_and_the_two_others_are_read() -> None:
    (twelve,) = table.read(files.OURS + ROW + "\n", "x.csv")
    (fourteen,) = table.read(f"{FULL}{ROW},100 000 009,https://a.example/t\n", "x.csv")

    assert twelve.siren is twelve.transfers_url is None
    assert (fourteen.siren, fourteen.transfers_url) == ("100000009", "https://a.example/t")
    assert FULL.strip().split(",") == list(COLUMNS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{FULL}{ROW},123456789,\n", "x.csv:2: siren: '123456789' is no SIREN"),
        (f"{FULL}{ROW},x,\n", "x.csv:2: siren: 'x' is no SIREN"),
        (FULL + ROW.replace(",A,", ",A;123456789,") + ",,\n", "x.csv:2: aliases: '123456789'"),
        (f"{FULL}{ROW},,javascript:x\n", "x.csv:2: transfers_url"),
        (files.OURS + ROW.replace("Alpha", "SAS") + "\n", "x.csv:2: name: 'SAS' names no company"),
        (files.OURS + ROW.replace("Alpha", "100000009") + "\n", "x.csv:2: name"),
        (files.OURS + ROW.replace(",2,LNE", ",1;2,LNE") + "\n", "x.csv:2: referential"),
        (files.OURS.replace("country", "name") + ROW + "\n", "is there twice"),
        (files.OURS.replace("country", "pays") + ROW + "\n", "unknown column 'pays'"),
        ("Raison sociale;Fin\nAlpha;1\n", "gdpr-audit hds import x.csv"),
        ("<html><body>", "gdpr-audit hds import x.csv"),
        ("name,activities,valid_until\n" + "A,1,\n" * 20_001, "more than 20000 rows"),
    ],
)
def test_a_wrong_list_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        table.read(text, "x.csv")

    assert said in str(caught.value)


def test_a_list_in_another_encoding_is_pointed_to_the_import(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_bytes("Hébergeur;Fin\n".encode("cp1252"))

    with pytest.raises(InputError, match="gdpr-audit hds import"):
        hds.load(path)


_WORD = st.text(string.ascii_letters + "éàç '\",;-=+@|", min_size=1, max_size=12).map(
    lambda s: ("A" + s).strip().replace(";", "") + "z"
)


@given(
    st.builds(
        Entry,
        name=_WORD,
        aliases=st.lists(_WORD, max_size=2).map(tuple),
        activities=st.sets(st.integers(1, 6)).map(lambda s: tuple(sorted(s))),
        referential=st.sampled_from([None, 1, 2]),
        valid_until=st.none() | st.dates(),
        certification_body=st.none() | _WORD,
        siren=st.sampled_from([None, "100000009"]),
    )
)
def test_what_is_written_is_read_back(entry: Entry) -> None:
    plain = [part and " ".join(part.split()) for part in (entry.name, entry.certification_body)]
    (back,) = table.read(table.write([entry]), "x.csv")

    assert [back.name, back.certification_body] == plain
    assert back.activities == entry.activities
    assert (back.valid_until, back.siren) == (entry.valid_until, entry.siren)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t="])
def test_no_cell_that_is_written_is_a_formula(start: str) -> None:
    written = table.write([Entry("Alpha", certification_body=f"{start}cmd|' /C calc'!A0")])

    assert ",cmd|" in written


def test_the_embedded_list_is_ours_without_what_is_not_trusted() -> None:
    embedded = hds.embedded()
    text = Path(hds.__file__).with_name("hosters.csv").read_text("utf-8")

    assert len(embedded.entries) == text.count("\n") - 1  # it holds no row that is not shown
    assert {entry.confidence for entry in embedded.entries} == {"high", "medium"}
    assert embedded.as_of == max(e.source_date for e in embedded.entries if e.source_date)
    assert embedded.as_of >= date(2026, 8, 29)
    aws = embedded.find("AWS")
    assert aws is not None
    assert aws.latest.activities == ()
