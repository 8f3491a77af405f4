"""What a person types, as the declaration has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from gdpr_audit.declaration import address
from gdpr_audit.interview.engine import State, Step, get
from gdpr_audit.interview.questions import Question, labels
from gdpr_audit.model import Text

_YES = ("oui", "o", "yes", "y", "true", "vrai")
_NO = ("non", "n", "no", "false", "faux")
_NONE = ("none", "aucun", "aucune", "jamais", "never")
_UNKNOWN = ("", "?", "je ne sais pas", "i don't know", "inconnu", "unknown")
_MOST_MONTHS = 2400
_COUNTRIES = {
    "FR": "france", "DE": "allemagne germany", "BE": "belgique belgium", "LU": "luxembourg",
    "NL": "pays-bas netherlands", "IE": "irlande ireland", "IT": "italie italy",
    "ES": "espagne spain", "PT": "portugal", "AT": "autriche austria", "PL": "pologne poland",
    "SE": "suède sweden", "FI": "finlande finland", "DK": "danemark denmark",
    "NO": "norvège norway", "CH": "suisse switzerland", "GB": "royaume-uni uk",
    "US": "états-unis usa", "CA": "canada", "IN": "inde india",
}  # fmt: skip
_BY_NAME = {name: code for code, names in _COUNTRIES.items() for name in names.split()}


class Wrong(Exception):
    """No answer to this question; `said` tells what would be."""

    def __init__(self, said: Text) -> None:
        super().__init__(said.en)
        self.said = said


def read(step: Step, typed: str, state: State) -> Any:
    """The value; None for "I don't know". Raises Wrong."""
    question, word = step.question, " ".join(typed.split())
    if word.lower() in _UNKNOWN:
        if question.required and (not step.is_first or not step.section.each):
            raise Wrong(Text("il faut ici une réponse", "an answer is needed here"))
        return None
    # It goes into a file of text: what no keyboard types has no place there.
    if not word.isprintable() or len(word) > address.URL_LIMIT:
        raise Wrong(Text("un texte court, sur une ligne", "a short text on one line"))
    if word.lower() in _NONE and _has_none(step):
        return "none"
    value = _READERS[question.kind](word, question)
    if step.is_first:
        _refuse_twice(step, value, state)
    return value


def _has_none(step: Step) -> bool:
    return step.question.none or step.question.kind == "gate"


def _refuse_twice(step: Step, value: Any, state: State) -> None:
    """Names of one list are each of another thing."""
    given = get(state.answers, step.section.each) or []
    same = address.normal if step.question.kind == "url" else str
    if any(same(str(one.get(step.question.key))) == same(str(value)) for one in given):
        raise Wrong(
            Text("déjà nommé plus haut : un autre, ou Entrée", "named above: another one, or Enter")
        )


def _text(word: str, _question: Question) -> str:
    if len(word) > address.NAME_LIMIT:
        limit = address.NAME_LIMIT
        raise Wrong(Text(f"au plus {limit} caractères", f"at most {limit} characters"))
    return word


def _url(word: str, _question: Question) -> str:
    try:
        address.host_of(word)
    except ValueError:
        raise Wrong(
            Text(
                "une adresse entière, par exemple https://rdv.example.fr/",
                "a whole address, for example https://rdv.example.fr/",
            )
        ) from None
    return word


def _yes(word: str, _question: Question) -> bool:
    if word.lower() in _YES:
        return True
    if word.lower() in _NO:
        return False
    raise Wrong(
        Text("oui ou non, ou Entrée si vous ne savez pas", "yes or no, or Enter if you don't know")
    )


def _gate(word: str, question: Question) -> Any:
    return True if _yes(word, question) else "none"


def _empty(word: str, question: Question) -> Any:
    """No is the empty list; of a yes, what there is has to be written by hand."""
    return None if _yes(word, question) else []


def _count(word: str, question: Question) -> int:
    digits = re.sub(r"[\s.,'_\u202f\u00a0]", "", word)
    most = question.most if question.most is not None else 10**15
    if not (digits.isascii() and digits.isdigit()) or int(digits[:20]) > most:
        limit = (
            Text("", "") if question.most is None else Text(f" de 0 à {most}", f" from 0 to {most}")
        )
        raise Wrong(Text(f"un nombre entier{limit.fr}", f"a whole number{limit.en}"))
    return int(digits)


def _months(word: str, question: Question) -> int:
    value = _count(word, question)
    if value > _MOST_MONTHS:
        raise Wrong(Text(f"au plus {_MOST_MONTHS} mois", f"at most {_MOST_MONTHS} months"))
    return value


def _date(word: str, _question: Question) -> str:
    """As 2026-03-02; 02/03/2026 is the second of March, as in France."""
    match = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", word)
    iso = f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if match else word
    try:
        return date.fromisoformat(iso).isoformat()
    except ValueError:
        raise Wrong(
            Text("une date, par exemple 2026-03-02", "a date, for example 2026-03-02")
        ) from None


def _country(word: str, _question: Question) -> str:
    code = _BY_NAME.get(word.lower(), word.upper())
    if not re.fullmatch("[A-Z]{2}", code):
        raise Wrong(
            Text(
                "un pays, en deux lettres : FR, DE, US …", "a country, in two letters: FR, DE, US …"
            )
        )
    return code


def _countries(word: str, question: Question) -> list[str]:
    return list(
        dict.fromkeys(_country(part, question) for part in re.split(r"[\s,;]+", word) if part)
    )


def _choice(word: str, question: Question) -> Any:
    value = _chosen(word, question)
    return int(value) if question.integer else value


def _many(word: str, question: Question) -> list[str]:
    """Commas part them; without any, spaces do where each part is one of the choices."""
    parts = re.split(r"\s*[,;]\s*", word)
    if len(parts) == 1 and not _is_choice(word, question):
        apart = word.split()
        if not question.free or all(_is_choice(part, question) for part in apart):
            parts = apart
    return list(dict.fromkeys(_chosen(part, question) for part in parts if part))


def _is_choice(word: str, question: Question) -> bool:
    try:
        return _chosen(word, question) in question.choices
    except Wrong:
        return False


def _chosen(word: str, question: Question) -> str:
    """By its number in the list, by its word, or by what that means."""
    choices = question.choices
    if (
        word.isascii()
        and word.isdigit()
        and not question.integer
        and 0 < int(word[:6]) <= len(choices)
    ):
        return choices[int(word) - 1]
    plain = word.lower()
    for choice in choices:
        meant = labels().get(choice)
        if plain in (choice.lower(), *((meant.fr.lower(), meant.en.lower()) if meant else ())):
            return choice
    if question.free and not word.isdigit():
        return _text(word, question)
    last = len(choices)
    raise Wrong(
        Text(
            f"un numéro de 1 à {last}, ou le mot lui-même",
            f"a number from 1 to {last}, or the word itself",
        )
    )


_READERS: dict[str, Callable[[str, Question], Any]] = {
    "text": _text, "url": _url, "yes": _yes, "gate": _gate, "empty": _empty, "count": _count,
    "months": _months, "date": _date, "country": _country, "countries": _countries,
    "choice": _choice, "many": _many,
}  # fmt: skip
