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
        ("default_table_access_method | tde_heap", True),
        ("default_table_access_method | heap", False),
        ("pg_tde.enforce_encryption | on", True),
    ],
)
def test_relatives_of_postgresql_that_encrypt_say_so(
    tmp_path: Path, more: str, encrypted: bool
) -> None:
    text = f" name | setting \n------+-----\n server_version | 16.4 \n {more} \n"

    assert read("postgresql", tmp_path, text).encrypted is encrypted


@pytest.mark.xdist_group("databases")
@pytest.mark.parametrize(
    ("options", "encrypted"),
    [
        (("--innodb-encrypt-tables=ON", "--innodb-encryption-threads=2"), True),
        (("--innodb-encrypt-tables=FORCE", "--innodb-encryption-threads=0"), False),
        ((), False),
    ],
)
def test_what_mariadb_prints_is_read_in_each_form(
    tmp_path: Path, options: tuple[str, ...], encrypted: bool
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
        ("Variable_name\tValue\nversion\t8.0.36\ndefault_table_encryption\tON\n", True),
        ("Variable_name\tValue\nversion\t8.0.36\ndefault_table_encryption\tOFF\n", False),
        ("| NAME | ENCRYPTION |\n| db/patients | Y |\n| db/results | Y |\n", True),
        ("NAME\tENCRYPTION\ndb/patients\tY\ndb/results\tN\n", False),
        (json.dumps([{"Variable_name": "version", "Value": "8"}, {"Variable_name": "default_table_encryption", "Value": "ON"}]), True),
    ],
)  # fmt: skip
def test_mysql_by_its_default_or_by_each_tablespace(
    tmp_path: Path, text: str, encrypted: bool
) -> None:
    shown = read("mysql", tmp_path, text)

    assert shown.encrypted is encrypted
    assert "patients" not in shown.words.en


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
@pytest.mark.parametrize("text", ["", "hello", "{", "[]", "[" * 100_000, "a = b\n", "\x00\x01"])
def test_what_are_no_settings_show_nothing(tmp_path: Path, kind: str, text: str) -> None:
    with pytest.raises(Unreadable):
        read(kind, tmp_path, text)
