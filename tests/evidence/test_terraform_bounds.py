"""Plans that others wrote: hostile, huge, or by the program itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdpr_audit.evidence import cloud, keys
from gdpr_audit.evidence.artefact import Artefact, Unreadable
from gdpr_audit.evidence.terraform import Plan as Book
from gdpr_audit.evidence.terraform import inventory, read
from tests.evidence.plans import Plan


@pytest.mark.parametrize(
    "content",
    [
        b"", b"null", b"[]", b"{}", b'{"format_version": 1}', b'{"format_version": "2.0", "values": {"root_module": {}}}',
        b'{"format_version": "1.2", "planned_values": []}', b'{"format_version": "1.2", "values": {"root_module": 3}}',
        b"[" * 200_000, b'{"a":' * 100_000, b'{"format_version": "1.2", "format_version": "1.2", "values": {"root_module": {}}}',
        b'{"format_version": "1.2", "values": {"root_module": {}}, "x": NaN}',
        b'{"format_version": "1.2", "x": ' + b"9" * 10_000 + b', "values": {"root_module": {}}}', b"\xff\xfe\x00", b"PK\x03\x04",
        b'{"@level":"info","@message":"Terraform 1.11.4"}\n{"@level":"info"}',
    ],
    ids=lambda content: repr(content[:30]),
)  # fmt: skip
def test_what_is_no_plan_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        read(Artefact(path, "plan.json"))


def test_modules_nested_ten_thousand_deep_do_not_break(tmp_path: Path) -> None:
    module: dict[str, Any] = {}
    plan = Plan().add("aws_db_instance.p", {"storage_encrypted": True})
    for _ in range(150):
        module = {"child_modules": [module, 3, None, {"resources": [None, 3, {}]}]}
    plan.document["planned_values"]["root_module"]["child_modules"] = [module]
    assert plan.read(tmp_path).encrypted is True


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["aws_db_instance", "aws_s3_bucket", "aws_kms_key.k", "aws_kms_key", "managed", "1.2", "var.x", "module.a.b"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["root_module", "resources", "child_modules", "address", "type", "name", "values", "mode", "index",
                         "after_unknown", "change", "actions", "expressions", "references", "constant_value", "kms_key_id",
                         "storage_encrypted", "rule", "module_calls", "module", "outputs", "region", "sensitive_values"]),
        inner, max_size=6),
    max_leaves=25,
)  # fmt: skip


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(
            ["planned_values", "values", "resource_changes", "configuration", "variables"]
        ),
        _JSON,
    )
)
def test_any_json_is_read_or_refused(tmp_path: Path, document: dict[str, Any]) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"format_version": "1.2", **document}))
    with suppress(Unreadable):
        inventory(Artefact(path, "plan.json"))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(sorted([*cloud.table(), *keys.KEY_TYPES])), _JSON, _JSON, _JSON, _JSON)
def test_any_values_of_a_known_type_are_read(
    tmp_path: Path, kind: str, values: Any, unknown: Any, hidden: Any, wrote: Any
) -> None:
    row = cloud.table().get(kind)
    names = (
        [n.split(".")[0] for n in (row.switch or "x", *row.key, *row.region)]
        if row
        else ["rotation_policy"]
    )
    plan = Plan().add(f"{kind}.x", dict.fromkeys(names, values))
    plan.document["resource_changes"][0]["change"]["after_unknown"] = unknown
    plan.document["planned_values"]["root_module"]["resources"][0]["sensitive_values"] = hidden
    plan.document["configuration"]["root_module"]["resources"][0]["expressions"] = dict.fromkeys(
        names, wrote
    )
    inventory(plan.artefact(tmp_path))


TERRAFORM = shutil.which("terraform") or shutil.which("tofu")


@pytest.mark.skipif(TERRAFORM is None, reason="neither terraform nor tofu is installed")
def test_the_format_that_the_program_itself_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its built-in resource stands for a store and its key: no provider needs to be fetched."""
    assert TERRAFORM is not None
    (tmp_path / "db").mkdir()
    (tmp_path / "main.tf").write_text(
        'variable "secret" {\n  type = string\n  sensitive = true\n  default = "hunter2"\n}\n'
        'resource "terraform_data" "key" { input = { rotation = true } }\n'
        'module "db" {\n  source = "./db"\n  for_each = toset(["a.b"])\n  key = terraform_data.key.id\n  secret = var.secret\n}\n'
    )
    (tmp_path / "db" / "main.tf").write_text(
        'variable "key" {}\nvariable "secret" {}\n'
        'resource "terraform_data" "patients" {\n  count = 2\n  input = { storage_encrypted = true, later = var.key, secret = var.secret }\n  triggers_replace = var.key\n}\n'
    )
    env = {
        **os.environ,
        "TF_CLI_CONFIG_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
    }

    def run(*words: str) -> bytes:
        return subprocess.run(
            [TERRAFORM, *words], cwd=tmp_path, env=env, check=True, capture_output=True
        ).stdout

    run("init", "-no-color")
    run("plan", "-out=plan.bin", "-no-color")
    with pytest.raises(Unreadable, match="binary plan"):
        read(Artefact(tmp_path / "plan.bin", "plan.bin"))
    (tmp_path / "plan.json").write_bytes(run("show", "-json", "plan.bin"))
    row = cloud.Row(
        "Nobody",
        "database",
        "volume",
        "https://x",
        switch="input.storage_encrypted",
        key=("triggers_replace",),
    )
    monkeypatch.setattr(cloud, "table", lambda: {"terraform_data": row})
    monkeypatch.setattr("gdpr_audit.evidence.terraform.table", lambda: {"terraform_data": row})
    address = 'module.db["a.b"].terraform_data.patients[1]'
    artefact = Artefact(tmp_path / "plan.json", "plan.json", address)
    assert read(artefact).encrypted is True
    book = Book(artefact)
    store = next(one for one in book.stores if one.address == address)
    assert [one.address for one in book.follow(store, "triggers_replace")] == ["terraform_data.key"]
    for path, words in (
        ("input.later", "known only once applied"),
        ("input.secret", "marked sensitive"),
    ):
        assert words in cloud.switched(store, path, default=None)[1].en
    run("apply", "-auto-approve", "-no-color", "plan.bin")
    (tmp_path / "state.json").write_bytes(run("show", "-json"))
    state = Artefact(tmp_path / "state.json", "state.json", address)
    assert read(state).encrypted is True


