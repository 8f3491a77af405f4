"""Kubernetes: the API server's EncryptionConfiguration, and StorageClasses.

`address` is the name of a StorageClass, or of the resource (`secrets` where it is left out) that
an EncryptionConfiguration covers. Several documents and Lists are read. The configuration's keys
are counted in bits, and neither kept nor told.

Source: kubernetes.io/docs/tasks/administer-cluster/encrypt-data: the first provider writes, and
what no group covers is stored in clear; storage_classes.toml for the drivers.
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files as resources
from typing import Any

from gdpr_audit import strict_json, yaml_file
from gdpr_audit.errors import InputError
from gdpr_audit.evidence.artefact import Artefact, Shown, Unreadable
from gdpr_audit.evidence.cloud import DEFAULT, UNDOCUMENTED, same
from gdpr_audit.evidence.resources import truth
from gdpr_audit.model import Text

_OBJECTS = 10_000
_LISTED = 10
_SECRETS = "secrets"
_BITS = (128, 192, 256)


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for what holds neither of the two, or not the one that is named."""
    objects = _objects(artefact)
    configurations = [one for one in objects if one.get("kind") == "EncryptionConfiguration"]
    classes = {_name(one): one for one in objects if one.get("kind") == "StorageClass"}
    wanted = artefact.address
    if wanted is not None and wanted in classes:
        return _storage_class(artefact, wanted, classes[wanted])
    if len(configurations) == 1 and (wanted is not None or not classes):
        return _configuration(artefact, wanted or _SECRETS, configurations[0])
    if wanted is None and len(classes) == 1 and not configurations:
        name, found = next(iter(classes.items()))
        return _storage_class(artefact, name, found)
    raise _refused(artefact, sorted(classes), bool(configurations))


def _refused(artefact: Artefact, classes: list[str], configuration: bool) -> Unreadable:
    names = [*([_SECRETS] if configuration else []), *classes]
    if not names:
        return artefact.refuse(
            "ni EncryptionConfiguration ni StorageClass",
            "neither an EncryptionConfiguration nor a StorageClass",
        )
    listed = ", ".join(name[:100] for name in names[:_LISTED])
    return artefact.refuse(
        f"« address » doit nommer l'un de : {listed}", f"`address` has to name one of: {listed}"
    )


def _objects(artefact: Artefact) -> list[dict[str, Any]]:
    """Every object of every document, and of every List in them."""
    content = artefact.whole()
    try:
        if content.lstrip()[:1] in (b"{", b"["):
            documents = [strict_json.loads(content)]
        else:
            documents = yaml_file.several(content, artefact.name)
    except (ValueError, InputError, RecursionError):
        # What the parser says may quote the file, which may hold keys.
        raise artefact.refuse(
            "ni JSON ni YAML que l'on accepte (sans ancre, chaque clé une fois)",
            "neither JSON nor YAML that is accepted (no anchors, each key once)",
        ) from None
    found: list[dict[str, Any]] = []
    for document in documents:
        many = document if isinstance(document, list) else [document]
        for one in many:
            if not isinstance(one, dict):
                continue
            items = one.get("items")
            inner = items if str(one.get("kind", "")).endswith("List") else None
            found += [o for o in inner if isinstance(o, dict)] if isinstance(inner, list) else [one]
    return found[:_OBJECTS]


def _name(one: Mapping[str, Any]) -> str:
    metadata = one.get("metadata")
    return str(metadata.get("name", "")) if isinstance(metadata, dict) else ""


def _configuration(artefact: Artefact, resource: str, found: Mapping[str, Any]) -> Shown:
    name, writer = artefact.name, _writer(found, resource)
    if writer is None:
        words = Text(
            f"{name} : {resource} n'est couvert par aucun groupe, donc en clair",
            f"{name}: {resource} is covered by no group, and so in clear",
        )
        return Shown(words, encrypted=False, level="database")
    kind, settings = writer
    words = Text(
        f"{name} : {resource} écrits par le premier fournisseur, {kind}",
        f"{name}: {resource} written by the first provider, {kind}",
    )
    if kind == "identity":
        return Shown(words, encrypted=False, level="database")
    if kind == "kms":
        v2 = str(settings.get("apiVersion", "v1")).lower() == "v2"
        return Shown(
            words, encrypted=True, level="database", algorithm="AES",
            mode="GCM" if v2 else None, manager="kms",
        )  # fmt: skip
    if kind in ("aescbc", "aesgcm"):
        bits = _key_bits(settings)
        return Shown(
            words, encrypted=True, level="database", algorithm="AES", mode=kind[3:].upper(),
            key_bits=bits, raw_bits=bits, manager="file",
        )  # fmt: skip
    if kind == "secretbox":
        return Shown(
            words, encrypted=True, level="database", algorithm="XSALSA20", mode="POLY1305",
            key_bits=256, raw_bits=256, manager="file",
        )  # fmt: skip
    raise artefact.refuse(
        "son premier fournisseur est inconnu", "its first provider is not a known one"
    )


