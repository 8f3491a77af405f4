"""Reads HTML with a real parser, bounded, and keeps only what facts are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from gdpr_audit.checks import effort
from gdpr_audit.checks.web import fields, personal, signin
from gdpr_audit.redaction import without_names

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

SCRIPT = 100_000  # characters of one inline script that are searched
LONGEST = 1200  # characters kept of an address
ITEMS = 5000  # elements of a kind that are looked at; a page of more is a trap


@dataclass(frozen=True, slots=True)
class LoginForm:
    """A form with a password field."""

    page: str
    action: str
    method: str
    maxlength: int | None
    minlength: int | None
    pattern: str | None
    fields: tuple[fields.Field, ...] = field(default=(), repr=False)


class Page(NamedTuple):
    """What one HTML page holds."""

    url: str
    generator: str | None
    referrer: str | None
    mixed: tuple[str, ...]
    unverified: tuple[str, ...]
    forms: tuple[LoginForm, ...]
    collects: bool
    notice: bool
    login_links: tuple[str, ...]
    others: tuple[str, ...]  # hosts that the page loads from, or names in a script of its own
    in_addresses: tuple[str, ...]  # fields of GET forms and of links that hold personal data
    authorize_links: tuple[str, ...]  # authorization requests to a provider
    provider_links: tuple[str, ...]  # links to the own host that may lead to one


_LOADS = {
    "script": "src", "img": "src", "iframe": "src", "link": "href", "audio": "src",
    "video": "src", "source": "src", "embed": "src", "object": "data", "form": "action",
    "input": "src",
}  # fmt: skip
_LOADED_LINKS = ("stylesheet", "preload", "modulepreload", "icon", "manifest", "prefetch")
_PERSONAL = re.compile(
    r"mail|nom|name|tel|phone|adress|naissance|birth|nir|secu|ins|password|passe|carte|vitale|"
    r"sympt|message|login|identifiant|user",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""["'](?:https?:)?//([a-z0-9-]+(?:\.[a-z0-9-]+)+)[/"']""", re.IGNORECASE)
_NOTICE = re.compile(
    r"confidentialit|vie.priv|donn.{1,3}es.person|protection.des.donn|privacy|rgpd|gdpr|"
    r"data.protection|mentions.l.gales",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"connexion|se.connecter|connecter|identif|login|log.?in|sign.?in|mon.compte|espace|account|auth",
    re.IGNORECASE,
)


