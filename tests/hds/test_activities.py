"""Activities in other people's words and numbers; what is unclear is nothing at all."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdpr_audit.hds import activities

PLATFORM = "Plateforme d'hébergement d'applications"
VIRTUAL = "Infrastructure virtuelle"


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("1, 2, 3", (1, 2, 3)),
        ("1;2", (1, 2)),
        ("1 à 4", (1, 2, 3, 4)),
        ("1-6", (1, 2, 3, 4, 5, 6)),
        ("1\u20136", (1, 2, 3, 4, 5, 6)),
        ("1 to 3, 6", (1, 2, 3, 6)),
        ("1-3-5", (1, 3, 5)),
        ("Activités 1 et 2", (1, 2)),
        ("n° 1 et n° 2", (1, 2)),
        ("Sites physiques", (1,)),
        ("Mise à disposition de sites physiques abritant l'infrastructure matérielle du SI", (1,)),
        (
            "physical sites used to house the hardware infrastructure; virtual infrastructure",
            (1, 3),
        ),
        ("Des sites physiques permettant d'héberger\nl'infrastructure matérielle du SI", (1,)),
        ("Sites physiques\nInfrastructure matérielle", (1, 2)),
        ("1 - Sites physiques hébergés\n2 - Infrastructure matérielle", (1, 2)),
        ("sites physiques et infrastructure matérielle", (1, 2)),
        ("Infrastructure\nmatérielle", (2,)),
        (VIRTUAL, (3,)),
        (PLATFORM, (4,)),
        ("Plateforme d\u2019hébergement d\u2019applications", (4,)),
        ("platform hosting applications", (4,)),
        ("L'administration et l'exploitation du système d'information", (5,)),
        ("Administration and operation", (5,)),
        ("Sauvegarde externalisée", (6,)),
        ("Backup", (6,)),
        ("Hébergeur d'infrastructure physique", (1, 2)),
        ("HÉBERGEUR INFOGÉREUR", (3, 4, 5, 6)),
        ("Hébergeur infogéreur (3, 5)", (3, 5)),
        ("Hébergeur d'infrastructure physique et hébergeur infogéreur", (1, 2, 3, 4, 5, 6)),
        ("Toutes les activités", (1, 2, 3, 4, 5, 6)),
        ("- Sites physiques\n- Sauvegarde", (1, 6)),
        ("1. Sites physiques 2. Infrastructure matérielle", (1, 2)),
        ("Activité 1 : sites physiques Activité 6 : sauvegarde", (1, 6)),
    ],
)
def test_what_is_clear_is_read(cell: str, meant: tuple[int, ...]) -> None:
    assert activities.read(cell) == activities.Reading(meant)


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        (f"3 : {PLATFORM}", (4,)),
        (f"3 - {PLATFORM} ; 4 - {VIRTUAL}", (3, 4)),
        (f"1. Sites physiques\n4. {VIRTUAL}", (1, 3)),
        (f"Activité 4 : {VIRTUAL}", (3,)),
        (f"hébergement 3 ({PLATFORM})", (4,)),
        ("2 : sauvegarde", (6,)),
    ],
)
def test_the_wording_counts_before_the_number_and_the_difference_is_said(
    cell: str, meant: tuple[int, ...]
) -> None:
    reading = activities.read(cell)

    assert reading.activities == meant
    assert "the wording counts" in reading.notes[0]


@pytest.mark.parametrize(
    "cell",
    [
        "Infogérance", "Sites physiques ; infogérance", "Archivage", "Infogérance\nInfrastructure matérielle", "Archivage\nSauvegarde", "1 à 6 sauf 5", "6 hors sauvegarde",
        "Toutes les activités d'infogérance", "Sauvegarde non couverte", "1.2", "7", "0", "1 à 9", "6-1", "6 à 1 et 2",
        "123456", "06-janv", "2024-11-01", "27001", "Hébergeur infogéreur (1 à 6)", "1 à 6 (dont sauvegarde)",
        "HDS", "oui", "physique", "plateforme", "exploitation", "administration", "matérielle",
    ],
)  # fmt: skip
def test_what_is_not_clear_is_nothing_with_a_note(cell: str) -> None:
    reading = activities.read(cell)

    assert reading.activities == ()
    assert reading.notes


@pytest.mark.parametrize("cell", ["", " ", "\n", "-", "—", ";"])
def test_an_empty_cell_is_nothing_without_a_note(cell: str) -> None:
    assert activities.read(cell) == activities.Reading()


@given(st.text(alphabet="0123456 ,;-à.()\nactivites", max_size=40))
def test_no_number_is_read_that_is_not_there(cell: str) -> None:
    digits = [int(c) for c in cell if c.isdigit()]
    for activity in activities.read(cell).activities:
        assert min(digits) <= activity <= max(digits)
        assert activity in digits or re.search("[-àa.]", cell)


def test_each_wording_of_ours_is_read_as_its_activity() -> None:
    for number, text in activities.ACTIVITIES.items():
        for wording in text:
            assert activities.read(wording).activities == (number,), wording
