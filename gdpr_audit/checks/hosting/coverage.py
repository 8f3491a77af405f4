"""What the certificates of all hosters together cover, of the activities given to them.

An activity may be done by one hoster and covered by another's certificate: what counts is that
together they cover all. A certificate counts to its last day; one of the 2018 referential, to
the end of the transition.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import date

from gdpr_audit.checks.hosting.exempt import settled
from gdpr_audit.checks.hosting.facts import COVERAGE
from gdpr_audit.checks.hosting.listed import ACCEPTED_UNTIL, Company
from gdpr_audit.checks.hosting.same import all_of
from gdpr_audit.checks.hosting.teller import activities as named
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.declaration import schema
from gdpr_audit.model import Origin, Statement, Subject, Text

_scribe = Scribe("hosting-coverage", Origin.DECLARED)
_LEFT, _UNTIL = "hosting.activities_uncovered", "hosting.coverage_until"


@dataclass
class _Cover:
    """Until when each activity is covered; None: covered, until a day that nobody states."""

    until: dict[int, date | None] = field(default_factory=dict)
    by: dict[int, list[str]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)  # hosters whose scope is not known
    published: bool = True

    def add(self, provider: str, activities: Iterable[int], end: date | None) -> None:
        for activity in activities:
            self.by.setdefault(activity, []).append(provider)
            if activity not in self.until:
                self.until[activity] = end
            else:
                known = self.until[activity]
                self.until[activity] = None if known is None or end is None else max(known, end)


def _end(referential: int | None, valid_until: date | None) -> date | None:
    accepted = ACCEPTED_UNTIL[referential] if referential else date.max
    if valid_until is None:
        return accepted if accepted < date.max else None
    return min(valid_until, accepted)


def _cover(hosters: list[schema.Hoster], session: Session) -> _Cover:
    cover = _Cover()
    for hoster in hosters:
        given = hoster.certificate
        declared = given if isinstance(given, schema.Certificate) else None
        found = Company.of(hoster.provider, hoster.siren, session.hosters)
        scoped = [c for c in found.listed.certificates if c.activities] if found.listed else []
        for one in scoped:
            end = one.valid_until or (declared.valid_until if declared else None)
            cover.add(hoster.provider, one.activities, _end(one.referential, end))
        if scoped and found.listed and len(scoped) == len(found.listed.certificates):
            continue
        if found.listed is None and found.doubt is None and session.hosters.complete:
            continue  # on no list: its certificate covers nothing
        if declared and declared.activities:
            cover.published = False
            end = _end(declared.referential, declared.valid_until)
            cover.add(hoster.provider, declared.activities, end)
        elif given != "none":
            cover.unknown.append(hoster.provider)
    return cover


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    hosting = session.declaration.platform.hosting
    if hosting is None:
        missing = session.declaration.missing(subject, "hosting")
        for spec in COVERAGE:
            yield _scribe.gap(spec.name, missing)
        return
    outside = [h for h in all_of(hosting) if settled(h) is not False]
    shown = ", ".join(h.provider for h in hosting) or "—"
    who = Text(f"déclaré : hébergeurs {shown}", f"declared: hosters {shown}")
    yield _scribe.fact("hosting.self_only", bool(hosting) and not outside, who)
    top = [h for h in hosting if settled(h) is not False]
    silent = [h.provider for h in top if h.activities is None]
    if silent:
        names = ", ".join(silent)
        reason = Text(
            f"les activités confiées à {names} ne sont pas déclarées",
            f"the activities given to {names} are not declared",
        )
        for spec in COVERAGE[:4]:
            yield _scribe.gap(spec.name, reason)
        return
    used = sorted({a for h in outside for a in h.activities or ()})
    yield _scribe.fact("hosting.activities_used", tuple(map(str, used)), who)
    cover = _cover(outside, session)
    yield _left(used, cover, outside, session)
    for statement in _dated(used, cover, session):
        yield statement


def _left(
    used: list[int], cover: _Cover, hosters: list[schema.Hoster], session: Session
) -> Statement:
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
        text = Text(
            f"non couvertes par les certificats ({held_by.fr}) : {said.fr} ; demandez à {doing} un "
            "certificat HDS qui les couvre (exigence 12)",
            f"not covered by the certificates ({held_by.en}): {said.en}; ask {doing} for an HDS "
            "certificate that covers them (requirement 12)",
        )
    return _scribe.fact(_LEFT, tuple(map(str, left)), text, origin)


def _dated(used: list[int], cover: _Cover, session: Session) -> Iterable[Statement]:
    ends = {a: cover.until[a] for a in used if a in cover.until}
    open_ = [a for a, end in ends.items() if end is None]
    held_by = session.hosters.words
    if open_ or not ends:
        names = named(open_)
        text = Text(
            f"nul ne dit jusqu'à quand est couvert : {names.fr or 'rien'}",
            f"nobody says until when this is covered: {names.en or 'nothing'}",
        )
        yield _scribe.fact("hosting.coverage_dated", value=False, summary=text)
        yield _scribe.gap(_UNTIL, text)
        return
    last = min(end for end in ends.values() if end is not None)
    first = named(a for a, end in ends.items() if end == last)
    text = Text(
        f"{held_by.fr} : la couverture de {first.fr} cesse la première, le {last}",
        f"{held_by.en}: the cover of {first.en} ends first, on {last}",
    )
    yield _scribe.fact("hosting.coverage_dated", value=True, summary=text)
    yield _scribe.fact(_UNTIL, last, text, Origin.PUBLISHED)
