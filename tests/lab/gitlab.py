"""A server that plays the part of GitLab's API that a merge request's comment needs."""

from __future__ import annotations

import json
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "glpat-THE-secret-0123456789"
BOT, OTHER = 41, 7


class GitLab(ThreadingHTTPServer):
    """One merge request's notes. `answer` may send something else in place of the API's answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.notes: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []
        self.tokens: set[str | None] = set()
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.endless = False

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CI_API_V4_URL": f"http://127.0.0.1:{self.server_port}/api/v4",
            "CI_PROJECT_ID": "12", "CI_MERGE_REQUEST_IID": "3", "CI_JOB_NAME": "gdpr-audit",
            "GDPR_AUDIT_COMMENT_TOKEN": TOKEN,
        }  # fmt: skip

    def write(self, author: int, body: str, **more: Any) -> None:
        note = {"id": 100 + len(self.notes), "author": {"id": author}, "body": body, **more}
        self.notes.append(note)


class _Handler(BaseHTTPRequestHandler):
    server: GitLab

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        hub = self.server
        url = urllib.parse.urlsplit(self.path)
        path = url.path.removeprefix("/api/v4")
        hub.asked.append((self.command, path))
        hub.tokens.add(self.headers.get("PRIVATE-TOKEN"))
        sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
        if special := hub.answers.get(f"{self.command} {path}"):
            self._send(*special)
        elif self.headers.get("PRIVATE-TOKEN") != TOKEN:
            self._send(401, {}, b'{"message": "401"}')
        elif path == "/user":
            self._json({"id": BOT, "username": "bot"})
        elif path == "/projects/12/merge_requests/3/notes" and self.command == "GET":
            query = dict(urllib.parse.parse_qsl(url.query))
            page, size = int(query["page"]), int(query["per_page"])
            shown = hub.notes[(page - 1) * size : page * size]
            more = hub.endless or len(hub.notes) > page * size
            self._json(shown, {"X-Next-Page": str(page + 1) if more else ""})
        elif path == "/projects/12/merge_requests/3/notes":
            hub.write(BOT, sent["body"])
            self._json(hub.notes[-1], status=201)
        elif path.startswith("/projects/12/merge_requests/3/notes/") and self.command == "PUT":
            (note,) = (n for n in hub.notes if n["id"] == int(path.rsplit("/", 1)[1]))
            note["body"] = sent["body"]
            self._json(note)
        else:
            self._send(404, {}, b"{}")

    def _json(self, data: Any, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self._send(status, headers or {}, json.dumps(data).encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass
