"""A time stamp by RFC 3161: a third party's word that a manifest was there at that time.

The library is an extra. Asking is the commands' part; here are the question's bytes and what an
answer's bytes show. An answer is hostile input: whatever it is, it stands or is refused.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from gdpr_audit.errors import InputError

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

NAME = "manifest.tsr"
LIMIT = 256 * 1024  # bytes of an answer
ASKED = "application/timestamp-query"
_SHA256 = "2.16.840.1.101.3.4.2.1"


class Refused(Exception):
    """An answer that is no stamp of what was sent; its message says why."""


class Request(NamedTuple):
    """The question in DER, and what its answer must repeat."""

    der: bytes
    nonce: int | None


def here() -> bool:
    """Whether the library is installed."""
    return find_spec("rfc3161_client") is not None


def require(what: str) -> None:
    """Raises InputError with the command that installs the library, where it is missing."""
    if not here():
        raise InputError(f"{what}: needs a library: pip install 'gdpr-audit[timestamp]'")


def refuse_address(url: str) -> None:
    """Raises InputError for what is not an address of http or https."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or parts.username:
        raise InputError(
            "--timestamp: expected the http:// or https:// address of an authority, without a "
            "password"
        )


def request(content: bytes) -> Request:
    """What is to be sent for a stamp of `content`: its SHA-256 and a random number."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415 - an extra

    made = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    return Request(made.as_bytes(), made.nonce)


def accept(answer: bytes, content: bytes, sent: Request) -> datetime:
    """The time of the stamp that was asked for. Raises Refused."""
    found = _parsed(answer)
    time = _time(found, content)
    if found.tst_info.nonce != sent.nonce:
        raise Refused("an answer to another question")
    return time


def time_of(answer: bytes, content: bytes) -> datetime:
    """The time that a stamp of `content` claims; who says so is not looked at. Raises Refused."""
    return _time(_parsed(answer), content)


def verify(answer: bytes, content: bytes, authorities: bytes) -> datetime:
    """The time of a stamp of `content` under one of these roots (PEM). Raises Refused.

    The chain is held to be valid at the time of the stamp, not today; nothing is asked of anyone
    about revocation.
    """
    from cryptography import x509  # noqa: PLC0415 - as the library
    from rfc3161_client import VerificationError, VerifierBuilder  # noqa: PLC0415 - an extra

    found = _parsed(answer)
    time = _time(found, content)
    builder = VerifierBuilder()
    for root in x509.load_pem_x509_certificates(authorities):
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(found, content)
    except (VerificationError, ValueError) as error:
        raise Refused(" ".join(str(error).split())[:200]) from error
    return time


def roots(pem: bytes, where: str) -> bytes:
    """The PEM again, once it is seen to hold certificates. Raises InputError."""
    from cryptography import x509  # noqa: PLC0415 - when a stamp is verified

    try:
        x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise InputError(f"{where}: not a PEM file of certificates") from None
    return pem


def _parsed(answer: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - an extra

    try:
        found = decode_timestamp_response(answer)
    except ValueError as error:
        raise Refused("not an answer by RFC 3161") from error
    if found.status != 0:
        said: Any = found.status_string
        words = " ".join(map(str, said or ()))[:200]
        raise Refused(f"the authority refused (status {found.status}): {words}")
    return found


def _time(found: TimeStampResponse, content: bytes) -> datetime:
    try:
        told = found.tst_info
        imprint, time = told.message_imprint, told.gen_time
        same = imprint.hash_algorithm.dotted_string == _SHA256
        same = same and imprint.message == hashlib.sha256(content).digest()
    except ValueError as error:
        raise Refused("not an answer by RFC 3161") from error
    if not same:
        raise Refused("a stamp of something else")
    return time.astimezone(UTC)
