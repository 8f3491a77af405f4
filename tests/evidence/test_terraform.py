"""Plans and states of Terraform: what they show of a store, and what they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.evidence import cloud, keys
from gdpr_audit.evidence.artefact import Artefact, Unreadable
from gdpr_audit.evidence.resources import Resource
from gdpr_audit.evidence.terraform import Plan as Book
from gdpr_audit.evidence.terraform import inventory, read
from tests.evidence.plans import Plan, ref

YEARLY = {"enable_key_rotation": True}


def refused(plan: Plan, folder: Path, address: str | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        plan.read(folder, address)
    assert caught.value.reason.fr
    return caught.value.reason.en


def test_an_encrypted_database_with_a_key_of_its_own(tmp_path: Path) -> None:
    plan = Plan().provider("aws", region="eu-west-3")
    plan.add("aws_kms_key.main", {**YEARLY, "rotation_period_in_days": 180})
    plan.add("aws_db_instance.p", {"storage_encrypted": True}, unknown={"kms_key_id": True},
             wrote={"kms_key_id": ref("aws_kms_key.main", "arn")})  # fmt: skip
    shown = plan.read(tmp_path, "aws_db_instance.p")
    assert shown.encrypted is True
    assert (shown.level, shown.algorithm, shown.key_bits) == ("volume", "AES", 256)
    assert (shown.manager, shown.rotation_months, shown.country) == ("kms", 6, "FR")
    assert "clé du client" in shown.words.fr
    assert "every 6 months" in shown.words.en


@pytest.mark.parametrize(
    ("values", "unknown", "hidden", "expected", "words"),
    [
        ({"storage_encrypted": False}, {}, {}, False, "storage_encrypted = false"),
        ({"storage_encrypted": None}, {}, {}, False, "no `storage_encrypted`"),
        ({}, {"storage_encrypted": True}, {}, None, "known only once applied"),
        ({"storage_encrypted": True}, {}, {"storage_encrypted": True}, None, "marked sensitive"),
        ({"storage_encrypted": "yes, of course"}, {}, {}, None, "says nothing"),
        ({"snapshot_identifier": "s"}, {}, {}, None, "follows what it is a copy of"),
        ({"storage_encrypted": True}, {}, {}, True, "storage_encrypted = true"),
    ],
)
def test_only_what_is_written_is_a_yes_or_a_no(
    tmp_path: Path, values: Any, unknown: Any, hidden: Any, expected: Any, words: str
) -> None:
    plan = Plan().add("aws_db_instance.p", values, unknown=unknown, hidden=hidden)
    shown = plan.read(tmp_path)
    assert shown.encrypted is expected
    assert words in shown.words.en
    if expected is None:
        assert (shown.algorithm, shown.manager, shown.key_bits) == (None, None, None)


def test_the_address_in_another_module_is_another_store(tmp_path: Path) -> None:
    plan = Plan()
    plan.add('module.db["a.b"].aws_db_instance.patients[0]', {"storage_encrypted": True})
    plan.add('module.old["a.b"].aws_db_instance.patients[0]', {"storage_encrypted": False})
    assert plan.read(tmp_path, 'module.db["a.b"].aws_db_instance.patients[0]').encrypted
    assert not plan.read(tmp_path, 'module.old["a.b"].aws_db_instance.patients[0]').encrypted
    said = refused(plan, tmp_path, "aws_db_instance.patients[0]")
    assert "is not in it" in said
    assert 'module.old["a.b"].aws_db_instance.patients[0]' in said
    assert "has to name one" in refused(plan, tmp_path)


def test_at_most_ten_addresses_are_listed(tmp_path: Path) -> None:
    plan = Plan()
    for number in range(25):
        plan.add(f"aws_db_instance.p[{number}]", {"storage_encrypted": True})
    said = refused(plan, tmp_path)
    assert said.count("aws_db_instance") == 10
    assert "15 more" in said


def test_what_is_no_store_and_what_is_deleted(tmp_path: Path) -> None:
    plan = Plan().add("aws_vpc.main").add("aws_db_instance.gone", actions=("delete",))
    assert "no store of a known type" in refused(plan, tmp_path, "aws_vpc.main")
    assert "deletes" in refused(plan, tmp_path, "aws_db_instance.gone")
    assert "no store of a known type" in refused(plan, tmp_path)
    plan.add("aws_db_instance.new", {"storage_encrypted": True}, actions=("delete", "create"))
    assert plan.read(tmp_path).encrypted is True


def test_one_of_two_disks_in_clear_is_enough(tmp_path: Path) -> None:
    disk = {"encrypted": True}
    plan = Plan().add(
        "aws_instance.a", {"root_block_device": [disk], "ebs_block_device": [disk, disk]}
    )
    plan.add(
        "aws_instance.b",
        {"root_block_device": [disk], "ebs_block_device": [disk, {"encrypted": False}]},
    )
    plan.add("aws_instance.c", {"root_block_device": [disk]}, unknown={"ebs_block_device": True})
    plan.add("aws_instance.d", {"ebs_block_device": [disk]}, unknown={"root_block_device": True})
    plan.add("aws_launch_template.t", {"block_device_mappings": [
        {"ebs": [{"encrypted": "true"}]}, {"ebs": [{"encrypted": "false"}]}]})  # fmt: skip
    found = [plan.read(tmp_path, f"aws_instance.{x}").encrypted for x in "abcd"]
    assert found == [True, False, True, None]
    assert plan.read(tmp_path, "aws_launch_template.t").encrypted is False


def test_an_account_that_encrypts_every_volume(tmp_path: Path) -> None:
    plan = Plan().add("aws_ebs_volume.v", {}, unknown={"encrypted": True})
    assert plan.read(tmp_path, "aws_ebs_volume.v").encrypted is None
    plan.add("aws_ebs_encryption_by_default.all", {"enabled": True})
    shown = plan.read(tmp_path, "aws_ebs_volume.v")
    assert (shown.encrypted, shown.mode, shown.raw_bits) == (True, "XTS", 512)
    plan.add("aws_ebs_volume.old", {"encrypted": False})  # may be older than the setting
    assert plan.read(tmp_path, "aws_ebs_volume.old").encrypted is False
    plan.add("aws_instance.i", {"root_block_device": [{}]})
    assert plan.read(tmp_path, "aws_instance.i").encrypted is True
    other = plan.document["configuration"]["root_module"]["resources"][1]
    other["provider_config_key"] = "aws.ireland"
    assert plan.read(tmp_path, "aws_ebs_volume.v").encrypted is None


def _bucket(*, configured: bool, key: bool) -> Plan:
    plan = Plan().add("aws_kms_key.k", YEARLY).add("aws_s3_bucket.docs", {})
    if configured:
        default = {"sse_algorithm": "aws:kms" if key else "AES256"}
        rule = {"apply_server_side_encryption_by_default": [{"sse_algorithm": {"constant_value": default["sse_algorithm"]},
                **({"kms_master_key_id": ref("aws_kms_key.k", "arn")} if key else {})}]}  # fmt: skip
        plan.add(
            "aws_s3_bucket_server_side_encryption_configuration.docs",
            {"rule": [{"apply_server_side_encryption_by_default": [default]}]},
            unknown={"bucket": True},
            wrote={"bucket": ref("aws_s3_bucket.docs", "id"), "rule": [rule]},
        )
    return plan


def test_a_bucket_with_and_without_its_configuration(tmp_path: Path) -> None:
    alone = _bucket(configured=False, key=False).read(tmp_path, "aws_s3_bucket.docs")
    assert (alone.encrypted, alone.manager, alone.rotation_months) == (True, None, None)
    assert "by this provider's default" in alone.words.en
    assert "the provider's key" in alone.words.en
    plain = _bucket(configured=True, key=False).read(tmp_path, "aws_s3_bucket.docs")
    assert (plain.encrypted, plain.manager, plain.mode) == (True, None, "GCM")
    keyed = _bucket(configured=True, key=True).read(tmp_path, "aws_s3_bucket.docs")
    assert (keyed.manager, keyed.rotation_months) == ("kms", 12)


def test_a_configuration_of_another_bucket_counts_for_that_alone(tmp_path: Path) -> None:
    plan = _bucket(configured=True, key=True).add("aws_s3_bucket.other", {})
    other = plan.read(tmp_path, "aws_s3_bucket.other")
    assert (other.manager, other.rotation_months) == (None, None)


@pytest.mark.parametrize(
    ("values", "unknown", "expected"),
    [
        ({}, {}, 9999),
        ({"enable_key_rotation": False}, {}, 9999),
        (YEARLY, {}, 12),
        ({**YEARLY, "rotation_period_in_days": 90}, {}, 3),
        ({**YEARLY, "rotation_period_in_days": 400}, {}, 14),
        ({**YEARLY, "rotation_period_in_days": "soon"}, {}, None),
        ({}, {"enable_key_rotation": True}, None),
    ],
)
def test_rotation_of_an_aws_key(tmp_path: Path, values: Any, unknown: Any, expected: Any) -> None:
    plan = Plan().add("aws_kms_key.k", values, unknown=unknown)
    plan.add(
        "aws_ebs_volume.v", {"encrypted": True}, wrote={"kms_key_id": ref("aws_kms_key.k", "arn")}
    )
    assert plan.read(tmp_path).rotation_months == expected


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("google_kms_crypto_key", {"rotation_period": "7776000s"}, 3),
        ("google_kms_crypto_key", {}, 9999),
        ("google_kms_crypto_key", {"rotation_period": "a while"}, None),
        ("azurerm_key_vault_key", {"rotation_policy": [{"automatic": [{"time_after_creation": "P6M"}]}]}, 6),
        ("azurerm_key_vault_key", {"rotation_policy": [{"expire_after": "P90D", "automatic": [{"time_before_expiry": "P30D"}]}]}, 2),
        ("azurerm_key_vault_key", {"rotation_policy": []}, 9999),
        ("scaleway_key_manager_key", {"rotation_policy": [{"rotation_period": "720h0m0s"}]}, 1),
        ("ovh_okms_service_key", {}, None),
    ],
)  # fmt: skip
def test_rotation_of_other_keys(tmp_path: Path, kind: str, values: Any, expected: Any) -> None:
    book = Book(Plan().add(f"{kind}.k", values).artefact(tmp_path))
    assert keys.rotation([Resource("k", kind, values)], book) == expected


def test_a_key_behind_modules_variables_and_outputs(tmp_path: Path) -> None:
    plan = Plan().add("module.kms.aws_kms_key.k", YEARLY)
    plan.add("module.app.module.db[0].aws_db_instance.p", {"storage_encrypted": True},
             wrote={"kms_key_id": ref("var.key")})  # fmt: skip
    plan.call("app", "db")["expressions"] = {"key": ref("var.outer")}
    plan.call("app")["expressions"] = {"outer": ref("module.kms", "arn")}
    plan.call("kms")["module"]["outputs"] = {"arn": {"expression": ref("aws_kms_key.k", "arn")}}
    shown = plan.read(tmp_path)
    assert shown.rotation_months == 12
    # A local is not in a plan, and what it means is not guessed; that a key is named still shows.
    plan.call("app", "db")["expressions"] = {"key": ref("local.key")}
    shown = plan.read(tmp_path)
    assert (shown.manager, shown.rotation_months) == ("kms", None)


def test_keys_of_each_instance(tmp_path: Path) -> None:
    plan = Plan()
    for name, values in (("a", YEARLY), ("b", {})):
        plan.add(f'aws_kms_key.k["{name}"]', values)
        plan.add(f'aws_ebs_volume.v["{name}"]', {"encrypted": True},
                 wrote={"kms_key_id": {"references": ["aws_kms_key.k", "each.key"]}})  # fmt: skip
    assert plan.read(tmp_path, 'aws_ebs_volume.v["a"]').rotation_months == 12
    assert plan.read(tmp_path, 'aws_ebs_volume.v["b"]').rotation_months == 9999
    plan.add("aws_ebs_volume.w", {"encrypted": True}, wrote={"kms_key_id": ref("aws_kms_key.k")})
    assert plan.read(tmp_path, "aws_ebs_volume.w").rotation_months == 9999  # the slowest


def test_snapshots_and_replicas_follow_their_source(tmp_path: Path) -> None:
    plan = Plan().add("aws_db_instance.p", {"storage_encrypted": True})
    plan.add("aws_db_snapshot.s", {}, unknown={"encrypted": True},
             wrote={"db_instance_identifier": ref("aws_db_instance.p", "identifier")})  # fmt: skip
    shown = plan.read(tmp_path, "aws_db_snapshot.s")
    assert shown.encrypted is True
    assert "as aws_db_instance.p" in shown.words.en
    plan.add("aws_rds_cluster.c", {"storage_encrypted": False, "engine_mode": "provisioned"})
    plan.add("aws_rds_cluster_instance.i", {}, unknown={"storage_encrypted": True},
             wrote={"cluster_identifier": ref("aws_rds_cluster.c", "id")})  # fmt: skip
    assert plan.read(tmp_path, "aws_rds_cluster_instance.i").encrypted is False


def test_sources_that_follow_each_other_in_a_ring(tmp_path: Path) -> None:
    plan = Plan()
    for one, other in (("a", "b"), ("b", "a")):
        plan.add(
            f"aws_db_instance.{one}",
            {},
            wrote={"replicate_source_db": ref(f"aws_db_instance.{other}", "id")},
        )
    assert plan.read(tmp_path, "aws_db_instance.a").encrypted is not True


@pytest.mark.parametrize(
    ("address", "values", "expected"),
    [
        ("azurerm_managed_disk.x", {"location": "West Europe"}, (True, "volume", "NL", None)),
        ("azurerm_storage_account.x", {"location": "francecentral", "customer_managed_key": [{"key_vault_key_id": "https://v/k"}]}, (True, "object", "FR", "kms")),
        ("azurerm_mssql_database.x", {"transparent_data_encryption_enabled": False}, (False, "database", None, None)),
        ("azurerm_mssql_database.x", {}, (True, "database", None, None)),
        ("azurerm_postgresql_flexible_server.x", {"location": "France Central"}, (True, "volume", "FR", None)),
        ("azurerm_linux_virtual_machine.x", {"encryption_at_host_enabled": True}, (True, "volume", None, None)),
        ("azurerm_cosmosdb_account.x", {}, (True, "database", None, None)),
        ("google_compute_disk.x", {"zone": "europe-west9-a"}, (True, "volume", "FR", "kms")),
        ("google_compute_disk.x", {"disk_encryption_key": [{"raw_key": "s3cret"}]}, (True, "volume", None, None)),
        ("google_compute_disk.x", {"disk_encryption_key": [{"kms_key_self_link": "projects/k"}]}, (True, "volume", None, "kms")),
        ("ovh_cloud_project_database.x", {"nodes": [{"region": "GRA"}, {"region": "DE"}]}, (True, "volume", None, None)),
        ("google_storage_bucket.x", {"location": "EUROPE-WEST1"}, (True, "object", "BE", "kms")),
        ("google_storage_bucket.x", {"location": "EU"}, (True, "object", None, "kms")),
        ("google_sql_database_instance.x", {"region": "europe-west3"}, (True, "volume", "DE", "kms")),
        ("ovh_cloud_project_database.x", {"engine": "postgresql", "nodes": [{"region": "GRA"}]}, (True, "volume", "FR", None)),
        ("ovh_cloud_project_volume.x", {"type": "high-speed-gen2-luks", "region_name": "GRA11"}, (True, "volume", "FR", None)),
        ("ovh_cloud_project_volume.x", {"type": "classic"}, (False, "volume", None, None)),
        ("ovh_cloud_project_volume.x", {"type": "very-luks"}, (None, None, None, None)),
        ("ovh_cloud_project_storage.x", {"encryption": {"sse_algorithm": "AES256"}, "region_name": "SBG"}, (True, "object", "FR", None)),
        ("ovh_cloud_project_storage.x", {}, (None, None, None, None)),
        ("scaleway_rdb_instance.x", {"encryption_at_rest": True, "region": "fr-par"}, (True, "volume", "FR", None)),
        ("scaleway_rdb_instance.x", {"encryption_at_rest": False}, (False, "volume", None, None)),
        ("scaleway_block_volume.x", {"zone": "nl-ams-1"}, (None, None, "NL", None)),
        ("scaleway_object_bucket.x", {}, (None, None, None, None)),
        ("openstack_blockstorage_volume_v3.x", {"volume_type": "LUKS"}, (None, None, None, None)),
        ("openstack_objectstorage_container_v1.x", {}, (None, None, None, None)),
        ("aws_dynamodb_table.x", {}, (True, "database", None, "kms")),
        ("aws_efs_file_system.x", {"encrypted": False}, (False, "volume", None, None)),
        ("aws_opensearch_domain.x", {"encrypt_at_rest": [{"enabled": True}], "arn": "arn:aws:es:eu-central-1:1:domain/x"}, (True, "database", "DE", "kms")),
        ("aws_redshift_cluster.x", {}, (None, None, None, None)),
        ("aws_backup_vault.x", {}, (None, None, None, None)),
        ("aws_rds_cluster.x", {"engine_mode": "serverless"}, (None, None, None, None)),
        ("aws_rds_cluster.x", {"engine_mode": "provisioned"}, (False, "volume", None, None)),
    ],
)  # fmt: skip
def test_each_provider_by_its_own_documentation(
    tmp_path: Path, address: str, values: Any, expected: Any
) -> None:
    shown = Plan().add(address, values).read(tmp_path)
    assert (shown.encrypted, shown.level, shown.country, shown.manager) == expected


def test_ovh_databases_differ_by_engine(tmp_path: Path) -> None:
    modes = {}
    for engine in ("mysql", "mongodb"):
        shown = Plan().add("ovh_cloud_project_database.x", {"engine": engine}).read(tmp_path)
        modes[engine] = (shown.mode, shown.key_bits, shown.raw_bits)
    assert modes == {"mysql": ("XTS", 256, 512), "mongodb": ("CBC", None, None)}


def test_keys_and_configurations_beside_a_store(tmp_path: Path) -> None:
    plan = Plan().add("azurerm_storage_account.s", {}).add("azurerm_key_vault_key.k", {})
    plan.add("azurerm_storage_account_customer_managed_key.c", {},
             wrote={"storage_account_id": ref("azurerm_storage_account.s", "id"),
                    "key_vault_key_id": ref("azurerm_key_vault_key.k", "id")})  # fmt: skip
    shown = plan.read(tmp_path, "azurerm_storage_account.s")
    assert (shown.manager, shown.rotation_months) == ("kms", 9999)
    plan = Plan().add(
        "azurerm_key_vault_key.k",
        {"rotation_policy": [{"automatic": [{"time_after_creation": "P1Y"}]}]},
    )
    plan.add(
        "azurerm_disk_encryption_set.d",
        {},
        wrote={"key_vault_key_id": ref("azurerm_key_vault_key.k", "id")},
    )
    plan.add("azurerm_managed_disk.m", {}, unknown={"disk_encryption_set_id": True},
             wrote={"disk_encryption_set_id": ref("azurerm_disk_encryption_set.d", "id")})  # fmt: skip
    shown = plan.read(tmp_path, "azurerm_managed_disk.m")
    assert (shown.manager, shown.rotation_months) == ("kms", 12)
    rule = {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]}
    plan = Plan().add("scaleway_object_bucket.b", {"name": "b"})
    plan.add("scaleway_object_bucket_server_side_encryption_configuration.c", rule,
             wrote={"bucket": ref("scaleway_object_bucket.b", "name")})  # fmt: skip
    assert plan.read(tmp_path, "scaleway_object_bucket.b").key_bits == 256


def test_a_state_has_names_in_place_of_references(tmp_path: Path) -> None:
    arn = "arn:aws:kms:eu-west-3:1:key/2"
    plan = Plan().add("aws_kms_key.k", {**YEARLY, "arn": arn})
    plan.add(
        "aws_db_instance.p",
        {"storage_encrypted": True, "kms_key_id": arn, "availability_zone": "eu-west-3a"},
    )
    plan.add(
        "aws_db_instance.q",
        {"storage_encrypted": True, "kms_key_id": "arn:aws:kms:eu-west-3:1:key/of-aws"},
    )
    plan.state()
    shown = plan.read(tmp_path, "aws_db_instance.p")
    assert (shown.rotation_months, shown.country) == (12, "FR")
    assert "a key of the customer" in shown.words.en
    # AWS fills its own key in: a state alone does not tell whose it is.
    shown = plan.read(tmp_path, "aws_db_instance.q")
    assert (shown.manager, shown.rotation_months) == ("kms", None)
    assert "a key of the key service" in shown.words.en


def test_a_plan_that_ended_in_an_error_shows_nothing(tmp_path: Path) -> None:
    plan = Plan().add("aws_db_instance.p", {"storage_encrypted": True})
    plan.document["errored"] = True
    assert "ended in an error" in refused(plan, tmp_path)


def test_regions_of_the_provider(tmp_path: Path) -> None:
    plan = Plan().provider("aws", region="eu-south-1").add("aws_dynamodb_table.t")
    assert plan.read(tmp_path).country == "IT"
    expressions = plan.document["configuration"]["provider_config"]["aws"]["expressions"]
    expressions["region"] = {"references": ["var.where"]}
    assert plan.read(tmp_path).country is None
    plan.document["variables"] = {"where": {"value": "eu-west-1"}}
    assert plan.read(tmp_path).country == "IE"


def test_no_secret_of_a_plan_is_told(tmp_path: Path) -> None:
    plan = Plan().add("aws_db_instance.p", {"storage_encrypted": True, "password": "hunter2",
                      "kms_key_id": "arn:secret-key", "tags": {"a": "tag-value"}})  # fmt: skip
    shown = plan.read(tmp_path)
    assert not any(word in repr(shown) for word in ("hunter2", "secret-key", "tag-value"))
    (tmp_path / "plan.json").write_text('{"format_version": "1.2", "hunter2": ')
    with pytest.raises(Unreadable) as caught:
        read(Artefact(tmp_path / "plan.json", "plan.json"))
    assert "hunter2" not in str(caught.value)


def test_the_inventory_of_a_plan(tmp_path: Path) -> None:
    plan = Plan().add("aws_vpc.v").add("aws_ebs_encryption_by_default.e", {"enabled": True})
    plan.add("google_storage_bucket.b").add(
        "module.m.aws_db_instance.p", {"storage_encrypted": True}
    )
    found = [(f.address, f.kind, f.provider) for f in inventory(plan.artefact(tmp_path))]
    assert found == [
        ("google_storage_bucket.b", "object-store", "Google Cloud"),
        ("module.m.aws_db_instance.p", "database", "Amazon Web Services"),
    ]


def test_every_row_names_its_source_and_a_kind_of_the_schema() -> None:
    from gdpr_audit.evidence import odd

    kinds = {"database", "volume", "object-store", "file", "backup", "portable"}
    for name, row in cloud.table().items():
        assert row.source.startswith("https://"), name
        assert row.kind in kinds, name
        assert row.level in {"volume", "database", "object"}, name
        assert row.odd is None or row.odd in odd.BY_NAME, name
