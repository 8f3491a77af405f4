"""Encrypted files by the real tools, honest and lying, and dumps in clear."""

from __future__ import annotations

import gzip
import os
import random
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdpr_audit.evidence import Artefact, Unreadable, encrypted_file
from tests.conftest import program

ROWS = b"INSERT INTO patients VALUES (1, 'Dupont', '1990-01-01', 'positif');\n" * 400


def tool(*words: str, folder: Path, **env: str) -> None:
    done = subprocess.run(
        words, cwd=folder, capture_output=True, check=False, env={**os.environ, **env}
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "dump.sql"
    path.write_bytes(ROWS)
    return path


def seen(path: Path) -> tuple[bool | None, str | None, str | None, int | None]:
    shown = encrypted_file.read(Artefact(path, path.name))
    return shown.encrypted, shown.algorithm, shown.mode, shown.key_bits


NOISE = random.Random(1).randbytes(3000)
#: A session key for an RSA key: version 3, the key's id, algorithm 1, a number of 8 bits.
PKESK = b"\xc1\x0d\x03" + bytes(8) + b"\x01\x08\x00\xab"
AGED = (True, "CHACHA20", "POLY1305", 256)


def test_age(dump: Path) -> None:
    folder = dump.parent
    age, keygen = program("age", "age"), program("age-keygen", "age")
    tool(keygen, "-o", "key", folder=folder)
    recipient = (folder / "key").read_text().split("public key: ")[1].split()[0]
    tool(age, "-r", recipient, "-o", "a.age", dump.name, folder=folder)
    tool(age, "-a", "-r", recipient, "-o", "b.age", dump.name, folder=folder)

    assert seen(folder / "a.age") == AGED
    assert seen(folder / "b.age") == AGED
    assert "X25519" in encrypted_file.read(Artefact(folder / "a.age", "a.age")).words.en


def gpg(folder: Path, *words: str) -> None:
    home = folder / "gnupg"
    home.mkdir(mode=0o700, exist_ok=True)
    common = ("--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "x")
    tool(program("gpg", "gnupg"), *common, *words, folder=folder, GNUPGHOME=str(home))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--cipher-algo", "AES256"), (True, "AES", "CFB-MDC", 256)),
        (("--cipher-algo", "AES256", "--armor"), (True, "AES", "CFB-MDC", 256)),
        (("--cipher-algo", "3DES"), (True, "3DES", "CFB-MDC", 168)),
        (("--cipher-algo", "CAST5"), (True, "CAST5", "CFB-MDC", 128)),
        (("--cipher-algo", "AES256", "--compress-algo", "none"), (True, "AES", "CFB-MDC", 256)),
    ],
)
def test_gpg_with_a_password(
    dump: Path, options: tuple[str, ...], expected: tuple[object, ...]
) -> None:
    try:
        gpg(dump.parent, *options, "-c", "-o", "out.gpg", dump.name)

        assert seen(dump.parent / "out.gpg") == expected
    finally:
        _stop(dump.parent)


def test_gpg_with_a_public_key_seals_its_cipher(dump: Path) -> None:
    folder = dump.parent
    try:
        gpg(folder, "--quick-gen-key", "lab@example.test", "rsa2048", "encr", "never")
        gpg(
            folder,
            "--trust-model",
            "always",
            "-r",
            "lab@example.test",
            "-o",
            "out.gpg",
            "-e",
            dump.name,
        )

        assert seen(folder / "out.gpg") == (True, None, "CFB-MDC", None)
        gpg(folder, "--compress-algo", "zip", "-o", "only.gpg", "--store", dump.name)
        assert seen(folder / "only.gpg") == (False, None, None, None)
    finally:
        _stop(folder)


def _stop(folder: Path) -> None:
    home = {**os.environ, "GNUPGHOME": str(folder / "gnupg")}
    subprocess.run(["gpgconf", "--kill", "all"], env=home, capture_output=True, check=False)


def test_openssl_enc(dump: Path) -> None:
    binary = program("openssl", "openssl")
    words = ("enc", "-aes-256-cbc", "-pbkdf2", "-pass", "pass:x", "-in", dump.name, "-out", "o.enc")
    tool(binary, *words, folder=dump.parent)

    assert seen(dump.parent / "o.enc") == (True, None, None, None)


