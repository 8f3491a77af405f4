"""Ed25519 (RFC 8032): the key that signs a manifest, and the signature as a file."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gdpr_audit import strict_json
from gdpr_audit.errors import InputError
from gdpr_audit.proof import manifest

NAME = "manifest.sig"
ALGORITHM = "Ed25519"
#: Before what is signed, so that no signature for anything else can be passed off as one of these.
_PURPOSE = b"gdpr-audit/bundle/1 manifest\n"
_KEY_ID = re.compile(r"ed25519:[0-9a-f]{32}")
LIMIT = 64 * 1024  # bytes of a key file


class Signature(NamedTuple):
    """A signature as it is read: the raw public key that made it, and 64 bytes."""

    key: bytes
    signature: bytes

    @property
    def key_id(self) -> str:
        return key_id(self.key)


def key_id(raw: bytes) -> str:
    """What a raw public key is called: the first 16 bytes of its SHA-256."""
    return f"ed25519:{hashlib.sha256(raw).hexdigest()[:32]}"


def is_key_id(text: str) -> bool:
    return _KEY_ID.fullmatch(text) is not None


def make(passphrase: str | None) -> tuple[bytes, bytes, str]:
    """A new key: PKCS #8 in PEM, encrypted where there is a passphrase; the public one; its id."""
    key = Ed25519PrivateKey.generate()
    wrap: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        wrap = serialization.BestAvailableEncryption(passphrase.encode())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, wrap)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public, key_id(key.public_key().public_bytes_raw())


def private(pem: bytes, where: str, passphrase: str | None) -> Ed25519PrivateKey:
    """The key in a PEM file. Raises InputError that says what is wrong with it."""
    mend = "make one with `gdpr-audit keygen`"
    secret = passphrase.encode() if passphrase else None
    try:
        try:
            key = serialization.load_pem_private_key(pem, secret)
        except TypeError:
            if secret is None:
                raise InputError(
                    f"{where}: the key is encrypted; give GDPR_AUDIT_SIGN_PASSPHRASE"
                ) from None
            key = serialization.load_pem_private_key(pem, None)  # a passphrase, and no need of it
    except (ValueError, UnsupportedAlgorithm):
        wrong = "or GDPR_AUDIT_SIGN_PASSPHRASE is not its passphrase; " if secret else ""
        raise InputError(f"{where}: not a private key in PEM; {wrong}{mend}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{where}: the key is not of Ed25519; {mend}")
    return key


def public(pem: bytes, where: str) -> bytes:
    """The raw public key in a PEM file. Raises InputError."""
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise InputError(
            f"{where}: not a public key in PEM; give the .pub file of `gdpr-audit keygen`, or the "
            "key's id"
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{where}: the key is not of Ed25519")
    return key.public_bytes_raw()


def id_of(key: Ed25519PrivateKey) -> str:
    return key_id(key.public_key().public_bytes_raw())


def sign(content: bytes, key: Ed25519PrivateKey) -> bytes:
    """The signature of a manifest, as a file."""
    raw = key.public_key().public_bytes_raw()
    return _written(raw, key.sign(_PURPOSE + content))


def _written(raw: bytes, signature: bytes) -> bytes:
    return manifest.dumps(
        {
            "algorithm": ALGORITHM,
            "key": base64.b64encode(raw).decode(),
            "key_id": key_id(raw),
            "signature": base64.b64encode(signature).decode(),
        }
    )


def read(content: bytes) -> Signature:
    """Raises ValueError for what is not a signature as this tool writes it, to the byte."""
    try:
        found: Any = strict_json.loads(content)
        raw, signature = (base64.b64decode(found[part]) for part in ("key", "signature"))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError("not a signature") from error
    if len(raw) != 32 or _written(raw, signature) != content:
        raise ValueError("not a signature")
    return Signature(raw, signature)


def holds(signature: Signature, content: bytes) -> bool:
    """Whether it is a signature of this manifest by the key that it names."""
    try:
        Ed25519PublicKey.from_public_bytes(signature.key).verify(
            signature.signature, _PURPOSE + content
        )
    except (InvalidSignature, ValueError):
        return False
    return True
