"""Made-up personal data and secrets, and a site that has them in every place a target can."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from urllib.parse import quote, quote_plus

from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.lab import pki, servers
from tests.lab.hostile import Target
from tests.lab.servers import Answer


def nir(first: str) -> str:
    """A NIR or INS of that beginning, with its key."""
    number = first.replace("2A", "19").replace("2B", "18")
    return f"{first}{97 - int(number) % 97:02d}"


def _jwt() -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": "1990", "name": "Alix"})
    said = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return f"{said[0].decode()}.{said[1].decode()}.c2lnbmF0dXJlb2ZvdXJz"


_SPACED = nir("1850578006084")
#: What must stand nowhere. Of a name it is its capitals that tell it; names of cookies and of those
#: who issue certificates are told as they are.
PLANTED = {
    "name": "Zéphyrine Quatrebarbes",
    "NIR": nir("2991299999001"),
    "Corsican NIR": nir("185052A006084"),
    "spaced NIR": " ".join(
        (
            _SPACED[0],
            _SPACED[1:3],
            _SPACED[3:5],
            _SPACED[5:7],
            _SPACED[7:10],
            _SPACED[10:13],
            _SPACED[13:],
        )
    ),
    "INS": nir("2870675056123"),
    "e-mail": "alix.exemple@patients.example",
    "accented e-mail": "zoé.exemple@clinique.example",
    "percent e-mail": "alix.percent%40patients.example",
    "phone": "06 12 34 56 78",
    "phone abroad": "+33 7 98 76 54 32",
    "plain phone": "+33612345699",
    "bracketed phone": "+33 (0)6 55 44 33 22",
    "bearer": "Bearer 9f8e7d6c5b4a39281706",
    "JWT": _jwt(),
    "AWS key": "AKIAQ7X2M4N6P8R0S1TV",
    "Stripe key": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "Google key": "AIzaSyD9tF4kQ2mN8pR6sV0xZ3bC5hJ7lW1eYuA",
    "GitHub token": "ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8",
    "fine GitHub token": "github_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789",
    "GitLab token": "glpat-zY8xW6vU4tS2rQ0pO1nM",
    "Slack token": "xoxb-123456789012-abcdefABCDEF",
    "npm token": "npm_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5",
    "private key": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj",
}
#: How some of them are put down, where it is not the bare string.
WRITTEN = {
    "private key": f"-----BEGIN PRIVATE KEY-----{PLANTED['private key']}-----END PRIVATE KEY-----"
}
PEOPLE = "Alix Exemple, née le 12/12/1999"
HOST = "localhost"


def written(kind: str) -> str:
    return WRITTEN.get(kind, PLANTED[kind])


def everywhere(value: str) -> servers.Site:
    """A site that says `value` in each place that a target fills as it likes."""
    header = value.encode().decode("latin-1")
    page = (
        f"<html><head><title>{PEOPLE} {value}</title><meta name=generator content='WordPress 5.1 {value}'>"
        f"<meta name=referrer content='{value}'></head><body><p>{value} <!-- {value} -->"
        f"<form method=get action='/in/{value}?q={value}'><input name='nom {value}'>"
        f"<input type=password name='{value}' pattern='{value}'></form>"
        f"<a href='/connexion/{value}?email={value}'>Connexion {value}</a>"
        f"<a href='/oauth/authorize?response_type=token&client_id={value}'>x</a>"
        f"<script src='http://cdn.example.test/{value}.js?k={value}'></script>"
        f"<img src='http://www.google-analytics.com/c?uid={value}'></body></html>"
    ).encode()
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Server", f"Apache/2.2.3 ({header})"), ("X-Powered-By", f"PHP/5.2.1 {header}"),
        ("Set-Cookie", f"PHPSESSID={header}; Path=/{header}; Domain={header}"),
        ("Set-Cookie", f"{header.replace(' ', '_').replace('=', '')}x=1; Max-Age=99999999"),
        ("WWW-Authenticate", f'Basic realm="{header}"'),
        ("Content-Security-Policy", f"default-src 'unsafe-inline' https://{header}"),
        ("Strict-Transport-Security", f"max-age=1; {header}"), ("Referrer-Policy", header),
        ("X-Frame-Options", header), ("Cache-Control", header),
        ("Access-Control-Allow-Origin", header), ("X-Content-Type-Options", header),
    ]  # fmt: skip

    def answers(path: str, _: dict[str, str]) -> Answer:
        if path == "/":
            return Answer(302, [*headers, ("Location", f"/seen/{header}?patient={header}")])
        if path.startswith("/.well-known/openid"):
            told = {"issuer": value, "authorization_endpoint": f"http://idp.example.test/{value}"}
            return Answer(200, [("Content-Type", "application/json")], json.dumps(told).encode())
        if path.endswith(".txt"):
            said = f"Contact: mailto:{value}\nExpires: {value}\nDisallow: /{value}\n"
            return Answer(200, [("Content-Type", "text/plain")], said.encode())
        return Answer(200, headers, page)

    return answers


def certificate(folder: Path, value: str) -> tuple[Path, Path]:
    """A self-made one, with the value in its subject, its issuer and its other names."""
    root = pki.authority("Lab Root" if value == PLANTED["name"] else f"CA {value}"[:64])
    kinds: list[x509.GeneralName] = [
        x509.DNSName(HOST),
        x509.DNSName(f"{value.encode().hex()[:40]}.test"),
    ]
    if value.isascii():
        kinds += [x509.DNSName(value), x509.UniformResourceIdentifier(value)]
    if value.isascii() and "@" in value:
        kinds.append(x509.RFC822Name(value))
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, value[:64])])
    other = x509.SubjectAlternativeName([*kinds, x509.DirectoryName(named)])
    one = pki.leaf(root, (HOST,), subject=value[:64], wears=(other,))
    return pki.save(folder, "secret", [one])


@contextmanager
def site(folder: Path, value: str) -> Iterator[Target]:
    with servers.web(everywhere(value), servers.context(certificate(folder, value))) as server:
        yield Target(f"https://{HOST}:{server.port}/", seen=server.seen)


def forms(kind: str) -> set[str]:
    """How it may be written, folded: as it is, in addresses, in HTML, in JSON, without its spaces."""
    value = PLANTED[kind].removeprefix("Bearer ")
    quoted = {value, quote(value), quote(value, safe=""), quote_plus(value), escape(value)}
    quoted |= {json.dumps(value)[1:-1], value.replace(" ", ""), value.replace("%40", "@")}
    return {one.casefold() for one in quoted}
