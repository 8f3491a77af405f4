"""Whether a document's findings follow from its facts: judged again, and held side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gdpr_audit.cli import options
from gdpr_audit.errors import InputError
from gdpr_audit.proof.told import Line, changed, holds, inert, open_
from gdpr_audit.reports.words import WORDS

if TYPE_CHECKING:
    from gdpr_audit.rules.book import RuleBook
    from gdpr_audit.rules.profile import Profile
    from gdpr_audit.waivers import Waiver

Document = dict[str, Any]
_MOST = 20  # findings that are told one by one


class _Unable(Exception):
    """It cannot be judged again here; the line says why."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.said.en)
        self.line = line


def compare(
    document: Document, files: Mapping[str, bytes] | None, judged: frozenset[str] | None
) -> list[Line]:
    """By the rules among a bundle's `files`, which `judged` names; by those installed for None."""
    try:
        again = _again(document, files)
    except _Unable as error:
        return [error.line]
    except Exception as error:  # noqa: BLE001 - a document may be made to break the judge
        name = type(error).__name__
        return [
            changed(
                f"constats : les faits se contredisent ({name})",
                f"findings: the facts contradict each other ({name})",
            )
        ]
    lines = list(_differences(document, again))
    own = frozenset(finding["rule"] for finding in document["findings"])
    if judged is not None and own != judged:
        other = ", ".join(map(inert, sorted(own ^ judged)[:_MOST]))
        lines.append(
            changed(
                f"constats : pas des règles que le manifeste dit jugées ({other})",
                f"findings: not of the rules that the manifest says were judged ({other})",
            )
        )
    count = len(document["findings"])
    return lines or [
        holds(
            f"constats : {count} découlent des faits, jugés de nouveau par {len(own)} règles",
            f"findings: {count} follow from the facts, judged again by {len(own)} rules",
        )
    ]


def _again(document: Document, files: Mapping[str, bytes] | None) -> Document:
    """The document judged anew. Raises _Unable."""
    from gdpr_audit import audit as line
    from gdpr_audit import document as documents
    from gdpr_audit import stored
    from gdpr_audit.outcome import ProfileName

    _, words = options.known()
    book, profile = _book(document, files), _profile(document, files)
    own = {finding["rule"] for finding in document["findings"]}
    named = ProfileName(profile.id, profile.title, profile.version)
    done = line.judge_again(
        stored.of(document, words, named),
        tuple(rule for rule in book.rules if rule.id in own),
        book.digest,
        date.fromisoformat(document["date"]),
        profile,
        tuple(_waivers(document)),
        None,
    )
    return documents.of(done)


def _book(document: Document, files: Mapping[str, bytes] | None) -> RuleBook:
    from gdpr_audit.rules import book

    _, words = options.known()
    if files is None:
        contents = book.gather(book.installed_packs())
    else:
        contents = {
            Path(name.removeprefix("rules/").removeprefix("_/")): content
            for name, content in files.items()
            if name.startswith("rules/")
        }
    if book.digest(contents) != document["tool"]["rules"]:
        if files is None:
            fr, en = "d'autres règles que celles d'ici", "other rules than those here"
            raise _Unable(
                open_(
                    f"constats : non jugés de nouveau, car jugés par {fr}",
                    f"findings: not judged again, as judged by {en}",
                )
            )
        raise _Unable(
            changed(
                "règles : celles de l'archive ne sont pas celles que l'audit nomme",
                "rules: those of the bundle are not those that the audit names",
            )
        )
    try:
        return book.of(contents, words)
    except InputError as error:
        why = inert(str(error))
        raise _Unable(
            open_(
                f"constats : non jugés de nouveau, car une règle ne se lit pas ici ({why})",
                f"findings: not judged again, as a rule cannot be read here ({why})",
            )
        ) from error


def _profile(document: Document, files: Mapping[str, bytes] | None) -> Profile:
    from gdpr_audit.proof import contents
    from gdpr_audit.rules import profile

    told = document["tool"]["tls_profile"]
    try:
        if files is None:
            found = profile.load(told["id"] if told["id"] in profile.known() else "")
        else:
            found = profile.of(files.get(contents.PROFILE, b""), contents.PROFILE)
    except InputError as error:
        why = inert(str(error))
        raise _Unable(
            open_(
                f"constats : non jugés de nouveau, faute de profil TLS ({why})",
                f"findings: not judged again, for want of the TLS profile ({why})",
            )
        ) from error
    if (found.id, found.version) != (told["id"], told["version"]):
        raise _Unable(
            changed(
                f"profil TLS : {found.name} n'est pas celui que l'audit nomme",
                f"TLS profile: {found.name} is not the one that the audit names",
            )
        )
    return found


def _waivers(document: Document) -> Iterator[Waiver]:
    from gdpr_audit.waivers import Waiver

    for told in document.get("waivers", ()):
        yield Waiver(
            told["rule"],
            told["reason"],
            told["approver"],
            date.fromisoformat(told["expires"]),
            told["subject"],
            told["reference"],
        )


def _differences(document: Document, again: Document) -> Iterator[Line]:
    given, wanted = _findings(document), _findings(again)
    wrong = [mark for mark in {**given, **wanted} if given.get(mark) != wanted.get(mark)]
    for mark in wrong[:_MOST]:
        yield _finding(given.get(mark), wanted.get(mark))
    if len(wrong) > _MOST:
        yield changed(f"constats : et {len(wrong) - _MOST} de plus",
                      f"findings: and {len(wrong) - _MOST} more")  # fmt: skip
    for part in ("summary", "exposure", "waivers"):
        if document.get(part) != again.get(part):
            yield changed(
                f"audit.json : « {part} » ne découle pas des constats",
                f"audit.json: `{part}` does not follow from the findings",
            )


def _findings(document: Document) -> dict[tuple[str, int], dict[str, Any]]:
    """Each finding without what the baseline says of it, by its mark and how often it came."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    seen: dict[str, int] = {}
    for finding in document["findings"]:
        mark = str(finding["fingerprint"])
        seen[mark] = seen.get(mark, 0) + 1
        found[mark, seen[mark]] = {k: v for k, v in finding.items() if k != "known"}
    return found


def _finding(given: dict[str, Any] | None, wanted: dict[str, Any] | None) -> Line:
    either = given or wanted
    assert either is not None
    where = inert(f"{either['rule']}, {either['subject']['name']}")
    if given is None or wanted is None:
        fr = "sans fait qui le porte" if given else "omis"
        en = "without a fact that bears it" if given else "left out"
        return changed(f"constat {fr} : {where}", f"finding {en}: {where}")
    if given["verdict"] != wanted["verdict"]:
        told, is_ = WORDS[given["verdict"]], WORDS[wanted["verdict"]]
        return changed(
            f"constat : {where} : dit « {told.fr} », mais les faits donnent « {is_.fr} »",
            f"finding: {where}: says {told.en}, but the facts give {is_.en}",
        )
    keys = ", ".join(key for key in given if given[key] != wanted.get(key))
    return changed(
        f"constat : {where} : ne découle pas des faits ({keys})",
        f"finding: {where}: does not follow from the facts ({keys})",
    )