def test_openssl_enc_in_base64_is_no_text_in_clear(dump: Path) -> None:
    binary = program("openssl", "openssl")
    words = (
        "enc",
        "-aes-256-cbc",
        "-a",
        "-pbkdf2",
        "-pass",
        "pass:x",
        "-in",
        dump.name,
        "-out",
        "o",
    )
    tool(binary, *words, folder=dump.parent)

    assert seen(dump.parent / "o") == (True, None, None, None)


@pytest.mark.parametrize("form", ["DER", "PEM", "SMIME"])
@pytest.mark.parametrize(
    ("cipher", "expected"),
    [
        ("-aes-256-cbc", (True, "AES", "CBC", 256)),
        ("-aes-128-gcm", (True, "AES", "GCM", 128)),
        ("-des3", (True, "3DES", "CBC", 168)),
    ],
)
def test_openssl_cms(dump: Path, form: str, cipher: str, expected: tuple[object, ...]) -> None:
    binary, folder = program("openssl", "openssl"), dump.parent
    self_signed = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "c", "-subj", "/CN=x")  # fmt: skip
    tool(binary, *self_signed, folder=folder)
    words = (
        "cms",
        "-encrypt",
        cipher,
        "-binary",
        "-outform",
        form,
        "-in",
        dump.name,
        "-out",
        "o",
        "c",
    )
    tool(binary, *words, folder=folder)

    assert seen(folder / "o") == expected


def test_ansibles_vault(tmp_path: Path) -> None:
    path = tmp_path / "vault.yml"
    path.write_bytes(b"$ANSIBLE_VAULT;1.1;AES256\n" + (os.urandom(40).hex().encode() + b"\n") * 4)
    assert seen(path) == (True, "AES", "CTR-HMAC", 256)
    path.write_bytes(b"$ANSIBLE_VAULT;1.1;AES256\n" + ROWS)
    with pytest.raises(Unreadable):
        seen(path)


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (bytes((0xC0 | 18, 200, 40, 2, 9, 3, 6)), (True, "AES", "GCM", 256)),
        (bytes((0xC0 | 20, 200, 40, 1, 7, 2, 6)), (True, "AES", "OCB", 128)),
        (bytes((0xC0 | 9, 200, 40)), (True, None, "CFB", None)),
        (b"\xca\x03PGP" + bytes((0xC0 | 18, 200, 40, 2, 9, 3, 6)), (True, "AES", "GCM", 256)),
    ],
)
def test_openpgp_of_other_generations(
    tmp_path: Path, packet: bytes, expected: tuple[object, ...]
) -> None:
    path = tmp_path / "m.pgp"
    path.write_bytes(PKESK + packet + os.urandom(2500))

    assert seen(path) == expected


@pytest.mark.parametrize(
    "head",
    [
        bytes((0xC0 | 18, 200, 40, 1)),  # encrypted data without a session key
        bytes((0xC0 | 9, 200, 40)),
        PKESK + bytes((0xC0 | 18, 200, 40, 3)),  # of a version that there is not
        PKESK + bytes((0xC0 | 18, 200, 40, 2, 99, 3, 6)),  # of a cipher
        PKESK.replace(b"\x01\x08", b"\x63\x08") + bytes((0xC0 | 18, 200, 40, 1)),
        b"\xfd\x02ab" + PKESK + bytes((0xC0 | 18, 200, 40, 1)),  # after a packet of no known tag
        b"\xc3\x0d\x04\x63\x03\x08" + bytes(9) + bytes((0xC0 | 18, 200, 40, 1)),
        b"\xc3\x0d\x07\x09\x03\x08" + bytes(9) + bytes((0xC0 | 18, 200, 40, 1)),
        b"\xc8\x20\x09",  # compressed by what there is not
        PKESK + bytes((0xC0 | 18, 4, 1)),
    ],
)
def test_bytes_that_resemble_packets_are_no_message(tmp_path: Path, head: bytes) -> None:
    path = tmp_path / "m"
    path.write_bytes(head + os.urandom(3000))

    with pytest.raises(Unreadable, match="neither a known"):
        seen(path)


