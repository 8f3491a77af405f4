"""How one address behaves: extensions, order, tickets, renegotiation, known vulnerabilities."""

from __future__ import annotations

from collections.abc import Iterator

from gdpr_audit.checks.tls import behaviour, hello
from gdpr_audit.checks.tls.handshake import RENEGOTIATIONS
from gdpr_audit.checks.tls.heartbeat import NOT_TAKEN_UP
from gdpr_audit.checks.tls.point import Point, said
from gdpr_audit.checks.tls.suites import registry
from gdpr_audit.checks.tls.survey import NEW, UNASKED, Answered, Survey
from gdpr_audit.checks.tls.version import Version
from gdpr_audit.model import Text

_TICKET = 35
_FIRST = Text(
    "même premier choix quel que soit l'ordre de l'offre",
    "same first choice whichever way the offer is ordered",
)
_ONLY_1_3 = Text("TLS 1.3 seul, où cela n'existe plus", "TLS 1.3 only, where this no longer exists")


def conduct(found: Survey) -> Iterator[Point]:
    """What cannot be in the accepted versions is settled by them."""
    yield from _extensions(found)
    yield from _order(found)
    yield from _tickets(found)
    yield _renegotiation(found)
    yield from ruled_out(found)
    yield from found.faults


def _open(found: Survey) -> Text | None:
    """Why there may be a version below 1.3 that was not seen."""
    return next((v.gap for n, v in found.versions.items() if v.gap and n < NEW), None)


def _extensions(found: Survey) -> Iterator[Point]:
    """Settled by a version below 1.3; where there is none, it no longer exists."""
    open_ = _open(found)
    if not found.below:
        yield Point("compression", None if open_ else False, open_ or _ONLY_1_3)
        yield Point("extensions", None if open_ else (), open_ or _ONLY_1_3)
        for name in ("secure_renegotiation", "extended_master_secret", "fallback_scsv",
                     "encrypt_then_mac"):  # fmt: skip
            yield Point(name, None, open_ or _ONLY_1_3, absent=open_ is None)
        return
    first = found.versions[found.below[0]].first
    assert first is not None
    yield _extension("secure_renegotiation", 0xFF01, first.extensions, "renegotiation_info")
    yield _extension("extended_master_secret", 23, first.extensions, "extended_master_secret")
    extras = found.extras.value
    if extras is None:
        yield Point("compression", None, found.extras.gap or UNASKED)
        yield Point("extensions", None, found.extras.gap or UNASKED)
    else:
        yield _asked("compression", Answered(extras.compression), "DEFLATE")
        taken = extras.extensions
        shown = Text.same(", ".join(taken or ()) or "—")
        too_much = Text("le serveur ne supporte pas l'offre", "the server cannot bear the offer")
        yield Point("extensions", taken, too_much if taken is None else shown)
    if len(found.below) > 1:
        yield _asked("fallback_scsv", found.fallback, "TLS_FALLBACK_SCSV")
    else:
        one = Text("une seule version sous TLS 1.3", "one version only below TLS 1.3")
        yield Point("fallback_scsv", None, open_ or one, absent=open_ is None)
    if any(registry()[c].mode == "CBC" for n in found.below for c in found.versions[n].suites):
        yield _asked("encrypt_then_mac", found.encrypt_then_mac, "encrypt_then_mac")
    else:
        none = Text("aucune suite CBC acceptée", "no CBC suite accepted")
        yield Point("encrypt_then_mac", None, open_ or none, absent=open_ is None)


def _extension(name: str, code: int, extensions: dict[int, bytes], word: str) -> Point:
    there = code in extensions
    shown = Text(
        f"ServerHello {'avec' if there else 'sans'} {word}",
        f"ServerHello {'with' if there else 'without'} {word}",
    )
    return Point(name, there, shown)


def _asked(name: str, answer: Answered[bool], words: Text | str) -> Point:
    if answer.value is None:
        return Point(name, None, answer.gap or UNASKED)
    shown, word = said(answer.value), Text.same(words) if isinstance(words, str) else words
    return Point(name, answer.value, Text(f"{word.fr} : {shown.fr}", f"{word.en}: {shown.en}"))


def _order(found: Survey) -> Iterator[Point]:
    """Whose order of suites decides, and which it is where it is the server's."""
    for number, name in ((hello.TLS_1_2, "suite_order_1_2"), (NEW, "suite_order_1_3")):
        version = found.versions[number]
        if number == hello.TLS_1_2:
            yield _preference(found, version)
        yield _listed(name, found, version)


def _own(found: Survey, version: Version) -> Answered[bool]:
    if behaviour.order_shown(version):
        return Answered(True)
    return found.order.get(version.number, Answered(gap=UNASKED))


def _preference(found: Survey, version: Version) -> Point:
    if len(version.suites) > 1:
        return _asked("server_preference", _own(found, version), _FIRST)
    few = Text("moins de deux suites en TLS 1.2", "fewer than two suites in TLS 1.2")
    return Point("server_preference", None, version.gap or few, absent=version.gap is None)


