"""The list of platforms: a table, a YAML list of declarations, or a folder of them.

It is read twice, once to audit and once to sum up, and never held whole: of each platform it
gives a light entry, which loads its declaration when that is wanted.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import itertools
import json
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from gdpr_audit import declaration, yaml_file
from gdpr_audit.declaration import Declaration
from gdpr_audit.errors import InputError
from gdpr_audit.redaction import clean
from gdpr_audit.yaml_file import Document

_TALLEST = 50  # lines of one row, with breaks within its quotes
LARGEST = 256 * 1024 * 1024  # bytes of the list
_SLUG = 80  # characters
#: How a list begins, and how far its items stand from the margin.
_LIST = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n|---[ \t]*\r?\n)*( *)-[ \t\r\n]")
_NAMES, _URLS = ("name", "nom"), ("url", "urls")


class Entry(NamedTuple):
    """One platform of the list. `digest` is that of what the list says of it."""

    slug: str
    name: str
    where: str  # "fleet.csv:3"
    digest: str
    path: Path
    urls: tuple[str, ...] = ()
    span: tuple[int, int, int] | None = None  # bytes from and to in a YAML list; its line
    refusal: str | None = None  # why there is nothing to load
    root: Path | None = None  # the list's folder: below it may lie what its declarations name

    def load(self) -> Declaration:
        """Its declaration. Raises InputError."""
        within = () if self.root is None else (self.root,)
        if self.refusal is not None:
            raise InputError(self.refusal)
        if self.urls:
            return declaration.bare(self.urls, self.name)
        if self.span is not None:
            found = declaration.of(_item(self.path, self.span), self.path.parent, (), within)
        else:
            found = declaration.read(self.path, (), within)
        # A worker elsewhere has another working folder.
        return replace(found, folder=found.folder.absolute())


class _Found(NamedTuple):
    """A platform before it has a folder's name."""

    name: str
    where: str
    said: bytes
    path: Path
    urls: tuple[str, ...] = ()
    span: tuple[int, int, int] | None = None
    refusal: str | None = None


@dataclass(frozen=True)
class Roster:
    """The platforms of FLEET."""

    path: Path

    @cached_property
    def total(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Entry]:
        """Each platform once. Raises InputError where the list itself cannot be read."""
        root = self.path if self.path.is_dir() else self.path.parent
        taken: set[str] = set()
        tried: dict[str, int] = {}  # by name and digest: the first number that may be free
        first: dict[bytes, str] = {}  # where each name and what is said of it stood first
        for found in _read(self.path):
            digest = hashlib.sha256(found.said).hexdigest()
            slug = _slug(found.name)
            mark = hashlib.sha256(f"{slug} {digest}".encode()).digest()[:12]
            if found.said and first.setdefault(mark, found.where) != found.where:
                again = f"{found.where}: the same platform as {first[mark]}"
                found = found._replace(refusal=again)  # noqa: PLW2901 - it stays the same platform
            # By what is said, not by where: another line or path is no other platform.
            base = f"{slug}-{digest[:8]}"
            names = itertools.chain(
                [slug, base], (f"{base}-{n}" for n in itertools.count(tried.get(base, 2)))
            )
            slug = next(name for name in names if name not in taken)
            if slug.startswith(f"{base}-"):  # a million of one name are not tried a million times
                tried[base] = int(slug.removeprefix(f"{base}-")) + 1
            taken.add(slug)
            yield Entry(slug, found.name, found.where, digest, *found[3:], root)


