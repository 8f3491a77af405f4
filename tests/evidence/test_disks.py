"""What cryptsetup and lsblk print, and the header on the disk itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.evidence import Artefact, Shown, Unreadable, encrypted_file, lsblk, luks
from tests.conftest import leave_out, program

FAST = {
    "luks1": ("--pbkdf-force-iterations", "1000"),
    "luks2": ("--pbkdf-force-iterations", "4", "--pbkdf-memory", "64"),
}


def artefact(folder: Path, content: str | bytes, address: str | None = None) -> Artefact:
    path = folder / "artefact"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Artefact(path, "evidence/artefact", address)


def volume(folder: Path, kind: str, *options: str) -> Path:
    """A LUKS volume in a file, formatted by the real tool."""
    path = folder / "volume"
    with path.open("wb") as stream:
        stream.truncate(32 * 1024 * 1024)
    binary = program("cryptsetup", "cryptsetup-bin")
    words = [binary, "luksFormat", "--batch-mode", "--type", kind, *FAST[kind], *options]
    done = subprocess.run(
        [*words, str(path), "-"], input=b"password", capture_output=True, check=False
    )
    if done.returncode:
        leave_out(f"cryptsetup formats no file here: {done.stderr.decode()[-80:]}")
    return path


def dumped(path: Path, *options: str) -> bytes:
    binary = program("cryptsetup", "cryptsetup-bin")
    words = [binary, "luksDump", *options, str(path)]
    return subprocess.run(words, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("kind", "options", "algorithm", "mode", "bits", "kdf"),
    [
        ("luks2", (), "AES", "XTS", 256, "argon2id"),
        ("luks1", (), "AES", "XTS", 256, "pbkdf2"),
        ("luks2", ("--cipher", "aes-xts-plain64", "--key-size", "256"), "AES", "XTS", 128, "argon2id"),
        ("luks2", ("--cipher", "aes-cbc-essiv:sha256", "--key-size", "256"), "AES", "CBC", 256, "argon2id"),
    ],
)  # fmt: skip
def test_a_volume_is_read_from_its_dumps_and_its_header_alike(
    tmp_path: Path,
    kind: str,
    options: tuple[str, ...],
    algorithm: str,
    mode: str,
    bits: int,
    kdf: str,
) -> None:
    path = volume(tmp_path, kind, *options)
    forms = [dumped(path), path.read_bytes()[: 4 * 1024 * 1024]]
    forms += [dumped(path, "--dump-json-metadata")] if kind == "luks2" else []
    for form in forms:
        shown = luks.read(artefact(tmp_path, form))
        assert shown.encrypted is True
        assert (shown.algorithm, shown.mode, shown.key_bits) == (algorithm, mode, bits)
        assert shown.kdf == kdf
        assert shown.level == "volume"


@pytest.mark.parametrize(
    ("cipher", "encrypted", "algorithm"),
    [
        ("serpent-xts-plain64", True, "SERPENT"),
        ("capi:xts(twofish)-plain64", True, "TWOFISH"),
        ("cipher_null-ecb", False, None),
    ],
)
def test_a_cipher_is_taken_at_its_word_but_for_one_that_ciphers_nothing(
    tmp_path: Path, cipher: str, encrypted: bool, algorithm: str | None
) -> None:
    path = volume(tmp_path, "luks2")
    for form in (dumped(path), dumped(path, "--dump-json-metadata")):
        assert b"aes-xts-plain64" in form
        shown = luks.read(artefact(tmp_path, form.replace(b"aes-xts-plain64", cipher.encode())))
        assert (shown.encrypted, shown.algorithm) == (encrypted, algorithm)


def test_a_segment_in_clear_is_not_hidden_by_one_that_is_not(tmp_path: Path) -> None:
    found: dict[str, Any] = {
        "keyslots": {"0": {"key_size": 64, "kdf": {"type": "argon2id"}}},
        "segments": {
            "0": {"type": "crypt", "encryption": "aes-xts-plain64"},
            "1": {"type": "linear"},
        },
    }

    assert luks.read(artefact(tmp_path, json.dumps(found))).encrypted is False
    found["segments"]["1"]["flags"] = ["backup-final"]  # of a re-encryption
    assert luks.read(artefact(tmp_path, json.dumps(found))).encrypted is True


def metadata(folder: Path, *options: str) -> dict[str, Any]:
    """What the real tool writes of a volume, to bend."""
    found: dict[str, Any] = json.loads(
        dumped(volume(folder, "luks2", *options), "--dump-json-metadata")
    )
    return found


def of(folder: Path, found: dict[str, Any]) -> Shown:
    return luks.read(artefact(folder, json.dumps(found)))


def test_a_slot_that_holds_no_key_of_the_data_does_not_count(tmp_path: Path) -> None:
    path = volume(tmp_path, "luks2")
    for name, word in (("old", b"password"), ("new", b"other")):
        (tmp_path / name).write_bytes(word)
    words = [program("cryptsetup", "cryptsetup-bin"), "luksAddKey", "--unbound", "--key-size", "128",
             "--batch-mode", *FAST["luks2"], "--key-file", str(tmp_path / "old"), str(path), str(tmp_path / "new")]  # fmt: skip
    subprocess.run(words, capture_output=True, check=True)
    forms = [dumped(path), dumped(path, "--dump-json-metadata"), path.read_bytes()[: 4 << 20]]
    assert b"(unbound)" in forms[0]
    for form in forms:
        shown = luks.read(artefact(tmp_path, form))
        assert (shown.key_bits, shown.raw_bits) == (256, 512)


def test_a_size_that_is_no_number_is_none(tmp_path: Path) -> None:
    found = metadata(tmp_path)
    found["keyslots"]["0"]["key_size"] = True

    assert of(tmp_path, found).key_bits is None


@pytest.mark.parametrize(
    ("integrity", "bits", "raw"),
    [
        ({"type": "hmac(sha256)"}, 128, 256),
        ({"type": "hmac(sha1)", "key_size": 16}, 192, 384),
        ({"type": "hmac(new)"}, None, None),
        ({"type": "aead"}, 256, 512),
        ({}, None, None),
    ],
)
def test_the_key_that_authenticates_is_not_the_ciphers(
    tmp_path: Path, integrity: dict[str, Any], bits: int | None, raw: int | None
) -> None:
    found = metadata(tmp_path)  # a volume key of 512 bits
    found["segments"]["0"]["integrity"] = integrity
    shown = of(tmp_path, found)
    assert (shown.encrypted, shown.mode, shown.key_bits, shown.raw_bits) == (True, "XTS", bits, raw)

    if "type" in integrity and "key_size" not in integrity:
        line = b"\tcipher: aes-xts-plain64\n"
        form = dumped(tmp_path / "volume")
        assert line in form
        form = form.replace(line, line + f"\tintegrity: {integrity['type']}\n".encode())
        assert luks.read(artefact(tmp_path, form)).key_bits == bits


def test_chacha20_with_poly1305_has_its_mode_in_the_integrity(tmp_path: Path) -> None:
    found = metadata(tmp_path)
    found["segments"]["0"] |= {"encryption": "chacha20-random", "integrity": {"type": "poly1305"}}
    found["keyslots"]["0"]["key_size"] = 32
    shown = of(tmp_path, found)
    assert (shown.algorithm, shown.mode, shown.key_bits) == ("CHACHA20", "POLY1305", 256)

    found["segments"]["0"]["encryption"] = "capi:rfc7539(chacha20,poly1305)-random"
    shown = of(tmp_path, found)
    assert (shown.algorithm, shown.mode) == ("CHACHA20", "POLY1305")
    found["segments"]["0"] = {"type": "crypt", "encryption": "chacha20-random"}
    assert of(tmp_path, found).mode is None


def test_what_the_drive_encrypts_cannot_be_seen_and_is_not_in_clear(tmp_path: Path) -> None:
    found = metadata(tmp_path)
    found["segments"]["0"] |= {"type": "hw-opal-crypt", "opal_key_size": 32}
    found["keyslots"]["0"]["key_size"] = 96
    shown = of(tmp_path, found)
    assert (shown.encrypted, shown.algorithm, shown.key_bits) == (True, "AES", 256)

    form = dumped(tmp_path / "volume").replace(b": crypt\n", b": hw-opal-crypt\n")
    assert luks.read(artefact(tmp_path, form)).encrypted is True
    found["segments"]["0"] = {"type": "hw-opal", "opal_key_size": 32}
    assert of(tmp_path, found).encrypted is None
    found["segments"]["1"] = {"type": "linear"}
    assert of(tmp_path, found).encrypted is False


@pytest.mark.parametrize(
    ("kind", "options", "payload"),
    [("luks2", (), 16 << 20), ("luks1", (), 2 << 20), ("luks2", ("--offset", "40960"), 20 << 20)],
)
@pytest.mark.parametrize(
    "clear", [b"Dupont;1990-01-01;positif\n" * 300, b"\x1f\x8b\x08" + bytes(9)]
)
def test_a_header_before_data_in_clear_hides_nothing(
    tmp_path: Path, kind: str, options: tuple[str, ...], payload: int, clear: bytes
) -> None:
    path = volume(tmp_path, kind, *options)
    whole = Artefact(path, "disk.img")
    for reader in (luks.read, encrypted_file.read):
        assert reader(whole).encrypted is True
    with path.open("r+b") as stream:
        stream.seek(payload)
        stream.write(clear)
    for reader in (luks.read, encrypted_file.read):
        shown = reader(whole)
        assert (shown.encrypted, shown.level) == (False, "volume")
        assert "Dupont" not in shown.words.en


def test_of_a_re_encryption_the_weaker_cipher_counts(tmp_path: Path) -> None:
    found = metadata(tmp_path)
    found["segments"]["1"] = {"type": "crypt", "encryption": "blowfish-cbc-plain64"}

    assert of(tmp_path, found).algorithm == "BLOWFISH"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"{}", b'{"segments": 3, "keyslots": {}}', b"{" * 100_000,
        b"LUKS\xba\xbe", b"LUKS\xba\xbe\x00\x02" + b"\xff" * 64, b"LUKS\xba\xbe\x00\x07" + bytes(8000),
        b"LUKS header information\nVersion: 2\n", b"LUKS header information\nVersion: 9\n",
        b"LUKS header information for x\nVersion: 1\n", b"anything else",
    ],
)  # fmt: skip
def test_what_is_no_dump_shows_nothing(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable):
        luks.read(artefact(tmp_path, content))


def device(name: str, kind: str, mount: str | None = None, *children: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "mountpoints": [mount], "children": list(children)}


def blocks(*devices: dict[str, Any]) -> str:
    return json.dumps({"blockdevices": list(devices)})


ENCRYPTED = blocks(
    device("sda", "disk", None, device("sda1", "part", "/boot"), device(
        "sda2", "part", None, device("luks-x", "crypt", None, device("vg-data", "lvm", "/var/lib/postgresql"))
    )),
    device("sdb", "disk", "/srv/backups"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("address", "encrypted"),
    [
        ("/var/lib/postgresql", True),
        ("/var/lib/postgresql/15/main", True),
        ("vg-data", True),
        ("/dev/mapper/luks-x", True),
        ("/srv/backups/nightly", False),
        ("/boot", False),
        ("/dev/sdb", False),
    ],
)
def test_a_crypt_layer_is_looked_for_under_the_mount(
    tmp_path: Path, address: str, encrypted: bool
) -> None:
    assert lsblk.read(artefact(tmp_path, ENCRYPTED, address)).encrypted is encrypted


def test_one_leg_of_a_mirror_in_clear_is_enough(tmp_path: Path) -> None:
    array = device("md0", "raid1", "/data")
    safe = device("sda", "disk", None, device("luks-a", "crypt", None, array))
    bare = device("sdb", "disk", None, array)

    assert lsblk.read(artefact(tmp_path, blocks(safe), "/data")).encrypted is True
    assert lsblk.read(artefact(tmp_path, blocks(safe, bare), "/data")).encrypted is False


def test_older_versions_print_one_mount_point(tmp_path: Path) -> None:
    inner = {"name": "c", "type": "crypt", "mountpoint": "/data"}
    old = json.dumps({"blockdevices": [{"name": "sda", "type": "disk", "mountpoint": None, "children": [inner]}]})  # fmt: skip

    assert lsblk.read(artefact(tmp_path, old, "/data")).encrypted is True


@pytest.mark.parametrize(
    "address", ["/srv/data/../../boot", "/var/lib/postgresql/../../../boot", "//boot/x/.."]
)
def test_an_address_leads_where_it_leads(tmp_path: Path, address: str) -> None:
    assert lsblk.read(artefact(tmp_path, ENCRYPTED, address)).encrypted is False


@pytest.mark.parametrize(
    ("below", "own", "encrypted"),
    [
        ({"fstype": "crypto_LUKS"}, {}, True),
        ({"fstype": "DM_integrity"}, {"fstype": "ext4"}, False),
        ({"fstype": "DM_verity_hash"}, {"fstype": "ext4"}, False),
        ({"fstype": None}, {"fstype": "ext4"}, None),  # without the right to look, or plain
        ({"fstype": None}, {"id-link": "dm-uuid-CRYPT-PLAIN-data"}, True),
        ({}, {"id-link": "dm-uuid-CRYPT-LUKS2-0123-data"}, True),
        ({}, {"uuid": "CRYPT-INTEGRITY-data"}, False),
        ({}, {"id-link": "dm-name-data"}, None),
        ({}, {}, True),  # `lsblk -J` alone: its type is all there is
    ],
)
def test_a_layer_that_only_checks_is_no_encryption(
    tmp_path: Path, below: dict[str, Any], own: dict[str, Any], encrypted: bool | None
) -> None:
    layer = device("data", "crypt", "/data") | own
    listed = artefact(tmp_path, blocks(device("sda", "disk", None, layer) | below), "/data")
    if encrypted is None:
        with pytest.raises(Unreadable, match="FSTYPE"):
            lsblk.read(listed)
    else:
        assert lsblk.read(listed).encrypted is encrypted


def test_luks_with_integrity_has_two_layers_of_one_type(tmp_path: Path) -> None:
    inner = device("data", "crypt", None, device("data2", "crypt", "/data"))
    below = device("sda", "disk", None, inner) | {"fstype": "crypto_LUKS"}

    assert lsblk.read(artefact(tmp_path, blocks(below), "/data")).encrypted is True


def test_this_machines_own_devices_are_read(tmp_path: Path) -> None:
    binary = program("lsblk", "util-linux")
    listed = subprocess.run([binary, "-J"], capture_output=True, check=False).stdout
    try:
        found = lsblk.read(artefact(tmp_path, listed, "/"))
    except Unreadable as error:  # a machine without block devices of its own
        assert "mounted" in str(error) or "lsblk" in str(error)  # noqa: PT017 - either end is right
    else:
        assert isinstance(found, Shown)


@pytest.mark.parametrize(
    ("content", "address"),
    [
        (ENCRYPTED, None), (ENCRYPTED, "/elsewhere/../x") , (ENCRYPTED, "nothing"), ("[]", "/data"),
        ('{"blockdevices": 3}', "/data"), ("{" * 100_000, "/data"), ('{"blockdevices": [3]}', "/data"),
    ],
)  # fmt: skip
def test_what_has_no_such_place_shows_nothing(
    tmp_path: Path, content: str, address: str | None
) -> None:
    with pytest.raises(Unreadable):
        lsblk.read(artefact(tmp_path, content, address))
