"""CloudFormation templates, in both of their languages, with parameters and conditions."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdpr_audit.evidence import cloud
from gdpr_audit.evidence.artefact import Artefact, Shown, Unreadable
from gdpr_audit.evidence.cloudformation import _types, read

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Encrypt: {Type: String, Default: "true", AllowedValues: ["true"]}
  Env: {Type: String, Default: prod, AllowedValues: [prod]}
  Either: {Type: String, Default: "true", AllowedValues: ["true", "false"]}
  Off: {Type: String, Default: "false"}
  Stage: {Type: String, Default: prod}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: "true", AllowedValues: ["true"]}
  Open: {Type: String}
  Secret: {Type: String, NoEcho: true, Default: "true"}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsStage: !Equals [!Ref Stage, prod]
  IsOpen: !Equals [!Ref Open, "1"]
  Both: !And [!Condition IsProd, !Not [!Condition IsOpen]]
  Ring: !Or [!Condition Ring, !Condition Ring]
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties: {EnableKeyRotation: true, RotationPeriodInDays: 365}
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      StorageEncrypted: !Ref Encrypt
      KmsKeyId: !GetAtt Key.Arn
      AvailabilityZone: eu-west-3b
      MasterUserPassword: hunter2
  Plain: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql}}
  OfDefault: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !Ref Either}}
  OfOffDefault: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !Ref Off}}
  OfStage: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !If [IsStage, true, false]}}
  OfStored: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !Ref Stored}}
  OfParameter: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !Ref Open}}
  OfSecret: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !Ref Secret}}
  OfCondition: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !If [IsProd, true, false]}}
  OfOpenCondition: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !If [Both, true, false]}}
  OfRing: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !If [Ring, true, false]}}
  OfEither: {Type: AWS::RDS::DBInstance, Properties: {StorageEncrypted: !If [IsOpen, true, true]}}
  Cluster: {Type: AWS::RDS::DBCluster, Properties: {StorageEncrypted: true}}
  Member: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: !Ref Cluster}}
  Bucket: {Type: AWS::S3::Bucket}
  KeyedBucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault:
              SSEAlgorithm: aws:kms
              KMSMasterKeyID: !Sub "${Key.Arn}"
  Volume: {Type: AWS::EC2::Volume, Properties: {Size: 8}}
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        BlockDeviceMappings: [{Ebs: {Encrypted: true}}, {Ebs: {Encrypted: false}}]
  Instance:
    Type: AWS::EC2::Instance
    Properties: {BlockDeviceMappings: [{DeviceName: /dev/xvda, Ebs: {Encrypted: false}}]}
  Table: {Type: AWS::DynamoDB::Table, Properties: {SSESpecification: {SSEEnabled: true, KMSMasterKeyId: !Ref Key}}}
  Search: {Type: AWS::OpenSearchService::Domain, Properties: {EncryptionAtRestOptions: {Enabled: true}}}
  Files: {Type: AWS::EFS::FileSystem, Properties: {Encrypted: true}}
"""


def of(folder: Path, content: str, address: str | None) -> Shown:
    path = folder / "template.yaml"
    path.write_text(content)
    return read(Artefact(path, "template.yaml", address))


@pytest.mark.parametrize(
    ("address", "encrypted", "manager", "rotation"),
    [
        ("Db", True, "kms", 12),
        ("Plain", False, None, None),
        ("OfParameter", None, None, None),
        ("OfDefault", None, None, None),  # a stack may have another value than the default
        ("OfOffDefault", None, None, None),
        ("OfStage", None, None, None),
        ("OfStored", None, None, None),
        ("OfSecret", None, None, None),
        ("OfCondition", True, "kms", None),
        ("OfOpenCondition", None, None, None),
        ("OfRing", None, None, None),
        ("OfEither", True, "kms", None),
        ("Member", True, "kms", None),
        ("Bucket", True, None, None),
        ("KeyedBucket", True, "kms", 12),
        ("Volume", None, None, None),
        ("Launch", False, None, None),
        ("Instance", False, None, None),
        ("Table", True, "kms", 12),
        ("Search", True, "kms", None),
        ("Files", True, "kms", None),
    ],
)
def test_what_a_template_shows(
    tmp_path: Path, address: str, encrypted: bool | None, manager: str | None, rotation: int | None
) -> None:
    shown = of(tmp_path, TEMPLATE, address)
    assert (shown.encrypted, shown.manager, shown.rotation_months) == (encrypted, manager, rotation)
    assert "hunter2" not in repr(shown)


