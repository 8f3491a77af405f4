"""Whose a name or a number is: exactly one company's, or nobody's."""

from __future__ import annotations

import itertools
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdpr_audit.hds import Certificate, names, table
from gdpr_audit.hds.hosters import HosterList
from gdpr_audit.hds.table import Entry
from gdpr_audit.siren import checks

ONE, TWO = "100000009", "200000008"  # both with a right check digit


def listing(*entries: Entry | str) -> HosterList:
    rows = tuple(e if isinstance(e, Entry) else Entry(e) for e in entries)
    return HosterList(rows, "test", complete=True, as_of=date(2026, 10, 1))


def found(hosters: HosterList, name: str) -> str | None:
    listed = hosters.find(name)
    return listed.name if listed else None


def suggested(hosters: HosterList, name: str) -> list[str]:
    return [listed.name for listed in hosters.near(name)]


KNOWN = listing(
    Entry("OVHcloud", ("OVH", "OVH SAS", "OVH Groupe"), siren=ONE),
    Entry("Alpha Santé"),
    Entry("Groupement de coopération sanitaire e-Santé Centre"),
    Entry("Bêta & Fils S.A.R.L."),
    Entry("Data4"),
    Entry("Œuvre Numérique"),
    Entry("Merlin.net"),
    Entry("GmbH Partners"),
    Entry("Canal Santé+"),
)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("ovhCLOUD", "OVHcloud"),
        ("OVH cloud", "OVHcloud"),
        ("OVH-Cloud SAS", "OVHcloud"),
        ("OVH cloud, S.A.S.", "OVHcloud"),
        ("O.V.H.", "OVHcloud"),
        ("SAS OVH", "OVHcloud"),
        ("OVH S. A. S.", "OVHcloud"),
        ("OVH, SAS à associé unique", "OVHcloud"),
        ("Société OVH", "OVHcloud"),
        ("Groupe OVH", "OVHcloud"),
        ("OVH\u200bcloud", "OVHcloud"),
        ("OV\u200bH", "OVHcloud"),
        ("\uff2f\uff36\uff28", "OVHcloud"),  # full width
        ("ALPHA SANTE", "Alpha Santé"),
        ("Alpha-Santé SCOP", "Alpha Santé"),
        ("alpha   sante", "Alpha Santé"),
        ("AlphaSanté", "Alpha Santé"),
        ("Alpha Sante\u0301 GmbH", "Alpha Santé"),
        ("Alpha Santé B.V.", "Alpha Santé"),
        ("Alpha Santé, Inc.", "Alpha Santé"),
        ("Alpha Santé Ltd", "Alpha Santé"),
        ("Association Alpha Santé", "Alpha Santé"),
        ("Alpha Santé Sp. z o.o.", "Alpha Santé"),
        ("GCS e-Santé Centre", "Groupement de coopération sanitaire e-Santé Centre"),
        ("eSanté Centre", "Groupement de coopération sanitaire e-Santé Centre"),
        ("Beta et Fils", "Bêta & Fils S.A.R.L."),
        ("Beta and Fils EURL", "Bêta & Fils S.A.R.L."),
        ("Data 4", "Data4"),
        ("oeuvre numerique", "Œuvre Numérique"),
        ("MERLIN NET", "Merlin.net"),
        ("canal sante plus", "Canal Santé+"),
    ],
)
def test_a_company_is_found_however_its_name_is_written(asked: str, name: str) -> None:
    assert found(KNOWN, asked) == name


@pytest.mark.parametrize(
    "asked",
    [
        "OVH Telecom Services", "OVHclouds", "OVHcloud 2", "0VH", "OVН",  # a zero; a Cyrillic letter
        "OVH GmbH", "Alpha Santé Plus", "Alpha Santè 2", "Alpha", "Santé", "Alpha Sant", "Alpha Santee",
        "Alpha Santé+", "Santé Alpha", "Canal Santé", "Bêta Fils", "Bêta", "Data", "Data 4 2", "Data 5",
        "e Centre", "Merlin", "Partners", "GmbH", "SAS", "S.A.", "Société", "Groupe SA", "SAS SARL",
        "", " ", "...", "—", "@", "1", "4", "12345", "000000000", "123456789", "100000008", "et", "&",
        "日本", "'", "\x00", "a" * 100_000,
    ],
)  # fmt: skip
def test_a_near_miss_or_an_empty_name_is_nobody(asked: str) -> None:
    assert KNOWN.find(asked) is None


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("OVHclouds", "OVHcloud"),
        ("OVH GmbH", "OVHcloud"),
        ("Alpha Santé Plus", "Alpha Santé"),
        ("Alpha Santee", "Alpha Santé"),
        ("Bêta Fils", "Bêta & Fils S.A.R.L."),
    ],
)
def test_a_near_miss_is_suggested(asked: str, near: str) -> None:
    assert near in suggested(KNOWN, asked)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Alpha S", "Alphas"),  # an initial
        ("Alpha-S", "Alphas"),
        ("Data 1 2", "Data 12"),  # two numbers
        ("Alpha & Co", "Alpha"),
        ("Alpha France", "Alpha"),
        ("Alpha Holding", "Alpha"),
        ("Alpha", "Alpha 2"),
        ("Alpha+", "Alpha"),
        ("AG Santé", "Santé"),  # short foreign forms stand at the end alone
        ("SE Data", "Data"),
        ("Alpha SAS Lyon", "Alpha Lyon"),
    ],
)
def test_two_companies_do_not_stand_for_one_another(left: str, right: str) -> None:
    assert found(listing(left), right) is None
    assert found(listing(right), left) is None
    assert found(listing(left, right), left) == left
    assert found(listing(left, right), right) == right


