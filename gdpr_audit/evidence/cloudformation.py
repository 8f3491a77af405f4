"""A CloudFormation template, in JSON or YAML, or what `aws cloudformation get-template` prints.

`address` is the logical id. Nothing of a template is executed. What depends on a parameter is not
shown, as a stack may have another value than the default, unless only one is allowed, or the
stack's own `Parameters`, as `describe-stacks` prints them, stand beside `TemplateBody`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files as resources
from typing import Any

from gdpr_audit import strict_json, yaml_file
from gdpr_audit.errors import InputError
from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.evidence.cloud import shown, table
from gdpr_audit.evidence.intrinsics import Intrinsics
from gdpr_audit.evidence.resources import Later, Resource, chosen

_RESOURCES = 5000  # ten times what CloudFormation takes
_DEEPEST = 24
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for what is no template, or where `address` names no store of it."""
    template = Template(artefact)
    return shown(chosen(artefact, template.stores, template.addresses), template, artefact.name)


@cache
def _types() -> Mapping[str, dict[str, Any]]:
    text = resources("gdpr_audit.evidence").joinpath("cloudformation.toml").read_text("utf-8")
    return tomllib.loads(text)


class Template:
    """The resources of a template, as a `Book`. Raises Unreadable for what is none."""

    def __init__(self, artefact: Artefact) -> None:
        body, parameters = _body(artefact)
        given = body.get("Resources")
        if not isinstance(given, dict) or len(given) > _RESOURCES:
            raise artefact.refuse(
                "ce n'est pas un modèle CloudFormation (« Resources »)",
                "this is not a CloudFormation template (`Resources`)",
            )
        self.addresses = set(given)
        intrinsics = Intrinsics(body, parameters)
        self._all = {
            name: resource
            for name, raw in given.items()
            if isinstance(raw, dict) and (resource := _resource(name, raw, intrinsics)) is not None
        }
        self.stores = [one for one in self._all.values() if one.type in table()]

    def follow(
        self, resource: Resource, path: str, types: Sequence[str] = ()
    ) -> Sequence[Resource]:
        names = {name for one in _later(resource.values, path.split(".")) for name in one.refers}
        found = [self._all[name] for name in sorted(names) if name in self._all]
        return [one for one in found if not types or one.type in types]

    def referring(self, target: Resource, kind: str, path: str) -> Sequence[Resource]:
        found = [one for one in self._all.values() if one.type == kind]
        return [one for one in found if target in self.follow(one, path)]

    def named(self, resource: Resource, path: str) -> bool | None:
        return any(value is not None for value in _raw(resource.values, path.split(".")))

    def siblings(self, _resource: Resource, _kind: str) -> Sequence[Resource]:
        return ()

    def region(self, _resource: Resource) -> str | None:
        return None


def _body(artefact: Artefact) -> tuple[dict[str, Any], dict[str, str]]:
    """The template, and the parameters that its stack was made with, where they are there."""
    content = artefact.whole()
    body = _parsed(content, artefact)
    parameters: dict[str, str] = {}
    if isinstance(body, dict) and "TemplateBody" in body:
        rows = body.get("Parameters")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and isinstance(row.get("ParameterValue"), str):
                parameters[str(row.get("ParameterKey"))] = row["ParameterValue"]
        inner = body["TemplateBody"]
        body = _parsed(inner.encode(), artefact) if isinstance(inner, str) else inner
    if not isinstance(body, dict):
        raise artefact.refuse(
            "ce n'est pas un modèle CloudFormation", "this is not a CloudFormation template"
        )
    return body, parameters


def _parsed(content: bytes, artefact: Artefact) -> Any:
    try:
        if content.lstrip()[:1] == b"{":
            return strict_json.loads(content)
        documents = yaml_file.several(content, artefact.name, short=True)
    except (ValueError, InputError, RecursionError):
        # What the parser says may quote the file, which may hold secrets.
        raise artefact.refuse(
            "ni JSON ni YAML que l'on accepte (sans ancre, chaque clé une fois)",
            "neither JSON nor YAML that is accepted (no anchors, each key once)",
        ) from None
    return documents[0] if len(documents) == 1 else None


def _resource(name: str, raw: dict[str, Any], intrinsics: Intrinsics) -> Resource | None:
    row = _types().get(str(raw.get("Type")))
    if row is None:
        return None
    properties = intrinsics.resolved(raw.get("Properties"))
    values = _renamed(properties, row.get("names", {}), _DEEPEST)
    if not isinstance(values, dict):
        values = {}
    for key in row.get("account", ()):
        values.setdefault(key, Later())
    mappings = values.pop("ebs_block_device_mappings", None)
    if mappings is not None:
        many = mappings if isinstance(mappings, list) else [mappings]
        values["ebs_block_device"] = [one.get("ebs") for one in many if isinstance(one, dict)]
    return Resource(name, row["type"], values, name=name)


def _renamed(value: Any, names: Mapping[str, str], depth: int) -> Any:
    """Terraform's spelling of properties; `LaunchTemplateData` is what its attributes are in."""
    if isinstance(value, list):
        return [_renamed(one, names, depth - 1) for one in value] if depth else []
    if not isinstance(value, dict) or not depth:
        return value if not isinstance(value, dict) else {}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        new = _renamed(inner, names, depth - 1)
        if key == "LaunchTemplateData" and isinstance(new, dict):
            found |= new
        else:
            found[names.get(key) or _CAPITAL.sub("_", key[:200]).lower()] = new
    return found


def _raw(value: Any, parts: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for one in value[:1000]:
            yield from _raw(one, parts)
    elif parts and isinstance(value, dict):
        yield from _raw(value.get(parts[0]), parts[1:])
    elif not parts or isinstance(value, Later):
        yield value


def _later(values: Mapping[str, Any], parts: list[str]) -> Iterator[Later]:
    return (one for one in _raw(dict(values), parts) if isinstance(one, Later))
