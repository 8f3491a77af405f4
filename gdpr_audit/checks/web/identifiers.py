"""How much of a session identifier can vary, from a handful of fresh ones. Pure functions.

All figures are upper bounds: twelve values cannot prove that a generator is random, and can show
that it is not.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote

#: Alphabets that frameworks write identifiers in, the smallest first: the smallest that holds
#: every character seen is taken. [0-9a-v] is PHP's at five bits, [a-z0-5] ASP.NET's. Base 62 is
#: not among them: a few values of base 64 may well lack its two signs.
ALPHABETS: tuple[tuple[str, str], ...] = (
    ("digits", string.digits),
    ("hex", string.digits + "abcdef"),
    ("hex", string.digits + "ABCDEF"),
    ("hex", string.hexdigits),
    ("letters", string.ascii_lowercase),
    ("letters", string.ascii_uppercase),
    ("base32", string.digits + "abcdefghijklmnopqrstuv"),
    ("base32", string.ascii_lowercase + "012345"),
    ("base32", string.ascii_lowercase + "234567"),
    ("base32", string.ascii_uppercase + "234567"),
    ("base36", string.digits + string.ascii_lowercase),
    ("base36", string.digits + string.ascii_uppercase),
    ("letters", string.ascii_letters),
    ("base64url", string.digits + string.ascii_letters + "-_"),
    ("base64", string.digits + string.ascii_letters + "+/"),
    ("base64 (PHP)", string.digits + string.ascii_letters + ",-"),
)
#: Hexadecimal digits in both cases are still sixteen.
_HEX_VALUES = 16

STEP_BITS = 64  # a sequence whose steps stay below this many bits can be counted on
SLOW = 2  # a place that shows this many characters at most in all samples hardly varies

_TOKEN = re.compile(
    r"^(eyJ[\w%+/=-]*(\.|$)|v[1-4]\.(local|public)\.|gAAAAA)|^[\w%+/=]+--[\w%+/=]{16,}(--[\w%+/=]+)?$"
)
_SIGNATURE = (27, 28, 40, 43, 44, 64, 86, 88, 128)  # characters of an HMAC in hex or base64


@dataclass(frozen=True, slots=True)
class Measure:
    """What the samples of one cookie come to."""

    count: int
    length: int
    varying: int
    alphabet: str
    bits: int
    shannon: float
    repeat: bool
    sequential: bool


def is_token(value: str) -> bool:
    """Whether it is a signed or encrypted token (JWT, PASETO, Rails, Laravel …), no identifier."""
    plain = unquote(value)
    if _TOKEN.search(plain):
        return True
    try:
        opened = json.loads(_decoded(plain.partition(".")[0]))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(opened, dict)


def identifier(value: str) -> str:
    """The part that identifies the session: no signature, no name of the machine behind it."""
    plain = unquote(value).removeprefix("s:")
    head, dot, tail = plain.partition(".")
    if dot and head and (len(tail) in _SIGNATURE or len(tail) <= len(head) // 2):
        plain = head
    plain = plain.partition("!")[0] or plain  # WebLogic's servers
    try:  # Spring writes the letters of a UUID in base64
        text = _decoded(plain).decode("ascii")
    except (ValueError, binascii.Error):
        return plain
    return text if len(text) >= 8 and text.isprintable() else plain


def _decoded(text: str) -> bytes:
    padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
    return base64.b64decode(
        padded, altchars=b"-_" if set(text) & {"-", "_"} else None, validate=True
    )


def measure(values: Sequence[str]) -> Measure:
    """The samples of one cookie, in the order in which they came; at least two."""
    ids = [identifier(value) for value in values]
    lengths = Counter(map(len, ids))
    length = max(lengths, key=lambda size: (lengths[size], size))
    places = [[one[i] for one in ids if i < len(one)] for i in range(length)]
    varying = [place for place in places if len(set(place)) > 1]
    name, size = _alphabet({c for place in varying for c in place})
    each = [_place_bits(place, size) for place in varying]
    return Measure(
        count=len(ids),
        length=length,
        varying=len(varying),
        alphabet=name,
        bits=math.floor(sum(each) + 1e-9),
        shannon=round(sum(map(_shannon, varying)), 1),
        repeat=len(set(ids)) < len(ids),
        sequential=_sequential(ids),
    )


def _alphabet(seen: set[str]) -> tuple[str, int]:
    if not seen:
        return "—", 1
    for name, letters in ALPHABETS:
        if seen <= set(letters):
            return name, _HEX_VALUES if name == "hex" else len(letters)
    return "ASCII", max(95, len(seen))


def _place_bits(place: Sequence[str], size: int) -> float:
    """The most that this place may carry.

    One that shows two characters in all of ten samples is no draw from a large alphabet, and at
    most one from four: a clock's upper digits, the last character of base64.
    """
    shown = len(set(place))
    if shown <= SLOW and len(place) >= 10 and size > 2 * shown:
        return math.log2(shown) + 1
    return math.log2(size)


def _shannon(place: Sequence[str]) -> float:
    counts = Counter(place)
    return -sum(n / len(place) * math.log2(n / len(place)) for n in counts.values())


def _sequential(ids: Sequence[str]) -> bool:
    """Whether they rise or fall all along, by steps small enough to count on."""
    if len(ids) < 4:
        return False
    numbers = _numbers(ids)
    if numbers is None:
        return False
    steps = [after - before for before, after in pairwise(numbers)]
    one_way = all(step > 0 for step in steps) or all(step < 0 for step in steps)
    return one_way and max(abs(step) for step in steps).bit_length() < STEP_BITS


def _numbers(ids: Sequence[str]) -> list[int] | None:
    """The identifiers as whole numbers, in the base that they are written in."""
    common = _common(ids)
    parts = [one[common:].replace("-", "") for one in ids]
    for base in (10, 16, 36):
        try:
            return [int(part or "0", base) for part in parts]
        except ValueError:
            continue
    return None


def _common(ids: Sequence[str]) -> int:
    """How many characters all of them begin with, up to the digits that count."""
    first, last = min(ids), max(ids)
    at = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    while at and first[at - 1] in string.hexdigits:
        at -= 1
    return at
