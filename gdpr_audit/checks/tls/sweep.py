"""Finds every suite that a server accepts, by elimination.

Offer all, note what the server picks, offer the rest, and end at its refusal: one connection
more than there is to find, where trying each alone takes hundreds. A connection that is cut is
tried once more, and then it is a gap: never a refusal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.answer import VERSION_ALERT, Accepted, NotTls
from gdpr_audit.checks.tls.asker import Asker, NoTls, not_tls
from gdpr_audit.checks.tls.careful import careful
from gdpr_audit.checks.tls.suites import SHORT_LIST, TLS_1_3_GROUPS, for_version, registry
from gdpr_audit.checks.tls.version import Version
from gdpr_audit.errors import ConnectionRefused, NetworkError, NoRoute, ResolutionFailed
from gdpr_audit.model import Text

OLD_VERSIONS = (hello.TLS_1_2, hello.TLS_1_1, hello.TLS_1_0, hello.SSL_3)
#: Suites that are found one after the other, so that the server's order is seen; the rest of a
#: long list is found in lanes side by side.
ORDERED = 6
LONG = 4  # suites found in one lane, after which it is split
LANES = 8
#: What an accepted suite is likely to encrypt with: spread evenly, so that no lane is the longest.
_LIKELY = ("AES", "CAMELLIA", "ARIA", "CHACHA20")
#: Where these are the first word, there is nobody to ask further.
_NOBODY = (NoTls, ConnectionRefused, NoRoute, ResolutionFailed)
#: Refusals that speak of the version, whatever else was offered.
_OF_VERSION = (VERSION_ALERT, *(f"answered with {name}" for name in hello.NAMES.values()))


async def fill(asker: Asker, found: Version) -> None:
    """Find every suite of one version, and what shows beside them.

    Raises NetworkError where nobody speaks TLS there.
    """
    try:
        found.gap = await _fill(asker, found)
    finally:
        found.heard.set()
        found.ordered.set()


async def _fill(asker: Asker, found: Version) -> Text | None:
    """None, or why there may be more."""
    left = list(for_version(tls_1_3=found.number == hello.TLS_1_3))
    # In TLS 1.3 suite and group are chosen apart from each other: both are eliminated at once.
    groups = list(TLS_1_3_GROUPS) if found.number == hello.TLS_1_3 else []
    while left and len(found.order) < ORDERED:
        try:
            answer = await asker.put(asker.offer(found.number, left, groups))
        except NetworkError as error:
            if not found.suites and isinstance(error, _NOBODY):
                raise
            return await _dropped(asker, found, error.reason)
        if isinstance(answer, Accepted):
            found.note(answer)
            found.order.append(answer.suite)
            found.heard.set()
            left.remove(answer.suite)
            if answer.group in groups and len(groups) > 1:
                groups.remove(answer.group)
        elif isinstance(answer, NotTls):
            if not found.suites:
                raise not_tls(answer)
            return not_tls(answer).reason
        elif 0 < len(groups) < len(TLS_1_3_GROUPS):
            groups = []  # perhaps only the groups had run out: from here on, all of them
        else:
            found.why = answer.why
            found.accepted = bool(found.suites)
            found.doubtful = not found.suites and answer.why not in _OF_VERSION
            return None
    found.ordered.set()
    return await _lanes(asker, found, left)


async def settle(asker: Asker, versions: Iterable[Version]) -> None:
    """Ask again, with few suites, those whose refusal may have been of the hello's length.

    Where any version below 1.3 was accepted from a long list, none of them was.
    """
    old = [v for v in versions if v.number < hello.TLS_1_3]
    if any(v.bears_long_lists for v in old):
        return
    await asyncio.gather(*(_settle(asker, v) for v in old if v.doubtful))


async def _settle(asker: Asker, found: Version) -> None:
    found.gap = await _short(asker, found, None)


async def _dropped(asker: Asker, found: Version, reason: Text) -> Text | None:
    """Cut in the middle: what was found stands. At the beginning, perhaps of a long list alone."""
    if found.suites or found.number == hello.TLS_1_3:  # whose list is short as it is
        return reason
    return await _short(asker, found, reason)


async def _short(asker: Asker, found: Version, reason: Text | None) -> Text | None:
    """Ask with few suites; where they are answered, go on in lists that the server bears.

    `reason` is what became of the long list: None where it was refused.
    """
    try:
        answer = await asker.once(asker.offer(found.number, SHORT_LIST))
    except NetworkError as error:
        found.accepted = None
        return reason or error.reason
    if not isinstance(answer, Accepted):
        return reason
    found.note(answer)
    seen = await careful(asker, found.number, answer.suite)
    for one in seen.answers:
        found.note(one)
    return seen.gap


async def _lanes(asker: Asker, found: Version, left: list[int], lanes: int = 2) -> Text | None:
    """The rest of a long list, in two parts side by side; each that proves long again in two."""
    likely = [code for code in left if registry()[code].encryption in _LIKELY]
    order = likely + [code for code in left if code not in likely]
    parts = (order[i::2] for i in range(2))
    gaps = await asyncio.gather(*(_lane(asker, found, part, lanes) for part in parts))
    return next((gap for gap in gaps if gap is not None), None)


async def _lane(asker: Asker, found: Version, left: list[int], lanes: int) -> Text | None:
    count = 0
    while left and (count < LONG or lanes >= LANES):
        try:
            answer = await asker.put(asker.offer(found.number, left))
        except NetworkError as error:
            return error.reason
        if isinstance(answer, NotTls):
            return not_tls(answer).reason
        if not isinstance(answer, Accepted):
            return None
        found.note(answer)
        left.remove(answer.suite)
        count += 1
    return await _lanes(asker, found, left, lanes * 2) if left else None
