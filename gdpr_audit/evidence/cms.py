"""CMS, the successor of PKCS #7 (RFC 5652, RFC 5083): `openssl cms`, `openssl smime`, S/MIME."""

from __future__ import annotations

import base64
import re

from gdpr_audit.evidence.artefact import Artefact, Shown, sealed
from gdpr_audit.evidence.clear import refuse_readable
from gdpr_audit.model import Text

#: Object identifiers in DER: what the content is, and by which cipher.
_ENVELOPED = bytes.fromhex("06092a864886f70d010703")
_AUTH_ENVELOPED = bytes.fromhex("060b2a864886f70d0109100117")
_ENCRYPTED = bytes.fromhex("06092a864886f70d010706")
_AES = bytes.fromhex("06096086480165030401")
_AES_KINDS = {
    2: ("CBC", 128), 22: ("CBC", 192), 42: ("CBC", 256), 6: ("GCM", 128), 26: ("GCM", 192),
    46: ("GCM", 256),
}  # fmt: skip
_OTHERS = {
    bytes.fromhex("06082a864886f70d0307"): ("3DES", "CBC", 168),
    bytes.fromhex("06052b0e030207"): ("DES", "CBC", 56),
    bytes.fromhex("06082a864886f70d0302"): ("RC2", "CBC", None),
}
_PEM = re.compile(rb"-----BEGIN (?:CMS|PKCS7|PKCS #7 SIGNED DATA)-----\s+(.*)", re.DOTALL)
_MIME = re.compile(rb"^Content-Type: application/(?:x-)?pkcs7", re.IGNORECASE | re.MULTILINE)
_KINDS = (_ENVELOPED, _AUTH_ENVELOPED, _ENCRYPTED)


def read(artefact: Artefact, head: bytes) -> Shown | None:
    """An encrypted message in DER, PEM or S/MIME; None for what is none."""
    der = _der(head)
    if der[:1] != b"\x30" or not any(
        oid in der[:40] for oid in (_ENVELOPED, _AUTH_ENVELOPED, _ENCRYPTED)
    ):
        return None
    name, mode, bits = _cipher(der)
    if (found := refuse_readable(artefact, der[-2048:], "CMS")) is not None:
        return found
    shown = f"{name}-{bits} {mode}" if name and bits else name or "?"
    return sealed(
        Text(f"{artefact.name} : CMS, {shown}", f"{artefact.name}: CMS, {shown}"),
        name,
        mode,
        bits,
    )


def _der(head: bytes) -> bytes:
    if (pem := _PEM.match(head)) is not None:
        return _decoded(pem[1].split(b"-----END")[0])
    headers, blank, body = head.replace(b"\r\n", b"\n").partition(b"\n\n")
    if blank and _MIME.search(headers[:4096]) is not None:
        return _decoded(body)
    return head


def _decoded(text: bytes) -> bytes:
    bare = b"".join(text.split())
    try:
        return base64.b64decode(bare[: len(bare) // 4 * 4], validate=True)
    except ValueError:
        return b""


def _cipher(der: bytes) -> tuple[str | None, str | None, int | None]:
    """The content's cipher: of those named, the last, as key wrapping stands before it."""
    found: list[tuple[int, tuple[str, str, int | None]]] = []
    at = der.find(_AES)
    while at >= 0:
        kind = der[at + len(_AES)] if at + len(_AES) < len(der) else 0
        if kind in _AES_KINDS:
            found.append((at, ("AES", *_AES_KINDS[kind])))
        at = der.find(_AES, at + 1)
    found += [(der.rfind(oid), cipher) for oid, cipher in _OTHERS.items() if oid in der]
    return max(found)[1] if found else (None, None, None)
