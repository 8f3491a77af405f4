"""What a web target serves to anyone and should not. Probes: under a mandate alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from urllib.parse import urlsplit

from gdpr_audit.checks.address import NO_HTTP, origin_of, speaks_http
from gdpr_audit.checks.exposure import facts, paths
from gdpr_audit.checks.exposure.look import Group, Round
from gdpr_audit.checks.exposure.paths import Known
from gdpr_audit.checks.exposure.site import PURPOSE, Site
from gdpr_audit.checks.session import Session
from gdpr_audit.checks.stating import Scribe
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Fact, Gap, Statement, Subject, Text

_scribe = Scribe("exposure")
PERSONAL = "exposure.personal_data"
#: The groups in which files with personal data are found.
_READABLE = ("exposure.listings", "exposure.backups", "exposure.logs")
FILES = 3  # data files that listings name, opened in one audit of a target
UNKNOWN_PAGE = "(unknown page)"
_FRENCH = {
    "names: ": "noms : ",
    "tel x ": "tél. x ",
    "date of birth x ": "date de naissance x ",
    "result x ": "résultat x ",
}


async def observe(subject: Subject, session: Session) -> AsyncIterator[Statement]:
    parts = urlsplit(subject.name)
    if not speaks_http(subject.name):
        for spec in facts.SITE:
            yield _scribe.gap(spec.name, NO_HTTP)
        return
    await session.door.probe(parts.hostname or "", purpose=PURPOSE)
    round_ = Round(Site(session.door, origin_of(subject.name)))
    seen: dict[str, Group | Gap] = {}
    for name, kind in facts.KINDS.items():
        readable = name in _READABLE and session.wants(PERSONAL)
        if not (session.wants(name) or readable):
            continue
        wanted = _wanted(kind, subject, session)
        seen[name] = found = await _look(name, kind, round_, wanted, session)
        if isinstance(found, Gap):
            yield found
            continue
        session.reached(subject)
        yield _fact(name, found, session)
    if session.wants(PERSONAL):
        yield await _personal(subject, session, round_, seen)


async def _look(
    name: str, kind: str, round_: Round, wanted: tuple[Known, ...], session: Session
) -> Group | Gap:
    """One group's outcome; two targets of one origin share it."""
    what = f"exposure {kind} {round_.site.origin} {wanted[0].path} {wanted[-1].path}"
    try:
        found = await session.once(what, session.declaration.subject, partial(round_.group, wanted))
    except NetworkError as error:
        return _scribe.gap(name, error.reason)
    assert isinstance(found, Group)
    return found


def _wanted(kind: str, subject: Subject, session: Session) -> tuple[Known, ...]:
    """The known paths, at the root and in the target's own folder where that is another."""
    parts = urlsplit(subject.name)
    target = session.declaration.target(subject)
    folder = _folder(parts.path)
    known = paths.known(kind, parts.hostname or "")
    if kind == "study" and target.kind == "dicomweb":
        return (Known(kind, f"{folder}/studies?limit=1&includefield=00080005"),)
    if kind == "patient" and target.kind == "fhir":
        return (Known(kind, f"{folder}/Patient?_summary=count"),)
    if folder and target.kind == "web" and kind not in ("study", "patient"):
        known += tuple(Known(kind, folder + one.path, one.signature) for one in known)
    return known


def _folder(path: str) -> str:
    """`/portal` of /portal, /portal/ and /portal/index.html; nothing for the root."""
    head, _, last = path.rpartition("/")
    return head if "." in last or not last else f"{head}/{last}"


def _fact(name: str, found: Group, session: Session) -> Fact:
    hits = dict(found.hits)
    if name == "exposure.debug" and found.trace:
        hits[UNKNOWN_PAGE] = f"{found.stranger}"
    return _scribe.fact(
        name, tuple(sorted(hits)), _shown(hits, found), partial=_open(found, session)
    )


def _shown(hits: dict[str, str], found: Group) -> Text:
    if hits:
        words = ", ".join(f"{path} ({hits[path]})" for path in sorted(hits))
        french = ", ".join(f"{path} ({_in_french(hits[path])})" for path in sorted(hits))
        return Text(f"servi à n'importe qui : {french}", f"served to anyone: {words}")
    return Text(
        f"chemins connus demandés : {found.asked}, aucun servi (page inconnue : {found.stranger})",
        f"known paths asked for: {found.asked}, none served (unknown page: {found.stranger})",
    )


def _in_french(said: str) -> str:
    """What is said of one path: its counts keep their numbers."""
    for english, french in _FRENCH.items():
        said = said.replace(english, french)
    return said


def _open(found: Group, session: Session) -> Text | None:
    """Why more may be served than was seen."""
    if found.gaps:
        return found.gaps[0]
    origins = {origin_of(target.name) for target in session.declaration.targets}
    if found.leads_to and found.leads_to not in origins:
        to = found.leads_to
        return Text(
            f"tout est redirigé vers {to} : déclarez-le comme cible",
            f"everything is redirected to {to}: declare it as a target",
        )
    return None


async def _personal(
    subject: Subject, session: Session, round_: Round, seen: dict[str, Group | Gap]
) -> Statement:
    """Personal data in what can be read: its kinds and counts, and not a byte of it."""
    parts = urlsplit(subject.name)
    read = [found for name in _READABLE if isinstance(found := seen[name], Group)]
    for name in _READABLE:
        if isinstance(gap := seen[name], Gap):
            return _scribe.gap(PERSONAL, gap.reason)
    pages = session.declaration.target(subject).sensitive_pages or ()
    known = paths.known("data", parts.hostname or "")
    named = [path for found in read for path in found.files][:FILES]
    own = [page for page in pages if page.startswith("/")]
    extra = tuple(Known("data", path) for path in dict.fromkeys((*own, *named)))
    data = await _look(PERSONAL, "data", round_, extra + known, session)
    if isinstance(data, Gap):
        return data
    read.append(data)
    counts = {path: str(n) for found in read for path, n in found.personal.items()}
    value = tuple(f"{path}: {counts[path]}" for path in sorted(counts))
    reason = next((why for found in read if (why := _open(found, session))), None)
    reason = reason or next(iter(_unread(read)), None)
    shown = _shown(counts, data)
    return _scribe.fact(PERSONAL, value, shown, partial=reason)


def _unread(read: list[Group]) -> Iterator[Text]:
    """What can be read by anyone, and was not read to its end."""
    cut = [path for found in read for path in found.cut]
    if cut:
        shown = ", ".join(cut[:5])
        yield Text(
            f"seul le début a été lu de : {shown}", f"only the beginning was read of: {shown}"
        )
    more = sum(found.unopened for found in read)
    more += max(0, sum(len(found.files) for found in read) - FILES)
    if more:
        yield Text(
            f"{more} fichiers de données d'un index public n'ont pas été ouverts",
            f"{more} data files of a public index were not opened",
        )
