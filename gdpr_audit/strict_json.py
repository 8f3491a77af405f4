"""JSON that others wrote: no key twice, no NaN, no depth or size that breaks the reader."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

#: What the JSON of one file may hold at most; each costs up to some hundred bytes of memory.
CONTAINERS = 250_000
VALUES = 2_000_000


class NotJson(ValueError):
    """What it says quotes nothing. `at`: the character where reading stopped, if that is known."""

    def __init__(self, why: str, at: int | None = None) -> None:
        super().__init__(why)
        self.at = at


Given = bytes | str | Iterable[bytes]
Keep = Callable[[dict[str, Any]], Any]

_DIGITS = 40
_SPACE = re.compile(r"[ \t\n\r]*")


def loads(
    content: Given, *, containers: int = CONTAINERS, values: int = VALUES, keep: Keep = dict
) -> Any:
    """Raises NotJson, and UnicodeDecodeError for bytes, for whatever is not such JSON.

    `content` may come in pieces, so that it is not held twice. `keep` is given each object, the
    inner ones first, and returns what is kept in its place.
    """
    text = _bounded(content, containers, values)
    try:
        return _decoder(keep).decode(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise _told(error) from None


def members(
    content: Given, wanted: Mapping[str, Keep], *, containers: int, values: int
) -> dict[str, Any]:
    """The members of one object that are wanted, each with its own `keep`; as `loads` otherwise.

    The others are read as strictly, and nothing is kept of them.
    """
    text = _bounded(content, containers, values)
    try:
        found = _once(_pairs(text, wanted))
    except (ValueError, RecursionError, MemoryError) as error:
        raise _told(error) from None
    return {key: value for key, value in found.items() if key in wanted}


def _told(error: Exception) -> NotJson:
    if isinstance(error, NotJson):
        return error
    return NotJson("not JSON", error.pos if isinstance(error, json.JSONDecodeError) else None)


def _pairs(text: str, wanted: Mapping[str, Keep]) -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    at = _past(text, 0, "{")
    while True:
        at = _past(text, at, '"') - 1
        key, at = _decoder(dict).raw_decode(text, at)
        at = _bare(text, _past(text, at, ":"))
        value, at = _decoder(wanted.get(key, _nothing)).raw_decode(text, at)
        pairs.append((key, value))
        at = _bare(text, at)
        if text[at : at + 1] != ",":
            break
        at += 1
    if _bare(text, _past(text, at, "}")) != len(text):
        raise ValueError
    return pairs


def _nothing(_found: dict[str, Any]) -> None:
    return None


def _bare(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    assert space is not None
    return space.end()


def _past(text: str, at: int, sign: str) -> int:
    at = _bare(text, at)
    if text[at : at + 1] != sign:
        raise ValueError
    return at + 1


def _decoder(keep: Keep) -> json.JSONDecoder:
    def kept(pairs: list[tuple[str, Any]]) -> Any:
        return keep(_once(pairs))

    return json.JSONDecoder(
        object_pairs_hook=kept,
        parse_constant=_no_constant,
        parse_int=_whole,
        parse_float=_finite,
    )


def _bounded(content: Given, containers: int, values: int) -> str:
    """The text, of a size that can be parsed."""
    if not isinstance(content, str):
        content = _text([content] if isinstance(content, bytes) else content)
    if content.count("{") + content.count("[") > containers or content.count(",") > values:
        raise NotJson("too many values")
    return content


def _text(pieces: Iterable[bytes]) -> str:
    """What Latin-1 lacks is escaped, as JSON has it, so that each character takes one byte.

    A single ’ would double the whole in memory, and a single emoji double it again.
    """
    decoder: codecs.IncrementalDecoder | None = None
    made = bytearray()
    given = 0
    for piece in pieces:
        decoder = decoder or codecs.getincrementaldecoder(json.detect_encoding(piece))()
        given += len(piece)
        made += decoder.decode(piece).encode("latin-1", "gdpr-audit-json")
        if len(made) > given + given // 2 + 4096:
            raise NotJson("too many characters that Latin-1 lacks")
    if decoder is not None:
        decoder.decode(b"", final=True)
    return made.decode("latin-1")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error("gdpr-audit-json", _escaped)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key that stands twice each reader takes another value: neither is evidence."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("a key stands twice")
    return found


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:  # no float holds it, and Python writes it out no more
        raise NotJson(f"a number of more than {_DIGITS} digits")
    return int(digits)


def _finite(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):  # 1e999
        raise NotJson("a number beyond all numbers")
    return found


def _no_constant(_word: str) -> NoReturn:
    raise NotJson("NaN and infinities are not JSON")
