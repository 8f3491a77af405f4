"""How much of a page may be given to the parser: some pages cost it hours, or all memory there is.

An HTML parser that keeps to the standard looks through all open elements at each tag, compares each
attribute of a tag with those before it, and opens each <b> and <a> that was left open anew in every
paragraph. A page of some kilobytes that is made for it takes gigabytes, and no alarm interrupts it.
The tags are counted here beforehand, never to the page's advantage: where a parser may still hold
an element to be open, it counts as open.
"""

from __future__ import annotations

import re

from gdpr_audit.model import Text

#: Comparisons of open elements and of attributes, less than a second of them; elements opened anew.
WORK, ANEW = 150_000_000, 100_000
#: Why the rest of a page was not read.
TANGLED = Text(
    "la page est trop enchevêtrée pour être lue en entier",
    "the page is too tangled to be read in full",
)
#: A page with fewer characters and tags than these cannot cost much.
_CHARACTERS, _TAGS = 20_000, 500

_S = r"[ \t\n\f\r]"
_ATTRIBUTE = (
    rf"(?:[ \t\n\f\r/]++|=?[^ \t\n\f\r/>=]++"
    rf"(?:{_S}*+={_S}*+(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r>\"'][^ \t\n\f\r>]*+|(?=>)))?|=)"
)
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*+|</[^a-zA-Z][^>]*+|"
    rf"<(/?)([a-zA-Z][^ \t\n\f\r/>]*+)({_ATTRIBUTE}*+)(?:>|\Z)",
    re.DOTALL,
)
_ONE = re.compile(_ATTRIBUTE)
_RAW = frozenset(
    (
        "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
    )
)  # fmt: skip
_FOREIGN = frozenset(("svg", "math"))
#: Elements that hold nothing, or whose like ends them.
_FLAT = frozenset(
    (
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
        "source", "track", "wbr", "html", "head", "body", "p", "option", "tr", "td", "th",
        "tbody", "thead", "tfoot", "colgroup", "caption",
    )
)  # fmt: skip
_FORMATTING = frozenset(
    (
        "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong",
        "tt", "u",
    )
)  # fmt: skip
#: What keeps an end tag inside from ending what is outside.
_WALLS = frozenset(
    (
        "table", "object", "applet", "marquee", "template", "select", "button", "svg", "math",
    )
)  # fmt: skip
_SHAPES = frozenset(
    (
        "svg", "g", "defs", "symbol", "clippath", "mask", "marker", "pattern",
        "lineargradient", "radialgradient", "filter", "a",
    )
)  # fmt: skip
_NEAR = 4


def affordable(html: str) -> int:
    """How many characters of the page may be parsed: all, or those before it becomes too much."""
    if len(html) < _CHARACTERS and html.count("<") < _TAGS:
        return len(html)
    count = _Count()
    at = 0
    while (token := _TOKEN.search(html, at)) is not None:
        at = token.end()
        if token[2] is None:
            continue
        name = token[2].lower()
        if token[1]:
            count.end(name)
        else:
            count.start(name, token[3])
            if name in _RAW and not count.foreign:
                at = _past(html, at, name, count)
        if count.work > WORK or count.anew > ANEW:
            return token.start()
    return len(html)


def _past(html: str, at: int, name: str, count: _Count) -> int:
    """Where the text in a script, a style or a title ends."""
    found = re.compile(rf"</{name}(?=[ \t\n\f\r/>])", re.IGNORECASE).search(html, at)
    end = found.start() if found else len(html)
    if name == "script" and "<!--" in (held := html[at:end]) and "<script" in held.lower():
        count.frozen = True  # a script may go on past what looks like its end
    return end


class _Count:
    """What is open, and what it has cost."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.foreign = self.formatting = self.work = self.anew = 0
        self.frozen = False

    def start(self, name: str, attributes: str) -> None:
        self._pay(sum(1 for _ in _ONE.finditer(attributes)) ** 2 if len(attributes) > 2000 else 0)
        if self.foreign:
            if attributes.endswith("/") and self.open[-1] in _SHAPES and not self.frozen:
                return
            self.frozen = self.frozen or name in _FLAT or name == "div"  # it leaves the drawing
        elif name in _FLAT:
            return
        if self.open and name == self.open[-1] == "li":
            return
        self.open.append(name)
        self.foreign += name in _FOREIGN
        self.formatting += name in _FORMATTING

    def end(self, name: str) -> None:
        self._pay(0)
        if self.frozen:
            return
        for back, other in enumerate(reversed(self.open[-_NEAR:]), 1):
            if other == name and (back == 1 or name in _FORMATTING):
                del self.open[-back]
                self.foreign -= name in _FOREIGN
                self.formatting -= name in _FORMATTING
                return
            if other in _WALLS:
                return

    def _pay(self, more: int) -> None:
        self.work += len(self.open) + more
        self.anew += self.formatting
