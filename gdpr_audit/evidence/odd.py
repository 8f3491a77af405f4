"""Resources that a table cannot tell: encryption set beside them, or on several disks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gdpr_audit.evidence.cloud import (
    DEFAULT,
    UNDOCUMENTED,
    Row,
    State,
    keyed,
    plain,
    same,
    switched,
)
from gdpr_audit.evidence.resources import Book, Resource, Sight, look, truth, words_at
from gdpr_audit.model import Text

_RULE = "rule.apply_server_side_encryption_by_default"
_EBS = "aws_ebs_encryption_by_default"
_S3 = "aws_s3_bucket_server_side_encryption_configuration"
_AZURE = "azurerm_storage_account_customer_managed_key"
_SCALEWAY = "scaleway_object_bucket_server_side_encryption_configuration"
#: Types that are no stores, and say how one is encrypted.
BESIDE = (_EBS, _S3, _AZURE, _SCALEWAY)
_BY_ACCOUNT = Text(
    "par le réglage aws_ebs_encryption_by_default", "by aws_ebs_encryption_by_default"
)


def _by_account(resource: Resource, book: Book) -> bool:
    """Whether the account encrypts every new volume of the region, whatever is asked for.

    docs.aws.amazon.com, Amazon EBS encryption by default.
    """
    found = book.siblings(resource, _EBS)
    return any(switched(one, "enabled", default=True)[0] for one in found)


def ebs(resource: Resource, book: Book, row: Row, hops: int) -> State:
    """A volume that is said to be in clear may be older than the account's setting: it stays so."""
    found = plain(resource, book, row, hops)
    says_no = row.switch is not None and any(
        truth(value) is False for value in look(resource, row.switch)
    )
    if found.encrypted or says_no or not _by_account(resource, book):
        return found
    return keyed(replace(found, encrypted=True, why=_BY_ACCOUNT), resource, book)


def ec2_instance(resource: Resource, book: Book, row: Row, _hops: int) -> State:
    """Its root disk and every further one: one in clear is enough to read."""
    found: list[tuple[bool | None, Text]] = []
    for block in ("root_block_device", "ebs_block_device"):
        path = f"{block}.encrypted"
        # Without its block the root disk is the image's own, which a plan does not show.
        none = look(resource, path) == [Sight.ABSENT] or book.named(resource, block) is False
        if block == "root_block_device" or not none:
            found.append(switched(resource, path, default=None))
    order: dict[bool | None, int] = {False: 0, None: 1, True: 2}
    encrypted, why = min(found, key=lambda one: order[one[0]])
    if encrypted is None and _by_account(resource, book):
        encrypted, why = True, _BY_ACCOUNT
    return keyed(State(encrypted=encrypted, why=why, row=row), resource, book)


def s3(resource: Resource, book: Book, row: Row, _hops: int) -> State:
    """By its own block or by the resource that configures it; SSE-S3 where there is neither."""
    block = f"server_side_encryption_configuration.{_RULE}"
    beside = book.referring(resource, _S3, "bucket")
    where, path = (beside[0], _RULE) if beside else (resource, block)
    algorithms = look(where, f"{path}.sse_algorithm")
    row = replace(row, key=(f"{path}.kms_master_key_id",))
    why = DEFAULT
    if words := [word for word in algorithms if isinstance(word, str)]:
        why = same(f"sse_algorithm = {words[0][:40]}")
        if words[0].startswith("aws:kms"):
            row = replace(row, manager="kms")
    return keyed(State(encrypted=True, why=why, row=row), where, book)


def storage_account(resource: Resource, book: Book, row: Row, hops: int) -> State:
    """Its key may be named by a resource beside it."""
    found = plain(resource, book, row, hops)
    beside = book.referring(resource, _AZURE, "storage_account_id")
    if found.own_key or not beside:
        return found
    return keyed(
        replace(found, row=replace(row, key=("key_vault_key_id", "key_name"))), beside[0], book
    )


