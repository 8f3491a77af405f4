"""Whole handshakes by nassl (sslyze's engine), for what a hello cannot show.

The certificates of TLS 1.3, the session ticket, early data, and whether the client may
renegotiate. nassl blocks, so that it runs in a thread; its bytes go through the door.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from gdpr_audit.checks.tls import hello
from gdpr_audit.checks.tls.asker import Asker
from gdpr_audit.checks.tls.upgrade import WORDS
from gdpr_audit.errors import NetworkError
from gdpr_audit.model import Text
from gdpr_audit.network import Stream

PURPOSE = "certificate, session ticket, renegotiation"
RENEGOTIATIONS = 10  # in a row, as sslyze asks: some servers bear a few and no more
QUIET = 0.5  # seconds that a server which is not spoken to gets to send its ticket
PATIENCE = 4.0  # seconds that another gets to begin its answer, before which its ticket comes
#: Whose server speaks first, once the TLS session stands.
_GREETED = ("smtps", "imaps")
#: Every suite that the library knows but those that need keys agreed beforehand.
_CIPHERS = "ALL:COMPLEMENTOFALL:-PSK:-SRP:@SECLEVEL=0"
_HINT = re.compile(r"ticket lifetime hint: (\d+)")


Broken = tuple[type[Exception], ...]  # what nassl raises where a session breaks


class Ended(NamedTuple):
    """What one whole handshake showed. None is not known; `reason` says why."""

    certificates: tuple[bytes, ...] = ()
    ocsp: bytes | None = None
    ticket: bool | None = None
    lifetime: int | None = None  # seconds
    early_data: bool | None = None
    renegotiates: bool | None = None
    reason: Text | None = None


class _Pipe:
    """The door's stream, as the blocking socket that nassl expects."""

    def __init__(self, stream: Stream, loop: asyncio.AbstractEventLoop) -> None:
        self._stream, self._loop = stream, loop
        self.seconds: float | None = None
        self.failure: NetworkError | None = None

    @property
    def silent(self) -> bool:
        return self._stream.outcome == "timeout"

    def send(self, data: bytes) -> int:
        self._wait(self._stream.write(bytes(data)))
        return len(data)

    def recv(self, count: int) -> bytes:
        return cast("bytes", self._wait(self._stream.read(count, seconds=self.seconds)))

    def _wait(self, work: Any) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except NetworkError as error:
            self.failure = error
            raise OSError(str(error)) from error


async def complete(
    asker: Asker, number: int, *, signatures: Sequence[str] = (), renegotiate: bool = False
) -> Ended:
    """One connection. Never raises NetworkError: what failed is in `reason`."""
    try:
        stream = await asker.stream(PURPOSE)
    except NetworkError as error:
        return Ended(reason=error.reason)
    pipe = _Pipe(stream, asyncio.get_running_loop())
    try:
        return await asyncio.to_thread(_run, pipe, asker, number, tuple(signatures), renegotiate)
    finally:
        await stream.aclose()


def _run(
    pipe: _Pipe, asker: Asker, number: int, signatures: tuple[str, ...], renegotiate: bool
) -> Ended:
    from nassl._nassl import OpenSSLError  # noqa: PLC0415 - only where a handshake is made
    from nassl.ssl_client import ClientCertificateRequested  # noqa: PLC0415 - as above

    broken = (OpenSSLError, ClientCertificateRequested)
    client = _client(pipe, asker, number, signatures)
    try:
        client.do_handshake()
    except (OSError, *broken) as error:
        return Ended(reason=_failed(pipe, error, client))
    chain = _chain(client)
    stapled = client.get_tlsext_status_ocsp_resp()
    unheard = _after(client, pipe, asker, number, broken)
    lifetime, early = _session(client)
    ticket = True if lifetime is not None else False if unheard is None else None
    return Ended(
        certificates=chain,
        ocsp=stapled.as_der_bytes() if stapled is not None else None,
        ticket=ticket,
        lifetime=lifetime,
        early_data=early if ticket else ticket,
        renegotiates=_renegotiates(client, pipe, broken) if renegotiate else None,
        reason=None if ticket is not None else unheard,
    )


