"""What people can save of the directory becomes entries; what is unclear is said, never guessed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from gdpr_audit.errors import InputError
from gdpr_audit.hds import importing
from gdpr_audit.hds.importing import Import, cells, columns
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
    ("header", "cell", "name", "note"),
    [
        ("Fin", "bientôt", "valid_until", True),
        ("Fin", "31/02/2027", "valid_until", True),
        ("Fin", "31/12/27", "valid_until", True),
        ("Fin", "3 ans", "valid_until", True),
        ("Fin", "10/31/2027", "valid_until", True),
        ("Fin", "01/01/2027 ou 01/01/2028 ou 2029", "valid_until", True),
        ("Fin", "n/a", "valid_until", False),
        ("Version", "v7", "referential", True),
        ("Version", "v1 puis v2", "referential", True),
        ("Version", "ISO 27001:2022", "referential", True),
        ("SIREN", "123456789", "siren", True),
        ("Activités", "Infogérance", "activities", True),
        ("Pays", "Zubrowka", "country", True),
        ("Cartographie", "sur demande", "transfers_url", True),
        ("Cartographie", "javascript:alert(1)", "transfers_url", True),
        ("Alias", "123456789", "aliases", True),
    ],
)
def test_what_is_not_understood_in_a_cell_leaves_it_empty_with_a_note(
    tmp_path: Path, header: str, cell: str, name: str, note: bool
) -> None:
    found = read(tmp_path, f"Nom;{header}\nAlpha;{cell}\n")

    assert getattr(found.entries[0], name) in (None, ())
    assert [(n.line, n.field) for n in found.readings[0].notes] == ([(2, name)] if note else [])
    assert found.partial_because is None


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v2", 2), ("2.0", 2), ("HDS 2024", 2), ("v2023-A", 2), ("HDS v2.0 (2024)", 2), ("2", 2),
        ("référentiel 2018", 1), ("v1", 1), ("1.1", 1), ("V1.1 - 2018", 1), ("1", 1),
        ("v2.1", 2), ("", None), ("HDS", None), ("3", None), ("2019", None), ("v1/v2", None), ("12", None),
    ],
)  # fmt: skip
def test_versions_of_the_referential(text: str, version: int | None) -> None:
    assert cells.referential(text) == version


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2027-10-31", ["2027-10-31"]),
        ("2027-10-31T00:00:00", ["2027-10-31"]),
        ("31/10/2027", ["2027-10-31"]),
        ("1/2/2027", ["2027-02-01"]),
        ("31-10-2027", ["2027-10-31"]),
        ("31.10.2027", ["2027-10-31"]),
        ("31 octobre 2027", ["2027-10-31"]),
        ("1er août 2027", ["2027-08-01"]),
        ("3 févr. 2027", ["2027-02-03"]),
        ("31 October 2027", ["2027-10-31"]),
        ("October 31, 2027", ["2027-10-31"]),
        ("Valable jusqu'au 31/10/2027", ["2027-10-31"]),
        ("du 01/11/2024 au 31/10/2027", ["2024-11-01", "2027-10-31"]),
        ("", []),
        ("—", []),
        ("31 brumaire 2027", None),
        ("10/2027", None),
        ("2027", None),
        ("renouvelé le 31/10/2027", None),
        ("31/10/1027", None),
        ("1/1/2025 2/2/2026 3/3/2027", None),
    ],
)
def test_days(text: str, days: list[str] | None) -> None:
    found = cells.days(text)

    assert (None if found is None else [day.isoformat() for day in found]) == days


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Raison sociale", "name"), ("Nom de l'hébergeur", "name"), ("Organisme certifié", "name"),
        ("SOCIETE", "name"), ("Company name", "name"), ("hebergeur certifié", "name"),
        ("Organisme certificateur", "certification_body"), ("Nom du certificateur", "certification_body"),
        ("Organisme", "certification_body"), ("Certification body", "certification_body"),
        ("N° de certificat", "certificate_number"), ("Numéro du certificat HDS", "certificate_number"),
        ("Certificate number", "certificate_number"), ("N°", ""),
        ("Date de fin de validité", "valid_until"), ("Date d'expiration du certificat", "valid_until"),
        ("Valide jusqu'au", "valid_until"), ("Validité", "valid_until"), ("Échéance", "valid_until"),
        ("Date de début de validité", "valid_from"), ("Date de délivrance", "valid_from"),
        ("Date d\u2019obtention", "valid_from"), ("Date d'effet", "valid_from"), ("Valid from", "valid_from"),
        ("Activité(s)", "activities"), ("Périmètre", "activities"), ("Type de certificat", "activities"),
        ("Activités de l'hébergeur", "activities"), ("Version du référentiel", "referential"),
        ("Nom commercial", "aliases"), ("Pays de l'hébergeur", "country"), ("N° SIREN", "siren"),
        ("Cartographie des transferts", "transfers_url"), ("URL", "transfers_url"),
        ("Nom du contact", ""), ("Adresse de l'hébergeur", ""), ("Durée de validité", ""),
        ("Date de mise à jour", ""), ("Statut du certificat", "status"), ("Lorem ipsum", ""), ("", ""),
        ("valid_until", "valid_until"), ("source_date", "source_date"),
    ],
)  # fmt: skip
def test_headers(header: str, name: str) -> None:
    assert columns.kind(header)[0] == name


def test_a_column_that_has_the_month_first_once_is_unclear_where_it_could_be_either(
    tmp_path: Path,
) -> None:
    found = read(tmp_path, "Nom;Fin\nA1;10/31/2027\nB1;03/04/2027\nC1;05/05/2027\n")

    assert [e.valid_until for e in found.entries] == [None, None, date(2027, 5, 5)]


def test_a_header_that_comes_again_is_no_hoster(tmp_path: Path) -> None:
    found = read(tmp_path, "Nom;Fin\nAlpha;31/12/2027\nNom;Fin\nBeta;31/12/2027\n")

    assert [e.name for e in found.entries] == ["Alpha", "Beta"]
    assert found.partial_because is None


def test_of_two_columns_the_one_with_the_surer_header_is_taken(tmp_path: Path) -> None:
    header = "Date de fin;Validité;Organisme certificateur;Organisme;Nom;Raison sociale"
    found = read(tmp_path, f"{header}\n31/12/2027;01/01/2026;LNE;AFNOR;Contact;Alpha\n")
    (entry,) = found.entries

    assert (entry.name, entry.certification_body) == ("Alpha", "LNE")
    assert entry.valid_until == date(2027, 12, 31)
    assert found.readings[0].ignored == ["Validité", "Organisme", "Nom"]


@pytest.mark.parametrize(
    "page",
    [
        "<table><tr><th rowspan=2>Nom<th colspan=2>Validité<th colspan=6>Activités"
        "<tr><th>Début<th>Fin<th>1<th>2<th>3<th>4<th>5<th>6{row}</table>",
        "<table><tr><th>Nom<th colspan=2>Validité<th colspan=6>Activités"
        "<tr><td><td>Début<td>Fin<td>1<td>2<td>3<td>4<td>5<td>6{row}</table>",
        "<table><tr><th>Nom<th colspan=2>Validité<th>1<th>2<th>3<th>4<th>5<th>6{row}</table>",
        "Nom;Validité;;Activités;;;;;\n;Début;Fin;1;2;3;4;5;6\nAlpha;01/01/2025;01/01/2028;x;;;;;x\n",
        "Nom;Validité;;1;2;3;4;5;6\nAlpha;01/01/2025;01/01/2028;x;;;;;x\n",
    ],
)
def test_a_title_over_several_columns_is_of_all_of_them(tmp_path: Path, page: str) -> None:
    row = "<tr><td>Alpha<td>01/01/2025<td>01/01/2028<td>x<td><td><td><td><td>x"
    found = read(tmp_path, page.replace("{row}", row))
    (entry,) = found.entries

    assert (entry.valid_from, entry.valid_until) == (date(2025, 1, 1), date(2028, 1, 1))
    assert entry.activities == (1, 6)
    assert said(found) == ""


def test_the_first_row_below_a_header_is_no_second_one(tmp_path: Path) -> None:
    found = read(tmp_path, "Nom;Activités;Fin\n;Sauvegarde;\nBeta;1;01/01/2028\n")

    assert [e.name for e in found.entries] == ["Beta"]
    assert found.entries[0].activities == (1,)


def test_a_period_in_one_column_gives_both_days(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "Nom;Validité\nAlpha;du 01/11/2024 au 31/10/2027\n").entries

    assert (entry.valid_from, entry.valid_until) == (date(2024, 11, 1), date(2027, 10, 31))


def test_an_end_before_the_beginning_leaves_both_empty(tmp_path: Path) -> None:
    found = read(tmp_path, "Nom;Début;Fin\nAlpha;31/10/2027;01/11/2024\n")

    assert (found.entries[0].valid_from, found.entries[0].valid_until) == (None, None)
    assert "before it begins" in said(found)


@pytest.mark.parametrize(
    ("state", "kept", "unread"),
    [
        ("Actif", 2, 0), ("", 2, 0), ("Suspendu", 1, 0), ("retiré", 1, 0), ("Expiré", 1, 0),
        ("en cours", 1, 1), ("non valide", 1, 1),
    ],
)  # fmt: skip
def test_a_certificate_that_is_said_to_be_out_of_force_is_left_out(
    tmp_path: Path, state: str, kept: int, unread: int
) -> None:
    found = read(tmp_path, f"Nom;Statut;Fin\nAlpha;actif;31/12/2027\nBeta;{state};31/12/2027\n")

    assert (len(found.entries), len(found.readings[0].unread)) == (kept, unread)
    assert (found.partial_because is None) == (unread == 0)


def test_a_number_and_a_wording_in_two_columns_are_held_together(tmp_path: Path) -> None:
    text = "Nom;N° activité;Libellé de l'activité\nAlpha;4;Infrastructure virtuelle\n"
    found = read(tmp_path, text.replace("N° activité", "Activité"))

    assert found.entries[0].activities == (3,)
    assert "the wording counts" in said(found)


def test_columns_of_yes_and_no_count_if_all_six_are_there(tmp_path: Path) -> None:
    six = "Nom;1;2;3;4;5;6\nAlpha;x;x;;;;\n"
    named = "Nom;Activité 1;Activité 2;3 - Plateforme d'hébergement d'applications;4 - Infrastructure virtuelle;5;6\nAlpha;x;;x;;;\n"
    two = "Nom;Hébergeur d'infrastructure physique;Hébergeur infogéreur\nAlpha;oui;non\n"
    five = "Nom;1;2;3;4;5\nAlpha;x;x;;;\n"

    assert read(tmp_path, six).entries[0].activities == (1, 2)
    assert read(tmp_path, named).entries[0].activities == (1, 4)
    assert "the wording counts" in said(read(tmp_path, named))
    assert read(tmp_path, two).entries[0].activities == (1, 2)
    assert read(tmp_path, five).entries[0].activities == ()
    assert "no column for 6" in said(read(tmp_path, five))


def test_formulas_and_controls_do_not_survive(tmp_path: Path) -> None:
    text = "Nom;Alias;Organisme certificateur\n=Alpha;+Beta;@LNE\x1b[31m\u202e\n"
    (entry,) = read(tmp_path, text).entries

    assert (entry.name, entry.aliases, entry.certification_body) == ("Alpha", ("Beta",), "LNE")


def test_our_own_form_is_read_strictly_and_its_days_are_its_own(tmp_path: Path) -> None:
    text = files.OURS + "Alpha,A,FR,1;2,2,LNE,A-1,2025-01-01,2028-01-01,,2026-02-03,high\n"
    path = tmp_path / "own.csv"
    path.write_text(text, "utf-8")
    found = importing.read([path], TODAY, None, partial=False)

    assert found.entries[0].source_date == date(2026, 2, 3)
    assert found.as_of == date(2026, 2, 3)
    with pytest.raises(InputError, match=":2: valid_until"):
        read(tmp_path, text.replace("2028-01-01", "soon"))


def test_a_list_of_ours_that_a_french_spreadsheet_saved_again_is_read(tmp_path: Path) -> None:
    text = (
        files.OURS.replace(",", ";")
        + 'Alpha;A;FR;"1;2";2;LNE;A-1;01/01/2025;01/01/2028;;03/02/2026;high\n'
    )
    (entry,) = read(tmp_path, text).entries

    assert entry == Entry(
        "Alpha", ("A",), "FR", (1, 2), 2, "LNE", "A-1", date(2025, 1, 1), date(2028, 1, 1),
        None, date(2026, 2, 3), "high",
    )  # fmt: skip


def test_the_day_is_the_files_unless_it_is_given(tmp_path: Path) -> None:
    path = tmp_path / "l.csv"
    path.write_text("Nom;Fin\nAlpha;31/12/2027\n", "utf-8")
    os.utime(path, (1_760_000_000, 1_760_000_000))  # 2025-10-09
    found = importing.read([path], TODAY, None, partial=False)

    assert found.as_of == found.entries[0].source_date == date(2025, 10, 9)
    assert "modification" in found.readings[0].as_of_by
    assert importing.read([path], TODAY, date(2026, 1, 2), partial=False).as_of == date(2026, 1, 2)
    with pytest.raises(InputError, match="yet to come"):
        importing.read([path], TODAY, date(2026, 11, 27), partial=False)


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
