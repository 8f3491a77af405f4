"""An AWS account in memory, asked as a real one is; and a proxy on loopback."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gdpr_audit.evidence.artefact import Artefact, Shown, Unreadable
from gdpr_audit.evidence.aws import read

REGION = "eu-west-3"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL",
        "HTTPS_PROXY",
        "https_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))


@pytest.fixture
def account() -> Iterator[str]:
    """The ARN of a key that is rotated each year."""
    with mock_aws():
        kms = boto3.client("kms", region_name=REGION)
        key = kms.create_key()["KeyMetadata"]
        kms.enable_key_rotation(KeyId=key["KeyId"])
        yield key["Arn"]


def of(address: str | None, **options: Any) -> Shown:
    return read(Artefact(Path("nowhere"), "aws", address), **options)


def refused(address: str | None, **options: Any) -> str:
    with pytest.raises(Unreadable) as caught:
        of(address, **options)
    assert caught.value.reason.fr
    return caught.value.reason.en


def test_databases(account: str) -> None:
    rds = boto3.client("rds", region_name=REGION)
    for name, words in (
        ("enc", {"StorageEncrypted": True, "KmsKeyId": account}),
        ("plain", {"StorageEncrypted": False}),
    ):
        made = rds.create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=10,
            MasterUsername="u", MasterUserPassword="hunter2!", Tags=[{"Key": "t", "Value": "tag-value"}], **words)  # fmt: skip
        assert made["DBInstance"]["StorageEncrypted"] is words["StorageEncrypted"]
    shown = of("rds:db:enc")
    assert (shown.encrypted, shown.algorithm, shown.key_bits, shown.level) == (
        True,
        "AES",
        256,
        "volume",
    )
    assert (shown.manager, shown.rotation_months, shown.country) == ("kms", 12, "FR")
    assert not any(
        word in repr(shown) for word in (account, "tag-value", "very-secret", "amazonaws.com")
    )
    arn = rds.describe_db_instances(DBInstanceIdentifier="plain")["DBInstances"][0]["DBInstanceArn"]
    shown = of(arn)
    assert (shown.encrypted, shown.manager, shown.country) == (False, None, "FR")
    assert "DBInstanceNotFound" in refused("rds:db:nobody")


def test_buckets_lie_where_they_lie(account: str) -> None:
    s3 = boto3.client("s3", region_name="eu-central-1")
    for name in ("keyed", "plain"):
        s3.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": account.replace(REGION, "eu-central-1")}
    s3.put_bucket_encryption(
        Bucket="keyed",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
    )
    shown = of("s3:plain")
    assert (shown.encrypted, shown.manager, shown.mode, shown.country) == (True, None, "GCM", "DE")
    shown = of("arn:aws:s3:::keyed")
    # The key lies in another region than the one that was made: it cannot be described.
    assert (shown.encrypted, shown.manager, shown.rotation_months, shown.country) == (
        True,
        "kms",
        None,
        "DE",
    )
    assert "NoSuchBucket" in refused("s3:nobody")


def test_volumes_files_and_tables(account: str) -> None:
    ec2 = boto3.client("ec2", region_name=REGION)
    clear = ec2.create_volume(AvailabilityZone="eu-west-3a", Size=1, Encrypted=False)["VolumeId"]
    keyed = ec2.create_volume(
        AvailabilityZone="eu-west-3a", Size=1, Encrypted=True, KmsKeyId=account
    )["VolumeId"]
    assert of(f"ebs:{clear}").encrypted is False
    shown = of(f"arn:aws:ec2:{REGION}:123456789012:volume/{keyed}")
    assert (shown.encrypted, shown.mode, shown.raw_bits, shown.rotation_months) == (
        True,
        "XTS",
        512,
        12,
    )
    efs = boto3.client("efs", region_name=REGION).create_file_system(
        Encrypted=True, KmsKeyId=account
    )
    assert of(f"efs:{efs['FileSystemId']}").rotation_months == 12
    boto3.client("dynamodb", region_name=REGION).create_table(
        TableName="t", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])  # fmt: skip
    shown = of("dynamodb:t")
    assert (shown.encrypted, shown.level, shown.manager) == (True, "database", "kms")


def test_a_key_that_is_never_rotated(account: str) -> None:
    boto3.client("kms", region_name=REGION).disable_key_rotation(KeyId=account)
    ec2 = boto3.client("ec2", region_name=REGION)
    volume = ec2.create_volume(
        AvailabilityZone="eu-west-3a", Size=1, Encrypted=True, KmsKeyId=account
    )["VolumeId"]
    shown = of(f"ebs:{volume}")
    assert shown.rotation_months == 9999
    assert "never rotated" in shown.words.en


@pytest.mark.parametrize(
    "address", [None, "", "rds:db:", "lambda:f", "arn:", "arn:aws:sqs:eu-west-3:1:q", "x" * 900]
)
def test_addresses_of_another_form(address: str | None) -> None:
    assert "has to be one of" in refused(address)


def test_without_credentials_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "no credentials" in refused("rds:db:x")


def test_without_a_region_or_with_an_unknown_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "ProfileNotFound" in refused("rds:db:x")
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "no region" in refused("rds:db:x")


def test_without_boto3_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    assert "gdpr-audit[aws]" in refused("rds:db:x")


class _Proxy(threading.Thread):
    """Refuses every request, and keeps its first line."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.lines: list[str] = []

    def run(self) -> None:
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with peer:
                self.lines.append(peer.recv(4096).split(b"\r\n")[0].decode())
                peer.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


@pytest.fixture
def proxy() -> Iterator[_Proxy]:
    found = _Proxy()
    found.start()
    yield found
    found.socket.shutdown(socket.SHUT_RDWR)
    found.socket.close()


def test_every_connection_leads_through_the_proxy(
    proxy: _Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "ProxyConnectionError" in refused("rds:db:x", proxy=proxy.url)
    assert proxy.lines
    assert all(line.startswith("CONNECT rds.eu-west-3.amazonaws.com:443 ") for line in proxy.lines)
    # So does what fetches the credentials of a role.
    proxy.lines.clear()
    config = tmp_path / "config"
    config.write_text(
        "[profile other]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "other")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    refused("rds:db:x", proxy=proxy.url)
    assert proxy.lines
    assert all(line.startswith("CONNECT sts.") for line in proxy.lines)
