"""The six activities of R.1111-9 CSP, and how they are recognised in other people's words.

Sources disagree on which of the virtual infrastructure and the platform is number 3, and agree
on what they call them: where a number and a wording differ, the wording counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gdpr_audit.hds.names import plain
from gdpr_audit.model import Text

#: R.1111-9 CSP, in its own order; some sources swap 3 and 4.
ACTIVITIES = {
    1: Text("sites physiques", "physical sites"),
    2: Text("infrastructure matérielle", "hardware infrastructure"),
    3: Text("infrastructure virtuelle", "virtual infrastructure"),
    4: Text("plateforme d'hébergement d'applications", "platform that hosts applications"),
    5: Text("administration et exploitation", "administration and operation"),
    6: Text("sauvegarde", "backup"),
}
ALL = tuple(ACTIVITIES)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says of activities; empty, with a note, where that is not clear."""

    activities: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


#: Names of several activities at once, which numbers beside them may narrow.
_BROAD: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = (
    (re.compile(r"\bhebergeurs? d ?infrastructures? physiques?\b"), (1, 2)),
    (re.compile(r"\bphysical infrastructure host(?:s|er|ers|ing)?\b"), (1, 2)),
    (re.compile(r"\bhebergeurs? infogereurs?\b"), (3, 4, 5, 6)),
    (
        re.compile(
            r"\b(?:toutes les|les six|les 6|l ensemble des|all|all the|the six)"
            r" (?:six |6 )?activit(?:es|ies)\b"
        ),
        ALL,
    ),
)
_WORDINGS: tuple[tuple[re.Pattern[str], int], ...] = tuple(
    (re.compile(pattern), activity)
    for pattern, activity in (
        (r"\bsites? physiques?\b", 1),
        (r"\bphysical (?:sites?|locations?)\b", 1),
        (r"\binfrastructures? materielles?\b", 2),
        (r"\bhardware infrastructures?\b", 2),
        (r"\binfrastructures? virtuelles?\b", 3),
        (r"\bvirtual infrastructures?\b", 3),
        (r"\bplate ?formes? (?:\w+ )?d ?hebergement (?:d ?|des )applications?\b", 4),
        (
            r"\bplatforms? (?:(?:that|which) hosts?|to host|hosting|for hosting|hosts) "
            r"(?:the )?applications?\b",
            4,
        ),
        (r"\bapplications? hosting platforms?\b", 4),
        (r"\badministration (?:et|and) (?:de )?(?:l ?|d ?|the )?(?:exploitation|operations?)\b", 5),
        (r"\b(?:administration|management) and (?:the )?(?:operations?|operating)\b", 5),
        (r"\b(?:administration|exploitation) et l ?administration\b", 5),
        (r"\bsauvegardes?\b", 6),
        (r"\bback ?ups?\b", 6),
    )
)
#: A physical site is said to house the hardware: that is no word of activity 2.
_HOUSED = re.compile(
    r"\b(?:sites? physiques?|physical (?:sites?|locations?))\b(?:\W+\w+){1,7}?"
    r"\W+(?:infrastructures? materielles?|hardware(?: infrastructures?)?)\b"
)
_HOUSES = re.compile(r"\b(?:permet\w*|heberge\w*|destine\w*|abrit\w*|hous\w*|host\w*|used|where)\b")
_NEGATION = re.compile(
    r"\b(?:sauf|hors|excepte\w*|exception|exclu\w*|except|without|sans|non|not|pas|aucune?)\b"
)
_RANGE = re.compile(r"\b([1-6])\s*(?:-|a|to|au|through|\.\.)\s*([1-6])\b")
_CHAIN = re.compile(r"\b[1-6](?:\s*-\s*[1-6]){2,}\b")
#: Words that say nothing beside numbers.
_FILL = """
activite activites activity activities et and n no nos nr numero numeros number numbers hds le la
les l de des du d the of a perimetre scope hebergement donnees sante certifie certifiee certifies
certifiees
"""
_FILLER = frozenset(_FILL.split())
#: Where one item of a list ends and the next begins; a number that leads a wording opens one.
_ITEMS = re.compile(
    r"[;\n|•·●▪,/]|(?=\bactivit(?:e|y) [1-6]\b\s*[:.-])|(?<![\d.-])(?=\b[1-6]\s*[.):°-]+\s*[a-z])"
)
_DASHES = re.compile("[\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}]")


