"""What the certificates of all hosters together cover, of the activities given to them.

An activity may be done by one hoster and covered by another's certificate: what counts is that
together they cover all, on the audit's day.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import date

from gdpr_audit.checks.hosting.exempt import settled
from gdpr_audit.checks.hosting.facts import COVERAGE
from gdpr_audit.checks.hosting.force import Part, Scope, scope_of
from gdpr_audit.checks.hosting.listed import Company
from gdpr_audit.checks.hosting.same import all_of
from gdpr_audit.checks.hosting.teller import activities as named
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.declaration import schema
from gdpr_audit.model import Known, Origin, Statement, Subject, Text

_scribe = Scribe("hosting-coverage", Origin.DECLARED)
_USED, _LEFT = "hosting.activities_used", "hosting.activities_uncovered"
_UNTIL, _ALONE = "hosting.coverage_until", "hosting.self_only"


@dataclass
class _Cover:
    """Until when each activity is covered; None: perhaps, but nobody states until when."""

    day: date
    until: dict[int, date | None] = field(default_factory=dict)
    by: dict[int, list[str]] = field(default_factory=dict)
    lapsed: list[tuple[str, Part]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)  # hosters whose scope is not known
    published: bool = True

    def add(self, provider: str, scope: Scope) -> None:
        for part in scope.parts:
            end = part.term.until(self.day)
            for activity in part.activities:
                self.by.setdefault(activity, []).append(provider)
                known = self.until.get(activity)
                # a day that is stated stands, whatever else may cover for longer
                self.until[activity] = max((d for d in (known, end) if d), default=None)
        self.lapsed += [(provider, part) for part in scope.lapsed]
        if scope.open:
            self.unknown.append(provider)
        self.published = self.published and scope.published

    def past(self, left: Iterable[int]) -> str:
        """The certificates that would cover one of these on another day, in no language."""
        shown = []
        for provider, part in self.lapsed:
            if set(part.activities) & set(left):
                start, last = part.term.start, part.term.last
                shown.append(f"{provider} ({start or '…'} → {last if last < date.max else '…'})")
        return ", ".join(dict.fromkeys(shown))


def _cover(hosters: list[schema.Hoster], session: Session) -> _Cover:
    cover = _Cover(session.day)
    for hoster in hosters:
        found = Company.of(hoster.provider, hoster.siren, session.hosters)
        doubted = found.doubt is not None
        scope = scope_of(
            found.listed, hoster.certificate, session.hosters, session.day, doubted=doubted
        )
        cover.add(hoster.provider, scope)
    return cover


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    hosting = session.declaration.platform.hosting
    if not hosting:
        for spec in COVERAGE:
            yield _scribe.gap(spec.name, _nobody(subject, session))
        return
    outside = [h for h in all_of(hosting) if settled(h, session.hosters) is not False]
    shown = ", ".join(h.provider for h in hosting)
    who = Text(f"déclaré : hébergeurs {shown}", f"declared: hosters {shown}")
    yield _scribe.fact(_ALONE, not outside, who)
    used = sorted({a for h in outside for a in h.activities or ()})
    silent = _silent(outside)
    if silent is not None and not used:
        for name in (_USED, _LEFT, _UNTIL):
            yield _scribe.gap(name, silent)
        return
    yield _scribe.fact(_USED, tuple(map(str, used)), who, partial=silent)
    cover = _cover(outside, session)
    yield _left(used, cover, outside, session, silent)
    yield _dated(used, cover, session)


def _nobody(subject: Subject, session: Session) -> Text:
    """Somebody hosts a platform: an empty section names no more hosters than none at all."""
    if session.declaration.platform.hosting is None:
        return session.declaration.missing(subject, "hosting")
    return Text("« hosting » ne nomme aucun hébergeur", "`hosting` names no hoster")


def _silent(outside: list[schema.Hoster]) -> Text | None:
    """Of whom it is not said what they do; at any depth, for each may do what nobody covers."""
    names = ", ".join(h.provider for h in outside if not h.activities)
    if not names:
        return None
    return Text(
        f"les activités confiées à {names} ne sont pas déclarées",
        f"the activities given to {names} are not declared",
    )


def _left(
    used: list[int],
    cover: _Cover,
    hosters: list[schema.Hoster],
    session: Session,
    silent: Text | None,
) -> Known:
    left = [a for a in used if a not in cover.until]
    held_by, said = session.hosters.words, named(left)
    if left and cover.unknown:
        names = ", ".join(cover.unknown)
        return _scribe.gap(
            _LEFT,
            Text(
                f"activités {said.fr} : la {held_by.fr} ne dit pas ce que couvre le "
                f"certificat de {names} ; demandez-en une copie (exigence 12) et déclarez "
                "certificate.activities",
                f"activities {said.en}: the {held_by.en} does not say what the certificate "
                f"of {names} covers; ask for a copy (requirement 12) and declare "
                "certificate.activities",
            ),
        )
    origin = Origin.PUBLISHED if cover.published else Origin.DECLARED
    if not left:
        held = Text(
            *(
                ", ".join(f"{a} : {cover.by[a][0]}" if tongue == "fr" else f"{a}: {cover.by[a][0]}"
                          for a in used)
                for tongue in ("fr", "en")
            )
        )  # fmt: skip
        text = Text(f"couvertes ({held_by.fr}) : {held.fr or 'aucune utilisée'}",
                    f"covered ({held_by.en}): {held.en or 'none in use'}")  # fmt: skip
    else:
        doing = ", ".join(h.provider for h in hosters if set(left) & set(h.activities or ()))
        past, day = cover.past(left), session.day
        gone = Text(
            f" ; ne comptent pas le {day} : {past}", f"; they do not count on {day}: {past}"
        )
        why = gone if past else Text("", "")
        text = Text(
            f"non couvertes par les certificats ({held_by.fr}) : {said.fr}{why.fr} ; demandez à "
            f"{doing} un certificat HDS qui les couvre (exigence 12)",
            f"not covered by the certificates ({held_by.en}): {said.en}{why.en}; ask {doing} for "
            "an HDS certificate that covers them (requirement 12)",
        )
    return _scribe.fact(_LEFT, tuple(map(str, left)), text, origin, silent)


def _dated(used: list[int], cover: _Cover, session: Session) -> Known:
    """The first day of those on which a cover ends; a gap where one has no day that is stated."""
    ends = {a: end for a in used if (end := cover.until.get(a)) is not None}
    undated = named(a for a in used if a in cover.until and a not in ends)
    if undated.fr or not ends:
        return _scribe.gap(
            _UNTIL,
            Text(
                f"nul ne dit jusqu'à quand est couvert : {undated.fr or 'rien'}",
                f"nobody says until when this is covered: {undated.en or 'nothing is'}",
            ),
        )
    last, held_by = min(ends.values()), session.hosters.words
    first = named(a for a, end in ends.items() if end == last)
    text = Text(
        f"{held_by.fr} : la couverture de {first.fr} cesse la première, le {last}",
        f"{held_by.en}: the cover of {first.en} ends first, on {last}",
    )
    return _scribe.fact(_UNTIL, last, text, Origin.PUBLISHED)
