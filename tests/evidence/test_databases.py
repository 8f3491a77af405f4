"""Settings as the databases' own clients print them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from gdpr_audit.evidence import Shown, Unreadable, mysql, postgresql
from tests.conftest import program
from tests.evidence.test_disks import artefact
from tests.lab import daemons, exposed

KEYS = "1;0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"


def read(kind: str, folder: Path, text: str) -> Shown:
    reader = {"postgresql": postgresql.read, "mysql": mysql.read}[kind]
    return reader(artefact(folder, text))


@pytest.mark.xdist_group("databases")
def test_what_postgresql_prints_is_read_in_each_form(tmp_path: Path) -> None:
    psql = program("psql", "postgresql")
    forms = (["-c", "SHOW ALL"], ["-A", "-c", "SHOW ALL"], ["-x", "-c", "SELECT name, setting FROM pg_settings"],
             ["-A", "-t", "-F", "\t", "-c", "SELECT name, setting FROM pg_settings"],
             ["-A", "-t", "-c", "SELECT json_agg(s) FROM (SELECT name, setting FROM pg_settings) s"])  # fmt: skip
    with daemons.postgresql(None) as port:
        for form in forms:
            words = [psql, "-h", "127.0.0.1", "-p", str(port), "-U", "lab", "-d", "postgres", *form]
            text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
            shown = read("postgresql", tmp_path, text)
            assert (shown.encrypted, shown.level) == (False, "database"), form


@pytest.mark.parametrize(
    ("more", "encrypted"),
    [
        ("data_encryption_version | 1", True),
        ("data_encryption_version | 0", False),
        ("data_encryption | on", True),
        ("default_table_access_method | heap", False),
        # for new tables alone, and what is not asked for may be encrypted table by table
        ("default_table_access_method | tde_heap", None),
        ("default_table_access_method | tde_heap \n pg_tde.enforce_encryption | off", None),
        ("pg_tde.enforce_encryption | on", None),
        ("shared_preload_libraries | pg_tde \n default_table_access_method | heap", None),
        ("shared_preload_libraries | auto_explain", False),
    ],
)
def test_relatives_of_postgresql_that_encrypt_say_so(
    tmp_path: Path, more: str, encrypted: bool | None
) -> None:
    text = f" name | setting \n------+-----\n server_version | 16.4 \n {more} \n"

    assert read("postgresql", tmp_path, text).encrypted is encrypted


@pytest.mark.xdist_group("databases")
@pytest.mark.parametrize(
    ("options", "encrypted"),
    [
        (("--innodb-encrypt-tables=ON", "--innodb-encryption-threads=2"), True),
        (("--innodb-encrypt-tables=FORCE", "--innodb-encryption-threads=0"), None),
        ((), None),  # tables may be encrypted one by one
    ],
)
def test_what_mariadb_prints_is_read_in_each_form(
    tmp_path: Path, options: tuple[str, ...], encrypted: bool | None
) -> None:
    client = program("mariadb", "mariadb-client")
    with exposed.mariadb("", KEYS, *options) as port:
        for form in ((), ("-t",), ("-E",)):
            words = [client, "-h", "127.0.0.1", "-P", str(port), "-u", "root", *form]
            done = subprocess.run(
                [*words, "-e", "SHOW VARIABLES"], capture_output=True, text=True, check=True
            )
            shown = read("mysql", tmp_path, done.stdout)
            assert (shown.encrypted, shown.level) == (encrypted, "database"), form
            if encrypted:
                assert (shown.algorithm, shown.mode) == ("AES", "CBC")
            assert KEYS[2:20] not in shown.words.en


@pytest.mark.parametrize(
    ("text", "encrypted"),
    [
        # for new tables alone
        ("Variable_name\tValue\nversion\t8.0.36\ndefault_table_encryption\tON\n", None),
        ("Variable_name\tValue\nversion\t8.0.36\ndefault_table_encryption\tOFF\n", None),
        (json.dumps([{"Variable_name": "version", "Value": "8"}, {"Variable_name": "default_table_encryption", "Value": "ON"}]), None),
        ("Variable_name\tValue\nversion\t10.11-MariaDB\ninnodb_encrypt_tables\tON\n", None),
        ("+---+\n| NAME | ENCRYPTION |\n+---+\n| db/patients | Y |\n| db/results | Y |\n+---+\n2 rows in set (0,01 sec)\n", True),
        ("NAME\tENCRYPTION\ndb/patients\tY\ndb/results\tN\n", False),
        ("db/patients\tY\ndb/results\tN\n", False),
        ('"NAME","ENCRYPTION"\n"db/patients","Y"\n"db/results","N"\n', False),
        ("*** 1. row ***\n      NAME: db/patients\nENCRYPTION: Y\n*** 2. row ***\n      NAME: db/b\nENCRYPTION: N\n", False),
        (json.dumps([{"NAME": "db/patients", "ENCRYPTION": "Y"}, {"NAME": "db/b", "ENCRYPTION": "N"}]), False),
        ("SPACE\tNAME\tENCRYPTION\tSTATE\n2\tdb/patients\tY\tnormal\n3\tdb/b\tN\tnormal\n", False),
        # a general tablespace has no slash in its name
        ("NAME\tENCRYPTION\nmysql\tY\nsys/sys_config\tY\napp/logs\tY\nts_patients\tN\n", False),
        ("NAME\tENCRYPTION\napp/logs\tY\nts patients 2\tN\n", False),
        # the server's own do not count, of which MySQL 8 encrypts none unless told to
        ("NAME\tENCRYPTION\nmysql\tN\ninnodb_temporary\tN\ninnodb_undo_001\tN\nsys/sys_config\tN\napp/patients\tY\n", True),
        ("NAME\tENCRYPTION\ninnodb_system\tN\napp/patients\tY\n", None),
        ("NAME\tENCRYPTION\ninnodb_system\tN\napp/patients\tN\n", False),
        ("NAME\tENCRYPTION\napp/patients\tY\napp/b\tNULL\n", None),
        ("NAME\tENCRYPTION\napp/patients\tY\nodd\tapp/b\tN\n", None),
    ],
)  # fmt: skip
def test_mysql_by_each_tablespace_and_never_by_its_default(
    tmp_path: Path, text: str, encrypted: bool | None
) -> None:
    shown = read("mysql", tmp_path, text)

    assert shown.encrypted is encrypted
    assert "patients" not in shown.words.en


def test_a_list_of_the_servers_own_tablespaces_shows_nothing(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no tablespace but"):
        read("mysql", tmp_path, "NAME\tENCRYPTION\nmysql\tY\nsys/sys_config\tY\n")


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
@pytest.mark.parametrize("text", ["", "hello", "{", "[]", "[" * 100_000, "a = b\n", "\x00\x01"])
def test_what_are_no_settings_show_nothing(tmp_path: Path, kind: str, text: str) -> None:
    with pytest.raises(Unreadable):
        read(kind, tmp_path, text)
