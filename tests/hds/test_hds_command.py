"""`gdpr-audit hds` as a user has it: what is shown, asked, kept, refused."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.test_cli import SLOW, run
from tests.hds import files

LATER = "2027-06-01"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the French spreadsheet as `liste.csv` and the page as `annuaire.html`."""
    (tmp_path / "liste.csv").write_bytes(files.FRENCH.encode("cp1252"))
    (tmp_path / "annuaire.html").write_text(files.PAGE, "utf-8")
    return tmp_path


def data(folder: Path) -> list[str]:
    home = folder / "data-home" / "gdpr-audit"
    return sorted(path.name for path in home.iterdir()) if home.exists() else []


def at_terminal(folder: Path, answer: str, *words: str) -> tuple[int, str]:
    """Run with a terminal on which a person answers once they are asked."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gdpr_audit", *words],
        cwd=folder, stdin=follower, stdout=follower, stderr=follower,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    os.close(follower)
    said, answered, end = "", False, time.monotonic() + SLOW
    while time.monotonic() < end:
        ready, _, _ = select.select([leader], [], [], 1)
        try:
            more = os.read(leader, 65536).decode() if ready else ""
        except OSError:  # Linux says so where the other end is closed
            break
        said += more
        if not answered and "[y/N]" in said:
            os.write(leader, f"{answer}\n".encode())
            answered = True
        if not ready and process.poll() is not None:
            break
    os.close(leader)
    return process.wait(SLOW), said


def test_what_was_understood_is_shown_and_nothing_is_kept_in_a_dry_run(folder: Path) -> None:
    done = run("hds", "import", "--dry-run", "liste.csv", cwd=folder)

    assert done.returncode == 0, done.stderr
    assert (
        "table separated by ';', Windows-1252, header in line 4, 3 rows, 3 entries" in done.stdout
    )
    assert re.search(r"valid_until +<- Date de fin de validité", done.stdout)
    assert re.search(r"certification_body +<- Organisme certificateur", done.stdout)
    assert "Alpha Santé SAS: activities 1,2,4, v2, 2024-11-01 to 2027-10-31" in done.stdout
    assert "note, line 5: activities:" in done.stdout
    assert (
        "3 entries of 3 hosters (0 given twice); 0 without activities, 0 without an end"
        in done.stdout
    )
    assert "by the file's modification day" in done.stdout
    assert data(folder) == []


def test_without_a_terminal_or_a_yes_nothing_is_kept(folder: Path) -> None:
    done = run("hds", "import", "liste.csv", cwd=folder)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "--yes" in done.stderr
    assert data(folder) == []


@pytest.mark.parametrize(("answer", "status", "kept"), [("y", 0, 2), ("n", 1, 0), ("", 1, 0)])
def test_a_person_is_asked(folder: Path, answer: str, status: int, kept: int) -> None:
    code, said = at_terminal(folder, answer, "hds", "import", "liste.csv")

    assert "Keep this list for all audits from now on?" in said
    assert code == status, said
    assert len(data(folder)) == kept


def test_an_imported_list_is_used_by_every_command_until_it_is_forgotten(folder: Path) -> None:
    done = run(
        "hds", "import", "--yes", "--as-of", "2026-10-01", "liste.csv", "annuaire.html", cwd=folder
    )
    assert done.returncode == 0, done.stderr

    status = run("hds", "status", "--date", "2026-11-01", cwd=folder).stdout
    assert re.search(r"entries +6\nhosters +5\n", status)
    assert len(re.findall(r"SHA-256 [0-9a-f]{64}", status)) == 2
    assert "liste.csv of 2026-10-01" in status
    assert "age       31 days" in status
    assert "complete  yes" in status
    assert "days old" not in status
    (folder / "p.yaml").write_text(
        "platform: x\nhosting: [{provider: Alpha Sante, activities: [1]}]\n"
    )
    scan = run("scan", "-d", "p.yaml", "-f", "json", "-o", "-", cwd=folder)
    assert json.loads(scan.stdout)["tool"]["hds_list"] == "2026-10-01 (complete)"

    assert run("hds", "forget", cwd=folder).returncode == 2
    assert len(data(folder)) == 2
    assert run("hds", "forget", "--yes", cwd=folder).returncode == 0
    assert data(folder) == []
    assert "embedded" in run("hds", "status", cwd=folder).stdout
    assert "no list is stored" in run("hds", "forget", cwd=folder).stdout


def test_forgetting_is_asked_too(folder: Path) -> None:
    run("hds", "import", "--yes", "liste.csv", cwd=folder)

    assert at_terminal(folder, "n", "hds", "forget")[0] == 1
    assert len(data(folder)) == 2
    assert at_terminal(folder, "y", "hds", "forget")[0] == 0
    assert data(folder) == []


def test_an_old_list_says_so_and_how_to_renew_it(folder: Path) -> None:
    done = run("hds", "import", "--yes", "--as-of", "2026-01-01", "liste.csv", cwd=folder)
    assert "over 90 days old" in done.stdout

    status = run("hds", "status", "--date", LATER, cwd=folder).stdout
    assert "over 90 days old" in status
    assert "gdpr-audit hds import FILE" in status


def test_a_partial_list_says_why_and_shows_nothing_of_what_it_lacks(folder: Path) -> None:
    done = run("hds", "import", "--yes", "--partial", "liste.csv", cwd=folder)
    assert "taken as partial, because imported with --partial" in done.stdout
    assert "complete  no: imported with --partial" in run("hds", "status", cwd=folder).stdout

    show = run("hds", "show", "Nobody", cwd=folder)
    assert show.returncode == 1
    assert "which is partial: this shows nothing" in show.stdout
    (folder / "p.yaml").write_text(
        "platform: x\nprocessing: {health_data: true}\nhosting: [{provider: Nobody}]\n"
    )
    scan = run(
        "scan",
        "-d",
        "p.yaml",
        "-f",
        "json",
        "-o",
        "-",
        "--only",
        "hosting-not-certified",
        cwd=folder,
    )
    assert {f["verdict"] for f in json.loads(scan.stdout)["findings"]} == {"unproven"}


def test_a_list_of_far_fewer_entries_is_said_before_it_replaces_another(folder: Path) -> None:
    run("hds", "import", "--yes", "liste.csv", "annuaire.html", cwd=folder)
    (folder / "short.txt").write_text(
        files.SPACED.replace("Theta               1 à 6\n", ""), "utf-8"
    )

    code, said = at_terminal(folder, "n", "hds", "import", "--as-of", "2026-01-02", "short.txt")
    assert code == 1
    assert "less than half the entries of the stored one: 2 instead of 6" in said
    assert "older than the stored one" in said
    assert "entries   6" in run("hds", "status", cwd=folder).stdout


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("l.xlsx", b"PK\x03\x04xxxx", "save it as CSV"),
        ("l.pdf", b"%PDF-1.7", "a PDF"),
        ("l.csv", b"Alpha;Beta\n", "no hoster was understood, nothing is stored"),
        ("l.bin", bytes(range(256)), "neither text nor a web page"),
    ],
)
def test_what_cannot_be_read_keeps_the_list_that_is_stored(
    folder: Path, name: str, content: bytes, said: str
) -> None:
    run("hds", "import", "--yes", "liste.csv", cwd=folder)
    before = data(folder)
    (folder / name).write_bytes(content)
    done = run("hds", "import", "--yes", "annuaire.html", name, cwd=folder)

    if name == "l.csv":  # beside a file that is read, one that gives nothing makes the list partial
        assert "because l.csv gave no hoster" in done.stdout
        done = run("hds", "import", "--yes", name, cwd=folder)
        before = data(folder)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert data(folder) == before


@pytest.mark.parametrize("day", ["yesterday", "2999-01-01"])
def test_a_day_that_is_none_is_refused(folder: Path, day: str) -> None:
    done = run("hds", "import", "--yes", "--as-of", day, "liste.csv", cwd=folder)

    assert done.returncode == 2
    assert "--as-of" in done.stderr


def test_a_long_list_of_faults_is_bounded(folder: Path) -> None:
    rows = "".join(f"Alpha {n};bientôt;x;y\nBeta {n};bientôt\n" for n in range(50))
    (folder / "many.csv").write_text(f"Nom;Fin\n{rows}", "utf-8")
    done = run("hds", "import", "--dry-run", "many.csv", cwd=folder)

    assert done.stdout.count("not read, line") == 20
    assert done.stdout.count("note, line") == 20
    assert "... and 30 more of this kind (not read)" in done.stdout
    assert "because 50 rows could not be read" in done.stdout


def test_a_damaged_list_stops_every_command_but_those_that_mend_it(folder: Path) -> None:
    run("hds", "import", "--yes", "liste.csv", cwd=folder)
    (folder / "data-home" / "gdpr-audit" / "hds-list.json").write_text("{", "utf-8")

    for words in (["hds", "status"], ["hds", "show", "OVH"], ["scan", "https://localhost:1/"]):
        done = run(*words, cwd=folder)
        assert done.returncode == 2
        assert "gdpr-audit hds forget" in done.stderr
    assert run("hds", "import", "--yes", "liste.csv", cwd=folder).returncode == 0
    assert run("hds", "status", cwd=folder).returncode == 0


def test_a_named_list_comes_before_the_stored_one(folder: Path) -> None:
    run("hds", "import", "--yes", "liste.csv", cwd=folder)
    (folder / "own.csv").write_text("name,activities,valid_until\nOnly,1,\n", "utf-8")

    done = run("hds", "status", "--hds-list", "own.csv", cwd=folder)
    assert "source    own.csv" in done.stdout
    refused = run("hds", "status", "--hds-list", "annuaire.html", cwd=folder)
    assert refused.returncode == 2
    assert "gdpr-audit hds import annuaire.html" in refused.stderr


def test_a_hoster_is_shown_with_all_its_certificates_in_words(folder: Path) -> None:
    run("hds", "import", "--yes", "annuaire.html", cwd=folder)
    done = run("hds", "show", "delta cloud sas", "--lang", "en", "--date", "2027-03-01", cwd=folder)

    assert done.returncode == 0, done.stderr
    assert "certificate 1 of 2: in force on 2027-03-01" in done.stdout
    assert "certificate 2 of 2: no longer in force on 2027-03-01" in done.stdout
    assert "1 physical sites" in done.stdout
    assert "6 backup" in done.stdout
    assert "https://delta.example/transferts" in done.stdout
    run("hds", "import", "--yes", "liste.csv", cwd=folder)
    number = run("hds", "show", "100 000 009", cwd=folder)
    assert "Alpha Santé SAS (found by its number)" in number.stdout
    run("hds", "import", "--yes", "annuaire.html", cwd=folder)
    french = run("hds", "show", "Delta Cloud", cwd=folder)
    assert "2 infrastructure matérielle" in french.stdout
    search = run("hds", "search", "delta", "--date", "2027-03-01", cwd=folder)
    assert "and 1 more certificate" in search.stdout


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["show", "ovh sas"], 0, "OVHcloud (found by its name 'OVH SAS')"),
        (["show", "OVH GmbH"], 1, "otherwise written; say which is meant"),
        (["show", "123456789"], 1, "its check digit is wrong"),
        (["show", "SAS"], 1, "not on the list"),
        (["search", "SAS OVH ZZZ"], 1, "not on the list"),
        (["show", "Scaleway", "--date", "soon"], 2, ""),
    ],
)
def test_the_embedded_list_can_be_asked(
    tmp_path: Path, words: list[str], status: int, said: str
) -> None:
    done = run("hds", *words, cwd=tmp_path)

    assert done.returncode == status
    assert said in done.stdout


def test_the_day_of_a_file_is_the_users_own_and_never_to_come(folder: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(days=400)).timestamp()
    os.utime(folder / "liste.csv", (soon, soon))
    done = run("hds", "import", "--dry-run", "liste.csv", cwd=folder)

    assert f"day of the list: {date.today()}" in done.stdout
