"""One conversation with one port: bounded reads, TLS where the peer speaks it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gdpr_audit.errors import ConnectFailed, ProtocolFailed
from gdpr_audit.model import Text
from gdpr_audit.network import Door, Stream

SECONDS = 5.0  # for one answer
HEED = 1.0  # for an objection after the TLS handshake
LIMIT = 4096  # bytes of one answer that are looked at


class SpeaksTls(ProtocolFailed):
    """The peer answered our first clear words with a TLS alert."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a port answered: whether it lets anyone in, and in which words."""

    open: bool
    words: Text


@dataclass
class Talk:
    """The connection, and whether it is in TLS."""

    door: Door
    stream: Stream
    host: str
    tls: bool = False

    async def start_tls(self) -> None:
        """Without a certificate of ours. Raises TlsFailed."""
        await self.door.secure(self.stream, self.host)
        self.tls = True

    async def heed(self) -> None:
        """Wait for an objection to our having no certificate, before a word is said.

        In TLS 1.3 it comes after the handshake, and what we say meanwhile turns it into a reset.
        Raises TlsFailed with the alert's name.
        """
        try:
            await self.stream.read(1, seconds=HEED)
        except ConnectFailed:
            if self.stream.outcome != "timeout":
                raise
            self.stream.outcome = "closed"
            return
        raise ProtocolFailed(
            Text(f"{self.stream.peer} a fermé la session", f"{self.stream.peer} ended the session")
        )

    async def say(self, words: bytes) -> None:
        await self.stream.write(words)

    async def hear(self, enough: Callable[[bytes], bool] = bool) -> bytes:
        """What comes until it is `enough`, or the peer ends. Raises SpeaksTls, NetworkError.

        An end without a byte raises too: it may be a filter's, and says nothing of the service.
        """
        got = b""
        while len(got) < LIMIT and not (got and (enough(got) or self._alerts(got))):
            try:
                more = await self.stream.read(LIMIT - len(got), seconds=SECONDS)
            except ConnectFailed as error:
                if self.stream.outcome != "reset":
                    raise
                raise ProtocolFailed(error.reason) from error
            if not more:
                break
            got += more
        if not got:
            peer = self.stream.peer
            raise ProtocolFailed(
                Text(
                    f"{peer} a fermé la connexion sans un mot",
                    f"{peer} closed the connection without a word",
                )
            )
        if self._alerts(got):
            raise SpeaksTls(Text(f"{self.stream.peer} parle TLS", f"{self.stream.peer} speaks TLS"))
        return got

    def _alerts(self, got: bytes) -> bool:
        """Whether our clear words were answered with a TLS alert."""
        return not self.tls and got[:2] == b"\x15\x03"


Ask = Callable[[Talk], Awaitable[Said]]


def opened(fr: str, en: str) -> Said:
    return Said(True, Text(fr, en))


def refused(fr: str, en: str) -> Said:
    return Said(False, Text(fr, en))


def busy(protocol: str, word: str) -> ProtocolFailed:
    """An answer of the protocol that says neither yes nor no."""
    return ProtocolFailed(
        Text(f"{protocol} n'a pas tranché ({word})", f"{protocol} did not settle it ({word})")
    )


#: How a service that is something else makes itself known: its greeting, or its objection.
_OTHERS = (
    (b"HTTP/1.", "HTTP"), (b"SSH-", "SSH"), (b"RFB ", "VNC"), (b"RTSP/1.", "RTSP"),
    (b"220 ", "FTP/SMTP"), (b"220-", "FTP/SMTP"), (b"554 ", "SMTP"), (b"421 ", "FTP/SMTP"),
    (b"+OK ", "POP3"), (b"* OK", "IMAP"), (b"-ERR ", "Redis"), (b"-NOAUTH ", "Redis"),
    (b"ERROR\r\n", "memcached"), (b"\xff\xfd", "Telnet"), (b"\xff\xfb", "Telnet"),
    (b"SIP/2.0", "SIP"), (b"<?xml", "XML"), (b"<!DOCTYPE", "HTML"), (b"<html", "HTML"),
)  # fmt: skip


def foreign(protocol: str, got: bytes) -> Said:
    """The peer answered in another protocol, that is known. Raises ProtocolFailed for noise.

    That something listens and is not understood is no sign that it is not what it ought to be.
    """
    other = next((name for start, name in _OTHERS if got.startswith(start)), None)
    if other is not None:
        words = f"ne parle pas {protocol} ({other})", f"does not speak {protocol} ({other})"
        return refused(*words)
    raise noise(protocol)


def noise(protocol: str) -> ProtocolFailed:
    """An answer of no protocol that is known here."""
    return ProtocolFailed(
        Text(
            f"répond, mais ni comme {protocol} ni comme rien de connu",
            f"answers, but neither as {protocol} nor as anything known",
        )
    )