def _client(pipe: _Pipe, asker: Asker, number: int, signatures: tuple[str, ...]) -> Any:
    from nassl.ephemeral_key_info import (  # noqa: PLC0415 - as in _run
        OpenSslEvpPkeyEnum,
    )
    from nassl.ssl_client import (  # noqa: PLC0415 - as in _run
        OpenSslDigestNidEnum,
        OpenSslVerifyEnum,
        OpenSslVersionEnum,
        SslClient,
    )

    names = {
        hello.SSL_3: "SSLV3",
        hello.TLS_1_0: "TLSV1",
        hello.TLS_1_1: "TLSV1_1",
        hello.TLS_1_2: "TLSV1_2",
        hello.TLS_1_3: "TLSV1_3",
    }
    client = SslClient(
        underlying_socket=cast("Any", pipe),
        ssl_version=OpenSslVersionEnum[names[number]],
        ssl_verify=OpenSslVerifyEnum.NONE,
        ignore_client_authentication_requests=True,
    )
    if not hello.is_address(asker.host):
        client.set_tlsext_host_name(asker.host)
    client.set_tlsext_status_ocsp()
    if number < hello.TLS_1_3:
        client.set_cipher_list(_CIPHERS)
    if signatures:
        digest = OpenSslDigestNidEnum.SHA256
        client.set_signature_algorithms([(digest, OpenSslEvpPkeyEnum[k]) for k in signatures])
    return client


def _after(client: Any, pipe: _Pipe, asker: Asker, number: int, broken: Broken) -> Text | None:
    """Wait for what follows a TLS 1.3 handshake: None where the server has spoken after it.

    Else why a ticket may have been missed.
    """
    if number < hello.TLS_1_3:
        return None  # its ticket is part of the handshake
    word = WORDS.get(asker.scheme, b"").replace(b"HOST", asker.host.encode("ascii", "ignore"))
    pipe.seconds = PATIENCE if word or asker.scheme in _GREETED else QUIET
    try:
        with contextlib.suppress(OSError):  # it has hung up; what it said before is still to read
            if word:
                client.write(word)
            else:
                # nassl holds our last message of the handshake back until there is more to send
                client._flush_ssl_engine()  # noqa: SLF001 - it has no other name
        client.read(1)
    except OSError:
        return _no_ticket()
    except broken as error:
        return _failed(pipe, error, client)
    finally:
        pipe.seconds = None
    return None


def _session(client: Any) -> tuple[int | None, bool | None]:
    session = client.get_session()
    if session is None:
        return None, None
    found = _HINT.search(session.as_text())
    early = session.get_max_early_data() > 0 if hasattr(session, "get_max_early_data") else None
    return (int(found[1]) if found else None), early


def _renegotiates(client: Any, pipe: _Pipe, broken: Broken) -> bool | None:
    """Whether a client may renegotiate at will. None where the server stays silent."""
    try:
        for _ in range(RENEGOTIATIONS):
            client._ssl.renegotiate()  # noqa: SLF001 - nassl offers it by name on its old engine only
            client.do_handshake()
    except broken as error:
        return None if _demands(error) else False  # an alert, or bytes that are no handshake
    except OSError:
        return None if pipe.silent else False
    return True


def _chain(client: Any) -> tuple[bytes, ...]:
    """Empty where an anonymous suite was chosen, which has no certificate to show."""
    try:
        return tuple(_der(pem) for pem in client.get_received_chain())
    except ValueError:
        return ()


def _demands(error: Exception) -> bool:
    """Whether it is nassl's word for a server that demands a certificate of the client."""
    return type(error).__name__ == "ClientCertificateRequested"


def _failed(pipe: _Pipe, error: Exception, client: Any) -> Text:
    if pipe.failure is not None:
        return pipe.failure.reason
    if _demands(error):
        return Text(
            "le serveur exige un certificat du client", "the server demands a client's certificate"
        )
    word = str(error.args[0] if error.args else type(error).__name__).strip().splitlines()[-1][:150]
    asked = bool(client.get_client_CA_list())
    fr = " ; le serveur a demandé un certificat du client" if asked else ""
    en = "; the server asked for a client's certificate" if asked else ""
    return Text(
        f"la session TLS n'a pas abouti ({word}){fr}", f"the TLS session did not end ({word}){en}"
    )


def _no_ticket() -> Text:
    return Text(
        "le serveur n'a rien envoyé après la négociation ; un ticket a pu manquer",
        "the server sent nothing after the handshake; a ticket may have been missed",
    )


def _der(pem: str) -> bytes:
    body = "".join(line for line in pem.splitlines() if "-----" not in line)
    return base64.b64decode(body)
