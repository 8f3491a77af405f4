"""Everything that hellos alone can tell of one port, gathered in one go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field

from gdpr_audit.checks.tls import enumerate as ask
from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.enumerate import OLD_VERSIONS, Asker, NoTls, Version
from gdpr_audit.checks.tls.hello import Accepted
from gdpr_audit.checks.tls.suites import GROUPS, registry
from gdpr_audit.errors import BudgetSpent, DeadlineExceeded, NetworkError
from gdpr_audit.model import Text, Value

_FACT = {
    hello.SSL_3: "accepts_ssl_3",
    hello.TLS_1_0: "accepts_1_0",
    hello.TLS_1_1: "accepts_1_1",
    hello.TLS_1_2: "accepts_1_2",
    hello.TLS_1_3: "accepts_1_3",
}


@dataclass(frozen=True, slots=True)
class Point:
    """One fact, and what was seen; without a value, why it is not known."""

    name: str
    value: Value | None
    reason: Text


@dataclass
class Survey:
    """The answers of one port."""

    versions: dict[int, Version] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    reason: Text = field(default_factory=lambda: Text.same(""))
    offered: bool | None = None

    @property
    def answers(self) -> list[Point]:
        return self.points

    @property
    def accepted(self) -> list[int]:
        """The accepted versions, the newest first."""
        return sorted((n for n, v in self.versions.items() if v.accepted), reverse=True)

    @property
    def newest(self) -> str:
        return hello.NAMES[self.accepted[0]] if self.accepted else "TLS"

    @property
    def suites(self) -> dict[int, list[int]]:
        return {n: self.versions[n].suites for n in self.accepted}


async def survey(asker: Asker) -> Survey:
    """Ask every version, then what only an accepted one can answer.

    Raises NoTls where the port answers without TLS, other NetworkErrors where it cannot be
    reached at all.
    """
    found = Survey()
    newest = await ask.version(asker, hello.TLS_1_3)
    found.versions[hello.TLS_1_3] = newest
    older = await asyncio.gather(*(_tolerant(asker, number) for number in OLD_VERSIONS))
    found.versions |= dict(zip(OLD_VERSIONS, older, strict=True))
    ssl_2 = await _ssl_2(asker)
    if not found.accepted and ssl_2.value is not True:
        gaps = [v.gap for v in found.versions.values() if v.gap is not None]
        refused = [v.why for v in found.versions.values() if v.why]
        if gaps:
            found.reason = gaps[0]
            return found
        found.reason = Text(
            f"toutes les versions de TLS ont été refusées ({', '.join(dict.fromkeys(refused))})",
            f"every version of TLS was refused ({', '.join(dict.fromkeys(refused))})",
        )
        return found
    found.offered = True
    found.points.append(ssl_2)
    found.points += _versions(found)
    found.points += _suites(found)
    found.points += await _groups(asker, found)
    found.points += await _behaviour(asker, found)
    doubt = await _ceased(asker, found)
    if doubt is not None:
        found.points = [_doubted(point, doubt) for point in found.points]
    return found


_CEASED = Text(
    "la cible a cessé d'accepter en cours d'audit ce qu'elle acceptait au début",
    "the target ceased, half-way, to accept what it had accepted at first",
)


async def _ceased(asker: Asker, found: Survey) -> Text | None:
    """Why refusals cannot be relied on: a limit, the target's or ours, may have made them.

    None where what was accepted at first is accepted still.
    """
    if not found.accepted:
        return None
    newest = found.accepted[0]
    try:
        again = await asker.put(asker.offer(newest, found.suites[newest]))
    except (BudgetSpent, DeadlineExceeded) as error:
        return error.reason  # ours: the target is not to blame
    except NetworkError:
        return _CEASED
    return None if isinstance(again, Accepted) else _CEASED


def _doubted(point: Point, doubt: Text) -> Point:
    """What was accepted was; what was refused, or not listed, is no longer known."""
    if point.value is True or point.value is None:
        return point
    return Point(point.name, None, doubt)


async def _tolerant(asker: Asker, number: int) -> Version:
    try:
        return await ask.version(asker, number)
    except NoTls as error:  # TLS 1.3 was answered in TLS, this one was not: no answer
        return Version(gap=error.reason)


async def _ssl_2(asker: Asker) -> Point:
    try:
        accepted, sign = await ask.ssl_2(asker)
    except NetworkError as error:
        return Point("accepts_ssl_2", None, error.reason)
    word = Text("accepté" if accepted else "refusé", "accepted" if accepted else "refused")
    return Point(
        "accepts_ssl_2", accepted, Text(f"SSL 2 {word.fr} ({sign})", f"SSL 2 {word.en} ({sign})")
    )


def _versions(found: Survey) -> Iterator[Point]:
    for number, name in _FACT.items():
        version, spoken = found.versions[number], hello.NAMES[number]
        if version.accepted is None:
            assert version.gap is not None
            yield Point(name, None, version.gap)
            continue
        if version.accepted:
            count = len(version.suites)
            shown = Text(f"{spoken} accepté, {count} suites", f"{spoken} accepted, {count} suites")
        else:
            shown = Text(f"{spoken} refusé ({version.why})", f"{spoken} refused ({version.why})")
        yield Point(name, version.accepted, shown)
    below = [number for number in found.accepted if number < hello.TLS_1_3]
    unknown = next(
        (found.versions[n].gap for n in OLD_VERSIONS if found.versions[n].accepted is None), None
    )
    names = ", ".join(hello.NAMES[n] for n in below) or "—"
    shown = Text(f"acceptées sous TLS 1.3 : {names}", f"accepted below TLS 1.3: {names}")
    yield Point("versions_below_1_3", None if unknown else len(below), unknown or shown)


def _suites(found: Survey) -> Iterator[Point]:
    """The accepted suites and what they are made of; a gap where one version was cut short."""
    gap = next((v.gap for v in found.versions.values() if v.gap is not None), None)
    codes = list(dict.fromkeys(c for suites in found.suites.values() for c in suites))
    suites = [registry()[code] for code in codes]
    shown = Text.same(
        "; ".join(
            f"{hello.NAMES[n]}: {' '.join(registry()[c].name for c in codes)}"
            for n, codes in found.suites.items()
        )
    )
    kinds: dict[str, set[str]] = {
        "suites": {s.name for s in suites},
        "encryption": {s.encryption for s in suites},
        "cipher_modes": {s.mode for s in suites},
        "macs": {s.mac for s in suites},
    }
    old = [s for s in suites if not s.tls_1_3]
    for name, values in kinds.items():
        yield Point(name, None if gap else tuple(sorted(values)), gap or shown)
    exchanges = {s.key_exchange for s in old}
    if any(s.tls_1_3 for s in suites):
        exchanges.add("ECDHE")  # TLS 1.3 knows ephemeral exchanges only
    yield Point("key_exchanges", None if gap else tuple(sorted(exchanges)), gap or shown)
    choice = len(found.suites.get(hello.TLS_1_2, []))
    text = Text(f"{choice} suites acceptées en TLS 1.2", f"{choice} suites accepted in TLS 1.2")
    missing = found.versions[hello.TLS_1_2].gap
    yield Point("suite_choice", None if missing else choice > 1, missing or text)


async def _groups(asker: Asker, found: Survey) -> list[Point]:
    numbers = [n for n in found.accepted if n in (hello.TLS_1_3, hello.TLS_1_2)]
    if not any(n <= hello.TLS_1_2 for n in numbers):
        numbers += [n for n in found.accepted if n < hello.TLS_1_2][:1]
    results = await asyncio.gather(*(ask.groups(asker, n, found.suites[n]) for n in numbers))
    groups = {code for accepted, _ in results for code in accepted}
    groups |= {code for v in found.versions.values() for code in v.groups}
    gap = next((gap for _, gap in results if gap is not None), None)
    known = sorted((GROUPS[code] for code in groups if code in GROUPS), key=lambda g: g.name)
    shown = Text.same(", ".join(group.name for group in known) or "—")
    curves = [group.bits for group in known if group.kind == "curve"]
    primes = {group.bits for group in known if group.kind == "finite"}
    primes |= {bits for v in found.versions.values() for bits in v.dh_bits}
    hybrid = [group for group in known if group.kind == "hybrid"]
    points = [
        Point("groups", None if gap else tuple(g.name for g in known), gap or shown),
        Point("ecdhe_used", True if curves else None if gap else False, gap or shown),
        _smallest("curve_bits", curves, gap, Text("aucune courbe acceptée", "no curve accepted")),
        Point("post_quantum", *_hybrid(found, bool(hybrid), gap, shown)),
    ]
    cut = gap or next((v.gap for v in found.versions.values() if v.gap is not None), None)
    sizes = Text.same(", ".join(f"{bits} bits" for bits in sorted(primes)) or "—")
    points.append(Point("dhe_used", True if primes else None if cut else False, cut or sizes))
    none = Text("aucun groupe fini utilisé", "no finite-field group used")
    points.append(_smallest("dh_bits", list(primes), cut, none))
    return points


def _hybrid(found: Survey, seen: bool, gap: Text | None, shown: Text) -> tuple[bool | None, Text]:
    """Hybrid groups are TLS 1.3's alone, so that its refusal settles them too."""
    if seen:
        return True, shown
    newest = found.versions[hello.TLS_1_3]
    if newest.accepted is False:
        return False, Text("TLS 1.3 est refusé", "TLS 1.3 is refused")
    return (None, gap or newest.gap or shown) if gap or newest.accepted is None else (False, shown)


