"""The interview of `init`, by a person at a terminal: both languages, interrupted and resumed."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit import declaration
from gdpr_audit.declaration import schema
from gdpr_audit.evidence import Artefact, reader_of
from gdpr_audit.interview import draft
from gdpr_audit.interview.engine import State
from tests.evidence.plans import Plan, ref
from tests.interview.terminal import Terminal

pytestmark = pytest.mark.xdist_group("terminal")


def read(path: Path) -> schema.Platform:
    written = declaration.read(path, (), [path.parent.parent]).written
    assert written is not None
    return written


def test_a_person_answers_in_french_stops_and_goes_on(tmp_path: Path) -> None:
    person = Terminal(tmp_path, "init")
    person.expect("Entrée : je ne sais pas")
    person.talk(
        ("nom de la plateforme", ""),
    )
    person.expect("il faut ici une réponse")
    person.expect("> ")
    person.type('RDV "Santé" : #1')
    shown = person.say("responsable de traitement", "SAS Exemple")
    assert "Pourquoi : C'est à lui que le RGPD" in shown
    person.talk(
        ("Dans quel pays", "france"),
        ("organisme public", "peut-être"),
        ("!oui ou non, ou Entrée si vous ne savez pas", "non"),
        ("chiffre d'affaires", "2 400 000"),
        ("adresse du site", "https://rdv.example.fr/"),
        ("Qui s'en sert", "1, professionnels de santé"),
        ("page de connexion", "/connexion"),
        ("Une autre adresse", "https://RDV.example.fr"),
    )
    person.expect("déjà nommé")
    person.interrupt()
    assert person.end() == 130
    assert "Vos réponses sont dans platform.yaml.part" in person.seen
    assert "gdpr-audit init platform.yaml" in person.seen
    assert not (tmp_path / "platform.yaml").exists()
    kept = json.loads((tmp_path / "platform.yaml.part").read_text())
    assert kept["answers"]["controller"]["turnover_eur"] == 2400000

    person = Terminal(tmp_path, "init")
    person.expect("Le reprendre ? [O/n]")
    person.type("")
    person.talk(
        ("Une autre adresse", ""),
        ("traite-t-elle des données de santé", "oui"),
        ("De combien de personnes", "<"),
        ("traite-t-elle des données de santé", "o"),
        ("De combien de personnes", "387 000"),
        ("...Le registre des traitements", "oui"),
        ("...Quel autre prestataire", "aucun"),
    )
    assert person.end() == 0
    assert not (tmp_path / "platform.yaml.part").exists()

    found = read(tmp_path / "platform.yaml")
    assert found.platform == 'RDV "Santé" : #1'
    assert found.controller == schema.Controller(
        name="SAS Exemple", country="FR", turnover_eur=2400000, public_body=False
    )
    assert found.targets is not None
    assert found.targets[0].audience == ["patients", "professionals"]
    assert found.processing is not None
    assert (found.processing.health_data, found.processing.data_subjects) == (True, 387000)
    assert found.processing.article_9_basis is None
    assert found.hosting is None
    assert found.governance is not None
    assert (found.governance.record_of_processing, found.governance.processors) == (True, [])
    text = (tmp_path / "platform.yaml").read_text()
    assert "#  large_scale: true" in text
    assert "# Les hébergeurs" in text


def test_a_person_answers_in_english_with_what_follows_from_it(tmp_path: Path) -> None:
    person = Terminal(tmp_path, "init", "p.yaml", "--lang", "en")
    person.talk(
        ("platform's name", "Visits"),
        ("...On which basis of article 6", "contract"),
        ("Which exception of article 9", "explicit consent"),
        ("proof of each consent", "yes"),  # asked because of the answer before
        ("another purpose", "2"),
        ("reference methodology", "MR-004"),
        ("Who hosts the data", "OVHcloud"),
        ("What does it serve", "production, backups"),
        ("In which countries", "FR, Germany"),
        ("HDS certificate", "no"),
    )
    shown = person.say("parent company", "france")  # none about the certificate that there is not
    assert "number" not in shown
    person.talk(
        ("...Another hoster", "self"),
        ("What does it serve", ""),
        ("In which countries", ""),
        ("Another hoster", ""),  # one's own premises have no certificate to ask for
        ("With what do the patients sign in", "1, totp"),
        ("How many characters", "12"),
        ("How many sorts", "9"),
        ("!from 0 to 4", "4"),
        ("attempts at passwords limited", "no"),
        ("How are passwords stored", "argon2id"),
        ("sent in clear", "no"),
        ("idle minutes", "60"),
        ("With what do the health professionals sign in", "pro-sante-connect"),
        ("idle minutes", "20"),  # no question on passwords
        ("shared accounts", "no"),
        ("...Name a store", "laptops"),
        ("Of which kind", ""),
        ("!an answer is needed", "6"),
        ("What does it hold", "1, 2, photos"),
        ("In which country", "FR"),
        ("Is it encrypted", "none"),
        ("Another store", ""),
        ("...Was an impact assessment", "yes"),
        ("Of when is it", "01/09/2025"),
        ("...Which other provider", "Mailer Inc."),
        ("In which country", "US"),
        ("contract by article 28", "yes"),
        ("Which safeguard", "1"),  # asked because the country lies outside
        ("Another (Enter: no)", ""),
    )
    assert person.end() == 0
    assert "p.yaml written" in person.seen

    found = read(tmp_path / "p.yaml")
    assert found.language == "en"
    assert found.processing is not None
    assert found.processing.reuse == schema.Reuse(purpose="research", framework="MR-004")
    assert found.processing.consent_recorded is True
    assert [one.provider for one in found.hosting or ()] == ["OVHcloud", "self"]
    assert (found.hosting or [])[0].certificate == "none"
    assert (found.hosting or [])[0].countries == ["FR", "DE"]
    assert found.authentication is not None
    assert found.authentication.patients is not None
    assert found.authentication.patients.password is not None
    assert found.authentication.patients.password.throttling == "none"
    assert found.authentication.administrators is None
    [store] = found.storage or []
    assert (store.encryption, store.contains) == ("none", ["health", "identity", "photos"])
    assert found.governance is not None
    assert isinstance(found.governance.dpia, schema.Dpia)
    assert str(found.governance.dpia.date) == "2025-09-01"
    assert (found.governance.processors or [])[0].transfer_safeguard == "adequacy"


def _plan(folder: Path) -> Path:
    plan = (
        Plan()
        .provider("aws", region="eu-west-3")
        .add("aws_kms_key.k", {"enable_key_rotation": True})
    )
    plan.add("module.db.aws_db_instance.patients[0]", {"storage_encrypted": True})
    plan.add("aws_ebs_volume.scratch", {"encrypted": False})
    plan.add("openstack_blockstorage_volume_v3.v", {}).add("aws_vpc.v")
    plan.add("aws_s3_bucket.docs", {})
    rule = {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]}
    expressions = [
        {
            "apply_server_side_encryption_by_default": [
                {"kms_master_key_id": ref("aws_kms_key.k", "arn")}
            ]
        }
    ]
    plan.add("aws_s3_bucket_server_side_encryption_configuration.docs", rule,
             wrote={"bucket": ref("aws_s3_bucket.docs", "id"), "rule": expressions})  # fmt: skip
    return plan.save(folder)


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = "from gdpr_audit.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_plan_fills_the_stores_in_without_a_question(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "audit").mkdir()
    _plan(tmp_path / "infra")
    done = _run(
        tmp_path, "init", "audit/platform.yaml", "--yes", "--from-terraform", "infra/plan.json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = read(tmp_path / "audit" / "platform.yaml")
    stores = {store.name: store for store in found.storage or ()}
    assert set(stores) == {"module.db.aws_db_instance.patients[0]", "aws_ebs_volume.scratch",
                           "openstack_blockstorage_volume_v3.v", "aws_s3_bucket.docs"}  # fmt: skip
    bucket = stores["aws_s3_bucket.docs"]
    assert (bucket.kind, bucket.provider, bucket.country) == (
        "object-store",
        "Amazon Web Services",
        "FR",
    )
    assert bucket.encryption == schema.Encryption(
        level="object", algorithm="AES", mode="GCM", key_bits=256
    )
    assert bucket.keys == schema.Keys(manager="kms", rotation_months=12)
    assert stores["aws_ebs_volume.scratch"].encryption == "none"
    assert stores["openstack_blockstorage_volume_v3.v"].provider is None
    for store in stores.values():
        [evidence] = store.evidence or []
        assert evidence.file == "../infra/plan.json"
        shown = reader_of(evidence.kind)(
            Artefact(tmp_path / "audit" / evidence.file, evidence.file, evidence.address)
        )
        encrypted = None if store.encryption is None else store.encryption != "none"
        assert shown.encrypted is encrypted
    assert "gdpr-audit scan -d audit/platform.yaml --artefacts-in infra\n" in done.stdout
    words = ("scan", "-d", "audit/platform.yaml")
    refused = _run(tmp_path, *words)  # it lies outside the declaration's folder
    assert (refused.returncode, "--artefacts-in" in refused.stderr) == (2, True)
    assert _run(tmp_path, *words, "--artefacts-in", "infra").returncode in (0, 1)


def test_a_person_chooses_among_the_stores_of_a_plan(tmp_path: Path) -> None:
    _plan(tmp_path)
    person = Terminal(tmp_path, "init", "--from-terraform", "plan.json", "--lang", "fr")
    person.expect("4 stockages dans le plan")
    assert "FR" in person.expect("Le garder dans la déclaration ?")
    person.type("n")
    person.expect("aws_s3_bucket.docs")
    person.expect("chiffré (sse_algorithm = aws:kms), AES-256, avec une clé du client")
    for _ in range(3):
        person.expect("Le garder dans la déclaration ?")
        person.type("")
    person.talk(
        ("nom de la plateforme", "X"),
        ("...Que contient-il", "1"),
        ("...Quel autre prestataire", ""),
    )
    assert person.end() == 0
    stores = read(tmp_path / "platform.yaml").storage or []
    assert [store.name for store in stores] == [
        "aws_s3_bucket.docs", "module.db.aws_db_instance.patients[0]", "openstack_blockstorage_volume_v3.v"]  # fmt: skip
    assert stores[0].contains == ["health"]


def test_choosing_among_the_stores_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "two words"
    folder.mkdir()
    _plan(folder)
    words = ("init", "--from-terraform", "two words/plan.json", "--lang", "en")
    person = Terminal(tmp_path, *words)
    person.expect("4 stores in the plan")
    first = person.expect("Keep it in the declaration?")
    person.type("n")
    second = person.expect("Keep it in the declaration?")
    person.type("")
    person.expect("Keep it in the declaration? [Y/n] ")
    person.interrupt(prompt=False)
    assert person.end() == 130
    assert "gdpr-audit init platform.yaml --from-terraform 'two words/plan.json'" in person.seen
    assert "aws_ebs_volume.scratch" in first

    person = Terminal(tmp_path, *words)
    person.expect("Go on with it? [Y/n]")
    person.type("")
    shown = person.expect("2 stores in the plan") + person.expect("Keep it in the declaration?")
    person.type("")
    shown += person.expect("Keep it in the declaration?")
    person.type("n")
    assert "aws_ebs_volume.scratch" not in shown
    assert second.strip().splitlines()[0] not in shown
    person.talk(("platform's name", "X"), ("...Which other provider", ""))
    assert person.end() == 0
    stores = read(tmp_path / "platform.yaml").storage or []
    assert len(stores) == 2
    assert "aws_ebs_volume.scratch" not in {store.name for store in stores}


def test_where_there_are_no_answers_none_are_said_to_be_there(tmp_path: Path) -> None:
    part = tmp_path / "y.yaml.part"
    for content in (b"{", b"x" * (2 << 20)):
        part.write_bytes(content)
        person = Terminal(tmp_path, "init", "y.yaml", "--lang", "en")
        if content == b"{":
            person.expect("is no interview to go on with")
            person.interrupt()
            assert person.end() == 130
            assert "no answer yet" in person.seen
        else:
            assert person.end() == 2
        assert "Your answers are in" not in person.seen
        assert part.read_bytes() == content


def test_a_draft_of_before_is_still_read(tmp_path: Path) -> None:
    part = tmp_path / "p"
    given = json.loads(draft.render(State("en", {"platform": "X"}, ["platform"])))
    del given["declined"]
    part.write_text(json.dumps(given))
    found = draft.load(part)
    assert found is not None
    assert found.declined == []
    part.write_text(json.dumps(given | {"declined": 3}))
    assert draft.load(part) is None


def test_what_is_no_plan_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{}")
    for words in (["plan.json"], ["nowhere.json"]):
        done = _run(tmp_path, "init", "--yes", "--from-terraform", *words)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert not (tmp_path / "platform.yaml").exists()


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "platform.yaml").write_text("platform: mine\n")
    person = Terminal(tmp_path, "init")
    assert person.end() == 2
    assert "--force" in person.seen
    assert (tmp_path / "platform.yaml").read_text() == "platform: mine\n"


def test_starting_anew_and_a_part_that_is_none(tmp_path: Path) -> None:
    state = State("en", {"platform": "Old"}, ["platform"])
    part = tmp_path / "platform.yaml.part"
    part.write_text(draft.render(state))
    person = Terminal(tmp_path, "init", "--lang", "en")
    person.expect("Go on with it? [Y/n]")
    person.type("n")
    person.talk(
        ("platform's name", "New"),
    )
    person.expect("> ")
    person.type("")
    person.interrupt()
    assert person.end() == 130
    assert json.loads(part.read_text())["answers"] == {"platform": "New"}
    for content in ("{", "[]", '{"gdpr-audit init": 1, "asked": 3}', '{"gdpr-audit init": 2}'):
        part.write_text(content)
        assert draft.load(part) is None
    bent: tuple[dict[str, Any], ...] = (
        {"storage": [3]}, {"storage": [{}]}, {"hosting": {"0": 1}}, {"targets": ["x"]},
    )  # fmt: skip
    for answers in bent:
        part.write_text(draft.render(State("en", answers, ["platform"])))
        found = draft.load(part)  # what can be gone on with has a next question, all else is none
        assert found is None or found.next() is not None


def test_the_part_holds_no_more_than_one_may_read(tmp_path: Path) -> None:
    person = Terminal(tmp_path, "init")
    person.talk(
        ("nom de la plateforme", "X"),
    )
    person.interrupt()
    person.end()
    mode = stat.S_IMODE((tmp_path / "platform.yaml.part").stat().st_mode)
    assert mode & 0o002 == 0
