"""One group of known paths on one site: what is served, and whether that can be told at all.

A path counts as served where the answer holds its signature and the answer to a path of the same
shape that nobody made does not. The server is asked for such a stranger before and after: one
that began to answer otherwise has turned us away, and what it refused by then is not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from gdpr_audit.checks.address import origin_of
from gdpr_audit.checks.exposure import listing, paths, personal
from gdpr_audit.checks.exposure.paths import Known
from gdpr_audit.checks.exposure.personal import Counted
from gdpr_audit.checks.exposure.site import Answer, Site
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Text

_PLAIN = Known("page", "/page")
#: Kinds whose files may hold personal data beside what they are.
_HOLDS = frozenset({"backup", "log", "listing", "data"})


@dataclass
class Group:
    """What one group of paths came to."""

    asked: int = 0
    stranger: int = 0  # the status of a path that nobody made
    hits: dict[str, str] = field(default_factory=dict)  # path, and what shows it
    gaps: list[Text] = field(default_factory=list)
    personal: dict[str, Counted] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)  # readable files of which more was not read
    files: list[str] = field(default_factory=list)  # data files that listings name
    unopened: int = 0  # further ones, whose names may be somebody's
    leads_to: str = ""  # the other origin that a stranger is redirected to
    trace: bool = False


class Round:
    """Asks for groups of paths on one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._strangers: dict[tuple[object, str], Answer] = {}

    async def group(self, wanted: Iterable[Known]) -> Group:
        """Raises NetworkError where not even a stranger is answered."""
        found = Group()
        first = await self._control(_PLAIN)
        found.stranger = first.status
        found.leads_to = _elsewhere(self.site.origin, first)
        found.trace = paths.shows_trace(first)
        await asyncio.gather(*(self._one(known, found) for known in wanted))
        last = await self.site.ask(paths.stranger(_PLAIN.shape), _PLAIN.size)
        if last.status != first.status:
            found.gaps.append(
                Text(
                    f"le serveur répondait {first.status} à une page inconnue, puis "
                    f"{last.status} : il a pu nous écarter",
                    f"the server answered {first.status} to an unknown page, then {last.status}: "
                    "it may have turned us away",
                )
            )
        return found

    async def _one(self, known: Known, found: Group) -> None:
        found.asked += 1
        path = known.path.partition("?")[0]
        try:
            answer = await self.site.ask(known.path, known.size, known.accepts)
            detail = paths.recognised(known, answer)
            unclear = answer.unclear or paths.unread(known, answer)
            if detail is None and unclear:
                found.gaps.append(unclear)
            more = known.kind == "data" and answer.served and not answer.whole
            if detail is None and not more:
                return
            control = await self._control(known)
        except NetworkError as error:
            found.gaps.append(error.reason)
            return
        if paths.recognised(known, control) is not None:
            return  # everything here looks like that
        if detail is not None:
            found.hits[path] = detail
            if known.kind in _HOLDS:
                self._weigh(path, answer, found)
        elif not control.served:  # a file is served, and what was read of it shows nothing yet
            found.cut.append(path)

    def _weigh(self, path: str, answer: Answer, found: Group) -> None:
        """Count what is personal in the beginning of a readable file, and let go of it."""
        counted = personal.count(answer.text)
        if counted.proven:
            found.personal[path] = counted
        if not answer.whole:
            found.cut.append(path)
        names = [name for name in listing.entries(answer.text) or () if listing.is_data(name)]
        plain = [name for name in names if listing.is_plain(name)]
        found.files += [path + name for name in plain]
        found.unopened += len(names) - len(plain)

    async def _control(self, known: Known) -> Answer:
        """The answer to a path of this shape that nobody made."""
        at = (known.shape, known.accepts)
        if at not in self._strangers:
            stranger = paths.stranger(known.shape)
            self._strangers[at] = await self.site.ask(stranger, known.size, known.accepts)
        return self._strangers[at]


def _elsewhere(origin: str, answer: Answer) -> str:
    """The origin that every path is redirected to, where it is another one."""
    if not 300 <= answer.status < 400:
        return ""
    to = origin_of(answer.location)
    return "" if to == origin else to
