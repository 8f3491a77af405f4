"""What a server does beside its choice of suites: order, extensions, compression, fallback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.answer import Accepted, Answer, Refused, dropped
from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.suites import for_version, registry
from gdpr_audit.checks.tls.version import Version
from gdpr_audit.errors import ProtocolFailed
from gdpr_audit.model import Text


class Extras(NamedTuple):
    """What the server took up of a hello that offers more than a client should want."""

    compression: bool
    extensions: tuple[str, ...] | None  # None: they were too much for the server
    picked: int  # of the accepted suites, turned round


def _as_offered(found: Version) -> list[int]:
    """The accepted suites in the order in which the sweep offered them."""
    every = for_version(tls_1_3=found.number == hello.TLS_1_3)
    return [code for code in every if code in found.suites]


def turned(found: Version) -> list[int]:
    """The accepted suites, last first. ChaCha20 never leads, as some servers then prefer it."""
    order = list(reversed(_as_offered(found)))
    return sorted(order, key=lambda code: registry()[code].encryption == "CHACHA20")


def order_shown(found: Version) -> bool:
    """Whether the sweep itself shows that the server picks by an order of its own."""
    left = _as_offered(found)
    for picked in found.order:
        if picked != left[0]:
            return True
        left.remove(picked)
    return False


def first_choice(found: Version) -> int:
    """What was picked of everything; where all could not be offered at once, of what could."""
    return (found.order or found.suites)[0]


async def own_order(asker: Asker, found: Version) -> bool:
    """Whether the first choice stays when the offer is turned round. Raises NetworkError."""
    if order_shown(found):
        return True
    answer = await asker.put(asker.offer(found.number, turned(found)))
    return _accepted(answer).suite == first_choice(found)


def _accepted(answer: Answer) -> Accepted:
    """What was accepted before must be again; a refusal is no answer to what is asked here."""
    if isinstance(answer, Accepted):
        return answer
    if isinstance(answer, Refused):
        raise ProtocolFailed(
            Text(
                f"le serveur a refusé ce qu'il acceptait avant ({answer.why})",
                f"the server refused what it had accepted before ({answer.why})",
            )
        )
    raise dropped()


async def extras(asker: Asker, found: Version) -> Extras:
    """One hello below TLS 1.3 for compression, discouraged extensions, and the order.

    Raises NetworkError.
    """
    offer = asker.offer(found.number, turned(found))._replace(
        compression=True,
        extra=tuple(hello.DISCOURAGED) if found.number > hello.SSL_3 else (),
    )
    answer = _accepted(await asker.put(offer))
    taken = [name for code, (name, _) in hello.DISCOURAGED.items() if code in answer.extensions]
    return Extras(answer.compression != 0, tuple(taken), answer.suite)


async def compresses(asker: Asker, found: Version) -> Extras:
    """The same for compression alone. Raises NetworkError."""
    offer = asker.offer(found.number, turned(found))._replace(compression=True)
    answer = _accepted(await asker.put(offer))
    return Extras(answer.compression != 0, None, answer.suite)


async def encrypts_then_macs(asker: Asker, number: int, cbc: Sequence[int]) -> bool:
    """Whether CBC suites come with encrypt_then_mac (RFC 7366). Raises NetworkError."""
    offer = asker.offer(number, cbc)._replace(extra=(hello.ENCRYPT_THEN_MAC,))
    return hello.ENCRYPT_THEN_MAC in _accepted(await asker.put(offer)).extensions


async def refuses_fallback(asker: Asker, found: Version) -> bool:
    """Whether a fallback that a higher version makes needless is refused. Raises NetworkError."""
    answer = await asker.put(asker.offer(found.number, (*found.suites, hello.FALLBACK_SCSV)))
    return isinstance(answer, Refused) and answer.why == "alert inappropriate_fallback"


async def answers_still(asker: Asker, found: Version) -> bool:
    """Whether what was accepted at first is accepted at the end. Raises NetworkError."""
    return isinstance(await asker.put(asker.offer(found.number, found.suites)), Accepted)
