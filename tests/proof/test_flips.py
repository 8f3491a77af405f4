"""One flipped bit anywhere in a bundle: it is noticed, and the byte is named."""

from __future__ import annotations

import random

import pytest

from gdpr_audit.cli import bundling
from gdpr_audit.cli.options import Format
from gdpr_audit.proof import archive, verify
from tests.lab import bundles

WHOLE = bundles.signed()
ENTRIES = archive.by_directory(WHOLE)
DIRECTORY = ENTRIES[-1].at + len(ENTRIES[-1].content)
KINDS = bundling.reports(Format)


def said(data: bytes) -> list[str]:
    found = verify.of_bundle(data, verify.Trust(), KINDS, lambda *_: [])
    assert found is not None
    assert found.changed
    return [line.said.en for line in found.lines if line.state == "changed"]


def flip(at: int, chance: random.Random) -> bytes:
    damaged = bytearray(WHOLE)
    damaged[at] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def test_a_whole_bundle_has_no_difference() -> None:
    assert bundles.wrong(WHOLE) == []


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json", "manifest.sig", "blocks.json", "README.txt", "audit.json", "audit.html",
        "audit.csv", "audit.sarif", "facts.json", "evidence.csv", "tls-profile.yaml",
        "rules/storage/storage-not-encrypted.yaml",
    ],
)  # fmt: skip
def test_in_a_file_its_own_offset_is_named(name: str) -> None:
    entry = next(e for e in ENTRIES if e.name == name)
    chance = random.Random(name)
    for at in {
        0,
        len(entry.content) - 1,
        *(chance.randrange(len(entry.content)) for _ in "123456"),
    }:
        data = flip(entry.at + at, chance)
        was, now = WHOLE[entry.at + at], data[entry.at + at]

        (line,) = said(data)

        assert line.startswith(f"{name}: byte {at} was 0x{was:02x}")
        assert f"is 0x{now:02x}" in line
        assert f"(byte {entry.at + at} of the archive)" in line


@pytest.mark.parametrize("name", ["manifest.json", "blocks.json", "audit.json", ENTRIES[-1].name])
def test_in_a_header_the_archive_s_offset_is_named(name: str) -> None:
    entry = next(e for e in ENTRIES if e.name == name)
    chance = random.Random(name)
    for at in range(entry.at - 30 - len(name), entry.at):
        (line,) = said(flip(at, chance))

        assert line.startswith(f"archive: byte {at} was 0x{WHOLE[at]:02x}")


def test_in_the_directory_the_archive_s_offset_is_named() -> None:
    chance = random.Random(1)
    first, last = range(DIRECTORY, DIRECTORY + 60), range(len(WHOLE) - 22, len(WHOLE))
    for at in {*first, *last, *(chance.randrange(DIRECTORY, len(WHOLE)) for _ in range(40))}:
        (line,) = said(flip(at, chance))

        assert line.startswith(f"archive: byte {at} was 0x{WHOLE[at]:02x}")


def test_two_flips_are_two_lines() -> None:
    one = next(e for e in ENTRIES if e.name == "audit.html")
    data = bytearray(WHOLE)
    data[one.at + 700] ^= 1
    data[10] ^= 1
    lines = said(bytes(data))

    assert lines[0].startswith("audit.html: byte 700 was")
    assert lines[1].startswith("archive: byte 10 was")
    assert len(lines) == 2


def test_of_two_flips_in_one_block_the_block_is_named() -> None:
    one = next(e for e in ENTRIES if e.name == "audit.html")
    data = bytearray(WHOLE)
    data[one.at + 1030] ^= 1
    data[one.at + 1040] ^= 1
    (line,) = said(bytes(data))

    assert line.startswith("audit.html: first difference within bytes 1024 to 1536")
