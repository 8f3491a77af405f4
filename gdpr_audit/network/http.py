"""HTTP through the door: httpx above, our sockets below, redirects watched, bodies bounded.

Certificates are not verified here and old TLS is spoken: whether to trust a server is for the
rules to say, and the headers of a badly set one are facts all the same.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from gdpr_audit import __version__
from gdpr_audit.errors import (
    ConnectFailed,
    NetworkError,
    ProtocolFailed,
    ResolutionFailed,
)
from gdpr_audit.model import Text
from gdpr_audit.network import body, lenient
from gdpr_audit.network.inward import is_inward, refuse
from gdpr_audit.network.journal import bare
from gdpr_audit.network.response import Hop, RedirectStopped, Response
from gdpr_audit.network.stream import Stream

if TYPE_CHECKING:
    from gdpr_audit.network.door import Door

# httpcore looks for sniffio, through all of sys.path, at each lock that it makes.
if find_spec("sniffio") is None:
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]  # which means: not installed

T = TypeVar("T")
COOKIES = 100  # Set-Cookie headers kept of one exchange
_REDIRECT = (301, 302, 303, 307, 308)


@cache
def lenient_context() -> ssl.SSLContext:
    """Speaks whatever the local TLS library still can, and verifies nothing."""
    context = lenient.context()
    context.set_alpn_protocols(["http/1.1"])
    return context


@cache
def verifying_context(ca_file: Path | None) -> ssl.SSLContext:
    """For what others say of the target: their word counts only where they are who they are."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context


class _Socket(httpcore.AsyncNetworkStream):
    """A door's stream as httpcore wants it; the door has time-outs of its own.

    `step` bounds each read, so that of a long body no more is taken than is wanted.
    """

    def __init__(self, stream: Stream, step: int) -> None:
        self.stream, self.step = stream, step

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109 - httpcore's interface
        return await self.stream.read(min(max_bytes, self.step))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - httpcore's interface
        await self.stream.write(buffer)

    async def aclose(self) -> None:
        await self.stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's interface
    ) -> httpcore.AsyncNetworkStream:
        await self.stream.start_tls(ssl_context, server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:
        return self.stream.ssl_object if info == "ssl_object" else None


class _Sockets(httpcore.AsyncNetworkBackend):
    """Opens httpcore's sockets through the door, to the address that was checked."""

    def __init__(self, door: Door, purpose: str, address: str | None, step: int) -> None:
        self.door, self.purpose, self.address, self.step = door, purpose, address, step
        self.opened: Stream | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - httpcore's interface
        local_address: str | None = None,  # noqa: ARG002 - httpcore's interface
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - httpcore's interface
    ) -> httpcore.AsyncNetworkStream:
        self.opened = await self.door.connect(
            host, port, purpose=self.purpose, address=self.address
        )
        return _Socket(self.opened, self.step)


class _Transport(httpx.AsyncBaseTransport):
    """httpx's last step, by way of httpcore and the door. One connection, one request."""

    def __init__(self, sockets: _Sockets, context: ssl.SSLContext) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, http1=True, http2=False, network_backend=sockets
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        response = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        assert not isinstance(response.stream, bytes)
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response.stream),  # type: ignore[arg-type]  # an async pool gives an async stream
            extensions=dict(response.extensions),
        )

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        close = getattr(self._stream, "aclose", None)
        if close is not None:
            await close()


async def fetch(
    door: Door,
    url: str,
    purpose: str,
    headers: Mapping[str, str],
    redirects: int,
    limit: int,
    *,
    verified: bool = False,
    led_by: str | None = None,
) -> Response:
    """GET `url` and follow its redirects, within the time of one exchange.

    At most `limit` bytes of each body are read. `verified`: only from a server whose
    certificate is trusted. `led_by`: the host whose word the URL is.

    Raises RedirectStopped (with the last answer) for a redirect that is not followed, other
    NetworkErrors where there is no answer at all.
    """
    context = verifying_context(door.settings.ca_file) if verified else lenient_context()
    if led_by is not None:
        await refuse(door, led_by, urlsplit(url).hostname or "", purpose)
    exchange = _follow(door, url, purpose, headers, redirects, limit, context)
    return await in_time(door, url, exchange)


async def in_time(door: Door, url: str, exchange: Coroutine[Any, Any, T]) -> T:
    """The outcome of an exchange, or ConnectFailed where its time is over."""
    seconds = door.settings.exchange_seconds
    try:
        async with asyncio.timeout(seconds):
            return await exchange
    except TimeoutError as error:
        host = urlsplit(url).hostname
        raise ConnectFailed(
            Text(
                f"la réponse de {host} n'était pas complète après {seconds:g} s",
                f"the answer of {host} was not complete after {seconds:g} s",
            )
        ) from error