def _slug(name: str) -> str:
    """A folder's name: letters, digits and hyphens, so that no name leads elsewhere."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_SLUG].strip("-") or "platform"


def _read(path: Path) -> Iterator[_Found]:
    try:
        if path.is_dir():
            yield from _folder(path)
            return
        if not path.is_file():
            raise InputError(f"{path}: there is no such file or folder")
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path}: larger than {LARGEST // 1024 // 1024} MiB")
        if path.suffix.lower() in (".yaml", ".yml"):
            yield from _yaml(path)
        else:
            yield from _table(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def _folder(path: Path) -> Iterator[_Found]:
    """YAML files right in it; deeper, those called platform.yaml: the rest may be evidence."""
    own = [p for p in path.iterdir() if p.suffix.lower() in (".yaml", ".yml") and p.is_file()]
    deep = [p for p in path.rglob("platform.y*ml") if p.parent != path and p.is_file()]
    files = sorted(p for p in (*own, *deep) if not p.name.startswith("."))
    if not files:
        raise InputError(f"{path}: no declaration in this folder (*.yaml, */platform.yaml)")
    for file in files:
        yield _declared(file, str(file))


def _declared(file: Path, where: str) -> _Found:
    """A declaration in a file of its own; one that cannot be read is still a platform."""
    fallback = file.stem if file.stem != "platform" else file.parent.name or file.stem
    try:
        document = yaml_file.read(file, what="declaration")
    except InputError as error:
        return _Found(fallback, where, b"", file, refusal=str(error))
    data = document.data
    name = data.get("platform") if isinstance(data, dict) else None
    said = json.dumps(data, sort_keys=True, default=str).encode()
    return _Found(_name(name) or fallback, where, said, file)


def _name(given: object) -> str:
    return clean(given, 300).strip() if isinstance(given, str) else ""


def _yaml(path: Path) -> Iterator[_Found]:
    """A list, item by item; a single declaration is a fleet of one."""
    spans = _spans(path)
    first = next(spans, None)
    if first is None:
        document = yaml_file.read(path, what="fleet")
        if isinstance(document.data, dict) and "platform" in document.data:
            yield _declared(path, str(path))
            return
        raise InputError(f"{path}: expected a list of declarations, each item begun by `- `")
    for span in itertools.chain([first], spans):
        where = f"{path}:{span[2]}"
        said = _bytes(path, span)
        try:
            data = _item(path, span).data
        except InputError as error:
            yield _Found(f"{path.stem} {span[2]}", where, said, path, refusal=str(error))
            continue
        if isinstance(data, str):
            yield _declared(path.parent / data, where)
            continue
        name = data.get("platform") if isinstance(data, dict) else None
        yield _Found(_name(name) or f"{path.stem} {span[2]}", where, said, path, span=span)


def _spans(path: Path) -> Iterator[tuple[int, int, int]]:
    """Where each item of the list begins and ends, in bytes, and on which line."""
    with path.open("rb") as file:
        begun = _LIST.match(file.read(yaml_file.LIMIT))
        if begun is None:
            return  # a declaration alone may have its own lists at the margin
        file.seek(0)
        item = re.compile(rb"%b-(?:[ \t\r\n]|$)" % begun[1])
        last: tuple[int, int] | None = None
        at, line, whole = 0, 1, True
        while part := file.readline(yaml_file.LIMIT):
            if whole and item.match(part):
                if last is not None:
                    yield last[0], at, last[1]
                last = at, line
            whole = part.endswith(b"\n")
            at, line = at + len(part), line + whole
        if last is not None:
            yield last[0], at, last[1]


def _bytes(path: Path, span: tuple[int, int, int]) -> bytes:
    with path.open("rb") as file:
        file.seek(span[0])
        return file.read(min(span[1] - span[0], yaml_file.LIMIT + 1))


def _item(path: Path, span: tuple[int, int, int]) -> Document:
    """One item of the list as a document, its lines those of the whole file."""
    content = _bytes(path, span)
    if len(content) > yaml_file.LIMIT:
        raise InputError(f"{path}:{span[2]}: larger than {yaml_file.LIMIT // 1024} KiB")
    found = yaml_file.parse(content, str(path), what="declaration", above=span[2] - 1)
    lines = {key[1:]: line for key, line in found.lines.items() if len(key) > 1}
    return Document(str(path), found.data[0], lines)


def _table(path: Path) -> Iterator[_Found]:
    """CSV with a header that names `name` and `url`; several URLs of one row by spaces."""
    # cp1252 leaves five bytes without a letter
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        header = file.readline(10_000)
        delimiter = max(",;\t", key=header.count)
        columns = [
            cell.strip().lower() for cell in next(csv.reader([header], delimiter=delimiter), [])
        ]
        at = {
            key: next((columns.index(c) for c in names if c in columns), None)
            for key, names in (("name", _NAMES), ("url", _URLS))
        }
        if at["name"] is None or at["url"] is None:
            raise InputError(f"{path}:1: expected a header with the columns name,url")
        for number, record in _records(file):
            where = f"{path}:{number}"
            if record is None:
                refusal = f"{where}: a quote is not closed"
                yield _Found(f"line {number}", where, b"", path, refusal=refusal)
                continue
            try:
                row = next(csv.reader([record], delimiter=delimiter), [])
            except csv.Error as error:
                yield _Found(f"line {number}", where, b"", path, refusal=f"{where}: {error}")
                continue
            if any(cell.strip() for cell in row):
                yield _row(row, at["name"], at["url"], where, path)


def _records(file: Iterable[str]) -> Iterator[tuple[int, str | None]]:
    """Each row with its line (from 2); None for a line with a quote that nothing closes.

    Such a line costs itself alone: what follows it is read as if it were not there.
    """
    rest = enumerate(file, 2)
    waiting: deque[tuple[int, str]] = deque()
    while True:
        first = waiting.popleft() if waiting else next(rest, None)
        if first is None:
            return
        taken = [first]
        while _open(taken) and len(taken) <= _TALLEST:
            more = waiting.popleft() if waiting else next(rest, None)
            if more is None:
                break
            taken.append(more)
        if _open(taken):
            waiting.extendleft(reversed(taken[1:]))
            yield first[0], None
        else:
            yield first[0], "".join(text for _, text in taken)


def _open(lines: list[tuple[int, str]]) -> bool:
    return sum(text.count('"') for _, text in lines) % 2 == 1


def _row(row: list[str], name_at: int, url_at: int, where: str, path: Path) -> _Found:
    name = _name(row[name_at]) if name_at < len(row) else ""
    urls = tuple(row[url_at].split()) if url_at < len(row) else ()
    said = json.dumps([name, urls]).encode()
    refusal = None if urls else f"{where}: no url"
    if urls:
        try:
            name = name or declaration.bare(urls).subject.name
            declaration.bare(urls, name)
        except InputError as error:
            refusal = f"{where}: {error}"
    return _Found(name or where, where, said, path, urls=urls, refusal=refusal)


def _encoding(path: Path) -> str:
    """UTF-8 where it is; else what a French spreadsheet writes."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        with path.open("rb") as file:
            while part := file.read(1024 * 1024):
                decoder.decode(part)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
