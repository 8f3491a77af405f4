"""Sends a few bytes to a service that the user names: no target, and so no probe of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gdpr_audit.network import http

if TYPE_CHECKING:
    from gdpr_audit.model import Text
    from gdpr_audit.network.door import Door


class Answer(NamedTuple):
    """A status and a body; `gap` says why not all of the body was read."""

    status: int
    body: bytes
    gap: Text | None


async def post(
    door: Door, url: str, content: bytes, *, kind: str, purpose: str, limit: int
) -> Answer:
    """POST `content`, of the media type `kind`, and read at most `limit` bytes of the answer.

    Over https the service's certificate must be trusted. No redirect is followed. Raises
    NetworkError.
    """
    return await http.in_time(door, url, _post(door, url, content, kind, purpose, limit))


async def _post(
    door: Door, url: str, content: bytes, kind: str, purpose: str, limit: int
) -> Answer:
    address = await http.pin(door, url, purpose)
    context = http.verifying_context(door.settings.ca_file)
    headers = {"Content-Type": kind, "Accept": "*/*", "Accept-Encoding": "identity"}
    one = await http.ask(door, url, purpose, headers, address, content, limit, context)
    return Answer(one.status, one.body, one.body_gap)
