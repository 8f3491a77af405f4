"""Asks databases for the least that shows whether they answer without authentication.

No record is asked for, and names that come with an answer are not kept.
"""

from __future__ import annotations

import re

from gdpr_audit.checks.exposure.talk import (
    Said,
    SpeaksTls,
    Talk,
    busy,
    foreign,
    opened,
    refused,
)
from gdpr_audit.model import Text

_ANSWERS = ("répond sans authentification", "answers without authentication")
_WANTS = ("demande une authentification", "asks for authentication")


async def redis(talk: Talk) -> Said:
    """PING: +PONG to anyone, or an error (-NOAUTH, -DENIED, -NOPERM)."""
    await talk.say(b"*1\r\n$4\r\nPING\r\n")
    got = await talk.hear(lambda seen: b"\r\n" in seen)
    if got.startswith(b"+PONG"):
        return opened(*_ANSWERS)
    if re.match(rb"-(NOAUTH|DENIED|NOPERM|WRONGPASS)\b", got):
        return refused(*_WANTS)
    if word := re.match(rb"-([A-Z]+) ", got):
        raise busy("Redis", word[1].decode())
    return foreign("Redis", got)


async def memcached(talk: Talk) -> Said:
    """`version`, which the text protocol answers to anyone."""
    await talk.say(b"version\r\n")
    got = await talk.hear(lambda seen: b"\r\n" in seen)
    return opened(*_ANSWERS) if got.startswith(b"VERSION ") else foreign("memcached", got)


def _bson(*elements: bytes) -> bytes:
    body = b"".join(elements) + b"\0"
    return (len(body) + 4).to_bytes(4, "little") + body


#: {listDatabases: 1, nameOnly: true, $db: "admin"}
_LIST_DATABASES = _bson(
    b"\x10listDatabases\0" + (1).to_bytes(4, "little"),
    b"\x08nameOnly\0\x01",
    b"\x02$db\0" + (6).to_bytes(4, "little") + b"admin\0",
)


async def mongodb(talk: Talk) -> Said:
    """An OP_MSG with listDatabases: ok 1 to anyone, or code 13 (Unauthorized)."""
    section = bytes(5) + _LIST_DATABASES  # no flags; section kind 0
    head = (len(section) + 16).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(4)
    await talk.say(head + (2013).to_bytes(4, "little") + section)
    got = await talk.hear(lambda s: len(s) >= 4 and len(s) >= int.from_bytes(s[:4], "little"))
    if got[12:16] != (2013).to_bytes(4, "little"):
        return foreign("MongoDB", got)
    if b"\x01ok\0" + b"\x00\x00\x00\x00\x00\x00\xf0\x3f" in got or b"\x04databases\0" in got:
        return opened(*_ANSWERS)
    if b"\x10code\0" + (13).to_bytes(4, "little") in got:
        return refused(*_WANTS)
    raise busy("MongoDB", "listDatabases")


