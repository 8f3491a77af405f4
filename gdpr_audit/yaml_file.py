"""Reads YAML that others wrote: bounded, without aliases, and with the line of every key.

Everything that a person or a peer hands over as YAML (declarations, rules, waivers) comes
through here, so that one place knows the bombs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from gdpr_audit import files
from gdpr_audit.errors import InputError
from gdpr_audit.redaction import without_credentials

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

LIMIT = 1024 * 1024  # bytes; the largest honest declaration seen is a hundredth of it
EVENTS = 200_000  # values, and beginnings and ends of collections; each takes half a KiB
DEPTH = 24  # nested collections; the declaration needs 7

_BITS = 63  # of a number: what is longer is no sum of euros, and may be too long to write out
#: How PyYAML takes what is none: 2026-02-30, `!!int ""`, `!!bool x`, `!!timestamp x`.
_NO_VALUE = (ValueError, OverflowError, LookupError, AttributeError)

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


def parse(content: bytes, file: str, *, what: str = "file", above: int = 0) -> Document:
    """As `read`, of bytes already at hand, which have `above` lines above them in their file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: the {what} is not UTF-8 text") from error
    lines: dict[Path_, int] = {}
    try:
        data = _Builder(_events(text, file, above), file, lines, above=above).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = above + (mark.line + 1 if mark else 1)
        raise InputError(
            f"{file}:{line}: not valid YAML: {error.problem or error.context}"
        ) from error
    except yaml.YAMLError as error:
        raise InputError(f"{file}: not valid YAML: {str(error).splitlines()[0]}") from error
    return Document(file, data, lines)


def several(content: bytes, file: str, *, short: bool = False) -> list[Any]:
    """The data of every document of a stream, within the same bounds; no lines are kept.

    `short` takes CloudFormation's tags: `!Ref Key` is `{"Ref": "Key"}`, `!GetAtt a.b` is
    `{"Fn::GetAtt": "a.b"}`. Raises InputError.
    """
    if len(content) > LIMIT:
        raise InputError(f"{file}: larger than {LIMIT // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: the file is not UTF-8 text") from error
    try:
        documents: list[list[yaml.Event]] = []
        for event in _events(text, file):
            if isinstance(event, yaml.DocumentStartEvent):
                documents.append([])
            if documents:
                documents[-1].append(event)
        return [_Builder(events, file, {}, short=short).document() for events in documents]
    except yaml.YAMLError as error:
        raise InputError(f"{file}: not valid YAML") from error


