"""The annex: each subject with every fact that was established or asked for, and how. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gdpr_audit.model import Text

LONGEST = 600  # characters of one value; the audit document has the whole


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: its value and evidence, or why it is not known."""

    check: str
    fact: str
    value: Any
    origin: str | None
    at: str | None
    said: str
    gap: bool


@dataclass(frozen=True, slots=True)
class About:
    """One subject's lines."""

    kind: str
    name: str
    lines: tuple[Line, ...]

    @property
    def gaps(self) -> int:
        return sum(line.gap for line in self.lines)


_KINDS = {
    "audience": Text("public", "audience"),
    "category": Text("catégorie de données", "category of data"),
    "certificate": Text("certificat", "certificate"),
    "cookie": Text("cookie", "cookie"),
    "domain": Text("domaine", "domain"),
    "host": Text("hôte", "host"),
    "hoster": Text("hébergeur", "hoster"),
    "login_form": Text("formulaire de connexion", "sign-in form"),
    "oidc_provider": Text("fournisseur OpenID", "OpenID provider"),
    "page": Text("page", "page"),
    "platform": Text("plateforme", "platform"),
    "processor": Text("sous-traitant", "processor"),
    "store": Text("stockage", "store"),
    "subcontractor": Text("sous-traitant de l'hébergeur", "subcontractor of the hoster"),
    "target": Text("cible", "target"),
}


def kind(name: str, language: str) -> str:
    """A kind of subject in words; that of a third party's check by its own name."""
    return _KINDS[name].within(language) if name in _KINDS else name


def subjects(document: dict[str, Any]) -> tuple[About, ...]:
    """In the document's order; what nothing is known about is left out."""
    facts = document["facts"]
    return tuple(
        About(one["kind"], one["name"], tuple(_lines(facts[one["key"]])))
        for one in document["subjects"]
        if facts.get(one["key"])
    )


def _lines(groups: dict[str, Any]) -> Iterator[Line]:
    for check, known in groups.items():
        for fact, row in known.items():
            if row.get("gap") is not None:
                yield Line(check, fact, None, None, None, row["gap"], gap=True)
                continue
            said = row["summary"]
            if row.get("partial"):
                said = f"{said} ({row['partial']})"
            yield Line(check, fact, row["value"], row["origin"], row["at"], said, gap=False)


def unjudged(document: dict[str, Any], library: Iterator[str] | list[str]) -> tuple[str, ...]:
    """The articles of the library that no finding rests on; those that only punish left out."""
    cited = {article for finding in document["findings"] for article in finding["articles"]}
    punish = ("GDPR-83", "CP-", "CSP-L1115", "LIL-20")
    return tuple(one for one in library if one not in cited and not one.startswith(punish))
