"""OpenID providers by their metadata: at the target, where its pages lead, and Pro Santé Connect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gdpr_audit.checks.web import metadata, signin
from gdpr_audit.network.settings import Proxy, Settings
from tests.lab import pki, servers
from tests.lab.audits import declared, judged, reasons, verdicts
from tests.lab.providers import DISCOVERY, HTML, QUERY, RULES, as_json, good, link
from tests.lab.servers import Answer


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return pki.save(tmp_path_factory.mktemp("pki"), "leaf", [pki.leaf(pki.authority("Root"))])


def every(verdict: str) -> dict[str, set[str]]:
    return {rule: {verdict} for rule in RULES}


class Site:
    """A site by path; the answers may need to know the origin, known once it listens."""

    def __init__(self, pages: Any) -> None:
        self.pages, self.origin = pages, ""

    def __call__(self, path: str, _: dict[str, str]) -> Answer:
        found = self.pages(self.origin).get(path, Answer(404, [HTML], b"none"))
        assert isinstance(found, Answer)
        return found


def audit(
    pages: Any,
    files: tuple[Path, Path] | None,
    tmp_path: Path,
    *,
    target: str = "",
    path: str = "/",
) -> tuple[dict[str, Any], list[str]]:
    """The findings on a site, and the paths that it was asked for."""
    site = Site(pages)
    with servers.web(site, servers.context(files) if files else None) as server:
        site.origin = f"{'https' if files else 'http'}://localhost:{server.port}"
        text = f"platform: x\ntargets: [{{url: '{site.origin}{path}'{target}}}]\n"
        found = judged(path=declared(tmp_path, text), only=RULES)
    return found, [path for path, _ in server.seen]


def test_a_sound_provider_passes_all(tmp_path: Path, files: tuple[Path, Path]) -> None:
    found, asked = audit(lambda o: {DISCOVERY: as_json(good(o))}, files, tmp_path)

    assert verdicts(found) == every("pass")
    assert "× https" in reasons(found, "oidc-insecure-endpoint")
    assert {f["strength"] for f in found["findings"]} == {"measured"}
    assert "/.well-known/oauth-authorization-server" not in asked


@pytest.mark.parametrize(
    ("more", "rule", "word"),
    [
        ({"token_endpoint": "http://localhost/token"}, "oidc-insecure-endpoint", "token_endpoint"),
        ({"jwks_uri": "http://localhost/keys"}, "oidc-insecure-endpoint", "jwks_uri"),
        ({"mtls_endpoint_aliases": {"token_endpoint": "http://m/t"}}, "oidc-insecure-endpoint", "mtls"),
        ({"id_token_signing_alg_values_supported": ["RS256", "none"]}, "oidc-weak-signature", "none"),
        ({"id_token_signing_alg_values_supported": ["HS256", "HS512"]}, "oidc-weak-signature", "HS512"),
        ({"grant_types_supported": ["authorization_code", "password"]}, "oidc-implicit-flow", "password"),
        ({"response_types_supported": ["code", "token id_token"]}, "oidc-implicit-flow", "id_token token"),
        ({"grant_types_supported": None}, "oidc-implicit-flow", "implicit by default (RFC 8414, 2)"),
        ({"code_challenge_methods_supported": ["plain"]}, "oidc-pkce-missing", "plain"),
        ({"code_challenge_methods_supported": None}, "oidc-pkce-missing", "PKCE is not offered"),
    ],
)  # fmt: skip
def test_each_fault_is_found_and_no_other(
    more: dict[str, Any], rule: str, word: str, tmp_path: Path, files: tuple[Path, Path]
) -> None:
    found, _ = audit(lambda o: {DISCOVERY: as_json(good(o, **more))}, files, tmp_path)

    assert verdicts(found) == {**every("pass"), rule: {"fail"}}
    assert word in reasons(found, rule)


def test_a_provider_in_clear_is_insecure(tmp_path: Path) -> None:
    found, _ = audit(lambda o: {DISCOVERY: as_json(good(o))}, None, tmp_path)

    assert verdicts(found)["oidc-insecure-endpoint"] == {"fail"}
    assert "issuer, authorization_endpoint" in reasons(found, "oidc-insecure-endpoint")


def test_hybrid_response_types_are_no_implicit_flow(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    more = {"response_types_supported": ["code", "code id_token", "none"]}
    found, _ = audit(lambda o: {DISCOVERY: as_json(good(o, **more))}, files, tmp_path)

    assert verdicts(found)["oidc-implicit-flow"] == {"pass"}


def test_where_there_is_no_provider_the_rules_do_not_apply(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    for page in (Answer(404), Answer(headers=[HTML], body=b"<p>the page for everything")):
        found, asked = audit(lambda _, page=page: {DISCOVERY: page}, files, tmp_path)

        assert verdicts(found) == every("not_applicable")
        assert "/.well-known/oauth-authorization-server" in asked


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (Answer(503), "answer 503"),
        (Answer(403), "answer 403"),
        (Answer(headers=[("Content-Type", "application/json")], body=b"{"), "no JSON object"),
        (as_json(["list"]), "no JSON object"),
        (as_json(good("https://other.example.test")), "another issuer (https://other.example.test"),
        (as_json({"authorization_endpoint": "https://x/a"}), "no issuer"),
        (as_json({"issuer": "https://localhost", "grant_types_supported": "x"}), "another issuer"),
        (Answer(body=b'{"a": "' + b"x" * 3_000_000 + b'"}'), "over 2048 KiB"),
        (Answer(raw=b"garbage\r\n\r\n"), "not readable HTTP"),
    ],
)
def test_metadata_of_no_use_leaves_the_rules_unproven(
    answer: Answer, word: str, tmp_path: Path, files: tuple[Path, Path]
) -> None:
    found, _ = audit(lambda _: {DISCOVERY: answer}, files, tmp_path)

    assert verdicts(found) == every("unproven")
    assert word in reasons(found, "oidc-pkce-missing")


def test_a_target_that_does_not_answer_leaves_them_unproven() -> None:
    found = judged("https://localhost:1/", only=RULES)

    assert verdicts(found) == every("unproven")


def test_an_oauth_server_without_id_tokens_has_none_to_sign(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    def pages(origin: str) -> dict[str, Answer]:
        plain = good(
            origin, subject_types_supported=None, id_token_signing_alg_values_supported=None
        )
        return {"/.well-known/oauth-authorization-server": as_json(plain)}

    found, _ = audit(pages, files, tmp_path)

    assert verdicts(found)["oidc-weak-signature"] == {"not_applicable"}
    assert verdicts(found)["oidc-pkce-missing"] == {"pass"}


def test_a_server_without_the_code_flow_has_no_code_to_guard(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    more = {
        "grant_types_supported": ["client_credentials"],
        "code_challenge_methods_supported": None,
    }
    found, _ = audit(lambda o: {DISCOVERY: as_json(good(o, **more))}, files, tmp_path)

    assert verdicts(found)["oidc-pkce-missing"] == {"not_applicable"}


def test_what_it_says_nothing_of_is_unproven(tmp_path: Path, files: tuple[Path, Path]) -> None:
    more = {"response_types_supported": None, "id_token_signing_alg_values_supported": None}
    found, _ = audit(lambda o: {DISCOVERY: as_json(good(o, **more))}, files, tmp_path)

    assert verdicts(found)["oidc-implicit-flow"] == {"unproven"}
    assert verdicts(found)["oidc-weak-signature"] == {"unproven"}
    assert "omits response_types_supported" in reasons(found, "oidc-implicit-flow")


KEYCLOAK = f"/realms/rdv/protocol/openid-connect/auth{QUERY}"


@pytest.mark.parametrize(
    "way",
    [
        lambda: {"/": link(KEYCLOAK)},
        lambda: {"/": link("/login"), "/login": Answer(302, [("Location", KEYCLOAK)])},
        lambda: {"/": link("/auth/start", "Avec OpenID"), "/auth/start": Answer(302, [("Location", KEYCLOAK)])},
        lambda: {"/": Answer(302, [("Location", KEYCLOAK)])},
    ],
    ids=["link", "login link", "provider's button", "redirect"],
)  # fmt: skip
def test_the_provider_is_found_where_signing_in_leads(
    way: Any, tmp_path: Path, files: tuple[Path, Path]
) -> None:
    def pages(origin: str) -> dict[str, Answer]:
        realm = f"{origin}/realms/rdv"
        weak = good(realm, code_challenge_methods_supported=["plain"])
        return {**way(), f"/realms/rdv{DISCOVERY}": as_json(weak)}

    found, asked = audit(pages, files, tmp_path)

    assert verdicts(found)["oidc-pkce-missing"] == {"fail"}
    assert verdicts(found)["oidc-weak-signature"] == {"pass"}
    assert len([path for path in asked if "well-known" in path]) <= 8


def test_an_authorize_endpoint_without_metadata_is_a_gap(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    found, asked = audit(lambda _: {"/": link(f"/a/b/c/authorize{QUERY}")}, files, tmp_path)

    assert verdicts(found) == every("unproven")
    assert "/a/b/c/authorize was not found" in reasons(found, "oidc-pkce-missing")
    assert len([path for path in asked if "well-known" in path]) <= 8


def test_no_more_than_eight_requests_are_made_beside_the_visit(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    links = "".join(
        f'<a href="/{n}/b/c/d/authorize{QUERY}">x</a><a href="/sso/{n}">x</a>' for n in range(9)
    )
    page = Answer(headers=[HTML], body=links.encode())
    found, asked = audit(lambda _: {"/": page}, files, tmp_path)

    assert len(asked) == 4 + 8  # the visit is the landing page and three links
    assert sum("/sso/" in path for path in asked) == 2
    assert sum("well-known" in path for path in asked) == 6
    assert verdicts(found) == every("unproven")


def test_a_fhir_target_says_so_in_its_smart_configuration(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    def pages(origin: str) -> dict[str, Answer]:
        smart = good("https://id.example.test", code_challenge_methods_supported=["plain"])
        return {"/fhir/.well-known/smart-configuration": as_json(smart)}

    found, _ = audit(pages, files, tmp_path, target=", kind: fhir", path="/fhir")
    assert verdicts(found)["oidc-pkce-missing"] == {"fail"}
    assert "smart-configuration" in reasons(found, "oidc-pkce-missing")

    web, asked = audit(pages, files, tmp_path, path="/fhir")
    assert verdicts(web)["oidc-pkce-missing"] == {"not_applicable"}
    assert "/fhir/.well-known/smart-configuration" not in asked


PRODUCTION, SANDBOX = signin.PRO_SANTE_CONNECT


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://id.test/realms/x/protocol/openid-connect/auth", "https://id.test/realms/x"),
        ("https://login.test/tenant/oauth2/v2.0/authorize", "https://login.test/tenant/v2.0"),
        ("https://id.test/authorize", "https://id.test"),
        ("https://id.test/api/v2/authorize", "https://id.test/api/v2"),
        ("https://wallet.esw.esante.gouv.fr/auth", PRODUCTION.issuer),
        (f"{SANDBOX.issuer}/protocol/openid-connect/auth", SANDBOX.issuer),
        (
            "https://wallet.esw.esante.gouv.fr.evil.test/auth",
            "https://wallet.esw.esante.gouv.fr.evil.test",
        ),
    ],
)
def test_whose_an_authorize_endpoint_may_be(url: str, first: str) -> None:
    assert next(signin.issuers(url))[0] == first


def test_only_a_request_with_a_client_is_an_authorization_request() -> None:
    assert signin.authorizes(f"https://id.test/a{QUERY}")
    assert not signin.authorizes("https://id.test/a?response_type=code")
    assert not signin.authorizes("javascript:x?response_type=code&client_id=y")


def test_an_authorization_request_is_never_sent() -> None:
    links = [(f"https://rdv.test/oauth/authorize{QUERY}", "OpenID"), ("https://rdv.test/sso", "")]

    assert signin.provider_links(links, "https://rdv.test/") == ("https://rdv.test/sso",)
    assert signin.authorize_links(links) == (links[0][0],)


def test_an_issuer_may_end_in_a_slash() -> None:
    body = json.dumps(good("https://id.test/")).encode()

    assert metadata.read(body, "u", "https://id.test", metadata.OPENID).issuer == "https://id.test/"


def test_a_public_page_does_not_lead_inwards_to_a_provider() -> None:
    def names(_: str, rdtype: str) -> list[tuple[str, str, str]]:
        return [("rdv.example.test", "A", "93.184.216.34")] if rdtype == "A" else []

    with servers.web(lambda _path, _headers: Answer()) as inside:
        page = link(f"http://127.0.0.1:{inside.port}/authorize{QUERY}")

        def site(path: str, _: dict[str, str]) -> Answer:
            return page if path == "/" else Answer(404)

        with (
            servers.web(site) as outside,
            servers.dns_server(names) as dns,
            servers.proxy(remap=outside.port) as proxy,
        ):
            settings = Settings(
                resolver=("127.0.0.1", dns.port), proxy=Proxy("127.0.0.1", proxy.port)
            )
            found = judged("http://rdv.example.test/", only=RULES, settings=settings)

    assert {peer for peer in proxy.seen if isinstance(peer, str)} == {
        "CONNECT 93.184.216.34:80 HTTP/1.1"
    }
    assert verdicts(found) == every("unproven")
    assert "leads to 127.0.0.1, a private address" in reasons(found, "oidc-pkce-missing")
