"""A bundle opened, whatever became of it: what is in it, and where its bytes are not as written.

A ZIP file tells its entries twice, by their headers and in the directory at its end. Where the
two differ, the one that the manifest bears out is taken, so that the damage is in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from gdpr_audit import strict_json
from gdpr_audit.proof import archive, manifest, stamp
from gdpr_audit.proof.archive import Entry
from gdpr_audit.proof.bundle import BLOCKS, SIGNATURE, blocks_of
from gdpr_audit.proof.manifest import Manifest, Row
from gdpr_audit.proof.told import Line, byte, changed, file_differs, inert

SEALED = (manifest.NAME, SIGNATURE, stamp.NAME)
_RUNS = 10  # places that are told where an archive differs


class Opened(NamedTuple):
    """The entries; the manifest, None where it cannot be read; what is wrong so far.

    `damaged` are the names of sealed files and of blocks.json that are not as they were written.
    """

    entries: tuple[Entry, ...]
    manifest: Manifest | None
    lines: tuple[Line, ...]
    damaged: frozenset[str]

    @property
    def files(self) -> dict[str, Entry]:
        """By name, the first of each."""
        found: dict[str, Entry] = {}
        for entry in self.entries:
            found.setdefault(entry.name, entry)
        return found

    @property
    def expected(self) -> list[str] | None:
        """The names that the manifest wants, in their order."""
        told = self.manifest
        if told is None:
            return None
        head = [manifest.NAME]
        head += [SIGNATURE] if told.signature else []
        head += [stamp.NAME] if told.stamp else []
        return [*head, BLOCKS, *(row.path for row in told.files)]


def read(data: bytes) -> Opened | None:
    """The bundle in these bytes. None where nothing in them is of a bundle."""
    start = max(data.find(b"PK\3\4"), 0)
    by_head = archive.by_headers(data)
    told = [by_head, archive.by_directory(data, by_head)]
    if start and not any(told):
        told = [archive.by_headers(data[start:])]
    found = [_open(entries) for entries in told if _ours(entries)]
    if not found:
        return _open(()) if manifest.SCHEMA.encode() in data else None
    return min(found, key=lambda one: (not _borne_out(one), _distance(data, one.entries)))


def _ours(entries: Sequence[Entry]) -> bool:
    names = {entry.name for entry in entries}
    return bool(names & {*SEALED, BLOCKS})


def _borne_out(opened: Opened) -> bool:
    return opened.expected == [entry.name for entry in opened.entries]


def _distance(data: bytes, entries: Sequence[Entry]) -> int:
    """How far an archive of these entries is from the one given, in bytes that differ."""
    kept = archive.rebuilt(entries, dict.fromkeys((e.name for e in entries), False))
    runs = archive.differences(data, kept, 1000)
    return sum(end - first for first, end in runs)


def _open(entries: tuple[Entry, ...]) -> Opened:
    """Reads the manifest; of one that differs in a single byte, what it was before."""
    opened = Opened(entries, None, (), frozenset())
    files = opened.files
    head = [(name, files[name].content) for name in SEALED if name in files]
    aid = files.get(BLOCKS)
    given = aid.content if aid else b""
    lines: list[Line] = []
    damaged: set[str] = set()
    rows = _rows(given)
    whole = dict(head)
    wanted = _blocks(whole, rows)
    if aid is not None and given != wanted and len(archive.differences(given, wanted, 2)) > 1:
        for name, content in head:
            found = manifest.differs(rows[name], content) if name in rows else None
            if found is None:
                continue
            lines.append(file_differs(name, found, files[name].at))
            damaged.add(name)
            if found.change is not None:
                whole[name] = manifest.healed(content, found.change)
        wanted = _blocks(whole, rows)
    if aid is not None and given != wanted:
        damaged.add(BLOCKS)
        lines.append(_not_as_written(BLOCKS, given, wanted, aid.at))
    told, line = _manifest(whole.get(manifest.NAME))
    if line is not None:
        lines.append(line)
        damaged.add(manifest.NAME)
    return Opened(entries, told, tuple(lines), frozenset(damaged))


def _blocks(whole: Mapping[str, bytes], rows: Mapping[str, Row]) -> bytes:
    """What blocks.json is to be; a file that is missing is told by itself, and not once more."""
    return blocks_of(
        [
            manifest.row(name, whole[name]) if name in whole else rows[name].model_dump()
            for name in SEALED
            if name in whole or name in rows
        ]
    )


def _not_as_written(name: str, given: bytes, wanted: bytes, at: int) -> Line:
    """The first byte at which a file differs from what it is to be."""
    first, end = archive.differences(given, wanted, 1)[0]
    if end <= min(len(given), len(wanted)):
        fr, en = byte(manifest.Change(first, wanted[first], given[first]))
    else:
        fr = f"diffère à partir de l'octet {first} ({len(wanted)} octets attendus)"
        en = f"differs from byte {first} on ({len(wanted)} bytes expected)"
    return changed(
        f"{inert(name)} : {fr} (octet {at + first} de l'archive)",
        f"{inert(name)}: {en} (byte {at + first} of the archive)",
    )


def _rows(content: bytes) -> dict[str, Row]:
    """What blocks.json tells; what of it cannot be read is left out."""
    found: dict[str, Row] = {}
    try:
        listed: Any = strict_json.loads(content)["files"]
        for one in listed:
            row = Row.model_validate(one)
            found[row.path] = row
    except (ValueError, KeyError, TypeError, ValidationError):
        return found
    return found


def _manifest(content: bytes | None) -> tuple[Manifest | None, Line | None]:
    name = manifest.NAME
    if content is None:
        return None, changed(f"{name} : absent de l'archive", f"{name}: missing from the archive")
    try:
        found = manifest.read(content)
    except ValueError as error:
        why = inert(str(error))
        return None, changed(f"{name} : illisible ({why})", f"{name}: cannot be read ({why})")
    if manifest.digest(strict_json.loads(content)) != found.digest:
        return found, changed(
            f"{name} : ne correspond pas à l'empreinte qu'il porte",
            f"{name}: does not match the digest that it carries",
        )
    return found, None


def structure(data: bytes, opened: Opened, sound: Mapping[str, bool]) -> list[Line]:
    """Where the archive's own bytes differ from those that its files make."""
    if (line := _cut_short(data)) is not None:
        return [line]
    wanted = archive.rebuilt(opened.entries, sound)
    runs = archive.differences(data, wanted, _RUNS)
    if len(data) == len(wanted):
        told = [byte(manifest.Change(at, wanted[at], data[at])) for at, _ in runs]
        return [changed(f"archive : {fr}", f"archive: {en}") for fr, en in told]
    first = runs[0][0]
    fr = f"diffère à partir de l'octet {first} ({len(data)} octets, {len(wanted)} attendus)"
    en = f"differs from byte {first} on ({len(data)} bytes, {len(wanted)} expected)"
    if first == len(data):
        fr = f"s'arrête à l'octet {first}, {len(wanted)} attendus"
        en = f"ends at byte {first}, {len(wanted)} expected"
    return [changed(f"archive : {fr}", f"archive: {en}")]