def test_a_plan_of_thousands_of_stores(tmp_path: Path) -> None:
    plan = Plan()
    for number in range(2000):
        plan.add(f"aws_s3_bucket.b[{number}]", {})
        plan.add(f"aws_s3_bucket_server_side_encryption_configuration.c[{number}]", {},
                 wrote={"bucket": {"references": ["aws_s3_bucket.b", "count.index"]}})  # fmt: skip
    found = inventory(plan.artefact(tmp_path))
    assert len(found) == 2000
    assert all(one.shown.encrypted for one in found)


def test_millions_of_empty_values_are_refused_before_they_cost_memory(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b'{"format_version": "1.2", "x": [' + b"[]," * 4_000_000 + b"[]]}")
    with pytest.raises(Unreadable):
        read(Artefact(path, "plan.json"))


def test_a_key_that_stands_twice_is_no_evidence(tmp_path: Path) -> None:
    plan = Plan().add("aws_db_instance.p", {"storage_encrypted": False})
    assert plan.read(tmp_path).encrypted is False
    path = plan.save(tmp_path)
    twice = '"storage_encrypted": false, "storage_encrypted": true'
    path.write_text(path.read_text().replace('"storage_encrypted": false', twice))
    with pytest.raises(Unreadable):
        read(Artefact(path, "plan.json"))
