"""Looks for a target's OpenID providers: at its own origin, and where its pages lead."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from gdpr_audit.checks.session import Session
from gdpr_audit.checks.web import metadata, signin, visit
from gdpr_audit.checks.web.metadata import Metadata, Unfit
from gdpr_audit.checks.web.page import bare
from gdpr_audit.checks.web.visit import Visit
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Subject, Text
from gdpr_audit.network import Response

REQUESTS = 8  # of one target, beside its visit
LINKS = 2  # links to the own host that are asked where they lead
TRIES = 3  # issuers tried for one authorize endpoint
#: Answers by which a server says that it has no such document.
_ABSENT = (204, 301, 302, 303, 307, 308, 400, 404, 405, 410)
_JSON = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Providers:
    """What was found. With a gap there may be more, or one whose metadata was not to be had."""

    found: tuple[Metadata, ...]
    networks: tuple[signin.Network, ...]  # of Pro Santé Connect, by address or issuer
    gap: Text | None


async def of(subject: Subject, session: Session) -> Providers:
    """The providers of this target, looked for once in an audit. Raises NetworkError."""
    look = _Look(subject, session)
    found = await session.once("providers", subject, look.all)
    assert isinstance(found, Providers)
    return found


@dataclass
class _Look:
    subject: Subject
    session: Session
    left: int = REQUESTS
    found: dict[str, Metadata] = field(default_factory=dict)
    gaps: list[Text] = field(default_factory=list)

    @property
    def host(self) -> str:
        return urlsplit(self.subject.name).hostname or ""

    async def all(self) -> Providers:
        seen = await visit.of(self.subject, self.session)
        target = urlsplit(self.subject.name)
        origin = f"{target.scheme}://{target.netloc}"
        if not await self._at(origin, metadata.OPENID):
            await self._at(origin, metadata.OAUTH)
        if self.session.declaration.kind(self.subject) == "fhir":
            base = target._replace(query="", fragment="").geturl()
            await self._at(base, metadata.SMART)
        endpoints = await self._endpoints(seen)
        for url in endpoints:
            await self._provider_of(url)
        if (why := visit.blind(seen)) is not None and (seen.missed or not endpoints):
            self.gaps.append(why)
        known = [signin.by_address(url) for url in endpoints]
        known += [signin.by_issuer(one.issuer) for one in self.found.values()]
        networks = tuple(dict.fromkeys(network for network in known if network is not None))
        return Providers(tuple(self.found.values()), networks, next(iter(self.gaps), None))

    async def _endpoints(self, seen: Visit) -> list[str]:
        """The authorize endpoints that the pages lead to, each without its query."""
        urls = [urljoin(h.url, h.location) for one in seen.all for h in one.response.hops]
        urls += [url for one in seen.all if one.page for url in one.page.authorize_links]
        urls += [_leads(one.response) for one in seen.all]
        links = [url for one in seen.all if one.page for url in one.page.provider_links]
        for link in list(dict.fromkeys(links))[:LINKS]:
            if self.left <= 0:
                break
            self.left -= 1
            try:
                answer = await self.session.door.get(
                    link, purpose="where signing in leads", redirects=0, led_by=self.host
                )
            except NetworkError as error:
                self.gaps.append(error.reason)
                continue
            urls.append(_leads(answer))
        return list(dict.fromkeys(bare(url) for url in urls if signin.authorizes(url)))

    async def _provider_of(self, url: str) -> None:
        """Find whose authorize endpoint it is, by the metadata of what it may hang below."""
        if any(bare(one.authorizes_at or "") == url for one in self.found.values()):
            return
        gaps = len(self.gaps)
        for issuer, name in list(signin.issuers(url))[:TRIES]:
            if issuer in self.found or await self._at(issuer, name):
                del self.gaps[gaps:]  # it is found: what the tries before it met is of no account
                return
        if len(self.gaps) == gaps:
            self.gaps.append(
                Text(
                    f"les métadonnées du fournisseur de {url} n'ont pas été trouvées",
                    f"the metadata of the provider of {url} was not found",
                )
            )

    async def _at(self, base: str, name: str) -> bool:
        """Whether `base` has this document; one that is of no use leaves a gap."""
        if self.left <= 0:
            return False
        self.left -= 1
        url = f"{base.rstrip('/')}/.well-known/{name}"
        try:
            answer = await self.session.door.get(
                url,
                purpose="metadata of the OpenID provider",
                headers=_JSON,
                led_by=self.host,
            )
        except NetworkError as error:
            self._miss(url, error.reason)
            return False
        kind = answer.headers.get("content-type", "").lower()
        if answer.status in _ABSENT or (answer.status == 200 and "html" in kind):
            return False  # a page for people in its place: none is published here
        try:
            one = _document(answer, url, base, name)
        except Unfit as error:
            self._miss(url, error.reason)
            return False
        self.found.setdefault(one.issuer.rstrip("/"), one)
        return True

    def _miss(self, url: str, why: Text) -> None:
        self.gaps.append(Text(f"{url} : {why.fr}", f"{url}: {why.en}"))


def _leads(answer: Response) -> str:
    """Where an answer would redirect to."""
    location = answer.headers.get("location")
    try:
        return urljoin(answer.url, location) if location else ""
    except ValueError:
        return ""


def _document(answer: Response, url: str, base: str, name: str) -> Metadata:
    if answer.status != 200:
        raise Unfit(f"réponse {answer.status}", f"answer {answer.status}")
    if answer.body_gap is not None:
        raise Unfit(*answer.body_gap)
    return metadata.read(answer.body, url, base, name)
