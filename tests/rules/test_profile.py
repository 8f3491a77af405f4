"""TLS profiles: each says what its guide says, a bad one is refused, and rules ask by its name."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.tls.suites import GROUPS, registry
from gdpr_audit.errors import InputError
from gdpr_audit.model import (
    PLATFORM,
    Census,
    Condition,
    Evidence,
    Fact,
    FactType,
    Finding,
    Observations,
    Origin,
    Requirement,
    Rule,
    Severity,
    Source,
    Subject,
    Text,
    Verdict,
    now,
)
from gdpr_audit.rules import book, profile, profile_schema
from gdpr_audit.rules.judge import judge
from gdpr_audit.rules.predicates import Terms, must, parse_operand
from gdpr_audit.rules.profile import Aspect, Profile, Reference
from tests.rules.test_book import BOOK, GOOD, WORDS

DAY = date(2026, 11, 24)
T = Text.same("t")
TOP = Subject(PLATFORM, "p")

#: RFC 8446 (B.3.1.3) and RFC 8734.
SIGNATURES = {
    *(f"rsa_pkcs1_sha{bits}" for bits in (256, 384, 512)),
    *(f"rsa_pss_{kind}_sha{bits}" for kind in ("rsae", "pss") for bits in (256, 384, 512)),
    *("ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512"),
    *(f"ecdsa_brainpoolP{bits}r1tls13_sha{bits}" for bits in (256, 384, 512)),
    *("ed25519", "ed448"),
}  # fmt: skip
#: RFC 8442, whose suites the check does not offer.
PSK = {
    "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256",
}
EVERY = {
    "versions": {"SSL 2", "SSL 3", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"},
    "suites": {suite.name for suite in registry().values()} | PSK,
    "groups": {group.name for group in GROUPS.values()},
    "signatures": SIGNATURES,
    "certificate_keys": {f"EC {g.name}" for g in GROUPS.values()} | {"Ed25519", "Ed448"},
}


@pytest.mark.parametrize("name", profile.known())
def test_a_built_in_profile_names_only_what_exists(name: str) -> None:
    found = profile.load(name)

    assert found.id == name
    assert set(found.clauses) <= {rule.id for rule in BOOK.rules}
    for aspect, said in found.aspects.items():
        if isinstance(said.admitted, tuple):
            assert set(said.admitted) <= EVERY[aspect]


def test_the_guides_say_what_they_say() -> None:
    anssi, modern, intermediate = map(
        profile.load, ("anssi", "mozilla-modern", "mozilla-intermediate")
    )

    assert profile.default() is profile.default()
    assert profile.default() == anssi
    assert anssi.name == "ANSSI-TLS 1.2"
    assert anssi.aspects["ticket_lifetime_seconds"] == Aspect("R20", 86400)
    assert anssi.aspects["certificate_lifetime_days"] == Aspect("R25", 825)
    suites = anssi.aspects["suites"].admitted
    assert isinstance(suites, tuple)
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_CCM" in suites[:12]
    assert not [s for s in suites if s.startswith("TLS_RSA_") or s.endswith(("_SHA", "_CCM_8"))]
    assert not [s for s in suites if any(word in s for word in ("RC4", "3DES", "NULL", "anon"))]
    assert len(intermediate.aspects["suites"].admitted) == 9  # type: ignore[arg-type]
    assert modern.aspects["versions"].admitted == ("TLS 1.3",)
    assert "certificate_rsa_bits" not in modern.aspects
    assert modern.aspects["certificate_lifetime_days"].admitted == 90


OWN = """\
id: own
source: OWN-TLS
version: "3"
date: 2026-01-01
url: https://example.org/tls
title: {fr: Le nôtre, en: Ours}
aspects:
  suites: {clause: "4", recommended: [A], tolerated: [B]}
  ticket_lifetime_seconds: {clause: "5", at_most: 3600}
clauses:
  tls-early-data: "6"
