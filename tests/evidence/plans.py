"""Plans as `terraform show -json` writes them, from few words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from gdpr_audit.evidence.artefact import Artefact, Shown
from gdpr_audit.evidence.terraform import read

#: The `expressions` of a plan for a reference: `ref("aws_kms_key.k", "arn")`.


def ref(address: str, attribute: str | None = None) -> dict[str, Any]:
    return {"references": [f"{address}.{attribute}", address] if attribute else [address]}


class Plan:
    """`add` a resource by its full address: values, what is unknown, expressions."""

    def __init__(self) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        self.document: dict[str, Any] = {
            "format_version": "1.2", "terraform_version": "1.11.4", "variables": {},
            "planned_values": {"root_module": {"resources": [], "child_modules": []}},
            "resource_changes": [],
            "configuration": {"provider_config": {}, "root_module": {"resources": [], "module_calls": {}}},
        }  # fmt: skip

    def add(
        self,
        address: str,
        values: dict[str, Any] | None = None,
        *,
        unknown: dict[str, Any] | None = None,
        hidden: dict[str, Any] | None = None,
        wrote: dict[str, Any] | None = None,
        actions: tuple[str, ...] = ("create",),
    ) -> Plan:
        module = self._module(address)
        rest = re.sub(r"^(module\.[^.\[]+(\[[^\]]*\])?\.)*", "", address)
        kind, name = rest.split("[")[0].split(".")
        raw: dict[str, Any] = {"address": address, "mode": "managed", "type": kind, "name": name,
                               "provider_name": "registry.terraform.io/x/y", "schema_version": 0,
                               "values": values or {}, "sensitive_values": hidden or {}}  # fmt: skip
        if "[" in rest:
            raw["index"] = json.loads(rest.split("[")[1][:-1])
        if "delete" not in actions or "create" in actions:
            module["resources"].append(raw)
        self.document["resource_changes"].append(
            {"address": address, "mode": "managed", "type": kind, "name": name,
             "change": {"actions": list(actions), "before": None, "after": values or {},
                        "after_unknown": unknown or {}}}
        )  # fmt: skip
        written = {key: {"constant_value": value} for key, value in (values or {}).items()}
        self._configured(address)["resources"].append(
            {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name,
             "provider_config_key": kind.split("_", maxsplit=1)[0], "expressions": {**written, **(wrote or {})}}
        )  # fmt: skip
        return self

    def _module(self, address: str) -> dict[str, Any]:
        here: dict[str, Any] = self.document["planned_values"]["root_module"]
        path = ""
        for part in re.findall(r"module\.[^.\[]+(?:\[[^\]]*\])?", address):
            path = f"{path}.{part}" if path else part
            children = here.setdefault("child_modules", [])
            found = next((m for m in children if m["address"] == path), None)
            if found is None:
                found = {"address": path, "resources": []}
                children.append(found)
            here = found
        return here

    def _configured(self, address: str) -> dict[str, Any]:
        here: dict[str, Any] = self.document["configuration"]["root_module"]
        for name in re.findall(r"module\.([^.\[]+)", address):
            calls = here.setdefault("module_calls", {})
            call = calls.setdefault(name, {"expressions": {}, "module": {"resources": []}})
            here = call["module"]
        return here

    def call(self, *names: str) -> dict[str, Any]:
        """The call of a module, to give it expressions and outputs."""
        here: dict[str, Any] = self.document["configuration"]["root_module"]
        found: dict[str, Any] = {}
        for name in names:
            calls = here.setdefault("module_calls", {})
            found = calls.setdefault(name, {"expressions": {}, "module": {"resources": []}})
            here = found["module"]
        return found

    def provider(self, name: str, **constants: str) -> Plan:
        expressions = {key: {"constant_value": value} for key, value in constants.items()}
        self.document["configuration"]["provider_config"][name] = {"expressions": expressions}
        return self

    def state(self) -> Plan:
        """As a state has it: without configuration and changes."""
        self.document["values"] = self.document.pop("planned_values")
        del self.document["configuration"], self.document["resource_changes"]
        return self

    def save(self, folder: Path) -> Path:
        path = folder / "plan.json"
        path.write_text(json.dumps(self.document))
        return path

    def artefact(self, folder: Path, address: str | None = None) -> Artefact:
        return Artefact(self.save(folder), "plan.json", address)

    def read(self, folder: Path, address: str | None = None) -> Shown:
        return read(self.artefact(folder, address))