def test_where_two_companies_differ_in_legal_form_alone_the_form_decides() -> None:
    both = listing("Alpha SAS", "Alpha GmbH")

    assert found(both, "alpha sas") == "Alpha SAS"
    assert found(both, "SASU Alpha") == "Alpha SAS"
    assert found(both, "Alpha GMBH") == "Alpha GmbH"
    assert both.find("Alpha") is None
    assert both.find("Alpha Ltd") is None
    assert suggested(both, "Alpha") == ["Alpha SAS", "Alpha GmbH"]
    assert [x.name for x in both.ambiguous("Alpha Ltd")] == ["Alpha SAS", "Alpha GmbH"]
    assert both.ambiguous("Alpha SAS") == ()
    assert both.ambiguous("Alphas") == ()


def test_another_legal_form_than_the_listed_one_is_another_company() -> None:
    one = listing("Alpha SAS")

    assert found(one, "Alpha") == found(one, "Groupe Alpha") == "Alpha SAS"
    assert one.find("Alpha GmbH") is None
    assert [x.name for x in one.ambiguous("Alpha GmbH")] == ["Alpha SAS"]


def test_an_alias_that_two_companies_claim_is_nobodys() -> None:
    both = listing(Entry("Alpha", ("Cloud Santé",)), Entry("Beta", ("Cloud-Santé",)))

    assert both.find("cloud sante") is None
    assert suggested(both, "cloud sante") == ["Alpha", "Beta"]


def test_a_companys_own_name_comes_before_anothers_alias() -> None:
    both = listing(Entry("Beta", ("Alpha",)), Entry("Alpha"))

    assert found(both, "alpha") == "Alpha"


def test_a_name_with_words_in_parentheses_may_be_meant_and_is_not_taken() -> None:
    one = listing("Orange (Business Services)")

    assert one.find("Orange") is None
    assert [x.name for x in one.ambiguous("Orange")] == ["Orange (Business Services)"]


def test_companies_of_one_name_are_told_apart_by_number_and_country() -> None:
    numbers = listing(Entry("Alpha", siren=ONE), Entry("Alpha", siren=TWO))
    countries = listing(Entry("Alpha", country="FR"), Entry("Alpha", country="US"))

    assert len(numbers.hosters) == len(countries.hosters) == 2
    assert numbers.find("Alpha") is None
    assert countries.find("Alpha") is None
    found_by_number = numbers.find(TWO)
    assert found_by_number is not None
    assert found_by_number.siren == TWO


def test_all_certificates_of_a_company_are_its_own() -> None:
    hosters = listing(
        Entry("Alpha SAS", activities=(1, 2), referential=1, valid_until=date(2025, 1, 1)),
        Entry("Beta"),
        Entry("ALPHA", ("Alpha Cloud",), activities=(1, 2), referential=2, valid_until=date(2028, 1, 1)),
        Entry("Alpha", activities=(6,), valid_until=date(2027, 1, 1), country="FR"),
        Entry("Alpha", activities=(6,), valid_until=date(2027, 1, 1), country="FR"),
    )  # fmt: skip
    alpha = hosters.find("alpha cloud")

    assert alpha is not None
    assert [x.name for x in hosters.hosters] == ["Alpha SAS", "Beta"]
    assert [c.activities for c in alpha.certificates] == [(1, 2), (6,), (1, 2)]
    assert [c.referential for c in alpha.certificates] == [2, None, 1]
    assert alpha.latest is alpha.certificates[0]
    assert alpha.country == "FR"
    assert [c.valid_until for c in alpha.in_force(date(2027, 1, 2))] == [date(2028, 1, 1)]
    assert len(alpha.in_force(date(2027, 1, 1))) == 2
    assert hosters.find("ALPHA") is alpha


