"""One resource of an AWS account, as the account itself describes it (`gdpr-audit[aws]`).

`address` is an ARN, or `rds:db:NAME`, `rds:cluster:NAME`, `s3:NAME`, `ebs:vol-…`, `ebs:snap-…`,
`efs:fs-…`, `dynamodb:NAME` in the region that the environment or the profile names. Only calls
that describe are made, and nothing of the answers is kept but the facts. Credentials come from
the environment or the profile, never from a file of ours, nor from a machine's own role.

This is the one reader that opens sockets: all of them lead through `proxy` where one is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gdpr_audit.attribution.ranges import AWS, country_of
from gdpr_audit.evidence import cloud, keys
from gdpr_audit.evidence.artefact import Artefact, Shown, Unreadable
from gdpr_audit.model import Text

_CONNECT, _READ = 10, 20  # seconds
#: They ask the machine that we run on, at addresses of its own.
_OF_THE_MACHINE = ("container-role", "iam-role")
_YEARLY = 12  # months; AWS rotates its own keys each year: kms/latest/developerguide/rotate-keys
_FORMS = "arn:…, rds:db:…, rds:cluster:…, s3:…, ebs:vol-…, ebs:snap-…, efs:fs-…, dynamodb:…"


class _Target(NamedTuple):
    kind: str  # of `_DESCRIBED`
    name: str
    region: str | None


class _Seen(NamedTuple):
    """What a service says of one resource; `key` is not kept."""

    encrypted: bool | None
    key: str | None = None
    region: str | None = None
    note: str = ""


_Client = Callable[..., Any]


def read(artefact: Artefact, proxy: str | None = None) -> Shown:
    """`proxy`: the URL of an HTTP CONNECT proxy. Raises Unreadable with its reason."""
    target = _target(artefact)
    try:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra
    except ImportError:
        raise artefact.refuse(
            "boto3 n'est pas installé : pip install 'gdpr-audit[aws]'",
            "boto3 is not installed: pip install 'gdpr-audit[aws]'",
        ) from None
    try:
        return _shown(artefact, target, _clients(target, proxy))
    except ClientError as error:
        word = str(error.response.get("Error", {}).get("Code", "ClientError"))[:80]
    except (BotoCoreError, OSError, ValueError) as error:
        word = type(error).__name__
    except (LookupError, TypeError, AttributeError):
        word = "unexpected answer"
    raise _failed(artefact, word)


_WORDS = {
    "NoCredentialsError": Text(
        "aucun identifiant dans l'environnement ni le profil",
        "no credentials in the environment or the profile",
    ),
    "NoRegionError": Text(
        "aucune région : nommez un ARN ou fixez AWS_REGION",
        "no region: name an ARN or set AWS_REGION",
    ),
    "unexpected answer": Text("réponse inattendue", "an unexpected answer"),
}


def _failed(artefact: Artefact, word: str) -> Unreadable:
    said = _WORDS.get(word, Text(word, word))
    address = (artefact.address or "")[:200]
    return artefact.refuse(
        f"AWS ne montre pas {address} : {said.fr}", f"AWS does not show {address}: {said.en}"
    )


def _target(artefact: Artefact) -> _Target:
    """What `address` names. Raises Unreadable for other forms."""
    address = artefact.address or ""
    region = None
    if address.startswith("arn:"):
        parts = (address.split(":", 5) + [""] * 6)[:6]
        region, service, rest = parts[3] or None, parts[2], parts[5]
        address = {
            "ec2": "ebs:" + rest.partition("/")[2],
            "elasticfilesystem": "efs:" + rest.partition("/")[2],
            "dynamodb": "dynamodb:" + rest.partition("/")[2],
        }.get(service, f"{service}:{rest}")
    for kind in sorted(_DESCRIBED, key=len, reverse=True):
        name = address.removeprefix(kind)
        if name != address and 0 < len(name) < 300:
            whole = kind.rpartition(":")[2] + name  # `ebs:vol-` keeps its vol-
            return _Target(kind, whole, region)
    raise artefact.refuse(
        f"« address » doit être de la forme {_FORMS}", f"`address` has to be one of {_FORMS}"
    )


def _clients(target: _Target, proxy: str | None) -> _Client:
    """Makes clients of services, in the target's region unless told another."""
    import boto3  # noqa: PLC0415 - an extra, and slow to load
    import botocore.session  # noqa: PLC0415 - an extra
    from botocore.config import Config  # noqa: PLC0415 - an extra

    core = botocore.session.get_session()
    proxies = {"http": proxy, "https": proxy} if proxy else None
    # As the default of the session: what fetches credentials takes the same way.
    core.set_default_client_config(
        Config(
            connect_timeout=_CONNECT,
            read_timeout=_READ,
            retries={"total_max_attempts": 2, "mode": "standard"},
            proxies=proxies,
            user_agent_appid="gdpr-audit",
        )
    )
    resolver = core.get_component("credential_provider")
    for name in _OF_THE_MACHINE:
        resolver.remove(name)
    session = boto3.session.Session(botocore_session=core)
    region = target.region or session.region_name

    def client(service: str, where: str | None = None) -> Any:
        usual = region or ("us-east-1" if service == "s3" else None)
        return session.client(service, region_name=where or usual)

    return client


