"""Asks a TLS server one question in raw bytes: ground truth where openssl and curl no longer can.

    python -m tools.compare.probe localhost:4433 hello 0300 0005   # SSL 3 with RC4-SHA
    python -m tools.compare.probe localhost:4433 deflate           # a hello that offers DEFLATE
    python -m tools.compare.probe localhost:4433 heartbeat         # it asks for more than it brings
    python -m tools.compare.probe localhost:4433 early-ccs         # a ChangeCipherSpec before a key
    python -m tools.compare.probe localhost:4433 oracle            # well and badly padded secrets
    python -m tools.compare.probe localhost:4433 fallback          # TLS 1.1 with TLS_FALLBACK_SCSV

It shares no code with gdpr-audit or with any tool that is compared. Numbers are RFC 5246's.
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

KINDS = {20: "ChangeCipherSpec", 21: "Alert", 22: "Handshake", 23: "Data", 24: "Heartbeat"}
RSA_SUITES = "002f0035009c"
SUITES = "c02fc030" + RSA_SUITES
SECONDS = 3.0


def record(kind: int, body: bytes, version: str = "0303") -> bytes:
    return bytes([kind]) + bytes.fromhex(version) + len(body).to_bytes(2, "big") + body


def hello(version: str, suites: str, *, compression: str = "00", heartbeat: bool = False) -> bytes:
    """A ClientHello in its record."""
    listed, methods = bytes.fromhex(suites), bytes.fromhex(compression)
    name = b"\x00\x00\x09localhost"
    extensions = b"\x00\x00" + _sized(_sized(name))
    extensions += bytes.fromhex("000a00080006001d00170018000b00020100")
    extensions += bytes.fromhex("000d000e000c040105010601020104030203")
    extensions += bytes.fromhex("000f000101") if heartbeat else b""
    body = bytes.fromhex(version) + os.urandom(32) + b"\x00" + _sized(listed)
    body += bytes([len(methods)]) + methods
    if version != "0300":
        body += _sized(extensions)
    return record(22, b"\x01" + len(body).to_bytes(3, "big") + body, min(version, "0301"))


def _sized(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content


@dataclass
class Heard:
    """What a server answered: its records up to ServerHelloDone, an alert, or the end."""

    records: list[tuple[int, bytes]] = field(default_factory=list)
    end: str = ""

    @property
    def handshake(self) -> bytes:
        return b"".join(body for kind, body in self.records if kind == 22)

    def __str__(self) -> str:
        said = [self._one(kind, body) for kind, body in self.records]
        return "; ".join([*said, self.end] if self.end else said)

    def _one(self, kind: int, body: bytes) -> str:
        if kind == 21:
            return f"Alert {body[0]} {body[1]}" if len(body) == 2 else "Alert"
        if kind == 22 and body[:1] == b"\x02":
            at = 39 + body[38]
            return (
                f"ServerHello version {body[4:6].hex()} suite {body[at : at + 2].hex()} "
                f"compression {body[at + 2 : at + 3].hex()}"
                + (" heartbeat" if b"\x00\x0f\x00\x01" in body[at:] else "")
            )
        return f"{KINDS.get(kind, kind)} of {len(body)} bytes"


def listen(link: socket.socket, heard: Heard | None = None) -> Heard:
    heard = heard or Heard()
    try:
        while not heard.handshake.endswith(b"\x0e\x00\x00\x00"):
            head = _exactly(link, 5)
            heard.records.append((head[0], _exactly(link, int.from_bytes(head[3:], "big"))))
            if head[0] in {21, 24}:
                break
    except TimeoutError:
        heard.end = "silence"
    except ConnectionResetError:
        heard.end = "reset"
    except EOFError:
        heard.end = "closed"
    return heard


def _exactly(link: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        more = link.recv(count - len(got))
        if not more:
            raise EOFError
        got += more
    return got


class Asked:
    """One connection, and what is said on it."""

    def __init__(self, at: str, first: bytes) -> None:
        host, _, port = at.rpartition(":")
        self.link = socket.create_connection((host, int(port)), SECONDS)
        self.link.sendall(first)
        self.heard = listen(self.link)

    def then(self, *records: bytes) -> Heard:
        if self.heard.end:  # there is nobody to say it to
            return self.heard
        self.link.sendall(b"".join(records))
        return listen(self.link)


def heartbeat(at: str) -> str:
    """A heartbeat that says 64 bytes and brings one, then one in order of 16 bytes.

    More than the 35 bytes of the second's answer is memory. Its answer alone shows that the first
    arrived and was passed over.
    """
    asked = Asked(at, hello("0303", SUITES, heartbeat=True))
    sound = b"\x01\x00\x10" + b"A" * 16 + bytes(16)
    later = asked.then(record(24, bytes.fromhex("01004041")), record(24, sound))
    return f"{asked.heard} | {later}"


def early_ccs(at: str) -> str:
    """A ChangeCipherSpec, then rubbish: unexpected_message (10) where the first is refused."""
    asked = Asked(at, hello("0303", SUITES))
    later = asked.then(record(20, bytes([1])), record(22, bytes(40)))
    return f"{asked.heard} | {later}"


def oracle(at: str) -> str:
    """The answers to an encrypted secret whose padding is right, and to one with a wrong one."""
    return f"right: {_padded(at, right=True)} | wrong: {_padded(at, right=False)}"


def _padded(at: str, *, right: bool) -> Heard:
    asked = Asked(at, hello("0303", RSA_SUITES))
    shake = asked.heard.handshake
    where = shake.index(b"\x0b", 4 + int.from_bytes(shake[1:4], "big"))
    size = int.from_bytes(shake[where + 7 : where + 10], "big")
    leaf = x509.load_der_x509_certificate(shake[where + 10 : where + 10 + size])
    key = leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    numbers, length = key.public_numbers(), key.key_size // 8
    start = b"\x00\x02" if right else b"\x41\x17"
    block = start + b"\x01" * (length - 51) + b"\x00\x03\x03" + b"\x05" * 46
    secret = pow(int.from_bytes(block, "big"), numbers.e, numbers.n).to_bytes(length, "big")
    exchange = b"\x10" + (length + 2).to_bytes(3, "big") + _sized(secret)
    # one message, and then the rest of a flight that no key was made for
    return asked.then(record(22, exchange), record(20, b"\x01"), record(22, bytes(40)))


def main(words: list[str]) -> str:
    at, question, *rest = words
    match question:
        case "hello":
            return str(Asked(at, hello(*rest)).heard)
        case "deflate":
            return str(Asked(at, hello("0303", SUITES, compression="0100")).heard)
        case "fallback":
            return str(Asked(at, hello("0302", "5600c013002f")).heard)
        case "heartbeat":
            return heartbeat(at)
        case "early-ccs":
            return early_ccs(at)
        case "oracle":
            return oracle(at)
    raise SystemExit(__doc__)


if __name__ == "__main__":
    try:
        print(main(sys.argv[1:]))
    except (ConnectionResetError, BrokenPipeError):  # on the way in, or before all was said
        print("reset")
