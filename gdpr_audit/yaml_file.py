"""Reads YAML that others wrote: bounded, without aliases, and with the line of every key.

Everything that a person or a peer hands over as YAML (declarations, rules, waivers) comes
through here, so that one place knows the bombs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from gdpr_audit import files
from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

LIMIT = 1024 * 1024  # bytes; the largest honest declaration seen is a hundredth of it
DEPTH = 24  # nested collections; the declaration needs 7

Path_ = tuple[str | int, ...]

M = TypeVar("M", bound="BaseModel")

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """The data of one YAML file and the line (from 1) of each key and item in it."""

    file: str
    data: Any
    lines: Mapping[Path_, int] = field(default_factory=dict)

    def line(self, *path: str | int) -> int | None:
        """The line of `path`, or of the nearest thing around it that has one."""
        for end in range(len(path), 0, -1):
            if (found := self.lines.get(path[:end])) is not None:
                return found
        return 1 if self.lines else None

    def refuse(self, message: str, *path: str | int) -> InputError:
        """An InputError that names file, line and key."""
        key = spell(path)
        where = f"{self.file}:{self.line(*path) or 1}"
        return InputError(f"{where}: {key}: {message}" if key else f"{where}: {message}")


def spell(path: Path_) -> str:
    """`("hosting", 0, "countries")` as `hosting[0].countries`."""
    words = ""
    for part in path:
        words += f"[{part}]" if isinstance(part, int) else f".{part}" if words else str(part)
    return words


def read(path: Path, *, what: str = "file") -> Document:
    """Read one file.

    Raises InputError, in one line, for a file that is missing, too large, binary, not YAML,
    nested beyond reason, or that uses aliases or a key twice.
    """
    content = files.read(path, LIMIT, what)
    return parse(content, str(path), what=what)


def parse(content: bytes, file: str, *, what: str = "file") -> Document:
    """As `read`, of bytes already at hand."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: the {what} is not UTF-8 text") from error
    try:
        _refuse_bombs(text, file)
        node = yaml.compose(text, Loader=_Loader)
        lines: dict[Path_, int] = {}
        data = None if node is None else _build(node, (), lines, file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InputError(
            f"{file}:{line}: not valid YAML: {error.problem or error.context}"
        ) from error
    except yaml.YAMLError as error:
        raise InputError(f"{file}: not valid YAML: {str(error).splitlines()[0]}") from error
    return Document(file, data, lines)


def _refuse_bombs(text: str, file: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = _line(event)
            raise InputError(f"{file}:{line}: anchors and aliases are not accepted; write it out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH:
                line = _line(event)
                raise InputError(f"{file}:{line}: nested deeper than {DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _line(place: yaml.Event | yaml.Node) -> int:
    return place.start_mark.line + 1 if place.start_mark else 1


def _build(node: yaml.Node, path: Path_, lines: dict[Path_, int], file: str) -> Any:
    if path:
        lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node, file)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str):
                key = key_node.value  # `no:` and `1:` are words where a key is wanted
            if not isinstance(key, str):
                raise InputError(f"{file}:{line}: a key must be a word")
            if key in result:
                raise InputError(f"{file}:{line}: {spell((*path, key))}: this key stands twice")
            lines[(*path, key)] = line
            result[key] = _build(value_node, (*path, key), lines, file)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, i), lines, file) for i, item in enumerate(node.value)]
    return _scalar(node, file)


def _scalar(node: yaml.Node, file: str) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    except (ValueError, OverflowError) as error:  # 2026-02-30 looks like a date and is none
        line = node.start_mark.line + 1
        raise InputError(f"{file}:{line}: {node.value!r} is not a valid value: {error}") from error
    finally:
        loader.dispose()


def validated(document: Document, model: type[M]) -> M:
    """The document as `model`. Raises InputError that names the first fault, line and mend."""
    from pydantic import ValidationError  # noqa: PLC0415 - as heavy as all the rest together

    if not isinstance(document.data, dict):
        raise InputError(f"{document.file}: expected a mapping of keys to values at the top")
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise _first(error, document, model) from None


def _first(error: ValidationError, document: Document, model: type[BaseModel]) -> InputError:
    """Of a union's many complaints the deepest one, as it is about the branch that was meant."""
    faults = error.errors(include_url=False)
    fault = max(faults, key=lambda f: (f["type"] == "extra_forbidden", _depth(f["loc"], document)))
    path = _real_path(fault["loc"], document)
    if fault["type"] == "extra_forbidden":
        known = sorted(_keys_near(model, fault["loc"]))
        close = get_close_matches(str(fault["loc"][-1]), known, n=1)
        mend = f"did you mean `{close[0]}`?" if close else f"known here: {', '.join(known)}"
        return document.refuse(f"unknown key; {mend}", *path)
    if fault["type"] == "missing":
        return document.refuse(f"`{fault['loc'][-1]}` is missing", *path)
    message = fault["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    given = fault.get("input")
    shown = f"; given: {str(given)[:60]!r}" if isinstance(given, str | int | float) else ""
    if message.startswith("Input "):
        message = f"input {message.removeprefix('Input ')}"
    return document.refuse(f"{message}{shown}", *path)


def _real_path(loc: tuple[int | str, ...], document: Document) -> Path_:
    """Pydantic's location without the names of union branches, which are not in the file."""
    path: Path_ = ()
    for part in loc:
        if (*path, part) in document.lines:
            path = (*path, part)
    return path


def _depth(loc: tuple[int | str, ...], document: Document) -> int:
    return len(_real_path(loc, document))


def _keys_near(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    """The keys that the schema knows where the unknown one stands."""
    schema = model.model_json_schema()
    place: Any = schema
    for part in loc[:-1]:
        found = [s for s in _branches(place, schema) if _child(s, part) is not None]
        place = _child(found[0], part) if found else place
    keys: set[str] = set()
    for branch in _branches(place, schema):
        keys |= set(branch.get("properties", {}))
    return keys


def _child(schema: Mapping[str, Any], part: int | str) -> Any:
    if isinstance(part, int):
        return schema.get("items")
    return schema.get("properties", {}).get(part)


def _branches(place: Mapping[str, Any], root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "$ref" in place:
        return _branches(root["$defs"][place["$ref"].rsplit("/", 1)[-1]], root)
    if "anyOf" in place:
        return [b for option in place["anyOf"] for b in _branches(option, root)]
    return [place]
