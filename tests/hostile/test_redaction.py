"""Whatever a target puts where it likes, nobody's data and no secret come out of an audit of it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from gdpr_audit.checks.web import page
from gdpr_audit.redaction import fit, without_names
from tests.lab import secrets

FORMATS = ("html", "json", "sarif", "junit", "markdown", "csv", "oscal", "article-30", "cnil-pia",
           "breach-sheet", "console")  # fmt: skip

#: Those that a whole site is made of: each of its own form. The others are looked for in words.
SITES = (
    "name", "NIR", "spaced NIR", "e-mail", "percent e-mail", "accented e-mail", "plain phone",
    "bracketed phone", "bearer", "JWT", "AWS key", "Stripe key", "private key",
)  # fmt: skip

pytestmark = pytest.mark.xdist_group("hostile")


def _scan(kind: str, folder: Path) -> dict[str, str]:
    """All that an audit of the site leaves behind, by its name."""
    line = [sys.executable, "-m", "gdpr_audit", "scan", "--offline", "--browser", "none", "-v"]
    line += ["--timeout", "30", "--lang", "en", "-o", "out/", "--journal", "journal.jsonl"]
    line += ["--bundle", "b.zip", *(word for one in FORMATS for word in ("-f", one))]
    with secrets.site(folder, secrets.written(kind)) as target:
        done = subprocess.run(
            [*line, target.url], cwd=folder, capture_output=True, timeout=90, check=False,
            env={**os.environ, "COLUMNS": "4000"},
        )  # fmt: skip
        assert target.seen
    assert done.returncode in {0, 1, 3}, done.stderr
    left = {"stdout": done.stdout, "stderr": done.stderr}
    left |= {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    left["journal"] = (folder / "journal.jsonl").read_bytes()
    with zipfile.ZipFile(folder / "b.zip") as bundle:
        left |= {f"bundle/{name}": bundle.read(name) for name in bundle.namelist()}
    return {name: content.decode("utf-8", "replace") for name, content in left.items()}


@pytest.fixture(scope="module")
def left(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[dict[str, str]]]]:
    """What the scans of all kinds that are to be looked for have left."""
    names = {item.name for item in request.session.items if item.path == request.path}
    with ThreadPoolExecutor(2) as pool:
        yield {
            kind: pool.submit(_scan, kind, tmp_path_factory.mktemp("planted"))
            for kind in SITES
            if f"{test_what_is_planted_comes_up_nowhere.__name__}[{kind}]" in names
        }


@pytest.mark.parametrize("kind", SITES)
def test_what_is_planted_comes_up_nowhere(
    kind: str, left: dict[str, Future[dict[str, str]]]
) -> None:
    found = left[kind].result()

    assert len(found) > 2 * len(FORMATS)
    for form in secrets.forms(kind):
        assert [name for name, text in found.items() if form in text.casefold()] == []
    assert [name for name, text in found.items() if secrets.PEOPLE.split(",")[0] in text] == []
    assert "WordPress 5.1" in found["audit.json"]  # what stands beside it was read


@pytest.mark.parametrize("kind", ["NIR", "e-mail", "phone", "AWS key", "JWT"])
@pytest.mark.parametrize("limit", [300, 500, 1000])
def test_what_is_cut_short_is_redacted_first(kind: str, limit: int) -> None:
    secret = secrets.PLANTED[kind]
    for before in range(limit - len(secret) - 2, limit + 2):
        shown = fit("." * (before - 1) + " " + secret + " after" * limit, limit)

        assert len(shown) <= limit
        assert secret[:6] not in shown


def test_where_a_text_is_all_secrets_its_cut_end_is_not_shown() -> None:
    secret = secrets.PLANTED["NIR"]
    for shift in range(16):
        shown = fit("x" * shift + f" {secrets.PLANTED['JWT'] * 3} {secret}" * 40, 300)

        assert secret[:6] not in shown


@pytest.mark.parametrize("kind", [kind for kind in secrets.PLANTED if kind != "name"])
@pytest.mark.parametrize(
    "words", ["{}", "«{}».", "x={};", "/a/{}.js", "?q={}&r=1", "({}), ", "{}x"]
)
def test_it_is_known_among_whatever_words(kind: str, words: str) -> None:
    shown = fit(words.format(secrets.written(kind)), 1000).casefold()

    assert not [form for form in secrets.forms(kind) if form in shown]


def test_an_address_on_a_page_is_cut_no_earlier() -> None:
    secret = secrets.PLANTED["NIR"]
    for before in range(240, 300):
        url = f"http://cdn.example.test/{'x' * before}/{secret}.js"
        (found,) = page.read(f"<script src='{url}'></script>", "https://example.test/").mixed

        assert secret[:6] not in fit(found, 300)


@pytest.mark.parametrize(
    "words",
    [
        "Zéphyrine Quatrebarbes", "Jean-Pierre d’Ormesson", "Jeanne MARTIN", "MARTIN Jeanne",
        "Jeanne+Martin", "Jeanne%20Martin",
    ],
)  # fmt: skip
def test_a_persons_name_is_not_told(words: str) -> None:
    assert without_names(f'Basic realm="{words}"') == 'Basic realm="[name]"'
    if "’" not in words and words[1].islower():
        assert words not in fit(f"https://example.test/seen/{words}/x (200)", 300)
        assert words not in fit(f"https://example.test/patients/{words} (200)", 300)


@pytest.mark.parametrize(
    "words",
    [
        "Apache/2.4.57 (Red Hat Enterprise Linux)", "Phusion Passenger 6.0.4", "Microsoft-IIS/10.0",
        "max-age=1; includeSubDomains", "no-store, no-cache", "Jetty(9.4.z-SNAPSHOT)", "Amazon S3",
        "https://example.test/Mon-Dossier/Resultats (200)", "https://example.test/patient/connexion (200)",
        "https://example.test/Account/Login",
    ],
)  # fmt: skip
def test_a_product_and_a_page_are_no_persons(words: str) -> None:
    assert without_names(words) == words
    assert fit(words, 300) == words