def _shown(artefact: Artefact, target: _Target, client: _Client) -> Shown:
    describe, kind = _DESCRIBED[target.kind]
    seen = describe(client, target.name)
    row = cloud.table()[kind]
    region = cloud.region(seen.region or target.region or client("sts").meta.region_name or "")
    country = country_of(AWS, region)
    key = _key(client, seen.key, region) if seen.encrypted and seen.key else None
    address = (artefact.address or "")[:200]
    if not seen.encrypted:
        words = Text(
            f"{artefact.name} : {address} non chiffré, dit AWS",
            f"{artefact.name}: {address} not encrypted, AWS says",
        )
        if seen.encrypted is None:
            raise _failed(artefact, "unexpected answer")
        return Shown(words, encrypted=False, level=row.level, country=country)
    whose = key.words if key else Text("clé du fournisseur", "the provider's key")
    note = f" ({seen.note})" if seen.note else ""
    bits = f", {row.algorithm}-{row.bits}" if row.algorithm else ""
    return Shown(
        Text(
            f"{artefact.name} : {address} chiffré{note}, dit AWS{bits}, {whose.fr}",
            f"{artefact.name}: {address} encrypted{note}, AWS says{bits}, {whose.en}",
        ),
        encrypted=True,
        level=row.level,
        algorithm=row.algorithm,
        mode=row.mode,
        key_bits=row.bits,
        raw_bits=row.raw_bits or row.bits,
        manager=key.manager if key else row.manager,
        rotation_months=key.rotation if key else None,
        country=country,
    )


class _Key(NamedTuple):
    manager: str
    rotation: int | None
    words: Text


def _key(client: _Client, key: str, region: str) -> _Key:
    """Whose key it is, and how often it is rotated, as far as we may ask."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

    kms = client("kms", region)
    try:
        metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    except ClientError:
        return _Key("kms", None, Text("clé que l'on ne peut décrire", "a key not to be described"))
    # A custom key store keeps its keys in the customer's own CloudHSM cluster.
    manager = "hsm" if metadata.get("Origin") == "AWS_CLOUDHSM" else "kms"
    if metadata.get("KeyManager") == "AWS":
        return _Key(manager, _YEARLY, Text("clé d'AWS pour ce compte", "AWS's key for the account"))
    whose = Text("clé du client", "a key of the customer")
    try:
        status = kms.get_key_rotation_status(KeyId=key)
    except ClientError:
        return _Key(manager, None, whose)
    if not status["KeyRotationEnabled"]:
        never = Text(f"{whose.fr} jamais renouvelée", f"{whose.en}, never rotated")
        return _Key(manager, keys.NEVER, never)
    months = keys.months(int(status.get("RotationPeriodInDays", 365)))
    return _Key(
        manager,
        months,
        Text(
            f"{whose.fr} renouvelée tous les {months} mois",
            f"{whose.en}, rotated every {months} months",
        ),
    )


def _rds_instance(client: _Client, name: str) -> _Seen:
    answer = client("rds").describe_db_instances(DBInstanceIdentifier=name)
    return _of(answer["DBInstances"], "StorageEncrypted")


def _rds_cluster(client: _Client, name: str) -> _Seen:
    answer = client("rds").describe_db_clusters(DBClusterIdentifier=name)
    return _of(answer["DBClusters"], "StorageEncrypted")


def _volume(client: _Client, name: str) -> _Seen:
    return _of(client("ec2").describe_volumes(VolumeIds=[name])["Volumes"], "Encrypted")


def _snapshot(client: _Client, name: str) -> _Seen:
    return _of(client("ec2").describe_snapshots(SnapshotIds=[name])["Snapshots"], "Encrypted")


def _file_system(client: _Client, name: str) -> _Seen:
    return _of(client("efs").describe_file_systems(FileSystemId=name)["FileSystems"], "Encrypted")


def _table(client: _Client, name: str) -> _Seen:
    """Encrypted always; without a description with a key that AWS owns."""
    table = client("dynamodb").describe_table(TableName=name)["Table"]
    return _Seen(encrypted=True, key=table.get("SSEDescription", {}).get("KMSMasterKeyArn"))


def _bucket(client: _Client, name: str) -> _Seen:
    """A bucket without a rule is one of before 2023: new objects have SSE-S3 all the same."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - an extra

    place = client("s3").get_bucket_location(Bucket=name).get("LocationConstraint")
    region = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(place, place)
    try:
        answer = client("s3", region).get_bucket_encryption(Bucket=name)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code != "ServerSideEncryptionConfigurationNotFoundError":
            raise
        return _Seen(encrypted=True, region=region, note="SSE-S3")
    rule = answer["ServerSideEncryptionConfiguration"]["Rules"][0]
    default: Mapping[str, Any] = rule["ApplyServerSideEncryptionByDefault"]
    key = default.get("KMSMasterKeyID")
    if default["SSEAlgorithm"].startswith("aws:kms"):
        return _Seen(encrypted=True, key=key or "alias/aws/s3", region=region, note="SSE-KMS")
    return _Seen(encrypted=True, region=region, note="SSE-S3")


def _of(found: list[Mapping[str, Any]], switch: str) -> _Seen:
    one = found[0]
    value = one[switch]
    return _Seen(
        encrypted=value if isinstance(value, bool) else None,
        key=one.get("KmsKeyId"),
        region=one.get("AvailabilityZone"),
    )


#: The beginning of an address, who describes it, and its row in the table of stores.
_DESCRIBED: dict[str, tuple[Callable[[_Client, str], _Seen], str]] = {
    "rds:db:": (_rds_instance, "aws_db_instance"),
    "rds:cluster:": (_rds_cluster, "aws_rds_cluster"),
    "s3:": (_bucket, "aws_s3_bucket"),
    "ebs:vol-": (_volume, "aws_ebs_volume"),
    "ebs:snap-": (_snapshot, "aws_ebs_snapshot"),
    "efs:fs-": (_file_system, "aws_efs_file_system"),
    "dynamodb:": (_table, "aws_dynamodb_table"),
}
