"""Where a page leads to sign in: authorize endpoints, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from gdpr_audit.checks.web.metadata import OPENID, WALLET

#: Links that look as if they led to a provider.
_PROVIDER = re.compile(
    r"pro.?sant|\bpsc\b|e-?cps\b|openid|oidc|oauth|\bsso\b|keycloak|france.?connect", re.IGNORECASE
)


class Network(NamedTuple):
    """One network of Pro Santé Connect: its issuer, and where users are sent to sign in."""

    issuer: str
    authorize_host: str
    sandbox: bool


#: ANS, keycloak-prosanteconnect (the official connector) and the documentation for industry.
PRO_SANTE_CONNECT = (
    Network(
        "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet",
        "wallet.esw.esante.gouv.fr",
        sandbox=False,
    ),
    Network(
        "https://auth.bas.psc.esante.gouv.fr/auth/realms/esante-wallet",
        "wallet.bas.psc.esante.gouv.fr",
        sandbox=True,
    ),
)


def by_issuer(issuer: str) -> Network | None:
    """The network of Pro Santé Connect whose issuer it is."""
    return next((n for n in PRO_SANTE_CONNECT if n.issuer == issuer.rstrip("/")), None)


def by_address(url: str) -> Network | None:
    """The network of Pro Santé Connect that an authorize endpoint belongs to."""
    parts = urlsplit(url)
    for network in PRO_SANTE_CONNECT:
        at = urlsplit(network.issuer)
        own = parts.hostname == at.hostname and parts.path.startswith(f"{at.path}/")
        if parts.scheme == "https" and (own or parts.hostname == network.authorize_host):
            return network
    return None


def authorizes(url: str) -> bool:
    """Whether the address is an authorization request (OAuth 2.0, section 4.1.1)."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    given = parse_qs(parts.query, max_num_fields=None)
    return "response_type" in given and "client_id" in given


def authorize_links(links: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Of links (address, words), those that are authorization requests."""
    return tuple(dict.fromkeys(url for url, _ in links if authorizes(url)))


def provider_links(links: Iterable[tuple[str, str]], url: str) -> tuple[str, ...]:
    """Of links (address, words) of the page `url`, those to its own host that may lead to one."""
    own = urlsplit(url).hostname
    found = []
    for target, words in links:
        parts = urlsplit(target)
        inside = parts.hostname == own and parts.scheme in ("http", "https")
        if inside and not authorizes(target) and _PROVIDER.search(f"{parts.path} {words}"):
            found.append(parts._replace(fragment="").geturl())
    return tuple(dict.fromkeys(found))


def issuers(url: str) -> Iterator[tuple[str, str]]:
    """Whose the authorize endpoint may be: (issuer, name of its metadata), the likeliest first.

    Providers hang their endpoint below their issuer (Keycloak: /realms/x/protocol/…), so every
    prefix of its path is one; Entra ID alone puts its version behind.
    """
    network = by_address(url)
    if network is not None:
        yield network.issuer, WALLET
        return
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    path = parts.path.rstrip("/")
    likely = []
    if "/protocol/openid-connect/" in path:
        likely.append(path.partition("/protocol/openid-connect/")[0])
    if path.endswith("/oauth2/v2.0/authorize"):
        likely.append(path.removesuffix("/oauth2/v2.0/authorize") + "/v2.0")
    above = path.split("/")[1:-1]
    prefixes = ["".join(f"/{word}" for word in above[:n]) for n in range(len(above), -1, -1)]
    ordered = [*likely, *prefixes[:1], "", *prefixes[1:]]
    for prefix in dict.fromkeys(ordered):
        yield f"{origin}{prefix}", OPENID
