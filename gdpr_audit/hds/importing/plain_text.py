"""A text as a table: separated values, a Markdown table, or columns set apart by spaces."""

from __future__ import annotations

import csv
import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Literal

from gdpr_audit.errors import InputError
from gdpr_audit.hds.importing import columns
from gdpr_audit.hds.importing.shape import Row, Table
from gdpr_audit.hds.table import MOST_COLUMNS, MOST_ROWS, refuse_long_lines

_MOST_CELL = 32_768  # characters, as a spreadsheet has it
_LINK = re.compile(r"\[([^\[\]]{0,500})\]\(([^()\s]{1,2000})\)")  # Markdown's
_SEPARATORS = {";": "';'", ",": "','", "\t": "tabs", "|": "'|'"}


def read(text: str, file: str) -> tuple[Table, str]:
    """The table in a text and what sets its cells apart. Raises InputError if nothing does.

    Of several ways to read it, the one in which most columns of the header are known.
    """
    refuse_long_lines(text, file)
    found: list[tuple[int, Table, str]] = []
    faults: list[InputError] = []
    ways: list[tuple[str, Callable[[], Table]]] = [
        *((said, _separated_by(text, s, file)) for s, said in _SEPARATORS.items() if s in text),
        ("columns set apart by spaces", lambda: Table(list(_spaced(text, file)))),
    ]
    for said, way in ways:
        try:
            table = way()
        except InputError as error:
            faults.append(error)
            continue
        known = columns.score(table)
        if known:
            found.append((known, table, said))
    if not found and faults:
        raise faults[0]
    if not found:
        return Table([]), "text"
    _, table, said = max(found, key=lambda way: way[0])
    return table, said


def _separated_by(text: str, separator: str, file: str) -> Callable[[], Table]:
    return lambda: Table(_separated(text, separator, file))


def _separated(text: str, separator: str, file: str) -> list[Row]:
    if separator == "|":
        return [*_piped(text, file)]
    try:
        return [*_rows(text, separator, file, csv.QUOTE_MINIMAL)]
    except csv.Error as error:
        if separator == "\t":  # pasted cells have quotes of their own
            return [*_rows(text, separator, file, csv.QUOTE_NONE)]
        raise InputError(f"{file}: a quote in it is not closed, or not doubled: {error}") from error


def _rows(text: str, separator: str, file: str, quoting: Literal[0, 3]) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True, quoting=quoting)
    line = 1
    for cells in reader:
        _bounded(cells, line, file)
        row = Row(line, cells, lone=len(cells) == 1)
        if any(_swallowed(cell, separator, len(cells)) for cell in cells):
            row.fault = "a quote in it is left open and takes in the lines below"
        yield row
        line = reader.line_num + 1


def _swallowed(cell: str, separator: str, width: int) -> bool:
    """Whether a cell holds a whole row: a quote was left open, and closed by a later one."""
    lines = cell.split("\n")
    return len(lines) > 1 and any(line.count(separator) >= max(width - 1, 2) for line in lines)


def _piped(text: str, file: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if re.fullmatch(r"[\s|:+=-]*", line):
            yield Row(number, [])
            continue
        cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
        _bounded(cells, number, file)
        links = {at: m[2] for at, cell in enumerate(cells) if (m := _LINK.search(cell))}
        plain = [_LINK.sub(r"\1", cell.replace(r"\|", "|")) for cell in cells]
        plain = [re.sub(r"<br ?/?>", "\n", cell).replace("*", "").strip(" `") for cell in plain]
        yield Row(number, plain, links, lone=len(plain) == 1)


def _spaced(text: str, file: str) -> Iterator[Row]:
    """Cells by two or more spaces. A cell that is empty is known by where the others begin."""
    starts: list[int] = []
    for number, line in enumerate(text.expandtabs(8).split("\n"), start=1):
        found = [(m.start(), m[0]) for m in re.finditer(r"\S+(?: \S+)*", line)]
        cells = [cell for _, cell in found]
        _bounded(cells, number, file)
        if not starts:
            if number <= columns.FIRST_ROWS and columns.known(cells) >= columns.ENOUGH:
                starts = [start for start, _ in found]
            yield Row(number, cells, lone=len(cells) == 1)
            continue
        yield _placed(number, found, starts)


def _placed(number: int, found: list[tuple[int, str]], starts: list[int]) -> Row:
    cells = [cell for _, cell in found]
    if len(cells) == len(starts):
        return Row(number, cells)
    placed = [""] * len(starts)
    row = Row(number, placed, lone=len(cells) == 1)
    for start, cell in found:
        at = bisect_right(starts, start) - 1
        if at < 0 or placed[at] or start != starts[at]:
            row.fault = "its cells do not stand under those of the header"
            row.cells = cells
            return row
        placed[at] = cell
    return row


def _bounded(cells: list[str], line: int, file: str) -> None:
    if line > 4 * MOST_ROWS:
        raise InputError(f"{file}:{line}: more than {4 * MOST_ROWS} lines")
    if len(cells) > MOST_COLUMNS:
        raise InputError(f"{file}:{line}: more than {MOST_COLUMNS} columns")
    if any(len(cell) > _MOST_CELL for cell in cells):
        raise InputError(f"{file}:{line}: a cell of more than {_MOST_CELL} characters")
