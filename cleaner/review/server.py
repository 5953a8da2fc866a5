"""The local page of a review: loopback only, a random port, a token in the address, no foreign origin."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any

from cleaner.review.answers import ANSWERS, Answers, ReviewError
from cleaner.review.questions import Gathered
from cleaner.rules import INJECTED

HOST = "127.0.0.1"
LONGEST_BODY = 1 << 14  # bytes of an answer
PATIENCE = 10.0  # seconds for a request to arrive


class ReviewServer(ThreadingHTTPServer):
    """Serves one review. `address` is the page; answers are saved before they are acknowledged."""

    daemon_threads = True

    def __init__(self, gathered: Gathered, answers: Answers) -> None:
        super().__init__((HOST, 0), _Handler)
        self.gathered = gathered
        self.answers = answers
        self.lines = {question.id: question for question in gathered.questions}
        self.token = secrets.token_urlsafe(32)
        self.lock = threading.Lock()
        self.page, self.policy = _page()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """The page's address; whoever knows it may answer."""
        return f"{self.origin}/{self.token}/"

    def state(self) -> dict[str, Any]:
        """What the page shows."""
        with self.lock:
            return {
                "questions": [
                    {**asdict(question), "answer": self.answers.of(question.id)} for question in self.gathered.questions
                ],
                "articles": self.gathered.articles,
                "more": self.gathered.more,
                "problems": self.gathered.problems,
                "categories": INJECTED,
                "file": self.answers.path.name,
            }

    def answer(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Save an answer; gives the counts. Raises `ReviewError` for one that cannot be used."""
        question = self.lines.get(str(given.get("id")))
        answer = given.get("answer")
        if question is None or answer not in (*ANSWERS, ""):
            raise ReviewError("there is no such line or answer")
        category = str(given.get("category") or question.category or "ad")
        with self.lock:
            self.answers.give(question.line, str(answer), category)
            return {"saved": dict(self.answers.counts())}

    def stop_soon(self) -> None:
        """End `serve_forever` from within a request."""
        threading.Thread(target=self.shutdown, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: ReviewServer
    timeout = PATIENCE
    server_version = "cleaner"
    sys_version = ""

    def do_GET(self) -> None:
        """The page and its lines."""
        if not self._trusted(writes=False):
            return
        path = self._path()
        if path == "":
            self._send(HTTPStatus.OK, self.server.page, "text/html; charset=utf-8")
        elif path == "questions":
            self._data(HTTPStatus.OK, self.server.state())
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is no such page")

    def do_POST(self) -> None:
        """An answer, or the end."""
        if not self._trusted(writes=True):
            return
        path = self._path()
        try:
            if path == "answer":
                self._data(HTTPStatus.OK, self.server.answer(self._body()))
            elif path == "finish":
                self._data(HTTPStatus.OK, {"finished": True})
                self.server.stop_soon()
            else:
                self._refuse(HTTPStatus.NOT_FOUND, "there is no such page")
        except ReviewError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except OSError as error:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"not saved: {error.strerror or error}")

    def _trusted(self, writes: bool) -> bool:
        """Whether a request comes from our own page: its token, and no other host or origin."""
        origin = self.headers.get("Origin")
        own = origin == self.server.origin if writes or origin else True
        site = self.headers.get("Sec-Fetch-Site", "none")
        token = self.path.split("/")[1] if self.path.startswith("/") else ""
        known = secrets.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode())
        host = f"http://{self.headers.get('Host')}" == self.server.origin
        if own and known and host and site in ("none", "same-origin"):
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "this page answers only to its own address")
        return False

    def _path(self) -> str:
        return self.path.split("?")[0].split("/", 2)[2] if self.path.count("/") > 1 else "-"

    def _body(self) -> Mapping[str, Any]:
        if self.headers.get("Content-Type", "").split(";")[0] != "application/json":
            raise ReviewError("answers come as JSON")
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal() or int(size) > LONGEST_BODY:
            raise ReviewError("the answer is too long")
        try:
            body = json.loads(self.rfile.read(int(size)))
        except (ValueError, RecursionError) as error:
            raise ReviewError("the answer is not JSON") from error
        if not isinstance(body, dict):
            raise ReviewError("the answer is not an object")
        return body

    def _data(self, status: HTTPStatus, data: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(data).encode(), "application/json")

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        self._data(status, {"error": sentence})

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", self.server.policy),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cache-Control", "no-store"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal is for the person."""


def _page() -> tuple[bytes, str]:
    """The page and its Content-Security-Policy."""
    folder = resources.files("cleaner.review")
    style, script, page = (
        (folder / name).read_text(encoding="utf-8") for name in ("style.css", "script.js", "page.html")
    )
    policy = (
        f"default-src 'none'; img-src data:; connect-src 'self'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page.replace("/*style*/", style).replace("/*script*/", script).encode(), policy


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(source.encode()).digest()).decode()}'"
