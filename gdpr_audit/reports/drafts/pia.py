"""An impact assessment begun from an audit, as the CNIL's PIA software imports it.

The shape is that of the software's own exports (github.com/LINCnil/pia, its import of 2018 to
2026): questions are known by number, a text is HTML, a list is plain. Gauges and evaluations stay
empty: gravity and likelihood are for the controller to estimate, and acceptance for the evaluator.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from markupsafe import escape

from gdpr_audit.reports.drafts import measures, risks
from gdpr_audit.reports.drafts.article30 import categories
from gdpr_audit.reports.drafts.known import Known
from gdpr_audit.reports.drafts.words import say
from gdpr_audit.reports.words import grouped, labelled_text, word

#: The number of a question is its section, its risk and its place: 321 asks for the impacts of
#: illegitimate access, 322 for threats, 323 for sources, 324 for measures, 325 for gravity.
_RISK = {"access": 320, "change": 330, "loss": 340}
_ANSWERING = {
    "access": (
        "transport", "web", "authentication", "exposure", "storage", "hosting", "traceability",
    ),
    "change": ("authentication", "exposure", "traceability", "assurance"),
    "loss": ("resilience", "assurance"),
}  # fmt: skip
#: The software's own exports carry the version of its base; older releases refuse a file without.
_BASE = 201707071818


def render(document: dict[str, Any]) -> str:
    writer = _Writer(document)
    found = {
        "pia": writer.pia(),
        "answers": writer.answers(),
        "measures": writer.measures(),
        "evaluations": [],
        "comments": [],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


class _Writer:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._language: str = document["language"]
        self._known = Known(document)
        self._themes = measures.themes(document)

    def pia(self) -> dict[str, Any]:
        name = f"{self._document['platform']} ({word('draft', self._language).lower()})"
        return {
            "id": 1,
            "dbVersion": _BASE,
            "name": name,
            "category": "",
            "author_name": self._known.blank,
            "evaluator_name": self._known.blank,
            "validator_name": self._known.blank,
            "status": 0,
            "is_example": 0,
            "is_archive": 0,
            "progress": 0,
            "structure_id": "",
            "created_at": self._document["finished"],
            "updated_at": self._document["finished"],
        }

    def measures(self) -> list[dict[str, Any]]:
        """One a theme: what is established, to be mended, to be shown."""
        found = []
        for number, theme in enumerate(self._themes, 1):
            said = measures.lines(theme, self._language)
            parts = (
                f"<p><strong>{escape(say(key, self._language))}</strong></p>{_list(items)}"
                for key, items in said.items()
                if items
            )
            found.append(
                {
                    "id": number,
                    "pia_id": 1,
                    "title": theme.name,
                    "content": "".join(parts),
                    "placeholder": "",
                    "created_at": self._document["finished"],
                    "updated_at": self._document["finished"],
                }
            )
        return found

    def answers(self) -> list[dict[str, Any]]:
        texts = {
            111: self._subject(),
            112: self._parties(),
            121: self._data(),
            123: self._supports(),
            212: self._bases(),
        }
        found = [self._answer(number, text=text) for number, text in texts.items()]
        for risk, number in _RISK.items():
            found += self._risk(risk, number)
        return [{"id": place, **answer} for place, answer in enumerate(found, 1)]

    def _risk(self, risk: str, number: int) -> list[dict[str, Any]]:
        failed = risks.failures(self._document, risk)
        answering = [t.name for t in self._themes if t.id in _ANSWERING[risk] and t.established]
        estimate = say("pia.gauge", self._language).format(count=len(failed))
        return [
            self._answer(number + 1, items=[say(f"consequences.{risk}", self._language)]),
            self._answer(number + 2, items=[f.first["title"] for f in failed]),
            self._answer(number + 3, items=say("pia.sources", self._language).split(" ; ")),
            self._answer(number + 4, items=answering),
            self._answer(number + 5, text=f"<p>{escape(estimate)}</p>"),
            self._answer(number + 6, text=f"<p>{escape(estimate)}</p>"),
        ]

    def _answer(
        self, number: int, text: str = "", items: list[str] | None = None
    ) -> dict[str, Any]:
        return {
            "pia_id": 1,
            "reference_to": number,
            "data": {"text": text, "gauge": None, "list": items or []},
            "created_at": self._document["finished"],
            "updated_at": self._document["finished"],
        }

    def _subject(self) -> str:
        looked = [t["url"] for t in self._document["targets"]]
        intro = say("intro", self._language)
        line = self._line("pia.subject", self._document["platform"])
        return f"<p><strong>{escape(intro)}</strong></p><p>{escape(line)}</p>{_list(looked)}"

    def _parties(self) -> str:
        parties = [
            self._line(kind, name)
            for kind in ("processor", "hoster")
            for name, _ in self._known.subjects(kind)
        ]
        return _list([self._line("controller", self._known.blank), *parties])

    def _data(self) -> str:
        people = (self._document.get("standing") or {}).get("data_subjects")
        shown = grouped(people, self._language) if people is not None else self._known.blank
        named = categories(self._known) or [self._known.blank]
        return f"<p>{escape(self._line('number', shown))}</p>{_list(named)}"

    def _supports(self) -> str:
        stores = [
            f"{name} ({say(_encryption(facts.get('store.encrypted')), self._language)})"
            for name, facts in self._known.subjects("store")
        ]
        return f"<p>{escape(say('pia.supports', self._language))}</p>{_list(stores)}"

    def _bases(self) -> str:
        basis = self._known.platform().get("processing.article_6_basis")
        return _list(
            [
                self._line("basis-6", self._known.named(basis)),
                self._line("basis-9", self._known.basis_9()),
            ]
        )

    def _line(self, key: str, value: str) -> str:
        return labelled_text(say(key, self._language), value, self._language)


def _list(items: Iterable[str]) -> str:
    """An HTML list of texts; what they hold is no markup."""
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"


def _encryption(known: Any) -> str:
    """The word for it; what is neither yes nor no is unknown."""
    return "pia.encrypted" if known is True else "pia.clear" if known is False else "pia.unknown"
