"""The list of platforms in every form that a person may hand over."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdpr_audit.errors import InputError
from gdpr_audit.fleet.roster import Entry, Roster


def listed(path: Path) -> list[Entry]:
    roster = Roster(path)
    found = list(roster)
    assert roster.total == len(found)
    return found


def table(tmp_path: Path, content: bytes) -> list[Entry]:
    path = tmp_path / "fleet.csv"
    path.write_bytes(content)
    return listed(path)


def test_a_table_gives_each_platform_its_name_target_and_line(tmp_path: Path) -> None:
    one, two = table(tmp_path, b"name,url\nAlpha,https://a.test/\n\n Beta ,http://b.test\n")
    assert (one.slug, one.name, one.where) == ("alpha", "Alpha", f"{tmp_path}/fleet.csv:2")
    assert two.where.endswith(":4")
    loaded = two.load()
    assert loaded.subject.name == "Beta"
    assert [target.name for target in loaded.targets] == ["http://b.test/"]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffName;URL\nCentre médical;https://a.test\n".encode(),
        "nom;url\nCentre médical;https://a.test\n".encode("cp1252"),
        "id\tname\turl\n1\tCentre médical\thttps://a.test\n".encode(),
    ],
)
def test_a_table_as_spreadsheets_write_it(tmp_path: Path, content: bytes) -> None:
    (one,) = table(tmp_path, content)
    assert (one.name, one.slug) == ("Centre médical", "centre-medical")


def test_a_row_may_name_several_targets(tmp_path: Path) -> None:
    (one,) = table(tmp_path, b"name,url\nAlpha,https://a.test https://b.test/\n")
    assert [t.name for t in one.load().targets] == ["https://a.test/", "https://b.test/"]


def test_a_row_without_a_name_is_called_by_its_host(tmp_path: Path) -> None:
    (one,) = table(tmp_path, b"name,url\n,https://a.test/x\n")
    assert one.name == "a.test"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (b"Alpha,", "no url"),
        (b"Alpha", "no url"),
        (b"Alpha,a.test", "scheme://host"),
        (b"Alpha,ftp://a.test", "unknown scheme"),
        (b"Alpha,https://u:p@a.test/", "credentials"),
        (b"Alpha," + b"x" * 200_000, "field larger than"),
    ],
)
def test_a_bad_row_costs_itself_alone(tmp_path: Path, row: bytes, words: str) -> None:
    good, bad, after = table(
        tmp_path, b"name,url\nGood,https://g.test/\n" + row + b"\nAfter,https://x.test/\n"
    )
    assert bad.refusal is not None
    assert ":3: " in bad.refusal
    assert words in bad.refusal
    with pytest.raises(InputError):
        bad.load()
    assert good.load().targets
    assert after.load().targets


def test_a_quote_that_is_not_closed_costs_its_line_alone(tmp_path: Path) -> None:
    rows = [
        '"Clinique du Nord,https://n.test/',
        "Good,https://g.test/",
        '"A ""B""",https://a.test/',
    ]
    lost, good, quoted = table(tmp_path, "\n".join(["name,url", *rows]).encode())
    assert lost.refusal == f"{tmp_path}/fleet.csv:2: a quote is not closed"
    assert (good.name, good.where) == ("Good", f"{tmp_path}/fleet.csv:3")
    assert quoted.name == 'A "B"'


def test_a_cell_may_hold_a_break_within_its_quotes(tmp_path: Path) -> None:
    rows = b'name,url,note\nAlpha,https://a.test/,"two\nlines"\nBeta,https://b.test/,\n'
    alpha, beta = table(tmp_path, rows)
    assert (alpha.where[-2:], beta.where[-2:]) == (":2", ":4")


def test_bytes_of_no_alphabet_are_no_end(tmp_path: Path) -> None:
    (one,) = table(tmp_path, b"name,url\nCentre \x81\xe9,https://a.test/\n")
    assert one.load().targets


def test_a_table_without_its_columns_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fleet.csv:1: expected a header"):
        table(tmp_path, b"https://a.test\n")


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    names = [
        "../../etc/passwd",
        "..",
        ".",
        "/",
        "a\\b",
        "fleet.json",
        "index.html",
        "日本",
        "x" * 300,
    ]
    rows = "".join(f'"{name}",https://a{i}.test\n' for i, name in enumerate(names))
    found = table(tmp_path, f"name,url\n{rows}".encode())
    assert len({entry.slug for entry in found}) == len(names)
    for entry in found:
        assert entry.slug.replace("-", "").isalnum()
        assert len(entry.slug) < 100


def test_two_platforms_of_one_name_have_a_folder_each(tmp_path: Path) -> None:
    rows = b"name,url\nAlpha,https://a.test\nALPHA,https://b.test\nAlpha,https://a.test\n"
    one, two, again = table(tmp_path, rows)
    assert one.slug == "alpha"
    assert two.slug != one.slug
    assert two.refusal is None
    assert again.refusal is not None
    assert "the same platform as" in again.refusal
    assert [e.slug for e in table(tmp_path, rows)] == [one.slug, two.slug, again.slug]
    moved = [e.slug for e in table(tmp_path, rows.replace(b"name,url\n", b"name,url\n\n"))]
    assert moved == [one.slug, two.slug, again.slug]