async def _http(talk: Talk, path: str) -> tuple[int, bytes, bytes]:
    """Status, beginning of the body, and all that came; 0 for what is not HTTP."""
    host = f"[{talk.host}]" if ":" in talk.host else talk.host
    await talk.say(
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    got = await talk.hear(_http_complete)
    match = re.match(rb"HTTP/1\.[01] (\d{3})", got)
    status, body = (int(match[1]) if match else 0), got.partition(b"\r\n\r\n")[2]
    if status >= 500 or status == 429:
        raise busy("HTTP", str(status))
    if status == 400 and b"HTTPS port" in body:
        raise SpeaksTls(Text(f"{talk.stream.peer} parle TLS", f"{talk.stream.peer} speaks TLS"))
    return status, body, got


def _http_complete(seen: bytes) -> bool:
    """Whether the answer is whole, or as much of it is there as is wanted, or it is not HTTP."""
    head, end, body = seen.partition(b"\r\n\r\n")
    if not end:
        return not (seen.startswith(b"HTTP/") or b"HTTP/".startswith(seen[:5]))
    length = re.search(rb"(?i)\ncontent-length:\s*(\d{1,9})", head)
    wanted = min(int(length[1]), 1024) if length else 1024
    return len(body) >= wanted or body.endswith(b"0\r\n\r\n")


async def elasticsearch(talk: Talk) -> Said:
    """GET /: who it is, told to anyone, or 401."""
    status, body, got = await _http(talk, "/")
    if status == 200 and b'"cluster_name"' in body:
        return opened(*_ANSWERS)
    return refused(*_WANTS) if status in (401, 403) else foreign("Elasticsearch", got)


async def couchdb(talk: Talk) -> Said:
    """GET /_all_dbs: a list of names to anyone, or 401."""
    status, body, got = await _http(talk, "/_all_dbs")
    if status == 200 and re.search(rb'\[\s*(?:"|\])', body):
        return opened(*_ANSWERS)
    return refused(*_WANTS) if status in (401, 403) else foreign("CouchDB", got)


async def postgresql(talk: Talk) -> Said:
    """A start-up as `postgres`, in TLS where that is offered: AuthenticationOk, or a question."""
    await talk.say(bytes.fromhex("0000000804d2162f"))
    offer = await talk.hear()
    if offer[:1] == b"S":
        await talk.start_tls()
    elif offer[:1] != b"N":
        return foreign("PostgreSQL", offer)
    body = (196608).to_bytes(4, "big") + b"user\0postgres\0database\0postgres\0\0"
    await talk.say((len(body) + 4).to_bytes(4, "big") + body)
    got = await talk.hear(lambda s: len(s) >= 5 and len(s) > int.from_bytes(s[1:5], "big"))
    if got[:1] == b"R":
        if got[5:9] == bytes(4):
            await talk.say(b"X\0\0\0\x04")
            return opened(
                "laisse entrer « postgres » sans mot de passe (trust)",
                "lets `postgres` in without a password (trust)",
            )
        return refused(*_WANTS)
    if got[:1] != b"E":
        return foreign("PostgreSQL", got)
    code = re.search(rb"\0C([0-9A-Z]{5})\0", got)
    if code is not None and code[1].startswith(b"28"):  # invalid authorization specification
        return refused(*_WANTS)
    raise busy("PostgreSQL", code[1].decode() if code else "E")


_CLIENT = 0x00000001 | 0x00000200 | 0x00008000 | 0x00080000  # long password, 4.1, secure, plugins


async def mysql(talk: Talk) -> Said:
    """The greeting, then `root` with an empty password: OK or ERR."""
    got = await talk.hear(lambda s: len(s) >= 4 and len(s) >= int.from_bytes(s[:3], "little") + 4)
    if got[4:5] == b"\xff":
        return _mysql_error(got)
    if got[4:5] != b"\x0a":
        return foreign("MySQL", got)
    plugin = _plugin(got[4:])
    body = _CLIENT.to_bytes(4, "little") + (1 << 16).to_bytes(4, "little") + b"\x2d" + bytes(23)
    body += b"root\0" + b"\0" + plugin + b"\0"
    await talk.say(len(body).to_bytes(3, "little") + b"\x01" + body)
    answer = await talk.hear(lambda seen: len(seen) >= 5)
    if answer[4:5] == b"\xfe":  # another method is asked for: an empty answer to it as well
        await talk.say(bytes(3) + bytes([(answer[3] + 1) % 256]))
        answer = await talk.hear(lambda seen: len(seen) >= 5)
    if answer[4:5] == b"\x00":
        await talk.say(b"\x01\0\0\0\x01")  # COM_QUIT
        return opened(
            "laisse entrer « root » sans mot de passe", "lets `root` in without a password"
        )
    if answer[4:5] == b"\xff":
        return _mysql_error(answer)
    raise busy("MySQL", answer[4:5].hex())


#: Access denied, host not allowed, host blocked, access denied without a password.
_DENIED = (1044, 1045, 1129, 1130, 1698)


def _mysql_error(packet: bytes) -> Said:
    code = int.from_bytes(packet[5:7], "little")
    if code in _DENIED:
        return refused(*_WANTS)
    raise busy("MySQL", str(code))


def _plugin(greeting: bytes) -> bytes:
    """The authentication plugin that the greeting names, at its end."""
    name = greeting.rstrip(b"\0").rpartition(b"\0")[2]
    return name if re.fullmatch(rb"\w{4,60}", name) else b"mysql_native_password"
