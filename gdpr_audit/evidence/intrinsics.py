"""CloudFormation's functions, as far as the template alone settles them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gdpr_audit.evidence.resources import Later, Sight

_DEEPEST = 32
_IN_TEXT = re.compile(r"\$\{([A-Za-z0-9]{1,255})(?:\.[A-Za-z0-9.]{1,255})?\}")
_UNKNOWN = Later()


class Intrinsics:
    """Values with their functions replaced: by what they give, or by `Later`.

    `given` are the parameters that a stack was made with. A default is what a stack gets that
    says nothing else, so that a template alone does not tell what one has.
    """

    def __init__(self, template: dict[str, Any], given: Mapping[str, str]) -> None:
        self._given = given
        self._parameters = _dict(template.get("Parameters"))
        self._conditions = _dict(template.get("Conditions"))
        self._mappings = _dict(template.get("Mappings"))
        self._met: dict[str, bool | None] = {}

    def resolved(self, value: Any, depth: int = _DEEPEST) -> Any:
        if not depth:
            return _UNKNOWN
        if isinstance(value, list):
            return [self.resolved(one, depth - 1) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in ("Ref", "Condition") or str(name).startswith("Fn::"):
                return self._function(str(name), argument, depth - 1)
        return {str(key): self.resolved(one, depth - 1) for key, one in value.items()}

    def _function(self, name: str, argument: Any, depth: int) -> Any:
        if name == "Ref":
            return self._ref(argument)
        if name == "Fn::GetAtt":
            whole = argument[0] if isinstance(argument, list) and argument else argument
            return Later((whole.split(".")[0],)) if isinstance(whole, str) else _UNKNOWN
        if name == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
            return self._if(argument, depth)
        if name == "Fn::Sub":
            text = argument[0] if isinstance(argument, list) and argument else argument
            return self._sub(text)
        if name == "Fn::FindInMap" and isinstance(argument, list):
            return self._find([self.resolved(one, depth) for one in argument])
        return _UNKNOWN

    def _ref(self, name: Any) -> Any:
        if not isinstance(name, str):
            return _UNKNOWN
        if name == "AWS::NoValue":
            return None
        if name in self._parameters:
            parameter = _dict(self._parameters[name])
            if str(parameter.get("NoEcho", "")).lower() == "true":
                return Sight.HIDDEN
            if str(parameter.get("Type", "")).startswith("AWS::SSM::"):
                return _UNKNOWN  # its value is the name of what holds the value
            return self._given.get(name, _only(parameter.get("AllowedValues")))
        return _UNKNOWN if name.startswith("AWS::") else Later((name,))

    def _sub(self, text: Any) -> Any:
        if not isinstance(text, str):
            return _UNKNOWN
        names = tuple(dict.fromkeys(_IN_TEXT.findall(text)))
        if names:
            return Later(tuple(name for name in names if name not in self._parameters))
        return _UNKNOWN if "${" in text else text

    def _if(self, argument: list[Any], depth: int) -> Any:
        met = self.condition(argument[0], depth)
        if met is not None:
            return self.resolved(argument[1 if met else 2], depth)
        first, second = (self.resolved(one, depth) for one in argument[1:])
        if first == second:
            return first
        both = [one.refers for one in (first, second) if isinstance(one, Later)]
        return Later(tuple(name for names in both for name in names))

    def _find(self, path: list[Any]) -> Any:
        found: Any = self._mappings
        for part in path[:3]:
            if not isinstance(part, str | int) or not isinstance(found, dict):
                return _UNKNOWN
            found = found.get(str(part), found.get(part))
        return found if isinstance(found, str | int | bool) else _UNKNOWN

    def condition(self, given: Any, depth: int) -> bool | None:
        """Whether it is met; None where that is open."""
        if isinstance(given, str):
            if given not in self._met:
                self._met[given] = None  # one that leads back to itself stays open
                self._met[given] = self.condition(self._conditions.get(given), depth - 1)
            return self._met[given]
        if not isinstance(given, dict) or len(given) != 1 or depth <= 0:
            return None
        name, argument = next(iter(given.items()))
        if name == "Condition":
            return self.condition(argument, depth - 1) if isinstance(argument, str) else None
        many = argument[:10] if isinstance(argument, list) else []
        if name == "Fn::Equals":
            return _equal([self.resolved(one, depth - 1) for one in many])
        return _joined(name, [self.condition(one, depth - 1) for one in many])


def _only(allowed: Any) -> Any:
    """The value that a parameter must have, as it may have no other."""
    values = allowed if isinstance(allowed, list) else []
    if not all(isinstance(one, str | int | float) for one in values):
        return _UNKNOWN
    return values[0] if len({_text(one) for one in values}) == 1 else _UNKNOWN


def _equal(both: list[Any]) -> bool | None:
    if len(both) != 2 or not all(isinstance(one, str | int | float) for one in both):
        return None
    return _text(both[0]) == _text(both[1])


def _joined(name: str, met: list[bool | None]) -> bool | None:
    """Fn::Not, Fn::And, Fn::Or."""
    if name == "Fn::Not" and len(met) == 1:
        return None if met[0] is None else not met[0]
    if name in ("Fn::And", "Fn::Or") and met:
        ends = name == "Fn::Or"
        return ends if ends in met else None if None in met else not ends
    return None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
