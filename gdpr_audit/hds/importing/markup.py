"""A saved web page as tables and labelled lines. Hostile pages cost time linear in their size.

The standard library's parser takes minutes over some pages of a megabyte, which is why there is
one here: it knows the few tags that matter, and what a browser does where they are not closed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from gdpr_audit.errors import InputError
from gdpr_audit.hds.importing.shape import Row, Table
from gdpr_audit.hds.table import MOST_COLUMNS, MOST_ROWS

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]++)\s*+(?:=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?+")
_MOST_CELLS = 1_000_000  # spans included
_MOST_BROKEN = 2000  # tags without an end
_MOST_LINES = 100_000  # of text outside tables
_MOST_TAG = 65_536  # characters; addresses of images within the page are long
_DEEPEST = 50  # tables in tables
_RAW = frozenset({"script", "style"})
_HIDDEN = frozenset({"head", "template", "noscript", "svg", "select", "iframe", "object", "button"})
_BLOCKS = frozenset(
    ["address", "article", "aside", "blockquote", "body", "br", "dd", "div", "dl", "dt", "footer",
     "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p",
     "section", "ul"]
)  # fmt: skip
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6", "summary"})
_RECORDS = frozenset({"article", "details", "dl"})
#: What pages call the parts of a card in their classes, where the tags do not say.
_LABEL = re.compile(r"(?:^|[\s_-])(?:label|libelle|term)(?:$|\s)")
_TITLE = re.compile(r"(?:^|[\s_-])(?:title|titre)(?:$|\s)")
_CARD = re.compile(r"(?:^|\s)(?:card|views-row|fiche|result|field|row)(?:$|\s)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text outside tables: a heading, a term, its definition, or none of them."""

    line: int
    kind: str  # "heading", "dt", "dd", "text"; "break" where a card may begin
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    tables: tuple[Table, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    line: int
    text: str = ""
    tag: str = ""
    closes: bool = False
    attributes: str = ""

    def attribute(self, wanted: str) -> str | None:
        for name, *values in _ATTRIBUTE.findall(self.attributes):
            if name.lower() == wanted:
                return html.unescape("".join(values))
        return None


def read(text: str, file: str) -> Page:
    """The tables and lines of a page. Raises InputError for one past the bounds."""
    builder = _Builder(file)
    for token in _tokens(text, file):
        if token.tag:
            builder.tag(token)
        else:
            builder.text(token)
    return builder.page()


def _tokens(text: str, file: str) -> Iterator[_Token]:
    at, line, broken, hidden, depth = 0, 1, 0, "", 0
    while at < len(text):
        start = text.find("<", at)
        end = len(text) if start < 0 else start
        if end > at and not hidden:
            yield _Token(line, text=text[at:end])
        line += text.count("\n", at, end)
        if start < 0:
            return
        found = _TAG.match(text, start, start + _MOST_TAG)
        if found is None:
            at = _past_markup(text, start)
            broken += at == start + 1
            if broken > _MOST_BROKEN:
                raise InputError(f"{file}:{line}: a page of broken tags: save it again")
            if at == start + 1 and not hidden:
                yield _Token(line, text="<")
            line += text.count("\n", start, at)
            continue
        at, tag, closes = found.end(), found[2].lower(), bool(found[1])
        token = _Token(line, tag=tag, closes=closes, attributes=found[3])
        line += found[0].count("\n")
        if tag in _RAW and not closes:
            past = _past_raw(text, tag, at)
            line += text.count("\n", at, past)
            at = past
        elif tag in _HIDDEN and (not hidden or tag == hidden) and not found[3].endswith("/"):
            depth += -1 if closes else 1
            hidden, depth = (tag, depth) if depth > 0 else ("", 0)
        elif not hidden:
            yield token


def _past_markup(text: str, start: int) -> int:
    """Past a comment or declaration; past a lone `<` where it is neither."""
    if text.startswith("<!--", start):
        end = text.find("-->", start + 4)
        return len(text) if end < 0 else end + 3
    if text.startswith(("<!", "<?"), start):
        end = text.find(">", start)
        return len(text) if end < 0 else end + 1
    return start + 1


def _past_raw(text: str, tag: str, at: int) -> int:
    end = re.compile(rf"</{tag}\b[^>]*>?", re.IGNORECASE).search(text, at)
    return end.end() if end else len(text)


@dataclass(slots=True)
class _Open:
    """A table that is being read."""

    rows: list[Row] = field(default_factory=list)
    row: Row | None = None
    own: int = 0  # cells of the row that are not another row's, which spans it
    cell: list[str] | None = None
    link: str | None = None
    icon: str = ""  # what the images of the cell stand for, where it has no text
    spans: tuple[int, int] = (1, 1)
    below: dict[int, tuple[int, str, str | None]] = field(default_factory=dict)


class _Builder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.open: list[_Open] = []
        self.tables: list[Table] = []
        self.lines: list[Line] = []
        self.cells = self.row_count = 0
        self._words: list[str] = []
        self._kind, self._line = "text", 1
        self._named: str | None = None  # the tag whose class makes it a label or a title
        self._link: str | None = None

    def page(self) -> Page:
        while self.open:
            self._end_table()
        self._end_line()
        return Page(tuple(self.tables), tuple(self.lines))

    def text(self, token: _Token) -> None:
        self._say(re.sub(r"\s+", " ", html.unescape(token.text)), token.line)

    def _say(self, words: str, line: int) -> None:
        if self.open:
            cell = self.open[-1].cell
            if cell is not None:
                cell.append(words)
            return
        if not self._words:
            self._line = line
        self._words.append(words)

    def tag(self, token: _Token) -> None:
        tag, closes = token.tag, token.closes
        if tag == "table":
            if not closes:
                self._start_table()
            elif self.open:
                self._end_table()
        elif tag in ("tr", "td", "th") and self.open:
            self._table_tag(token)
        elif not self.open and self._by_class(token):
            pass
        elif tag in _BLOCKS or tag in _RECORDS or tag in _HEADINGS:
            self._block(token)
        elif not closes:
            self._inline(token)

    def _inline(self, token: _Token) -> None:
        if token.tag == "a" and (link := token.attribute("href")):
            if self.open:
                self.open[-1].link = self.open[-1].link or link
            else:
                self._link = self._link or link
        if token.tag == "input" and token.attribute("type") == "checkbox":
            self._say(" non " if token.attribute("checked") is None else " oui ", token.line)
        elif token.tag in ("img", "i", "span") and self.open:
            self.open[-1].icon += token.attribute("alt") or token.attribute("aria-label") or ""

    def _by_class(self, token: _Token) -> bool:
        """Whether a tag begins or ends a label or title that its class alone shows."""
        if token.closes:
            if self._named != token.tag:
                return False
            self._end_line()
            self._kind, self._named = "text", None
            return True
        named = token.attribute("class") or ""
        label = _LABEL.search(named)
        if not named or token.tag in ("dt", "dd", *_HEADINGS):
            return False
        if label or _TITLE.search(named):
            self._end_line()
            self._kind, self._named = ("dt" if label else "heading"), token.tag
            return True
        if _CARD.search(named):
            self._end_line()
            self._kind = "text"
            if not named.startswith("field"):
                self.lines.append(Line(token.line, "break", ""))
        return False

    def _block(self, token: _Token) -> None:
        if self.open:
            self._say("\n", token.line)
            return
        self._end_line()
        if token.tag in _RECORDS:
            self._kind = "text"
            if not token.closes:
                self.lines.append(Line(token.line, "break", ""))
        if not token.closes:
            named = token.tag in ("dt", "dd")
            self._kind = token.tag if named else "heading" if token.tag in _HEADINGS else self._kind
        elif token.tag in ("dt", "dd", *_HEADINGS):
            self._kind = "text"

    def _end_line(self) -> None:
        text = " ".join("".join(self._words).split())
        if text:
            if len(self.lines) >= _MOST_LINES:
                raise InputError(f"{self.file}:{self._line}: more than {_MOST_LINES} lines")
            self.lines.append(Line(self._line, self._kind, text, self._link))
        self._words, self._link = [], None

    def _start_table(self) -> None:
        self._end_line()
        if len(self.open) >= _DEEPEST:
            raise InputError(f"{self.file}: more than {_DEEPEST} tables in one another")
        self.open.append(_Open())

    def _end_table(self) -> None:
        table = self.open[-1]
        self._end_row(table)
        self.open.pop()
        if table.rows:
            self.tables.append(Table(table.rows, label=f"table {len(self.tables) + 1}"))

    def _table_tag(self, token: _Token) -> None:
        table = self.open[-1]
        if token.tag == "tr":
            self._end_row(table)
            if not token.closes:
                self._start_row(table, token.line)
            return
        self._end_cell(table)
        if token.closes:
            return
        if table.row is None:
            self._start_row(table, token.line)
        table.cell, table.link, table.icon = [], None, ""
        table.spans = (_span(token.attribute("colspan")), _span(token.attribute("rowspan")))

    def _start_row(self, table: _Open, line: int) -> None:
        self.row_count += 1
        if self.row_count > MOST_ROWS:
            raise InputError(f"{self.file}:{line}: more than {MOST_ROWS} rows")
        table.row, table.own = Row(line, []), 0
        self._fill(table)

    def _fill(self, table: _Open) -> None:
        """Put in the cells that rows above stretch into this one."""
        row = table.row
        while row is not None and (span := table.below.get(len(row.cells))) is not None:
            left, text, link = span
            if left > 1:
                table.below[len(row.cells)] = (left - 1, text, link)
            else:
                del table.below[len(row.cells)]
            self._put(row, text, link)

    def _put(self, row: Row, text: str, link: str | None) -> None:
        self.cells += 1
        if len(row.cells) >= MOST_COLUMNS or self.cells > _MOST_CELLS:
            raise InputError(f"{self.file}:{row.line}: a table of more cells than are read")
        if link:
            row.links[len(row.cells)] = link
        row.cells.append(text)

    def _end_cell(self, table: _Open) -> None:
        if table.cell is None or table.row is None:
            return
        lines = (" ".join(line.split()) for line in "".join(table.cell).split("\n"))
        text = "\n".join(line for line in lines if line) or table.icon.strip()
        across, down = table.spans
        for turn in range(across):
            at = len(table.row.cells)
            if down > 1:
                table.below[at] = (down - 1, text, table.link)
            self._put(table.row, "" if turn and down == 1 else text, table.link)
        table.cell, table.own = None, table.own + 1
        self._fill(table)

    def _end_row(self, table: _Open) -> None:
        self._end_cell(table)
        if table.row is not None and table.row.cells:
            table.row.lone = table.own == 1 and table.own == len(
                [cell for cell in table.row.cells if cell]
            )
            table.rows.append(table.row)
        table.row = None


def _span(given: str | None) -> int:
    return min(max(int(given), 1), 1000) if given and re.fullmatch(r"[0-9]{1,6}", given) else 1