def test_xz_is_no_openpgp_whatever_its_bytes(tmp_path: Path) -> None:
    """`fd 37` reads as a packet of 55 bytes; what cannot be packed stands as it is after it."""
    path = tmp_path / "scan.bin"
    path.write_bytes(NOISE[:30] + b"\xd2\xc8\x28\x01" + NOISE[34:])
    tool(program("xz", "xz-utils"), path.name, folder=tmp_path)
    assert (tmp_path / "scan.bin.xz").read_bytes()[57:61] == b"\xd2\xc8\x28\x01"

    assert seen(tmp_path / "scan.bin.xz")[0] is False


def test_a_signature_is_no_encryption(dump: Path) -> None:
    folder = dump.parent
    try:
        gpg(folder, "--quick-gen-key", "lab@example.test", "rsa2048", "sign", "never")
        gpg(folder, "--compress-algo", "none", "-o", "signed.gpg", "-s", dump.name)

        assert seen(folder / "signed.gpg")[0] is False
    finally:
        _stop(folder)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("-psecret",), (True, "AES", "CBC", 256)),
        (("-psecret", "-ms=off"), (True, "AES", "CBC", 256)),
        (("-psecret", "-m0=bcj2", "-m1=lzma"), (True, "AES", "CBC", 256)),
        ((), (False, None, None, None)),
        (("-m0=copy",), (False, None, None, None)),
    ],
)
def test_7z(dump: Path, options: tuple[str, ...], expected: tuple[object, ...]) -> None:
    (dump.parent / "second.sql").write_bytes(ROWS[:500])
    words = ("a", "-bd", *options, "out.7z", dump.name, "second.sql")
    tool(program("7z", "p7zip-full"), *words, folder=dump.parent)

    assert seen(dump.parent / "out.7z") == expected


def test_a_7z_of_which_one_part_is_in_clear(dump: Path) -> None:
    (dump.parent / "second.sql").write_bytes(os.urandom(500))
    binary = program("7z", "p7zip-full")
    tool(binary, "a", "-bd", "-psecret", "out.7z", dump.name, folder=dump.parent)
    tool(binary, "a", "-bd", "out.7z", "second.sql", folder=dump.parent)

    assert seen(dump.parent / "out.7z")[0] is False


def test_a_7z_whose_names_are_encrypted_shows_nothing_of_its_files(dump: Path) -> None:
    folder = dump.parent
    (folder / "second.sql").write_bytes(ROWS[:500])
    binary = program("7z", "p7zip-full")
    tool(binary, "a", "-bd", "mixed.7z", dump.name, folder=folder)
    tool(binary, "a", "-bd", "-psecret", "-mhe=on", "mixed.7z", "second.sql", folder=folder)
    tool(binary, "a", "-bd", "-psecret", "-mhe=on", "sealed.7z", dump.name, folder=folder)

    for name in ("mixed.7z", "sealed.7z"):  # from outside the two look alike
        with pytest.raises(Unreadable, match="without -mhe"):
            seen(folder / name)


@pytest.mark.parametrize(("encrypted", "clear"), [(150, 60), (150, 0), (300, 1)])
def test_a_7z_of_many_streams_is_counted_to_the_last(
    tmp_path: Path, encrypted: int, clear: int
) -> None:
    binary = program("7z", "p7zip-full")
    for kind, count in (("e", encrypted), ("c", clear)):
        (tmp_path / kind).mkdir()
        for number in range(count):
            # a name that holds the id of 7zAES, in what the header writes names in
            name = f"{kind}{number}-" + b"\x06\xf1\x07\x01".decode("utf-16-le")
            (tmp_path / kind / name).write_bytes(os.urandom(20))
    tool(binary, "a", "-bd", "-ms=off", "-psecret", "many.7z", "e", folder=tmp_path)
    if clear:
        tool(binary, "a", "-bd", "-ms=off", "many.7z", "c", folder=tmp_path)

    shown = encrypted_file.read(Artefact(tmp_path / "many.7z", "many.7z"))
    assert shown.encrypted is (not clear)
    assert not clear or f"{clear} of {encrypted + clear} streams" in shown.words.en


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("-psecret", "-mem=AES256"), (True, "AES", "CTR-HMAC", 256)),
        (("-psecret", "-mem=AES128"), (True, "AES", "CTR-HMAC", 128)),
        (("-psecret", "-mem=ZipCrypto"), (True, "ZIPCRYPTO", None, None)),
        ((), (False, None, None, None)),
    ],
)
def test_zip(dump: Path, options: tuple[str, ...], expected: tuple[object, ...]) -> None:
    words = ("a", "-bd", "-tzip", *options, "out.zip", dump.name)
    tool(program("7z", "p7zip-full"), *words, folder=dump.parent)

    assert seen(dump.parent / "out.zip") == expected
    with zipfile.ZipFile(dump.parent / "out.zip", "a") as archive:
        archive.writestr("more.sql", ROWS)
    assert seen(dump.parent / "out.zip")[0] is False


