"""A plan or a state of Terraform or OpenTofu: what `terraform show -json` prints.

`address` names the resource. What counts is what is planned; a plan's secrets are not read.
Format: developer.hashicorp.com/terraform/internals/json-format, of which the major version is
looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gdpr_audit import strict_json
from gdpr_audit.evidence.artefact import Artefact, Shown, Unreadable
from gdpr_audit.evidence.cloud import shown, table
from gdpr_audit.evidence.configuration import Configuration, There
from gdpr_audit.evidence.keys import KEY_TYPES
from gdpr_audit.evidence.odd import BESIDE
from gdpr_audit.evidence.resources import Resource, chosen, look

LIMIT = 128 * 1024 * 1024  # bytes
_RESOURCES = 200_000
_MODULES = 50_000
_INSTANCES = 100  # of one resource, beyond which no reference without an index is followed
_FORMATS = ("0", "1")  # major versions
_BINARY = b"PK\x03\x04"  # what `terraform plan -out` writes is a zip

#: Attributes by which resources name each other once they exist, as in a state.
_NAMES = ("arn", "id", "key_id", "self_link", "identifier", "cluster_identifier", "bucket",
          "versionless_id", "resource_versionless_id")  # fmt: skip
_MODULE = re.compile(r"module\.([^.\[]{1,200})(\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\])?\.?")


#: What a plan of 128 MiB has a quarter of.
_CONTAINERS, _VALUES = 4_000_000, 16_000_000
#: What its owners write, at whatever length, and no setting.
_PROSE = frozenset({"tags", "tags_all", "labels", "effective_labels", "terraform_labels"})
_IS_RESOURCE = frozenset({"address", "mode", "type", "name"})
_IS_CHANGE = frozenset({"actions", "before", "after", "after_unknown"})


def _members() -> Mapping[str, strict_json.Keep]:
    """What is kept of a plan, which says everything three times over: of a few types, once."""
    read = frozenset({*table(), *KEY_TYPES, *BESIDE})

    def resource(found: dict[str, Any]) -> dict[str, Any]:
        if found.keys() >= _IS_RESOURCE and str(found["type"]) not in read:
            return {key: found[key] for key in _IS_RESOURCE}
        for name in _PROSE & found.keys():
            del found[name]
        return found

    def change(found: dict[str, Any]) -> dict[str, Any]:
        if found.keys() >= _IS_CHANGE:
            return {key: found[key] for key in ("actions", "after_unknown")}
        return found

    return {
        "format_version": dict,
        "errored": dict,
        "planned_values": resource,
        "values": resource,
        "resource_changes": change,
        "configuration": dict,
        "variables": dict,
    }


class Found(NamedTuple):
    """One store of a plan, for `init`."""

    address: str
    kind: str
    provider: str
    shown: Shown


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for what is no plan, or where `address` names no store of it."""
    plan = Plan(artefact)
    if artefact.address is not None and artefact.address in plan.deleted:
        raise artefact.refuse(
            f"le plan supprime {artefact.address[:200]}",
            f"the plan deletes {artefact.address[:200]}",
        )
    resource = chosen(artefact, plan.stores, plan.addresses)
    return shown(resource, plan, artefact.name)


def inventory(artefact: Artefact) -> list[Found]:
    """Every store of a known type. Raises Unreadable."""
    plan = Plan(artefact)
    return [
        Found(
            store.address,
            table()[store.type].kind,
            table()[store.type].provider,
            shown(store, plan, artefact.name),
        )
        for store in sorted(plan.stores, key=lambda one: one.address)
        if store.type != "aws_ebs_encryption_by_default"
    ]


class Plan:
    """The resources of one plan or state, as a `Book`. Raises Unreadable for what is none."""

    def __init__(self, artefact: Artefact) -> None:
        document = _document(artefact)
        changes = _changes(document)
        self.deleted = {address for address, change in changes.items() if _deletes(change)}
        self._types: dict[str, list[Resource]] = {}
        self.addresses: set[str] = set()
        root = (document.get("planned_values") or document["values"]).get("root_module")
        for resource in _resources(root, changes, artefact):
            self.addresses.add(resource.address)
            self._types.setdefault(resource.type, []).append(resource)
        self.stores = [store for kind in table() for store in self._types.get(kind, ())]
        self._configuration = Configuration(document)
        self._exact: dict[tuple[str, str, str, str | int | None], Resource] = {}
        self._groups: dict[tuple[str, str, tuple[str, ...]], list[Resource]] = {}
        self._idents: dict[str, dict[str, list[Resource]]] = {}
        self._back: dict[tuple[str, str, str], dict[str, list[Resource]]] = {}

    def follow(
        self, resource: Resource, path: str, types: Sequence[str] = ()
    ) -> Sequence[Resource]:
        found: dict[str, Resource] = {}
        for there in self._configuration.references(resource, path):
            if not types or there.type in types:
                found |= {one.address: one for one in self._instances(resource, there)}
        if not found:
            values = [value for value in look(resource, path) if isinstance(value, str)]
            for kind in types or tuple(self._types):
                for value in values:
                    found |= {one.address: one for one in self._by_name(kind).get(value, ())}
        return list(found.values())

    def _instances(self, resource: Resource, there: There) -> Sequence[Resource]:
        """Of the instances of what is referred to, those that this instance can mean."""
        if not self._exact:
            for one in (one for found in self._types.values() for one in found):
                names = (one.type, one.name, module_names(one.module))
                self._groups.setdefault(names, []).append(one)
                self._exact[one.type, one.name, one.module, one.index] = one
        # `aws_kms_key.k[each.key]` is written without its index: each.key is not in the plan.
        index = resource.index if there.instance is None else there.instance
        twin = self._exact.get((there.type, there.name, resource.module, index))
        if twin is not None and index is not None:
            return [twin]
        found = self._groups.get((there.type, there.name, there.module), [])
        if there.instance is not None:
            found = [one for one in found[:_INSTANCES] if one.index == there.instance]
        return _nearest(resource, found) if len(found) <= _INSTANCES else ()

    def _by_name(self, kind: str) -> Mapping[str, list[Resource]]:
        if kind not in self._idents:
            index: dict[str, list[Resource]] = {}
            for one in self._types.get(kind, ()):
                values = {one.values.get(name) for name in _NAMES if _is_text(one.values.get(name))}
                for value in values:
                    index.setdefault(str(value), []).append(one)
            self._idents[kind] = index
        return self._idents[kind]

    def referring(self, target: Resource, kind: str, path: str) -> Sequence[Resource]:
        key = (target.type, kind, path)
        if key not in self._back:
            back: dict[str, list[Resource]] = {}
            for one in self._types.get(kind, ()):
                found = self.follow(one, path, (target.type,))
                if len(found) == 1:  # one that may be of several is of none for certain
                    back.setdefault(found[0].address, []).append(one)
            self._back[key] = back
        return self._back[key].get(target.address, ())

    def named(self, resource: Resource, path: str) -> bool | None:
        return self._configuration.sets(resource, path)

    def siblings(self, resource: Resource, kind: str) -> Sequence[Resource]:
        mine = self._configuration.provider(resource)
        return [
            one for one in self._types.get(kind, ()) if self._configuration.provider(one) == mine
        ]

    def region(self, resource: Resource) -> str | None:
        return self._configuration.region(resource)


