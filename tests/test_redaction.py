"""Text from outside is made inert, bounded, and free of personal data and secrets."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdpr_audit import redaction
from gdpr_audit.model import Evidence, Fact, Origin, Subject, Text, now
from gdpr_audit.redaction import clean, redact


@pytest.mark.parametrize(
    "secret",
    [
        "alix.exemple@example.fr",
        "199120199900119",
        "1 99 12 01 999 001 53",
        "06 12 34 56 78",
        "+33612345678",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcdefghijk",
        "AKIAABCDEFGHIJKLMNOP",
        "Bearer abcdefghijklmnop",
        "password=hunter2hunter2",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF",
        "-----BEGIN%2520PRIVATE%2520KEY-----MIIE",
        "alix.exemple%2540example.fr",
        "alix.exemple&#64;example.fr",
        "alix.exemple\\u0040example.fr",
        "06\u00a012\u00a034\u00a056\u00a078",
        "06\u202f12\u202f34\u202f56\u202f78",
        "06%2012%2034%2056%2078",
        "06+12+34+56+78",
        "06/12/34/56/78",
        "0033 6 12 34 56 78",
        "%2B33612345678",
        "1\u00a099\u00a012\u00a001\u00a0999\u00a0001\u00a053",
        "1-99-12-01-999-001-53",
        "1%252099%252012%252001%2520999%2520001%252053",
        "eyJhbGciOiJkaXIifQ..48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvT",
        "eyJhbGciOiJIUzI1NiJ9%2EeyJzdWIiOiIxMjMifQ%2Eabc",
        "client_secret=Zx91kLmPq88",
        "accessToken=abcDEF123456",
        '"password": "hunter2hunter2"',
        "DB_PASSWORD=hunter2hunter2",
        'private, token="Zx91kLmPq88"',
        "password%253Dhunter2hunter2",
        "PHPSESSID=abc123def456",
        "x-api-key: abcdef12345",
        "https://Zx91kLmPq88@host/",
        "https://:Zx91kLmPq88@host/",
        "https%3A%2F%2Falix%3AZx91kLmPq88%40host",
    ],
)
def test_secrets_and_people_do_not_stay(secret: str) -> None:
    kept = redact(clean(f"before {secret} after", 500))

    assert clean(secret, 500) not in kept
    assert "[" in kept


@pytest.mark.parametrize(
    "word",
    ["TLS 1.2", "https://rdv.example.fr:8443/", "2026-11-24", "192.0.2.7", "/a//b?c=d",
     "2026-11-24T08:09:10Z", "token_endpoint: absent", "session id absent"],
)  # fmt: skip
def test_what_is_harmless_stays(word: str) -> None:
    assert redact(word) == word


def test_terminal_sequences_and_direction_marks_are_dropped() -> None:
    hostile = "a\x1b[31mred\x1b[0m\x1b]0;title\x07 \u202ereversed\u200b\x00\nnext"

    assert clean(hostile, 100) == "ared reversed next"


@given(st.text(max_size=3000), st.integers(min_value=1, max_value=50))
def test_cleaned_text_is_short_and_printable(text: str, limit: int) -> None:
    kept = clean(text, limit)

    assert len(kept) <= limit
    assert not [c for c in kept if unicodedata.category(c)[0] == "C"]


def test_all_that_is_printable_stays() -> None:
    printable = [c for c in map(chr, range(sys.maxunicode + 1)) if c.isprintable()]

    assert len(printable) > 100_000
    assert [c for c in printable if clean(f"\x00a{c}b", 9) != f"a{c}b"] == []


def test_every_space_is_one_space() -> None:
    spaces = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Zs"]

    assert {clean(f"a{c}b", 9) for c in spaces} == {"a b"}


def test_evidence_and_facts_clean_themselves() -> None:
    evidence = Evidence("c", Origin.MEASURED, Text.same("to x@example.fr\x1b[1m"), now())
    fact = Fact("a.b", ("ok", "y@example.fr"), evidence)
    subject = Subject("cookie", "z@example.fr\u202e")

    assert evidence.summary.fr == "to [e-mail]"
    assert fact.value == ("ok", "[e-mail]")
    assert subject.name == "[e-mail]"


_FRAGMENTS = st.sampled_from(
    ["-----BEGIN RSA PRIVATE KEY-----", "-----END PRIVATE KEY-----", "eyJhbGciOi.J9abcdef.x",
     "AKIAABCDEFGHIJKLMNOP", "ghp_abcdefghijklmnop12", "xoxb-123456789012345678", "Bearer abcdefgh12",
     "pa\u017f\u017fword: hunter22", "PASSWORD=abcdef", "mot_de_passe : azerty", "motdepasse=azerty",
     "\u017fid: abcdef", "api_\u212aey=1234", "session_ID=abcd", "https://u:p@h", "a.b@c.fr",
     "1 85 05 2A 006 084", "185057800608436", "01 23 45 67 89", "+33 6 12 34 56 78",
     "\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660\u0661\u0662\u0663", " ", "x", "="]
)  # fmt: skip


@given(st.lists(st.one_of(_FRAGMENTS, st.text(max_size=6)), max_size=8).map("".join))
def test_what_is_not_worth_a_look_holds_no_secret(text: str) -> None:
    """The hints that spare a search are conditions that every match meets."""
    thorough = text
    for secret in redaction._SECRETS:
        thorough = secret.pattern.sub(f"[{secret.kind}]", thorough)
    assert redaction.redact(text) == thorough


def test_a_day_is_no_telephone() -> None:
    assert redact("01/02/2026 10:00") == "01/02/2026 10:00"
    assert redact("06/12/34/56/78") == "[phone]"
