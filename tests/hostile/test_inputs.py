"""Files that mean harm, given to the real command: it ends in time, small, and in one line.

Readers that Hypothesis and atheris reach by small inputs are tried in `tests/fuzz/`; here stand the
large ones, and what is a file in name alone. All of it is made when it is wanted.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import socket
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gdpr_audit import declaration
from gdpr_audit.errors import InputError
from gdpr_audit.proof import archive
from tests.evidence.plans import Plan
from tests.fuzz import samples
from tests.hostile.scans import watch

PEAK = 300 * 1024  # KiB
MIB = 1024 * 1024
LARGE = os.environ.get("FUZZ_LARGE") == "1"  # `make fuzz`: the sizes that take long to make

pytestmark = pytest.mark.xdist_group("hostile")


class Ended(NamedTuple):
    status: int
    stdout: str
    stderr: str
    peak: int  # KiB


def run(folder: Path, *words: str) -> Ended:
    line = [sys.executable, "-m", "gdpr_audit", *words]
    with (folder / ".stdout").open("wb") as out, (folder / ".stderr").open("wb") as err:
        process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder
        )
        try:
            peak = watch(process)
        finally:
            process.kill()
            process.wait()
    stdout, stderr = ((folder / name).read_text("utf-8") for name in (".stdout", ".stderr"))
    return Ended(process.returncode, stdout, stderr, peak)


def refused(folder: Path, *words: str) -> str:
    """The one line in which the command refuses its input."""
    ended = run(folder, *words)
    assert ended.status == 2, ended
    assert ended.peak < PEAK
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.startswith("gdpr-audit: ")
    assert ended.stderr.rstrip("\n").isprintable()  # no terminal sequence, no bidirectional mark
    assert len(ended.stderr) < 4200
    return ended.stderr


class Case(NamedTuple):
    words: str  # of the command; FILE is the input
    make: Callable[[Path], object]
    says: str


def content(of: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(of())


def _table() -> bytes:
    return b"1.1.1.1\t1.1.1.2\t1\n" * (2_000_001 if LARGE else 200)


def _many_rules(path: Path) -> None:
    """More files than a pack may hold; a million by hand (docs/fuzzing.md)."""
    (path / "storage").mkdir(parents=True)
    for number in range(100_000 if LARGE else 5_001):
        (path / "storage" / f"r{number}.yaml").touch()


BOMB = b"a: &a [x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c]\n" % (n + 1, n + 1, n, n) for n in range(97, 110)
)
LISTS = b'{"schema": "gdpr-audit/audit/1", "x": [' + b"[]," * (16 * MIB // 3) + b"1]}"
YAMLS = ("validate FILE", "scan http://127.0.0.1:1/ -d FILE", "scan http://127.0.0.1:1/ --waivers FILE",
         "scan http://127.0.0.1:1/ --tls-profile FILE", "rules validate FILE")  # fmt: skip

CASES: dict[str, Case] = {
    "a rule file of a million rules": Case("rules validate FILE", content(lambda: b"- {id: r}\n" * 1_000_000), "larger than 1024 KiB"),
    "a rule pack of very many files": Case("rules validate FILE", _many_rules, "more than 5000 rules"),
    "an audit of empty lists": Case("report FILE", content(lambda: LISTS), "not a JSON audit document"),
    "an audit nested without end": Case("report FILE", content(lambda: b'{"a":' * 1_000_000), "not a JSON audit document"),
    "an audit with a key twice": Case("report FILE", content(lambda: samples.documents()[0].replace(b'"digest"', b'"digest": "x", "digest"', 1)), "not a JSON audit document"),
    "an audit with NaN": Case("report FILE", content(lambda: samples.documents()[0].replace(b'"interrupted": false', b'"interrupted": NaN')), "not a JSON audit document"),
    "an audit with half a character": Case("report FILE", content(lambda: samples.documents()[0].replace(b"Labo", b"\xed\xa0\x80")), "not a JSON audit document"),
    "a device without end": Case("report FILE", lambda path: path.symlink_to("/dev/zero"), "larger than"),
    "a bundle without end": Case("verify FILE", lambda path: path.symlink_to("/dev/zero"), "larger than"),
    "a link to itself": Case("report FILE", lambda path: path.symlink_to(path.name), "symbolic links"),
    "a link to nothing": Case("verify FILE", lambda path: path.symlink_to("nowhere"), "No such file"),
    "a folder": Case("scan http://127.0.0.1:1/ -d FILE", lambda path: path.mkdir(), "a folder"),
    "a roots file without end": Case("scan http://127.0.0.1:1/ --ca-file FILE", lambda path: path.symlink_to("/dev/zero"), "larger than"),
    "a gzip bomb": Case("hosting 192.0.2.1 --offline --asn-file FILE", content(lambda: gzip.compress(bytes(129 * MIB), 1)), "unpacked"),
    "a table without end": Case("hosting 192.0.2.1 --offline --asn-file FILE", content(lambda: _table() + b"\n" * 2_000_001), "more than 2000000 lines"),
    "ranges without end": Case("hosting 192.0.2.1 --offline --cloud-ranges OVHcloud=FILE", content(lambda: b"1.1.1.1\n" * 250_001), "more than 250000 ranges"),
    "ranges of one long cell": Case("hosting 192.0.2.1 --offline --cloud-ranges OVHcloud=FILE", content(lambda: b'"' + b"x" * 200_000), "not a list of prefixes"),
    "hosters in one long line": Case("hds import FILE --yes", content(lambda: b"Nom;Fin\n" + b"a,;" * (2 * MIB)), "a line of more than"),
    "a name that would speak to the terminal": Case("validate FILE", content('platform: x\n"\\e]0;x\\a\\u202Ekey": 1\n'.encode), "unknown key|key"),
    **{f"a YAML bomb for {words.split()[0]} {number}": Case(words, content(lambda: BOMB), "anchors and aliases") for number, words in enumerate(YAMLS)},
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    case.make(tmp_path / "input")
    words = [word.replace("FILE", "input") for word in case.words.split()]

    assert re.search(case.says, refused(tmp_path, *words))


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "input"
    with socket.socket(socket.AF_UNIX) as server:
        if kind == "pipe":
            os.mkfifo(path)
        else:
            server.bind(str(path))
        assert "input" in refused(
            tmp_path, "hosting", "192.0.2.1", "--offline", "--asn-file", "input"
        )


def test_a_pipe_that_somebody_writes_to_is_a_file(tmp_path: Path) -> None:
    """`--waivers <(sops -d waivers.yaml)`."""
    os.mkfifo(tmp_path / "input")
    writer = subprocess.Popen(["sh", "-c", "sleep 1; echo 'platform: x' > input"], cwd=tmp_path)
    ended = run(tmp_path, "validate", "input")
    writer.wait()

    assert (ended.status, ended.stderr) == (0, "")


DECLARED = """platform: x
processing: {health_data: true}
storage:
  - {name: base, kind: database, contains: [health], ENCRYPTION evidence: [{kind: KIND, file: artefact}]}
