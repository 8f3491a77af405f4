"""Kubernetes: the first provider writes, and each driver has its own parameter."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gdpr_audit.evidence.artefact import Artefact, Shown, Unreadable
from gdpr_audit.evidence.kubernetes import read

KEY = base64.b64encode(b"k" * 32).decode()
SHORT = base64.b64encode(b"k" * 16).decode()


def of(folder: Path, content: str, address: str | None = None) -> Shown:
    path = folder / "k8s.yaml"
    path.write_text(content)
    return read(Artefact(path, "k8s.yaml", address))


def configuration(*groups: tuple[list[str], str]) -> str:
    lines = "".join(
        f"  - resources: {json.dumps(names)}\n    providers:\n{providers}"
        for names, providers in groups
    )
    return f"apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n{lines}"


CBC = f"      - aescbc: {{keys: [{{name: a, secret: {KEY}}}]}}\n"
GCM = f"      - aesgcm: {{keys: [{{name: a, secret: {SHORT}}}, {{name: b, secret: {KEY}}}]}}\n"
BOX = f"      - secretbox: {{keys: [{{name: a, secret: {KEY}}}]}}\n"
KMS2 = "      - kms: {apiVersion: v2, name: vault, endpoint: unix:///k.sock}\n"
KMS1 = "      - kms: {name: vault, endpoint: unix:///k.sock}\n"
CLEAR = "      - identity: {}\n"


@pytest.mark.parametrize(
    ("providers", "expected"),
    [
        (CBC + CLEAR, (True, "AES", "CBC", 256, "file")),
        (GCM + CLEAR, (True, "AES", "GCM", 128, "file")),
        (BOX, (True, "XSALSA20", "POLY1305", 256, "file")),
        (KMS2 + CLEAR, (True, "AES", "GCM", None, "kms")),
        (KMS1 + CLEAR, (True, "AES", None, None, "kms")),
        (CLEAR + CBC, (False, None, None, None, None)),
        (
            "      - aescbc: {keys: [{name: a, secret: c2hvcnQ=}]}\n",
            (True, "AES", "CBC", None, "file"),
        ),
    ],
)
def test_only_the_first_provider_writes(tmp_path: Path, providers: str, expected: Any) -> None:
    shown = of(tmp_path, configuration((["configmaps"], CLEAR), (["secrets"], providers)))
    assert (shown.encrypted, shown.algorithm, shown.mode, shown.key_bits, shown.manager) == expected
    assert KEY not in repr(shown)


def test_the_first_group_that_covers_it_counts(tmp_path: Path) -> None:
    content = configuration((["*."], CLEAR), (["secrets"], CBC))
    assert of(tmp_path, content, "secrets").encrypted is False
    content = configuration((["secrets"], CBC), (["*.*"], CLEAR))
    assert of(tmp_path, content, "secrets").encrypted is True
    assert of(tmp_path, content, "widgets.example.com").encrypted is False
    assert of(tmp_path, configuration((["configmaps"], CBC)), "secrets").encrypted is False


def storage_class(name: str, provisioner: str, **parameters: str) -> str:
    return (f"apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {{name: {name}}}\n"
            f"provisioner: {provisioner}\nparameters: {json.dumps(parameters)}\n")  # fmt: skip


@pytest.mark.parametrize(
    ("provisioner", "parameters", "expected"),
    [
        ("ebs.csi.aws.com", {"encrypted": "true"}, (True, "AES", "kms")),
        ("ebs.csi.aws.com", {"Encrypted": "true", "kmsKeyId": "arn"}, (True, "AES", "kms")),
        ("ebs.csi.aws.com", {"encrypted": "false"}, (False, None, None)),
        ("ebs.csi.aws.com", {}, (None, None, None)),
        ("disk.csi.azure.com", {}, (True, "AES", None)),
        ("disk.csi.azure.com", {"diskEncryptionSetID": "/x"}, (True, "AES", "kms")),
        ("pd.csi.storage.gke.io", {"disk-encryption-kms-key": "projects/x"}, (True, "AES", "kms")),
        ("rook-ceph.rbd.csi.ceph.com", {"encrypted": "true"}, (True, None, None)),
        ("rbd.csi.ceph.com", {}, (None, None, None)),
        ("driver.longhorn.io", {"encrypted": "true", "csi.storage.k8s.io/node-stage-secret-name": "s"}, (True, None, None)),
        ("cinder.csi.openstack.org", {"type": "luks"}, (None, None, None)),
        ("storage.csi.upcloud.com", {"encryption": "data-at-rest"}, (True, None, None)),
        ("storage.csi.upcloud.com", {"encryption": "none"}, (None, None, None)),
    ],
)  # fmt: skip
def test_each_driver(tmp_path: Path, provisioner: str, parameters: Any, expected: Any) -> None:
    shown = of(tmp_path, storage_class("fast", provisioner, **parameters))
    assert (shown.encrypted, shown.algorithm, shown.manager) == expected


def test_several_documents_and_lists(tmp_path: Path) -> None:
    one, two = (
        storage_class("a", "ebs.csi.aws.com", encrypted="true"),
        storage_class("b", "ebs.csi.aws.com", encrypted="false"),
    )
    both = f"{one}---\n{two}"
    assert of(tmp_path, both, "a").encrypted is True
    assert of(tmp_path, both, "b").encrypted is False
    with pytest.raises(Unreadable, match="has to name one of: a, b"):
        of(tmp_path, both)
    listed = json.dumps({"kind": "List", "items": [
        {"kind": "StorageClass", "metadata": {"name": "c"}, "provisioner": "disk.csi.azure.com"}]})  # fmt: skip
    assert of(tmp_path, listed).encrypted is True
    mixed = f"{both}---\n{configuration((['secrets'], CBC))}"
    assert of(tmp_path, mixed, "secrets").mode == "CBC"


@pytest.mark.parametrize(
    "content",
    ["", "1", "kind: Pod", "kind: StorageClass\nprovisioner: example.com/x", "a: &b 1\nc: *b", "[" * 100, "a: [", "kind: EncryptionConfiguration\nresources: [{resources: [secrets], providers: []}]",
     f"kind: EncryptionConfiguration\nresources: [{{resources: [secrets], providers: [{{rot13: {{}}}}]}}]\nkey: {KEY}"],
    ids=lambda content: content[:25],
)  # fmt: skip
def test_what_shows_nothing_is_refused_without_a_word_of_it(tmp_path: Path, content: str) -> None:
    with pytest.raises(Unreadable) as caught:
        of(tmp_path, content)
    assert KEY not in caught.value.reason.en + caught.value.reason.fr


def test_a_file_of_endless_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        of(tmp_path, "kind: List\nitems: [" + "a," * 1_000_000 + "a]")


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6)
    | st.sampled_from(["secrets", "StorageClass", "EncryptionConfiguration", "List", "ebs.csi.aws.com", "identity", KEY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["kind", "items", "resources", "providers", "aescbc", "kms", "keys", "secret", "metadata", "name", "provisioner", "parameters", "encrypted"]),
        inner, max_size=5), max_leaves=20,
)  # fmt: skip


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_ANY, st.sampled_from([None, "secrets", "x"]))
def test_any_document_is_read_or_refused(
    tmp_path: Path, document: Any, address: str | None
) -> None:
    with suppress(Unreadable):
        of(tmp_path, json.dumps(document), address)
