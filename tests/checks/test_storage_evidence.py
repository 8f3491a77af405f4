"""A store as declared, as shown, and where the two differ."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.attribution import Atlas
from gdpr_audit.errors import InputError
from gdpr_audit.evidence.ciphers import less
from gdpr_audit.network import Settings
from tests.checks.test_hosting import only
from tests.evidence.plans import Plan
from tests.evidence.test_disks import ENCRYPTED, volume
from tests.evidence.test_files import ROWS
from tests.lab import servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.servers import Answer

CONTRADICTS, MISSING = "storage-evidence-contradicts", "storage-evidence-missing"
AES = "encryption: {level: volume, algorithm: AES, mode: XTS, key_bits: 256}"
AGE = files("gdpr_audit.demo").joinpath("evidence/sauvegarde.age").read_bytes()
SECRETBOX = """kind: EncryptionConfiguration
resources: [{resources: [secrets], providers: [{secretbox: {keys: [{name: k, secret: c2VjcmV0}]}}]}]
"""
POSTGRES = " name | setting\n-----+----\n server_version | 15\n"


def luks(cipher: str = "aes-xts-plain64", size: int = 64) -> str:
    slot = {"type": "luks2", "key_size": size, "kdf": {"type": "argon2id"}}
    segment = {"type": "crypt", "encryption": cipher}
    return json.dumps({"keyslots": {"0": slot}, "segments": {"0": segment}})


def audited(
    folder: Path, store: str, files: dict[str, str | bytes] | None = None, **options: Any
) -> dict[str, Any]:
    for name, content in (files or {}).items():
        path = folder / "evidence" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if "kind: portable" not in store:
        store = f"kind: database, {store}"
    text = (
        "platform: x\nprocessing: {health_data: true}\nstorage:\n"
        f"  - {{name: base, contains: [health], country: FR, {store}}}\n"
    )
    return judged(path=declared(folder, text), only=("storage",), **options)


def proof(kind: str, file: str, more: str = "") -> str:
    return f"evidence: [{{kind: {kind}, file: evidence/{file}{more}}}]"


def test_what_is_declared_and_shown_alike_is_known_by_measure(tmp_path: Path) -> None:
    found = audited(tmp_path, f"{AES}, {proof('luks-dump', 'luks')}", {"luks": luks()})

    for rule in (CONTRADICTS, MISSING, "storage-not-encrypted", "storage-weak-algorithm", "storage-short-key"):  # fmt: skip
        assert only(found, rule) == "pass", rule
    fact = found["facts"]["store:base"]["storage"]["store.encryption.algorithm"]
    assert fact["origin"] == "measured"
    assert "SHA-256" in fact["summary"]


@pytest.mark.parametrize(
    ("dump", "line", "rule"),
    [
        (luks("cipher_null-ecb"), "encryption: true ≠ false", "storage-not-encrypted"),
        (luks("blowfish-xts-plain64"), "encryption.algorithm: AES ≠ BLOWFISH", "storage-weak-algorithm"),
        (luks("aes-cbc-plain64"), "encryption.mode: XTS ≠ CBC", None),
        (luks(size=16), "encryption.key_bits: 256 ≠ 64", "storage-short-key"),
    ],
)  # fmt: skip
def test_an_artefact_that_shows_the_opposite_is_what_the_rules_judge(
    tmp_path: Path, dump: str, line: str, rule: str | None
) -> None:
    found = audited(tmp_path, f"{AES}, {proof('luks-dump', 'luks')}", {"luks": dump})

    assert only(found, CONTRADICTS) == "fail"
    (finding,) = (f for f in found["findings"] if f["rule"] == CONTRADICTS)
    assert line in finding["reasons"][0]["observed"]
    assert "declared: encryption" in reasons(found, CONTRADICTS)
    assert "shown: evidence/luks" in reasons(found, CONTRADICTS)
    if rule is not None:
        assert only(found, rule) == "fail"


@pytest.mark.parametrize(
    ("declared_mode", "contradicts"), [("GCM", "pass"), ("CBC", "pass"), ("XTS", "pass")]
)
def test_another_cipher_as_good_contradicts_nothing_and_is_what_is_judged(
    tmp_path: Path, declared_mode: str, contradicts: str
) -> None:
    encryption = (
        f"encryption: {{level: file, algorithm: AES, mode: {declared_mode}, key_bits: 256}}"
    )
    sample = files("gdpr_audit.demo").joinpath("evidence/sauvegarde.age").read_bytes()
    found = audited(
        tmp_path, f"{encryption}, {proof('encrypted-file', 's.age')}", {"s.age": sample}
    )

    assert only(found, CONTRADICTS) == contradicts
    facts = found["facts"]["store:base"]["storage"]
    assert facts["store.encryption.algorithm"]["value"] == "CHACHA20"
    assert "age (X25519)" in facts["store.encryption.algorithm"]["summary"]


def test_a_key_that_is_declared_as_it_is_printed_is_no_contradiction(tmp_path: Path) -> None:
    found = audited(tmp_path, f"{AES}, {proof('luks-dump', 'luks')}", {"luks": luks(size=32)})

    assert only(found, CONTRADICTS) == "pass"  # 256 bits are printed; in XTS 128 of them count
    assert found["facts"]["store:base"]["storage"]["store.effective_key_bits"]["value"] == 128


def test_an_artefact_that_shows_more_than_is_declared_contradicts_nothing(tmp_path: Path) -> None:
    found = audited(tmp_path, f"encryption: none, {proof('luks-dump', 'l')}", {"l": luks()})

    assert only(found, CONTRADICTS) == "pass"
    assert only(found, "storage-not-encrypted") == "pass"


@pytest.mark.parametrize(
    ("level", "kind", "content"),
    [
        ("column", "lsblk", ENCRYPTED),
        ("database", "lsblk", ENCRYPTED),
        ("file", "luks-dump", luks()),
        ("database", "encrypted-file", AGE),
        ("volume", "encrypted-file", AGE),
        ("volume", "mysql", "NAME\tENCRYPTION\ndb/patients\tY\n"),
    ],
)
def test_encryption_at_another_level_is_no_proof_of_the_declared_one(
    tmp_path: Path, level: str, kind: str, content: str | bytes
) -> None:
    encryption = f"encryption: {{level: {level}, algorithm: AES, mode: GCM, key_bits: 256}}"
    address = ", address: /var/lib/postgresql" if kind == "lsblk" else ""
    found = audited(tmp_path, f"{encryption}, {proof(kind, 'a', address)}", {"a": content})

    assert only(found, CONTRADICTS) == "pass"
    assert only(found, MISSING) == "fail"
    assert f"declared encrypted at the level {level}" in reasons(found, MISSING)
    facts = found["facts"]["store:base"]["storage"]
    for name in ("encrypted", "encryption.algorithm", "encryption.mode", "encryption.key_bits"):
        assert facts[f"store.{name}"]["origin"] == "declared", name
    assert "store.effective_key_bits" in facts
    assert facts["store.effective_key_bits"]["origin"] == "declared"
    # without a level, and at its own, it speaks
    bare = encryption.replace(f"level: {level}, ", "")
    found = audited(tmp_path, f"{bare}, {proof(kind, 'a', address)}", {"a": content})
    assert only(found, MISSING) == "pass"


@pytest.mark.parametrize("level", ["file", "volume"])
def test_a_file_that_is_a_luks_volume_is_both(tmp_path: Path, level: str) -> None:
    header = (volume(tmp_path, "luks2")).read_bytes()[: 1 << 20]
    encryption = AES.replace("level: volume", f"level: {level}")
    found = audited(tmp_path, f"{encryption}, {proof('encrypted-file', 'v')}", {"v": header})

    assert only(found, MISSING) == "pass"
    assert only(found, CONTRADICTS) == "pass"


def test_the_country_that_a_plan_shows_counts_at_every_level(tmp_path: Path) -> None:
    plan = Plan().provider("aws", region="us-east-1")
    plan.add("aws_ebs_volume.v", {"encrypted": True}).save(tmp_path)
    encryption = "encryption: {level: column, algorithm: AES, mode: GCM, key_bits: 256}"
    content = (tmp_path / "plan.json").read_bytes()
    found = audited(tmp_path, f"{encryption}, {proof('terraform-plan', 'p')}", {"p": content})

    assert "country: FR ≠ US" in json.dumps(found, ensure_ascii=False)
    assert only(found, MISSING) == "fail"


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        # these two say nothing of the tables that are there
        ("mysql", "Variable_name\tValue\nversion\t8.0.36\ndefault_table_encryption\tOFF\n", "unproven"),
        ("postgresql", "server_version|17\nshared_preload_libraries|pg_tde\ndefault_table_access_method|heap\n", "unproven"),
        ("mysql", "NAME\tENCRYPTION\nmysql\tY\nsys/sys_config\tN\napp/patients\tY\n", "pass"),
        ("kubernetes", SECRETBOX, "pass"),
    ],
)  # fmt: skip
def test_what_is_honest_is_not_contradicted(
    tmp_path: Path, kind: str, content: str, expected: str
) -> None:
    encryption = "encryption: {level: database, algorithm: AES, mode: GCM, key_bits: 256}"
    found = audited(tmp_path, f"{encryption}, {proof(kind, 'a')}", {"a": content})

    assert only(found, CONTRADICTS) == expected
    assert only(found, "storage-short-key") == "pass"


def test_chacha20_with_poly1305_on_a_disk_is_what_it_is_declared_to_be(tmp_path: Path) -> None:
    encryption = "encryption: {level: volume, algorithm: ChaCha20, mode: Poly1305, key_bits: 256}"
    dump = json.loads(luks("chacha20-random", 32))
    for integrity, mode in (({"integrity": {"type": "poly1305"}}, "measured"), ({}, "declared")):
        dump["segments"]["0"] |= integrity
        if not integrity:
            del dump["segments"]["0"]["integrity"]
        shown = f"{encryption}, {proof('luks-dump', 'l')}"
        found = audited(tmp_path, shown, {"l": json.dumps(dump)})
        assert only(found, CONTRADICTS) == "pass"
        fact = found["facts"]["store:base"]["storage"]["store.encryption.mode"]
        assert (fact["value"], fact["origin"]) == ("POLY1305", mode)


@pytest.mark.parametrize(
    ("declared_", "shown", "expected"),
    [
        ("AES", "3DES", True), ("AES", "XSALSA20", False), ("AES", "NEWCIPHER", False),
        ("3DES", "AES", False), ("3DES", "RC4", True), ("GCM", "CBC", True), ("CBC", "GCM", False),
        ("GCM", "RANDOM", False), ("GCM", "ECB", True), ("NEWMODE", "CBC", False),
    ],
)  # fmt: skip
def test_only_what_is_known_to_be_less_is_less(declared_: str, shown: str, expected: bool) -> None:
    assert less(declared_, shown) is expected


def test_what_nobody_declares_an_artefact_may_show(tmp_path: Path) -> None:
    found = audited(tmp_path, proof("luks-dump", "l"), {"l": luks()})

    assert only(found, "storage-not-encrypted") == "pass"
    assert only(found, CONTRADICTS) == "pass"


@pytest.mark.parametrize(
    ("level", "kind", "content", "contradicts", "shown"),
    [
        # an engine that encrypts nothing says nothing of the volume below it
        ("volume", "postgresql", POSTGRES, "pass", "fail"),
        ("database", "postgresql", POSTGRES, "fail", "not_applicable"),
        # nor a volume of a database that encrypts by itself
        ("database", "lsblk", ENCRYPTED, "pass", "fail"),
        ("volume", "lsblk", ENCRYPTED, "fail", "not_applicable"),
        # a file in clear is no encrypted file, at whatever level
        ("file", "encrypted-file", ROWS, "fail", "not_applicable"),
        ("object", "encrypted-file", ROWS, "fail", "not_applicable"),
    ],
)
def test_an_artefact_speaks_of_its_own_level(
    tmp_path: Path, level: str, kind: str, content: str | bytes, contradicts: str, shown: str
) -> None:
    encryption = AES.replace("volume", level)
    found = audited(
        tmp_path, f"{encryption}, {proof(kind, 'a', ', address: /srv/backups')}", {"a": content}
    )

    assert only(found, CONTRADICTS) == contradicts
    assert only(found, MISSING) == shown


def test_of_several_artefacts_the_worst_counts(tmp_path: Path) -> None:
    two = "evidence: [{kind: luks-dump, file: evidence/a}, {kind: luks-dump, file: evidence/b}]"
    good, weak = luks(), luks("aes-xts-plain64", 32)
    found = audited(tmp_path, f"{AES}, {two}", {"a": good, "b": weak})
    assert found["facts"]["store:base"]["storage"]["store.effective_key_bits"]["value"] == 128
    found = audited(tmp_path, f"{AES}, {two}", {"a": good, "b": luks("cipher_null-ecb")})
    assert only(found, "storage-not-encrypted") == "fail"


def test_an_artefact_that_cannot_be_read_shows_nothing_and_says_why(tmp_path: Path) -> None:
    found = audited(tmp_path, f"{AES}, {proof('luks-dump', 'a')}", {"a": "nonsense of SECRET"})

    assert only(found, CONTRADICTS) == "unproven"
    assert only(found, MISSING) == "unproven"
    assert "not what cryptsetup luksDump prints" in reasons(found, CONTRADICTS)
    assert "SECRET" not in json.dumps(found)
    assert only(found, "storage-not-encrypted") == "pass"  # on the platform's word, as before


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("mysql", "Variable_name\tValue\nversion\t8.0.36\n"),
        ("mysql", "default_table_encryption\tON\n"),
    ],
)
def test_an_artefact_that_says_nothing_does_not_agree(
    tmp_path: Path, kind: str, content: str
) -> None:
    found = audited(tmp_path, f"{AES}, {proof(kind, 'a')}", {"a": content})

    assert only(found, CONTRADICTS) == "unproven"
    assert "none of it says what holds" in reasons(found, CONTRADICTS)
    assert only(found, MISSING) == "fail"


def test_without_an_artefact_encryption_remains_a_word(tmp_path: Path) -> None:
    found = audited(tmp_path, AES)

    assert only(found, MISSING) == "fail"
    assert only(found, CONTRADICTS) == "not_applicable"


def test_portable_stores_are_not_asked_for_artefacts(tmp_path: Path) -> None:
    found = audited(tmp_path, f"{AES}, kind: portable")

    assert only(found, MISSING) == "not_applicable"


def test_a_document_counts_until_it_expires(tmp_path: Path) -> None:
    paper = proof("document", "d.pdf", ", date: 2026-01-01, expires: 2026-12-31")
    files: dict[str, str | bytes] = {"d.pdf": b"%PDF-1.7 for nobody's eyes"}
    valid = audited(tmp_path, f"{AES}, {paper}", files)
    late = audited(tmp_path, f"{AES}, {paper}", files, day=date(2027, 1, 1))

    assert only(valid, MISSING) == "pass"
    assert only(late, MISSING) == "fail"
    assert "nobody" not in json.dumps(valid)


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ("{kind: magic, file: evidence/a}", "no kind of artefact 'magic'; known: .*luks-dump"),
        ("{kind: luks-dump}", "`file` is missing"),
        ("{kind: luks-dump, file: evidence/none}", "no file"),
    ],
)
def test_evidence_that_is_wrong_is_refused_with_its_line(
    tmp_path: Path, entry: str, word: str
) -> None:
    with pytest.raises(InputError, match=word):
        audited(tmp_path, f"{AES}, evidence: [{entry}]", {"a": luks()})


def test_every_rule_on_storage_runs(tmp_path: Path) -> None:
    found = audited(tmp_path, AES)

    assert set(verdicts(found)) >= {CONTRADICTS, MISSING}


def test_a_reader_that_breaks_costs_its_own_artefact_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_artefact: object) -> None:
        raise RecursionError

    monkeypatch.setattr("gdpr_audit.evidence.luks.read", broken)
    found = audited(tmp_path, f"{AES}, {proof('luks-dump', 'l')}", {"l": luks()})

    assert only(found, CONTRADICTS) == "error"
    assert "its reader broke (RecursionError)" in reasons(found, CONTRADICTS)
    assert only(found, "storage-weak-algorithm") == "pass"


VOLUMES = """<?xml version="1.0"?><DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<requestId>x</requestId><volumeSet><item><volumeId>vol-0a1b2c3d4e5f60718</volumeId><size>8</size>
<encrypted>false</encrypted><availabilityZone>eu-west-3a</availabilityZone>
<status>in-use</status></item></volumeSet></DescribeVolumesResponse>"""


def test_an_account_is_asked_through_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = ("content-type", "text/xml")
    with servers.web(lambda *_: Answer(200, [kind], VOLUMES.encode())) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret-key")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
        journal = tmp_path / "journal"
        store = f"{AES}, evidence: [{{kind: aws, address: 'ebs:vol-0a1b2c3d4e5f60718'}}]"
        found = audited(tmp_path, store, settings=Settings(journal=journal))
        assert only(found, CONTRADICTS) == "fail", reasons(found, CONTRADICTS)
        assert only(found, "storage-not-encrypted") == "fail"
        assert '"purpose": "how an AWS account describes a store"' in journal.read_text()
        assert "very-secret-key" not in json.dumps(found) + journal.read_text()
        asked = len(server.seen)
        offline = audited(tmp_path, store, atlas=Atlas(offline=True))

    assert asked
    assert len(server.seen) == asked
    assert only(offline, CONTRADICTS) == "unproven"
    assert "--offline" in reasons(offline, CONTRADICTS)