def module_names(address: str) -> tuple[str, ...]:
    """`module.a[0].module.b` as `("a", "b")`."""
    return tuple(match[1] for match in _MODULE.finditer(address))


def _nearest(resource: Resource, found: list[Resource]) -> Sequence[Resource]:
    """Those of the same instance of a module, where the module has several."""
    own = [one for one in found if one.module == resource.module] or [
        one for one in found
        if resource.module.startswith(f"{one.module}.") or one.module.startswith(resource.module)
    ]  # fmt: skip
    found = own or found
    twin = [one for one in found if resource.index is not None and one.index == resource.index]
    return twin or found


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _document(artefact: Artefact) -> dict[str, Any]:
    foreign = artefact.refuse(
        "ce n'est pas ce qu'imprime terraform show -json",
        "this is not what terraform show -json prints",
    )
    if artefact.head(4) == _BINARY:
        raise artefact.refuse(
            "c'est un plan binaire : terraform show -json PLAN > plan.json",
            "this is a binary plan: terraform show -json PLAN > plan.json",
        )
    try:
        document = strict_json.members(
            artefact.pieces(LIMIT), _members(), containers=_CONTAINERS, values=_VALUES
        )
    except ValueError:
        raise foreign from None
    if not isinstance(document, dict) or not isinstance(document.get("format_version"), str):
        raise foreign
    if document["format_version"].partition(".")[0] not in _FORMATS:
        raise artefact.refuse(
            "son format est d'une version inconnue", "its format is of an unknown version"
        )
    if document.get("errored") is True:
        raise artefact.refuse("le plan s'est arrêté sur une erreur", "the plan ended in an error")
    values = document.get("planned_values") or document.get("values")
    if not isinstance(values, dict) or not isinstance(values.get("root_module"), dict):
        raise artefact.refuse("le plan ne contient aucune ressource", "the plan holds no resource")
    return document


def _changes(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Address to change."""
    given = document.get("resource_changes")
    found = {}
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and _is_text(one.get("address")):
            change = one.get("change")
            found[one["address"]] = change if isinstance(change, dict) else {}
    return found


def _deletes(change: dict[str, Any]) -> bool:
    return change.get("actions") in (["delete"], ["forget"])


def _resources(
    root: dict[str, Any], changes: Mapping[str, dict[str, Any]], artefact: Artefact
) -> Iterator[Resource]:
    """Those of every module, without a stack of ours that depth could break."""
    waiting: list[Any] = [root]
    modules = count = 0
    while waiting:
        module = waiting.pop()
        modules += 1
        if not isinstance(module, dict):
            continue
        given = module.get("address")
        where = given if isinstance(given, str) else ""
        for raw in _list(module.get("resources")):
            if (resource := _resource(raw, where, changes)) is not None:
                count += 1
                yield resource
        waiting += _list(module.get("child_modules"))
        if count > _RESOURCES or modules + len(waiting) > _MODULES:
            raise _too_many(artefact)


def _too_many(artefact: Artefact) -> Unreadable:
    return artefact.refuse(
        f"le plan a plus de {_RESOURCES} ressources ou {_MODULES} modules",
        f"the plan has more than {_RESOURCES} resources or {_MODULES} modules",
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _resource(raw: Any, module: str, changes: Mapping[str, dict[str, Any]]) -> Resource | None:
    """None for a data source, and for what is no resource."""
    if not isinstance(raw, dict) or raw.get("mode", "managed") != "managed":
        return None
    address, kind, name = raw.get("address"), raw.get("type"), raw.get("name")
    if not isinstance(address, str) or not isinstance(kind, str):
        return None
    values, index = raw.get("values"), raw.get("index")
    return Resource(
        address,
        kind,
        values if isinstance(values, dict) else {},
        unknown=changes.get(address, {}).get("after_unknown"),
        hidden=raw.get("sensitive_values"),
        module=module,
        name=name if isinstance(name, str) else "",
        index=index if isinstance(index, str | int) and not isinstance(index, bool) else None,
    )
