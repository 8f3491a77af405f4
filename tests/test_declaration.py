"""platform.yaml: what is taken, and how what is wrong is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gdpr_audit import declaration, resources, yaml_file
from gdpr_audit.declaration import schema
from gdpr_audit.errors import InputError
from gdpr_audit.interview import written
from tests.lab import audits
from tests.lab.audits import declared, judged, reasons, verdicts

WHOLE = """\
platform: RDV Santé
targets:
  - url: HTTPS://RDV.example.fr
hosting:
  - provider: OVHcloud
    activities: [1, 2]
  - provider: OVHcloud
    activities: [5]
storage: []
"""


def test_subjects_have_their_line(tmp_path: Path) -> None:
    read = declaration.read(declared(tmp_path, WHOLE))

    lines = {(s.kind, s.name): s.line for s in read.places}

    assert lines["platform", "RDV Santé"] == 1
    assert lines["target", "https://rdv.example.fr/"] == 3
    assert lines["hoster", "OVHcloud"] == 5
    assert lines["hoster", "OVHcloud (2)"] == 7


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("platform: x\nhostng: []\n", ":2: hostng: unknown key; did you mean `hosting`?"),
        ("platform: x\nhosting:\n  - provider: A\n    activites: [1]\n", ":4: hosting[0].activites"),
        ("platform: x\nhosting:\n  - {provider: A, activities: [7]}\n", "less than or equal to 6"),
        ("platform: x\nhosting:\n  - {provider: A, countries: [NO]}\n", 'write "NO" in quotes'),
        ("platform: 3\n", ":1: platform: input should be a valid string; given: '3'"),
        ("targets: []\n", "`platform` is missing"),
        ("platform: x\ntargets:\n  - url: https:///\n", "this URL has no host"),
        ("platform: x\ntargets:\n  - url: gopher://x\n", "unknown scheme `gopher`"),
        ("platform: x\ntargets:\n  - url: https://a:b@x/\n", "carries credentials"),
        ("platform: x\ntargets:\n  - url: https://x:99999/\n", "the port is a number"),
        ("platform: x\nplatform: y\n", "stands twice"),
        ("platform: x\nstorage:\n  - {name: a, kind: file}\n  - {name: a, kind: file}\n", "'a' stands twice"),
        ("platform: &a x\ncontroller: *a\n", "anchors and aliases"),
        ("platform: x\ncontroller: [\n", "not valid YAML"),
        ("platform: x\ngovernance: {dpia: {done: true, date: soon}}\n", "valid date"),
        ("- platform\n", "expected a mapping"),
        ("", "expected a mapping"),
        ("platform: x\nmandate: {authorised_by: a, reference: b, scope: [x], "
         "not_before: 2026-02-01, not_after: 2026-01-01}\n", "not_after is before not_before"),
        ("platform: x\nstorage:\n  - {name: a, kind: file, evidence: [{kind: document, file: no.txt}]}\n",
         "there is no file 'no.txt'"),
        ("platform: x\nprocessing: {health_data: yes please}\n", "valid boolean"),
        ("platform: x\n---\nplatform: y\n", ":2: not valid YAML: but found another document"),
        ("platform: x\n---\n- &a y\n", ":3: anchors and aliases"),
        ("platform: x\nplatform: y\nstorage: &a []\n", ":3: anchors and aliases"),
        ("platform: x\n? [a]\n: b\n", ":2: a key must be a word"),
        ("platform: x\ncontroller: {name: !!int ''}\n", ":2: '' is not a valid value"),
        ("platform: x\ncontroller: {name: !!bool perhaps}\n", ":2: 'perhaps' is not a valid value"),
        ("platform: x\nassurance: {last_penetration_test: 2026-02-30}\n", ":2: '2026-02-30' is not a valid"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_with_place_and_mend(
    tmp_path: Path, text: str, word: str
) -> None:
    path = declared(tmp_path, text)

    with pytest.raises(InputError) as caught:
        declaration.read(path)

    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert word in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"\x7fELF\x02\x01\x01\x00\xff\xfe",
        b"a: " + b"[" * 60,
        b"platform: " + b"x" * 2_000_000,
        ("a: &a [" + "x," * 10 + "]\nb: &b [" + "*a," * 10 + "]\n").encode(),
    ],
)
def test_bombs_and_binaries_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_bytes(content)

    with pytest.raises(InputError) as caught:
        declaration.read(path)

    assert len(str(caught.value)) < 400


def test_24_levels_are_read_and_no_more() -> None:
    deepest: object = yaml_file.parse(b"[" * 24 + b"]" * 24, "x.yaml").data
    for _ in range(23):
        assert isinstance(deepest, list)
        (deepest,) = deepest

    assert deepest == []
    with pytest.raises(InputError, match=r"x\.yaml:2: nested deeper than 24"):
        yaml_file.parse(b"[" * 24 + b"\n[", "x.yaml")


@pytest.mark.parametrize(
    "path", sorted(resources.folder("rules").rglob("*.yaml")), ids=lambda p: p.stem
)
def test_a_file_reads_as_pyyaml_has_it(path: Path) -> None:
    document = yaml_file.read(path)

    assert document.data == yaml.safe_load(path.read_text("utf-8"))
    assert document.lines == _lines(yaml.compose(path.read_text("utf-8")))


def _lines(node: Any, path: yaml_file.Path_ = ()) -> dict[yaml_file.Path_, int]:
    found = {path: node.start_mark.line + 1} if path else {}
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            at = (*path, key.value)
            found |= _lines(value, at) | {at: key.start_mark.line + 1}
    elif isinstance(node, yaml.SequenceNode):
        for i, item in enumerate(node.value):
            found |= _lines(item, (*path, i))
    return found


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.dates() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_what_pyyaml_writes_is_read_back(data: Any) -> None:
    assert yaml_file.parse(yaml.safe_dump(data).encode(), "x.yaml").data == data


def test_the_published_schema_says_what_the_reader_does() -> None:
    validator = jsonschema.Draft202012Validator(schema.json_schema())

    assert not list(validator.iter_errors(yaml.safe_load(WHOLE)))
    assert list(validator.iter_errors({"platform": "x", "hostng": []}))


def test_a_missing_section_is_unproven_and_an_empty_one_not_applicable(tmp_path: Path) -> None:
    found = judged(path=declared(tmp_path, WHOLE))
    seen = verdicts(found)

    assert seen["storage-not-encrypted"] == {"not_applicable"}
    assert seen["processor-contract-missing"] == {"unproven"}
    assert "governance.processors" in reasons(found, "processor-contract-missing")
    assert seen["dpo-missing"] == {"unproven"}
    assert seen["mfa-missing-patients"] == {"unproven"}


def test_without_a_declaration_all_that_it_would_say_is_unproven() -> None:
    found = judged("https://127.0.0.1:1/", only=("lawfulness", "storage", "hosting"))

    passed = {rule for rule, seen in verdicts(found).items() if {"pass", "fail"} & seen}

    assert passed == set()


@pytest.mark.parametrize(
    ("url", "most"),
    [("https://" + "a" * 300 + "{}/", 300), ("https://a.example/" + "b" * 1982 + "{}", 2000)],
)
def test_a_target_of_the_command_line_is_bounded_as_one_of_the_file(url: str, most: int) -> None:
    assert declaration.bare([url.format("")]).targets

    with pytest.raises(InputError, match=f"longer than {most} characters") as caught:
        declaration.bare([url.format("c")])

    assert "\n" not in str(caught.value)


def test_a_target_of_the_command_line_is_as_one_of_the_file(tmp_path: Path) -> None:
    bare = declaration.bare(["https://x.example"])
    read = declaration.read(
        declared(tmp_path, "platform: x.example\ntargets: [{url: https://x.example/}]\n")
    )

    assert bare.target(bare.targets[0]) == read.target(read.targets[0])
    assert bare.platform == read.platform.model_copy(update={"targets": None})


def test_an_audience_named_by_a_target_and_not_declared_is_unproven(tmp_path: Path) -> None:
    text = (
        "platform: x\ntargets:\n  - {url: https://127.0.0.1:1/, audience: [patients]}\n"
        "authentication:\n  administrators: {factors: [webauthn]}\n"
    )
    found = judged(path=declared(tmp_path, text), only=("mfa-missing-patients",))

    assert verdicts(found)["mfa-missing-patients"] == {"not_applicable", "unproven"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_template_is_a_declaration_and_so_it_is_with_all_its_comments_taken_off(
    tmp_path: Path, language: str
) -> None:
    answers = {
        "platform": 'Labo "Dupont": #1',
        "targets": [{"url": "https://labo.example.fr/"}],
        "hosting": [{"provider": "OVHcloud"}],
    }
    text = written.render(answers, language)
    declaration.read(declared(tmp_path, text))
    whole = "\n".join(
        line[1:] if line.startswith("#") and (line[1:2] != " " or line[2:3] == " ") else line
        for line in text.split("\n")
    )

    read = declaration.read(declared(tmp_path, whole))

    assert read.platform.platform == 'Labo "Dupont": #1'
    assert read.platform.traceability is not None
    assert read.platform.mandate is not None


def test_the_template_claims_nothing(tmp_path: Path) -> None:
    path = declared(tmp_path, written.render({}, "en"))

    found = judged(path=path)

    assert {v for seen in verdicts(found).values() for v in seen} == {"unproven"}
    assert audits.DAY.isoformat() == found["date"]


def test_a_document_is_named_where_it_shows_what_is_declared(tmp_path: Path) -> None:
    (tmp_path / "pentest.pdf").write_bytes(b"%PDF-1.7")
    text = (
        "platform: x\nassurance: {last_penetration_test: 2026-03-02, critical_patch_days: 3}\n"
        "documents:\n  - {shows: [assurance.last_penetration_test], file: pentest.pdf,\n"
        "     date: 2026-03-09, expires: 2027-03-09}\n"
    )
    path = tmp_path / "platform.yaml"
    path.write_text(text, "utf-8")
    found = declaration.read(path)
    where = found.where(found.subject, "assurance.last_penetration_test")

    assert "platform.yaml:2, document pentest.pdf (SHA-256 " in where
    assert "2026-03-09 → 2027-03-09" in where
    assert "pentest" not in found.where(found.subject, "assurance.critical_patch_days")
    path.write_text(text.replace("[assurance.last_penetration_test]", "[assurance]"), "utf-8")
    found = declaration.read(path)
    assert "pentest" in found.where(found.subject, "assurance.critical_patch_days")


@pytest.mark.parametrize(
    ("paper", "word"),
    [
        ("{shows: [governance.dpia], file: a.pdf}", "nothing is declared at 'governance.dpia'"),
        ("{shows: [platform], file: none.pdf}", "there is no file 'none.pdf'"),
        ("{shows: [], file: a.pdf}", "documents"),
    ],
)
def test_a_document_that_shows_nothing_is_refused(tmp_path: Path, paper: str, word: str) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    path = tmp_path / "platform.yaml"
    path.write_text(f"platform: x\ndocuments: [{paper}]\n", "utf-8")

    with pytest.raises(InputError, match=word):
        declaration.read(path)
