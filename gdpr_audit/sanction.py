"""What the failures of one audit expose to: ceilings, a penal risk, comparable decisions.

It computes from the law's data what the audit document says under `exposure`. It forecasts
nothing: a ceiling says how far an authority may go, and a decision what one did in another case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gdpr_audit import law
from gdpr_audit.law import Precedent
from gdpr_audit.model import Finding, Text, Verdict
from gdpr_audit.outcome import Audit, Standing

#: How a text is said in the document's language.
Say = Callable[[Text], str]

COMPARABLE = 5  # decisions shown

#: The rule whose failure is an offence, and its penalty (L.1115-1 and L.1115-2 CSP): years in
#: prison, euros for a person, euros for a legal person.
UNCERTIFIED = "hosting-not-certified"
PENALTY, PENALTY_OF_COMPANIES = "CSP-L1115-1", "CSP-L1115-2"
PRISON_YEARS, FINE_EUR, COMPANY_FINE_EUR = 3, 45_000, 225_000

#: What is known of fines on public bodies was read with this article.
PUBLIC_BODIES = "LIL-20"

CAUTION = Text(
    "Un plafond n'est pas une prévision : l'autorité tient compte de la gravité, de la taille et "
    "de la coopération. Une décision comparable dit ce qui fut décidé dans un autre cas.",
    "A ceiling is no forecast: the authority weighs gravity, size and cooperation. A comparable "
    "decision says what was decided in another case.",
)
NO_TURNOVER = Text(
    "Le chiffre d'affaires mondial n'est pas déclaré (controller.turnover_eur) : seules les sommes "
    "sont indiquées. La part du chiffre d'affaires les remplacerait là où elle est plus élevée.",
    "Worldwide turnover is not declared (controller.turnover_eur): only the sums are stated. The "
    "share of turnover would replace them where it is more.",
)
PUBLIC_WITHOUT_TURNOVER = Text(
    "Un organisme public sans chiffre d'affaires déclaré : seules les sommes sont indiquées.",
    "A public body with no declared turnover: only the sums are stated.",
)
NO_PEOPLE = Text(
    "Le nombre de personnes concernées n'est pas déclaré (processing.data_subjects).",
    "The number of people concerned is not declared (processing.data_subjects).",
)
FRENCH_STATE = Text(
    "Organisme public : en France, la CNIL ne peut infliger d'amende quand le traitement est celui "
    "de l'État (art. 20 de la loi Informatique et Libertés, lu en résumé) ; le plafond ne joue pas "
    "alors. Des établissements publics en ont reçu, comme la RATP en 2021 (SAN-2021-019).",
    "Public body: in France the CNIL cannot fine processing that is the State's own (art. 20 of "
    "the Data Protection Act, read in summary); the ceiling then does not apply. Public "
    "establishments have been fined, as RATP was in 2021 (SAN-2021-019).",
)


def of(audit: Audit, say: Say) -> dict[str, Any] | None:
    """The document's `exposure`; None where nothing failed."""
    failed = [finding for finding in audit.findings if finding.verdict is Verdict.FAIL]
    if not failed:
        return None
    articles = {article_id for finding in failed for article_id in finding.rule.articles}
    standing = audit.standing
    ceilings = _ceilings(articles, standing.turnover_eur, say)
    return {
        "ceilings": ceilings,
        "without_ceiling": sorted(_outside_article_83(articles), key=law.order),
        "turnover_eur": standing.turnover_eur,
        "public_body": standing.public_body,
        "people": standing.data_subjects,
        "penal": _penal(failed, say),
        "comparable": [
            _comparable(one, shared, say)
            for one, shared in comparable(finding.rule.id for finding in failed)
        ],
        "cautions": [say(text) for text in _cautions(standing, fined=bool(ceilings))],
    }


def _ceilings(articles: set[str], turnover: int | None, say: Say) -> list[dict[str, Any]]:
    """One row for each paragraph of article 83 under which an article failed, the highest first."""
    rows = []
    for paragraph, (amount, percent) in law.CEILINGS.items():
        mine = [one for one in map(law.article, articles) if one and one.fined_under == paragraph]
        if not mine:
            continue
        said = law.article(paragraph)
        rows.append(
            {
                "paragraph": paragraph,
                "articles": sorted((one.id for one in mine), key=law.order),
                "sum_eur": amount,
                "percent": percent,
                "share_eur": None if turnover is None else round(turnover * percent / 100),
                "ceiling_eur": law.ceiling_of(paragraph, turnover),
                "source": _source(said) if said else None,
                "note": say(said.note) if said and said.note else None,
            }
        )
    return sorted(rows, key=lambda row: -row["ceiling_eur"])


