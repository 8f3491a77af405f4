"""What a web server serves to anyone: nginx with planted synthetic files, and its twins."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.exposure import listing, paths, personal
from gdpr_audit.network import Settings
from tests.lab import exposed, servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.servers import Answer

RULES = (
    "directory-listing", "exposed-personal-data", "exposed-source-repository",
    "exposed-configuration", "exposed-backup", "exposed-log", "exposed-debug",
    "exposed-administration", "exposed-dicomweb", "exposed-fhir",
)  # fmt: skip
MANDATE = """platform: x
mandate:
  authorised_by: "Claire Martin, RSSI"
  reference: "Lettre 2026-11"
  scope: [{scope}]
  not_before: {first}
  not_after: 2026-12-31
targets:
  - url: {url}
"""
NIR = "2 69 05 49 588 157 80"  # a public specimen's number
PEOPLE = "nom,prenom,email,telephone,nir\n" + "".join(
    f"DURAND{n},Alix,alix{n}@example.fr,06 12 34 56 7{n},{NIR}\n" for n in range(3)
)
PLANTED: dict[str, str | bytes] = {
    "/.git/HEAD": "ref: refs/heads/main\n",
    "/.git/config": "[core]\n\trepositoryformatversion = 0\n",
    "/.env": "APP_KEY=base64:synthetic\nDB_PASSWORD=synthetic\n",
    "/backup.sql": "-- MySQL dump 10.19\nCREATE TABLE `rdv` (id int);\n" + "x" * 9000,
    "/www.zip": b"PK\x03\x04" + bytes(200),
    "/logs/access.log": '192.0.2.1 - - [24/Nov/2026:10:00:00 +0100] "GET / HTTP/1.1" 200 5\n',
    "/phpinfo.php": f"<html><head><style>{'p {} ' * 330}</style><title>PHP 8.2.1 - phpinfo()</title></head>",
    "/adminer.php": "<!DOCTYPE html><title>Login - Adminer</title>",
    "/export/patients.csv": PEOPLE,
    "/export/DURAND_Alix.csv": PEOPLE,
    "/export/logo.png": b"\x89PNG",
}
OPEN = "location /export/ { autoindex on; } location = /other { return 200; }"


def declaration(
    tmp_path: Path, url: str, *, scope: str = "127.0.0.1", first: str = "2026-11-01", more: str = ""
) -> Path:
    return declared(tmp_path, MANDATE.format(scope=scope, first=first, url=url) + more)


def probed(
    tmp_path: Path, port: int, *rules: str, more: str = "", **options: Any
) -> dict[str, Any]:
    path = declaration(tmp_path, f"http://127.0.0.1:{port}/", more=more)
    return judged(path=path, only=rules or RULES, active=options.pop("active", True), **options)


def test_what_is_served_to_anyone_is_found(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with exposed.site(PLANTED, OPEN) as site:
        found = probed(tmp_path, site.port, settings=Settings(journal=journal))
        lines = site.lines

    seen = verdicts(found)
    assert {rule for rule in seen if seen[rule] == {"fail"}} == set(RULES) - {
        "exposed-dicomweb", "exposed-fhir",
    }  # fmt: skip
    assert seen["exposed-dicomweb"] == seen["exposed-fhir"] == {"pass"}
    assert "/.git/HEAD (206)" in reasons(found, "exposed-source-repository")
    assert "/export/ (names: 3)" in reasons(found, "directory-listing")
    said = reasons(found, "exposed-personal-data")
    assert "/export/patients.csv (NIR x 3, e-mail x 3, tel x 3)" in said
    # not a byte of a person, in the document or in the journal
    written = json.dumps(found) + journal.read_text()
    for secret in ("DURAND", "Alix", "alix", "06 12", "69 05 49", "synthetic"):
        assert secret not in written
    # nor was more asked for than what is known and what was listed
    asked = {line.split(" ")[1] for line in lines}
    kinds = (*paths.SIZES, "repository", "configuration", "patient")
    known = {one.path for kind in kinds for one in paths.known(kind, "127.0.0.1")}
    strangers = {path for path in asked if re.match(r"/\.?[0-9a-f]{16}", path)}
    assert asked - known - strangers == {"/export/patients.csv"}
    assert all(int(line.split(" ")[3]) <= 4096 for line in lines)
    assert all(line.startswith("GET ") for line in lines)


def test_a_well_kept_site_passes(tmp_path: Path) -> None:
    with exposed.site({}, "location ~ /\\. { return 403; }") as site:
        found = probed(tmp_path, site.port)

    assert {rule: seen for rule, seen in verdicts(found).items() if seen != {"pass"}} == {}
    assert "none served (unknown page: 404)" in reasons(found, "exposed-backup")


@pytest.mark.parametrize(
    "directives",
    [
        "location / { try_files $uri /index.html; }",  # a single-page application
        "location / { return 200 'ref: refs/heads/main'; }",
        "location / { return 302 /; }",
        "location / { default_type text/plain; return 200 'APP_KEY=x CREATE TABLE PK'; }",
    ],
)
def test_a_site_that_answers_alike_to_everything_serves_nothing(
    directives: str, tmp_path: Path
) -> None:
    with exposed.site({}, directives) as site:
        found = probed(tmp_path, site.port)

    assert {rule: seen for rule, seen in verdicts(found).items() if seen != {"pass"}} == {}


def test_a_real_file_stands_out_of_a_site_that_answers_200_to_everything(tmp_path: Path) -> None:
    planted: dict[str, str | bytes] = {"/.git/HEAD": "ref: refs/heads/main\n"}
    with exposed.site(planted, "location / { try_files $uri /index.html; }") as site:
        found = probed(tmp_path, site.port, "exposed-source-repository", "exposed-configuration")

    assert verdicts(found) == {
        "exposed-source-repository": {"fail"}, "exposed-configuration": {"pass"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "scope", "first", "word"),
    [
        ({"active": False}, "127.0.0.1", "2026-11-01", "--active"),
        ({}, "rdv.example.fr", "2026-11-01", "does not cover 127.0.0.1"),
        ({}, "127.0.0.1", "2026-12-01", "from 2026-12-01 to 2026-12-31"),
    ],
)
def test_outside_the_mandate_nothing_is_sent(
    options: dict[str, Any], scope: str, first: str, word: str, tmp_path: Path
) -> None:
    with exposed.site(PLANTED, OPEN) as site:
        path = declaration(tmp_path, f"http://127.0.0.1:{site.port}/", scope=scope, first=first)
        found = judged(path=path, only=RULES, **{"active": True, **options})
        assert site.lines == []

    assert set().union(*verdicts(found).values()) == {"unproven"}
    assert word in reasons(found, "exposed-backup")


def test_without_a_mandate_nothing_is_sent() -> None:
    with exposed.site(PLANTED, OPEN) as site:
        found = judged(f"http://127.0.0.1:{site.port}/", only=RULES, active=True)
        assert site.lines == []

    assert set().union(*verdicts(found).values()) == {"unproven"}
    assert "no mandate" in reasons(found, "exposed-backup")


def test_only_what_a_chosen_rule_needs_is_asked(tmp_path: Path) -> None:
    with exposed.site(PLANTED, OPEN) as site:
        probed(tmp_path, site.port, "exposed-source-repository")
        lines = site.lines

    assert len(lines) <= 5 + 4


def test_two_targets_of_one_site_are_asked_for_once(tmp_path: Path) -> None:
    with exposed.site(PLANTED, OPEN) as site:
        more = f"  - url: http://127.0.0.1:{site.port}/index.html\n"
        found = probed(tmp_path, site.port, "exposed-source-repository", more=more)
        asked = [line for line in site.lines if "/.git/HEAD" in line]

    assert [f["verdict"] for f in found["findings"]] == ["fail", "fail"]
    assert len(asked) == 1


def test_a_name_in_an_index_may_be_personal_data(tmp_path: Path) -> None:
    planted: dict[str, str | bytes] = {"/documents/resultat_269054958815780.pdf": "%PDF-1.7"}
    with exposed.site(planted, "location /documents/ { autoindex on; }") as site:
        found = probed(tmp_path, site.port, "exposed-personal-data")
        asked = [line for line in site.lines if "269054958815780" in line]

    assert verdicts(found) == {"exposed-personal-data": {"fail"}}
    assert "/documents/ (NIR x" in reasons(found, "exposed-personal-data")
    assert asked == []
    assert "269054958815780" not in json.dumps(found)


def test_a_program_that_is_served_as_text_is_no_console(tmp_path: Path) -> None:
    planted: dict[str, str | bytes] = {"/adminer.php": "<?php // Adminer, adminer.org\n"}
    with exposed.site(planted) as site:
        found = probed(tmp_path, site.port, "exposed-administration")

    assert verdicts(found) == {"exposed-administration": {"pass"}}


def test_a_target_in_a_folder_is_asked_there_too(tmp_path: Path) -> None:
    with exposed.site({"/portal/.env": "APP_KEY=x\n"}) as site:
        path = declaration(tmp_path, f"http://127.0.0.1:{site.port}/portal/")
        found = judged(path=path, only=("exposed-configuration",), active=True)

    assert "/portal/.env" in reasons(found, "exposed-configuration")


def test_a_site_that_turns_us_away_half_way_is_unproven(tmp_path: Path) -> None:
    count = 0

    def site(path: str, headers: dict[str, str]) -> Answer:
        nonlocal count
        count += 1
        return Answer(404 if count < 10 else 403)

    with servers.web(site) as web:
        found = probed(tmp_path, web.port, "exposed-backup")

    assert verdicts(found) == {"exposed-backup": {"unproven"}}
    assert "turned us away" in reasons(found, "exposed-backup")


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_answer_is_no_refusal(status: int, tmp_path: Path) -> None:
    with servers.web(lambda path, _: Answer(status if path == "/.env" else 404)) as web:
        found = probed(tmp_path, web.port, "exposed-configuration")

    assert verdicts(found) == {"exposed-configuration": {"unproven"}}
    assert f"/.env: answer {status}" in reasons(found, "exposed-configuration")


def test_a_cut_answer_is_no_refusal(tmp_path: Path) -> None:
    def site(path: str, headers: dict[str, str]) -> Answer:
        return (
            Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
            if path == "/.env"
            else Answer(404)
        )

    with servers.web(site) as web:
        found = probed(tmp_path, web.port, "exposed-configuration")

    assert verdicts(found) == {"exposed-configuration": {"unproven"}}


def test_a_redirect_to_an_address_that_is_not_audited_leaves_it_open(tmp_path: Path) -> None:
    with exposed.site({}, "return 301 https://www.example.fr$request_uri;") as site:
        found = probed(tmp_path, site.port, "exposed-backup")
        more = "  - url: https://www.example.fr/\n"
        both = probed(tmp_path, site.port, "exposed-backup", more=more, timeout=10)

    assert verdicts(found) == {"exposed-backup": {"unproven"}}
    assert "declare it as a target" in reasons(found, "exposed-backup")
    assert verdicts(both) == {"exposed-backup": {"pass", "unproven"}}


def test_of_a_readable_file_whose_rest_was_not_read_nothing_is_said_to_be_fine(
    tmp_path: Path,
) -> None:
    planted: dict[str, str | bytes] = {"/backup.sql": "CREATE TABLE x (y int);\n" * 400}
    with exposed.site(planted) as site:
        found = probed(tmp_path, site.port, "exposed-personal-data")

    assert verdicts(found) == {"exposed-personal-data": {"unproven"}}
    assert "only the beginning was read of: /backup.sql" in reasons(found, "exposed-personal-data")


def test_a_server_that_knows_no_ranges_is_cut_short(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    body = b"CREATE TABLE x (y int);\n" * 40_000
    with servers.web(
        lambda path, _: Answer(body=body) if path == "/backup.sql" else Answer(404)
    ) as web:
        found = probed(tmp_path, web.port, "exposed-backup", settings=Settings(journal=journal))

    assert verdicts(found) == {"exposed-backup": {"fail"}}
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert max(line["received"] for line in lines if line["kind"] == "tcp") <= 3 * 4096


def test_a_declared_sensitive_page_must_not_be_open(tmp_path: Path) -> None:
    rows = "".join(
        f"<tr><td>Durand</td><td>a{n}@example.fr</td><td>06 12 34 56 7{n}</td></tr>"
        for n in range(3)
    )
    planted: dict[str, str | bytes] = {"/resultats.html": f"<!doctype html><table>{rows}</table>"}
    with exposed.site(planted) as site:
        more = "    sensitive_pages: [/resultats.html, /mon-dossier]\n"
        found = probed(tmp_path, site.port, "exposed-personal-data", more=more)

    assert verdicts(found) == {"exposed-personal-data": {"fail"}}
    assert "/resultats.html (e-mail x 3, tel x 3)" in reasons(found, "exposed-personal-data")


def test_a_stack_trace_on_an_unknown_page_is_seen(tmp_path: Path) -> None:
    body = b"<pre>Traceback (most recent call last):\n  File x</pre>"
    with servers.web(lambda *_: Answer(500, body=body)) as web:
        found = probed(tmp_path, web.port, "exposed-debug")

    assert verdicts(found) == {"exposed-debug": {"fail"}}
    assert "(unknown page) (500)" in reasons(found, "exposed-debug")


@pytest.mark.parametrize(
    ("text", "words", "proven"),
    [
        (NIR, "NIR x 1", True),
        ("2 69 05 49 588 157 81", "", False),  # the key is wrong
        ("1 55 08 2A 004 051 38", "", False),
        ("contact@example.fr, 01 23 45 67 89", "e-mail x 1, tel x 1", False),  # an imprint
        ("a@example.fr;0123456789\nb@example.fr;0123456780\n", "e-mail x 2, tel x 2", True),
        ("nom;date_naissance\nDurand;1969-05-01\nMartin;1970-02-03\n", "date of birth x 2", True),
        ("patient,resultat\nDurand,positif\nMartin,négatif\n", "result x 2", True),
        (
            '[{"name":"D","email":"a@example.fr"},{"name":"M","email":"b@example.fr"}]',
            "e-mail x 2",
            True,
        ),
        (
            "<r><p><nom>D</nom><mail>a@b.fr</mail></p><p><nom>M</nom><mail>c@d.fr</mail></p></r>",
            "e-mail x 2",
            True,
        ),
        (
            "INSERT INTO users (name, email) VALUES (1,'D','a@b.fr'),(2,'M','c@d.fr');",
            "e-mail x 2",
            True,
        ),
        ("id,email\n1,a@b.fr\n2,c@d.fr\n", "e-mail x 2", False),
        ("date,amount\n2026-01-01,positif\n", "", False),
    ],
)
def test_personal_data_is_counted_by_kind(text: str, words: str, proven: bool) -> None:
    counted = personal.count(text)

    assert (str(counted), counted.proven) == (words, proven)


@pytest.mark.parametrize(
    ("number", "valid"),  # numbers that python-stdnum publishes as its examples
    [
        ("2 95 10 99 126 111 93", True),
        ("295109912611199", False),
        ("253072B07300470", True),
        ("253072A07300443", True),
        ("253072C07300443", False),
    ],
)
def test_the_key_of_a_nir_decides(number: str, valid: bool) -> None:
    assert personal.count(number).nirs == valid


@pytest.mark.parametrize(
    ("name", "data", "plain"),
    [
        ("patients.csv", True, True),
        ("export_2026-11-24.sql", True, True),
        ("DURAND_Alix.csv", True, False),
        ("photo.jpg", False, False),
    ],
)
def test_a_file_whose_name_may_be_somebody_s_is_not_asked_for(
    name: str, data: bool, plain: bool
) -> None:
    assert (listing.is_data(name), listing.is_plain(name)) == (data, plain)


def test_indexes_of_several_servers_are_known() -> None:
    python = '<title>Directory listing for /x/</title><li><a href="a.csv">a.csv</a>'
    s3 = "<ListBucketResult><Contents><Key>dump.sql</Key></Contents></ListBucketResult>"

    assert listing.entries(python) == ("a.csv",)
    assert listing.entries(s3) == ("dump.sql",)
    caddy = "<title>uploads</title><style>a { color: red; }\n.meta-item { margin: 0; }"
    assert listing.entries(caddy) == ()  # the names come after all of its style
    assert listing.entries("<title>Documents</title><a href='a.csv'>") is None


def test_every_signature_is_a_pattern_and_every_known_file_is_asked_once() -> None:
    kinds = ("repository", "configuration", "backup", "log", "debug", "console")
    known = [one for kind in kinds for one in paths.known(kind, "rdv.example.fr")]

    assert all(one.signature is not None for one in known)
    assert len({one.path for one in known}) == len(known)
    assert 60 <= len(known) <= 100
    assert not any("heapdump" in one.path for one in known)  # asking for one makes one
