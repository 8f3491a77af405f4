"""A certificate counts on the days on which it is in force, under a referential that is accepted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.checks.test_hosting import OLD, hosting, listing, only
from tests.lab.audits import reasons

COVER, SUB = "hosting-activities-uncovered", "hosting-subcontractor-uncertified"
ALL = "1;2;3;4;5;6"


def row(name: str, activities: str, start: str, end: str, referential: str = "2") -> str:
    return f"{name},,FR,{activities},{referential},LNE,{name}-{start},{start},{end},,2026-10-01,"


def asked(activities: str, provider: str = "Delta", more: str = "") -> str:
    return f"  - {{provider: {provider}, activities: [{activities}]{more}}}\n"


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([row("Delta", ALL, "2022-01-01", "2025-01-01")], "fail"),  # has ended
        ([row("Delta", ALL, "2027-01-01", "2030-01-01")], "fail"),  # has not begun
        ([OLD], "fail"),  # of the referential of 2018
        ([row("Delta", ALL, "2026-11-24", "2026-11-24")], "pass"),  # both days count
        # an end that nobody states hides no end that is known, nor replaces one
        ([row("Delta", ALL, "", "")], "unproven"),
        ([row("Delta", "5", "", ""), row("Delta", "1", "2022-01-01", "2025-01-01")], "fail"),
        ([row("Delta", ALL, "", ""), row("Delta", "1", "2025-01-01", "2028-01-01")], "unproven"),
        ([row("Delta", "1;5", "2025-01-01", "2028-01-01"), row("Delta", ALL, "", "")], "pass"),
        # of a referential that nobody states: it may be that of 2018
        ([row("Delta", ALL, "2025-01-01", "2028-01-01", "")], "unproven"),
    ],
)
def test_a_certificate_covers_on_the_days_on_which_it_counts(
    tmp_path: Path, rows: list[str], verdict: str
) -> None:
    found = hosting(tmp_path, asked("1, 5"), listing(tmp_path, *rows))

    assert only(found, COVER) == verdict


def test_what_covers_no_longer_is_named_with_its_day(tmp_path: Path) -> None:
    hosters = listing(tmp_path, row("Delta", ALL, "2022-01-01", "2025-01-01"), OLD)
    said = reasons(hosting(tmp_path, asked("1"), hosters), COVER)

    assert "1 (physical sites)" in said
    assert "2025-01-01" in said
    assert "2026-05-16" in said


@pytest.mark.parametrize(
    ("certificate", "verdict"),
    [
        ("referential: 2, valid_from: 2026-01-01, valid_until: 2028-01-01", "pass"),
        ("referential: 2, valid_from: 2027-01-01, valid_until: 2028-01-01", "fail"),
        ("referential: 2, valid_until: 2026-01-01", "fail"),
        ("referential: 1, valid_until: 2028-01-01", "fail"),
        ("referential: 2", "unproven"),
    ],
)
def test_where_the_list_does_not_say_the_declared_days_count(
    tmp_path: Path, certificate: str, verdict: str
) -> None:
    hosters = listing(tmp_path, row("Delta", ALL, "", "", ""))
    body = asked("1", more=f", certificate: {{{certificate}}}")
    on_no_list = asked("1", "Nobody", f", certificate: {{{certificate}, activities: [1]}}")

    assert only(hosting(tmp_path, body, hosters), COVER) == verdict
    assert only(hosting(tmp_path, on_no_list), COVER) == verdict


def test_of_several_certificates_one_in_force_governs(tmp_path: Path) -> None:
    hosters = listing(
        tmp_path,
        row("Delta", ALL, "2025-01-01", "2027-01-01"),
        row("Delta", ALL, "2027-01-02", "2030-01-01"),
    )
    for day in (date(2026, 11, 24), date(2027, 1, 1), date(2027, 1, 2), date(2030, 1, 1)):
        found = hosting(tmp_path, asked("1"), hosters, day=day)
        assert only(found, "hosting-certificate-expired") == "pass"
        assert only(found, COVER) == "pass"
    gone = hosting(tmp_path, asked("1"), hosters, day=date(2030, 1, 2))
    assert only(gone, "hosting-certificate-expired") == "fail"


def test_before_the_old_referential_ends_a_coming_certificate_does_not_govern(
    tmp_path: Path,
) -> None:
    hosters = listing(tmp_path, OLD, row("Delta", ALL, "2026-06-01", "2029-01-01"))
    before = hosting(tmp_path, asked("1"), hosters, day=date(2026, 5, 16))
    between = hosting(tmp_path, asked("1"), hosters, day=date(2026, 5, 17))

    for rule in ("hosting-certificate-expired", "hosting-referential-outdated", COVER):
        assert only(before, rule) == "pass"
    assert only(between, COVER) == "fail"


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([row("Ops", "5", "2025-01-01", "2028-01-01")], "pass"),
        ([row("Ops", "5", "2027-01-01", "2030-01-01")], "fail"),
        ([row("Ops", "5", "2022-01-01", "2025-01-01")], "fail"),
        # what one certificate covers and another's end do not make up for each other
        (
            [
                row("Ops", "5", "2022-01-01", "2025-01-01"),
                row("Ops", "1", "2025-01-01", "2028-01-01"),
            ],
            "fail",
        ),
        ([row("Ops", "1", "2025-01-01", "2028-01-01"), row("Ops", "", "", "")], "unproven"),
    ],
)
def test_a_subcontractors_certificate_counts_on_its_days_too(
    tmp_path: Path, rows: list[str], verdict: str
) -> None:
    hosters = listing(tmp_path, row("Delta", ALL, "2025-01-01", "2028-01-01"), *rows)
    body = asked("1", more=", subcontractors: [{provider: Ops, activities: [5]}]")

    assert only(hosting(tmp_path, body, hosters), SUB) == verdict


def test_a_subcontractors_declared_certificate_that_has_not_begun_is_none(tmp_path: Path) -> None:
    days = "valid_from: 2027-01-01, valid_until: 2030-01-01"
    sub = f"{{provider: Nobody, activities: [5], certificate: {{referential: 2, {days}}}}}"
    found = hosting(tmp_path, asked("1", more=f", subcontractors: [{sub}]"))

    assert only(found, SUB) == "fail"