def _listed(name: str, found: Survey, version: Version) -> Point:
    if not version.accepted:
        refused = Text(f"{version.name} est refusé", f"{version.name} is refused")
        return Point(name, None, version.gap or refused, absent=version.gap is None)
    own = _own(found, version)
    if len(version.suites) > 1 and not own.value:
        clients = Text("le serveur suit l'ordre du client", "the server follows the client's order")
        return Point(name, None, own.gap or clients, absent=own.gap is None)
    known = version.order
    names = tuple(registry()[code].name for code in known)
    rest = len(version.suites) - len(known)
    more = Text(
        f"{rest} autres suites ne sont pas classées, pour épargner des connexions",
        f"{rest} more suites are not ranked, to spare connections",
    )
    return Point(name, names, Text.same(" > ".join(names)), more if rest else version.gap)


def _tickets(found: Survey) -> Iterator[Point]:
    seen = list(found.ended.values())
    second = found.versions[hello.TLS_1_2].first
    clear = second is not None and _TICKET in second.extensions
    reason = next((e.reason for e in seen if e.ticket is None), None)
    if clear or any(e.ticket for e in seen):
        given = Text("le serveur donne des tickets de session", "the server gives session tickets")
        yield Point("session_tickets", True, given)
    elif seen and reason is None and found.doubt is None:
        none = Text("aucun ticket après la négociation", "no ticket after the handshake")
        yield Point("session_tickets", False, none)
    else:
        yield Point("session_tickets", None, reason or UNASKED)
    lifetimes = {hello.NAMES[n]: e.lifetime for n, e in sorted(found.ended.items()) if e.lifetime}
    shown = Text.same(", ".join(f"{name}: {seconds} s" for name, seconds in lifetimes.items()))
    none = Text("aucun ticket n'a été vu", "no ticket was seen")
    unseen = reason or (None if seen else UNASKED)
    if unseen is not None:  # a ticket that was missed may live longer than those that were seen
        yield Point("ticket_lifetime", None, unseen)
    elif lifetimes:
        yield Point("ticket_lifetime", max(lifetimes.values()), shown)
    else:
        yield Point("ticket_lifetime", None, none, absent=True)
    yield _early_data(found)


def _early_data(found: Survey) -> Point:
    newest = found.versions[NEW]
    if newest.accepted is False:
        return Point("early_data", False, Text("TLS 1.3 est refusé", "TLS 1.3 is refused"))
    ended = found.ended.get(NEW)
    if ended is None or ended.early_data is None:
        reason = ended.reason if ended else None
        return Point("early_data", None, reason or newest.gap or UNASKED)
    if ended.early_data:
        shown = Text("le ticket admet des données anticipées", "the ticket admits early data")
    else:
        shown = Text("aucun ticket n'en admet", "no ticket admits any")
    return Point("early_data", ended.early_data, shown)


def _renegotiation(found: Survey) -> Point:
    name = "client_renegotiation"
    if not found.below:
        open_ = _open(found)
        return Point(name, None if open_ else False, open_ or _ONLY_1_3)
    ended = found.ended.get(found.below[0])
    if ended is None:
        return Point(name, None, UNASKED)
    if ended.renegotiates is None:
        silent = Text(
            "le serveur n'a répondu ni oui ni non à une renégociation",
            "the server answered a renegotiation neither yes nor no",
        )
        return Point(name, None, ended.reason or silent)
    shown = said(ended.renegotiates)
    version, times = hello.NAMES[found.below[0]], RENEGOTIATIONS
    words = Text(
        f"{version}, {times} renégociations : {shown.fr}",
        f"{version}, {times} renegotiations: {shown.en}",
    )
    return Point(name, ended.renegotiates, words)


def ruled_out(found: Survey) -> Iterator[Point]:
    """Known vulnerabilities that what was seen rules out; the rest is tried."""
    open_ = _open(found)
    if not found.below:
        for name in ("heartbleed", "ccs_injection", "robot"):
            yield Point(name, None if open_ else False, open_ or _ONLY_1_3)
        return
    extras = found.extras.value
    if (
        extras is not None
        and extras.extensions is not None
        and "heartbeat" not in extras.extensions
    ):
        yield Point("heartbleed", False, NOT_TAKEN_UP)
    if NEW in found.accepted:
        later = Text(
            "TLS 1.3 est accepté : les versions d'OpenSSL touchées ne le parlent pas",
            "TLS 1.3 is accepted: the versions of OpenSSL concerned do not speak it",
        )
        yield Point("ccs_injection", False, later)
    if open_ is None and not any(
        registry()[c].key_exchange == "RSA" for n in found.below for c in found.versions[n].suites
    ):
        none = Text("aucun échange de clés RSA n'est accepté", "no RSA key exchange is accepted")
        yield Point("robot", False, none)