LIST = """\
# the region's platforms
- platform: Alpha
  targets:
    - url: https://a.test/
- platform: Beta
  targets:
    - url: https://b.test/
  colour: red
-
  platform: Gamma
  language: en
  targets: [{url: "https://c.test/"}]
- alone/delta.yaml
- nowhere.yaml
"""


def test_an_indented_list_is_a_list(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(
        "  - platform: Alpha\n    targets:\n      - url: https://a.test/\n  - platform: Beta\n"
    )
    assert [entry.load().subject.name for entry in listed(path)] == ["Alpha", "Beta"]


def test_evidence_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fleet.yaml").write_text("- platform: Alpha\n")
    monkeypatch.chdir(tmp_path)
    (entry,) = Roster(Path("fleet.yaml"))
    assert entry.load().folder == tmp_path


def test_a_yaml_list_of_declarations_each_with_its_own_lines(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(LIST, "utf-8")
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "delta.yaml").write_text("platform: Delta\n", "utf-8")
    alpha, beta, gamma, delta, lost = listed(path)
    assert [e.name for e in (alpha, beta, gamma, delta)] == ["Alpha", "Beta", "Gamma", "Delta"]
    loaded = alpha.load()
    assert loaded.targets[0].line == 4
    assert loaded.document.file == str(path)
    with pytest.raises(InputError, match=r"fleet.yaml:8: colour"):
        beta.load()
    written = gamma.load().written
    assert written is not None
    assert written.language == "en"
    assert gamma.load().targets[0].line == 12
    assert delta.load().document.file == str(tmp_path / "alone" / "delta.yaml")
    assert lost.refusal is not None


def test_yaml_that_is_no_list_is_refused_and_one_declaration_is_a_fleet_of_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text("platform: Alpha\ntargets:\n- url: https://a.test/\n", "utf-8")
    assert [entry.name for entry in listed(path)] == ["Alpha"]
    path.write_text("colour: red\n", "utf-8")
    with pytest.raises(InputError, match="expected a list of declarations"):
        listed(path)


def test_a_folder_of_declarations_and_not_their_evidence(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("platform: Alpha\n", "utf-8")
    (tmp_path / "broken.yml").write_text("platform: [\n", "utf-8")
    (tmp_path / ".hidden.yaml").write_text("platform: Hidden\n", "utf-8")
    (tmp_path / "b" / "evidence").mkdir(parents=True)
    (tmp_path / "b" / "platform.yaml").write_text("platform: Beta\n", "utf-8")
    (tmp_path / "b" / "evidence" / "storage-class.yaml").write_text("kind: StorageClass\n", "utf-8")
    found = listed(tmp_path)
    assert [entry.name for entry in found] == ["Alpha", "Beta", "broken"]
    assert found[2].refusal is not None


def test_what_cannot_be_a_list_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "none.csv", tmp_path / "empty"):
        with pytest.raises(InputError) as refused:
            listed(path)
        assert "\n" not in str(refused.value)


def test_the_digest_changes_with_what_is_said_and_not_with_where(tmp_path: Path) -> None:
    (one,) = table(tmp_path, b"name,url\nAlpha,https://a.test\n")
    _, moved = table(tmp_path, b"name,url\nNew,https://n.test\nAlpha,https://a.test\n")
    (other,) = table(tmp_path, b"name,url\nAlpha,https://b.test\n")
    assert one.digest == moved.digest
    assert one.digest != other.digest


def test_evidence_may_lie_anywhere_below_the_list_and_nowhere_else(tmp_path: Path) -> None:
    for folder in ("fleet/a", "fleet/shared"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "fleet" / "shared" / "x.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7")
    path = tmp_path / "fleet" / "a" / "platform.yaml"
    text = "platform: x\ndocuments: [{shows: [platform], file: ../PLACE}]\n"
    path.write_text(text.replace("PLACE", "shared/x.pdf"))
    (entry,) = Roster(tmp_path / "fleet")
    assert entry.load().papers
    path.write_text(text.replace("PLACE", "../x.pdf"))
    (entry,) = Roster(tmp_path / "fleet")

    with pytest.raises(InputError, match="outside the declaration's folder"):
        entry.load()


def test_a_million_items_of_one_name_are_gone_through_once(tmp_path: Path) -> None:
    """Neither their lines nor their folders' names are counted from the first one each time."""
    path = tmp_path / "fleet.yaml"
    path.write_bytes(b"- a\n" * 5_000)
    slugs = [entry.slug for entry in Roster(path)]

    assert len(set(slugs)) == 5_000
    assert slugs[-1] == f"{slugs[1]}-4999"
