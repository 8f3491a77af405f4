"""A bundle, or a lone audit document, taken apart: every difference named, every limit said.

What cannot be checked here is said to be open, and is never shown as if it held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from gdpr_audit import __version__, document, reports, strict_json
from gdpr_audit.model import Text
from gdpr_audit.proof import archive, bundle, contents, manifest, opened, stamp
from gdpr_audit.proof.manifest import Manifest
from gdpr_audit.proof.opened import Opened
from gdpr_audit.proof.told import Line, State, changed, file_differs, holds, inert, open_
from gdpr_audit.reports.schema import AuditDocument

Document = dict[str, Any]
#: Judges a document's facts again by the rules in a bundle's files, or by none: the installed.
Judge = Callable[[Document, Mapping[str, bytes] | None, frozenset[str] | None], list[Line]]


#: Lines after which the byte within a block is no longer looked for: hostile files may be many.
_SEARCHED = 50


class Trust(NamedTuple):
    """Whom the user trusts: a key by its id, an authority for time stamps by its roots (PEM)."""

    key_id: str | None = None
    authorities: bytes | None = None


class Outcome(NamedTuple):
    """What was checked and what came of it; the language that the document speaks, if any."""

    lines: list[Line]
    language: str | None = None

    @property
    def changed(self) -> bool:
        return any(line.state is State.CHANGED for line in self.lines)


def of_bundle(data: bytes, trust: Trust, kinds: Mapping[str, str], judge: Judge) -> Outcome | None:
    """All that a bundle shows. None where it is none; `kinds` as in `contents.of`."""
    found = opened.read(data)
    if found is None:
        return None
    told, files = found.manifest, found.files
    lines = list(found.lines)
    sound = dict.fromkeys(found.damaged, False)
    if told is None:
        lines += opened.structure(data, found, dict.fromkeys(files, False))
        lines.append(
            open_(
                "le reste : non vérifié, faute de manifeste",
                "the rest: not checked, for want of a manifest",
            )
        )
        return Outcome(lines)
    assert found.expected is not None
    lines += opened.names(found, found.expected)
    for row in told.files:
        entry = files.get(row.path)
        search = len(lines) < _SEARCHED
        difference = manifest.differs(row, entry.content, search=search) if entry else None
        sound[row.path] = entry is not None and difference is None
        if entry is not None and difference is not None:
            lines.append(file_differs(row.path, difference, entry.at))
    lines += opened.structure(data, found, sound)
    if not lines:
        lines.append(_whole(told, len(data)))
    lines += _signature(found, told, trust)
    lines += _stamp(found, told, trust)
    if not sound.get(contents.AUDIT, False):
        lines.append(
            open_(
                "constats : non jugés de nouveau, car audit.json n'est pas intact",
                "findings: not judged again, as audit.json is not intact",
            )
        )
        return Outcome(lines)
    audit, more = _audit(files[contents.AUDIT].content, told.audit)
    lines += more
    if audit is None:
        return Outcome(lines)
    intact = {name: files[name].content for name, good in sound.items() if good}
    lines += _follows(audit, told, intact, kinds, judge)
    return Outcome(lines, audit["language"])


def _whole(told: Manifest, size: int) -> Line:
    count = len(told.files)
    return holds(
        f"archive : {count} fichiers, {size} octets, tels qu'écrits le {inert(told.created)} par "
        f"{inert(told.tool.name)} {inert(told.tool.version)}",
        f"archive: {count} files, {size} bytes, as written on {inert(told.created)} by "
        f"{inert(told.tool.name)} {inert(told.tool.version)}",
    )


def _signature(found: Opened, told: Manifest, trust: Trust) -> list[Line]:
    entry = found.files.get(bundle.SIGNATURE)
    if told.signature is None:
        if trust.key_id is not None:
            return [
                changed(
                    f"signature : aucune, alors que {trust.key_id} est attendue",
                    f"signature: none, where {trust.key_id} is expected",
                )
            ]
        return [
            open_(
                "signature : aucune ; qui aurait tout refait ne serait pas découvert",
                "signature: none; whoever made all of it anew would not be noticed",
            )
        ]
    shown = inert(told.signature.key_id)
    if entry is None:  # told among the names that are missing
        return [changed(f"signature : ôtée ({shown})", f"signature: taken away ({shown})")]
    if found.damaged & {manifest.NAME, bundle.SIGNATURE}:
        return [
            open_(
                "signature : non vérifiée, car elle ou le manifeste n'est pas intact",
                "signature: not checked, as it or the manifest is not intact",
            )
        ]
    return _signed(entry.content, found.files[manifest.NAME].content, told, trust)


def _signed(content: bytes, signed: bytes, told: Manifest, trust: Trust) -> list[Line]:
    from gdpr_audit.proof import keys  # noqa: PLC0415 - where something is signed

    assert told.signature is not None
    try:
        found = keys.read(content)
        valid = keys.holds(found, signed) and found.key_id == told.signature.key_id
    except ValueError:
        valid = False
    shown = inert(told.signature.key_id)
    if not valid:
        return [
            changed(
                f"signature : n'est pas celle de {shown} pour ce manifeste",
                f"signature: not that of {shown} for this manifest",
            )
        ]
    if trust.key_id is None:
        return [
            holds(f"signature : valide, par {shown}", f"signature: valid, by {shown}"),
            open_(
                "clé : non vérifiée ; sans --key, n'importe qui peut avoir signé",
                "key: not checked; without --key, anyone may have signed",
            ),
        ]
    if trust.key_id != told.signature.key_id:
        return [
            changed(
                f"clé : signé par {shown}, et non par {trust.key_id}",
                f"key: signed by {shown}, and not by {trust.key_id}",
            )
        ]
    return [
        holds(
            f"signature : valide, par la clé attendue {shown}",
            f"signature: valid, by the expected key {shown}",
        )
    ]


def _stamp(found: Opened, told: Manifest, trust: Trust) -> list[Line]:
    entry = found.files.get(stamp.NAME)
    if told.stamp is None:
        if trust.authorities is not None:
            return [
                changed(
                    "horodatage : aucun, alors que --tsa-ca en attend un",
                    "time stamp: none, where --tsa-ca expects one",
                )
            ]
        return [
            open_(
                "horodatage : aucun ; les dates sont celles que l'auditeur affirme",
                "time stamp: none; the dates are what the auditor claims",
            )
        ]
    who = inert(told.stamp.authority)
    over = bundle.SIGNATURE if told.signature else manifest.NAME
    if entry is None or over not in found.files:
        return [changed(f"horodatage : ôté ({who})", f"time stamp: taken away ({who})")]
    if found.damaged & {stamp.NAME, over}:
        return [
            open_(
                "horodatage : non vérifié, car lui ou ce qu'il couvre n'est pas intact",
                "time stamp: not checked, as it or what it covers is not intact",
            )
        ]
    if not stamp.here():
        return [
            open_(
                "horodatage : présent, non lu (pip install 'gdpr-audit[timestamp]')",
                "time stamp: present, not read (pip install 'gdpr-audit[timestamp]')",
            )
        ]
    return [_stamped(entry.content, found.files[over].content, who, trust)]


def _stamped(answer: bytes, over: bytes, who: str, trust: Trust) -> Line:
    try:
        if trust.authorities is not None:
            time = document.stamp(stamp.verify(answer, over, trust.authorities))
            return holds(
                f"horodatage : {time}, par une autorité de --tsa-ca",
                f"time stamp: {time}, by an authority of --tsa-ca",
            )
        time = document.stamp(stamp.time_of(answer, over))
    except stamp.Refused as error:
        why = inert(str(error))
        return changed(f"horodatage : refusé ({why})", f"time stamp: refused ({why})")
    return open_(
        f"horodatage : {time} selon {who}, non vérifié sans --tsa-ca",
        f"time stamp: {time} as {who} claims, not checked without --tsa-ca",
    )


def _audit(content: bytes, expected: str | None) -> tuple[Document | None, list[Line]]:
    """The audit document, and whether its digest is its own and that of the manifest."""
    try:
        found: Document = strict_json.loads(content)
        AuditDocument.model_validate(found)
        same = document.digest(found) == found["digest"] and expected in (None, found["digest"])
    except (ValueError, RecursionError, ValidationError):
        return None, [
            changed(
                "audit.json : n'est pas un document d'audit", "audit.json: not an audit document"
            )
        ]
    shown = inert(found["digest"])
    if not same:
        return found, [
            changed(
                f"audit.json : le contenu ne correspond pas à l'empreinte {shown}",
                f"audit.json: the content does not match the digest {shown}",
            )
        ]
    return found, [holds(f"audit.json : empreinte {shown}", f"audit.json: digest {shown}")]


def _follows(
    audit: Document,
    told: Manifest,
    files: Mapping[str, bytes],
    kinds: Mapping[str, str],
    judge: Judge,
) -> list[Line]:
    """Whether reports and findings are what this version makes of the document and its facts."""
    if told.tool.version != __version__ or audit["tool"]["version"] != __version__:
        made = inert(told.tool.version)
        return [
            open_(
                f"rapports et constats : non refaits, car faits par la version {made} et non "
                f"{__version__}",
                f"reports and findings: not made again, as made by version {made} and not "
                f"{__version__}",
            )
        ]
    lines, same = [], 0
    for name, content in files.items():
        try:
            wanted = contents.again(audit, name, kinds)
        except Exception:  # noqa: BLE001 - a document may be made to break a report
            wanted = b""
        if wanted is None:
            continue
        same += wanted == content
        if wanted != content:
            first = archive.differences(content, wanted, 1)[0][0]
            lines.append(
                changed(
                    f"{inert(name)} : ne découle pas d'audit.json (dès l'octet {first})",
                    f"{inert(name)}: does not follow from audit.json (from byte {first} on)",
                )
            )
    if not lines:
        lines.append(
            holds(
                f"rapports : {same} fichiers découlent d'audit.json",
                f"reports: {same} files follow from audit.json",
            )
        )
    means = (row.path for row in told.files if row.path.startswith(contents.RULES))
    if any(path not in files for path in (*means, contents.PROFILE)):
        lines.append(
            open_(
                "constats : non jugés de nouveau, car les règles ne sont pas intactes",
                "findings: not judged again, as the rules are not intact",
            )
        )
        return lines
    return [*lines, *judge(audit, files, frozenset(told.judged))]


def of_document(content: bytes, judge: Judge) -> Outcome | None:
    """All that a lone audit document shows. None where it is none."""
    if b'"gdpr-audit/audit/' not in content and b'"digest": "sha256:' not in content[-200:]:
        return None
    try:
        found: Any = strict_json.loads(content.decode("utf-8"))
    except ValueError as error:
        return Outcome([_unreadable(content, error)])
    audit, lines = _audit(content, None)
    if audit is None:
        return Outcome(lines)
    wanted = reports.content(found, "json")
    if wanted != content:
        first = archive.differences(content, wanted, 1)[0][0]
        lines.append(
            changed(
                f"audit.json : n'est pas écrit comme gdpr-audit l'écrit, dès l'octet {first}",
                f"audit.json: not written as gdpr-audit writes it, from byte {first} on",
            )
        )
    if any(line.state is State.CHANGED for line in lines):
        lines.append(
            open_(
                "où : seule une archive (--bundle) le dit d'un contenu",
                "where: of a content only a bundle (--bundle) tells",
            )
        )
    lines.append(
        open_(
            "signature : un document seul n'en a pas ; qui en referait l'empreinte ne serait pas "
            "découvert",
            "signature: a lone document has none; whoever made its digest anew would not be "
            "noticed",
        )
    )
    if audit["tool"]["version"] == __version__:
        lines += judge(audit, None, None)
    return Outcome(lines, audit["language"])


def _unreadable(content: bytes, error: ValueError) -> Line:
    if isinstance(error, UnicodeDecodeError):
        at = error.start
    elif isinstance(error, strict_json.NotJson) and error.at is not None:
        at = len(content.decode("utf-8", "replace")[: error.at].encode())
    else:
        return changed(f"audit.json : illisible ({error})", f"audit.json: cannot be read ({error})")
    return changed(
        f"audit.json : illisible à l'octet {at}", f"audit.json: cannot be read at byte {at}"
    )


def summary(outcome: Outcome) -> Text:
    """The last line: how much differs."""
    count = sum(line.state is State.CHANGED for line in outcome.lines)
    if count:
        return Text(f"modifié ou non digne de foi : {count}", f"changed or not trusted: {count}")
    return Text("rien n'a été modifié", "nothing was changed")
