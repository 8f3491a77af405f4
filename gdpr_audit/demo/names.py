"""A name server on loopback that knows no name: whom the sample's pages name is not looked up."""

from __future__ import annotations

import socketserver
from typing import Any

HEADER = 12  # bytes before the question (RFC 1035 section 4.1.1)
CLASS_AND_TYPE = 4
NO_SUCH_NAME = b"\x81\x83"  # an answer, recursion as asked and had, NXDOMAIN


class NoNames(socketserver.ThreadingUDPServer):
    """Answers every question with NXDOMAIN."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What is no question gets no answer."""


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        query, answers = self.request
        at = HEADER
        while query[at]:
            at += query[at] + 1
        question = query[HEADER : at + 1 + CLASS_AND_TYPE]
        counts = b"\0\1" + b"\0\0" * 3  # the question alone
        answers.sendto(query[:2] + NO_SUCH_NAME + counts + question, self.client_address)
