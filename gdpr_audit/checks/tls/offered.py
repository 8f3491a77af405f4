"""What one address offers: versions, suites, groups, signature algorithms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.point import Point
from gdpr_audit.checks.tls.suites import GROUPS, SIGNATURES, Suite, registry
from gdpr_audit.checks.tls.survey import NEW, UNASKED, Survey
from gdpr_audit.checks.tls.version import Version
from gdpr_audit.model import Text

_ACCEPTS = {
    hello.SSL_3: "accepts_ssl_3",
    hello.TLS_1_0: "accepts_1_0",
    hello.TLS_1_1: "accepts_1_1",
    hello.TLS_1_2: "accepts_1_2",
    hello.TLS_1_3: "accepts_1_3",
}


def offered(found: Survey) -> Iterator[Point]:
    """Partial where a version was cut short: what was seen stands."""
    yield from _versions(found)
    yield from _suites(found)
    yield from _groups(found)
    yield from _signatures(found)


def _first_gap(versions: Iterable[Version]) -> Text | None:
    return next((v.gap for v in versions if v.gap is not None), None)


def _versions(found: Survey) -> Iterator[Point]:
    yield _ssl_2(found)
    for number, name in _ACCEPTS.items():
        version = found.versions[number]
        if version.accepted is None:
            yield Point(name, None, version.gap or UNASKED)
            continue
        if version.accepted:
            count = len(version.suites)
            shown = Text(
                f"{version.name} accepté, {count} suites",
                f"{version.name} accepted, {count} suites",
            )
        else:
            shown = Text(
                f"{version.name} refusé ({version.why})", f"{version.name} refused ({version.why})"
            )
        yield Point(name, version.accepted, shown)
    names = [hello.NAMES[n] for n in found.accepted]
    if found.ssl_2.value and found.ssl_2.value[0]:
        names.append("SSL 2")
    open_ = next((v.gap for v in found.versions.values() if v.accepted is None), None)
    shown = Text(f"acceptées : {', '.join(names)}", f"accepted: {', '.join(names)}")
    yield Point("versions", tuple(names), shown, open_ or found.ssl_2.gap)
    older = next((v.gap for n, v in found.versions.items() if n < NEW and v.accepted is None), None)
    below = ", ".join(hello.NAMES[n] for n in found.below) or "—"
    shown = Text(f"acceptées sous TLS 1.3 : {below}", f"accepted below TLS 1.3: {below}")
    yield Point("versions_below_1_3", None if older else len(found.below), older or shown)


def _ssl_2(found: Survey) -> Point:
    if found.ssl_2.value is None:
        return Point("accepts_ssl_2", None, found.ssl_2.gap or UNASKED)
    accepted, sign = found.ssl_2.value
    word = Text("accepté" if accepted else "refusé", "accepted" if accepted else "refused")
    shown = Text(f"SSL 2 {word.fr} ({sign})", f"SSL 2 {word.en} ({sign})")
    return Point("accepts_ssl_2", accepted, shown)


#: What a suite is made of, by the name of the fact. TLS 1.3 knows ephemeral exchanges only.
_MADE_OF: dict[str, Callable[[Suite], str]] = {
    "encryption": lambda suite: suite.encryption,
    "cipher_modes": lambda suite: suite.mode,
    "macs": lambda suite: suite.mac,
    "key_exchanges": lambda suite: "ECDHE" if suite.tls_1_3 else suite.key_exchange,
}
_EPHEMERAL = ("ECDHE", "DHE")
EXAMPLES = 4  # suites named of each kind; all of them stand in `tls.suites`


def _some(kind: str, names: list[str]) -> str:
    more = f" + {len(names) - EXAMPLES}" if len(names) > EXAMPLES else ""
    return f"{kind}: {', '.join(names[:EXAMPLES])}{more}"


def _suites(found: Survey) -> Iterator[Point]:
    """The accepted suites and what they are made of; partial where a version was cut short."""
    gap = _first_gap(found.versions.values())
    by_version = {n: found.versions[n].suites for n in found.accepted}
    suites = [registry()[c] for c in dict.fromkeys(c for s in by_version.values() for c in s)]
    shown = Text.same(
        "; ".join(
            f"{hello.NAMES[n]}: {' '.join(registry()[c].name for c in codes)}"
            for n, codes in by_version.items()
        )
    )
    yield Point("suites", tuple(sorted(s.name for s in suites)), shown, gap)
    for name, kind_of in _MADE_OF.items():
        kinds: dict[str, list[str]] = {}
        for suite in suites:
            kinds.setdefault(kind_of(suite), []).append(suite.name)
        words = "; ".join(_some(kind, names) for kind, names in sorted(kinds.items()))
        yield Point(name, tuple(sorted(kinds)), Text.same(words or "—"), gap)
    second = found.versions[hello.TLS_1_2]
    count = len(second.suites)
    text = Text(f"{count} suites acceptées en TLS 1.2", f"{count} suites accepted in TLS 1.2")
    if count > 1 or second.gap is None:
        yield Point("suite_choice", count > 1, text)
    else:
        yield Point("suite_choice", None, second.gap)


def _cut(versions: Iterable[Version], *kinds: str) -> Text | None:
    """Why nothing was seen of an exchange that an accepted suite must have: it was cut before.

    In TLS 1.3 the group stands in the ServerHello itself, and a signature must have come.
    """
    for version in versions:
        suites = (registry()[code] for code in version.suites)
        if any(s.tls_1_3 or s.key_exchange in kinds for s in suites):
            return Text(
                f"{version.name} : l'échange de clés a été coupé avant que rien n'en soit vu",
                f"{version.name}: the key exchange was cut before anything was seen of it",
            )
    return None


def _groups(found: Survey) -> Iterator[Point]:
    asked = [found.versions[n] for n in found.accepted if n >= hello.TLS_1_2]
    asked = asked or [found.versions[n] for n in found.accepted[:1]]
    gap = next((v.groups_gap for v in asked if v.groups_gap is not None), None)
    gap = gap or _first_gap(found.versions.values())
    codes = {code for v in found.versions.values() for code in v.groups}
    known = sorted((GROUPS[code] for code in codes), key=lambda g: g.name)
    shown = Text.same(", ".join(group.name for group in known) or "—")
    yield Point("groups", tuple(g.name for g in known), shown, gap)
    curves = [group.bits for group in known if group.kind == "curve"]
    older = [found.versions[n] for n in found.below]
    unseen = gap or (None if curves else _cut(older, "ECDHE"))
    yield Point("ecdhe_used", True if curves else None if unseen else False, unseen or shown)
    none = Text("aucune courbe acceptée", "no curve accepted")
    yield _smallest("curve_bits", curves, unseen, none)
    primes = {group.bits for group in known if group.kind == "finite"}
    primes |= {bits for v in found.versions.values() for bits in v.dh_bits}
    sizes = Text.same(", ".join(f"{bits} bits" for bits in sorted(primes)) or "—")
    unseen = gap or (None if primes else _cut(older, "DHE"))
    yield Point("dhe_used", True if primes else None if unseen else False, unseen or sizes)
    none = Text("aucun groupe fini utilisé", "no finite-field group used")
    yield _smallest("dh_bits", list(primes), unseen, none)
    hybrid = any(group.kind == "hybrid" for group in known)
    yield Point("post_quantum", *_hybrid(found, hybrid, gap, shown))


def _smallest(name: str, sizes: list[int], gap: Text | None, none: Text) -> Point:
    if not sizes:
        return Point(name, None, gap or none, absent=gap is None)
    smallest = min(sizes)
    shown = Text(f"le plus petit : {smallest} bits", f"the smallest: {smallest} bits")
    return Point(name, smallest, shown, gap)


def _hybrid(found: Survey, seen: bool, gap: Text | None, shown: Text) -> tuple[bool | None, Text]:
    """Hybrid groups are TLS 1.3's alone, so that its refusal settles them too."""
    if seen:
        return True, shown
    newest = found.versions[NEW]
    if newest.accepted is False:
        return False, Text("TLS 1.3 est refusé", "TLS 1.3 is refused")
    own = (newest.groups_gap if newest.accepted else None) or newest.gap
    return (None, own or gap or shown) if own or newest.accepted is None else (False, shown)


def _signatures(found: Survey) -> Iterator[Point]:
    """What signs the key exchange in TLS 1.2; in TLS 1.3 where that alone is spoken."""
    second = found.versions[hello.TLS_1_2]
    asked = second if second.accepted else found.versions[NEW]
    if not asked.accepted:
        none = Text("ni TLS 1.2 ni TLS 1.3 accepté", "neither TLS 1.2 nor TLS 1.3 accepted")
        unseen = second.gap or asked.gap
        yield Point("signatures", None, unseen or none, absent=unseen is None)
        return
    names = tuple(SIGNATURES.get(c, f"0x{c:04x}") for c in sorted(asked.signatures))
    gap = asked.signatures_gap or second.gap or (None if names else _cut([asked], *_EPHEMERAL))
    shown = Text.same(f"{asked.name}: {', '.join(names) or '—'}")
    yield Point("signatures", names, shown, gap)