def _events(text: str, file: str, above: int = 0) -> list[yaml.Event]:
    """The file's events, each looked at before anything is built of them."""
    events = []
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:  # aliases have one too
            line = above + _line(event)
            raise InputError(f"{file}:{line}: anchors and aliases are not accepted; write it out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH:
                line = above + _line(event)
                raise InputError(f"{file}:{line}: nested deeper than {DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        events.append(event)
        if len(events) > EVENTS:
            raise InputError(f"{file}:{above + _line(event)}: more than {EVENTS} values")
    return events


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Builder:
    """Makes data of events, and notes the line of every key and item."""

    def __init__(
        self,
        events: list[yaml.Event],
        file: str,
        lines: dict[Path_, int],
        *,
        short: bool = False,
        above: int = 0,
    ) -> None:
        self._events, self._file, self._lines = iter(events), file, lines
        self._short, self._above = short, above
        self._starts = [event for event in events if isinstance(event, yaml.DocumentStartEvent)]
        self._types = yaml.SafeLoader("")  # knows what a plain word stands for

    def _line(self, event: yaml.Event) -> int:
        return self._above + _line(event)

    def document(self) -> Any:
        """The one document of the file; None where it has none."""
        if not self._starts:
            return None
        for other in self._starts[1:]:
            line = self._line(other)
            raise InputError(f"{self._file}:{line}: not valid YAML: but found another document")
        first = next(event for event in self._events if isinstance(event, yaml.NodeEvent))
        return self._value(first, ())

    def _value(self, event: yaml.Event, path: Path_) -> Any:
        if path:
            self._lines.setdefault(path, self._line(event))
        tag = getattr(event, "tag", None)
        if self._short and isinstance(tag, str) and tag[:1] == "!" and len(tag) > 1:
            word = tag[1:]
            name = word if word in ("Ref", "Condition") else f"Fn::{word}"
            if isinstance(event, yaml.ScalarEvent):
                return {name: event.value}
            return {name: self._collection(event, path)}
        return self._collection(event, path)

    def _collection(self, event: yaml.Event, path: Path_) -> Any:
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        assert isinstance(event, yaml.ScalarEvent)  # all others stand between or after values
        return self._scalar(event)

    def _mapping(self, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = self._line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise InputError(f"{self._file}:{line}: a key must be a word")
            key = self._scalar(event)
            if not isinstance(key, str):
                key = event.value  # `no:` and `1:` are words where a key is wanted
            if key in result:
                raise InputError(
                    f"{self._file}:{line}: {spell((*path, key))}: this key stands twice"
                )
            self._lines[*path, key] = line
            result[key] = self._value(next(self._events), (*path, key))
        return result

    def _sequence(self, path: Path_) -> list[Any]:
        result: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            result.append(self._value(event, (*path, len(result))))
        return result

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._types.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        if tag == self._types.DEFAULT_SCALAR_TAG:
            return event.value
        start, end = event.start_mark, event.end_mark
        where = f"{self._file}:{self._line(event)}"
        node = yaml.ScalarNode(tag, event.value, start, end)  # type: ignore[arg-type]  # or libyaml's
        try:
            value = self._types.construct_object(node)
        except _NO_VALUE as error:
            raise InputError(
                f"{where}: {event.value[:60]!r} is not a valid value: {error}"
            ) from error
        if isinstance(value, int) and value.bit_length() > _BITS:
            raise InputError(f"{where}: a number of more than {_BITS} bits")
        return value


def validated(document: Document, model: type[M]) -> M:
    """The document as `model`. Raises InputError that names the first fault, line and mend."""
    from pydantic import ValidationError  # noqa: PLC0415 - as heavy as all the rest together

    try:
        return model.model_validate(_mapping_of(document))
    except ValidationError as error:
        raise _told(_deepest(error.errors(include_url=False), document), document, model) from None


def faults(document: Document, model: type[BaseModel]) -> list[InputError]:
    """All that `model` finds wrong with the document, in the order of its lines.

    Raises InputError for one that is no mapping.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - as above

    try:
        model.model_validate(_mapping_of(document))
    except ValidationError as error:
        found: dict[tuple[str | int, ...], list[ErrorDetails]] = {}
        for fault in error.errors(include_url=False):
            found.setdefault(_about(fault, document), []).append(fault)
        ordered = sorted(found, key=lambda path: document.line(*path) or 0)
        return [_told(_deepest(found[path], document), document, model) for path in ordered]
    return []


def _mapping_of(document: Document) -> dict[str, Any]:
    if not isinstance(document.data, dict):
        raise InputError(f"{document.file}: expected a mapping of keys to values at the top")
    return document.data


def _about(fault: ErrorDetails, document: Document) -> tuple[str | int, ...]:
    """The value that a fault is about: a union's branches all complain of one.

    Up to where the location leaves the file, which is at a branch's name or at a key that lacks.
    """
    loc = fault["loc"]
    inside = next(
        (end for end in range(len(loc)) if loc[: end + 1] not in document.lines), len(loc)
    )
    lacks = fault["type"] == "missing" and inside == len(loc) - 1
    return loc if lacks else loc[:inside]


def _deepest(found: Sequence[ErrorDetails], document: Document) -> ErrorDetails:
    """Of a union's many complaints the deepest one, as it is about the branch that was meant."""
    return max(found, key=lambda f: (f["type"] == "extra_forbidden", _depth(f["loc"], document)))


def _told(fault: ErrorDetails, document: Document, model: type[BaseModel]) -> InputError:
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
    shown = ""
    if isinstance(given, str | int | float):
        # before it is cut: half of an address does not show that it carries a password
        shown = f"; given: {without_credentials(str(given))[:60]!r}"
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
