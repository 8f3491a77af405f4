"""Addresses of targets, as checks tell them apart."""

from __future__ import annotations

from urllib.parse import urlsplit

from gdpr_audit.model import Text

_PORTS = {"http": 80, "https": 443}
NO_HTTP = Text("cette cible ne parle pas HTTP", "this target does not speak HTTP")


def speaks_http(url: str) -> bool:
    return urlsplit(url).scheme in _PORTS


def origin_of(url: str) -> str:
    """Scheme, host and, where it is not the usual one, port; empty for what is no web address."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    try:
        port = parts.port
    except ValueError:  # a redirect may lead anywhere
        return ""
    shown = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"
