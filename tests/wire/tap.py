"""Every packet that a network namespace sends, down to who began to speak to whom."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_ALL = 3  # ETH_P_ALL
_IP4, _IP6 = 0x0800, 0x86DD
_ICMP, _IGMP, _TCP, _UDP, _ICMP6 = 1, 2, 6, 17, 58
_SYN, _ACK = 0x02, 0x10
#: The kernel's own: unreachable and errors; neighbours and routers; that a group is listened to,
#: which a browser does for mDNS where a page wants peer connections, and never asks anything there.
_OWN_ICMP = {3, 11}
_OWN_ICMP6 = {1, 3, *range(130, 138), 143}


class Begun(NamedTuple):
    """A conversation that somebody in the namespace began."""

    protocol: str
    address: str
    port: int


class _Packet(NamedTuple):
    protocol: int
    source: tuple[str, int]
    to: tuple[str, int]
    flags: int


def _packet(frame: bytes) -> _Packet | None:
    kind = struct.unpack_from("!H", frame, 12)[0]
    data = frame[14:]
    if kind == _IP4:
        protocol, size = data[9], (data[0] & 15) * 4
        ends = data[12:16], data[16:20]
    elif kind == _IP6:
        protocol, size = data[6], 40
        ends = data[8:24], data[24:40]
        if protocol == 0:  # hop-by-hop options, which multicast listener reports have
            protocol, size = data[40], 40 + (data[41] + 1) * 8
    else:
        return None
    source, to = (str(ipaddress.ip_address(end)) for end in ends)
    rest = data[size:]
    if protocol in (_ICMP, _ICMP6):
        return _Packet(protocol, (source, 0), (to, 0), rest[0])
    if protocol not in (_TCP, _UDP):
        return _Packet(protocol, (source, 0), (to, 0), 0)
    sport, dport = struct.unpack_from("!HH", rest)
    return _Packet(protocol, (source, sport), (to, dport), rest[13] if protocol == _TCP else 0)


class Tap:
    """Listens on every interface; `begun` is who was spoken to first, each once, in order."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 25)
        self._socket.settimeout(0.2)
        self._closing = threading.Event()
        self._heard: set[tuple[int, tuple[str, int], tuple[str, int]]] = set()
        self._begun: dict[Begun, None] = {}
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                frame, (_, _, direction, *_) = self._socket.recvfrom(65536)
            except TimeoutError:
                if self._closing.is_set():
                    return
                continue
            if direction == socket.PACKET_OUTGOING and (packet := _packet(frame)) is not None:
                self._note(packet)

    def _note(self, packet: _Packet) -> None:
        protocol, source, to, flags = packet
        if protocol == _TCP:
            if flags & (_SYN | _ACK) == _SYN:
                self._begun[Begun("tcp", *to)] = None
        elif protocol == _UDP:
            if (_UDP, to, source) not in self._heard:
                self._heard.add((_UDP, source, to))
                self._begun[Begun("udp", *to)] = None
        elif not (
            protocol == _IGMP
            or (protocol == _ICMP and flags in _OWN_ICMP)
            or (protocol == _ICMP6 and flags in _OWN_ICMP6)
        ):
            self._begun[Begun(f"ip {protocol}", *to)] = None

    def end(self) -> list[Begun]:
        """All that was begun; what is still on its way is waited for."""
        self._closing.set()
        self._thread.join()
        lost = struct.unpack("II", self._socket.getsockopt(263, 6, 8))[1]  # PACKET_STATISTICS
        self._socket.close()
        assert lost == 0, f"{lost} packets went by unseen"
        return list(self._begun)


@contextmanager
def tapped(into: list[Begun]) -> Iterator[None]:
    """Fill `into` with what is begun meanwhile."""
    tap = Tap()
    try:
        yield
    finally:
        into += tap.end()