"""


def _own(tmp_path: Path, text: str = OWN) -> Profile:
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")
    return profile.load(str(path))


def test_a_profile_of_ones_own_is_taken(tmp_path: Path) -> None:
    own = _own(tmp_path)

    assert own.aspects == {
        "suites": Aspect("4", ("A", "B")),
        "ticket_lifetime_seconds": Aspect("5", 3600),
    }
    assert own.title.fr == "Le nôtre"
    assert own.date == "2026-01-01"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: own", "id: anssi", ":1: id: anssi is a built-in profile"),
        ("id: own", "idd: own", ":1: idd: unknown key; did you mean `id`?"),
        ('version: "3"', "version: 3.1", ":3: version: input should be a valid string"),
        ("url: https", "url: ftp", ":5: url: "),
        ("en: Ours", "", ":6: title: `en` is missing"),
        ("  suites:", "  suitess:", ":8: aspects.suitess: unknown key; did you mean `suites`?"),
        ("[A]", "[]", ":8: aspects.suites.recommended: "),
        ("[B]", "[A]", "A stands twice"),
        ('{clause: "4", recommended: [A], tolerated: [B]}', "", ":8: aspects.suites: "),
        ('clause: "5", ', "", ":9: aspects.ticket_lifetime_seconds: `clause` is missing"),
        ("at_most", "at_least", "did you mean `at_most`?"),
        ("at_most: 3600", "at_most: 1 h", ":9: aspects.ticket_lifetime_seconds.at_most: "),
        ("suites: {clause", "certificate_rsa_bits: {at_least: 1, clause", "unknown key"),
        (
            '  suites: {clause: "4", recommended: [A], tolerated: [B]}',
            '  certificate_rsa_bits: {clause: "4", at_least: 3072}',
            "needs certificate_keys",
        ),
        ("tls-early-data", "TLS early", ":11: clauses.TLS early: "),
    ],
)
def test_a_bad_profile_is_refused_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in OWN

    with pytest.raises(InputError) as caught:
        _own(tmp_path, OWN.replace(old, new, 1))

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "own.yaml" in str(caught.value)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="anssi, mozilla-intermediate, mozilla-modern, ncsc"):
        profile.load("ansi")


@pytest.mark.parametrize(
    ("operand", "kind", "predicate", "said"),
    [
        ("profile.suits", FactType.LIST, "only", "no aspect 'suits'; known: versions, suites"),
        ("profile.suites", FactType.LIST, "excludes", "`only` on a fact that is a list"),
        ("profile.suites", FactType.INTEGER, "at_most", "not for `at_most` on a integer"),
        ("profile.ticket_lifetime_seconds", FactType.INTEGER, "at_least", "`at_most`"),
        ("profile.ticket_lifetime_seconds", FactType.DATE, "at_most", "on a date"),
        ("profile.certificate_keys", FactType.INTEGER, "one_of", "`one_of` on a fact that is a"),
    ],
)
def test_a_rule_asks_a_profile_only_what_it_can_say(
    operand: str, kind: FactType, predicate: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        parse_operand(operand, kind, predicate)


@pytest.mark.parametrize("name", profile.ASPECTS)
def test_every_aspect_can_be_asked_for_and_has_its_place_in_the_file(name: str) -> None:
    _, fits = profile.ASPECTS[name]

    assert name in profile_schema.AspectsRecord.model_fields
    assert {parse_operand(f"profile.{name}", kind, how) for how, kind in fits} == {Reference(name)}


def test_a_word_that_only_looks_like_a_reference_stays_a_word() -> None:
    assert parse_operand("profile.x", FactType.TEXT, "is") == "profile.x"


def test_a_condition_names_the_guide_and_not_its_forty_suites() -> None:
    terms = Terms(DAY, profile.default())
    suites = must("only", Reference("suites"), terms)
    keys = must("one_of", Reference("certificate_keys"), terms)
    tickets = must("at_most", Reference("ticket_lifetime_seconds"), terms)

    assert suites == (
        "n'avoir que ce qu'admet ANSSI-TLS 1.2",
        "have only what ANSSI-TLS 1.2 admits",
    )
    assert keys == (
        "faire partie de ce qu'admet ANSSI-TLS 1.2",
        "be among what ANSSI-TLS 1.2 admits",
    )
    assert tickets.fr == "être au plus 86400 (ANSSI-TLS 1.2)"


def _rule(
    *conditions: Condition,
    alternatives: tuple[tuple[Condition, ...], ...] = (),
    sources: tuple[Source, ...] = (),
) -> Rule:
    require = Requirement(conditions, alternatives)
    return Rule(
        "r", "web", Severity.LOW, PLATFORM, Requirement(), require, ("GDPR-32-1",), sources,
        T, T, T, (),
    )  # fmt: skip


def _judged(rule: Rule, held: Profile, **facts: Any) -> Finding:
    evidence = Evidence("c", Origin.MEASURED, T, now())
    known = {f"a.{name}": Fact(f"a.{name}", value, evidence) for name, value in facts.items()}
    (found,) = judge([rule], Observations(TOP, {TOP: known}), DAY, held)
    return found


SUITES = Condition("a.suites", "only", Reference("suites"))
TICKET = Condition("a.ticket", "at_most", Reference("ticket_lifetime_seconds"))
GROUP = Condition("a.groups", "only", Reference("groups"))


def test_a_rule_is_judged_by_the_profile_in_force(tmp_path: Path) -> None:
    own = _own(tmp_path)
    both = _rule(SUITES, TICKET)

    assert _judged(both, own, suites=("A", "B"), ticket=3600).verdict is Verdict.PASS
    assert _judged(both, own, suites=("A",), ticket=3601).verdict is Verdict.FAIL
    failed = _judged(both, own, suites=("A", "C"), ticket=1)
    assert failed.verdict is Verdict.FAIL
    assert failed.reasons[0].offending == ("C",)
    assert failed.reasons[0].must.en == "have only what OWN-TLS 3 admits"


def test_what_the_guide_does_not_speak_of_is_not_applicable(tmp_path: Path) -> None:
    own = _own(tmp_path)

    found = _judged(_rule(SUITES, GROUP), own, suites=("C",), groups=("x",))

    assert found.verdict is Verdict.NOT_APPLICABLE
    (reason,) = found.reasons
    assert reason.must == ("être ce qu'admet OWN-TLS 3", "be what OWN-TLS 3 admits")
    assert reason.gap == (
        "OWN-TLS 3 ne se prononce pas sur les groupes d'échange de clés",
        "OWN-TLS 3 says nothing of key exchange groups",
    )


def test_of_what_the_guide_is_silent_each_subject_is_told_and_where_there_is_none_its_place(
    tmp_path: Path,
) -> None:
    own = _own(tmp_path)
    target = Subject("target", "https://x/", within=TOP)
    silent = _rule(GROUP)._replace(subject="target")
    for there in ((target,), ()):
        census = {(TOP, "target"): Census("target", TOP, there)}
        seen = Observations(TOP, {}, census, {"target": PLATFORM})
        (found,) = judge([silent], seen, DAY, own)

        assert found.verdict is Verdict.NOT_APPLICABLE
        assert found.subject == (there[0] if there else TOP)


def test_an_alternative_that_the_guide_does_not_offer_is_none(tmp_path: Path) -> None:
    own = _own(tmp_path)
    either = _rule(alternatives=((SUITES,), (GROUP,)))

    assert _judged(either, own, suites=("A",)).verdict is Verdict.PASS
    assert _judged(either, own, suites=("C",)).verdict is Verdict.FAIL
    neither = own._replace(aspects={})
    assert _judged(either, neither, suites=("A",)).verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("conditions", "own_sources", "clauses", "expected"),
    [
        ((SUITES,), (), {}, ["OWN-TLS 3 4"]),
        ((SUITES, TICKET), (Source("X"),), {}, ["X", "OWN-TLS 3 4, 5"]),
        ((SUITES,), (), {"r": "7"}, ["OWN-TLS 3 7"]),
        ((GROUP,), (), {}, ["OWN-TLS 3"]),
        ((GROUP,), (Source("X"),), {}, ["X"]),
        ((), (Source("X"),), {"r": "7"}, ["X", "OWN-TLS 3 7"]),
        ((), (Source("X"),), {"other": "7"}, ["X"]),
        ((), (Source("OWN-TLS", "7"),), {"r": "7"}, ["OWN-TLS 7"]),
    ],
)
def test_a_finding_cites_the_rules_sources_and_the_guides_clause_each_once(
    tmp_path: Path,
    conditions: tuple[Condition, ...],
    own_sources: tuple[Source, ...],
    clauses: dict[str, str],
    expected: list[str],
) -> None:
    held = _own(tmp_path)._replace(clauses=clauses)
    rule = _rule(*(conditions or (Condition("a.b", "is", True),)), sources=own_sources)

    assert list(map(str, _judged(rule, held).sources)) == expected


def test_no_rule_of_ours_cites_one_guide_whatever_the_profile() -> None:
    """The guide on TLS is a matter of the profile; what it says stands in no rule."""
    assert [r.id for r in BOOK.rules if any(s.id == "ANSSI-TLS" for s in r.sources)] == []
    rule = BOOK.rule("tls-deprecated-version")
    cited = {
        name: [str(s) for s in profile.load(name).sources(rule)][-1] for name in profile.known()
    }
    assert cited == {
        "anssi": "ANSSI-TLS 1.2 R4",
        "mozilla-intermediate": "Mozilla-TLS-intermediate 6.0 versions",
        "mozilla-modern": "Mozilla-TLS-modern 6.0 versions",
        "ncsc": "NCSC-TLS 2025-05 3.3.1",
    }


def _load(tmp_path: Path, text: str) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "sample.yaml").write_text(text, "utf-8")
    book.load([tmp_path], WORDS)


def test_a_rule_rests_on_a_source_or_on_the_profile(tmp_path: Path) -> None:
    bare = GOOD.replace("sources: [{id: ASVS-5.0}]\n", "")
    with pytest.raises(InputError, match="cite a source"):
        _load(tmp_path, bare)

    by_profile = bare.replace("web.nosniff: {is: true}", "tls.groups: {only: profile.groups}")
    by_profile = by_profile.replace("pass: {web.nosniff: true}", "pass: {tls.groups: [x25519]}")
    by_profile = by_profile.replace("fail: {web.nosniff: false}", "fail: {tls.groups: [other]}")
    (tmp_path / "web" / "sample.yaml").write_text(by_profile, "utf-8")
    assert book.load([tmp_path], WORDS).rules[0].sources == ()


def test_an_example_may_name_a_built_in_profile_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no built-in TLS profile; known: anssi"):
        _load(tmp_path, GOOD.replace("  - unproven: {}", "  - unproven: {}\n    profile: own"))


#: What `when` keeps from being told twice: facts of one fault, and the rule that tells it.
TOLD_ELSEWHERE = [
    ("tls-profile-version", {"tls.versions": ("TLS 1.0", "TLS 1.2")}),
    ("tls-profile-suite", {"tls.key_exchanges": ("ECDHE", "RSA")}),
    ("tls-profile-suite", {"tls.cipher_modes": ("CBC", "GCM")}),
    ("tls-profile-suite", {"tls.encryption": ("AES", "RC4")}),
    ("tls-profile-group", {"tls.curve_bits": 192}),
    ("certificate-profile-key", {"certificate.rsa_bits": 1024}),
]


@pytest.mark.parametrize(("rule_id", "worse"), TOLD_ELSEWHERE)
def test_one_fault_is_not_told_twice(rule_id: str, worse: dict[str, Any]) -> None:
    from gdpr_audit.rules import examples

    rule = BOOK.rule(rule_id)
    failing = next(
        e
        for e in rule.examples
        if e.verdict is Verdict.FAIL and all(name in e.facts for name in worse)
    )
    told = failing._replace(facts={**failing.facts, **worse})

    (found,) = examples.judged(rule, told, examples.observations(rule, told, WORDS))

    assert found.verdict is Verdict.NOT_APPLICABLE
