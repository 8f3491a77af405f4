"""A file that is said to be encrypted, by its first bytes.

age, OpenPGP, OpenSSL (`enc`, `cms`, `smime`), Ansible's vault, 7z, zip, LUKS.

A header alone proves little: what follows it has to look like cipher text, and in an archive every
file counts. What is recognised as a dump in clear is told as such; what is neither stays open.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from gdpr_audit.evidence import archives, cms, luks, openpgp, seven_zip
from gdpr_audit.evidence.artefact import Artefact, Shown, sealed
from gdpr_audit.evidence.clear import PDF, clear, clear_form, coded, readable, refuse_readable
from gdpr_audit.model import Text

_HEAD = 64 * 1024  # bytes
_AGE, _AGE_ARMOUR = b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----"
_SALTED, _LUKS = b"Salted__", b"LUKS\xba\xbe"


def read(artefact: Artefact) -> Shown:
    """Raises Unreadable for a file that is neither known cipher text nor known clear text."""
    head = artefact.head(_HEAD)
    for begins, reader in _READERS:
        if head.startswith(begins):
            return reader(artefact, head)
    # Before OpenPGP: the first byte of xz, JPEG and others reads as the tag of a packet.
    if (name := clear_form(head)) is not None:
        if name == PDF and b"/Encrypt" in head + artefact.tail(_HEAD):
            raise artefact.refuse(
                "un PDF qui se dit chiffré, sans que l'on voie comment",
                "a PDF that says it is encrypted, and not how",
            )
        return clear(artefact, name)
    if head[:1] and head[0] & 0x80 and (found := openpgp.read(artefact, head)) is not None:
        return found
    if (found := cms.read(artefact, head)) is not None:
        return found
    if coded(head) or head.startswith(b"-----BEGIN "):
        raise artefact.refuse(
            "du texte codé (base64 ou hexadécimal), de contenu inconnu",
            "coded text (base64 or hexadecimal), of unknown content",
        )
    if readable(head):
        return clear(artefact, "texte", "text")
    raise artefact.refuse(
        "ni un format chiffré connu, ni un export reconnu en clair",
        "neither a known encrypted form, nor a dump that is known to be in clear",
    )


def _age(artefact: Artefact, head: bytes) -> Shown:
    """The header ends in its MAC (`--- …`); the payload is a nonce of 16 bytes and chunks."""
    at = head.find(b"\n--- ")
    end = head.find(b"\n", at + 1) if at >= 0 else -1
    lines = head[: max(at, 0)].split(b"\n")
    recipients = [line.split()[1] for line in lines if line.startswith(b"-> ") and line[3:]][:20]
    if not recipients or end < 0:
        raise artefact.refuse("l'en-tête age est incomplet", "the age header is not whole")
    payload = head[end + 1 :]
    if (found := refuse_readable(artefact, payload, "age")) is not None:
        return found
    if len(payload) < 32:
        raise artefact.refuse("le contenu age manque", "the age payload is missing")
    names = b", ".join(dict.fromkeys(recipients)).decode("ascii", "replace")
    words = f"age ({names}), ChaCha20-Poly1305"
    told = Text(f"{artefact.name} : {words}", f"{artefact.name}: {words}")
    return sealed(told, "CHACHA20", "POLY1305", 256)


def _armoured_age(artefact: Artefact, head: bytes) -> Shown:
    inner = openpgp.unarmour(head)
    if not inner.startswith(_AGE):
        raise artefact.refuse("l'armure age est vide", "the age armour is empty")
    return _age(artefact, inner)


def _salted(artefact: Artefact, head: bytes) -> Shown:
    """`openssl enc` writes neither cipher nor mode; it has no authenticated ones."""
    if (found := refuse_readable(artefact, head[16:], "OpenSSL")) is not None:
        return found
    if len(head) < 24:
        raise artefact.refuse("le contenu manque", "the content is missing")
    return sealed(
        Text(
            f"{artefact.name} : openssl enc ; chiffre et mode n'y sont pas écrits",
            f"{artefact.name}: openssl enc; cipher and mode are not written in it",
        )
    )


def _coded_salted(artefact: Artefact, head: bytes) -> Shown:
    """`openssl enc -a`: the same in base64."""
    text = b"".join(head.split())
    try:
        return _salted(artefact, base64.b64decode(text[: len(text) // 4 * 4], validate=True))
    except ValueError:
        raise artefact.refuse("le base64 est abîmé", "the base64 is broken") from None


def _vault(artefact: Artefact, head: bytes) -> Shown:
    """Ansible's vault: AES-256 in CTR with HMAC-SHA256, in hexadecimal."""
    first, _, rest = head.partition(b"\n")
    body = rest.split()
    if not body or any(word.strip(b"0123456789abcdef") for word in body) or b"AES256" not in first:
        raise artefact.refuse("le coffre Ansible est abîmé", "the Ansible vault is broken")
    name = artefact.name
    words = Text(f"{name} : coffre Ansible, AES-256", f"{name}: Ansible vault, AES-256")
    return sealed(words, "AES", "CTR-HMAC", 256)


_READERS: tuple[tuple[bytes, Callable[[Artefact, bytes], Shown]], ...] = (
    (_AGE, _age),
    (_AGE_ARMOUR, _armoured_age),
    (_SALTED, _salted),
    (b"U2FsdGVkX1", _coded_salted),
    (b"$ANSIBLE_VAULT;", _vault),
    (_LUKS, lambda artefact, _head: luks.read(artefact)),
    (b"-----BEGIN PGP MESSAGE-----", openpgp.armoured),
    (b"7z\xbc\xaf\x27\x1c", seven_zip.read),
    (b"PK\x03\x04", archives.zipped),
    (b"PK\x05\x06", archives.zipped),
)
