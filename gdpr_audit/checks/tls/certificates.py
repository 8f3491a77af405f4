"""Every certificate chain that an address showed, as subjects of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.checks.tls.survey import NEW, UNASKED, Survey
from gdpr_audit.checks.tls.version import UNFINISHED, Shown
from gdpr_audit.model import About, Census, Statement, Subject, Text

if TYPE_CHECKING:
    from gdpr_audit.checks.tls.chain import Chain

KIND = "certificate"


class _Place(NamedTuple):
    """A chain, and the first address that showed it."""

    shown: Shown
    address: str


def state(
    scribe: Scribe,
    target: Subject,
    where: str,
    surveys: Mapping[str, Survey],
    session: Session,
    unseen: Mapping[str, Text],
) -> Iterator[Statement]:
    """One subject for each leaf: an RSA and an EC one, and where addresses differ, one for each."""
    if not session.wants("certificate."):
        yield Census(KIND, target, gap=UNASKED)
        return
    from gdpr_audit.checks.tls import chain  # noqa: PLC0415 - cryptography is slow to import

    host = where.rpartition(":")[0]
    read: list[tuple[Chain, str]] = []
    gap = next(iter(unseen.values()), None)
    for place in _places(surveys):
        try:
            read.append((chain.Chain.of(place.shown, session.settings.ca_file), place.address))
        except ValueError as error:
            gap = _unreadable(error)
    read.sort(key=lambda one: one[0].leaf_type != "RSA")
    subjects: list[Subject] = []
    for name, deployed in _named(where, read):
        subject = Subject(KIND, f"{name} @ {target.name}", target.file, target.line, target)
        subjects.append(subject)
        for point in chain.points(deployed, host):
            fact = f"certificate.{point.name}"
            if point.value is None:
                yield About(subject, scribe.gap(fact, point.reason))
            else:
                yield About(subject, scribe.fact(fact, point.value, point.reason))
    yield Census(KIND, target, tuple(subjects), gap=gap or _missed(surveys, bool(subjects)))


def _places(surveys: Mapping[str, Survey]) -> Iterator[_Place]:
    """Each chain once, with what is known of it put together."""
    found: dict[tuple[bytes, ...], _Place] = {}
    for address, survey in surveys.items():
        for shown in survey.shown:
            known = found.get(shown.certificates)
            if known is None:
                found[shown.certificates] = _Place(shown, address)
                continue
            both = Shown(
                shown.certificates,
                known.shown.ocsp or shown.ocsp,
                shown.scts if known.shown.scts is None else known.shown.scts,
            )
            found[shown.certificates] = _Place(both, known.address)
    yield from found.values()


def _named(where: str, read: list[tuple[Chain, str]]) -> Iterator[tuple[str, Chain]]:
    """The first is named after the port; the others by what tells them from it."""
    taken: set[str] = set()
    for deployed, address in read:
        tries = (
            where,
            f"{where} ({deployed.leaf_type})",
            f"{where} ({deployed.leaf_type}, {address})",
        )
        numbered = (f"{tries[-1]} {n}" for n in range(2, 100))
        name = next(n for n in (*tries, *numbered) if n not in taken)
        taken.add(name)
        yield name, deployed


def _unreadable(error: ValueError) -> Text:
    word = str(error)[:150]
    return Text(
        f"un certificat n'a pu être lu ({word})", f"a certificate could not be read ({word})"
    )


def _missed(surveys: Mapping[str, Survey], some: bool) -> Text | None:
    """Why there may be a chain that was not shown."""
    for survey in surveys.values():
        cut = [survey.versions[n].gap for n in survey.accepted] + [survey.leaves_gap]
        if survey.doubt is UNFINISHED:
            cut.append(UNFINISHED)
        if (gap := next((gap for gap in cut if gap is not None), None)) is not None:
            return gap
        if not survey.shown or (NEW in survey.accepted and not some):
            ended = next((e.reason for e in survey.ended.values() if e.reason), None)
            return ended or Text("aucun certificat n'a été montré", "no certificate was shown")
    return None
