"""What a hoster's public page of requirement 31 states, and what it only seems to."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdpr_audit.checks.hosting.transfers import NO_TRANSFER, NONE, RISK_FREE, TABLE, recognise
from tests.checks.test_hosting_network import QUALIFIED, SENTENCE, audit, says
from tests.checks.test_hosting_network import TABLE as ROWS
from tests.lab.audits import reasons, verdicts
from tests.lab.internet import AMAZON, HOST, Net
from tests.lab.servers import Answer

NOTHING = "aucun transfert de données de santé à caractère personnel vers un pays tiers à l'Espace économique européen"
SAFE = "aucun risque d'accès imposé par la législation d'un pays tiers en violation du droit de l'Union"


@pytest.mark.parametrize(
    ("html", "form"),
    [
        (SENTENCE, NO_TRANSFER),
        (QUALIFIED, RISK_FREE),
        (f"<p>L'offre n'implique {NOTHING}.</p>", NO_TRANSFER),
        (f"<p>Il n'y a {NOTHING}.</p>", NO_TRANSFER),
        (f"<p>Notre activité ne présente {SAFE}.</p>", RISK_FREE),
        (f"<h2>Transferts</h2><ul><li>{NOTHING}</li></ul><p>Les cookies, hormis…</p>", NO_TRANSFER),
        # what stands in another sentence or block is about something else
        (f"<p>Nous ne vendons pas vos données.</p><p>L'offre ne comporte {NOTHING}.</p>", NO_TRANSFER),
        (f"<div>Ce site n'est pas public</div><div>{NOTHING}</div>", NO_TRANSFER),
        (f"<p>Selon l'exigence n° 31, l'offre ne comporte {NOTHING}. Si besoin : écrivez.</p>", NO_TRANSFER),
        (f"<p>L'offre ne comporte {NOTHING}. Ne tardez pas.</p>", NO_TRANSFER),
        # denied, limited or hoped for
        (f"<p>Nous ne garantissons {NOTHING}.</p>", NONE),
        (f"<p>Nous ne pouvons pas affirmer que l'offre ne comporte {NOTHING}.</p>", NONE),
        (f"<p>L'offre ne comporte {NOTHING}, sauf pour le support.</p>", NONE),
        (f"<p>L'offre ne comporte {NOTHING}, <b>hormis</b> la supervision.</p>", NONE),
        (f"<p>Sauf pour le support, l'offre ne comporte {NOTHING}.</p>", NONE),
        (f"<p>{NOTHING}, à l'exception des journaux</p>", NONE),
        (f"<p>L'offre ne comporte {NOTHING}. Exception : le support.</p>", NONE),
        (f"<p>L'offre ne comporte {NOTHING}.</p><ul><li>Sauf support</li></ul>", NONE),
        (f"<p>L'offre ne comporte {NOTHING} hors support.</p>", NONE),
        (f"<p>La phrase « {NOTHING} » ne s'applique pas à cette offre.</p>", NONE),
        (f"<p>{NOTHING} n'est garanti.</p>", NONE),
        (f"<p>Nous ne garantissons {SAFE}.</p>", NONE),
        (f"<p>Il n'est pas exact qu'il n'existe {SAFE}.</p>", NONE),
        (f"<p>Objectif : {NOTHING}.</p>", NONE),
        # said once without and once with a limit: of which offer is not known
        (f"<p>L'offre A ne comporte {NOTHING}.</p><p>B ne comporte {NOTHING}, sauf support.</p>", NONE),
    ],
)  # fmt: skip
def test_a_sentence_that_is_denied_or_limited_is_not_the_fixed_one(html: str, form: str) -> None:
    assert recognise(html).form == form


FULL = "<tr><td>Aiven OY</td><td>support</td><td>exempté</td><td>non</td><td>4</td><td>Canada</td><td>non</td></tr>"


@pytest.mark.parametrize(
    ("html", "rows"),
    [
        (ROWS, 1),
        (ROWS.replace("Canada", ""), 0),
        (ROWS.replace("Aiven OY", " &nbsp; "), 0),
        (ROWS.replace(FULL, "<tr>" + "<td></td>" * 7 + "</tr>"), 0),
        (ROWS.replace(FULL, "<tr>" + "<td></td>" * 7 + "</tr>" + FULL), 1),
    ],
)
def test_a_row_with_an_empty_cell_states_nothing(html: str, rows: int) -> None:
    found = recognise(html)

    assert len(found.rows) == rows
    assert found.form == (TABLE if rows else NONE)


SCRIPTS = "<div id=app></div><script>" + "render();" * 100 + "</script>"
LONG = "<p>" + "Nous protégeons vos données. " * 10 + "</p>"


@pytest.mark.parametrize(
    ("kind", "body", "verdict", "word"),
    [
        ("text/html", LONG, "fail", "neither of the two"),
        ("text/html", SCRIPTS, "unproven", "hardly any text"),
        ("text/html", "<p>Bientôt ici.</p>", "unproven", "hardly any text"),
        ("text/html", f"<p>Court : {NOTHING}.</p>", "pass", "no transfer"),
        ("application/pdf", "%PDF-1.7 " + "x" * 500, "unproven", "application/pdf"),
        ("application/json", "{" + "x" * 500, "unproven", "application/json"),
        ("text/plain; charset=utf-8", f"{NOTHING}.", "pass", "no transfer"),
        ("application/xhtml+xml", LONG, "fail", "neither of the two"),
    ],
)
def test_a_page_that_cannot_be_read_as_text_states_neither_yes_nor_no(
    tmp_path: Path, kind: str, body: str, verdict: str, word: str
) -> None:
    rule = "hosting-extra-eu-law"
    page = Answer(200, [("content-type", kind)], body.encode())
    net = Net({HOST: AMAZON}, pages={"hoster.example.test/hds": page})
    hosting = says("AWS", ", transfers_page: 'https://hoster.example.test/hds'")
    found = audit(net, tmp_path, hosting, only=(rule,))

    assert verdicts(found) == {rule: {verdict}}
    assert word in reasons(found, rule)