async def _follow(
    door: Door,
    url: str,
    purpose: str,
    headers: Mapping[str, str],
    redirects: int,
    limit: int,
    context: ssl.SSLContext,
) -> Response:
    began = time.monotonic()
    hops: list[Hop] = []
    cookies: list[tuple[str, str]] = []
    seen = {url}
    outward: bool | None = None
    while True:
        address = await pin(door, url, purpose)
        if outward is None:
            outward = address is None or not is_inward(address)
        one = await ask(door, url, purpose, headers, address, limit=limit, context=context)
        cookies += [(url, value) for value in one.headers.get_list("set-cookie")]
        answer = Response(
            url,
            one.status,
            one.headers,
            one.body,
            one.body_gap,
            tuple(hops),
            tuple(cookies[:COOKIES]),
            one.address,
            one.tls,
            one.certificate,
            round(time.monotonic() - began, 3),
        )
        location = one.headers.get("location")
        if one.status not in _REDIRECT or location is None or redirects == 0:
            return answer
        hops.append(Hop(url, one.status, location[:2000]))
        refusal, url = await _refusal(door, url, location, purpose, seen, outward=outward)
        if len(hops) > redirects:
            refusal = Text(f"plus de {redirects} redirections", f"more than {redirects} redirects")
        if refusal is not None:
            raise RedirectStopped(refusal, answer)
        seen.add(url)


async def _refusal(
    door: Door, url: str, location: str, purpose: str, seen: set[str], *, outward: bool
) -> tuple[Text | None, str]:
    """Why a redirect is not followed, and where it leads."""
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        host, _ = parts.hostname, parts.port
        httpx.URL(target)
    except (ValueError, httpx.InvalidURL):
        return Text(
            "redirection vers une adresse illisible", "redirect to an unreadable address"
        ), url
    if parts.scheme not in ("http", "https") or not host:
        shown = parts.scheme or "?"
        return Text(f"redirection vers {shown}:", f"redirect to {shown}:"), url
    if target in seen:
        return Text("les redirections tournent en rond", "the redirects go in circles"), url
    if outward:
        address = await pin(door, target, purpose)
        if address is not None and is_inward(address):
            return (
                Text(
                    f"redirection d'une adresse publique vers une adresse privée ({host})",
                    f"redirect from a public address to a private one ({host})",
                ),
                url,
            )
    return None, target


async def pin(door: Door, url: str, purpose: str) -> str | None:
    """The address to connect to, so that it is the one that was checked.

    An inward one among several is taken for all: a name that mixes both is up to no good. None
    where only the proxy can resolve the name.
    """
    host = urlsplit(url).hostname or ""
    try:
        addresses = await door.addresses(host, purpose=purpose)
    except ResolutionFailed:
        if door.settings.proxy is not None and door.settings.resolver is None:
            return None
        raise
    inward = [address for address in addresses if is_inward(address)]
    return (inward or list(addresses))[0]


@dataclass(frozen=True, slots=True)
class _One:
    status: int
    headers: httpx.Headers
    body: bytes
    body_gap: Text | None
    address: str
    tls: tuple[str, str] | None
    certificate: bytes | None
    seconds: float


async def ask(
    door: Door,
    url: str,
    purpose: str,
    headers: Mapping[str, str],
    address: str | None,
    content: bytes | None = None,
    limit: int | None = None,
    context: ssl.SSLContext | None = None,
) -> _One:
    """One request to one address: a GET, or a POST where there is content."""
    most = limit or door.settings.body_limit
    host = urlsplit(url).hostname or ""
    sent = {
        "User-Agent": f"gdpr-audit/{__version__}",
        "Accept": "text/html,*/*;q=0.5",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
        **headers,
    }
    method, outcome = "GET" if content is None else "POST", "failed"
    last: NetworkError | None = None
    for pinned in await _candidates(door, host, purpose, address):
        sockets = _Sockets(door, purpose, pinned, most)
        transport = _Transport(sockets, context or lenient_context())
        try:
            # Not by httpx's client: it reads a redirect's address and fails on a bad one.
            request = httpx.Request(method, url, headers=sent, content=content)
            one = await _answer(await transport.handle_async_request(request), sockets, most)
        except (httpcore.ProtocolError, httpx.InvalidURL, UnicodeError) as error:
            outcome = "protocol"
            raise ProtocolFailed(
                Text(
                    f"la réponse de {host} n'est pas du HTTP lisible ({error})",
                    f"the answer of {host} is not readable HTTP ({error})",
                )
            ) from error
        except ConnectFailed as error:
            last = error
            if sockets.opened is not None:
                raise
        else:
            outcome = str(one.status)
            return one
        finally:
            await transport.aclose()
            said = {"target": bare(url), "purpose": purpose, "outcome": outcome}
            door.journal.note("http", method=method, **said)
    assert last is not None
    raise last


async def _answer(response: httpx.Response, sockets: _Sockets, limit: int) -> _One:
    opened = sockets.opened
    tls = opened.ssl_object if opened else None
    version, cipher = (tls.version(), tls.cipher()) if tls else (None, None)
    try:
        content, gap = await body.read(response, limit)
    finally:
        await response.aclose()
    return _One(
        response.status_code,
        response.headers,
        content,
        gap,
        opened.address if opened else "",
        (version or "", cipher[0]) if cipher else None,
        tls.getpeercert(binary_form=True) if tls else None,
        opened.seconds if opened else 0.0,
    )


async def _candidates(door: Door, host: str, purpose: str, address: str | None) -> list[str | None]:
    """The pinned address first; then its like, as a host may not listen on all of them."""
    if address is None:
        return [None]
    others = await door.addresses(host, purpose=purpose)
    like = [other for other in others if is_inward(other) == is_inward(address)]
    found: list[str | None] = [address, *(other for other in like if other != address)]
    return found[:4]
