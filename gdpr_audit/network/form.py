"""Submits a form through the door: one POST, to the audited target alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from gdpr_audit.model import Text
from gdpr_audit.network import http
from gdpr_audit.network.journal import bare
from gdpr_audit.network.mandate import canonical
from gdpr_audit.network.response import Response

if TYPE_CHECKING:
    from gdpr_audit.network.door import Door


def astray(url: str, target: str) -> Text | None:
    """Why a form of `target` may not be sent to `url`; None where it may.

    The same host and port, or https where the target itself is in clear; nothing less guarded.
    """
    to, own = urlsplit(url), urlsplit(target)
    ports = {"http": 80, "https": 443}
    same = canonical(to.hostname or "") == canonical(own.hostname or "")
    if to.scheme == own.scheme:
        same = same and (to.port or ports.get(to.scheme)) == (own.port or ports.get(own.scheme))
    shown = bare(url)
    if not same or to.scheme not in ports:
        return Text(
            f"le formulaire s'envoie hors de la cible ({shown})",
            f"the form is sent outside the target ({shown})",
        )
    if to.scheme == "http" and own.scheme != "http":
        return Text(
            f"le formulaire s'envoie en clair ({shown})", f"the form is sent in clear ({shown})"
        )
    return None


async def submit(
    door: Door,
    url: str,
    fields: Sequence[tuple[str, str]],
    purpose: str,
    headers: Mapping[str, str],
) -> Response:
    """POST a form's `fields` to `url`, once; where a redirect would lead stays in its Location.

    `seconds` is the time from the connection's opening to the answer's end. Raises NetworkError.
    """
    return await http.in_time(door, url, _submit(door, url, fields, purpose, headers))


async def _submit(
    door: Door,
    url: str,
    fields: Sequence[tuple[str, str]],
    purpose: str,
    headers: Mapping[str, str],
) -> Response:
    content = urlencode(fields).encode()
    given = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    address = await http.pin(door, url, purpose)
    one = await http.ask(door, url, purpose, given, address, content)
    cookies = tuple((url, value) for value in one.headers.get_list("set-cookie")[: http.COOKIES])
    return Response(
        url,
        one.status,
        one.headers,
        one.body,
        one.body_gap,
        (),
        cookies,
        one.address,
        one.tls,
        one.certificate,
        one.seconds,
    )