def read(html: str, url: str) -> Page:
    """The page at `url`. Never fails: whatever the parser makes of the text is what there is."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - many targets have no HTML

    tree = LexborHTMLParser(html[: effort.affordable(html)])
    base = url
    first = tree.css_first("base[href]")
    if first is not None:
        base = _join(url, first.attributes.get("href")) or url
    forms = tree.css("form")[:ITEMS]
    links = _links(tree, base)
    return Page(
        url=url,
        generator=_meta(tree, "generator"),
        referrer=(_meta(tree, "referrer") or "").strip().lower() or None,
        mixed=_mixed(tree, base, url),
        unverified=_unverified(tree, base, url),
        forms=tuple(f for form in forms for f in _login_form(form, base, url)),
        collects=any(_collects(form) for form in forms),
        notice=any(_speaks(link, _NOTICE) for link in tree.css("a[href]")[:ITEMS]),
        login_links=_login_links(tree, base, url),
        others=_others(tree, base, url),
        in_addresses=_in_addresses(tree, forms, base),
        authorize_links=signin.authorize_links(links),
        provider_links=signin.provider_links(links, url),
    )


def _meta(tree: LexborHTMLParser, name: str) -> str | None:
    for node in tree.css("meta[name]")[:ITEMS]:
        if (node.attributes.get("name") or "").lower() == name:
            return node.attributes.get("content")
    return None


def _join(base: str, given: str | None) -> str | None:
    try:
        joined = urljoin(base, (given or "").strip())
        urlsplit(joined)
    except ValueError:
        return None
    return joined


def _loads(tree: LexborHTMLParser, base: str) -> list[tuple[LexborNode, str]]:
    found = []
    for tag, attribute in _LOADS.items():
        for node in tree.css(f"{tag}[{attribute}]")[:ITEMS]:
            rel = (node.attributes.get("rel") or "").lower()
            if tag == "link" and not any(word in rel for word in _LOADED_LINKS):
                continue
            if target := _join(base, node.attributes.get(attribute)):
                found.append((node, target))
    return found


def bare(url: str) -> str:
    """An address without its query, which may carry personal data. Facts cut it, once redacted."""
    return urlsplit(url)._replace(query="", fragment="").geturl()[:LONGEST]


def _mixed(tree: LexborHTMLParser, base: str, url: str) -> tuple[str, ...]:
    if urlsplit(url).scheme != "https":
        return ()
    found = [bare(target) for _, target in _loads(tree, base) if target.startswith("http://")]
    return tuple(dict.fromkeys(found))


def _unverified(tree: LexborHTMLParser, base: str, url: str) -> tuple[str, ...]:
    """Scripts and styles of other hosts without integrity."""
    own = urlsplit(url).hostname
    found = []
    for node, target in _loads(tree, base):
        rel = (node.attributes.get("rel") or "").lower()
        if node.tag == "script" or (node.tag == "link" and "stylesheet" in rel):
            host = urlsplit(target).hostname
            if host and host != own and not node.attributes.get("integrity"):
                found.append(bare(target))
    return tuple(dict.fromkeys(found))


def _others(tree: LexborHTMLParser, base: str, url: str) -> tuple[str, ...]:
    """Other hosts of what is loaded, and those that an inline script names as an address."""
    hosts = [urlsplit(target).hostname for _, target in _loads(tree, base)]
    for script in tree.css("script:not([src])")[:ITEMS]:
        hosts += _QUOTED.findall(script.text(deep=True)[:SCRIPT])
    own = urlsplit(url).hostname
    return tuple(dict.fromkeys(host.lower() for host in hosts if host and host != own))


def _in_addresses(tree: LexborHTMLParser, forms: list[LexborNode], base: str) -> tuple[str, ...]:
    found: list[str] = []
    for form in forms:
        if (form.attributes.get("method") or "get").strip().lower() != "get":
            continue
        given = [
            (node.attributes.get("name") or "", (node.attributes.get("type") or "text").lower())
            for node in form.css("input, textarea, select")[:ITEMS]
        ]
        shown = [pair for pair in given if pair[1] not in ("submit", "button", "reset", "image")]
        found += [f"form GET {without_names(word)}" for word in personal.of_form(shown)]
    for link in tree.css("a[href]")[:ITEMS]:
        target = _join(base, link.attributes.get("href"))
        if target and urlsplit(target).scheme in ("http", "https"):
            path = urlsplit(target).path[:100]
            found += [f"link {path}?{word}" for word in personal.of_link(target)]
    return tuple(dict.fromkeys(found))


def _login_form(form: LexborNode, base: str, url: str) -> list[LoginForm]:
    secrets = form.css('input[type="password" i]')
    if not secrets:
        return []
    given = secrets[0].attributes
    submit = form.css_first("button[formaction], input[formaction]")
    action = submit.attributes.get("formaction") if submit is not None else None
    method = (form.attributes.get("method") or "get").strip().upper()
    return [
        LoginForm(
            page=url,
            action=_join(base, action or form.attributes.get("action")) or url,
            method="POST" if method == "POST" else "GET",
            maxlength=_number(given.get("maxlength")),
            minlength=_number(given.get("minlength")),
            pattern=given.get("pattern"),
            fields=fields.read(form),
        )
    ]


def _number(given: str | None) -> int | None:
    return int(given) if given and re.fullmatch(r"\s*\d{1,6}\s*", given) else None


def _collects(form: LexborNode) -> bool:
    for node in form.css("input, textarea, select")[:ITEMS]:
        kind = (node.attributes.get("type") or "text").lower()
        if kind in ("hidden", "submit", "button", "search", "reset", "image"):
            continue
        if kind in ("email", "tel", "password", "date", "file"):
            return True
        words = f"{node.attributes.get('name')} {node.attributes.get('id')}"
        if _PERSONAL.search(words):
            return True
    return False


def _speaks(node: LexborNode, pattern: re.Pattern[str]) -> bool:
    words = f"{node.attributes.get('href') or ''} {node.text(deep=True)[:300]}"
    return pattern.search(words) is not None


def _links(tree: LexborHTMLParser, base: str) -> list[tuple[str, str]]:
    """Each link's address, and the words on it."""
    return [
        (target, node.text(deep=True)[:300])
        for node in tree.css("a[href]")[:ITEMS]
        if (target := _join(base, node.attributes.get("href")))
    ]


def _login_links(tree: LexborHTMLParser, base: str, url: str) -> tuple[str, ...]:
    own = urlsplit(url).hostname
    found = []
    for node in tree.css("a[href]")[:ITEMS]:
        target = _join(base, node.attributes.get("href"))
        if not target or not _speaks(node, _LOGIN):
            continue
        parts = urlsplit(target)
        if parts.hostname == own and parts.scheme in ("http", "https"):
            found.append(parts._replace(fragment="").geturl())
    return tuple(dict.fromkeys(found))