def read(cell: str) -> Reading:
    """The activities that a cell names by number, by wording or by the types of 2018."""
    text = _plain(cell)
    if not re.search(r"\w", text):
        return Reading()
    shown = " ".join(cell.split())
    if _NEGATION.search(text):
        return Reading(notes=(f"{shown!r} leaves something out in words that are not understood",))
    text = _HOUSED.sub(_one_line, text)
    whole = _item(text.replace("\n", " "))
    if whole.numbers and whole.numbers == whole.worded:
        items = [whole, *(i for i in _items(text) if len(i.numbers) == len(i.worded) == 1)]
    else:
        items = _items(text)
        if any(item.unclear for item in items) and "\n" in text:  # perhaps a wording on two lines
            joined = _items(text.replace("\n", " "))
            items = items if any(item.unclear or item.rest for item in joined) else joined
    unclear = [item.text.strip() for item in items if item.unclear]
    if unclear:
        within = "" if unclear[0] == _plain(shown).strip() else f" in {shown!r}"
        return Reading(notes=(f"{unclear[0]!r}{within} names no activity that is understood",))
    activities = {number for item in items for number in item.meant}
    swapped = [
        f"{shown!r}: {_listed(item.numbers)} stands beside the wording of "
        f"{_listed(item.worded)}; the wording counts"
        for item in items
        if item.differs
    ]
    return Reading(tuple(sorted(activities)), tuple(swapped[:1]))


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of a cell: the numbers it gives, the activities that it words, what is left."""

    text: str
    numbers: frozenset[int]
    worded: frozenset[int]
    broad: frozenset[int]  # by a name of several activities
    rest: bool  # words or numbers that are no activity's

    @property
    def unclear(self) -> bool:
        if self.worded:  # more numbers than wordings: the others may be meant, or not
            return bool(self.broad) or len(self.numbers) > len(self.worded)
        if self.broad:
            return not self.numbers <= self.broad or (self.rest and self.broad == set(ALL))
        return self.rest or not self.numbers

    @property
    def meant(self) -> frozenset[int]:
        return self.worded or self.numbers or self.broad

    @property
    def differs(self) -> bool:
        return bool(self.numbers and self.worded and self.numbers != self.worded)


def _one_line(match: re.Match[str]) -> str:
    """A site that is said to house the hardware, in one line; not two items of a list."""
    housed = _HOUSES.search(match[0]) and not re.search(r"[\d;,|•·●▪/-]", match[0])
    return match[0].replace("\n", " ") if housed else match[0]


def _items(text: str) -> list[_Item]:
    broad = _item(text.replace("\n", " "))
    if broad.broad and not broad.worded:
        return [broad]  # “hébergeur infogéreur (3, 5)”: the numbers are of the name
    items = [_item(part) for part in _ITEMS.split(text) if re.search(r"\w", part)]
    return [item for item in items if item.numbers or item.worded or item.rest] or items


def _item(text: str) -> _Item:
    left = re.sub(r"'|(?<=[a-z])-(?=[a-z])", " ", text)
    broad, worded = set[int](), set[int]()
    for pattern, activities in _BROAD:
        if pattern.search(left):
            broad |= set(activities)
            left = pattern.sub(" ", left)

    def house(match: re.Match[str]) -> str:
        if not _HOUSES.search(match[0]):
            return match[0]
        worded.add(1)
        return " "

    left = _HOUSED.sub(house, left)
    for pattern, activity in _WORDINGS:
        if pattern.search(left):
            worded.add(activity)
            left = pattern.sub(" ", left)
    numbers, rest = _numbers(left)
    return _Item(text, frozenset(numbers), frozenset(worded), frozenset(broad), rest)


def _numbers(text: str) -> tuple[set[int], bool]:
    """The numbers 1 to 6 of a text, ranges included; whether there is more than them in it."""
    text = _CHAIN.sub(lambda chain: chain[0].replace("-", " "), text)
    numbers, odd = set[int](), bool(re.search(r"\d\.\d", text))
    for first, last in _RANGE.findall(text):
        odd |= int(first) >= int(last)
        numbers |= set(range(int(first), int(last) + 1))
    words = re.findall(r"[^\W_]+", _RANGE.sub(" ", text))
    numbers |= {int(word) for word in words if re.fullmatch("[1-6]", word)}
    return numbers, odd or any(w not in _FILLER and not re.fullmatch("[1-6]", w) for w in words)


def _listed(numbers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _plain(cell: str) -> str:
    """Without case and accents; dashes and apostrophes of one kind, spaces single but for lines."""
    text = plain(cell)
    text = _DASHES.sub("-", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return re.sub(r"[^\S\n]+", " ", text)