@pytest.mark.parametrize(
    "content",
    [
        ROWS, gzip.compress(ROWS, mtime=0), b"PGDMP\x01\x0e" + NOISE[:200], b"SQLite format 3\x00" + bytes(80),
        "nom;prénom;résultat\nDupont;Éric;positif\n".encode() * 9,
        "nom;prénom;résultat\nDupont;Éric;positif\n".encode("cp1252") * 9,
        bytes(128) + b"DICM" + NOISE[:60], bytes(257) + b"ustar\x0000" + bytes(300),
        b"\xff\xd8\xff\xe0" + PKESK + bytes((0xC0 | 18, 200, 40, 1)) + NOISE[:300],
        b"\x89PNG\r\n\x1a\n" + NOISE[:300], b"\xfd7zXZ\x00" + NOISE[:300],
        b"%PDF-1.7\n" + NOISE[:400], b"\x00\x00\x00\x20ftypisom" + NOISE[:60], b"\xff\x06\x00\x00sNaPpY" + NOISE[:60],
    ],
)  # fmt: skip
def test_a_dump_in_clear_is_recognised(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dump"
    path.write_bytes(content)

    assert seen(path)[0] is False


@pytest.mark.parametrize(
    "header",
    [
        b"age-encryption.org/v1\n-> X25519 abc\nabcd\n--- mac\n", b"Salted__12345678",
        PKESK + bytes((0xC0 | 18, 255, 0, 0, 100, 0, 1)) + bytes(20),
    ],
)  # fmt: skip
def test_a_header_before_rows_that_can_be_read_hides_nothing(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "lie"
    path.write_bytes(header + ROWS)
    shown = encrypted_file.read(Artefact(path, "lie"))

    assert shown.encrypted is False
    assert "Dupont" not in shown.words.fr + shown.words.en


@pytest.mark.parametrize(
    "content",
    [
        b"", b"abc", b"age-encryption.org/v1\n", b"age-encryption.org/v1\n-> X25519 a\n--- m\n",
        b"-----BEGIN AGE ENCRYPTED FILE-----\n!!!\n", b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n",
        b"7z\xbc\xaf\x27\x1c" + b"\xff" * 60, b"7z\xbc\xaf\x27\x1c", b"PK\x03\x04" + b"\xff" * 60,
        b"PK\x05\x06" + bytes(18), b"Salted__", (NOISE[:30].hex().encode() + b"\n") * 9,
        b"%PDF-1.7\n" + NOISE[:400] + b"trailer << /Root 1 0 R /Encrypt 9 0 R >>\n%%EOF",
        b"Rar!\x1a\x07\x01\x00" + NOISE[:300],
        b"U2FsdGVkX1!", b"-----BEGIN CMS-----\n!!\n", b"\x00\x01\x02\xff" * 100, b"LUKS\xba\xbe\x00\x02",
    ],
)  # fmt: skip
def test_what_is_neither_shows_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd"
    path.write_bytes(content)

    with pytest.raises(Unreadable):
        encrypted_file.read(Artefact(path, "odd"))


_EMPTY_7Z = b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(12) + b"\x20" + bytes(11)  # a header of 32 bytes
HEADS = st.sampled_from([b"", b"7z\xbc\xaf\x27\x1c\x00\x04", _EMPTY_7Z + b"\x01\x04\x06", _EMPTY_7Z + b"\x17\x06", b"PK\x03\x04", b"\xc3", b"\x8c", b"age-encryption.org/v1\n-> X a\n--- m\n"])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HEADS, st.binary(max_size=300))
def test_no_bytes_are_a_defect(tmp_path: Path, head: bytes, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(head + content)
    try:
        encrypted_file.read(Artefact(path, "any"))
    except Unreadable as error:
        assert error.reason.fr.startswith("any")  # noqa: PT017 - either end is right