def azure_vm(resource: Resource, book: Book, row: Row, hops: int) -> State:
    """Its disks lie encrypted; `encryption_at_host_enabled` adds caches and temporary disks."""
    found = plain(resource, book, row, hops)
    if truth(look(resource, "encryption_at_host_enabled")[0]):
        why = Text(f"{found.why.fr}, caches compris", f"{found.why.en}, caches included")
        return replace(found, why=why)
    return found


def google_disk(resource: Resource, book: Book, row: Row, hops: int) -> State:
    """A key that the customer hands over with each request lies in no key service of Google's."""
    found = plain(resource, book, row, hops)
    handed = ("disk_encryption_key.raw_key", "disk_encryption_key.rsa_encrypted_key")
    if any(look(resource, path) != [Sight.ABSENT] for path in handed) and not found.own_key:
        return replace(found, own_key=True, manager=None)
    return found


def ovh_database(resource: Resource, book: Book, row: Row, hops: int) -> State:
    """LUKS, in CBC for MongoDB and in XTS for all others; of an unknown engine no mode is told."""
    engine = look(resource, "engine")[0]
    if not isinstance(engine, str):
        row = replace(row, mode=None, bits=None, raw_bits=None)
    elif engine.lower() == "mongodb":
        row = replace(row, mode="CBC", bits=None, raw_bits=None)
    return plain(resource, book, row, hops)


def luks_type(resource: Resource, book: Book, row: Row, _hops: int) -> State:
    """OVHcloud's own types of volume: those that end in -luks are encrypted, the others not."""
    kind = look(resource, "type")[0]
    known = isinstance(kind, str) and kind.removesuffix("-luks").startswith(
        ("classic", "high-speed")
    )
    if not known or not isinstance(kind, str):
        return State(encrypted=None, why=UNDOCUMENTED, row=row)
    found = State(encrypted=kind.endswith("-luks"), why=same(f"type = {kind[:40]}"), row=row)
    return keyed(found, resource, book)


def sse_algorithm(resource: Resource, book: Book, row: Row, _hops: int) -> State:
    """OVHcloud's containers: `encryption.sse_algorithm`, of which AES256 is known."""
    return _object(resource, "encryption.sse_algorithm", resource, book, row)


def scaleway_bucket(resource: Resource, book: Book, row: Row, _hops: int) -> State:
    beside = book.referring(resource, _SCALEWAY, "bucket")
    if not beside:
        return State(encrypted=None, why=UNDOCUMENTED, row=row)
    row = replace(row, key=(f"{_RULE}.kms_master_key_id",))
    return _object(beside[0], f"{_RULE}.sse_algorithm", resource, book, row)


def _object(where: Resource, path: str, _store: Resource, book: Book, row: Row) -> State:
    words = words_at(where, path)
    if not words or words[0] not in ("AES256", "aws:kms"):
        return State(encrypted=None, why=UNDOCUMENTED, row=row)
    if words[0] == "AES256":
        row = replace(row, algorithm="AES", bits=256)
    else:
        row = replace(row, manager="kms")
    why = same(f"sse_algorithm = {words[0]}")
    return keyed(State(encrypted=True, why=why, row=row), where, book)


def openstack_volume(_resource: Resource, _book: Book, row: Row, _hops: int) -> State:
    why = Text(
        "le chiffrement tient à son type de volume, que Terraform ne montre pas",
        "encryption is its volume type's, which Terraform does not show",
    )
    return State(encrypted=None, why=why, row=row)


BY_NAME: dict[str, Callable[[Resource, Book, Row, int], State]] = {
    function.__name__: function
    for function in (
        ebs, ec2_instance, s3, storage_account, azure_vm, google_disk, ovh_database, luks_type,
        sse_algorithm, scaleway_bucket, openstack_volume,
    )
}  # fmt: skip
