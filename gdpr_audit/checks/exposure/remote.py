"""Whether Telnet, FTP, RDP, VNC or SMB answers at all. No one signs in."""

from __future__ import annotations

import re

from gdpr_audit.checks.exposure.talk import Said, Talk, foreign, opened

_ANSWERS = ("répond", "answers")


async def telnet(talk: Talk) -> Said:
    """The server's first option negotiation, or its prompt."""
    got = await talk.hear()
    if got[:1] == b"\xff" or re.search(rb"(?i)login:|username:|password:|telnet", got):
        return opened(*_ANSWERS)
    return foreign("Telnet", got)


async def ftp(talk: Talk) -> Said:
    """The greeting: 220 (RFC 959), 120 or 421 where it is busy."""
    got = await talk.hear(lambda seen: b"\n" in seen)
    if re.match(rb"(220|120|421)[ -]", got) and b"SMTP" not in got.upper():
        await talk.say(b"QUIT\r\n")
        return opened(*_ANSWERS)
    return foreign("FTP", got)


async def rdp(talk: Talk) -> Said:
    """An X.224 connection request that offers TLS and CredSSP, and its confirmation."""
    negotiation = b"\x01\x00\x08\x00" + (3).to_bytes(4, "little")
    request = bytes([6 + len(negotiation)]) + b"\xe0\0\0\0\0\0" + negotiation
    await talk.say(b"\x03\0" + (len(request) + 4).to_bytes(2, "big") + request)
    got = await talk.hear(lambda seen: len(seen) >= 7)
    confirms = got[:2] == b"\x03\0" and got[5:6] == b"\xd0"
    return opened(*_ANSWERS) if confirms else foreign("RDP", got)


async def vnc(talk: Talk) -> Said:
    """The version, then the security types on offer; type 1 is none (RFC 6143, 7.1.2)."""
    got = await talk.hear(lambda seen: len(seen) >= 12)
    if not re.match(rb"RFB \d{3}\.\d{3}\n", got):
        return foreign("VNC", got)
    await talk.say(b"RFB 003.008\n" if got >= b"RFB 003.008" else got[:12])
    if got < b"RFB 003.007":
        return opened(*_ANSWERS)  # there the server decides by itself
    types = await talk.hear(lambda seen: len(seen) > seen[0])
    if 1 in types[1 : types[0] + 1]:
        return opened("répond, sans mot de passe", "answers, without a password")
    return opened(*_ANSWERS)


_DIALECTS = b"".join(b"\x02" + name + b"\0" for name in (b"NT LM 0.12", b"SMB 2.002", b"SMB 2.???"))
#: SMB_COM_NEGOTIATE ([MS-CIFS] 2.2.4.52), which servers of SMB 2 and 3 answer in their own way.
_NEGOTIATE = (
    b"\xffSMB\x72" + bytes(4) + b"\x18\x53\xc8" + bytes(12) + b"\xff\xff\xff\xfe" + bytes(4)
    + b"\0" + len(_DIALECTS).to_bytes(2, "little") + _DIALECTS
)  # fmt: skip


async def smb(talk: Talk) -> Said:
    await talk.say(len(_NEGOTIATE).to_bytes(4, "big") + _NEGOTIATE)
    got = await talk.hear(lambda seen: len(seen) >= 8)
    own = got[4:8] in (b"\xffSMB", b"\xfeSMB")
    return opened(*_ANSWERS) if own else foreign("SMB", got)
