"""`--bundle` and `keygen` as a user has them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from gdpr_audit.cli.options import Format
from tests.cli.test_cli import declare, run
from tests.cli.test_judge import BAD, GOOD
from tests.conftest import program
from tests.lab import servers

NOTHING = servers.Answer(404)


def bundle(cwd: Path, *words: str, text: str = BAD, **env: str) -> zipfile.ZipFile:
    line = ("scan", "-d", declare(cwd, text), "--fail-on", "never", "-q", *words)
    done = run(*line, "--bundle", "b.zip", cwd=cwd, **env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return zipfile.ZipFile(cwd / "b.zip")


def test_what_a_bundle_holds(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text("waivers: []\n")
    found = bundle(tmp_path, "-f", "json", "-f", "csv", "-o", "out/", "--waivers", "w.yaml")
    told = json.loads(found.read("manifest.json"))
    audit = json.loads((tmp_path / "out" / "audit.json").read_text("utf-8"))

    assert found.testzip() is None
    assert {info.compress_type for info in found.infolist()} == {zipfile.ZIP_STORED}
    assert found.read("audit.json") == (tmp_path / "out" / "audit.json").read_bytes()
    assert found.read("audit.csv") == (tmp_path / "out" / "audit.csv").read_bytes()
    assert b"<html" in found.read("audit.html")
    assert json.loads(found.read("facts.json")) == audit["facts"]
    rows = list(csv.DictReader(io.StringIO(found.read("evidence.csv").decode())))
    assert {"subject", "fact", "value", "origin", "summary"} <= set(rows[0])
    known = sum(len(one) for groups in audit["facts"].values() for one in groups.values())
    assert len(rows) == known
    rules = [name for name in found.namelist() if name.startswith("rules/")]
    assert {f"rules/{f['theme']}/{f['rule']}.yaml" for f in audit["findings"]} <= set(rules)
    assert yaml.safe_load(found.read("tls-profile.yaml"))["id"] == "anssi"
    assert found.read("hds-list.csv").startswith(b"name,")
    assert told["audit"] == audit["digest"]
    assert told["judged"] == sorted({f["rule"] for f in audit["findings"]})
    for row in told["files"]:
        assert hashlib.sha256(found.read(row["path"])).hexdigest() == row["sha256"]
        assert len(found.read(row["path"])) == row["bytes"]


def test_what_was_read_is_named_and_not_kept(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text("LUKS header information\n")
    text = "platform: Secret Name\nstorage:\n  - {name: b, kind: volume, contains: [health], evidence: [{kind: luks-dump, file: plan.txt}]}\n"
    found = bundle(tmp_path, "--ca-file", str(_root(tmp_path)), text=text)
    told = json.loads(found.read("manifest.json"))

    assert {(one["role"], one["name"]) for one in told["inputs"]} == {
        ("declaration", "p.yaml"),
        ("artefact", "plan.txt"),
        ("ca-file", "root.pem"),
    }
    for one in told["inputs"]:
        content = (tmp_path / one["name"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(content).hexdigest()
        assert one["bytes"] == len(content)
    assert not {"p.yaml", "plan.txt"} & set(found.namelist())
    assert str(tmp_path).encode() not in (tmp_path / "b.zip").read_bytes()


def _root(folder: Path) -> Path:
    from tests.lab import pki

    return pki.save(folder, "root", [pki.authority("root")])[0].rename(folder / "root.pem")


def test_the_journal_is_kept_where_there_is_one(tmp_path: Path) -> None:
    with servers.web(lambda *_: NOTHING) as site:
        text = f"platform: x\ntargets: [{{url: 'http://127.0.0.1:{site.port}/'}}]\n"
        found = bundle(tmp_path, "--journal", "j.jsonl", text=text)

    assert found.read("journal.jsonl") == (tmp_path / "j.jsonl").read_bytes()
    assert b'"kind": "tcp"' in found.read("journal.jsonl")


def test_a_pack_of_the_user_s_is_kept_and_judged_again(tmp_path: Path) -> None:
    pack = tmp_path / "mine" / "lawfulness"
    pack.mkdir(parents=True)
    rules = Path(__file__).parents[2] / "rules"
    rule = (rules / "lawfulness" / "article-6-basis-missing.yaml").read_text("utf-8")
    (pack / "my-rule.yaml").write_text(rule.replace("article-6-basis-missing", "my-rule"), "utf-8")
    found = bundle(tmp_path, "--rules", "mine", "--only", "my-rule", text=GOOD)

    assert "rules/lawfulness/my-rule.yaml" in found.namelist()
    assert json.loads(found.read("manifest.json"))["judged"] == ["my-rule"]
    done = run("verify", "b.zip", "--lang", "en", cwd=tmp_path)
    assert (done.returncode, "judged again by 1 rules" in done.stdout) == (0, True), done.stdout


@pytest.mark.parametrize("command", ["judge", "report"])
def test_a_finished_audit_is_bundled_too(tmp_path: Path, command: str) -> None:
    (tmp_path / "w.yaml").write_text(
        "waivers: [{rule: article-9-basis-missing, reason: r, approver: a, expires: 2099-01-01}]\n"
    )
    run("scan", "-d", declare(tmp_path, BAD), "-f", "json", "-o", "a.json", cwd=tmp_path)
    more = ["--fail-on", "never", "--waivers", "w.yaml"] if command == "judge" else []
    done = run(command, "a.json", "--lang", "en", "--bundle", "b.zip", *more, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(zipfile.ZipFile(tmp_path / "b.zip").read("manifest.json"))

    roles = ["audit", "waivers"] if command == "judge" else ["audit"]
    assert [one["role"] for one in found["inputs"]] == roles
    checked = run("verify", "b.zip", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert "follow from the facts" in checked.stdout


def test_an_audit_by_other_rules_is_not_bundled_with_these(tmp_path: Path) -> None:
    pack = tmp_path / "mine" / "lawfulness"
    pack.mkdir(parents=True)
    rules = Path(__file__).parents[2] / "rules"
    rule = (rules / "lawfulness" / "article-6-basis-missing.yaml").read_text("utf-8")
    (pack / "my-rule.yaml").write_text(rule.replace("article-6-basis-missing", "my-rule"), "utf-8")
    words = ("-d", declare(tmp_path, GOOD), "-f", "json", "-o", "a.json", "--rules", "mine")
    run("scan", *words, cwd=tmp_path)
    done = run("report", "a.json", "--bundle", "b.zip", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert "judge --bundle" in done.stderr
    assert not (tmp_path / "b.zip").exists()


def _refused(cwd: Path, *words: str, **env: str) -> str:
    """What is said; and nothing was sent, and nothing written."""
    with servers.web(lambda *_: NOTHING) as site:
        url = f"http://127.0.0.1:{site.port}/"
        done = run("scan", url, "-f", "json", "-o", "a.json", *words, cwd=cwd, **env)
        assert site.seen == []
    assert done.returncode == 2, done.stderr
    assert not (cwd / "a.json").exists()
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr


def test_what_cannot_be_done_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    openssl = program("openssl", "openssl")
    subprocess.run(
        [openssl, "genpkey", "-algorithm", "RSA", "-out", tmp_path / "rsa.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    locked = {"GDPR_AUDIT_SIGN_PASSPHRASE": "lapin"}
    assert run("keygen", "locked.key", cwd=tmp_path, **locked).returncode == 0
    assert "ENCRYPTED" in (tmp_path / "locked.key").read_text()
    to = ("--bundle", "b.zip", "--sign-key")

    assert "this is a folder" in _refused(tmp_path, "--bundle", "folder")
    assert "file is not a folder" in _refused(tmp_path, "--bundle", "file/b.zip")
    assert "No such file" in _refused(tmp_path, *to, "none.key")
    assert "not a private key in PEM" in _refused(tmp_path, *to, "file")
    assert "not of Ed25519" in _refused(tmp_path, *to, "rsa.pem")
    assert "give GDPR_AUDIT_SIGN_PASSPHRASE" in _refused(tmp_path, *to, "locked.key")
    wrong = {"GDPR_AUDIT_SIGN_PASSPHRASE": "lapine"}
    assert "is not its passphrase" in _refused(tmp_path, *to, "locked.key", **wrong)
    assert "--timestamp" in _refused(tmp_path, "--bundle", "b.zip", "--timestamp", "tsa")
    assert "add --bundle" in _refused(tmp_path, "--sign-key", "locked.key")
    assert "add --bundle" in _refused(tmp_path, "--timestamp", "http://tsa.example/")
    assert not (tmp_path / "b.zip").exists()


def test_keygen_makes_a_pair_and_overwrites_nothing(tmp_path: Path) -> None:
    done = run("keygen", "k", cwd=tmp_path)
    private, public = tmp_path / "k", tmp_path / "k.pub"

    assert done.stdout.startswith("ed25519:")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    shown = subprocess.run(
        [program("openssl", "openssl"), "pkey", "-in", private, "-pubout"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert shown == public.read_text()

    before = private.read_bytes(), public.read_bytes()
    again = run("keygen", "k", cwd=tmp_path)
    assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)
    public.unlink()
    assert run("keygen", "k", cwd=tmp_path).returncode == 2
    assert (private.read_bytes(), public.exists()) == (before[0], False)


def test_the_key_by_a_file_the_environment_or_the_configuration(tmp_path: Path) -> None:
    key_id = run("keygen", "k", cwd=tmp_path).stdout.strip()
    pem = (tmp_path / "k").read_text()
    secret = {"GDPR_AUDIT_SIGN_PASSPHRASE": "lapin"}
    other = run("keygen", "locked", cwd=tmp_path, **secret).stdout.strip()

    def signer(**env: str) -> str:
        found = bundle(tmp_path, "--only", "lawfulness", **env)
        return str(json.loads(found.read("manifest.json"))["signature"]["key_id"])

    assert signer(GDPR_AUDIT_SIGN_KEY="k") == key_id
    assert signer(GDPR_AUDIT_SIGN_KEY=pem) == key_id
    assert signer(GDPR_AUDIT_SIGN_KEY=pem, **secret) == key_id  # a passphrase that it does not need
    assert signer(GDPR_AUDIT_SIGN_KEY="locked", **secret) == other
    (tmp_path / "gdpr-audit.toml").write_text('sign-key = "k"\nbundle = "c.zip"\n')
    done = run("scan", "-d", declare(tmp_path, GOOD), "-q", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert run("verify", "c.zip", "--key", key_id, cwd=tmp_path).returncode == 0
    # a key that is configured for bundles asks for none by itself
    run("scan", "-d", declare(tmp_path, GOOD), "-f", "json", "-o", "a.json", cwd=tmp_path)
    (tmp_path / "c.zip").unlink()
    assert run("report", "a.json", cwd=tmp_path).returncode == 0
    assert not (tmp_path / "c.zip").exists()


def test_a_key_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    run("keygen", "k", cwd=tmp_path)
    (tmp_path / "k").chmod(0o644)
    words = ("scan", "-d", declare(tmp_path, GOOD), "-q", "--bundle", "b.zip", "--sign-key", "k")
    done = run(*words, cwd=tmp_path)

    assert done.returncode == 0
    assert "warning: k: others may read" in done.stderr


def test_the_same_audit_makes_the_same_bundle_but_for_its_time(tmp_path: Path) -> None:
    run("keygen", "k", cwd=tmp_path)
    run("scan", "-d", declare(tmp_path, BAD), "-f", "json", "-o", "a.json", cwd=tmp_path)
    made = []
    for name in ("1.zip", "2.zip"):
        run("report", "a.json", "--bundle", name, "--sign-key", "k", cwd=tmp_path)
        found = zipfile.ZipFile(tmp_path / name)
        told = json.loads(found.read("manifest.json"))
        made.append(
            (
                told["files"],
                told["inputs"],
                found.namelist(),
                told["created"],
                (tmp_path / name).read_bytes(),
            )
        )

    assert made[0][:3] == made[1][:3]
    assert (made[0][3] == made[1][3]) == (made[0][4] == made[1][4])


def test_every_report_of_a_bundle_follows_from_its_document(tmp_path: Path) -> None:
    kinds = [kind for kind in Format if kind is not Format.PDF]  # its fonts are the machine's
    words = [word for kind in kinds for word in ("-f", kind.value)]
    found = bundle(tmp_path, *words, "-o", "out/")
    done = run("verify", "b.zip", "--lang", "en", cwd=tmp_path)

    assert done.returncode == 0, done.stdout
    reports = [name for name in found.namelist() if name.startswith("audit.")]
    assert len(reports) == len(kinds) - 1  # the console's is for the screen
    assert f"reports: {len(reports) + 3} files follow from audit.json" in done.stdout
