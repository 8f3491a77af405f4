"""Pro Santé Connect, seen where the pages lead: what it proves, and what its absence does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.web import signin
from gdpr_audit.network import Settings
from gdpr_audit.network.settings import Proxy
from tests.lab import pki, servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.providers import QUERY, RULES, as_json, good, link
from tests.lab.servers import Answer


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return pki.save(tmp_path_factory.mktemp("pki"), "leaf", [pki.leaf(pki.authority("Root"))])


PSC = """platform: x
targets: [{{url: '{url}'{audience}}}]
authentication:
  professionals: {{factors: [{factors}]}}
"""
PRODUCTION, SANDBOX = signin.PRO_SANTE_CONNECT


def _psc(
    network: signin.Network | None,
    tmp_path: Path,
    files: tuple[Path, Path],
    *,
    factors: str = "password",
    audience: str = "",
    metadata_there: bool = True,
) -> dict[str, Any]:
    """A site that leads to Pro Santé Connect; every name leads to one server on loopback."""

    def site(path: str, headers: dict[str, str]) -> Answer:
        if network and headers["host"] == "rdv.example.test" and path == "/":
            return link(f"https://{network.authorize_host}/auth{QUERY}&acr_values=eidas1", "PSC")
        where = f"https://{headers['host']}{path}"
        if (
            network
            and metadata_there
            and where == f"{network.issuer}/.well-known/wallet-openid-configuration"
        ):
            return as_json(good(network.issuer))
        return Answer(404)

    names = {"rdv.example.test", "auth.esw.esante.gouv.fr", "auth.bas.psc.esante.gouv.fr"}
    zone = lambda name, kind: [(name, "A", "198.51.100.7")] if name in names and kind == "A" else 3  # noqa: E731
    with servers.web(site, servers.context(files)) as server, servers.dns_server(zone) as dns:
        with servers.proxy(remap=server.port) as proxy:
            settings = Settings(
                resolver=("127.0.0.1", dns.port), proxy=Proxy("127.0.0.1", proxy.port)
            )
            text = PSC.format(url="https://rdv.example.test/", factors=factors, audience=audience)
            rules = ("professional-identity-weak", *RULES)
            return judged(path=declared(tmp_path, text), only=rules, settings=settings)


def test_pro_sante_connect_that_is_seen_proves_the_identity(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    found = _psc(PRODUCTION, tmp_path, files)

    assert verdicts(found)["professional-identity-weak"] == {"pass"}
    assert "leads to Pro Santé Connect" in reasons(found, "professional-identity-weak")
    assert verdicts(found)["oidc-pkce-missing"] == {"pass"}
    finding = next(f for f in found["findings"] if f["rule"] == "professional-identity-weak")
    assert finding["reasons"][0]["evidence"]["origin"] == "measured"


def test_its_address_is_enough_where_its_metadata_is_not_to_be_had(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    found = _psc(PRODUCTION, tmp_path, files, metadata_there=False)

    assert verdicts(found)["professional-identity-weak"] == {"pass"}
    assert verdicts(found)["oidc-pkce-missing"] == {"unproven"}


@pytest.mark.parametrize(
    ("network", "options", "verdict", "word"),
    [
        (None, {}, "fail", "was not seen"),
        (None, {"factors": "pro-sante-connect"}, "pass", "declared"),
        (SANDBOX, {}, "fail", "sandbox only"),
        (PRODUCTION, {"audience": ", audience: [patients]"}, "fail", "was not seen"),
    ],
)
def test_what_was_not_seen_leaves_the_declaration_as_it_is(
    network: signin.Network | None,
    options: dict[str, Any],
    verdict: str,
    word: str,
    tmp_path: Path,
    files: tuple[Path, Path],
) -> None:
    found = _psc(network, tmp_path, files, **options)

    assert verdict in verdicts(found)["professional-identity-weak"]
    assert word in reasons(found, "professional-identity-weak")


def test_a_target_that_is_down_disproves_no_identity(tmp_path: Path) -> None:
    text = PSC.format(url="https://localhost:1/", factors="password", audience="")
    text = text.replace("{factors: [password]}", "{shared_accounts: false}")
    found = judged(path=declared(tmp_path, text), only=("professional-identity-weak",))

    assert verdicts(found) == {"professional-identity-weak": {"unproven"}}
