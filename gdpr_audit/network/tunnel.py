"""A way through an HTTP proxy, by CONNECT."""

from __future__ import annotations

import base64

from gdpr_audit.errors import ConnectFailed
from gdpr_audit.model import Text
from gdpr_audit.network.settings import Proxy
from gdpr_audit.network.stream import Stream


async def through(stream: Stream, proxy: Proxy, address: str, port: int) -> None:
    """Ask the proxy for the connection. Raises ConnectFailed with its status."""
    where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    lines = [f"CONNECT {where} HTTP/1.1", f"Host: {where}"]
    if proxy.user is not None:
        token = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {token}")
    try:
        await stream.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head and len(head) < 16384:
            more = await stream.read(1)  # not a byte beyond the head: the rest is the peer's
            if not more:
                break
            head += more
        status = head.split(b"\r\n", 1)[0].decode("latin-1")[:100]
        if b"\r\n\r\n" in head and status.split(" ")[1:2] == ["200"]:
            return
    except BaseException:
        stream.abort()
        raise
    stream.outcome = "proxy"
    stream.abort()
    name = f"{proxy.host}:{proxy.port}"
    raise ConnectFailed(
        Text(
            f"le proxy {name} n'a pas joint {where} : {status or 'sans réponse'}",
            f"the proxy {name} did not reach {where}: {status or 'no answer'}",
        )
    )