def _writer(found: Mapping[str, Any], resource: str) -> tuple[str, Mapping[str, Any]] | None:
    """The first provider of the first group that covers the resource."""
    core = "." not in resource
    covers = {resource, "*.*", *(["*."] if core else [f"*.{resource.partition('.')[2]}"])}
    groups = found.get("resources")
    for group in groups if isinstance(groups, list) else ():
        if not isinstance(group, dict):
            continue
        names, providers = group.get("resources"), group.get("providers")
        if not isinstance(names, list) or not any(
            isinstance(one, str) and one in covers for one in names
        ):
            continue
        first = providers[0] if isinstance(providers, list) and providers else None
        if isinstance(first, dict) and len(first) == 1:
            kind, settings = next(iter(first.items()))
            return str(kind)[:40], settings if isinstance(settings, dict) else {}
        return "?", {}
    return None


def _key_bits(settings: Mapping[str, Any]) -> int | None:
    """Bits of the first key, which is the one that writes; None for a length that AES lacks."""
    keys = settings.get("keys")
    first = keys[0] if isinstance(keys, list) and keys else None
    secret = first.get("secret") if isinstance(first, dict) else None
    try:
        bits = len(base64.b64decode(secret, validate=True)) * 8 if isinstance(secret, str) else 0
    except ValueError:
        return None
    return bits if bits in _BITS else None


@cache
def _drivers() -> Mapping[str, dict[str, Any]]:
    text = resources("gdpr_audit.evidence").joinpath("storage_classes.toml").read_text("utf-8")
    return tomllib.loads(text)


def _storage_class(artefact: Artefact, name: str, found: Mapping[str, Any]) -> Shown:
    provisioner = str(found.get("provisioner", ""))[:200]
    plain = provisioner if provisioner in _drivers() else provisioner.partition(".")[2]
    row = _drivers().get(plain)
    if row is None:
        raise artefact.refuse(
            f"{name[:100]} : le pilote {provisioner} n'est pas connu",
            f"{name[:100]}: the driver {provisioner} is not a known one",
        )
    given = found.get("parameters")
    # Drivers take their parameters in any case of letters.
    parameters = {str(k).lower(): v for k, v in given.items()} if isinstance(given, dict) else {}
    encrypted, why = _switched(row, parameters)
    fr, en = f"{artefact.name} : {name[:100]} ({plain})", f"{artefact.name}: {name[:100]} ({plain})"
    if not encrypted:
        no_fr, no_en = (
            (" : chiffrement non montré", ": encryption not shown")
            if encrypted is None
            else (" non chiffré", " not encrypted")
        )
        words = Text(f"{fr}{no_fr} ({why.fr})", f"{en}{no_en} ({why.en})")
        return Shown(words, encrypted=encrypted, level=None if encrypted is None else "volume")
    own_key = bool(parameters.get(str(row.get("key", "")).lower()))
    key_fr, key_en = (
        (", avec une clé du client", ", with a key of the customer") if own_key else ("", "")
    )
    return Shown(
        Text(f"{fr} chiffré ({why.fr}){key_fr}", f"{en} encrypted ({why.en}){key_en}"),
        encrypted=True,
        level="volume",
        algorithm=row.get("algorithm"),
        mode=row.get("mode"),
        key_bits=row.get("bits"),
        raw_bits=row.get("raw_bits", row.get("bits")),
        manager="kms" if own_key else row.get("manager"),
    )


def _switched(row: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[bool | None, Text]:
    """Whether a class turns encryption on, off, or says nothing of it."""
    if row.get("always"):
        return True, DEFAULT
    switch = row.get("parameter")
    value = parameters.get(switch) if isinstance(switch, str) else None
    wanted = row.get("value")
    if wanted is not None:
        return (True, same(f"{switch}: {wanted}")) if value == wanted else (None, UNDOCUMENTED)
    found = truth(value)
    return found, UNDOCUMENTED if found is None else same(f"{switch}: {str(found).lower()}")
