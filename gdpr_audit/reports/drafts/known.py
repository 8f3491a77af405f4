"""What the facts say of the platform, with a blank where they say nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gdpr_audit.model import Text

BLANK = Text("[à compléter]", "[to be completed]")

_NAMES = {
    "consent": Text("consentement", "consent"),
    "contract": Text("contrat", "contract"),
    "legal-obligation": Text("obligation légale", "legal obligation"),
    "vital-interests": Text("sauvegarde des intérêts vitaux", "vital interests"),
    "public-task": Text("mission d'intérêt public", "public task"),
    "legitimate-interests": Text("intérêt légitime", "legitimate interests"),
    "patients": Text("patients", "patients"),
    "professionals": Text("professionnels de santé", "health professionals"),
    "administrators": Text("administrateurs", "administrators"),
    "health": Text("données de santé", "health data"),
    "identity": Text("identité", "identity"),
    "contact": Text("coordonnées", "contact details"),
    "nir": Text("NIR (numéro de sécurité sociale)", "NIR (social security number)"),
    "research": Text("recherche", "research"),
    "statistics": Text("statistiques", "statistics"),
    "none": Text("aucune", "none"),  # of a basis, an exception, a safeguard
}


class Known:
    """Facts by subject. What is a gap, or was never asked, is a blank to be completed."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self.language: str = document["language"]
        self.blank = BLANK.within(self.language)

    def subjects(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each subject of a kind by its name, with the values of its facts."""
        for line in self._document["subjects"]:
            if line["kind"] == kind:
                yield line["name"], self._facts(line["key"])

    def platform(self) -> dict[str, Any]:
        return next((facts for _, facts in self.subjects("platform")), {})

    def _facts(self, key: str) -> dict[str, Any]:
        groups = self._document["facts"].get(key, {})
        return {
            name: row.get("value")
            for known in groups.values()
            for name, row in known.items()
            if row.get("gap") is None
        }

    def named(self, value: Any) -> str:
        """A code of the declaration in words; what is not known is a blank."""
        if value is None:
            return self.blank
        if isinstance(value, bool):
            return Text("oui", "yes").within(self.language) if value else self.no()
        known = _NAMES.get(str(value))
        return known.within(self.language) if known else str(value)

    def items(self, value: Any) -> list[str]:
        """A fact that is a list; nothing where it is none."""
        return [str(item) for item in value] if isinstance(value, list) else []

    def no(self) -> str:
        return Text("non", "no").within(self.language)

    def basis_9(self) -> str:
        """The exception of article 9(2), as `9(2)(h)`."""
        value = self.platform().get("processing.article_9_basis")
        parts = str(value).split("-")
        return "art. {}({})({})".format(*parts) if len(parts) == 3 else self.named(value)
