"""One input made of real ones: bytes cut, doubled and spliced, and values put where others stood."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import yaml

_DEEP = 40
LONGEST = 256 * 1024  # bytes of an input

#: What a hand, a tool or somebody who means harm puts where something else is expected.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**400, -(10**400), 0.5, float("inf"), float("nan"), "", " ", "x",
    "none", "no", "1e999", "²", "٣", "\0", "\ud800", "\ufeff", "\u202etxt.exe", "\x1b[2J\x1b]0;x\x07", "\r\n", "a\nb", "é’😀",
    "x" * 300, "x" * 70_000, "9" * 5000, "0x" + "f" * 5000, "../../../etc/passwd", "/dev/zero", "a\0b", "http://[", "https://x:99999/", "https://[::1%25é]/",
    "2026-02-30", "0000-00-00", "9999-12-31", "2026-11-24T25:61:00Z", "-----BEGIN PRIVATE KEY-----", "=cmd|' /C calc'!A0", "<script>",
    [], {}, [[]], [None], {"": ""}, {"a": {"b": []}}, ["x"] * 300, {"fr": "x", "en": "y"},
)  # fmt: skip
TOKENS = (
    b"\0", b"\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xff", b"\x80", b"\x1b[31m", b"\xe2\x80\xae",
    b"&a [*a]", b"*a", b"<<: *a", b"!!python/object:os.system", b"!!binary x", b"!!timestamp x", b"!!int ''", b"? ", b"---\n", b"...\n", b"%YAML 9.9\n",
    b"[" * 30, b"{" * 30, b"- " * 30, b'{"a":' * 30, b"<td>", b"<table>", b"</", b"&#x110000;", b"<!--", b'"', b"'", b",", b";", b"\t", b"|", b":",
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 30, b"9" * 5000, b"0x" + b"f" * 5000, b"1:" * 900 + b"1", b"-1", b"0", b"\xc2\xb2", b"\xd9\xa3", b"\xff" * 8, b"\x00" * 8, b"\x7f\xff\xff\xff",
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"\x1f\x8b\x08", b"7z\xbc\xaf\x27\x1c", b"LUKS\xba\xbe", b"\xab\xcd\xefMaxMind.com",
    b"fe80::1%eth0", b"::ffff:1.2.3.4", b"0.0.0.0/0", b"::/0", b"1.2.3.4/33",
)  # fmt: skip


def mutated(chance: Random, corpus: Sequence[bytes]) -> bytes:
    """An input of one to four changes."""
    content = chance.choice(corpus) if corpus else b""
    for _ in range(chance.randint(1, 4)):
        content = (
            _tree(chance, content) if chance.random() < 0.5 else _bytes(chance, content, corpus)
        )
    return content[:LONGEST]


def _bytes(chance: Random, content: bytes, corpus: Sequence[bytes]) -> bytes:
    start = chance.randint(0, len(content))
    end = min(len(content), start + chance.choice((0, 1, 2, 8, 64, 1024)))
    before, within, after = content[:start], content[start:end], content[end:]
    other = chance.choice(corpus) if corpus else b""
    flipped = bytes([content[start] ^ (1 << chance.randrange(8))]) if start < len(content) else b""
    return chance.choice(
        (
            before + after,
            before + within * chance.choice((2, 3, 50)) + after,
            before + chance.choice(TOKENS) + after,
            before + flipped + content[start + 1 :],
            before,
            before + other[chance.randint(0, len(other)) :],
            before + chance.randbytes(chance.choice((1, 4, 40))) + after,
        )
    )


def _tree(chance: Random, content: bytes) -> bytes:
    """Of JSON or YAML, one value put in another's place; a key left out, or one nobody knows."""
    found, write = _parsed(content)
    places = [(at, key) for at in _inner(found) for key in _keys(at)]
    if not places:
        return content
    at, key = chance.choice(places)
    what = chance.randrange(8)
    if what == 0:
        del at[key]
    elif what == 1 and isinstance(at, dict):
        at[chance.choice(("", "x", "é", "\0", "__class__", "x" * 300, "1"))] = at[key]
    elif what == 2:
        at[key] = at[chance.choice(_keys(at))]
    elif what == 3:
        at[key] = _deep(chance) if chance.random() < 0.1 else chance.choice(VALUES)
    else:
        at[key] = _like(chance, at[key])
    try:
        return write(found).encode()
    except (ValueError, RecursionError, yaml.YAMLError):
        return content


def _parsed(content: bytes) -> tuple[Any, Callable[[Any], str]]:
    """The tree and what writes it; None where there is none, or too much of it to be quick."""
    try:
        return json.loads(content), json.dumps
    except (ValueError, RecursionError):
        pass
    try:
        found = yaml.load(content, yaml.CSafeLoader) if len(content) < 20_000 else None
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError, TypeError):
        found = None
    return found, _yaml


def _like(chance: Random, value: Any) -> Any:
    """Another value of the same type, so that what looks at types alone lets it through."""
    if isinstance(value, list):
        return chance.choice(([], value * 2, value[:1], value[::-1]))
    if isinstance(value, dict):
        return dict(list(value.items())[:-1])
    same = [one for one in VALUES if type(one) is type(value)]
    return chance.choice(same) if same else None


def _yaml(found: Any) -> str:
    return yaml.dump(found, Dumper=yaml.CSafeDumper, allow_unicode=True)


def _inner(found: Any) -> list[Any]:
    kept: list[Any] = []
    waiting = [found]
    while waiting and len(kept) < 2000:
        one = waiting.pop()
        if isinstance(one, dict | list):
            kept.append(one)
            waiting += one.values() if isinstance(one, dict) else one
    return kept


def _keys(at: Any) -> list[Any]:
    return list(at) if isinstance(at, dict) else list(range(len(at)))


def _deep(chance: Random) -> Any:
    found: Any = chance.choice(VALUES)
    for _ in range(_DEEP):
        found = [found] if chance.random() < 0.5 else {"a": found}
    return found
