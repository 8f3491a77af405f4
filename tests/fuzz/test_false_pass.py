"""Damage is no proof: an artefact that shows no encryption shows none once it is cut or a bit flips."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gdpr_audit import evidence
from gdpr_audit.checks.web import metadata
from gdpr_audit.evidence import Artefact, Shown, Unreadable
from tests.fuzz import samples
from tests.fuzz.targets import TARGETS

KINDS = sorted(name for name in TARGETS if name.startswith("artefact-"))
#: Lists that may be cut between two rows, which nothing in them tells (docs/fuzzing.md).
ROWS = {"batch.tsv": b"db/patients\tY", "vertical.txt": b"ENCRYPTION: Y", "classes.yaml": b"--"}


def told(kind: str, content: bytes, folder: Path) -> list[Shown]:
    path = folder / "artefact"
    path.write_bytes(content)
    found = []
    for address in samples.ADDRESSES.get(kind, (None,)):
        try:
            found.append(evidence.reader_of(kind)(Artefact(path, "artefact", address)))
        except Unreadable:
            continue
    return found


def encrypted(kind: str, content: bytes, folder: Path) -> bool:
    return any(one.encrypted for one in told(kind, content, folder))


def in_clear(name: str) -> dict[str, bytes]:
    kind = name.removeprefix("artefact-")
    target = TARGETS[name]
    return {
        path.name: path.read_bytes()
        for path in target.seeds()
        if kind not in ("kubernetes", "lsblk") or path.name == "providers.yaml"
    }


@pytest.mark.parametrize("name", KINDS)
def test_no_beginning_of_an_artefact_shows_more_than_the_whole(tmp_path: Path, name: str) -> None:
    kind = name.removeprefix("artefact-")
    for file, content in in_clear(name).items():
        if encrypted(kind, content, tmp_path):
            continue
        step = max(1, len(content) // 100)
        for end in (*range(0, len(content), step), *range(max(0, len(content) - 60), len(content))):
            part = content[:end]
            if part.rstrip(b"\n").endswith(ROWS.get(file, b"\0")):
                continue
            assert not encrypted(kind, part, tmp_path), (file, end)


@pytest.mark.parametrize("file", ["plain.zip", "mix.zip", "p.7z", "m.7z", "h.7z", "dump.sql.gz"])
def test_no_bit_makes_an_archive_in_clear_an_encrypted_one(tmp_path: Path, file: str) -> None:
    """The directory of a zip may say that its files are encrypted: their own heads say no."""
    whole = (TARGETS["artefact-encrypted-file"].folder / file).read_bytes()
    assert not encrypted("encrypted-file", whole, tmp_path)
    chance = Random(file)
    tail = range(max(0, len(whole) - 150), len(whole))  # where directories and headers stand
    for at in {*chance.sample(range(len(whole)), 20), *tail, *range(32)}:
        damaged = bytearray(whole)
        damaged[at] ^= 1
        assert not encrypted("encrypted-file", bytes(damaged), tmp_path), at


def test_a_dump_of_a_luks_volume_that_is_cut_shows_nothing(tmp_path: Path) -> None:
    """Behind what is left a segment may be in clear, or a key be weaker."""
    (whole,) = samples.artefacts("luks-dump")
    assert encrypted("luks-dump", whole, tmp_path)
    for end in range(whole.index(b"\nTokens:")):
        assert not told("luks-dump", whole[:end], tmp_path), end


def test_files_of_a_zip_that_lie_over_one_another_show_nothing(tmp_path: Path) -> None:
    whole = (TARGETS["artefact-encrypted-file"].folder / "aes.zip").read_bytes()
    second = whole.rindex(b"PK\x01\x02")
    first = whole.index(b"PK\x01\x02")
    offset = whole[first + 42 : first + 46]
    over = whole[: second + 42] + offset + whole[second + 46 :]

    assert encrypted("encrypted-file", whole, tmp_path)
    assert not told("encrypted-file", over, tmp_path)


@pytest.mark.parametrize(
    "more",
    [
        {"id_token_signing_alg_values_supported": [f"RS{n}" for n in range(300)] + ["none"]},
        {f"x{n}_endpoint": "https://x/" for n in range(300)} | {"z_endpoint": "http://x/"},
    ],
    ids=["algorithms", "addresses"],
)
def test_what_stands_behind_what_is_read_of_metadata_is_not_left_out(more: dict[str, Any]) -> None:
    base = "https://login.example.org"
    body = json.dumps({"issuer": base, **more}).encode()
    with pytest.raises(metadata.Unfit):
        metadata.read(body, base, base, metadata.OPENID)


def test_a_file_of_a_zip_that_is_called_a_folder_counts(tmp_path: Path) -> None:
    whole = (TARGETS["artefact-encrypted-file"].folder / "mix.zip").read_bytes()
    assert b"other.sql" in whole  # the one in clear

    assert not encrypted("encrypted-file", whole.replace(b"other.sql", b"other.sq/"), tmp_path)