"""


def audited(folder: Path, kind: str, more: str = "", declared: str = "") -> dict[str, Any]:
    """The findings on encryption, by rule; the audit ended well and small."""
    text = (
        DECLARED.replace("KIND", kind)
        .replace("ENCRYPTION", declared)
        .replace("artefact}", f"artefact{more}}}")
    )
    (folder / "platform.yaml").write_text(text)
    only = ("--only", "storage-not-encrypted", "--only", "storage-evidence-missing")
    ended = run(folder, "scan", "-d", "platform.yaml", "--offline", "-q", "--lang", "en", *only,
                "-f", "json", "-o", "audit.json")  # fmt: skip
    assert ended.stderr == ""
    assert ended.status in (0, 1, 3)
    assert ended.peak < PEAK
    found = json.loads((folder / "audit.json").read_bytes())["findings"]
    return {one["rule"]: one for one in found}


def plan_of(size: int) -> bytes:
    """A plan in the proportions of a real one, of about `size` bytes."""
    plan = Plan().add("aws_db_instance.p", {"storage_encrypted": True})
    block = {"protocol": "tcp", "ports": [443, 8443], "of": [], "description": None}
    tags = {"owner": "équipe des systèmes d’information", "rules": [block] * 6, "cost": "7"}
    row = {"mode": "managed", "type": "aws_iam_role", "name": "r", "provider_name": "aws"}
    changed = {
        "before": {"tags": tags},
        "after": {"tags": tags},
        "after_unknown": {},
        "actions": ["update"],
    }
    one = [
        {
            **row,
            "address": "aws_iam_role.r",
            "index": 0,
            "values": {"tags": tags},
            "sensitive_values": {},
        }
    ]
    two = [{**row, "address": "aws_iam_role.r", "change": changed}]
    document = plan.document
    count = size // len(json.dumps([one, two, one], ensure_ascii=False).encode())
    document["planned_values"]["root_module"]["child_modules"] = [
        {"address": "module.a", "resources": one * count}
    ]
    document["resource_changes"] += two * count
    document["prior_state"] = {"values": {"root_module": {"resources": one * count}}}
    return json.dumps(document, ensure_ascii=False).encode()


def test_a_plan_of_a_hundred_megabytes_is_read(tmp_path: Path) -> None:
    content = plan_of(100_000_000)
    assert 95_000_000 < len(content) < 128 * MIB
    (tmp_path / "artefact").write_bytes(content)
    found = audited(tmp_path, "terraform-plan", ", address: aws_db_instance.p")

    assert found["storage-not-encrypted"]["verdict"] == "pass"
    assert found["storage-evidence-missing"]["verdict"] == "pass"


def test_a_larger_plan_proves_nothing_and_the_report_says_so(tmp_path: Path) -> None:
    with (tmp_path / "artefact").open("wb") as file:
        file.truncate(128 * MIB + 1)
    declared = "encryption: {level: volume, algorithm: AES, mode: XTS, key_bits: 256},"
    found = audited(tmp_path, "terraform-plan", declared=declared)

    assert found["storage-not-encrypted"]["strength"] == "declared"
    assert found["storage-evidence-missing"]["verdict"] == "unproven"
    assert "larger than 131072 KiB" in json.dumps(found["storage-evidence-missing"])


def nested_zip() -> bytes:
    """42.zip's way: archives within archives, each of zeros, which unfold to petabytes."""
    inner = bytes(MIB)
    for _ in range(5):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(f"{number}.zip", inner)
        inner = made.getvalue()
    return inner