def _smallest(name: str, sizes: list[int], gap: Text | None, none: Text) -> Point:
    if gap is not None or not sizes:
        return Point(name, None, gap or none)
    smallest = min(sizes)
    return Point(
        name, smallest, Text(f"le plus petit : {smallest} bits", f"the smallest: {smallest} bits")
    )


async def _behaviour(asker: Asker, found: Survey) -> list[Point]:
    """What takes one or two more hellos in a version below 1.3; settled where there is none."""
    below = [n for n in found.accepted if n < hello.TLS_1_3]
    first = found.versions[below[0]].first if below else None
    if not below or first is None:
        only = Text(
            "TLS 1.3 seul, où cela n'existe plus", "TLS 1.3 only, where this no longer exists"
        )
        open_ = next(
            (v.gap for n, v in found.versions.items() if v.gap and n < hello.TLS_1_3), None
        )
        return [
            Point("compression", None if open_ else False, open_ or only),
            Point("secure_renegotiation", None, open_ or only),
            Point("extended_master_secret", None, open_ or only),
            Point("server_preference", None, open_ or only),
            Point("fallback_scsv", None, open_ or only),
        ]
    number = below[0]
    suites = found.suites[number]
    points = [
        _extension("secure_renegotiation", 0xFF01, first.extensions, "renegotiation_info"),
        _extension("extended_master_secret", 23, first.extensions, "extended_master_secret"),
        await _try("compression", ask.compresses(asker, number, suites), "DEFLATE"),
    ]
    if len(found.suites.get(hello.TLS_1_2, [])) > 1:
        order = ask.own_order(asker, found.suites[hello.TLS_1_2])
        points.append(await _try("server_preference", order, "two orders"))
    else:
        few = Text("moins de deux suites en TLS 1.2", "fewer than two suites in TLS 1.2")
        points.append(Point("server_preference", None, few))
    lower = [n for n in found.accepted if n < found.accepted[0]]
    if lower:
        fallback = ask.refuses_fallback(asker, lower[0], found.suites[lower[0]])
        points.append(await _try("fallback_scsv", fallback, "TLS_FALLBACK_SCSV"))
    else:
        one = Text("une seule version acceptée", "one version accepted only")
        points.append(Point("fallback_scsv", None, one))
    return points


def _extension(name: str, code: int, extensions: dict[int, bytes], word: str) -> Point:
    there = code in extensions
    shown = Text(
        f"ServerHello {'avec' if there else 'sans'} {word}",
        f"ServerHello {'with' if there else 'without'} {word}",
    )
    return Point(name, there, shown)


async def _try(name: str, question: Awaitable[bool], word: str) -> Point:
    try:
        answer = await question
    except NetworkError as error:
        return Point(name, None, error.reason)
    said = Text("oui" if answer else "non", "yes" if answer else "no")
    return Point(name, answer, Text(f"{word} : {said.fr}", f"{word}: {said.en}"))