def test_the_region_of_an_availability_zone(tmp_path: Path) -> None:
    assert of(tmp_path, TEMPLATE, "Db").country == "FR"
    assert of(tmp_path, TEMPLATE, "Plain").country is None


def test_json_and_what_get_template_prints(tmp_path: Path) -> None:
    body = {"Resources": {"D": {"Type": "AWS::RDS::DBInstance", "Properties": {
        "StorageEncrypted": {"Fn::FindInMap": ["M", "a", "b"]}}}}, "Mappings": {"M": {"a": {"b": True}}}}  # fmt: skip
    assert of(tmp_path, json.dumps(body), None).encrypted is True
    assert of(tmp_path, json.dumps({"TemplateBody": body, "StagesAvailable": []}), "D").encrypted
    assert of(tmp_path, json.dumps({"TemplateBody": TEMPLATE}), "Db").encrypted is True


@pytest.mark.parametrize(
    ("address", "encrypted"),
    [("OfDefault", False), ("OfOffDefault", True), ("OfStage", False), ("OfSecret", None), ("OfStored", None), ("OfParameter", None)],
)  # fmt: skip
def test_the_parameters_that_a_stack_was_made_with(
    tmp_path: Path, address: str, encrypted: bool | None
) -> None:
    values = {
        "Either": "false",
        "Off": "true",
        "Stage": "test",
        "Secret": "****",
        "Stored": "/name",
    }
    parameters = [{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()]
    body = {"TemplateBody": TEMPLATE, "Parameters": parameters, "StackName": "s"}

    assert of(tmp_path, json.dumps(body), address).encrypted is encrypted


@pytest.mark.parametrize(
    "content",
    ["", "a: 1", "[]", "Resources: []", "Resources: {A: &x {}, B: *x}", "Resources: {A: 1}\nResources: {B: 1}",
     "!Ref x", "Resources: !Ref x", "{" * 5000, "Resources: " + "[" * 500, "a: !!python/object:os.system x", '{"Resources": NaN}',
     "--- 1\n--- 2", "Resources: {D: {Type: 'AWS::EC2::VPC'}}"],
    ids=lambda content: content[:25],
)  # fmt: skip
def test_what_is_no_template_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(Unreadable) as caught:
        of(tmp_path, content, None)
    assert caught.value.reason.fr


def test_an_address_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    for address, words in (
        (None, "has to name one"),
        ("Nowhere", "is not in it"),
        ("Key", "no store"),
    ):
        with pytest.raises(Unreadable, match=words):
            of(tmp_path, TEMPLATE, address)


def test_every_type_is_one_of_the_table() -> None:
    assert {row["type"] for row in _types().values()} <= {
        *cloud.table(),
        "aws_kms_key",
        "aws_kms_alias",
    }


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6)
    | st.sampled_from(["AWS::RDS::DBInstance", "AWS::S3::Bucket", "C", "P", "true"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["Ref", "Fn::GetAtt", "Fn::If", "Fn::Sub", "Fn::Equals", "Fn::Not", "Fn::And", "Fn::FindInMap", "Condition",
                         "Type", "Properties", "StorageEncrypted", "KmsKeyId", "BucketEncryption", "Default", "AllowedValues", "C", "P", "LaunchTemplateData",
                         "BlockDeviceMappings", "Ebs"]), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_ANY, _ANY, _ANY, st.sampled_from(sorted(_types())), _ANY)
def test_any_template_is_read_or_refused(
    tmp_path: Path, parameters: Any, conditions: Any, mappings: Any, kind: str, properties: Any
) -> None:
    body = {"Parameters": parameters, "Conditions": conditions, "Mappings": mappings,
            "Resources": {"P": {"Type": kind, "Properties": properties}, "C": properties}}  # fmt: skip
    with suppress(Unreadable):
        of(tmp_path, json.dumps(body), "P")
