"""What pages hold of others and of visitors: trackers, personal data in addresses, old software."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks import trackers
from gdpr_audit.checks.web import page, personal, support
from tests.lab import servers
from tests.lab.audits import judged, reasons, verdicts
from tools import support_data


def _site(body: str, headers: list[tuple[str, str]] | None = None) -> servers.Site:
    html = [("Content-Type", "text/html; charset=utf-8"), *(headers or [])]
    return lambda *_: servers.Answer(headers=html, body=f"<html><body>{body}".encode())


def _audit(body: str, *rules: str, **options: Any) -> dict[str, Any]:
    headers = options.pop("headers", None)
    with servers.web(_site(body, headers)) as server:
        return judged(f"http://127.0.0.1:{server.port}/", only=rules, **options)


@pytest.mark.parametrize(
    "body",
    [
        '<script src="https://www.google-analytics.com/analytics.js"></script>',
        '<img src="//px.ads.linkedin.com/collect?x=1">',
        "<script>var s='https://www.googletagmanager.com/gtm.js?id='+i;</script>",
        '<iframe src="https://x.fls.DoubleClick.net/a"></iframe>',
    ],
)
def test_a_known_tracker_is_named_with_its_company(body: str) -> None:
    found = _audit(body, "third-party-tracker")

    assert verdicts(found) == {"third-party-tracker": {"fail"}}
    assert ", US)" in reasons(found, "third-party-tracker")


@pytest.mark.parametrize(
    "body",
    [
        '<script src="https://cdn.example.org/app.js"></script>',
        '<a href="https://www.google-analytics.com/">what we do not use</a>',
        '<script src="https://notgoogle-analytics.com/x.js"></script>',
        "<script>// google-analytics.com is not used</script>",
        '<script src="/matomo.js"></script>',
    ],
)
def test_other_sites_and_mere_mentions_are_no_trackers(body: str) -> None:
    assert verdicts(_audit(body, "third-party-tracker")) == {"third-party-tracker": {"pass"}}


def test_every_tracker_has_a_company_and_a_country() -> None:
    assert len(trackers.trackers()) > 100
    for tracker in trackers.trackers().values():
        assert tracker.company
        assert len(tracker.country) == 2
        assert tracker.category in ("advertising", "analytics")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('<form><input name="email"></form>', "email (e-mail)"),
        ('<form method="get"><input name="patientNir"></form>', "patientNir (NIR)"),
        ("<form method=GET><input type=password name=p></form>", "p (password)"),
        ('<form><textarea name="symptomes"></textarea></form>', "symptomes (health)"),
        ('<form><input name="nom_de_naissance"></form>', "nom_de_naissance (name)"),
        ('<a href="/r?courriel=a%40b.fr">x</a>', "/r?courriel (e-mail)"),
        ('<a href="/r?u=jean.dupont%40example.fr">x</a>', "/r?u (personal data)"),
        ('<a href="/r?id=185057800608491">x</a>', "/r?id (personal data)"),
    ],
)  # fmt: skip
def test_personal_data_in_an_address_is_found_and_not_repeated(body: str, word: str) -> None:
    found = _audit(body, "personal-data-in-url")

    assert verdicts(found) == {"personal-data-in-url": {"fail"}}
    assert word in reasons(found, "personal-data-in-url")
    assert "dupont" not in json.dumps(found)
    assert "18505780" not in json.dumps(found)


@pytest.mark.parametrize(
    "body",
    [
        '<form method="post"><input name="email"></form>',
        '<form><input name="q"><input type="submit" name="nom"></form>',
        '<form><input name="filename"></form>',
        '<a href="/liste?name=cardiologie&tel=1">x</a>',
        '<a href="mailto:a@b.fr">x</a>',
        '<a href="/connexion?email=">x</a>',
        '<a href="/r?page=2&token=abc">x</a>',
    ],
)
def test_ordinary_forms_and_links_hold_no_personal_data(body: str) -> None:
    assert verdicts(_audit(body, "personal-data-in-url")) == {"personal-data-in-url": {"pass"}}


@pytest.mark.parametrize(
    ("headers", "day", "verdict", "word"),
    [
        ([("X-Powered-By", "PHP/7.4.3")], date(2026, 11, 25), "fail", "until 2022-11-28"),
        ([("X-Powered-By", "PHP/7.4.3")], date(2022, 1, 1), "pass", ""),
        ([("X-Powered-By", "PHP/8.4.1")], date(2026, 11, 25), "pass", ""),
        ([("Server", "Apache/2.4.10 (Debian) OpenSSL/1.0.2k")], date(2026, 11, 25), "fail", "OpenSSL/1.0.2"),
        ([("Server", "nginx/1.18.0")], date(2026, 11, 25), "fail", "endoflife.date/nginx"),
        ([("Server", "ours/3.1")], date(2026, 11, 25), "unproven", "no known end of support"),
        ([("Server", "nginx")], date(2026, 11, 25), "not_applicable", ""),
    ],
)  # fmt: skip
def test_software_past_its_vendors_support_is_found_on_the_audits_day(
    headers: list[tuple[str, str]], day: date, verdict: str, word: str
) -> None:
    found = _audit("x", "software-end-of-life", headers=headers, day=day)

    assert verdicts(found) == {"software-end-of-life": {verdict}}
    assert word in reasons(found, "software-end-of-life")


@pytest.mark.parametrize(
    ("software", "cycle"),
    [
        ("nginx/1.18.0", "1.18"),
        ("WordPress 5.8.1", "5.8"),
        ("WordPress 4.2", "4"),
        ("Microsoft-IIS/8.5", "8.5"),
        ("OpenSSL/1.1.1k", "1.1.1"),
        ("nginx/1.99", None),
        ("unknown/1.0", None),
    ],
)
def test_the_cycle_of_a_version(software: str, cycle: str | None) -> None:
    end = support.end_of(software)

    assert (end.cycle if end else None) == cycle


def test_the_dated_data_can_be_renewed(tmp_path: Path) -> None:
    cycles: list[dict[str, Any]] = [
        {"cycle": "9.9", "eol": "2030-01-01"},
        {"cycle": "9.8", "eol": False},
    ]
    new = {"php": support_data.rows("php", cycles, date(2026, 11, 25))}
    old = support_data.TARGET.read_text("utf-8")
    text = support_data.renewed(old, new)

    assert "php,9.9,2030-01-01,https://endoflife.date/php,2026-11-25\n" in text
    assert "php,7.4" not in text
    assert text.count("\nnginx,") == old.count("\nnginx,")


def test_pages_are_read_to_a_bound() -> None:
    read = page.read(
        "<script>" + "x" * 500_000 + "'https://hotjar.com/'</script>", "https://a.test/"
    )

    assert read.others == ()
    assert list(personal.of_link("https://a.test/?" + "&".join(["email=a"] * 1000))) == []
