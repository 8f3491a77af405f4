"""What people can save of the directory becomes entries; what is unclear is said, never guessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gdpr_audit.errors import InputError
from gdpr_audit.hds import importing
from gdpr_audit.hds.importing import Import
from gdpr_audit.hds.table import Entry
from tests.hds import files

TODAY = date(2026, 11, 26)


def read(tmp_path: Path, *contents: str | bytes, partial: bool = False) -> Import:
    """The files, each as one saved today under a name that says nothing."""
    paths = []
    for number, content in enumerate(contents):
        path = tmp_path / f"saved-{number}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
    return importing.read(paths, TODAY, TODAY, partial=partial)


def rows(found: Import) -> list[tuple[str, tuple[int, ...], str]]:
    return [(e.name, e.activities, str(e.valid_until)) for e in found.entries]


def said(found: Import) -> str:
    lines = []
    for reading in found.readings:
        lines += [note.text for note in reading.notes] + reading.remarks
        lines += [row.text for row in (*reading.unread, *reading.left_out)]
    return "\n".join(lines)


TWO = [("Zeta SAS", (1, 2), "2027-12-31"), ("Eta", (3, 4, 5, 6), "2028-03-01")]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_french_spreadsheet_is_read_in_any_encoding(tmp_path: Path, codec: str) -> None:
    found = read(tmp_path, files.FRENCH.replace("\n", "\r\n").encode(codec))
    (reading,) = found.readings

    assert found.entries == (
        Entry(
            "Alpha Santé SAS", country="FR", activities=(1, 2, 4), referential=2,
            certification_body="LNE", certificate_number="00123", valid_from=date(2024, 11, 1),
            valid_until=date(2027, 10, 31), source_date=TODAY, siren="100000009",
        ),
        Entry(
            "Bêta Ops", country="FR", activities=(5, 6), referential=2, certification_body="AFNOR",
            certificate_number="B-2", valid_from=date(2025, 2, 1), valid_until=date(2027, 10, 31),
            source_date=TODAY,
        ),
        Entry("Gamma", activities=(3, 4, 5, 6), referential=1, valid_until=date(2026, 3, 1), source_date=TODAY),
    )  # fmt: skip
    assert reading.header_line == 4
    assert [note.line for note in reading.notes] == [5]
    assert "3 stands beside the wording of 4" in reading.notes[0].text
    assert found.partial_because is None


@pytest.mark.parametrize("separator", [",", "\t"])
def test_separators_are_told_by_the_header(tmp_path: Path, separator: str) -> None:
    text = 'Nom;Activités;Échéance\nZeta SAS;"1;2";31/12/2027\nEta;3-6;01/03/2028\n'
    text = text.replace(";", separator).replace(f'"1{separator}2"', '"1, 2"')

    assert rows(read(tmp_path, text)) == TWO


@pytest.mark.parametrize(
    ("content", "form", "expected"),
    [
        (files.CARDS, "web page of cards", TWO),
        (files.FIELDS, "web page of cards", TWO),
        (files.FOLDED, "web page of cards", TWO),
        (files.BARE, "web page of cards", TWO),
        (files.DEFINITIONS, "web page of cards", [("Zeta SAS", (1, 6), "2027-12-31"), TWO[1]]),
        (files.TWO_COLUMNS, "web page of cards", [("Zeta SAS", (1, 6), "2027-12-31"), TWO[1]]),
        (files.LABELLED, "text of labelled lines", TWO),
        (
            files.SPACED, "text, columns set apart by spaces",
            [TWO[0], ("Eta", (), "2028-03-01"), ("Theta", (1, 2, 3, 4, 5, 6), "None")],
        ),
        (
            files.MARKDOWN, "table separated by '|'",
            [("Zeta", (1, 2), "2027-12-31"), TWO[1], ("Theta", (), "2028-03-01"), ("Iota", (), "2028-03-01")],
        ),
    ],
)  # fmt: skip
def test_other_forms_are_read_by_their_content(
    tmp_path: Path, content: str, form: str, expected: list[object]
) -> None:
    found = read(tmp_path, content)

    assert found.readings[0].form == form
    assert rows(found) == expected
    assert found.partial_because is None


def test_a_page_is_read_through_its_nesting_spans_and_scripts(tmp_path: Path) -> None:
    found = read(tmp_path, files.PAGE)
    delta, again, epsilon = found.entries

    assert [e.name for e in found.entries] == ["Delta Cloud", "Delta Cloud", "Epsilon & Cie SA"]
    assert (delta.activities, delta.referential, delta.valid_until) == (
        (1, 2),
        2,
        date(2027, 12, 31),
    )
    assert (again.activities, again.referential, again.valid_until) == ((6,), 1, date(2026, 12, 31))
    assert delta.transfers_url == "https://delta.example/transferts"
    assert again.transfers_url is None
    assert epsilon.activities == (1, 2, 3, 4, 5, 6)
    assert epsilon.referential == 2
    assert found.readings[0].notes == []
    assert found.readings[0].remarks == []
    assert found.partial_because is None


def test_a_cell_alone_across_a_page_s_table_is_unread(tmp_path: Path) -> None:
    page = "<table><tr><th>Nom<th>Fin<tr><td>Alpha<td>31/12/2027<tr><td colspan=2>Beta</table>"
    found = read(tmp_path, page)

    assert [e.name for e in found.entries] == ["Alpha"]
    assert found.partial_because == "1 row could not be read"


def test_a_page_in_windows_1252_is_read(tmp_path: Path) -> None:
    page = "<table><tr><th>Société<th>Échéance<tr><td>Bêta – Œuvre<td>31/12/2027</table>"

    assert rows(read(tmp_path, page.encode("cp1252"))) == [("Bêta – Œuvre", (), "2027-12-31")]


def test_images_stand_for_what_they_show_where_a_cell_has_no_text(tmp_path: Path) -> None:
    head = "<table><tr><th>Nom" + "".join(f"<th>{n}" for n in range(1, 7))
    yes, no = "<td><img alt=Oui>", '<td><i aria-label="non"></i>'
    page = f"{head}<tr><td><img alt='Logo de Beta'>Alpha{yes * 2}{no * 3}<td><input type=checkbox checked>"
    (entry,) = read(tmp_path, page + "</table>").entries

    assert (entry.name, entry.activities) == ("Alpha", (1, 2, 6))


def test_labels_within_cells_for_small_screens_are_no_part_of_them(tmp_path: Path) -> None:
    cells_ = "<tr><td><b>Société</b> Alpha<td><b>Échéance :</b> 31/12/2027"
    page = f"<table><tr><th>Société<th>Échéance{cells_}{cells_.replace('Alpha', 'Beta')}</table>"
    one = "<table><tr><th>Société<th>Fin<tr><td>Société Alpha<td><tr><td>Beta<td></table>"

    assert rows(read(tmp_path, page)) == [("Alpha", (), "2027-12-31"), ("Beta", (), "2027-12-31")]
    assert [e.name for e in read(tmp_path, one).entries] == ["Société Alpha", "Beta"]
    alone = one.replace("<tr><td>Beta<td>", "")
    assert [e.name for e in read(tmp_path, alone).entries] == ["Société Alpha"]


def _letter(stated: int, *names: str) -> str:
    body = "".join(f"<tr><td>{name}<td>2027-01-01" for name in names)
    return f"<p>{stated} résultats</p><table><tr><th>Nom<th>Fin{body}</table>"


@pytest.mark.parametrize(
    ("pages", "partial"),
    [
        ([_letter(1, "A1"), _letter(2, "B1", "B2")], False),
        ([_letter(3, "A1"), _letter(2, "B1", "B2")], True),
        ([_letter(3, "A1"), _letter(3, "A2", "A3")], False),
        ([_letter(3, "A1"), "Nom;Fin\nA2;2027-01-01\nA3;2027-01-01\n"], False),
    ],
)
def test_a_page_that_is_missing_of_a_letter_makes_the_list_partial(
    tmp_path: Path, pages: list[str], partial: bool
) -> None:
    assert (read(tmp_path, *pages).partial_because is not None) == partial


def test_markdown_s_marks_are_no_part_of_its_cells(tmp_path: Path) -> None:
    text = "| Nom | Activités | Transferts |\n|---|---|---|\n| [**Alpha**](/a) | 1<br>2 | [voir](https://a.example/t) |\n"
    (entry,) = read(tmp_path, text).entries

    assert (entry.name, entry.activities) == ("Alpha", (1, 2))
    assert entry.transfers_url == "https://a.example/t"


def test_activities_that_go_on_in_the_next_line_are_not_lost(tmp_path: Path) -> None:
    found = read(tmp_path, files.LABELLED.replace("Activités : 1, 2", "Activités : 1\n  et 2"))

    assert rows(found) == TWO


def test_labels_and_titles_are_told_by_their_classes(tmp_path: Path) -> None:
    page = (
        '<html><div class="card-title">Zeta SAS</div><p><span class="label">Activités</span> 1, 2'
        '<p><span class="label">Organisme certificateur</span> LNE<br>'
        '<b class="field-label">Date de fin</b> 31/12/2027</html>'
    )
    found = read(tmp_path, page)

    assert rows(found) == [TWO[0]]
    assert found.entries[0].certification_body == "LNE"


def test_what_follows_the_value_of_a_term_is_no_part_of_it(tmp_path: Path) -> None:
    page = files.DEFINITIONS.replace(
        "<dd>2027-12-31</dd>", "<dd>2027-12-31</dd><dd>Télécharger</dd>"
    )

    assert rows(read(tmp_path, page))[0] == ("Zeta SAS", (1, 6), "2027-12-31")


def test_the_heading_of_a_letter_is_no_name(tmp_path: Path) -> None:
    card = "<article><p>Activités : 1</p><p>Date de fin : 31/12/2027</p></article>"
    found = read(tmp_path, f"{files.CARDS.replace('</body></html>', '')}<h2>T</h2>{card}</html>")

    assert rows(found) == TWO
    assert found.partial_because == "1 row could not be read"


def test_a_row_below_a_title_over_two_columns_is_not_lost(tmp_path: Path) -> None:
    found = read(tmp_path, "Nom;Validité;\n;01/01/2025;01/01/2028\nBeta;01/01/2025;01/01/2028\n")

    assert [e.name for e in found.entries] == ["Beta"]
    assert found.partial_because == "1 row could not be read"


def test_a_card_without_a_name_is_unread_and_gives_nothing_to_the_one_before(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, files.NAMELESS)

    assert rows(found) == [TWO[0]]
    assert found.entries[0].certification_body is None
    assert found.entries[0].referential is None
    assert found.partial_because == "1 row could not be read"


def test_an_activity_that_is_not_understood_in_a_card_is_not_passed_over(tmp_path: Path) -> None:
    page = files.FOLDED.replace("<li>Sites physiques</li>", "<li>Infogérance</li>")
    found = read(tmp_path, page)

    assert found.entries[0].activities == ()
    assert "infogerance" in said(found)


def test_several_files_are_joined_and_what_is_given_twice_is_kept_once(tmp_path: Path) -> None:
    one = "Nom;Fin\nAlpha;31/12/2027\nBeta;31/12/2027\n"
    two = "Nom;Fin\nBeta;31/12/2027\nBeta;31/12/2028\n"
    found = read(tmp_path, one, two)

    assert [e.name for e in found.entries] == ["Alpha", "Beta", "Beta"]
    assert found.duplicates == 1
    assert len({file.sha256 for file in found.files}) == 2


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("Beta;31/12/2027;x;y", "more cells than the header"),
        ("Beta", "one cell alone"),
        (";31/12/2027;1", "no name"),
        ("SAS;31/12/2027;1", "names no company"),
        ("Bêta SantÃ©;31/12/2027;1", "another encoding"),
        ("Beta Sant\ufffd;31/12/2027;1", "another encoding"),
        ("Beta Sant\u201a;31/12/2027;1", "another encoding"),
        ("404;31/12/2027;1", "names no company"),
        (f"{'a' * 300};31/12/2027;1", "a whole text"),
        ('"Beta\nGamma\nDelta\nEta";31/12/2027;1', "a whole text"),
        ('"Beta\nGamma;1/1/2028;2\nDelta";31/12/2027;1', "left open"),
    ],
)
def test_a_row_of_which_no_hoster_can_be_made_is_unread_and_the_list_partial(
    tmp_path: Path, row: str, why: str
) -> None:
    found = read(tmp_path, f"Nom;Fin;Activités\nAlpha;31/12/2027;1\n{row}\n")

    assert [e.name for e in found.entries] == ["Alpha"]
    assert [u.line for u in found.readings[0].unread] == [3]
    assert why in found.readings[0].unread[0].text
    assert found.partial_because == "1 row could not be read"


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (files.PAGE, None),
        (
            "<p>1 - 2 sur 404 résultats</p><table><tr><th>Nom<th>Fin<tr><td>A1<td>2027-01-01</table>",
            "404",
        ),
        ("<html><table><tr><th>Nom<th>Fin<tr><td>A1<td>2027-01-01<tr><td>B1<td>2028-", "is cut"),
        ("Nom;Fin\nAlpha;31/12/2027\nTotal : 404 hébergeurs;\n", "404"),
        (
            "<table><tr><th>Nom<th>Fin<tr><td>A1<td>2027-01-01</table>"
            "<table><tr><td>B1<td>2027-01-01<tr><td>C1<td>2027-01-01</table>",
            "1 table could not be read",
        ),
    ],
)
def test_a_list_that_shows_that_it_lacks_something_is_partial(
    tmp_path: Path, content: str, because: str | None
) -> None:
    found = read(tmp_path, content)

    assert (
        found.partial_because is None
        if because is None
        else because in (found.partial_because or "")
    )
    assert read(tmp_path, files.SPACED, partial=True).partial_because == "imported with --partial"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04" + b"x" * 50, "save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as CSV"),
        (b"%PDF-1.7\n", "a PDF"),
        (bytes(range(256)) * 40, "neither text nor a web page"),
        (b"\x01\x02\x03 " * 100, "neither text nor a web page"),
        (b"\x00" * 100, "neither text nor a web page"),
        (b"\xff\xfe\x00", "neither text nor a web page"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00\x01" * 90, "neither text nor a web page"),
        (b'[{"nom": "Alpha"}]', "JSON"),
        (
            b"From: <Saved>\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n<html>",
            ".mhtml",
        ),
        (b"", "no hoster was understood"),
        (b"Alpha\nBeta\n", "no hoster was understood"),
        (b"Nom;Fin\n", "no row below"),
        (b"Nom;Fin\n;31/12/2027\n", "no name"),
        (b"<html><body><p>Bonjour</p></body></html>", "they come by script"),
        (b'Nom;Fin\n"Alpha;31/12/2027\nBeta;31/12/2027\n', "a quote in it"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(
    tmp_path: Path, content: bytes, why: str
) -> None:
    with pytest.raises(InputError, match=why):
        read(tmp_path, content)


def test_a_file_that_gives_nothing_beside_one_that_does_makes_the_list_partial(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, files.SPACED, "<html><p>Veuillez patienter</p></html>")

    assert found.partial_because == "saved-1 gave no hoster"