def overlapping_zip() -> bytes:
    """Bamsoftware's way: ten thousand names for one content."""
    content = bytes(1000)
    head = (
        struct.pack("<4s5H3L2H", b"PK\3\4", 20, 1, 0, 0, 33, 0, 1000, 1000, 1, 0) + b"a" + content
    )
    row = (
        struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, 1, 0, 0, 33, 0, 1000, 1000, 1, 0, 0, 0, 0, 0, 0
        )
        + b"a"
    )
    many = 10_000
    return (
        head
        + row * many
        + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, many, many, len(row) * many, len(head), 0)
    )


def wide_zip() -> bytes:
    """A directory of which a ZIP64 end says that it holds four thousand million files."""
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 2**32, 2**32, 2**40, 0)
    return b"PK\3\4" + end + struct.pack("<4sLQL", b"PK\6\7", 0, 4, 1) + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)  # fmt: skip


@pytest.mark.parametrize(
    ("make", "verdict"),
    [
        (nested_zip, "fail"),  # its files are in clear, whatever they hold
        (overlapping_zip, "unproven"),
        (wide_zip, "unproven"),
        (lambda: gzip.compress(bytes(64 * MIB), 1), "fail"),
        (lambda: b"7z\xbc\xaf\x27\x1c\0\4" + bytes(4) + struct.pack("<QQL", 0, 2**60, 0) + bytes(99), "unproven"),
    ],
    ids=["nested zip", "overlapping zip", "endless zip", "gzip", "endless 7z"],
)  # fmt: skip
def test_a_bomb_is_not_unpacked_and_proves_nothing(
    tmp_path: Path, make: Callable[[], bytes], verdict: str
) -> None:
    (tmp_path / "artefact").write_bytes(make())
    found = audited(tmp_path, "encrypted-file")

    assert found["storage-not-encrypted"]["verdict"] == verdict


def test_a_bundle_that_names_one_content_many_times_is_small_to_verify(tmp_path: Path) -> None:
    data = archive.pack([archive.Entry("manifest.json", bytes(8 * MIB))])
    (at,) = struct.unpack_from("<L", data, len(data) - 6)
    rows = data[at:-22] * 5000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 5000, 5000, len(rows), at, 0)
    (tmp_path / "bundle.zip").write_bytes(data[:at] + rows + end)
    ended = run(tmp_path, "verify", "bundle.zip", "--lang", "en")

    assert ended.status == 1
    assert ended.peak < PEAK
    assert "Traceback" not in ended.stderr


SECRET = b"root:$6$salt$not-for-anybody:19000:0:99999:7:::\n" * 20


@pytest.mark.parametrize("way", ["link", "above", "whole path"])
@pytest.mark.parametrize("section", ["storage", "documents"])
def test_a_declaration_has_no_file_of_the_auditors_opened(
    tmp_path: Path, way: str, section: str
) -> None:
    """Neither by a symbolic link, nor by `..`, nor by its whole path."""
    folder, secret = tmp_path / "repository", tmp_path / "shadow"
    folder.mkdir()
    secret.write_bytes(SECRET)
    (folder / "link").symlink_to(secret)
    name = {"link": "link", "above": "../shadow", "whole path": str(secret)}[way]
    evidence = f"evidence: [{{kind: encrypted-file, file: {name}}}]"
    (folder / "platform.yaml").write_text(
        f"platform: x\nstorage: [{{name: base, kind: file, contains: [health], {evidence}}}]\n"
        if section == "storage"
        else f"platform: x\ndocuments: [{{shows: [platform], file: {name}}}]\n"
    )
    path = folder / "platform.yaml"
    with pytest.raises(InputError, match=r"platform\.yaml:2: .* outside the declaration's folder"):
        declaration.read(path)
    assert len(declaration.faults(path)) == 1
    assert not declaration.faults(path, [tmp_path])  # whoever audits may allow it
    assert declaration.read(path, (), [tmp_path]).places


def test_the_command_says_how_to_allow_a_folder(tmp_path: Path) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "pentest.pdf").touch()
    text = "platform: x\ndocuments: [{shows: [platform], file: ../pentest.pdf}]\n"
    (tmp_path / "audit" / "platform.yaml").write_text(text)
    words = ("validate", "audit/platform.yaml")

    assert "--artefacts-in" in refused(tmp_path, *words)
    assert run(tmp_path, *words, "--artefacts-in", ".").status == 0


@pytest.mark.parametrize("name", ["x" * 300, "a\\0b", "."])
def test_a_file_that_cannot_be_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "platform.yaml").write_text(
        f'platform: x\ndocuments: [{{shows: [platform], file: "{name}"}}]\n'
    )
    assert "platform.yaml:2: documents[0].file: " in refused(tmp_path, "validate", "platform.yaml")
