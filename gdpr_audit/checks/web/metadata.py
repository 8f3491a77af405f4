"""What an OpenID provider or OAuth server says of itself: OIDC Discovery 1.0, RFC 8414, SMART.

Pure functions of the document; whatever does not follow the norm is refused with its reason.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gdpr_audit import strict_json
from gdpr_audit.model import Text
from gdpr_audit.redaction import fit

OPENID = "openid-configuration"
OAUTH = "oauth-authorization-server"
SMART = "smart-configuration"
WALLET = "wallet-openid-configuration"  # the name that Pro Santé Connect gives it

#: What a document that omits it means, by RFC 8414 section 2.
DEFAULT_GRANTS = ("authorization_code", "implicit")
LIMIT = 200  # values or endpoints kept of one document

#: The addresses in it that carry credentials, codes, tokens or keys.
_ADDRESSES = ("jwks_uri", "check_session_iframe")


class Metadata(NamedTuple):
    """One document. A list is None where it was omitted."""

    url: str
    issuer: str
    addresses: tuple[tuple[str, str], ...]
    algorithms: tuple[str, ...] | None
    grants: tuple[str, ...] | None
    responses: tuple[str, ...] | None
    pkce: tuple[str, ...] | None
    issues_id_tokens: bool
    smart: bool = False

    @property
    def insecure(self) -> tuple[str, ...]:
        """The issuer and endpoints whose address is not https."""
        every = (("issuer", self.issuer), *self.addresses)
        return tuple(name for name, url in every if _scheme(url) != "https")

    @property
    def authorizes_at(self) -> str | None:
        return dict(self.addresses).get("authorization_endpoint")


class Unfit(Exception):
    """A document that cannot be relied on; `reason` says why."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(fr, en)


def read(body: bytes, url: str, base: str, name: str) -> Metadata:
    """The document found at `url`, asked for as the metadata `name` of `base`. Raises Unfit.

    An issuer other than `base` is refused (RFC 8414 section 3.3; a final `/` apart); a SMART
    configuration is that of its FHIR server, and may name an issuer elsewhere.
    """
    given = _object(body)
    smart = name == SMART
    issuer = given.get("issuer", base if smart else None)
    if not isinstance(issuer, str) or not _scheme(issuer):
        raise Unfit("ses métadonnées n'ont pas d'issuer", "its metadata has no issuer")
    if not smart and issuer.rstrip("/") != base.rstrip("/"):
        raise Unfit(
            f"ses métadonnées sont celles d'un autre issuer ({fit(issuer, 200)} ; RFC 8414, 3.3)",
            f"its metadata is that of another issuer ({fit(issuer, 200)}; RFC 8414, 3.3)",
        )
    algorithms = _list(given, "id_token_signing_alg_values_supported")
    scopes = _list(given, "scopes_supported", most=None) or ()
    responses = _list(given, "response_types_supported")
    openid = name in (OPENID, WALLET) or algorithms is not None or "openid" in scopes
    return Metadata(
        url=url,
        issuer=issuer,
        addresses=_addresses(given),
        algorithms=algorithms,
        grants=_list(given, "grant_types_supported"),
        # the words of a response type stand in no order (OAuth 2.0, section 3.1.1)
        responses=None
        if responses is None
        else tuple(" ".join(sorted(r.split())) for r in responses),
        pkce=_list(given, "code_challenge_methods_supported"),
        issues_id_tokens=openid or "subject_types_supported" in given,
        smart=smart,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = strict_json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Unfit("sa réponse n'est pas un objet JSON", "its answer is no JSON object")
    return given


def _list(given: dict[str, Any], key: str, most: int | None = LIMIT) -> tuple[str, ...] | None:
    value = given.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Unfit(f"{key} n'est pas une liste de mots", f"{key} is no list of words")
    if most is not None and len(value) > most:  # what counts may stand behind what is read
        raise Unfit(f"{key} a plus de {most} mots", f"{key} has more than {most} words")
    return tuple(dict.fromkeys(value))


def _addresses(given: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    found = [
        (key, value)
        for key, value in given.items()
        if isinstance(value, str) and (key.endswith("_endpoint") or key in _ADDRESSES)
    ]
    aliases = given.get("mtls_endpoint_aliases")  # RFC 8705, section 5
    if isinstance(aliases, dict):
        found += [(f"mtls {k}", v) for k, v in aliases.items() if isinstance(v, str)]
    if len(found) > LIMIT:  # as above
        raise Unfit(f"plus de {LIMIT} adresses", f"more than {LIMIT} addresses")
    return tuple(found)


def _scheme(url: str) -> str:
    """The scheme of an address; none of one that is none."""
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def signs_asymmetrically(algorithms: tuple[str, ...]) -> bool:
    """Whether a signature that only the provider can make is on offer."""
    return any(a.lower() != "none" and not a.upper().startswith("HS") for a in algorithms)
