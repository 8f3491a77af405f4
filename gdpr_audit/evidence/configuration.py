"""The `configuration` of a plan: which attribute was written, and whom it refers to.

Only expressions' references are in a plan, neither locals nor functions: what leads through a
local is not followed, and so not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gdpr_audit.evidence.resources import Resource

_HOPS = 12  # modules and variables between an attribute and the resource that it means
_LIMIT = 2000  # references of one attribute that are followed
_REFERENCE = re.compile(
    r"^([A-Za-z_][\w-]{0,200})\.([A-Za-z_][\w-]{0,200})(?:\[(\d{1,9}|\"(?:[^\"\\]|\\.)*\")\])?(?=\.|$)"
)
_MODULE = re.compile(r"^module\.([A-Za-z_][\w-]{0,200})(?:\[[^\]]{0,200}\])?\.([A-Za-z_][\w-]*)")
_NAMES = re.compile(r"module\.([^.\[]{1,200})(?:\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\])?\.?")


class There(NamedTuple):
    """What a reference means: a resource of the configuration, in its module."""

    module: tuple[str, ...]
    type: str
    name: str
    instance: str | int | None


class Configuration:
    """Of a plan; a state has none, of which nothing is then known."""

    def __init__(self, document: dict[str, Any]) -> None:
        given = document.get("configuration")
        self._given: dict[str, Any] = given if isinstance(given, dict) else {}
        self._variables = document.get("variables")
        self._modules: dict[tuple[str, ...], dict[str, Any]] = {}
        self._resources: dict[tuple[tuple[str, ...], str], dict[str, Any]] = {}
        root = self._given.get("root_module")
        waiting: list[tuple[tuple[str, ...], Any]] = [((), root)]
        while waiting:
            names, module = waiting.pop()
            if not isinstance(module, dict):
                continue
            self._modules[names] = module
            for one in _list(module.get("resources")):
                if isinstance(one, dict) and isinstance(one.get("address"), str):
                    self._resources[names, one["address"]] = one
            calls = module.get("module_calls")
            for name, call in calls.items() if isinstance(calls, dict) else ():
                if isinstance(call, dict) and len(names) < _HOPS * 4:
                    waiting.append(((*names, name), call.get("module")))

    def _of(self, resource: Resource) -> dict[str, Any] | None:
        names = tuple(match[1] for match in _NAMES.finditer(resource.module))
        return self._resources.get((names, f"{resource.type}.{resource.name}"))

    def sets(self, resource: Resource, path: str) -> bool | None:
        """Whether the attribute is written, other than as null; None without a configuration."""
        written = self._of(resource)
        if written is None:
            return None
        return any(_says(one) for one in _expressions(written.get("expressions"), path.split(".")))

    def provider(self, resource: Resource) -> str | None:
        """The key of its provider's configuration."""
        key = (self._of(resource) or {}).get("provider_config_key")
        return key if isinstance(key, str) else None

    def region(self, resource: Resource) -> str | None:
        """The region that its provider is configured with, written out or by a root variable."""
        providers = self._given.get("provider_config")
        key = self.provider(resource)
        one = providers.get(key) if isinstance(providers, dict) and key is not None else None
        expressions = one.get("expressions") if isinstance(one, dict) else None
        found = expressions.get("region") if isinstance(expressions, dict) else None
        if not isinstance(found, dict):
            return None
        value = found.get("constant_value")
        references = _list(found.get("references"))
        if value is None and len(references) == 1 and isinstance(references[0], str):
            variables = self._variables if isinstance(self._variables, dict) else {}
            variable = variables.get(references[0].removeprefix("var."))
            value = variable.get("value") if isinstance(variable, dict) else None
        return value if isinstance(value, str) else None

    def references(self, resource: Resource, path: str) -> list[There]:
        """The resources that an attribute refers to, through variables and outputs of modules."""
        written = self._of(resource)
        if written is None:
            return []
        names = tuple(match[1] for match in _NAMES.finditer(resource.module))
        found: dict[There, None] = {}
        waiting = [
            (names, reference, _HOPS)
            for one in _expressions(written.get("expressions"), path.split("."))
            for reference in _most_exact(one)
        ]
        for _ in range(_LIMIT):
            if not waiting:
                break
            where, reference, hops = waiting.pop()
            if there := self._resource_there(where, reference):
                found[there] = None
            elif hops:
                waiting += [(at, more, hops - 1) for at, more in self._onward(where, reference)]
        return list(found)

    def _resource_there(self, where: tuple[str, ...], reference: str) -> There | None:
        match = _REFERENCE.match(reference)
        if match is None or (where, f"{match[1]}.{match[2]}") not in self._resources:
            return None
        index: str | int | None = match[3]
        if isinstance(index, str):
            index = int(index) if index.isdigit() else index[1:-1].replace('\\"', '"')
        return There(where, match[1], match[2], index)

    def _onward(
        self, where: tuple[str, ...], reference: str
    ) -> Iterator[tuple[tuple[str, ...], str]]:
        """Out of a module by its variable, into one by its output."""
        if reference.startswith("var.") and where:
            call = self._call(where)
            expressions = call.get("expressions")
            name = reference.split(".")[1]
            one = expressions.get(name) if isinstance(expressions, dict) else None
            for more in _most_exact(one):
                yield where[:-1], more
        elif match := _MODULE.match(reference):
            inner = (*where, match[1])
            outputs = self._modules.get(inner, {}).get("outputs")
            output = outputs.get(match[2]) if isinstance(outputs, dict) else None
            for more in _most_exact(output.get("expression") if isinstance(output, dict) else None):
                yield inner, more

    def _call(self, where: tuple[str, ...]) -> dict[str, Any]:
        calls = self._modules.get(where[:-1], {}).get("module_calls")
        call = calls.get(where[-1]) if isinstance(calls, dict) else None
        return call if isinstance(call, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _expressions(expression: Any, parts: list[str]) -> Iterator[Any]:
    """The expressions at a path; a list is the blocks of one name."""
    if isinstance(expression, list):
        for one in expression[:1000]:
            yield from _expressions(one, parts)
    elif isinstance(expression, dict):
        if not parts or "references" in expression or "constant_value" in expression:
            yield expression  # at its end, or a dynamic one that stands for all within it
        elif parts[0] in expression:
            yield from _expressions(expression[parts[0]], parts[1:])


def _says(expression: Any) -> bool:
    if not isinstance(expression, dict):
        return False
    # Without either it is a block, or a function of constants, which a plan leaves empty.
    return expression.get("constant_value", True) not in (None, "")


def _most_exact(expression: Any) -> list[str]:
    """`aws_kms_key.k.arn, aws_kms_key.k` are one reference in two lengths: the longest counts."""
    given = _list(expression.get("references")) if isinstance(expression, dict) else []
    words = [word for word in given[:_LIMIT] if isinstance(word, str) and len(word) < 2000]
    return [
        word for word in words
        if not any(o != word and o.startswith((f"{word}.", f"{word}[")) for o in words)
    ]  # fmt: skip