def test_one_number_is_one_company_whatever_it_is_called() -> None:
    hosters = listing(
        Entry("Alpha", siren=ONE, transfers_url="https://a.example/t"), Entry("Omega", siren=ONE)
    )

    (company,) = hosters.hosters
    assert company.aliases == ("Omega",)
    assert company.transfers_url == "https://a.example/t"
    assert hosters.find("omega") is company


@pytest.mark.parametrize(
    ("start", "end", "day", "valid"),
    [
        (None, None, 10, None),
        (11, None, 10, False),
        (10, None, 10, None),
        (None, 10, 10, True),
        (None, 10, 11, False),
        (10, 12, 9, False),
        (10, 12, 10, True),
    ],
)
def test_a_certificate_is_in_force_between_its_days_and_unknown_without_an_end(
    start: int | None, end: int | None, day: int, valid: bool | None
) -> None:
    first, last = (date(2026, 1, n) if n else None for n in (start, end))
    one = Certificate((), None, None, None, first, last, None, None, None)

    assert one.valid_on(date(2026, 1, day)) is valid


def _siret(siren: str) -> str:
    return next(n for n in (f"{siren}{nic:05}" for nic in range(1, 99)) if checks(n))


@pytest.mark.parametrize(
    "asked",
    [
        ONE, "100 000 009", "100.000.009", "100\u00a0000\u202f009", _siret(ONE), f"{_siret(ONE)[:9]} {_siret(ONE)[9:]}",
        f"FR{(12 + 3 * (int(ONE) % 97)) % 97:02}{ONE}", f"fr {(12 + 3 * (int(ONE) % 97)) % 97:02} 100 000 009",
    ],
)  # fmt: skip
def test_a_company_is_found_by_its_number_however_it_is_written(asked: str) -> None:
    assert found(KNOWN, asked) == "OVHcloud"
    assert [x.name for x in KNOWN.search(asked)] == ["OVHcloud"]


@pytest.mark.parametrize(
    "asked",
    [
        "100000008", "10000000", "1000000090", TWO, "00100000009", f"{ONE}00001", f"FR00{ONE}",
        f"DE12{ONE}", "000000000", "100000009x",
    ],
)  # fmt: skip
def test_what_cannot_be_its_number_is_nobody(asked: str) -> None:
    assert KNOWN.find(asked) is None


def test_nine_zeros_are_no_number_though_their_check_digit_is_right() -> None:
    assert names.number("000000000") is None
    assert names.number("356000000") == names.number("35600000000011") == "356000000"  # La Poste


def test_a_number_given_as_an_alias_counts_as_one() -> None:
    hosters = table.read(
        "name,aliases,activities,valid_until\nAlpha,A; 200 000 008,1,\nBeta,,2,\n", "x.csv"
    )
    alpha = listing(*hosters).find(TWO)

    assert alpha is not None
    assert alpha.name == "Alpha"
    assert alpha.siren == TWO
    assert alpha.aliases == ("A",)


@given(st.text(max_size=30))
def test_no_text_finds_a_company_that_shares_no_letter_with_it(text: str) -> None:
    hosters = listing("Qwrk", "Zvbn SAS", Entry("Hjkp", ("Mfgd",)))
    listed = hosters.find(text)

    if listed is not None:
        letters = set("".join(itertools.chain(listed.name, *listed.aliases)).lower())
        assert set(re.findall(r"[^\W\d_]", names.plain(text))) <= letters | set("sau.ociegrp")
        assert len(re.findall(r"[^\W\d_]", names.plain(text))) >= 4


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_names_match_both_ways_or_not_at_all(left: str, right: str) -> None:
    def usable(name: str) -> bool:
        return bool(names.parse(name).words) and not names.looks_like_number(name)

    if usable(left) and usable(right):
        assert (found(listing(left), right) is None) == (found(listing(right), left) is None)


@given(st.text(max_size=40))
def test_a_listed_name_finds_itself(name: str) -> None:
    if names.parse(name).words and not names.looks_like_number(name):
        assert found(listing("Alpha", name), name) == name or names.key(name) == ("alpha",)


def test_words_in_a_name_are_found_by_search() -> None:
    assert [x.name for x in KNOWN.search("sante")] == [
        "Alpha Santé", "Groupement de coopération sanitaire e-Santé Centre", "Canal Santé+"
    ]  # fmt: skip
    assert [x.name for x in KNOWN.search("ovh cloud")] == ["OVHcloud"]
    assert KNOWN.search("") == KNOWN.search("!") == ()


def test_a_list_is_stale_after_ninety_days() -> None:
    hosters = listing("Alpha")

    assert hosters.stale(date(2026, 12, 30)) is False
    assert hosters.stale(date(2026, 12, 31)) is True
    assert HosterList((), "x", complete=True, as_of=None).stale(date(2026, 1, 1)) is None
    assert hosters.label == "2026-10-01 (complete)"
