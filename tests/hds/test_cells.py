"""Cells and columns of a list in other people's words, and what is not understood in them."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from gdpr_audit.errors import InputError
from gdpr_audit.hds import importing
from gdpr_audit.hds.importing import cells, columns
from gdpr_audit.hds.table import Entry
from tests.hds import files
from tests.hds.test_importing import TODAY, read, said


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