def _cut_short(data: bytes) -> Line | None:
    """That the archive ends within an entry, where it does."""
    if archive.by_directory(data):
        return None
    entries = archive.by_headers(data)
    stop = entries[-1].at + len(entries[-1].content) if entries else 0
    if data[stop : stop + 4] != b"PK\3\4"[: len(data) - stop] or not entries:
        return None
    return changed(
        f"archive : s'arrête à l'octet {len(data)}, au milieu d'un fichier commencé à l'octet "
        f"{stop}",
        f"archive: ends at byte {len(data)}, within a file that began at byte {stop}",
    )


def names(opened: Opened, expected: Sequence[str]) -> list[Line]:
    """Files that are missing, too many, twice there, or in another order."""
    lines = []
    places: dict[str, list[int]] = {}
    for entry in opened.entries:
        places.setdefault(entry.name, []).append(entry.at)
    wanted = frozenset(expected)
    for name in expected:
        if name not in places:
            shown = inert(name)
            lines.append(changed(f"{shown} : absent de l'archive", f"{shown}: missing"))
    for name, at in places.items():
        shown = inert(name)
        if name not in wanted:
            lines.append(
                changed(
                    f"{shown} : fichier ajouté (octet {at[0]} de l'archive)",
                    f"{shown}: a file that was added (byte {at[0]} of the archive)",
                )
            )
        elif len(at) > 1:
            lines.append(
                changed(
                    f"{shown} : présent {len(at)} fois (octets {at} de l'archive)",
                    f"{shown}: there {len(at)} times (bytes {at} of the archive)",
                )
            )
    if len(wanted) != len(expected):
        lines.append(
            changed(
                f"{manifest.NAME} : nomme deux fois un même fichier",
                f"{manifest.NAME}: names one file twice",
            )
        )
    if lines:
        return lines
    moved = (e for e, name in zip(opened.entries, expected, strict=True) if e.name != name)
    for entry in moved:
        shown = inert(entry.name)
        return [
            changed(
                f"{shown} : pas à sa place (octet {entry.at} de l'archive)",
                f"{shown}: not in its place (byte {entry.at} of the archive)",
            )
        ]
    return []
