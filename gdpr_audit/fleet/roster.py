"""The list of platforms: a table, a YAML list of declarations, or a folder of them.

It is read twice, once to audit and once to sum up, and never held whole: of each platform it
gives a light entry, which loads its declaration when that is wanted.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from gdpr_audit import declaration, yaml_file
from gdpr_audit.declaration import Declaration
from gdpr_audit.errors import InputError
from gdpr_audit.redaction import clean
from gdpr_audit.yaml_file import Document

LARGEST = 256 * 1024 * 1024  # bytes of the list
_SLUG = 80  # characters
_LIST = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n|---[ \t]*\r?\n)*-[ \t\r\n]")
_ITEM = re.compile(rb"^-[ \t\r\n]", re.MULTILINE)
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

    def load(self) -> Declaration:
        """Its declaration. Raises InputError."""
        if self.refusal is not None:
            raise InputError(self.refusal)
        if self.urls:
            return declaration.bare(self.urls, self.name)
        if self.span is not None:
            return declaration.of(_item(self.path, self.span), self.path.parent)
        return declaration.read(self.path)


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
        taken: dict[str, tuple[str, str]] = {}
        for found in _read(self.path):
            digest = hashlib.sha256(found.said).hexdigest()
            slug = _slug(found.name)
            if slug in taken and taken[slug][0] == digest:
                again = f"{found.where}: the same platform as {taken[slug][1]}"
                found = found._replace(refusal=again)  # noqa: PLW2901 - it stays the same platform
            if slug in taken:
                slug = f"{slug}-{hashlib.sha256(found.where.encode() + found.said).hexdigest()[:8]}"
            taken.setdefault(slug, (digest, found.where))
            yield Entry(slug, found.name, found.where, digest, *found[3:])


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
    spans = list(_spans(path))
    if not spans:
        document = yaml_file.read(path, what="fleet")
        if isinstance(document.data, dict) and "platform" in document.data:
            yield _declared(path, str(path))
            return
        raise InputError(f"{path}: expected a list of declarations, each item begun by `- `")
    for span in spans:
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
    content = path.read_bytes()
    if not _LIST.match(content):
        return  # a declaration alone may have its own lists at the margin
    starts = [match.start() for match in _ITEM.finditer(content)]
    line, at = 1, 0
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        line += content.count(b"\n", at, start)
        at = start
        yield start, end, line


def _bytes(path: Path, span: tuple[int, int, int]) -> bytes:
    with path.open("rb") as file:
        file.seek(span[0])
        return file.read(min(span[1] - span[0], yaml_file.LIMIT + 1))


def _item(path: Path, span: tuple[int, int, int]) -> Document:
    """One item of the list as a document, its lines those of the whole file."""
    content = _bytes(path, span)
    if len(content) > yaml_file.LIMIT:
        raise InputError(f"{path}:{span[2]}: larger than {yaml_file.LIMIT // 1024} KiB")
    above = b"\n" * (span[2] - 1)  # so that every line is told by its number in the file
    found = yaml_file.parse(above + content, str(path), what="declaration")
    lines = {key[1:]: line for key, line in found.lines.items() if len(key) > 1}
    return Document(str(path), found.data[0], lines)


def _table(path: Path) -> Iterator[_Found]:
    """CSV with a header that names `name` and `url`; several URLs of one row by spaces."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
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
        rows = csv.reader(file, delimiter=delimiter)
        while True:
            where = f"{path}:{rows.line_num + 2}"
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield _Found(
                    f"line {rows.line_num + 1}", where, b"", path, refusal=f"{where}: {error}"
                )
                continue
            if any(cell.strip() for cell in row):
                yield _row(row, at["name"], at["url"], where, path)


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
