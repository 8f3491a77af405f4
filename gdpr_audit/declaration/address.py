"""A target's address as a declaration or the command line may give it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

SCHEMES = (
    "https",
    "http",
    "smtp",
    "smtps",
    "imap",
    "imaps",
    "ldap",
    "ldaps",
    "postgresql",
    "dicom",
    "mllp",
)
NAME_LIMIT = 300  # characters
URL_LIMIT = 2000
USUAL: Final = "web"  # what a target is where its record does not say


def host_of(url: str) -> str:
    """The host of a target's URL. Raises ValueError that says what is wrong with it."""
    parts = urlsplit(url)
    if not parts.scheme or "://" not in url:
        raise ValueError("a target is scheme://host, for example https://rdv.example.fr/")
    if parts.scheme.lower() not in SCHEMES:
        raise ValueError(f"unknown scheme `{parts.scheme}`; known: {', '.join(SCHEMES)}")
    if not parts.hostname:
        raise ValueError("this URL has no host")
    if parts.username or parts.password:
        raise ValueError("this URL carries credentials; take them out")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("the port is a number from 1 to 65535") from None
    if port == 0 or any(c.isspace() or not c.isprintable() for c in url):
        raise ValueError("not a usable URL")
    return parts.hostname


def normal(url: str) -> str:
    """The URL as the audit names it: scheme and host in lower case, at least `/` for http."""
    parts = urlsplit(url)
    path = parts.path or ("/" if parts.scheme.lower() in ("http", "https") else "")
    return parts._replace(
        scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=path, fragment=""
    ).geturl()
