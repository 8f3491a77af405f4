"""The conversation of `gdpr-audit init` on a terminal: it asks and prints, the engine decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gdpr_audit.cli.run import save
from gdpr_audit.interview import draft, replies
from gdpr_audit.interview.engine import State, Step
from gdpr_audit.interview.questions import labels, sections
from gdpr_audit.model import Text

if TYPE_CHECKING:
    from gdpr_audit.evidence.terraform import Found

_BACK = "<"
_WELCOME = Text(
    "Quelques questions sur votre plateforme, en {count} parties.\n"
    "  Entrée : je ne sais pas (la réponse manque, et l'audit la dira « non prouvée »)\n"
    "  <      : revenir à la question précédente\n"
    "  Ctrl-C : arrêter ; vos réponses sont gardées et vous pourrez reprendre",
    "Some questions on your platform, in {count} parts.\n"
    "  Enter:  I don't know (the answer is missing, and the audit calls it unproven)\n"
    "  <:      back to the question before\n"
    "  Ctrl-C: stop; your answers are kept, and you can go on later",
)
_COLON = Text(" : ", ": ")
_WHY = Text("Pourquoi :", "Why:")
_WRONG = Text("Ce n'est pas une réponse : il faut", "That is no answer; what would be:")
_OWN = Text("ou un mot à vous", "or a word of your own")
_NONE = Text("ou « aucun »", 'or "none"')
_FIRST = Text("C'est la première question.", "This is the first question.")


def start(part: Path, language: str | None) -> State:
    """A new interview, or the one that stopped here, as the person chooses."""
    if part.exists():
        found = draft.load(part)
        if found is not None:
            found.language = language or found.language
            count = len(found.asked)
            words = Text(
                f"Un questionnaire commencé est là ({part}, {count} réponses). Le reprendre ?",
                f"There is an interview that was begun ({part}, {count} answers). Go on with it?",
            )
            if sure(words, found.language):
                return found
        else:
            typer.echo(
                Text(
                    f"{part} n'est pas un questionnaire que l'on puisse reprendre.",
                    f"{part} is no interview to go on with.",
                ).within(language or "fr")
            )
    return State(language or "fr")


def sure(question: Text, language: str) -> bool:
    """Enter is yes."""
    choices = Text("[O/n]", "[Y/n]").within(language)
    while True:
        word = input(f"{question.within(language)} {choices} ").strip().lower()
        if word in ("", "o", "oui", "y", "yes"):
            return True
        if word in ("n", "non", "no"):
            return False


def run(state: State, part: Path) -> None:
    """Ask what is left, and keep each answer. Raises KeyboardInterrupt where the person stops."""
    language = state.language
    typer.echo(_WELCOME.within(language).format(count=len(sections())))
    title: Any = None
    while (step := state.next()) is not None:
        here = (step.section.name, step.base)
        if here != title:
            _head(step, state)
            title = here
        if (value := _ask(step, state)) is _Again:
            if not state.undo():
                typer.echo(_FIRST.within(language))
            title = None
        else:
            state.answer(step, value)
        save(part, draft.render(state))


class _Again:
    """Stands for "back"."""


def _head(step: Step, state: State) -> None:
    language = state.language
    number = [one.name for one in sections()].index(step.section.name) + 1
    title = f"{number}/{len(sections())}  {step.section.title.within(language)}"
    of = _of(step, state)
    typer.echo(f"\n{title}{f'{_COLON.within(language)}{of}' if of and not step.is_first else ''}")


def _of(step: Step, state: State) -> str:
    """What the record is about: an audience, a hoster's name."""
    from gdpr_audit.interview.engine import get

    if step.section.audiences:
        return labels()[str(step.base[-1])].within(state.language)
    if step.section.each:
        return str(get(state.answers, (*step.base, step.section.questions[0].key)) or "")
    return ""


def _ask(step: Step, state: State) -> Any:
    """The value, None for "I don't know", `_Again` for "back"; wrong answers are asked again."""
    question, language = step.question, state.language
    text = question.text
    if step.is_first and question.again is not None and step.base[-1] != 0:
        text = question.again
    typer.echo(f"\n{text.within(language).replace('{who}', _who(step, language))}")
    typer.echo(f"  {_WHY.within(language)} {question.why.within(language)}")
    for line in _choices(step, language):
        typer.echo(f"  {line}")
    while True:
        typed = input("> ")
        if typed.strip() == _BACK:
            return _Again
        try:
            return replies.read(step, typed, state)
        except replies.Wrong as wrong:
            typer.echo(f"  {_WRONG.within(language)} {wrong.said.within(language)}.")


def _who(step: Step, language: str) -> str:
    word = labels().get(str(step.base[-1])) if step.base else None
    articles = {"fr": "les ", "en": "the "}
    return f"{articles[language]}{word.within(language)}" if word else ""


_SHAPES = {
    "yes": Text("oui / non", "yes / no"),
    "gate": Text("oui / non", "yes / no"),
    "empty": Text("oui / non", "yes / no"),
    "count": Text("un nombre", "a number"),
    "months": Text("un nombre de mois", "a number of months"),
    "date": Text("par exemple 2026-03-02", "for example 2026-03-02"),
    "country": Text("FR, DE, US … ou son nom", "FR, DE, US … or its name"),
    "countries": Text("FR, DE, US … ou leurs noms", "FR, DE, US … or their names"),
    "many": Text("un ou plusieurs, séparés par une virgule", "one or several, with commas between"),
}


def _choices(step: Step, language: str) -> list[str]:
    """The answers that there are, each with its number."""
    question = step.question
    notes = [_SHAPES[question.kind]] if question.kind in _SHAPES else []
    if question.free:
        notes.append(_OWN)
    if question.none:
        notes.append(_NONE)
    lines = []
    for number, choice in enumerate(question.choices, 1):
        label = labels()[choice].within(language) if choice in labels() else ""
        # What the law numbers is named by its number too: 9-2-h.
        colon = _COLON.within(language)
        words = f"{choice}{colon}{label}" if choice[0].isdigit() and label else label or choice
        # Where the answer is a number itself, the place in the list would mislead.
        lines.append(words if question.integer else f"{number}. {words}")
    note = ", ".join(one.within(language) for one in notes)
    return [*lines, f"({note})"] if note else lines


def choose(found: list[Found], language: str) -> Iterator[tuple[Found, bool]]:
    """Each of a plan's stores, and whether the person keeps it, as soon as that is said."""
    count = len(found)
    typer.echo(
        Text(f"{count} stockages dans le plan :", f"{count} stores in the plan:").within(language)
    )
    for one in found:
        typer.echo(f"\n{one.address}")
        label = labels()[one.kind].within(language)
        place = f", {one.shown.country}" if one.shown.country else ""
        typer.echo(f"  {label}, {one.provider}{place}")
        typer.echo(f"  {one.shown.words.within(language)}")
        keep = Text("Le garder dans la déclaration ?", "Keep it in the declaration?")
        yield one, sure(keep, language)
