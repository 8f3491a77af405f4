"""All facts of one address, and those of several addresses as one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from gdpr_audit.checks.tls.conduct import conduct
from gdpr_audit.checks.tls.offered import offered
from gdpr_audit.checks.tls.point import Point
from gdpr_audit.checks.tls.survey import Survey
from gdpr_audit.model import Text

#: Seen in what the server said at first, and so beyond any later doubt.
_SEEN = ("secure_renegotiation", "extended_master_secret", "ticket_lifetime")
#: Of which the smallest counts: one that was not seen can only be smaller.
_SMALLEST = ("curve_bits", "dh_bits")
#: Good only where every address has it; of every other yes or no, one yes is enough.
_EVERYWHERE = (
    "offered", "accepts_1_3", "post_quantum", "server_preference", "secure_renegotiation",
    "extended_master_secret", "fallback_scsv", "encrypt_then_mac",
)  # fmt: skip
_ORDERS = ("suite_order_1_2", "suite_order_1_3")
#: What may differ from one look to the next on one machine.
_UNSTEADY = (*_ORDERS, "ticket_lifetime")


def points(found: Survey) -> list[Point]:
    """All that one address told, what its refusals are worth included."""
    stated = [*offered(found), *conduct(found)]
    if found.doubt is None:
        return stated
    return [_doubted(point, found.doubt) for point in stated]


def _doubted(point: Point, doubt: Text) -> Point:
    """What was accepted was; what was refused, or not listed, is no longer known."""
    value = point.value
    if value is True or value is None or point.name in _SEEN:
        return point
    if isinstance(value, tuple) or point.name in _SMALLEST:
        return Point(point.name, value, point.reason, point.partial or doubt)
    return Point(point.name, None, doubt)


Told = Mapping[str, list[Point]]  # by address


def together(told: Told, unseen: Mapping[str, Text]) -> list[Point]:
    """The facts of several addresses as one: the worst counts, wherever it was seen.

    `unseen` are addresses that told nothing, and why.
    """
    if len(told) == 1 and not unseen:
        return next(iter(told.values()))
    names = list(dict.fromkeys(point.name for seen in told.values() for point in seen))
    return [_one(name, told, unseen) for name in names]


def _one(name: str, told: Told, unseen: Mapping[str, Text]) -> Point:
    at = {address: point for address, seen in told.items() for point in seen if point.name == name}
    there = {address: point for address, point in at.items() if not point.absent}
    if not there and not unseen:
        return next(iter(at.values()))
    gaps = dict(unseen) | {a: p.reason for a, p in there.items() if p.value is None}
    gaps |= {a: p.partial for a, p in there.items() if p.partial is not None}
    known = {a: p for a, p in there.items() if p.value is not None}
    gap = next((_at(address, reason) for address, reason in gaps.items()), None)
    if not known:
        return Point(name, None, gap or next(iter(at.values())).reason)
    values = {p.value for p in known.values()}
    shown = next(iter(known.values())).reason
    if len(values) > 1:
        shown = _joined([_at(a, p.reason) for a, p in known.items()])
    return _worst(name, known, values, shown, gap)


def _worst(
    name: str, known: Mapping[str, Point], values: Collection[object], shown: Text, gap: Text | None
) -> Point:
    first = next(iter(known.values())).value
    if isinstance(first, bool):
        worst = name not in _EVERYWHERE
        bad = {a: p for a, p in known.items() if p.value is worst}
        if bad:
            if len(values) > 1:
                shown = _joined([_at(a, p.reason) for a, p in bad.items()])
            return Point(name, worst, shown)
        if name == "offered":
            gap = None  # it was spoken where somebody answered; who did not is said elsewhere
        return Point(name, None if gap else not worst, gap or shown)
    if name in _ORDERS:
        differ = Text("l'ordre n'est pas le même partout", "the order is not the same everywhere")
        same = len(values) == 1
        return Point(
            name, first if same else None, shown if same else differ, gap if same else None
        )
    if isinstance(first, tuple):
        items = {item for p in known.values() if isinstance(p.value, tuple) for item in p.value}
        return Point(name, tuple(sorted(items)), shown, gap)
    pick: Callable[..., int] = min if name in _SMALLEST else max
    extreme = pick(p.value for p in known.values())
    if name in _SMALLEST:
        return Point(name, extreme, shown, gap)
    return Point(name, None if gap else extreme, gap or shown)


def differing(told: Told) -> list[str]:
    """The facts on which two addresses, both of them known, differ."""
    seen: dict[str, set[object]] = {}
    for stated in told.values():
        for point in stated:
            if point.value is not None and point.partial is None:
                seen.setdefault(point.name, set()).add(point.value)
    return [name for name, values in seen.items() if len(values) > 1 and name not in _UNSTEADY]


def _at(address: str, reason: Text) -> Text:
    return Text(f"{address} : {reason.fr}", f"{address}: {reason.en}")


def _joined(parts: list[Text]) -> Text:
    return Text(" ; ".join(p.fr for p in parts), "; ".join(p.en for p in parts))
