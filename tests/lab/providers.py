"""What OpenID providers publish, sound or not, and pages that lead to them."""

from __future__ import annotations

import json
from typing import Any

from tests.lab.servers import Answer

HTML = ("Content-Type", "text/html; charset=utf-8")
RULES = (
    "oidc-insecure-endpoint",
    "oidc-weak-signature",
    "oidc-implicit-flow",
    "oidc-pkce-missing",
)
DISCOVERY = "/.well-known/openid-configuration"
QUERY = "?response_type=code&client_id=rdv&state=x"


def good(issuer: str, **more: Any) -> dict[str, Any]:
    """A provider's metadata with no fault; None takes a key out."""
    given = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "code_challenge_methods_supported": ["S256"],
        **more,
    }
    return {key: value for key, value in given.items() if value is not None}


def as_json(document: object) -> Answer:
    return Answer(
        headers=[("Content-Type", "application/json")], body=json.dumps(document).encode()
    )


def link(url: str, words: str = "Se connecter") -> Answer:
    return Answer(headers=[HTML], body=f'<a href="{url}">{words}</a>'.encode())
