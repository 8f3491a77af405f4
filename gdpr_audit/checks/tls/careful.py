"""Goes through the suites in lists that a particular server bears.

Some cut a connection whose hello names more suites than they read, or one that they do not know.
A list is borne where the server, offered one more suite that it is known to accept, answers; one
that is not borne is halved. What cannot be asked in any list is said to be unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gdpr_audit.checks.tls.answer import Accepted
from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.suites import for_version, registry
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Text

FIRST = 63  # suites of the first lists; one more is offered beside them
MOST = 200  # questions; past that the rest is left unknown
#: What servers in use know is asked about first, and each kind of cipher on its own: a server
#: that knows one suite of a kind mostly knows them all.
_LIVE = ("AES", "CHACHA20", "CAMELLIA", "ARIA", "3DES", "RC4")


@dataclass
class Seen:
    """The answers that named a suite, and why there may be more."""

    answers: list[Accepted] = field(default_factory=list)
    unasked: list[int] = field(default_factory=list)
    gap: Text | None = None


@dataclass
class _Search:
    asker: Asker
    version: int
    good: int
    seen: Seen = field(default_factory=Seen)
    questions: int = 0

    async def _ask(self, suites: Sequence[int]) -> Accepted | None:
        """None for a refusal. Raises NetworkError."""
        self.questions += 1
        answer = await self.asker.once(self.asker.offer(self.version, suites))
        return answer if isinstance(answer, Accepted) else None

    async def borne(self, part: list[int]) -> Accepted | None:
        """What is picked of `part` and the good suite; None where the list is not borne."""
        try:
            return await self._ask([*part, self.good])
        except NetworkError:
            return None

    async def exhaust(self, part: list[int], first: Accepted) -> None:
        left = list(part)
        answer: Accepted | None = first
        while answer is not None:
            if answer.suite in left:
                self.seen.answers.append(answer)
                left.remove(answer.suite)
            if not left:
                return
            try:
                answer = await self._ask(left)
            except NetworkError as error:
                self.seen.gap = error.reason
                return


async def careful(asker: Asker, version: int, good: int) -> Seen:
    """Every suite of `version`; `good` is one that is known to be accepted."""
    search = _Search(asker, version, good)
    kinds: dict[str, list[int]] = {kind: [] for kind in _LIVE}
    for code in for_version(tls_1_3=False):
        if code != good:
            kinds.setdefault(registry()[code].encryption, []).append(code)
    parts = [p[i : i + FIRST] for p in kinds.values() for i in range(0, len(p), FIRST)]
    while parts:
        part = parts.pop(0)
        if search.questions >= MOST:
            search.seen.unasked += part
            continue
        first = await search.borne(part)
        if first is not None:
            await search.exhaust(part, first)
        elif len(part) == 1:
            search.seen.unasked += part
        else:
            half = len(part) // 2
            parts[:0] = [part[:half], part[half:]]
    if search.seen.unasked:
        search.seen.gap = _unasked(search.seen.unasked)
    return search.seen


def _unasked(codes: list[int]) -> Text:
    names = ", ".join(registry()[code].name for code in codes[:3])
    return Text(
        f"la cible coupe toute connexion qui propose certaines suites : {len(codes)} n'ont pu être "
        f"demandées ({names} …)",
        f"the target cuts every connection that offers certain suites: {len(codes)} could not be "
        f"asked about ({names} …)",
    )