def _source(article: law.Article) -> str:
    """The official text where it was read word for word, else the page that was read about it."""
    return article.source if article.reading == "text" else article.read_at or article.source


def _outside_article_83(articles: set[str]) -> set[str]:
    known = ((article_id, law.article(article_id)) for article_id in articles)
    return {article_id for article_id, one in known if one is None or one.fined_under is None}


def _penal(failed: Iterable[Finding], say: Say) -> list[dict[str, Any]]:
    hosters = sorted({f.subject.name for f in failed if f.rule.id == UNCERTIFIED})
    article, of_companies = law.article(PENALTY), law.article(PENALTY_OF_COMPANIES)
    if not hosters or article is None or of_companies is None:
        return []
    names = ", ".join(hosters)
    whom = Text(
        f"La peine vise qui héberge sans certificat ({names}), non qui lui confie des données.",
        f"The penalty is aimed at whoever hosts without a certificate ({names}), not at whoever "
        "entrusts data to them.",
    )
    return [
        {
            "article": PENALTY,
            "title": say(article.title),
            "applies_to": say(whom),
            "prison_years": PRISON_YEARS,
            "fine_eur": FINE_EUR,
            "legal_person_fine_eur": COMPANY_FINE_EUR,
            "rules": [UNCERTIFIED],
            "source": article.read_at or article.source,
            "note": say(of_companies.note) if of_companies.note else None,
        }
    ]


def comparable(failed: Iterable[str]) -> list[tuple[Precedent, list[str]]]:
    """Decisions that took up what these rules found, each with the rules in common.

    Those with the most rules in common first, then health, then the latest; at most `COMPARABLE`.
    """
    ids = sorted(set(failed))
    found = [(one, [rule for rule in ids if rule in one.rules]) for one in law.precedents()]
    shared = [(one, rules) for one, rules in found if rules]
    shared.sort(key=lambda pair: -len(pair[1]))  # stable: health and date stand as they were
    return shared[:COMPARABLE]


def _comparable(one: Precedent, shared: list[str], say: Say) -> dict[str, Any]:
    what = [f.what for f in one.faults if f.basis in law.TAKEN_UP and set(f.rules) & set(shared)]
    return {
        "id": one.id,
        "date": one.date,
        "authority": say(one.authority),
        "entity": say(one.entity),
        "health": one.health,
        "outcome": say(one.outcome),
        "amount_eur": one.amount_eur,
        "people": one.persons,
        "rules": shared,
        "faults": [say(text) for text in what],
        "source": one.source,
        "note": say(one.note) if one.note else None,
    }


def _cautions(standing: Standing, *, fined: bool) -> list[Text]:
    said = []
    if fined:
        said.append(CAUTION)
        if standing.turnover_eur is None:
            said.append(PUBLIC_WITHOUT_TURNOVER if standing.public_body else NO_TURNOVER)
        if standing.public_body:
            said.append(_of_public_bodies(standing.country))
    if standing.data_subjects is None:
        said.append(NO_PEOPLE)
    return said


def _of_public_bodies(country: str | None) -> Text:
    """What can be said of a public body; outside France, only that it must be looked into."""
    said = FRENCH_STATE
    if country not in (None, "FR"):
        said = Text(
            "Organisme public : chaque État membre décide si, et jusqu'où, les siens peuvent "
            f"recevoir une amende (art. 83 RGPD, lu en résumé) ; à vérifier pour {country}.",
            "Public body: each Member State decides whether, and how far, its own may be fined "
            f"(art. 83 GDPR, read in summary); to be checked for {country}.",
        )
    article = law.article(PUBLIC_BODIES)  # the page that was read speaks of both
    read_at = f" {article.read_at}" if article and article.read_at else ""
    return Text(f"{said.fr}{read_at}", f"{said.en}{read_at}")
